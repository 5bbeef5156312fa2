package asl

import (
	"strings"

	"penstock/internal/asl/intrinsic"
	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// An expr is what stands for a value in a definition: a path or a call of an intrinsic function.
type expr struct {
	path *jsonpath.Path
	call *intrinsic.Call
}

func parseExpr(s string) (*expr, error) {
	if strings.HasPrefix(s, "States.") {
		c, err := intrinsic.Parse(s)
		return &expr{call: c}, err
	}
	p, err := jsonpath.Parse(s)
	return &expr{path: p}, err
}

// looksLikeExpr reports whether text that stands for itself was probably meant as an expression.
func looksLikeExpr(s string) bool {
	for _, prefix := range []string{"$.", "$$.", "$[", "States."} {
		if strings.HasPrefix(s, prefix) {
			_, err := parseExpr(s)
			return err == nil
		}
	}
	return false
}

// A template is a payload template: JSON in which members named "x.$" hold expressions.
type template struct {
	fixed value.Value // when nothing below has an expression
	expr  *expr
	field string // the member's name, "x.$", for messages
	keys  []string
	items []*template // of an object, with keys, or of an array
	array bool
}

func (t *template) constant() bool { return t.expr == nil && t.items == nil }

// template compiles a payload template.
func (p *parsing) template(v value.Value, at string) *template {
	switch x := v.(type) {
	case *value.Object:
		return p.objectTemplate(x, at)
	case []value.Value:
		t := &template{array: true, items: make([]*template, len(x))}
		constant := true
		for i, e := range x {
			t.items[i] = p.template(e, at)
			constant = constant && t.items[i].constant()
		}
		if constant {
			return &template{fixed: v}
		}
		return t
	}
	return &template{fixed: v}
}

func (p *parsing) objectTemplate(x *value.Object, at string) *template {
	t := &template{keys: make([]string, x.Len()), items: make([]*template, x.Len())}
	constant := true
	for i := range x.Len() {
		k, e := x.At(i)
		name, dynamic := strings.CutSuffix(k, ".$")
		t.keys[i] = name
		if !dynamic {
			if s, ok := e.(string); ok && looksLikeExpr(s) {
				p.warn("NO_DOLLAR", at, "No .$ on the field '%s', whose value looks like a JSONPath or an intrinsic function", k)
			}
			t.items[i] = p.template(e, at+"/"+k)
			constant = constant && t.items[i].constant()
			continue
		}
		constant = false
		t.items[i] = &template{field: k}
		s, ok := e.(string)
		var err error
		if ok {
			t.items[i].expr, err = p.expr(s)
		}
		if !ok || err != nil {
			p.schema(at, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", k)
		}
	}
	if constant {
		return &template{fixed: x}
	}
	return t
}
