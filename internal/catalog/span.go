package catalog

import (
	"bytes"
	"slices"
)

// A span is from <= b < to in the order of bytes; a nil to is no bound. A point is the span of one whole value.
type span struct {
	from, to []byte
	point    bool
}

// spans are disjoint and ascending.
type spans []span

// everything is the spans that leave nothing out.
func everything() spans { return spans{{}} }

func (s spans) isEverything() bool { return len(s) == 1 && len(s[0].from) == 0 && s[0].to == nil }

// allPoints reports whether every span is one value.
func (s spans) allPoints() bool {
	return !slices.ContainsFunc(s, func(x span) bool { return !x.point })
}

func (s span) holds(b []byte) bool {
	return bytes.Compare(b, s.from) >= 0 && (s.to == nil || bytes.Compare(b, s.to) < 0)
}

// both returns what lies in both. Ranges begin and end between values, so a point is inside of a range or outside.
func (s spans) both(o spans) spans {
	var out spans
	for i, j := 0, 0; i < len(s) && j < len(o); {
		a, b := s[i], o[j]
		x := span{from: a.from, to: a.to, point: a.point || b.point}
		if bytes.Compare(b.from, x.from) > 0 {
			x.from = b.from
		}
		if b.endsBefore(x.to) {
			x.to = b.to
		}
		if x.to == nil || bytes.Compare(x.from, x.to) < 0 {
			out = append(out, x)
		}
		if a.endsBefore(b.to) {
			i++
		} else {
			j++
		}
	}
	return out
}

// endsBefore reports whether s ends before to; nil is the end of all.
func (s span) endsBefore(to []byte) bool {
	return s.to != nil && (to == nil || bytes.Compare(s.to, to) < 0)
}

// either returns what lies in one of both.
func (s spans) either(o spans) spans {
	all := slices.Concat(s, o)
	slices.SortFunc(all, func(a, b span) int { return bytes.Compare(a.from, b.from) })
	var out spans
	for _, x := range all {
		last := len(out) - 1
		switch {
		case last < 0 || out[last].to != nil && bytes.Compare(x.from, out[last].to) > 0:
			out = append(out, x)
		case x.point && out[last].point && !bytes.Equal(x.from, out[last].from):
			out = append(out, x) // neighbours that touch stay points
		default:
			same := bytes.Equal(x.from, out[last].from) && x.point && out[last].point
			out[last].point = same
			if out[last].endsBefore(x.to) {
				out[last].to = x.to
			}
		}
	}
	return out
}

// mostSpans is how many ranges a filter becomes at most, before it is read more coarsely.
const mostSpans = 500

// below returns, for each of the prefixes, the spans below it. With last, nothing follows them in a key, and points stay points.
func (s spans) below(prefixes [][]byte, last bool) spans {
	out := make(spans, 0, len(prefixes)*len(s))
	for _, p := range prefixes {
		for _, x := range s {
			y := span{from: slices.Concat(p, x.from), to: after(p), point: x.point && last}
			if x.to != nil {
				y.to = slices.Concat(p, x.to)
			}
			out = append(out, y)
		}
	}
	return out
}
