package policy

import (
	"slices"
	"strings"
)

// A condition is one operator over one key: what stands beside it in a Condition must hold too.
type condition struct {
	operator
	key    string
	values []string
}

// An operator is a comparison, what quantifies it over a key's several values, and how it takes a key that is not there.
type operator struct {
	quantifier string // "", "ForAllValues" or "ForAnyValue"
	name       string // as compare has it, without Not
	negated    bool
	ifExists   bool
}

// bare are the operators without a negation, negatable those with one, and what it is called.
var bare = []string{
	"NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "DateLessThan", "DateLessThanEquals",
	"DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "Null",
}

var negatable = map[string]string{
	"StringEquals": "StringNotEquals", "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase", "StringLike": "StringNotLike",
	"NumericEquals": "NumericNotEquals", "DateEquals": "DateNotEquals", "IpAddress": "NotIpAddress", "ArnEquals": "ArnNotEquals",
	"ArnLike": "ArnNotLike",
}

func parseOperator(text string) (operator, bool) {
	var o operator
	name := text
	if before, after, ok := strings.Cut(text, ":"); ok {
		if before != "ForAllValues" && before != "ForAnyValue" {
			return o, false
		}
		o.quantifier, name = before, after
	}
	name, o.ifExists = strings.CutSuffix(name, "IfExists")
	if name == "Null" && (o.ifExists || o.quantifier != "") {
		return o, false // it asks for presence, not for values
	}
	if o.name = name; slices.Contains(bare, name) || negatable[name] != "" {
		return o, true
	}
	for yes, no := range negatable {
		if no == name {
			o.name, o.negated = yes, true
			return o, true
		}
	}
	return o, false
}

func parseConditions(n node) ([]condition, error) {
	if n.kind != '{' {
		return nil, errSyntax
	}
	var out []condition
	for _, m := range n.members {
		op, ok := parseOperator(m.name)
		if !ok {
			return nil, Malformed("Invalid Condition type : " + m.name)
		}
		if m.value.kind != '{' {
			return nil, errSyntax
		}
		for _, k := range m.value.members {
			values, err := conditionValues(k.value)
			if err != nil {
				return nil, err
			}
			out = append(out, condition{op, k.name, values})
		}
	}
	return out, nil
}

// conditionValues takes numbers and booleans without quotes too.
func conditionValues(n node) ([]string, error) {
	var out []string
	for _, v := range n.one() {
		if v.kind != '"' && v.kind != '1' && v.kind != 't' {
			return nil, errSyntax
		}
		out = append(out, v.text)
	}
	if out == nil {
		return nil, errSyntax
	}
	return out, nil
}

// holds reports whether the condition is true for a request. A key that is not there makes a comparison false and its negation true.
func (c *condition) holds(r *Request, variables bool) bool {
	given := r.values(c.key)
	if c.name == "Null" {
		want := "false"
		if len(given) == 0 {
			want = "true"
		}
		return slices.ContainsFunc(c.values, func(v string) bool { return strings.EqualFold(v, want) })
	}
	matches := func(value string) bool {
		found := slices.ContainsFunc(c.values, func(want string) bool { return compare(c.name, want, value, r, variables) })
		return found != c.negated
	}
	switch {
	case c.quantifier == "ForAllValues":
		return !slices.ContainsFunc(given, func(v string) bool { return !matches(v) })
	case c.quantifier == "ForAnyValue":
		return slices.ContainsFunc(given, matches)
	case len(given) == 0:
		return c.negated || c.ifExists
	case c.negated: // none of the key's values may be one of the policy's
		return !slices.ContainsFunc(given, func(v string) bool { return !matches(v) })
	}
	return slices.ContainsFunc(given, matches)
}
