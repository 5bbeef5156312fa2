package xmlrows

import (
	"bytes"
	"strings"

	"penstock/internal/column"
	"penstock/internal/format"
	"penstock/internal/schema"
)

// mostWidenings bounds what an inference keeps.
const mostWidenings = 1000

// A place is where values of a column stand in a record: elements, or texts without one.
type place struct {
	id   int // the element, -1 for an attribute or the text of one
	text []byte
}

// widener compares the columns before and after a record and finds which values made the difference.
type widener struct {
	opts *Options
	tree *tree
	rec  record
	row  int64
	out  *[]format.Widening
}

func (w *widener) compare(path string, old, now schema.Type, places []place) {
	switch {
	case old.Kind == schema.Unknown || old.Equal(now) || len(places) == 0 || len(*w.out) >= mostWidenings:
		return
	case old.Kind == schema.Struct && now.Kind == schema.Struct:
		for i, f := range old.Fields {
			if !f.Type.Equal(now.Fields[i].Type) { // a union keeps the old fields where they are
				w.compare(join(path, f.Name), f.Type, now.Fields[i].Type, w.below(places, f.Name))
			}
		}
		return
	case old.Kind == schema.Array && now.Kind == schema.Array:
		w.compare(path+"[]", *old.Elem, *now.Elem, places)
		return
	case now.Kind == schema.Array:
		w.add(path, old, now, places[min(1, len(places)-1):])
		return
	}
	w.add(path, old, now, places)
}

// add reports the first value that is not of the old type.
func (w *widener) add(path string, old, now schema.Type, places []place) {
	for _, p := range places {
		if is := w.typeOf(p); now.Kind == schema.Array || !unite(old, is, w.opts.ValueTag).Equal(old) {
			*w.out = append(*w.out, format.Widening{Path: path, From: old.Kind, To: now.Kind, Row: w.row, Line: w.line(p),
				Text: column.Excerpt(w.text(p))})
			return
		}
	}
}

func (w *widener) typeOf(p place) schema.Type {
	if p.id < 0 {
		return textType(p.text)
	}
	return w.opts.typeOf(w.tree, p.id)
}

func (w *widener) text(p place) []byte {
	if p.id < 0 {
		return p.text
	}
	n := &w.tree.nodes[p.id]
	return bytes.TrimSpace(w.tree.text[n.inner.from:n.inner.to])
}

// line is where the value begins; an attribute's is its record's.
func (w *widener) line(p place) int64 {
	if p.id < 0 {
		return w.rec.line
	}
	return w.rec.line + int64(bytes.Count(w.tree.text[:w.tree.nodes[p.id].inner.from], []byte("\n")))
}

// below are the values of a field of the structs at places.
func (w *widener) below(places []place, name string) []place {
	var out []place
	for _, p := range places {
		if p.id < 0 {
			continue
		}
		n := &w.tree.nodes[p.id]
		if !w.opts.NoAttributes {
			for _, a := range w.tree.attributes[n.attributes.from:n.attributes.to] {
				if strings.EqualFold(w.opts.AttributePrefix+string(a.name), name) {
					out = append(out, place{-1, a.value})
				}
			}
		}
		for c := n.first; c != 0; c = w.tree.nodes[c].next {
			if strings.EqualFold(string(w.tree.nodes[c].name), name) {
				out = append(out, place{id: c})
			}
		}
		if strings.EqualFold(w.opts.ValueTag, name) && len(bytes.TrimSpace(n.text)) > 0 {
			out = append(out, place{-1, n.text})
		}
	}
	return out
}
