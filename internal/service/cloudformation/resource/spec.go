package resource

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Spec is the set of properties that a type takes, as a tree.
type Spec struct {
	fields   map[string]*Spec
	elem     *Spec  // of a list
	kind     string // text, int, number, bool, json, map; "" for an object or a list
	required bool
	replace  bool // AWS replaces the resource when it changes
}

// spec reads a specification: a line for each property, "Path kind [required] [replace]". A path has [] behind the name of a list.
// Kinds: text, int, number, bool, map (of texts), json (anything).
func spec(lines string) *Spec {
	root := &Spec{fields: map[string]*Spec{}}
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		n := root
		for _, name := range strings.Split(words[0], ".") {
			bare, isList := strings.CutSuffix(name, "[]")
			if n.fields == nil {
				n.fields = map[string]*Spec{}
			}
			if n.fields[bare] == nil {
				n.fields[bare] = &Spec{}
			}
			n = n.fields[bare]
			if isList {
				if n.elem == nil {
					n.elem = &Spec{}
				}
				n.replace = n.replace || slices.Contains(words, "replace")
				n = n.elem
			}
		}
		n.kind = words[1]
		n.required, n.replace = slices.Contains(words, "required"), slices.Contains(words, "replace")
	}
	return root
}

// Opaque tells what of a template is not a plain value yet: then the values that it may become as far as they are known (none for most
// functions), and true.
type Opaque func(v any) (alternatives []any, opaque bool)

// Problems names every property in v that the type does not take, and every required one that is absent. It works on templates, before
// evaluation.
func (s *Spec) Problems(v map[string]any, opaque Opaque) []string {
	return s.problems(v, "", opaque)
}

func (s *Spec) problems(v any, at string, opaque Opaque) (out []string) {
	if alternatives, is := opaque(v); is {
		for _, a := range alternatives {
			out = append(out, s.problems(a, at, opaque)...)
		}
		return out
	}
	switch {
	case s.fields != nil:
		m, ok := v.(map[string]any)
		if !ok {
			return []string{at + " must be an object"}
		}
		return s.fieldProblems(m, at, opaque)
	case s.elem != nil:
		l, ok := v.([]any)
		if !ok {
			return []string{at + " must be a list"}
		}
		for _, e := range l {
			out = append(out, s.elem.problems(e, at+"[]", opaque)...)
		}
		return out
	}
	if _, err := s.scalar(v, nil); err != nil && !holdsOpaque(v, opaque) {
		return []string{at + " " + err.Error()}
	}
	return nil
}

func (s *Spec) fieldProblems(m map[string]any, at string, opaque Opaque) (out []string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		path := strings.TrimPrefix(at+"."+k, ".")
		if f := s.fields[k]; f != nil {
			out = append(out, f.problems(m[k], path, opaque)...)
		} else {
			out = append(out, "Penstock does not support the property "+path+" yet")
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.fields)) {
		if _, ok := m[k]; !ok && s.fields[k].required {
			out = append(out, "required property "+strings.TrimPrefix(at+"."+k, ".")+" is missing")
		}
	}
	return out
}

// holdsOpaque reports whether a function stands somewhere below v.
func holdsOpaque(v any, opaque Opaque) bool {
	if _, is := opaque(v); is {
		return true
	}
	switch x := v.(type) {
	case []any:
		return slices.ContainsFunc(x, func(e any) bool { return holdsOpaque(e, opaque) })
	case map[string]any:
		for _, e := range x {
			if holdsOpaque(e, opaque) {
				return true
			}
		}
	}
	return false
}

// Coerce gives evaluated properties the types that the services' operations expect: a template may write 60 as "60" and true as "true".
// What keep accepts is left as it is.
func (s *Spec) Coerce(v map[string]any, keep func(any) bool) (Props, error) {
	out, err := s.coerce(v, "", keep)
	if err != nil {
		return nil, err
	}
	return out.(map[string]any), nil
}

func (s *Spec) coerce(v any, at string, keep func(any) bool) (any, error) {
	if keep != nil && keep(v) {
		return v, nil
	}
	switch {
	case s.fields != nil:
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s must be an object", at)
		}
		out := map[string]any{}
		for k, e := range m {
			path := strings.TrimPrefix(at+"."+k, ".")
			f := s.fields[k]
			if f == nil {
				return nil, fmt.Errorf("the property %s is not supported by Penstock yet", path)
			}
			w, err := f.coerce(e, path, keep)
			if err != nil {
				return nil, err
			}
			out[k] = w
		}
		return out, nil
	case s.elem != nil:
		l, ok := v.([]any)
		if !ok {
			return nil, fmt.Errorf("%s must be a list", at)
		}
		out := make([]any, len(l))
		for i, e := range l {
			w, err := s.elem.coerce(e, at+"[]", keep)
			if err != nil {
				return nil, err
			}
			out[i] = w
		}
		return out, nil
	}
	w, err := s.scalar(v, keep)
	if err != nil {
		return nil, fmt.Errorf("%s %w", at, err)
	}
	return w, nil
}

func (s *Spec) scalar(v any, keep func(any) bool) (any, error) {
	if s.kind == "json" {
		return v, nil
	}
	if s.kind == "map" {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("must be an object")
		}
		out := map[string]any{}
		for k, e := range m {
			if keep != nil && keep(e) {
				out[k] = e
				continue
			}
			t, ok := scalarText(e)
			if !ok {
				return nil, fmt.Errorf("must hold texts only, and %s is none", k)
			}
			out[k] = t
		}
		return out, nil
	}
	t, ok := scalarText(v)
	if !ok {
		return nil, fmt.Errorf("must be a %s", s.kind)
	}
	switch s.kind {
	case "int", "number":
		n := json.Number(t)
		if _, err := n.Float64(); err != nil || !json.Valid([]byte(t)) {
			return nil, fmt.Errorf("must be a number, and %q is none", t)
		}
		if s.kind == "number" {
			return n, nil
		}
		whole, ok := strings.CutSuffix(t, ".0")
		if !ok {
			whole = t
		}
		if _, err := json.Number(whole).Int64(); err != nil {
			return nil, fmt.Errorf("must be a whole number, and %q is none", t)
		}
		return json.Number(whole), nil
	case "bool":
		if t != "true" && t != "false" {
			return nil, fmt.Errorf("must be true or false, and %q is neither", t)
		}
		return t == "true", nil
	}
	return t, nil
}

func scalarText(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		return fmt.Sprint(x), true
	}
	return "", false
}

// Changes lists the top-level properties that differ, and those paths among them that AWS could only change by replacing the resource.
func (s *Spec) Changes(old, now Props) (changed, replacing []string) {
	names := map[string]bool{}
	for k := range old {
		names[k] = true
	}
	for k := range now {
		names[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(names)) {
		if same(old[k], now[k]) {
			continue
		}
		changed = append(changed, k)
		replacing = append(replacing, s.fields[k].replacing(k, old[k], now[k])...)
	}
	return changed, replacing
}

func (s *Spec) replacing(at string, old, now any) (out []string) {
	if s == nil || same(old, now) {
		return nil
	}
	if s.replace {
		return []string{at}
	}
	a, _ := old.(map[string]any)
	b, _ := now.(map[string]any)
	for _, k := range slices.Sorted(maps.Keys(s.fields)) {
		out = append(out, s.fields[k].replacing(at+"."+k, a[k], b[k])...)
	}
	return out
}
