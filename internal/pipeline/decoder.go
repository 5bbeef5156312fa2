package pipeline

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"penstock/internal/pattern"
)

// A decoder walks YAML nodes and collects every problem, so that one reading reports them all.
type decoder struct {
	file     string
	lines    []string
	read     func(name string) (string, error)
	problems Problems
}

func (d *decoder) pos(n *yaml.Node) Pos { return Pos{d.file, n.Line, n.Column} }

func (d *decoder) problem(n *yaml.Node, format string, args ...any) {
	d.problemAt(d.pos(n), format, args...)
}

func (d *decoder) problemAt(at Pos, format string, args ...any) {
	d.problems = append(d.problems, Problem{at, fmt.Sprintf(format, args...)})
}

// A field is one key of a mapping and what reads its value.
type field struct {
	key  string
	read func(value *yaml.Node)
}

// object reads a mapping by its fields; other keys are problems, unless rest takes them.
func (d *decoder) object(n *yaml.Node, what string, fields []field, rest func(key, value *yaml.Node) bool) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		d.problem(n, "%s is a mapping (key: value), not %s", what, kind(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if seen[key.Value] {
			d.problem(key, "%q stands twice in %s", key.Value, what)
			continue
		}
		seen[key.Value] = true
		if !d.field(key, value, fields) && (rest == nil || !rest(key, value)) {
			words := make([]string, len(fields))
			for i, f := range fields {
				words[i] = f.key
			}
			d.problem(key, "%s has no key %q%s", what, key.Value, suggest(key.Value, words))
		}
	}
}

func (d *decoder) field(key, value *yaml.Node, fields []field) bool {
	for _, f := range fields {
		if f.key == key.Value {
			f.read(resolve(value))
			return true
		}
	}
	return false
}

// entries calls f for each entry of a mapping from names that we define.
func (d *decoder) entries(n *yaml.Node, what string, f func(name, value *yaml.Node)) {
	d.object(n, what, nil, func(key, value *yaml.Node) bool {
		f(key, resolve(value))
		return true
	})
}

// list calls f for each item of a sequence.
func (d *decoder) list(n *yaml.Node, what string, f func(item *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		d.problem(n, "%s is a list, not %s", what, kind(n))
		return
	}
	for _, item := range n.Content {
		f(resolve(item))
	}
}

// text reads a scalar as it is written.
func (d *decoder) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		d.problem(n, "a text is wanted here, not %s", kind(n))
		return ""
	}
	return n.Value
}

func (d *decoder) texts(n *yaml.Node, what string) (all []string) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return []string{n.Value}
	}
	d.list(n, what, func(item *yaml.Node) { all = append(all, d.text(item)) })
	return all
}

func (d *decoder) boolean(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		d.problem(n, "true or false is wanted here, not %q", n.Value)
	}
	return n.Value == "true"
}

// verbatim keeps a value as CloudFormation or the States Language will get it.
func (d *decoder) verbatim(n *yaml.Node) any {
	var v any
	if err := n.Decode(&v); err != nil {
		d.problem(n, "%v", err)
	}
	return v
}

// pascal takes the PascalCase keys that are, word for word, properties of the entry's main resource.
func (d *decoder) pascal(into map[string]any, allowed []string) func(key, value *yaml.Node) bool {
	return func(key, value *yaml.Node) bool {
		if key.Value == "" || key.Value[0] < 'A' || key.Value[0] > 'Z' {
			return false
		}
		for _, a := range allowed {
			if a == key.Value {
				into[key.Value] = d.verbatim(value)
				return true
			}
		}
		d.problem(key, "the property %q cannot be set here yet%s", key.Value, suggest(key.Value, allowed))
		return true
	}
}

var identifier = pattern.Lazy(`^[a-z][a-z0-9_]{0,62}$`)

// name checks a name that becomes part of table, job and state names.
func (d *decoder) name(n *yaml.Node, what string) string {
	if !identifier().MatchString(n.Value) {
		d.problem(n, "%q cannot be the name of %s: lower-case letters, digits and _, first a letter, at most 63", n.Value, what)
	}
	return n.Value
}

// place reads bucket/prefix/.
func (d *decoder) place(n *yaml.Node) Place {
	text := d.text(n)
	bucket, prefix, _ := strings.Cut(text, "/")
	if prefix == "" || bucket == "" {
		d.problem(n, "%q is not a place: bucket/prefix/, for example raw/orders/", text)
	}
	if !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	if strings.HasPrefix(prefix, "_penstock/") {
		d.problem(n, "the prefix _penstock/ is kept for the records of runs")
	}
	return Place{bucket, prefix, d.pos(n)}
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}
