package pipeline

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"penstock/internal/pattern"
)

// A Script is the user's own PySpark file, which makes the table of a transform.
type Script struct {
	Name, Text string // the file, beside the spec
	Inputs     []Input
	Columns    []Column   // what its output has, partition columns among them
	Arguments  []Argument // of arguments:
}

// An Input is a source or transform that a script reads: it runs after it.
type Input struct {
	Name string
	At   Pos
}

// An Argument is given to the script as --Name Value. In Value ${key} is the real name of the bucket of that key.
type Argument struct {
	Name, Value string
	At          Pos
}

// scriptProperties are the properties of AWS::Glue::Job that a script: can have beside those of every transform. MaxRetries is none of
// them: a state machine awaits one run, and runs it again by Retry.
var scriptProperties = []string{"ExecutionClass", "Connections", "NotificationProperty", "Tags"}

// scriptFields are the keys that only a transform with script: has; only is told of each.
func (d *decoder) scriptFields(t *Transform, only func(n *yaml.Node, key string)) []field {
	s := &Script{}
	return []field{
		{"script", func(v *yaml.Node) { t.Script = s; d.scriptFile(v, s) }},
		{"inputs", func(v *yaml.Node) {
			only(v, "inputs")
			s.Inputs = []Input{}
			d.list(v, "inputs", func(item *yaml.Node) { s.Inputs = append(s.Inputs, Input{d.text(item), d.pos(item)}) })
		}},
		{"columns", func(v *yaml.Node) {
			only(v, "columns")
			d.entries(v, "columns", func(k, v *yaml.Node) {
				s.Columns = append(s.Columns, Column{d.name(k, "a column"), d.text(v), d.pos(v)})
			})
		}},
		{"arguments", func(v *yaml.Node) {
			only(v, "arguments")
			d.entries(v, "arguments", func(k, v *yaml.Node) {
				d.argumentName(k, "--"+k.Value)
				s.Arguments = append(s.Arguments, Argument{k.Value, d.text(v), d.pos(v)})
			})
		}},
		{"NonOverridableArguments", func(v *yaml.Node) {
			only(v, "NonOverridableArguments")
			t.Properties["NonOverridableArguments"] = d.givenArguments(v, "NonOverridableArguments")
		}},
		{"DefaultArguments", func(v *yaml.Node) {
			only(v, "DefaultArguments")
			t.Properties["DefaultArguments"] = d.givenArguments(v, "DefaultArguments")
		}},
	}
}

// givenArguments reads arguments as CloudFormation has them.
func (d *decoder) givenArguments(n *yaml.Node, what string) any {
	d.entries(n, what, func(k, v *yaml.Node) {
		d.argumentName(k, k.Value)
		if v.Kind == yaml.SequenceNode || v.Tag == "!!null" {
			d.problem(v, "the value of an argument is a text, a number, a truth value or a function of CloudFormation, not %s", kind(v))
		}
	})
	return d.verbatim(n)
}

// scriptFile reads the file.
func (d *decoder) scriptFile(n *yaml.Node, s *Script) {
	s.Name = d.text(n)
	if s.Name == "" {
		return
	}
	if !strings.HasSuffix(s.Name, ".py") {
		d.problem(n, "%q is no Python script: its name ends in .py", s.Name)
		return
	}
	text, err := d.read(filepath.ToSlash(filepath.Clean(s.Name)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.problem(n, "there is no script %q", s.Name)
	case err != nil:
		d.problem(n, "cannot read the script %q: %v", s.Name, err)
	case strings.TrimSpace(text) == "":
		d.problem(n, "the script %q is empty", s.Name)
	}
	s.Text = text
}

// argumentName refuses names with which a job would be no script's.
func (d *decoder) argumentName(n *yaml.Node, name string) {
	switch {
	case !strings.HasPrefix(name, "--") || len(name) == 2 || strings.ContainsAny(name, " \t\n="):
		d.problem(n, "%q cannot be the name of an argument: DefaultArguments has --name, arguments: has name", n.Value)
	case strings.HasPrefix(name, "----"):
		d.problem(n, "the -- of %q is put before it: write %s", n.Value, strings.TrimLeft(n.Value, "-"))
	case strings.HasPrefix(name, "--penstock-"):
		d.problem(n, "arguments that begin with penstock- are those of generated steps")
	}
}

// scripted checks that a transform is whole, with SQL or with a script; only are the keys that it has and that are a script's.
func (d *decoder) scripted(key *yaml.Node, t *Transform, compressed *yaml.Node, only []Column) {
	s := t.Script
	if s == nil {
		for _, o := range only {
			d.problemAt(o.At, "%s: is for a transform with script:", o.Name)
		}
		for _, name := range scriptProperties {
			if _, has := t.Properties[name]; has {
				d.problem(key, "the property %q of %q is for a transform with script:", name, t.Name)
			}
		}
		return
	}
	if t.SQL.At.Line != 0 {
		d.problem(key, "the transform %q has sql: and script:; it is made by one of them", t.Name)
	}
	if compressed != nil {
		d.problem(compressed, "compression: is for sql:; the script %s decides how its files are packed", s.Name)
	}
	if s.Inputs == nil {
		d.problem(key, "the transform %q needs inputs: [names], the sources and transforms that its script reads (none: [])", t.Name)
	}
	if len(s.Columns) == 0 {
		d.problem(key, "the transform %q needs columns: {name: type}, what its script writes, partition columns among them", t.Name)
	}
	given, _ := t.Properties["DefaultArguments"].(map[string]any)
	for _, a := range s.Arguments {
		if _, twice := given["--"+a.Name]; twice {
			d.problemAt(a.At, "the argument %q stands in DefaultArguments too", a.Name)
		}
	}
}

// BucketIn finds the buckets that the value of an argument names, as ${key}.
var BucketIn = pattern.Lazy(`\$\{([^}]*)\}`)

// scripts checks what the scripts name.
func (d *decoder) scripts(s *Spec, buckets []string) {
	var names []string
	for _, x := range s.Sources {
		names = append(names, x.Name)
	}
	for _, x := range s.Transforms {
		names = append(names, x.Name)
	}
	for _, t := range s.Transforms {
		if t.Script == nil {
			continue
		}
		var seen []string
		for _, in := range t.Script.Inputs {
			switch {
			case !slices.Contains(names, in.Name):
				d.problemAt(in.At, "there is no source or transform %q%s", in.Name, suggest(in.Name, names))
			case slices.Contains(seen, in.Name):
				d.problemAt(in.At, "%q stands twice in inputs:", in.Name)
			}
			seen = append(seen, in.Name)
		}
		for _, a := range t.Script.Arguments {
			for _, m := range BucketIn().FindAllStringSubmatch(a.Value, -1) {
				if !slices.Contains(buckets, m[1]) {
					d.problemAt(a.At, "%s is no bucket of the pipeline%s", m[0], suggest(m[1], buckets))
				}
			}
		}
	}
}
