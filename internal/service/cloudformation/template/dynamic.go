package template

import (
	"maps"
	"slices"
	"strings"

	"penstock/internal/pattern"
)

// Stored is a parameter of Systems Manager's Parameter Store.
type Stored struct{ Type, Value string }

// A Lookup gives a stored parameter by NAME (its latest version) or NAME:VERSION, and whether there is one.
type Lookup func(selector string) (Stored, bool, error)

const (
	dynamicHead = "{{resolve:"
	dynamicTail = "}}"
	maxDynamic  = 60 // dynamic references of a template
)

var selectorPattern = pattern.Lazy(`^[a-zA-Z0-9_./-]+(:[0-9]+)?$`)

// Dynamic reports whether a text holds a dynamic reference, or the beginning of one.
func Dynamic(text string) bool { return strings.Contains(text, dynamicHead) }

// selectorOf takes a dynamic reference apart, of which inner stands between the first colon and the end.
func selectorOf(inner string) (string, error) {
	whole := dynamicHead + inner + dynamicTail
	service, selector, _ := strings.Cut(inner, ":")
	switch service {
	case "ssm":
		if !selectorPattern().MatchString(selector) {
			return "", errorf("Incorrect format is used in the following SSM reference: [%s]", whole)
		}
		return selector, nil
	case "ssm-secure", "secretsmanager":
		return "", errorf("Template error: Penstock does not support dynamic references to %s yet: [%s]; those to ssm it does.", service, whole)
	}
	return "", errorf("Template error: [%s] is no dynamic reference: the service must be ssm, ssm-secure or secretsmanager.", whole)
}

// replaced is a text with each dynamic reference in it replaced by what value gives for its NAME or NAME:VERSION. What is put in is not
// looked through again: Parameter Store takes no value with a reference in it.
func replaced(text string, value func(selector string) (string, error)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, dynamicHead)
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		inner, after, closed := strings.Cut(rest, dynamicTail)
		if !closed {
			return "", errorf("Incorrect format is used in the following SSM reference: [%s]", dynamicHead+rest)
		}
		selector, err := selectorOf(inner)
		if err != nil {
			return "", err
		}
		v, err := value(selector)
		if err != nil {
			return "", err
		}
		b.WriteString(v)
		text = after
	}
}

// found is the value of a dynamic reference.
func (look Lookup) found(selector string) (string, error) {
	p, ok, err := look(selector)
	if err == nil && !ok {
		err = errorf("Parameters: [ssm:%s] cannot be found.", selector)
	}
	return p.Value, err
}

// within is e for the arguments of a function: parts of a dynamic reference may stand in them, so that only the result is looked through.
func (e *Env) within() *Env {
	if e.Lookup == nil {
		return e
	}
	out := *e
	out.Lookup, out.inner = nil, e.Lookup
	return &out
}

// whole is text for a function that takes a text to pieces: its dynamic references are replaced first.
func (e *Env) whole(c *Call, v any) (string, error) {
	s, err := e.text(c, v)
	if err != nil || e.inner == nil {
		return s, err
	}
	return replaced(s, e.inner.found)
}

// resolved gives the dynamic references in an evaluated value their values, where the place has any.
func (e *Env) resolved(v any) (any, error) {
	if e.Lookup == nil {
		return v, nil
	}
	var err error
	switch x := v.(type) {
	case string:
		return replaced(x, e.Lookup.found)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			if out[i], err = e.resolved(x[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			if out[k], err = e.resolved(x[k]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// Literal is e where dynamic references are texts as any others: in conditions and outputs.
func (e *Env) Literal() *Env {
	out := *e
	out.Lookup, out.inner = nil, nil
	return &out
}

// Find looks for what the dynamic references name that stand whole in v, of Fn::If only in the branch that is taken, and fails with the
// names of all that do not exist. References that functions put together are found when they are evaluated.
func (e *Env) Find(v []any) error {
	taken, err := e.taken(v)
	if err != nil {
		return err
	}
	var absent []string
	err = literals(taken, func(text string) error {
		for {
			_, rest, begun := strings.Cut(text, dynamicHead)
			inner, after, whole := strings.Cut(rest, dynamicTail)
			if service, _, _ := strings.Cut(rest, ":"); !begun || !whole && service != "ssm-secure" && service != "secretsmanager" {
				return nil
			}
			selector, err := selectorOf(inner)
			if err != nil {
				return err
			}
			if _, ok, err := e.Lookup(selector); err != nil {
				return err
			} else if name := "ssm:" + selector; !ok && !slices.Contains(absent, name) {
				absent = append(absent, name)
			}
			text = after
		}
	})
	if err == nil && absent != nil {
		err = errorf("Parameters: [%s] cannot be found.", strings.Join(absent, ", "))
	}
	return err
}

// literals calls f for every text below v, and for those of functions; of Fn::Sub for what stands between the names.
func literals(v any, f func(string) error) error {
	switch x := v.(type) {
	case string:
		return f(x)
	case []any:
		for _, e := range x {
			if err := literals(e, f); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if err := literals(x[k], f); err != nil {
				return err
			}
		}
	case *Call:
		if x.Name != "Fn::Sub" {
			return literals(x.Arg, f)
		}
		parts, vars := subParts(x)
		for _, p := range parts {
			if err := f(p.literal); err != nil {
				return err
			}
		}
		return literals(vars, f)
	}
	return nil
}

// checkDynamic counts the dynamic references.
func (t *Template) checkDynamic() error {
	n := 0
	for _, r := range t.Resources {
		literals(r.Properties, func(text string) error { n += strings.Count(text, dynamicHead); return nil })
	}
	if n > maxDynamic {
		return errorf("Template format error: Number of dynamic references, %d, is greater than maximum allowed, %d", n, maxDynamic)
	}
	return nil
}
