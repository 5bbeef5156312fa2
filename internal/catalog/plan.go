package catalog

import (
	"strings"

	"penstock/internal/schema"
)

// A coder writes the values of one partition key so that the order of bytes is the order of the values. No value's bytes are the beginning
// of another's.
type coder interface {
	// literal is the span of the values that equal v.
	literal(v value) span
	// null is the span of null.
	null() span
	// prefix is the span of the texts that begin with stem; everything when the values are no texts.
	prefix(stem string) spans
}

// codedAs returns the coder for keys of kind k as catalog_partition keeps them: in the order of their texts, which for numbers and
// timestamps is not that of their values; those have none.
func codedAs(k schema.Kind) coder {
	if k.Text() || k == schema.Date {
		return textCoder{}
	}
	return nil
}

type textCoder struct{}

func point(b []byte) span { return span{from: b, to: after(b), point: true} }

func (textCoder) literal(v value) span { return point(appendKey(nil, v.text)) }

func (textCoder) null() span { return point(appendKey(nil, NullValue)) }

func (textCoder) prefix(stem string) spans {
	b := appendPrefix(nil, stem)
	return spans{{from: b, to: after(b)}}
}

// keyed is a partition key by its place in the table's, with how an index codes its values.
type keyed struct {
	index int
	kind  schema.Kind
	coder coder
}

// primary is the order in which the partitions themselves lie.
func (f *Filter) primary() []keyed {
	out := make([]keyed, len(f.kinds))
	for i, k := range f.kinds {
		out[i] = keyed{i, k, codedAs(k)}
	}
	return out
}

// keySpans returns the spans of an index over keys, in its order, outside of which no partition can match, and how narrow they are: two for
// each leading key that must equal a value, and one for a range behind them. No spans: nothing can match.
func (f *Filter) keySpans(keys []keyed) (out spans, narrow int) {
	prefixes := [][]byte{nil}
	for i, k := range keys {
		if k.coder == nil || f.root == nil {
			break
		}
		s := spansOf(f.root, k)
		if s.isEverything() || i > 0 && len(s)*len(prefixes) > mostSpans {
			break
		}
		if len(s) > mostSpans {
			s = spans{{from: s[0].from, to: s[len(s)-1].to}}
		}
		below := s.below(prefixes, i == len(keys)-1)
		if !s.allPoints() {
			return below, narrow + 1
		}
		narrow += 2
		if len(below) == 0 || i == len(keys)-1 {
			return below, narrow
		}
		prefixes = prefixes[:0:0]
		for _, x := range below {
			prefixes = append(prefixes, x.from)
		}
	}
	return everything().below(prefixes, false), narrow
}

// spansOf returns the spans of one key's values outside of which n cannot hold.
func spansOf(n node, k keyed) spans {
	switch n := n.(type) {
	case logic:
		a, b := spansOf(n.left, k), spansOf(n.right, k)
		if n.or {
			return a.either(b)
		}
		return a.both(b)
	case isNull:
		if n.index == k.index {
			return spans{k.coder.null()}
		}
	case condition:
		if n.index == k.index {
			return n.spans(k.coder)
		}
	}
	return everything()
}

func (c condition) spans(k coder) spans {
	v := k.literal(c.values[0])
	switch c.op {
	case opEqual:
		return spans{v}
	case opIn:
		var out spans
		for _, w := range c.values {
			out = append(out, k.literal(w))
		}
		return out.either(nil)
	case opGreater, opGreaterEqual:
		return spans{{from: v.from}}
	case opLess:
		return spans{{to: v.from}}
	case opLessEqual:
		return spans{{to: v.to}}
	case opBetween:
		return spans{{from: v.from}}.both(spans{{to: k.literal(c.values[1]).to}})
	case opLike:
		stem, _, _ := strings.Cut(c.values[0].text, "%")
		stem, _, _ = strings.Cut(stem, "_")
		if stem != "" {
			return k.prefix(stem)
		}
	}
	return everything()
}

// hopeless returns how many of the leading values alone rule a partition out, or 0 when all are needed.
func (f *Filter) hopeless(values []string) int {
	for n := 1; n < len(values); n++ {
		if _, most := couldBe(f.root, values[:n]); most < yes {
			return n
		}
	}
	return 0
}

// couldBe returns the least and the greatest truth that n can have of a partition that begins with these values.
func couldBe(n node, values []string) (least, most truth) {
	switch n := n.(type) {
	case logic:
		a, b := couldBe(n.left, values)
		c, d := couldBe(n.right, values)
		if n.or {
			return max(a, c), max(b, d)
		}
		return min(a, c), min(b, d)
	case negation:
		a, b := couldBe(n.of, values)
		return -b, -a
	case isNull:
		if n.index >= len(values) {
			return no, yes
		}
	case condition:
		if n.index >= len(values) {
			return no, yes
		}
	}
	t, err := n.eval(values)
	if err != nil {
		return no, yes // the whole expression finds the value's fault
	}
	return t, t
}
