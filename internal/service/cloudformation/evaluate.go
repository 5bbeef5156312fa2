package cloudformation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"penstock/internal/meta"
	"penstock/internal/service/cloudformation/resource"
	"penstock/internal/service/cloudformation/template"
)

// evaluator gives the names in a stack's template their values. row finds a resource, or nil where it does not exist yet.
func (s *Service) evaluator(
	ctx context.Context, t *template.Template, c content, stackID, stackName string, row func(string) *resourceRow,
) (*template.Env, error) {
	look := s.lookup(ctx, c.Stored)
	values, err := t.Values(c.Parameters, look)
	if err != nil {
		return nil, mapped(err)
	}
	known := func(logical string) *resourceRow {
		if r := row(logical); r != nil && r.Physical != "" && r.Status != "DELETE_COMPLETE" {
			return r
		}
		return nil
	}
	return &template.Env{
		Template: t, Parameters: values,
		Pseudo: map[string]string{"AWS::AccountId": s.Account, "AWS::Region": s.Region, "AWS::Partition": "aws",
			"AWS::URLSuffix": "amazonaws.com", "AWS::StackId": stackID, "AWS::StackName": stackName},
		Ref: func(logical string) (any, error) {
			if r := known(logical); r != nil {
				return r.Physical, nil
			}
			return template.Unknown{}, nil
		},
		Att: func(logical, attr string) (any, error) {
			r := known(logical)
			if r == nil {
				return template.Unknown{}, nil
			}
			v, ok := r.Attrs[attr]
			if !ok {
				return nil, fmt.Errorf("resource %s has no attribute %s", logical, attr)
			}
			return v, nil
		},
		Import: s.importer(ctx), Lookup: look,
	}, nil
}

// importer reads other stacks' exports.
func (s *Service) importer(ctx context.Context) func(string) (string, error) {
	return func(name string) (value string, err error) {
		err = s.Meta.View(ctx, func(tx *meta.Tx) error {
			return tx.QueryRow(`SELECT value FROM cfn_exports WHERE region = ? AND name = ?`, s.Region, name).Scan(&value)
		})
		if errors.Is(err, sql.ErrNoRows) {
			return "", invalid("No export named %s found. Rollback requested by user.", name)
		}
		return value, err
	}
}

// isUnknown keeps what is not known yet as it is when properties get their types.
func isUnknown(v any) bool {
	_, ok := v.(template.Unknown)
	return ok
}

// properties evaluates what a resource is to be.
func (s *Service) properties(env *template.Env, logical string, tags map[string]string) (resource.Props, error) {
	r := env.Template.Resources[logical]
	v, err := env.Eval(asMap(r.Properties))
	if err != nil {
		return nil, err
	}
	m, _ := v.(map[string]any)
	kind := s.kinds[r.Type]
	p, err := kind.Spec.Coerce(m, isUnknown)
	if err != nil {
		return nil, err
	}
	kind.MergeTags(p, tags)
	return p, nil
}

func asMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// wanted lists the resources whose conditions hold, each with those of them that it depends on.
func wanted(env *template.Env) (map[string][]string, error) {
	out := map[string][]string{}
	for name, r := range env.Template.Resources {
		holds, err := env.Condition(r.Condition)
		if err != nil {
			return nil, err
		}
		if holds {
			out[name] = nil
		}
	}
	for name := range out {
		for _, d := range env.Template.Dependencies(name) {
			if _, ok := out[d]; ok {
				out[name] = append(out[name], d)
			}
		}
	}
	return out, nil
}

// unresolved refuses references to resources whose conditions do not hold, in what stands under conditions that do.
func unresolved(env *template.Env, needs map[string][]string) error {
	there := func(logical string) bool { _, ok := needs[logical]; return ok }
	if err := env.Unresolved("Resources", propertiesOf(env.Template, needs), there); err != nil {
		return err
	}
	var values []any
	for _, key := range slices.Sorted(maps.Keys(env.Template.Outputs)) {
		o := env.Template.Outputs[key]
		if holds, err := env.Condition(o.Condition); err != nil {
			return err
		} else if holds {
			values = append(values, o.Value, o.Export)
		}
	}
	return env.Unresolved("Outputs", values, there)
}

// propertiesOf are the properties of the resources in needs, as the template has them.
func propertiesOf(t *template.Template, needs map[string][]string) (out []any) {
	for _, name := range slices.Sorted(maps.Keys(needs)) {
		out = append(out, t.Resources[name].Properties)
	}
	return out
}

// outputs evaluates the outputs whose conditions hold. Dynamic references stay there what they are, as on AWS.
func outputs(env *template.Env) ([]outputValue, error) {
	env = env.Literal()
	out := []outputValue{}
	for _, key := range slices.Sorted(maps.Keys(env.Template.Outputs)) {
		o := env.Template.Outputs[key]
		holds, err := env.Condition(o.Condition)
		if err != nil {
			return nil, err
		}
		if !holds {
			continue
		}
		v := outputValue{Key: key, Description: o.Description}
		if v.Value, err = plainText(env, o.Value, "Output "+key); err != nil {
			return nil, err
		}
		if o.Export != nil {
			if v.Export, err = plainText(env, o.Export, "Export of output "+key); err != nil {
				return nil, err
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func plainText(env *template.Env, v any, what string) (string, error) {
	w, err := env.Eval(v)
	if err != nil {
		return "", err
	}
	switch x := w.(type) {
	case string:
		return x, nil
	case []any, map[string]any, template.Unknown, nil:
		return "", invalid("Template format error: %s must evaluate to a text", what)
	}
	return fmt.Sprint(w), nil
}

// opaque tells package resource what in a template is a function or a dynamic reference, and what it may become as far as that is known.
func opaque(v any) ([]any, bool) {
	if s, ok := v.(string); ok && template.Dynamic(s) {
		return nil, true
	}
	c, ok := v.(*template.Call)
	if !ok {
		return nil, false
	}
	if c.Name != "Fn::If" {
		return nil, true
	}
	var branches []any
	for _, b := range c.Arg.([]any)[1:] {
		if x, ok := b.(*template.Call); ok && x.Name == "Ref" {
			continue // AWS::NoValue, or a value of which nothing is known
		}
		branches = append(branches, b)
	}
	return branches, true
}
