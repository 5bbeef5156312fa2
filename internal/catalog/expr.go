package catalog

import (
	"slices"
	"strings"

	"penstock/internal/schema"
)

// A Filter is a partition expression, ready to be asked about the values of partitions.
type Filter struct {
	root  node
	keys  []Column
	kinds []schema.Kind // of keys; 0 for a type that is not known
}

// CompileFilter reads an expression over the partition keys of a table. An empty expression accepts everything.
func CompileFilter(expression string, keys []Column) (*Filter, error) {
	f := &Filter{keys: keys, kinds: make([]schema.Kind, len(keys))}
	for i, k := range keys {
		if ty, err := schema.Parse(k.Type); err == nil {
			f.kinds[i] = ty.Kind
		}
	}
	if strings.TrimSpace(expression) == "" {
		return f, nil
	}
	if len(expression) > maxExpression {
		return nil, errorf(Invalid, "Expression length must be at most %d, it is %d", maxExpression, len(expression))
	}
	toks, err := lexExpression(expression)
	if err != nil {
		return nil, err
	}
	p := &exprParser{text: expression, toks: toks, keys: keys}
	if f.root, err = p.or(); err != nil {
		return nil, err
	}
	if p.peek().kind != tokEnd {
		return nil, p.fail("expected AND, OR or the end, found %s", p.found())
	}
	return f, nil
}

// Match reports whether a partition with these values is wanted. It fails when a stored value cannot be read as its key's type.
func (f *Filter) Match(values []string) (bool, error) {
	if f.root == nil {
		return true, nil
	}
	t, err := f.root.eval(values)
	return t == yes, err
}

// truth is SQL's three-valued logic: a comparison with null is neither true nor false.
type truth int8

const (
	no      truth = -1
	unknown truth = 0
	yes     truth = 1
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

type node interface {
	eval(values []string) (truth, error)
}

type logic struct {
	or          bool
	left, right node
}

func (l logic) eval(values []string) (truth, error) {
	a, err := l.left.eval(values)
	if err != nil || l.or && a == yes || !l.or && a == no {
		return a, err
	}
	b, err := l.right.eval(values)
	if l.or {
		return max(a, b), err
	}
	return min(a, b), err
}

type negation struct{ of node }

func (n negation) eval(values []string) (truth, error) {
	t, err := n.of.eval(values)
	return -t, err
}

func negateIf(negate bool, n node) node {
	if negate {
		return negation{n}
	}
	return n
}

type isNull struct{ index int }

func (n isNull) eval(values []string) (truth, error) {
	return truthOf(values[n.index] == NullValue), nil
}

type operator uint8

const (
	opEqual operator = iota
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opIn
	opBetween
	opLike
)

func operatorOf(s string) (operator, bool) {
	switch s {
	case "=":
		return opEqual, true
	case "<>", "!=":
		return opNotEqual, true
	case "<":
		return opLess, true
	case "<=":
		return opLessEqual, true
	case ">":
		return opGreater, true
	case ">=":
		return opGreaterEqual, true
	}
	return 0, false
}

// flip is the operator that holds with the sides exchanged.
func (o operator) flip() operator {
	switch o {
	case opLess:
		return opGreater
	case opLessEqual:
		return opGreaterEqual
	case opGreater:
		return opLess
	case opGreaterEqual:
		return opLessEqual
	}
	return o
}

// A condition compares one key with literals.
type condition struct {
	index  int
	kind   schema.Kind
	op     operator
	values []value
}

func (c condition) eval(values []string) (truth, error) {
	if values[c.index] == NullValue && !c.asksForNullText() {
		return unknown, nil
	}
	v, err := readValue(c.kind, values[c.index])
	if err != nil {
		return no, errorf(InvalidState, "%v", err)
	}
	switch c.op {
	case opIn:
		for _, w := range c.values {
			if compareValues(c.kind, v, w) == 0 {
				return yes, nil
			}
		}
		return no, nil
	case opLike:
		return truthOf(like(v.text, c.values[0].text)), nil
	case opBetween:
		return truthOf(compareValues(c.kind, v, c.values[0]) >= 0 && compareValues(c.kind, v, c.values[1]) <= 0), nil
	}
	return truthOf(c.op.holds(compareValues(c.kind, v, c.values[0]))), nil
}

// asksForNullText reports whether a literal is the text that stands for null: clients look for null partitions by it too.
func (c condition) asksForNullText() bool {
	return c.kind.Text() && slices.ContainsFunc(c.values, func(v value) bool { return v.text == NullValue })
}

func (o operator) holds(c int) bool {
	switch o {
	case opEqual:
		return c == 0
	case opNotEqual:
		return c != 0
	case opLess:
		return c < 0
	case opLessEqual:
		return c <= 0
	case opGreater:
		return c > 0
	}
	return c >= 0
}

// like matches SQL's LIKE without an escape character: % is any text, _ one character. It runs in linear space and in time
// proportional to the product of the lengths at worst.
func like(s, pattern string) bool {
	text, pat := []rune(s), []rune(pattern)
	i, j, star, mark := 0, 0, -1, 0
	for i < len(text) {
		switch {
		case j < len(pat) && pat[j] == '%':
			star, mark = j, i
			j++
		case j < len(pat) && (pat[j] == '_' || pat[j] == text[i]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(string(pat[j:]), "%") == ""
}
