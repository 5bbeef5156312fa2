package resource

import "context"

// ruleset is AWS::Glue::DataQualityRuleset.
func ruleset() *Kind {
	return &Kind{
		Type: "AWS::Glue::DataQualityRuleset", Name: "Name", Naming: Naming{Max: 255},
		Spec: spec(`
			Name text replace
			Ruleset text
			Description text
			TargetTable.DatabaseName text replace
			TargetTable.TableName text replace
			Tags json`),
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetDataQualityRuleset", map[string]any{"Name": id})
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := with(pick(p, "Ruleset", "Description", "TargetTable"), "Name", id)
			if t := tagMap(p["Tags"]); len(t) > 0 {
				in["Tags"] = t
			}
			_, err := c.Do(ctx, "glue", "CreateDataQualityRuleset", in)
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			if _, err := c.Do(ctx, "glue", "UpdateDataQualityRuleset", with(pick(p, "Ruleset", "Description"), "Name", id)); err != nil {
				return err
			}
			return retag(ctx, c, "glue", glueTarget(c, "dataQualityRuleset", id), false, "TagsToRemove", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteDataQualityRuleset", map[string]any{"Name": id})
			return gone(err, "EntityNotFoundException")
		},
	}
}
