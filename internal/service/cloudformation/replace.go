package cloudformation

import (
	"context"
	"fmt"
	"strings"

	"penstock/internal/meta"
	"penstock/internal/service/cloudformation/resource"
	"penstock/internal/service/cloudformation/template"
)

// A resource that AWS would replace is made anew under its logical id. The row of the old one is set aside under a key of its own, in the
// transaction that begins the new one's. What depends on the resource follows. When the update is complete the old one is deleted like
// what the template does not have any more, or kept if UpdateReplacePolicy says so; when it is rolled back the new one is deleted like all
// that the update has made, and the old row gets its place back.

// aside is the key of a row that an operation has replaced: no logical id has a slash.
func aside(logical, op string) string { return logical + "/" + op }

// shown is the logical id of a row's key.
func shown(key string) string {
	logical, _, _ := strings.Cut(key, "/")
	return logical
}

func (r *resourceRow) shown() string { return shown(r.Logical) }

// verb is how events call the making of a resource.
func (r *resourceRow) verb() string {
	if r.Replaces != "" {
		return "UPDATE"
	}
	return "CREATE"
}

// anew is the row of a resource that is to be made; r is what an earlier operation has left of it, or nil.
func anew(r *resourceRow, logical, kind, op string) *resourceRow {
	out := &resourceRow{Logical: logical, Type: kind, CreatedBy: op}
	if r != nil {
		out.Replaces = r.Replaces
	}
	return out
}

// replace sets a resource aside and makes its successor.
func (j *job) replace(ctx context.Context, kind *resource.Kind, r *resourceRow, props resource.Props) error {
	old := *r
	old.Logical, old.Policy, old.Before, old.Pending = aside(r.Logical, j.st.Op.ID), r.ReplacePolicy, nil, nil
	next := anew(nil, r.Logical, r.Type, j.st.Op.ID)
	next.Replaces, next.Deps, next.Policy, next.ReplacePolicy, next.Metadata = old.Logical, r.Deps, r.Policy, r.ReplacePolicy, r.Metadata
	next.Status, next.Updated = r.Status, r.Updated
	err := j.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := saveRow(tx, j.st.ID, &old); err != nil {
			return err
		}
		return saveRow(tx, j.st.ID, next)
	})
	if err != nil {
		return err
	}
	j.mu.Lock()
	j.rows[old.Logical], j.rows[next.Logical] = &old, next
	j.mu.Unlock()
	j.Kill.At("resource-replacing")
	return j.create(ctx, kind, next, props)
}

// taken is the failure of a resource whose name another has.
func (j *job) taken(r *resourceRow) error {
	if old := j.row(r.Replaces); old != nil && old.Name == r.Name {
		return renameIt(r.Name)
	}
	return fmt.Errorf("%s already exists", r.Name)
}

func renameIt(name string) error {
	return invalid("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename %s and update the stack "+
		"again.", name)
}

// putBack gives the old row its place again after a rollback. A new resource that could not be deleted is set aside in its turn.
func putBack(tx *meta.Tx, stack string, op *operation, rows map[string]*resourceRow, r *resourceRow) error {
	old := rows[r.Replaces]
	if old == nil {
		return nil
	}
	if _, err := tx.Exec(`DELETE FROM cfn_resources WHERE stack = ? AND logical = ?`, stack, r.Replaces); err != nil {
		return err
	}
	back := *old
	back.Logical, back.Policy = r.Logical, r.Policy
	if err := saveRow(tx, stack, &back); err != nil || r.dropped() {
		return err
	}
	left := *r
	left.Logical, left.Replaces = aside(r.Logical, op.ID), ""
	return saveRow(tx, stack, &left)
}

// replaceable says whether a resource will be replaced (True), or may be, by a value that is not known yet (Conditional). It refuses what
// is known to fail: another of the same name, and a bucket with objects that would have to go.
func (s *Service) replaceable(
	ctx context.Context, kind *resource.Kind, r *resourceRow, props resource.Props, decl template.Resource,
) (string, error) {
	if decl.ReplacePolicy != "Retain" {
		why, err := s.holds(ctx, r)
		if err == nil && why != "" {
			err = invalid("%s (%s) cannot be replaced: %s", r.Logical, r.Type, why)
		}
		if err != nil {
			return "", err
		}
	}
	if hasUnknown(map[string]any(props)) {
		return "Conditional", nil
	}
	if name := givenName(kind, props); name != "" && name == r.Name && kind.Find != nil {
		there, err := kind.Find(ctx, s.caller(), name, props)
		if err == nil && there {
			err = renameIt(name)
		}
		if err != nil {
			return "", err
		}
	}
	return "True", nil
}

// hasUnknown reports whether something in v is not known yet.
func hasUnknown(v any) bool {
	switch x := v.(type) {
	case template.Unknown:
		return true
	case []any:
		for _, e := range x {
			if hasUnknown(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range x {
			if hasUnknown(e) {
				return true
			}
		}
	}
	return false
}
