package resource

import "context"

// database is AWS::Glue::Database.
func database() *Kind {
	name := func(id string) map[string]any { return map[string]any{"Name": id} }
	input := func(id string, p Props) map[string]any {
		return with(pick(object(p, "DatabaseInput"), "Description", "LocationUri", "Parameters",
			"CreateTableDefaultPermissions"), "Name", id)
	}
	return &Kind{
		Type: "AWS::Glue::Database", Name: "DatabaseInput.Name", Naming: Naming{Lower: true, Max: 255},
		Spec: spec(`
			CatalogId text required replace
			DatabaseInput.Name text replace
			DatabaseInput.Description text
			DatabaseInput.LocationUri text
			DatabaseInput.CreateTableDefaultPermissions[].Permissions[] text
			DatabaseInput.CreateTableDefaultPermissions[].Principal.DataLakePrincipalIdentifier text
			DatabaseInput.Parameters map`),
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetDatabase", name(id))
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			_, err := c.Do(ctx, "glue", "CreateDatabase", with(pick(p, "CatalogId"), "DatabaseInput", input(id, p)))
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, _, p Props) error {
			_, err := c.Do(ctx, "glue", "UpdateDatabase", with(name(id), "DatabaseInput", input(id, p)))
			return err
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteDatabase", name(id))
			return gone(err, "EntityNotFoundException")
		},
	}
}
