package asl

import (
	"fmt"
	"strings"
	"time"

	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// A choice is one of the Choices: a rule and where it leads.
type choice struct {
	rule   rule
	next   string
	assign *template
}

// A rule is And, Or or Not over rules, or a comparison.
type rule struct {
	all, any []rule
	not      *rule
	variable *jsonpath.Path
	operator string // "StringEquals", without "Path"
	operand  value.Value
	when     time.Time      // the operand of a timestamp comparison
	path     *jsonpath.Path // the operand's, when the operator ends in Path
}

// maxRuleDepth bounds And, Or and Not inside one another.
const maxRuleDepth = 100

func (p *parsing) choice(s *State, r *reader) {
	s.Input, s.Output = r.field("InputPath", false), r.field("OutputPath", false)
	s.Assign = r.assign()
	s.Default = r.name("Default")
	for i, v := range r.some("Choices") {
		c := p.object(v, fmt.Sprintf("%s/Choices[%d]", r.at, i))
		if c.has("Condition") {
			c.refuse("Condition")
			continue
		}
		s.Choices = append(s.Choices, choice{next: c.required("Next"), assign: c.assign(), rule: p.rule(c, 0)})
	}
}

func (p *parsing) rule(r *reader, depth int) rule {
	r.str("Comment")
	var out rule
	switch {
	case depth > maxRuleDepth:
		r.p.add("TOO_DEEPLY_NESTED", r.at, "The rules are nested too deeply")
	case r.has("And"):
		out.all = p.rules(r, "And", depth)
	case r.has("Or"):
		out.any = p.rules(r, "Or", depth)
	case r.has("Not"):
		v, _ := r.get("Not")
		n := p.rule(p.object(v, r.at+"/Not"), depth+1)
		out.not = &n
	default:
		p.comparison(r, &out)
	}
	r.rest()
	return out
}

func (p *parsing) rules(r *reader, name string, depth int) []rule {
	list := r.some(name)
	out := make([]rule, 0, len(list))
	for i, v := range list {
		out = append(out, p.rule(p.object(v, fmt.Sprintf("%s/%s[%d]", r.at, name, i)), depth+1))
	}
	return out
}

func (p *parsing) comparison(r *reader, out *rule) {
	if out.variable = r.operandPath("Variable"); !r.has("Variable") {
		r.fail("", "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]")
		return
	}
	found := 0
	for _, k := range r.o.Keys() {
		op, isPath := k, false
		if !operators[op] {
			if op, isPath = strings.CutSuffix(k, "Path"); !isPath || !operators[op] || strings.HasPrefix(op, "Is") || op == "StringMatches" {
				continue
			}
		}
		found++
		out.operator = op
		if isPath {
			out.path = r.operandPath(k)
			continue
		}
		out.operand, _ = r.get(k)
		r.operand(k, out)
	}
	if found != 1 {
		r.fail("", "Exactly one comparison operator is required")
	}
}

// operandPath reads a path of a comparison.
func (r *reader) operandPath(name string) *jsonpath.Path {
	v, _ := r.get(name)
	if s, isText := v.(string); isText && !strings.HasPrefix(s, "$") {
		r.fail(name, "Value is not a Reference Path: Reference path didn't start with '$'")
		return nil
	}
	return r.path(name)
}

// operand checks the type of a comparison's constant.
func (r *reader) operand(k string, out *rule) {
	var ok bool
	kind := "String"
	switch {
	case strings.HasPrefix(k, "Numeric"):
		kind = "Number"
		_, ok = out.operand.(value.Number)
	case strings.HasPrefix(k, "Boolean"), strings.HasPrefix(k, "Is"):
		kind = "Boolean"
		_, ok = out.operand.(bool)
	case strings.HasPrefix(k, "Timestamp"):
		s, _ := out.operand.(string)
		if out.when, ok = timestamp(s); !ok {
			r.fail(k, "String does not match RFC3339 timestamp")
			return
		}
	default:
		_, ok = out.operand.(string)
	}
	if !ok {
		r.fail(k, "Expected value of type %s", kind)
	}
}

var operators = map[string]bool{
	"StringEquals": true, "StringLessThan": true, "StringGreaterThan": true, "StringLessThanEquals": true, "StringGreaterThanEquals": true,
	"NumericEquals": true, "NumericLessThan": true, "NumericGreaterThan": true, "NumericLessThanEquals": true,
	"NumericGreaterThanEquals": true, "TimestampEquals": true, "TimestampLessThan": true, "TimestampGreaterThan": true,
	"TimestampLessThanEquals": true, "TimestampGreaterThanEquals": true, "BooleanEquals": true, "StringMatches": true, "IsNull": true,
	"IsPresent": true, "IsNumeric": true, "IsString": true, "IsBoolean": true, "IsTimestamp": true,
}

// holds evaluates a rule. A comparison of values of other types than the operator's is false.
func (r *rule) holds(s *scope) (bool, *Failure) {
	switch {
	case r.not != nil:
		ok, err := r.not.holds(s)
		return !ok && err == nil, err
	case r.all != nil:
		for i := range r.all {
			if ok, err := r.all[i].holds(s); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	case r.any != nil:
		for i := range r.any {
			if ok, err := r.any[i].holds(s); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	}
	return r.compare(s)
}

func (r *rule) compare(s *scope) (bool, *Failure) {
	v, present := s.lookup(r.variable)
	if r.operator == "IsPresent" {
		return present == r.operand.(bool), nil
	}
	if !present {
		return false, s.runtime("Invalid path '%s': The choice state's condition path references an invalid value.", r.variable.Text)
	}
	if strings.HasPrefix(r.operator, "Is") {
		return isType(r.operator, v) == r.operand.(bool), nil
	}
	operand, when := r.operand, r.when
	if r.path != nil {
		if operand, present = s.lookup(r.path); !present {
			return false, s.runtime("Invalid path '%s': The choice state's condition path references an invalid value.", r.path.Text)
		}
		if strings.HasPrefix(r.operator, "Timestamp") {
			t, _ := operand.(string)
			if when, present = timestamp(t); !present {
				return false, nil
			}
		}
	}
	c, comparable := order(r.operator, v, operand, when)
	if r.operator == "StringMatches" {
		return comparable && matches(operand.(string), v.(string)), nil
	}
	return comparable && ordered(r.operator, c), nil
}

// order compares v with the operand as the operator's type does.
func order(op string, v, operand value.Value, when time.Time) (int, bool) {
	switch {
	case strings.HasPrefix(op, "Numeric"):
		a, okA := v.(value.Number)
		b, okB := operand.(value.Number)
		if !okA || !okB {
			return 0, false
		}
		return value.Compare(a, b), true
	case strings.HasPrefix(op, "Boolean"):
		a, okA := v.(bool)
		b, okB := operand.(bool)
		if a != b {
			return 1, okA && okB
		}
		return 0, okA && okB
	}
	a, okA := v.(string)
	b, okB := operand.(string)
	if strings.HasPrefix(op, "Timestamp") {
		t, ok := timestamp(a)
		return t.Compare(when), ok && okA
	}
	return strings.Compare(a, b), okA && okB
}

func ordered(op string, c int) bool {
	switch {
	case strings.HasSuffix(op, "LessThan"):
		return c < 0
	case strings.HasSuffix(op, "GreaterThan"):
		return c > 0
	case strings.HasSuffix(op, "LessThanEquals"):
		return c <= 0
	case strings.HasSuffix(op, "GreaterThanEquals"):
		return c >= 0
	}
	return c == 0
}

func isType(op string, v value.Value) bool {
	switch op {
	case "IsNull":
		return v == nil
	case "IsTimestamp":
		s, ok := v.(string)
		_, isTime := timestamp(s)
		return ok && isTime
	}
	return map[string]string{"IsNumeric": "number", "IsString": "string", "IsBoolean": "boolean"}[op] == value.Kind(v)
}

// matches compares text with a pattern in which * stands for any text and \* for a star.
func matches(pattern, text string) bool {
	type mark struct{ p, t int }
	var back *mark
	p, t := 0, 0
	for t < len(text) || p < len(pattern) {
		if p < len(pattern) && pattern[p] == '*' {
			back = &mark{p, t}
			p++
			continue
		}
		w, n := byte(0), 0
		if p < len(pattern) {
			w, n = pattern[p], 1
			if w == '\\' && p+1 < len(pattern) {
				w, n = pattern[p+1], 2
			}
		}
		if n > 0 && t < len(text) && text[t] == w {
			p, t = p+n, t+1
			continue
		}
		if back == nil || back.t >= len(text) {
			return false
		}
		back.t++
		p, t = back.p+1, back.t
	}
	return true
}
