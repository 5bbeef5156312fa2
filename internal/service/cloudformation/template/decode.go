package template

import (
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"

	"penstock/internal/pattern"
)

// maxDepth bounds how deep values may nest.
const maxDepth = 100

// decode reads the text as YAML, of which JSON is a part.
func decode(body string) (map[string]any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(body), &doc); err != nil {
		return nil, errorf("Template format error: YAML not well-formed. (%s)", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errorf("Template format error: unsupported structure.")
	}
	v, err := value(doc.Content[0], 0)
	if err != nil {
		return nil, err
	}
	root, ok := v.(map[string]any)
	if !ok {
		return nil, errorf("Template format error: unsupported structure.")
	}
	return root, nil
}

// value turns a node into a value. Aliases and merges are no part of CloudFormation's YAML.
func value(n *yaml.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errorf("Template format error: line %d: values nest deeper than %d.", n.Line, maxDepth)
	}
	if n.Kind == yaml.AliasNode {
		return nil, errorf("Template format error: line %d: YAML aliases are not allowed in CloudFormation templates", n.Line)
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return short(n, depth)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return mappingValue(n, depth)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := value(c, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}
	return scalar(n)
}

var jsonNumber = pattern.Lazy(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

func scalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, errorf("Template format error: line %d: null values are not allowed in templates", n.Line)
	case "!!bool":
		return strings.EqualFold(n.Value, "true"), nil
	case "!!int", "!!float":
		if jsonNumber().MatchString(n.Value) {
			return json.Number(n.Value), nil
		}
	case "!!binary":
		return nil, errorf("Template format error: line %d: the tag !!binary is not allowed in CloudFormation templates", n.Line)
	}
	return n.Value, nil
}

func mappingValue(n *yaml.Node, depth int) (any, error) {
	out := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			return nil, errorf("Template format error: line %d: a key must be plain text", key.Line)
		}
		if _, twice := out[key.Value]; twice {
			return nil, errorf("Template format error: line %d: duplicate key %s", key.Line, key.Value)
		}
		v, err := value(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		out[key.Value] = v
	}
	if len(out) == 1 {
		name := n.Content[0].Value
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return call(name, out[name], n.Line)
		}
	}
	return out, nil
}

// short reads the YAML form !Name.
func short(n *yaml.Node, depth int) (any, error) {
	name := strings.TrimPrefix(n.Tag, "!")
	bare := *n
	bare.Tag = ""
	if n.Kind == yaml.ScalarNode {
		bare.Tag = "!!str"
	}
	arg, err := value(&bare, depth+1)
	if err != nil {
		return nil, err
	}
	switch name {
	case "Condition":
		return map[string]any{"Condition": arg}, nil
	case "Ref":
		return call(name, arg, n.Line)
	}
	return call("Fn::"+name, arg, n.Line)
}

// call checks that the function is known and has arguments of the right form.
func call(name string, arg any, line int) (any, error) {
	list, isList := arg.([]any)
	bad := func(want string) (any, error) {
		return nil, errorf("Template error: line %d: %s needs %s", line, name, want)
	}
	switch name {
	case "Ref":
		if s, ok := arg.(string); !ok || s == "" {
			return bad("the name of a parameter or resource")
		}
	case "Fn::GetAtt":
		if s, ok := arg.(string); ok {
			resource, attr, ok := strings.Cut(s, ".")
			if !ok {
				return bad("a resource and an attribute, as in Resource.Attribute")
			}
			return &Call{name, []any{resource, attr}, line}, nil
		}
		if !isList || len(list) != 2 || !isText(list[0]) || !isText(list[1]) {
			return bad("a list of two texts: a resource and an attribute")
		}
	case "Fn::Sub":
		if _, ok := arg.(string); !ok && !(isList && len(list) == 2 && isText(list[0]) && isMap(list[1])) {
			return bad("a text, or a list of a text and a mapping")
		}
	case "Fn::Join", "Fn::Split", "Fn::Select", "Fn::Equals":
		if !isList || len(list) != 2 {
			return bad("a list of two values")
		}
	case "Fn::If":
		if !isList || len(list) != 3 || !isText(list[0]) {
			return bad("a list of three values: a condition's name, the value if it holds, the value if not")
		}
	case "Fn::FindInMap":
		if !isList || len(list) != 3 {
			return bad("a list of three values: a map, a top-level key, a second-level key")
		}
	case "Fn::And", "Fn::Or":
		if !isList || len(list) < 2 || len(list) > 10 {
			return bad("a list of 2 to 10 conditions")
		}
	case "Fn::Not":
		if !isList || len(list) != 1 {
			return bad("a list of one condition")
		}
	case "Fn::Base64", "Fn::GetAZs", "Fn::ImportValue":
	default:
		return nil, errorf("Template error: line %d: Penstock does not support the function %s yet", line, name)
	}
	return &Call{name, arg, line}, nil
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

func isMap(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}
