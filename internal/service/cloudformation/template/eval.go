package template

import (
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/pattern"
)

// An Env gives names their values while a template is evaluated.
type Env struct {
	Template   *Template
	Parameters map[string]any // from Values
	Pseudo     map[string]string
	// Ref and Att give what a resource answers to Ref and Fn::GetAtt; Unknown where it does not exist yet.
	Ref func(resource string) (any, error)
	Att func(resource, attribute string) (any, error)
	// Import gives the value of another stack's export.
	Import func(name string) (string, error)
	// Lookup gives dynamic references their values; where it is nil they are texts as any others.
	Lookup Lookup
	inner  Lookup // inside a function, whose result is looked through
}

// Unknown is the value of what will be known only when a resource exists. A function of an unknown value is unknown.
type Unknown struct{}

// noValue is the value of AWS::NoValue: the member that has it is left out.
type noValue struct{}

// errUnknown travels up to the outermost function around an unknown value.
var errUnknown = errors.New("unknown until a resource exists")

// Eval gives v its value: functions are carried out, members without a value are left out.
func (e *Env) Eval(v any) (any, error) {
	switch x := v.(type) {
	case []any:
		out := []any{}
		for _, el := range x {
			w, err := e.Eval(el)
			if err != nil {
				return nil, err
			}
			if w != (noValue{}) {
				out = append(out, w)
			}
		}
		return out, nil
	case map[string]any:
		out := map[string]any{}
		for k, el := range x {
			w, err := e.Eval(el)
			if err != nil {
				return nil, err
			}
			if _, none := w.(noValue); !none {
				out[k] = w
			}
		}
		return out, nil
	case *Call:
		w, err := e.within().call(x)
		if errors.Is(err, errUnknown) {
			return Unknown{}, nil
		}
		if err != nil {
			return nil, err
		}
		return e.resolved(w)
	}
	return e.resolved(v)
}

func (e *Env) call(c *Call) (any, error) {
	list, _ := c.Arg.([]any)
	switch c.Name {
	case "Ref":
		return e.ref(c.Arg.(string))
	case "Fn::GetAtt":
		return e.Att(list[0].(string), list[1].(string))
	case "Fn::Sub":
		return e.sub(c)
	case "Fn::If":
		holds, err := e.Condition(list[0].(string))
		if err != nil {
			return nil, err
		}
		if holds {
			return e.Eval(list[1])
		}
		return e.Eval(list[2])
	case "Fn::Join":
		return e.join(c, list)
	case "Fn::Split":
		return e.split(c, list)
	case "Fn::Select":
		return e.choose(c, list)
	case "Fn::FindInMap":
		return e.findInMap(c, list)
	case "Fn::Base64":
		s, err := e.whole(c, c.Arg)
		return base64.StdEncoding.EncodeToString([]byte(s)), err
	case "Fn::GetAZs":
		region, err := e.text(c, c.Arg)
		if region == "" {
			region = e.Pseudo["AWS::Region"]
		}
		return []any{region + "a", region + "b", region + "c"}, err
	case "Fn::ImportValue":
		name, err := e.text(c, c.Arg)
		if err != nil {
			return nil, err
		}
		return e.Import(name)
	}
	return nil, errorf("Template error: line %d: %s cannot be used here", c.Line, c.Name)
}

func (e *Env) ref(name string) (any, error) {
	if name == "AWS::NoValue" {
		return noValue{}, nil
	}
	if name == "AWS::NotificationARNs" {
		return []any{}, nil
	}
	if v, ok := e.Pseudo[name]; ok {
		return v, nil
	}
	if v, ok := e.Parameters[name]; ok {
		return v, nil
	}
	return e.Ref(name)
}

// text evaluates v to a text.
func (e *Env) text(c *Call, v any) (string, error) {
	w, err := e.Eval(v)
	if err != nil {
		return "", err
	}
	if w == (any)(Unknown{}) {
		return "", errUnknown
	}
	if s, ok := scalarText(w); ok {
		return s, nil
	}
	return "", errorf("Template error: line %d: every value of %s must be a text", c.Line, c.Name)
}

func (e *Env) list(c *Call, v any) ([]any, error) {
	w, err := e.Eval(v)
	if err != nil {
		return nil, err
	}
	if _, unknown := w.(Unknown); unknown {
		return nil, errUnknown
	}
	list, ok := w.([]any)
	if !ok {
		return nil, errorf("Template error: line %d: %s needs a list of values", c.Line, c.Name)
	}
	return list, nil
}

func (e *Env) join(c *Call, arg []any) (any, error) {
	sep, ok := arg[0].(string)
	if !ok {
		return nil, errorf("Template error: line %d: the delimiter of Fn::Join must be a text", c.Line)
	}
	list, err := e.list(c, arg[1])
	if err != nil {
		return nil, err
	}
	parts := make([]string, len(list))
	for i, v := range list {
		if parts[i], err = e.text(c, v); err != nil {
			return nil, err
		}
	}
	return strings.Join(parts, sep), nil
}

func (e *Env) split(c *Call, arg []any) (any, error) {
	sep, ok := arg[0].(string)
	if !ok || sep == "" {
		return nil, errorf("Template error: line %d: the delimiter of Fn::Split must be a text", c.Line)
	}
	s, err := e.whole(c, arg[1])
	if err != nil {
		return nil, err
	}
	out := []any{}
	for p := range strings.SplitSeq(s, sep) {
		out = append(out, p)
	}
	return out, nil
}

func (e *Env) choose(c *Call, arg []any) (any, error) {
	index, err := e.text(c, arg[0])
	if err != nil {
		return nil, err
	}
	list, err := e.list(c, arg[1])
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(list) {
		return nil, errorf("Template error: line %d: Fn::Select cannot select nonexistent value at index %s", c.Line, index)
	}
	return list[i], nil
}

func (e *Env) findInMap(c *Call, arg []any) (any, error) {
	var keys [3]string
	for i := range keys {
		var err error
		if keys[i], err = e.text(c, arg[i]); err != nil {
			return nil, err
		}
	}
	m, ok := e.Template.Mappings[keys[0]]
	if !ok {
		return nil, errorf("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", keys[0])
	}
	v, ok := m[keys[1]][keys[2]]
	if !ok {
		return nil, errorf("Template error: Unable to get mapping for %s::%s::%s", keys[0], keys[1], keys[2])
	}
	return v, nil
}

// part is a piece of Fn::Sub's text: literal, or the name in ${name}.
type part struct{ literal, name string }

var subPattern = pattern.Lazy(`\$\{([^}]*)\}`)

// subParts takes Fn::Sub's argument apart. ${!x} stands for the text ${x}.
func subParts(c *Call) ([]part, map[string]any) {
	text, vars := "", map[string]any(nil)
	if list, ok := c.Arg.([]any); ok {
		text, vars = list[0].(string), list[1].(map[string]any)
	} else {
		text = c.Arg.(string)
	}
	var out []part
	at := 0
	for _, m := range subPattern().FindAllStringSubmatchIndex(text, -1) {
		out = append(out, part{literal: text[at:m[0]]})
		at = m[1]
		name := strings.TrimSpace(text[m[2]:m[3]])
		if rest, ok := strings.CutPrefix(name, "!"); ok {
			out = append(out, part{literal: "${" + rest + "}"})
			continue
		}
		out = append(out, part{name: name})
	}
	return append(out, part{literal: text[at:]}), vars
}

func (e *Env) sub(c *Call) (any, error) {
	parts, vars := subParts(c)
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.literal)
		if p.name == "" {
			continue
		}
		v, err := e.subValue(p.name, vars)
		if err != nil {
			return nil, err
		}
		s, err := e.text(c, v)
		if err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func (e *Env) subValue(name string, vars map[string]any) (any, error) {
	if v, ok := vars[name]; ok {
		return e.Eval(v)
	}
	if resource, attr, ok := strings.Cut(name, "."); ok {
		return e.Att(resource, attr)
	}
	return e.ref(name)
}

// Unresolved fails with the resources that v refers to and that are not there, for values of a block of the template. Of Fn::If only the
// branch that is taken counts.
func (e *Env) Unresolved(block string, v []any, there func(resource string) bool) error {
	taken, err := e.taken(v)
	if err != nil {
		return err
	}
	absent := map[string]bool{}
	err = visit(taken, nil, func(name string, _ bool) error {
		if _, is := e.Template.Resources[name]; is && !there(name) {
			absent[name] = true
		}
		return nil
	})
	if err == nil && len(absent) > 0 {
		err = errorf("Template format error: Unresolved resource dependencies [%s] in the %s block of the template",
			strings.Join(slices.Sorted(maps.Keys(absent)), ", "), block)
	}
	return err
}

// taken is v with each Fn::If replaced by the branch that its condition takes.
func (e *Env) taken(v any) (any, error) {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i := range x {
			var err error
			if out[i], err = e.taken(x[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := map[string]any{}
		for k := range x {
			var err error
			if out[k], err = e.taken(x[k]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *Call:
		list, _ := x.Arg.([]any)
		if x.Name != "Fn::If" {
			arg, err := e.taken(x.Arg)
			return &Call{x.Name, arg, x.Line}, err
		}
		holds, err := e.Condition(list[0].(string))
		if err == nil && holds {
			return e.taken(list[1])
		}
		if err == nil {
			return e.taken(list[2])
		}
		return nil, err
	}
	return v, nil
}

// Condition says whether a condition holds; the empty name always does.
func (e *Env) Condition(name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	return e.Literal().holds(e.Template.Conditions[name])
}

func (e *Env) holds(v any) (bool, error) {
	if name, ok := conditionName(v); ok {
		return e.Condition(name)
	}
	c, ok := v.(*Call)
	if !ok {
		return false, errorf("Template error: a condition is malformed")
	}
	list := c.Arg.([]any)
	switch c.Name {
	case "Fn::Equals":
		a, err := e.text(c, list[0])
		if err != nil {
			return false, err
		}
		b, err := e.text(c, list[1])
		return a == b, err
	case "Fn::Not":
		h, err := e.holds(list[0])
		return !h, err
	case "Fn::And", "Fn::Or":
		for _, x := range list {
			h, err := e.holds(x)
			if err != nil || h == (c.Name == "Fn::Or") {
				return h, err
			}
		}
		return c.Name == "Fn::And", nil
	}
	return false, errorf("Template error: line %d: %s cannot stand as a condition", c.Line, c.Name)
}
