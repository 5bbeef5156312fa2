package catalog

import (
	"bytes"
	"errors"
	"hash/fnv"
	"strings"
)

// A partition's key in the index is its values one after the other, each ended by the bytes 0 1, with a 0 byte inside a value written
// as 0 255: byte order is then the order of the values, and every prefix of values is a prefix of bytes.

func appendKey(b []byte, v string) []byte { return append(appendPrefix(b, v), 0, 1) }

// appendPrefix appends what every key starts with whose next value starts with v.
func appendPrefix(b []byte, v string) []byte {
	for i := range len(v) {
		if b = append(b, v[i]); v[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return b
}

func encodeKey(values []string) []byte {
	var b []byte
	for _, v := range values {
		b = appendKey(b, v)
	}
	return b
}

// decodeKey appends the values of a key to dst.
func decodeKey(dst []string, key []byte) ([]string, error) {
	for len(key) > 0 {
		var escaped []byte
		for {
			i := bytes.IndexByte(key, 0)
			if i < 0 || i+1 == len(key) {
				return nil, errors.New("a partition's key is damaged")
			}
			end := key[i+1] == 1
			if end && escaped == nil {
				dst = append(dst, string(key[:i]))
			} else if escaped = append(escaped, key[:i]...); end {
				dst = append(dst, string(escaped))
			} else {
				escaped = append(escaped, 0)
			}
			key = key[i+2:]
			if end {
				break
			}
		}
	}
	return dst, nil
}

// keyRange is from <= key < to; a nil to is no bound.
type keyRange struct{ from, to []byte }

// bounds returns the range of index keys outside of which no partition can match: equalities on leading text keys, then one range.
func (f *Filter) bounds() keyRange {
	conds := map[int][]condition{}
	conjuncts(f.root, conds)
	var prefix []byte
	for i := range f.keys {
		if eq, ok := equality(conds[i]); ok {
			prefix = appendKey(prefix, eq)
			continue
		}
		return narrow(prefix, conds[i])
	}
	return keyRange{prefix, after(prefix)}
}

func conjuncts(n node, into map[int][]condition) {
	switch n := n.(type) {
	case logic:
		if !n.or {
			conjuncts(n.left, into)
			conjuncts(n.right, into)
		}
	case condition:
		if n.kind.Text() {
			into[n.index] = append(into[n.index], n)
		}
	}
}

func equality(cs []condition) (string, bool) {
	for _, c := range cs {
		if c.op == opEqual || c.op == opIn && len(c.values) == 1 {
			return c.values[0].text, true
		}
	}
	return "", false
}

// narrow returns the range below prefix that conditions on the next key leave.
func narrow(prefix []byte, cs []condition) keyRange {
	r := keyRange{prefix, after(prefix)}
	join := func(v string, whole bool) []byte {
		b := bytes.Clone(prefix)
		if whole {
			return appendKey(b, v)
		}
		return appendPrefix(b, v)
	}
	for _, c := range cs {
		switch c.op {
		case opGreater, opGreaterEqual:
			r = r.and(keyRange{join(c.values[0].text, true), nil})
		case opLess:
			r = r.and(keyRange{nil, join(c.values[0].text, true)})
		case opLessEqual:
			r = r.and(keyRange{nil, after(join(c.values[0].text, true))})
		case opBetween:
			r = r.and(keyRange{join(c.values[0].text, true), after(join(c.values[1].text, true))})
		case opLike:
			if stem, _, _ := strings.Cut(c.values[0].text, "%"); stem != "" {
				stem, _, _ = strings.Cut(stem, "_")
				b := join(stem, false)
				r = r.and(keyRange{b, after(b)})
			}
		}
	}
	return r
}

func (r keyRange) and(o keyRange) keyRange {
	if bytes.Compare(o.from, r.from) > 0 {
		r.from = o.from
	}
	if o.to != nil && (r.to == nil || bytes.Compare(o.to, r.to) < 0) {
		r.to = o.to
	}
	return r
}

// after is the least key that is greater than every key with this prefix, or nil when there is none.
func after(prefix []byte) []byte {
	b := bytes.Clone(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return b[:i+1]
		}
	}
	return nil
}

// A Segment is one of Total disjoint parts of a table's partitions; Total 0 is all of them.
type Segment struct{ Number, Total int }

func (s Segment) holds(key []byte) bool {
	if s.Total <= 1 {
		return true
	}
	h := fnv.New32a()
	h.Write(key)
	return int(h.Sum32()%uint32(s.Total)) == s.Number
}
