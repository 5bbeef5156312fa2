package jsonrows

import (
	"bytes"

	"penstock/internal/schema"
)

// object reads an object, whose brace is the next byte, into the parts of a struct.
func (r *Reader) object(n *node) outcome {
	if out := r.enter(); out != whole {
		return out
	}
	n.turn++
	found, at := 0, 0
	if r.i >= len(r.buf) || r.buf[r.i] <= ' ' {
		if !r.blank() {
			return r.endOf("an object")
		}
	}
	if r.buf[r.i] == '}' {
		r.i++
		r.depth--
		return r.absent(n, 0)
	}
	for {
		part := -1
		if at < len(n.order) && n.order[at].begins(r.buf[r.i:]) {
			part = n.order[at].part
			r.i += len(n.order[at].text)
			at++
			r.weak = false
		} else {
			var out outcome
			if part, at, out = r.lookUp(n, at); out != whole {
				return out
			}
		}
		if r.i >= len(r.buf) || r.buf[r.i] <= ' ' {
			if !r.blank() {
				return r.endOf("an object")
			}
		}
		var out outcome
		switch {
		case part < 0:
			out = r.scanner.value()
		case n.parts[part].had != n.turn:
			n.parts[part].had, n.parts[part].weak = n.turn, r.weak
			found++
			out = r.into(n.parts[part])
		default:
			out = r.twice(n.parts[part])
		}
		if out != whole {
			return out
		}
		if r.i+1 < len(r.buf) && r.buf[r.i] == ',' && r.buf[r.i+1] > ' ' {
			r.i++
			continue
		}
		end, out := r.comma('}', "an object")
		if out != whole {
			return out
		}
		if end {
			return r.absent(n, found)
		}
	}
}

// absent gives the parts that an object has not had a null.
func (r *Reader) absent(n *node, found int) outcome {
	if found == len(n.parts) {
		return whole
	}
	for _, p := range n.parts {
		if p.had != n.turn {
			p.vec.AppendNull()
		}
	}
	return whole
}

// lookUp reads a key that is not the expected one, up to its value, and learns from it.
func (r *Reader) lookUp(n *node, at int) (part, next int, out outcome) {
	for k := at + 1; k < min(at+4, len(n.order)); k++ { // some keys may be left out
		if n.order[k].begins(r.buf[r.i:]) {
			r.weak = false
			r.i += len(n.order[k].text)
			return n.order[k].part, k + 1, whole
		}
	}
	from := r.i
	if out := r.key(); out != whole {
		return 0, 0, out
	}
	part, weak := r.find(n, r.text())
	colon := r.str.to + 2
	if !weak && colon <= r.i && r.buf[colon-1] == ':' && colon-from <= longestKey && at < mostExpected {
		e := expect(r.buf[from:colon], part)
		if at < len(n.order) {
			n.order[at] = e
		} else {
			n.order = append(n.order, e)
		}
		at++
	}
	if r.weak = weak; weak && n.parts[part].had == n.turn {
		part = -1 // an exact key, or an earlier one with dots, goes first
	}
	return part, at, whole
}

// twice reads the value of a key that the object has had: the last one counts where it may stand twice.
func (r *Reader) twice(p *node) outcome {
	if r.options.SerDe != Spark && !p.weak {
		return r.fail("the key of column " + p.path + " stands twice in an object")
	}
	if !p.weak {
		r.note(p, r.i, nil, "the key stands twice in an object: the last counts")
	}
	p.weak = false
	p.vec.Truncate(p.vec.Len() - 1)
	return r.into(p)
}

// list reads an array into a struct, by position: the OpenX SerDe does.
func (r *Reader) list(n *node) outcome {
	n.turn++
	k, found := 0, 0
	out := r.elements(func() outcome {
		if k >= len(n.parts) {
			return r.scanner.value()
		}
		p := n.parts[k]
		k++
		p.had = n.turn
		found++
		return r.into(p)
	})
	if out != whole {
		return out
	}
	return r.absent(n, found)
}

// array reads an array.
func (r *Reader) array(n *node) outcome {
	elem := n.parts[0]
	if out := r.elements(func() outcome { return r.into(elem) }); out != whole {
		return out
	}
	n.vec.AppendNested()
	return whole
}

// dictionary reads an object into a map. A key that its type cannot hold has no entry.
func (r *Reader) dictionary(n *node) outcome {
	key, value := n.parts[0], n.parts[1]
	first := key.vec.Len()
	out := r.members(func() outcome {
		before := key.vec.Len()
		at := r.i
		r.i = r.str.from
		r.scalarText(key, r.text(), true)
		r.i = at
		if key.vec.Null[before] {
			key.vec.Truncate(before)
			return r.scanner.value()
		}
		if r.repeated(key, first, before) {
			if r.options.SerDe != Spark {
				return r.fail("a key stands twice in map " + n.path)
			}
			r.note(n, r.i, key.vec.AppendJSON(nil, before), "the key stands twice in the map: the first counts")
			key.vec.Truncate(before)
			return r.scanner.value()
		}
		return r.into(value)
	})
	if out != whole {
		return out
	}
	n.vec.AppendNested()
	return whole
}

// manyKeys is from where on the keys of a map are compared by a table of them.
const manyKeys = 16

// repeated reports whether the key at place `last` of the vector is one of those from first on.
func (r *Reader) repeated(key *node, first, last int) bool {
	v := key.vec
	if last-first < manyKeys {
		for i := first; i < last; i++ {
			if sameKey(v.Type.Kind, key, i, last) {
				return true
			}
		}
		return false
	}
	if last-first == manyKeys || key.seen == nil {
		key.seen = map[string]bool{}
		for i := first; i < last; i++ {
			key.seen[string(v.AppendJSON(nil, i))] = true
		}
	}
	text := string(v.AppendJSON(nil, last))
	if key.seen[text] {
		return true
	}
	key.seen[text] = true
	return false
}

func sameKey(k schema.Kind, key *node, i, j int) bool {
	v := key.vec
	switch {
	case k.Text() || k == schema.Binary:
		return bytes.Equal(v.Text(i), v.Text(j))
	case k == schema.Float || k == schema.Double:
		return v.Floats[i] == v.Floats[j]
	case k == schema.Decimal:
		return v.Decimals[i] == v.Decimals[j]
	case k.Nested() || k == schema.Unknown:
		return false
	}
	return v.Ints[i] == v.Ints[j]
}
