package resource

import (
	"context"
	"maps"
	"slices"
)

// tagMap reads a Tags property in either form: a list of Key and Value, or an object.
func tagMap(v any) map[string]string {
	out := map[string]string{}
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			m, _ := e.(map[string]any)
			k, _ := m["Key"].(string)
			out[k], _ = m["Value"].(string)
		}
	case map[string]any:
		for k, e := range x {
			out[k], _ = scalarText(e)
		}
	}
	return out
}

func tagList(tags map[string]string) []any {
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, map[string]any{"Key": k, "Value": tags[k]})
	}
	return out
}

// retag brings the tags of a resource to what p says, through the service's TagResource and UntagResource. target is the member that
// names the resource, with its value; asList says which form the service wants.
func retag(ctx context.Context, c *Caller, service string, target map[string]any, asList bool, keys string, old, p Props) error {
	before, after := tagMap(old["Tags"]), tagMap(p["Tags"])
	set, drop := map[string]string{}, []string{}
	for k, v := range after {
		if w, ok := before[k]; !ok || w != v {
			set[k] = v
		}
	}
	for _, k := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[k]; !ok {
			drop = append(drop, k)
		}
	}
	if len(set) > 0 {
		var tags any = set
		if asList {
			tags = tagList(set)
		}
		member := "Tags"
		if service == "glue" {
			member = "TagsToAdd"
		}
		op := tagOp(service, "TagResource", "TagRole", "AddTagsToResource")
		if _, err := c.Do(ctx, service, op, with(maps.Clone(target), member, tags)); err != nil {
			return err
		}
	}
	if len(drop) > 0 {
		op := tagOp(service, "UntagResource", "UntagRole", "RemoveTagsFromResource")
		if _, err := c.Do(ctx, service, op, with(maps.Clone(target), keys, drop)); err != nil {
			return err
		}
	}
	return nil
}

func tagOp(service, usual, ofIAM, ofSSM string) string {
	switch service {
	case "iam":
		return ofIAM
	case "ssm":
		return ofSSM
	}
	return usual
}

// MergeTags adds a stack's tags to a resource's own, which win, when its type has tags.
func (k *Kind) MergeTags(p Props, stack map[string]string) {
	s := k.Spec.fields["Tags"]
	if s == nil || len(stack) == 0 {
		return
	}
	all := maps.Clone(stack)
	maps.Copy(all, tagMap(p["Tags"]))
	if s.elem != nil {
		p["Tags"] = tagList(all)
		return
	}
	out := map[string]any{}
	for key, v := range all {
		out[key] = v
	}
	p["Tags"] = out
}
