package resource

import (
	"context"
	"fmt"
	"slices"
)

// parameter is AWS::SSM::Parameter. CloudFormation takes no SecureString on AWS either: its template would tell the secret.
func parameter() *Kind {
	members := []string{"Type", "Value", "Description", "AllowedPattern", "DataType", "Tier"}
	get := func(ctx context.Context, c *Caller, name string) (map[string]any, error) {
		out, err := c.Do(ctx, "ssm", "GetParameter", map[string]any{"Name": name})
		return object(out, "Parameter"), err
	}
	return &Kind{
		Type: "AWS::SSM::Parameter", Name: "Name", Naming: Naming{Max: 1011, Head: "CFN"},
		Spec: spec(`
			Name text replace
			Type text required
			Value text required
			Description text
			AllowedPattern text
			DataType text
			Tier text
			Tags map`),
		Attributes: []string{"Type", "Value"},
		Find: func(ctx context.Context, c *Caller, name string, _ Props) (bool, error) {
			_, err := get(ctx, c, name)
			return found(err, "ParameterNotFound")
		},
		Create: func(ctx context.Context, c *Caller, name string, p Props) (string, error) {
			in := with(pick(p, members...), "Name", name)
			if tags := tagMap(p["Tags"]); len(tags) > 0 {
				in["Tags"] = tagList(tags)
			}
			_, err := c.Do(ctx, "ssm", "PutParameter", in)
			return name, gone(err, "ParameterAlreadyExists")
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			if slices.ContainsFunc(members, func(m string) bool { return !same(old[m], p[m]) }) {
				in := with(pick(p, members...), "Name", id, "Overwrite", true)
				for _, m := range []string{"Description", "AllowedPattern"} { // which stay where a call does not name them
					if p[m] == nil && old[m] != nil {
						in[m] = ""
					}
				}
				if _, err := c.Do(ctx, "ssm", "PutParameter", in); err != nil {
					return err
				}
			}
			return retag(ctx, c, "ssm", map[string]any{"ResourceType": "Parameter", "ResourceId": id}, true, "TagKeys", old, p)
		},
		Refuse: refuseParameter,
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "ssm", "DeleteParameter", map[string]any{"Name": id})
			return gone(err, "ParameterNotFound")
		},
		Read: func(ctx context.Context, c *Caller, id string, _ Props) (map[string]any, error) {
			out, err := get(ctx, c, id)
			return pick(out, "Type", "Value"), err
		},
	}
}

// refuseParameter says what CloudFormation's schema of the type does not take, and what Parameter Store could not keep.
func refuseParameter(_, p Props) error {
	for member, values := range map[string][]string{"Type": {"String", "StringList"}, "DataType": {"text", "aws:ec2:image"},
		"Tier": {"Standard", "Advanced", "Intelligent-Tiering"}} {
		if v, given := p[member].(string); given && !slices.Contains(values, v) {
			return fmt.Errorf("#/%s: failed validation constraint for keyword [enum]", member)
		}
	}
	for member, value := range map[string]string{"DataType": "aws:ec2:image", "Tier": "Advanced"} {
		if p[member] == value {
			return fmt.Errorf("the %s %s is not supported by Penstock yet", member, value)
		}
	}
	return nil
}
