package resource

import (
	"context"
	"maps"
)

var workgroupMembers = []string{"BaseCapacity", "MaxCapacity", "EnhancedVpcRouting", "PubliclyAccessible", "ConfigParameters",
	"SecurityGroupIds", "SubnetIds", "Port"}

// workgroup is AWS::RedshiftServerless::Workgroup.
func workgroup() *Kind {
	name := func(id string) map[string]any { return map[string]any{"WorkgroupName": id} }
	read := func(ctx context.Context, c *Caller, id string) (map[string]any, error) {
		out, err := c.Do(ctx, "redshift-serverless", "GetWorkgroup", name(id))
		return object(out, "Workgroup"), err
	}
	return &Kind{
		Type: "AWS::RedshiftServerless::Workgroup", Name: "WorkgroupName", Naming: Naming{Lower: true},
		Spec: spec(`
			WorkgroupName text required replace
			NamespaceName text replace
			BaseCapacity int
			MaxCapacity int
			EnhancedVpcRouting bool
			PubliclyAccessible bool
			Port int
			ConfigParameters[].ParameterKey text
			ConfigParameters[].ParameterValue text
			SecurityGroupIds[] text
			SubnetIds[] text
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Workgroup.*"},
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := read(ctx, c, id)
			return found(err, "ResourceNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := with(pick(p, append([]string{"NamespaceName", "Tags"}, workgroupMembers...)...), "WorkgroupName", id)
			if _, err := c.Do(ctx, "redshift-serverless", "CreateWorkgroup", in); gone(err, "ConflictException") != nil {
				return id, err
			}
			return id, settle(ctx, c, func() (map[string]any, error) { return read(ctx, c, id) })
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			changed := pick(p, workgroupMembers...)
			maps.DeleteFunc(changed, func(k string, v any) bool { return same(old[k], v) })
			if len(changed) > 0 {
				if _, err := c.Do(ctx, "redshift-serverless", "UpdateWorkgroup", with(changed, "WorkgroupName", id)); err != nil {
					return err
				}
			}
			wg, err := read(ctx, c, id)
			if err != nil {
				return err
			}
			if err := settle(ctx, c, func() (map[string]any, error) { return read(ctx, c, id) }); err != nil {
				return err
			}
			return retag(ctx, c, "redshift-serverless", map[string]any{"ResourceArn": wg["WorkgroupArn"]}, true, "TagKeys", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "redshift-serverless", "DeleteWorkgroup", name(id))
			if gone(err, "ResourceNotFoundException") != nil {
				return err
			}
			return vanish(ctx, c, func() error { _, err := read(ctx, c, id); return err })
		},
		Read: func(ctx context.Context, c *Caller, id string, _ Props) (map[string]any, error) {
			wg, err := read(ctx, c, id)
			return flatten("Workgroup.", wg), err
		},
	}
}
