package resource

import (
	"context"
	"maps"
	"slices"
)

// role is AWS::IAM::Role with its inline and attached policies.
func role() *Kind {
	return &Kind{
		Type: "AWS::IAM::Role", Name: "RoleName",
		Spec: spec(`
			RoleName text replace
			Path text replace
			AssumeRolePolicyDocument json required
			Description text
			MaxSessionDuration int
			PermissionsBoundary text replace
			ManagedPolicyArns[] text
			Policies[].PolicyName text required
			Policies[].PolicyDocument json required
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Arn", "RoleId"},
		Capability: func(p Props) string {
			if p["RoleName"] != nil {
				return "CAPABILITY_NAMED_IAM"
			}
			return "CAPABILITY_IAM"
		},
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "iam", "GetRole", map[string]any{"RoleName": id})
			return found(err, "NoSuchEntity")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := with(pick(p, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"), "RoleName", id,
				"AssumeRolePolicyDocument", encode(p["AssumeRolePolicyDocument"]))
			if _, err := c.Do(ctx, "iam", "CreateRole", in); err != nil && !is(err, "EntityAlreadyExists") {
				return id, err
			}
			return id, rolePolicies(ctx, c, id, nil, p)
		},
		Update: updateRole,
		Delete: deleteRole,
		Read: func(ctx context.Context, c *Caller, id string, _ Props) (map[string]any, error) {
			out, err := c.Do(ctx, "iam", "GetRole", map[string]any{"RoleName": id})
			return map[string]any{"Arn": text(out, "Role", "Arn"), "RoleId": text(out, "Role", "RoleId")}, err
		},
	}
}

func updateRole(ctx context.Context, c *Caller, id string, old, p Props) error {
	name := map[string]any{"RoleName": id}
	if !same(old["AssumeRolePolicyDocument"], p["AssumeRolePolicyDocument"]) {
		in := with(maps.Clone(name), "PolicyDocument", encode(p["AssumeRolePolicyDocument"]))
		if _, err := c.Do(ctx, "iam", "UpdateAssumeRolePolicy", in); err != nil {
			return err
		}
	}
	if settings := pick(p, "Description", "MaxSessionDuration"); !same(settings, pick(old, "Description", "MaxSessionDuration")) {
		if _, err := c.Do(ctx, "iam", "UpdateRole", with(settings, "RoleName", id)); err != nil {
			return err
		}
	}
	if err := rolePolicies(ctx, c, id, old, p); err != nil {
		return err
	}
	return retag(ctx, c, "iam", name, true, "TagKeys", old, p)
}

func inlinePolicies(p Props) map[string]string {
	out := map[string]string{}
	for _, e := range list(p, "Policies") {
		m, _ := e.(map[string]any)
		out[text(m, "PolicyName")] = encode(m["PolicyDocument"])
	}
	return out
}

// rolePolicies brings the policies from what old says to what p says.
func rolePolicies(ctx context.Context, c *Caller, id string, old, p Props) error {
	was, now := inlinePolicies(old), inlinePolicies(p)
	for _, n := range slices.Sorted(maps.Keys(now)) {
		if was[n] == now[n] {
			continue
		}
		if _, err := c.Do(ctx, "iam", "PutRolePolicy", map[string]any{"RoleName": id, "PolicyName": n, "PolicyDocument": now[n]}); err != nil {
			return err
		}
	}
	for _, n := range slices.Sorted(maps.Keys(was)) {
		if _, kept := now[n]; kept {
			continue
		}
		if _, err := c.Do(ctx, "iam", "DeleteRolePolicy", map[string]any{"RoleName": id, "PolicyName": n}); gone(err, "NoSuchEntity") != nil {
			return err
		}
	}
	for _, a := range list(p, "ManagedPolicyArns") {
		if _, err := c.Do(ctx, "iam", "AttachRolePolicy", map[string]any{"RoleName": id, "PolicyArn": a}); err != nil {
			return err
		}
	}
	for _, a := range list(old, "ManagedPolicyArns") {
		if slices.Contains(list(p, "ManagedPolicyArns"), a) {
			continue
		}
		if _, err := c.Do(ctx, "iam", "DetachRolePolicy", map[string]any{"RoleName": id, "PolicyArn": a}); gone(err, "NoSuchEntity") != nil {
			return err
		}
	}
	return nil
}

func deleteRole(ctx context.Context, c *Caller, id string, p Props) error {
	if _, err := c.Do(ctx, "iam", "GetRole", map[string]any{"RoleName": id}); err != nil {
		return gone(err, "NoSuchEntity")
	}
	if err := rolePolicies(ctx, c, id, p, nil); err != nil {
		return err
	}
	_, err := c.Do(ctx, "iam", "DeleteRole", map[string]any{"RoleName": id})
	return gone(err, "NoSuchEntity")
}
