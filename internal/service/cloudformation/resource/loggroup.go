package resource

import "context"

// logGroup is AWS::Logs::LogGroup.
func logGroup() *Kind {
	arn := func(c *Caller, id string) string {
		return "arn:aws:logs:" + c.Region + ":" + c.Account + ":log-group:" + id
	}
	update := func(ctx context.Context, c *Caller, id string, old, p Props) error {
		if !same(old["RetentionInDays"], p["RetentionInDays"]) {
			op, in := "DeleteRetentionPolicy", map[string]any{"LogGroupName": id}
			if p["RetentionInDays"] != nil {
				op, in["RetentionInDays"] = "PutRetentionPolicy", p["RetentionInDays"]
			}
			if _, err := c.Do(ctx, "logs", op, in); err != nil {
				return err
			}
		}
		return retag(ctx, c, "logs", map[string]any{"ResourceArn": arn(c, id)}, false, "TagKeys", old, p)
	}
	return &Kind{
		Type: "AWS::Logs::LogGroup", Name: "LogGroupName", Naming: Naming{Max: 512},
		Spec: spec(`
			LogGroupName text replace
			RetentionInDays int
			LogGroupClass text replace
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Arn"},
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "logs", "ListTagsForResource", map[string]any{"ResourceArn": arn(c, id)})
			return found(err, "ResourceNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			_, err := c.Do(ctx, "logs", "CreateLogGroup", with(pick(p, "LogGroupClass"), "LogGroupName", id))
			if gone(err, "ResourceAlreadyExistsException") != nil {
				return id, err
			}
			return id, update(ctx, c, id, nil, p)
		},
		Update: update,
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "logs", "DeleteLogGroup", map[string]any{"LogGroupName": id})
			return gone(err, "ResourceNotFoundException")
		},
		Read: func(_ context.Context, c *Caller, id string, _ Props) (map[string]any, error) {
			return map[string]any{"Arn": arn(c, id) + ":*"}, nil
		},
	}
}
