package resource

import "context"

// connection is AWS::Glue::Connection.
func connection() *Kind {
	input := func(id string, p Props) map[string]any {
		in := pick(object(p, "ConnectionInput"), "Description", "ConnectionType", "ConnectionProperties", "MatchCriteria",
			"PhysicalConnectionRequirements")
		if in["ConnectionProperties"] == nil {
			in["ConnectionProperties"] = map[string]any{} // the operations want one, a template need not have it
		}
		return with(in, "Name", id)
	}
	return &Kind{
		Type: "AWS::Glue::Connection", Name: "ConnectionInput.Name", Naming: Naming{Max: 255},
		Spec: spec(`
			CatalogId text required replace
			ConnectionInput.Name text replace
			ConnectionInput.Description text
			ConnectionInput.ConnectionType text required
			ConnectionInput.ConnectionProperties map
			ConnectionInput.MatchCriteria[] text
			ConnectionInput.PhysicalConnectionRequirements.AvailabilityZone text
			ConnectionInput.PhysicalConnectionRequirements.SecurityGroupIdList[] text
			ConnectionInput.PhysicalConnectionRequirements.SubnetId text`),
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetConnection", map[string]any{"Name": id, "HidePassword": true})
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			_, err := c.Do(ctx, "glue", "CreateConnection", with(pick(p, "CatalogId"), "ConnectionInput", input(id, p)))
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, _, p Props) error {
			_, err := c.Do(ctx, "glue", "UpdateConnection", map[string]any{"Name": id, "ConnectionInput": input(id, p)})
			return err
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteConnection", map[string]any{"ConnectionName": id})
			return gone(err, "EntityNotFoundException")
		},
	}
}
