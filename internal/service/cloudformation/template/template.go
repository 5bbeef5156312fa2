// Package template reads CloudFormation templates, JSON or YAML with all short tags, checks them, orders their resources and evaluates
// their intrinsic functions. It knows no resource type and calls no service. Transforms, macros, rules, hooks and nested modules are
// refused by name. Anatomy: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html.
package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/pattern"
)

// A Template is a parsed template. Values are string, bool, json.Number, []any, map[string]any and *Call.
type Template struct {
	Version, Description string
	Metadata             any
	Parameters           map[string]Parameter
	Mappings             map[string]map[string]map[string]any
	Conditions           map[string]any
	Resources            map[string]Resource
	Outputs              map[string]Output
}

// A Call is an intrinsic function: Ref, Fn::Sub and so on.
type Call struct {
	Name string // with "Fn::"
	Arg  any
	Line int
}

// A Resource is a declared resource.
type Resource struct {
	Type           string
	Properties     map[string]any
	DependsOn      []string
	Condition      string
	DeletionPolicy string // Delete, Retain or RetainExceptOnCreate
	ReplacePolicy  string // UpdateReplacePolicy: Delete or Retain
	Metadata       any
	Line           int
}

// An Output is a declared output.
type Output struct {
	Description, Condition string
	Value                  any
	Export                 any // nil or the name's expression
}

// An Error is a mistake in a template, with the text that CloudFormation's clients show.
type Error struct{ Text string }

// Error implements error.
func (e *Error) Error() string { return e.Text }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Limits: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html.
const (
	maxResources = 500
	maxOutputs   = 200
	maxParams    = 200
)

// Parse reads a template and checks all that can be checked without knowing resource types and parameter values.
func Parse(body string) (*Template, error) {
	root, err := decode(body)
	if err != nil {
		return nil, err
	}
	t := &Template{Parameters: map[string]Parameter{}, Mappings: map[string]map[string]map[string]any{}, Conditions: map[string]any{},
		Resources: map[string]Resource{}, Outputs: map[string]Output{}}
	for _, key := range slices.Sorted(maps.Keys(root)) {
		if err := t.section(key, root[key]); err != nil {
			return nil, err
		}
	}
	switch {
	case len(t.Resources) == 0:
		return nil, errorf("Template format error: At least one Resources member must be defined.")
	case len(t.Resources) > maxResources:
		return nil, errorf("Template format error: Number of resources, %d, is greater than maximum allowed, %d", len(t.Resources), maxResources)
	case len(t.Outputs) > maxOutputs:
		return nil, errorf("Template format error: Number of outputs, %d, is greater than maximum allowed, %d", len(t.Outputs), maxOutputs)
	case len(t.Parameters) > maxParams:
		return nil, errorf("Template format error: Number of parameters, %d, is greater than maximum allowed, %d", len(t.Parameters), maxParams)
	}
	return t, t.check()
}

func (t *Template) section(key string, v any) (err error) {
	switch key {
	case "AWSTemplateFormatVersion":
		if t.Version, _ = v.(string); t.Version != "2010-09-09" {
			return errorf("Template format error: unsupported value for AWSTemplateFormatVersion.")
		}
	case "Description":
		var ok bool
		if t.Description, ok = v.(string); !ok || len(t.Description) > 1024 {
			return errorf("Template format error: 'Description' must be text of at most 1024 characters.")
		}
	case "Metadata":
		t.Metadata = v
	case "Parameters":
		return each(key, v, func(name string, m map[string]any) error {
			p, err := parameter(name, m)
			t.Parameters[name] = p
			return err
		})
	case "Mappings":
		return each(key, v, t.mapping)
	case "Conditions":
		m, ok := v.(map[string]any)
		if !ok {
			return errorf("Template format error: Conditions must be a mapping.")
		}
		t.Conditions = m
	case "Resources":
		return each(key, v, func(name string, m map[string]any) error {
			r, err := resource(name, m)
			t.Resources[name] = r
			return err
		})
	case "Outputs":
		return each(key, v, func(name string, m map[string]any) error {
			o, err := output(name, m)
			t.Outputs[name] = o
			return err
		})
	case "Transform", "Rules", "Hooks":
		return errorf("Template format error: Penstock does not support the section %s yet.", key)
	default:
		return errorf("Template format error: Invalid template property or properties [%s]", key)
	}
	return nil
}

var logicalPattern = pattern.Lazy(`^[A-Za-z0-9]{1,255}$`)

func each(section string, v any, f func(name string, m map[string]any) error) error {
	all, ok := v.(map[string]any)
	if !ok {
		return errorf("Template format error: %s must be a mapping.", section)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m, ok := all[name].(map[string]any)
		if !ok {
			return errorf("Template format error: [/%s/%s] must be a mapping.", section, name)
		}
		if !logicalPattern().MatchString(name) {
			return errorf("Template format error: %s name '%s' is non alphanumeric.", strings.TrimSuffix(section, "s"), name)
		}
		if err := f(name, m); err != nil {
			return err
		}
	}
	return nil
}

func (t *Template) mapping(name string, m map[string]any) error {
	out := map[string]map[string]any{}
	for top, v := range m {
		second, ok := v.(map[string]any)
		if !ok {
			return errorf("Template format error: Every Mappings attribute must be a mapping: %s.%s", name, top)
		}
		for k, x := range second {
			if !plain(x) {
				return errorf("Template format error: Every Mappings value must be a String or a List: %s.%s.%s", name, top, k)
			}
		}
		out[top] = second
	}
	t.Mappings[name] = out
	return nil
}

// plain reports whether v is a scalar or a list of scalars without functions.
func plain(v any) bool {
	switch x := v.(type) {
	case string, bool, json.Number:
		return true
	case []any:
		return !slices.ContainsFunc(x, func(e any) bool {
			_, list := e.([]any)
			return list || !plain(e)
		})
	}
	return false
}

func resource(name string, m map[string]any) (r Resource, err error) {
	r.DeletionPolicy, r.ReplacePolicy = "Delete", "Delete"
	for _, key := range slices.Sorted(maps.Keys(m)) {
		v := m[key]
		text, isText := v.(string)
		switch key {
		case "Type":
			r.Type = text
		case "Properties":
			var ok bool
			if r.Properties, ok = v.(map[string]any); !ok {
				return r, errorf("Template format error: [/Resources/%s/Properties] must be a mapping.", name)
			}
		case "DependsOn":
			if r.DependsOn, err = texts(v); err != nil {
				return r, errorf("Template format error: DependsOn of %s must be a text or a list of texts.", name)
			}
		case "Condition":
			r.Condition = text
		case "DeletionPolicy":
			if !isText || !slices.Contains([]string{"Delete", "Retain", "RetainExceptOnCreate"}, text) {
				return r, errorf("Template format error: Penstock does not support the DeletionPolicy %v of %s; Delete, Retain and "+
					"RetainExceptOnCreate are.", v, name)
			}
			r.DeletionPolicy = text
		case "UpdateReplacePolicy":
			if !isText || !slices.Contains([]string{"Delete", "Retain"}, text) {
				return r, errorf("Template format error: Penstock does not support the UpdateReplacePolicy %v of %s.", v, name)
			}
			r.ReplacePolicy = text
		case "Metadata":
			r.Metadata = v
		case "CreationPolicy", "UpdatePolicy":
			return r, errorf("Template format error: Penstock does not support %s of %s yet.", key, name)
		default:
			return r, errorf("Invalid template resource property '%s'", key)
		}
	}
	if r.Type == "" {
		return r, errorf("Template format error: [/Resources/%s] Every Resources object must contain a Type member.", name)
	}
	return r, nil
}

func texts(v any) ([]string, error) {
	if s, ok := v.(string); ok {
		return []string{s}, nil
	}
	list, ok := v.([]any)
	var out []string
	for _, e := range list {
		s, isText := e.(string)
		if ok = ok && isText; ok {
			out = append(out, s)
		}
	}
	if !ok {
		return nil, errorf("not a list of texts")
	}
	return out, nil
}

func output(name string, m map[string]any) (o Output, err error) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		switch key {
		case "Description":
			o.Description, _ = m[key].(string)
		case "Condition":
			o.Condition, _ = m[key].(string)
		case "Value":
			o.Value = m[key]
		case "Export":
			e, ok := m[key].(map[string]any)
			if !ok || len(e) != 1 || e["Name"] == nil {
				return o, errorf("Template format error: Output %s is malformed. The Export field needs a Name and nothing else.", name)
			}
			o.Export = e["Name"]
		default:
			return o, errorf("Template format error: Output %s is malformed: unknown member %s.", name, key)
		}
	}
	if o.Value == nil {
		return o, errorf("Template format error: Output %s is malformed. The Value field is required.", name)
	}
	return o, nil
}
