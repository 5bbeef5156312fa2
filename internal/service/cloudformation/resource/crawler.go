package resource

import "context"

// crawler is AWS::Glue::Crawler.
func crawler() *Kind {
	input := func(id string, p Props) map[string]any {
		in := with(pick(p, "Role", "DatabaseName", "Description", "Targets", "Classifiers", "TablePrefix", "SchemaChangePolicy", "RecrawlPolicy",
			"Configuration", "CrawlerSecurityConfiguration"), "Name", id)
		if at := text(p, "Schedule", "ScheduleExpression"); at != "" {
			in["Schedule"] = at // an object in a template, a text in the operation
		}
		return in
	}
	return &Kind{
		Type: "AWS::Glue::Crawler", Name: "Name", Naming: Naming{Max: 255},
		Spec: spec(`
			Name text replace
			Role text required
			DatabaseName text
			Description text
			Targets.S3Targets[].Path text
			Targets.S3Targets[].Exclusions[] text
			Targets.S3Targets[].SampleSize int
			Targets.JdbcTargets[].ConnectionName text
			Targets.JdbcTargets[].Path text
			Targets.JdbcTargets[].Exclusions[] text
			Targets.JdbcTargets[].EnableAdditionalMetadata[] text
			Targets.CatalogTargets[].DatabaseName text
			Targets.CatalogTargets[].Tables[] text
			Classifiers[] text
			TablePrefix text
			SchemaChangePolicy.UpdateBehavior text
			SchemaChangePolicy.DeleteBehavior text
			RecrawlPolicy.RecrawlBehavior text
			Configuration text
			Schedule.ScheduleExpression text
			Tags json`),
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "glue", "GetCrawler", map[string]any{"Name": id})
			return found(err, "EntityNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := input(id, p)
			if t := tagMap(p["Tags"]); len(t) > 0 {
				in["Tags"] = t
			}
			_, err := c.Do(ctx, "glue", "CreateCrawler", in)
			return id, gone(err, "AlreadyExistsException")
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			in := cleared(input(id, p), old, p, "Description", "TablePrefix", "Configuration", "Schedule")
			if _, err := c.Do(ctx, "glue", "UpdateCrawler", in); err != nil {
				return err
			}
			return retag(ctx, c, "glue", glueTarget(c, "crawler", id), false, "TagsToRemove", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "glue", "DeleteCrawler", map[string]any{"Name": id})
			return gone(err, "EntityNotFoundException")
		},
	}
}

// glueTarget names a Glue resource to TagResource.
func glueTarget(c *Caller, kind, name string) map[string]any {
	return map[string]any{"ResourceArn": "arn:aws:glue:" + c.Region + ":" + c.Account + ":" + kind + "/" + name}
}
