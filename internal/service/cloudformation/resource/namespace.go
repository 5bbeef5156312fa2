package resource

import (
	"context"
	"errors"
	"maps"
)

// iamRoles is set apart: the operations take the same members for creation and change.
var namespaceMembers = []string{"AdminUsername", "AdminUserPassword", "DefaultIamRoleArn", "IamRoles"}

// namespace is AWS::RedshiftServerless::Namespace.
func namespace() *Kind {
	name := func(id string) map[string]any { return map[string]any{"NamespaceName": id} }
	read := func(ctx context.Context, c *Caller, id string) (map[string]any, error) {
		out, err := c.Do(ctx, "redshift-serverless", "GetNamespace", name(id))
		return object(out, "Namespace"), err
	}
	return &Kind{
		Type: "AWS::RedshiftServerless::Namespace", Name: "NamespaceName", Naming: Naming{Lower: true},
		Spec: spec(`
			NamespaceName text replace
			DbName text replace
			AdminUsername text
			AdminUserPassword text
			ManageAdminPassword bool
			DefaultIamRoleArn text
			IamRoles[] text
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Namespace.*", "DefaultIamRoleArn", "IamRoles"},
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			_, err := read(ctx, c, id)
			return found(err, "ResourceNotFoundException")
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			in := with(pick(p, append([]string{"DbName", "Tags"}, namespaceMembers...)...), "NamespaceName", id)
			if _, err := c.Do(ctx, "redshift-serverless", "CreateNamespace", in); gone(err, "ConflictException") != nil {
				return id, err
			}
			return id, settle(ctx, c, func() (map[string]any, error) { return read(ctx, c, id) })
		},
		// Stacks of earlier programs have it, without effect: they may keep it, lose it, and be rolled back to it.
		Refuse: func(old, p Props) error {
			if p["ManageAdminPassword"] == true && old["ManageAdminPassword"] != true {
				//lint:ignore ST1005 it begins with a name
				return errors.New("Penstock does not support ManageAdminPassword yet: AWS keeps that password in Secrets Manager")
			}
			return nil
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			changed := pick(p, namespaceMembers...)
			maps.DeleteFunc(changed, func(k string, v any) bool { return same(old[k], v) })
			if len(list(old, "IamRoles")) > 0 && p["IamRoles"] == nil {
				changed["IamRoles"] = []any{}
			}
			if len(changed) > 0 {
				if _, err := c.Do(ctx, "redshift-serverless", "UpdateNamespace", with(changed, "NamespaceName", id)); err != nil {
					return err
				}
			}
			ns, err := read(ctx, c, id)
			if err != nil {
				return err
			}
			return retag(ctx, c, "redshift-serverless", map[string]any{"ResourceArn": ns["NamespaceArn"]}, true, "TagKeys", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "redshift-serverless", "DeleteNamespace", name(id))
			if gone(err, "ResourceNotFoundException") != nil {
				return err
			}
			return vanish(ctx, c, func() error { _, err := read(ctx, c, id); return err })
		},
		Read: func(ctx context.Context, c *Caller, id string, p Props) (map[string]any, error) {
			ns, err := read(ctx, c, id)
			out := flatten("Namespace.", ns)
			maps.Copy(out, pick(p, "DefaultIamRoleArn", "IamRoles"))
			return out, err
		},
	}
}

// settle waits until a resource says that it is available.
func settle(ctx context.Context, c *Caller, read func() (map[string]any, error)) error {
	for tries := 0; ; tries++ {
		m, err := read()
		if err != nil || text(m, "Status") == "AVAILABLE" {
			return err
		}
		if err := c.Wait(ctx, tries); err != nil {
			return err
		}
	}
}

// vanish waits until a resource is not found any more.
func vanish(ctx context.Context, c *Caller, read func() error) error {
	for tries := 0; ; tries++ {
		if err := read(); err != nil {
			return gone(err, "ResourceNotFoundException")
		}
		if err := c.Wait(ctx, tries); err != nil {
			return err
		}
	}
}

// flatten makes attributes of an object's members: Endpoint.Address and so on.
func flatten(prefix string, m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if sub, ok := v.(map[string]any); ok {
			maps.Copy(out, flatten(prefix+k+".", sub))
			continue
		}
		if t, ok := scalarText(v); ok {
			out[prefix+k] = t
			continue
		}
		out[prefix+k] = v
	}
	return out
}
