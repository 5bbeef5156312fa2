package xmlrows

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// A node is an element of a record. Nodes lie in one slice and refer to each other by their place in it; 0 is the record itself, and so no
// child.
type node struct {
	name       []byte
	text       []byte // its own text, without that of its children
	attributes span   // in tree.attributes
	first      int    // child
	last       int
	next       int  // sibling
	same       int  // the next sibling that goes into the same column
	inner      span // what stands between its tags
}

type attribute struct{ name, value []byte }

// A tree is a parsed record. Its memory is used again for the next one.
type tree struct {
	text       []byte
	nodes      []node
	attributes []attribute
	open       []int
}

// parse reads a record: one element. The error says what is wrong, without a place.
func (t *tree) parse(text []byte) error {
	t.text, t.nodes, t.attributes, t.open = text, t.nodes[:0], t.attributes[:0], t.open[:0]
	for at := 0; at < len(text); {
		if text[at] != '<' {
			end := bytes.IndexByte(text[at:], '<')
			if end < 0 {
				return fmt.Errorf("text follows the row's end")
			}
			if err := t.characters(text[at : at+end]); err != nil {
				return err
			}
			at += end
			continue
		}
		kind, end, whole := markup(text, at, nil, true)
		if !whole {
			return fmt.Errorf("a comment or CDATA section is not closed")
		}
		var err error
		switch kind {
		case kDamaged:
			err = fmt.Errorf("a < begins no tag, or a tag has no >")
		case kStart, kEmpty:
			err = t.start(at, end, kind == kEmpty)
		case kEnd:
			err = t.end(at, end)
		case kText:
			err = t.add(text[at+len("<![CDATA[") : end-len("]]>")])
		}
		if err != nil {
			return err
		}
		at = end
	}
	if len(t.open) > 0 {
		return fmt.Errorf("the element %s is not closed", clip(string(t.nodes[t.open[len(t.open)-1]].name)))
	}
	return nil
}

func (t *tree) start(at, end int, empty bool) error {
	id := len(t.nodes)
	switch {
	case id > 0 && len(t.open) == 0:
		return fmt.Errorf("an element follows the row's end")
	case id >= maxElements:
		return fmt.Errorf("the row has more than %d elements", maxElements)
	case len(t.open) >= MaxDepth:
		return fmt.Errorf("elements are nested more than %d deep", MaxDepth)
	}
	name := nameAt(t.text[:end], at+1)
	t.nodes = append(t.nodes, node{name: name, inner: span{end, end}})
	if id > 0 {
		p := &t.nodes[t.open[len(t.open)-1]]
		if p.first == 0 {
			p.first = id
		} else {
			t.nodes[p.last].next = id
		}
		p.last = id
	}
	from := len(t.attributes)
	body := t.text[at+1+len(name) : end-1]
	if empty {
		body = body[:len(body)-1]
	} else {
		t.open = append(t.open, id)
	}
	err := t.readAttributes(body)
	t.nodes[id].attributes = span{from, len(t.attributes)}
	return err
}

func (t *tree) readAttributes(b []byte) error {
	for {
		trimmed := bytes.TrimLeft(b, " \t\r\n")
		if len(trimmed) == 0 {
			return nil
		}
		if len(trimmed) == len(b) {
			return fmt.Errorf("no blank stands before an attribute")
		}
		name := nameAt(trimmed, 0)
		b = bytes.TrimLeft(trimmed[len(name):], " \t\r\n")
		if len(name) == 0 || len(b) == 0 || b[0] != '=' {
			return fmt.Errorf("an attribute has no name or no value")
		}
		b = bytes.TrimLeft(b[1:], " \t\r\n")
		if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
			return fmt.Errorf("the value of attribute %s is not in quotes", clip(string(name)))
		}
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return fmt.Errorf("the value of attribute %s is not closed", clip(string(name)))
		}
		value, err := plain(b[1:1+end], true)
		if err != nil {
			return err
		}
		if len(t.attributes) >= maxElements {
			return fmt.Errorf("the row has more than %d attributes", maxElements)
		}
		t.attributes = append(t.attributes, attribute{name, value})
		b = b[end+2:]
	}
}

func (t *tree) end(at, end int) error {
	name := bytes.TrimRight(t.text[at+2:end-1], " \t\r\n")
	if len(t.open) == 0 {
		return fmt.Errorf("the row is closed twice")
	}
	n := &t.nodes[t.open[len(t.open)-1]]
	if !bytes.Equal(n.name, name) {
		return fmt.Errorf("the element %s is closed by %s", clip(string(n.name)), clip(string(name)))
	}
	n.inner.to = at
	t.open = t.open[:len(t.open)-1]
	return nil
}

// characters adds text as it is written.
func (t *tree) characters(text []byte) error {
	text, err := plain(text, false)
	if err != nil {
		return err
	}
	return t.add(text)
}

func (t *tree) add(text []byte) error {
	if len(t.open) == 0 {
		return fmt.Errorf("text follows the row's end")
	}
	n := &t.nodes[t.open[len(t.open)-1]]
	if len(n.text) == 0 {
		n.text = text[:len(text):len(text)]
	} else {
		n.text = append(n.text, text...)
	}
	return nil
}

// plain replaces references by what they stand for, and line ends by LF, or every blank of an attribute's value by a space.
func plain(text []byte, value bool) ([]byte, error) {
	special := "&\r"
	if value {
		special = "&\r\n\t"
	}
	i := bytes.IndexAny(text, special)
	if i < 0 {
		return text, nil
	}
	out := append(make([]byte, 0, len(text)), text[:i]...)
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '&':
			end := bytes.IndexByte(text[i:min(len(text), i+16)], ';')
			if end < 0 {
				return nil, fmt.Errorf("an & begins no reference")
			}
			r, err := reference(string(text[i+1 : i+end]))
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
			i += end
		case c == '\r' && i+1 < len(text) && text[i+1] == '\n': // the LF comes next
		case value && (c == '\t' || c == '\n' || c == '\r'):
			out = append(out, ' ')
		case c == '\r':
			out = append(out, '\n')
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

func reference(name string) (rune, error) {
	switch name {
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "amp":
		return '&', nil
	case "quot":
		return '"', nil
	case "apos":
		return '\'', nil
	}
	if len(name) > 1 && name[0] == '#' {
		n, base := name[1:], 10
		if n[0] == 'x' {
			n, base = n[1:], 16
		}
		v, err := strconv.ParseUint(n, base, 32)
		r := rune(v)
		if err == nil && utf8.ValidRune(r) && (r >= 0x20 || r == '\t' || r == '\n' || r == '\r') && r != 0xfffe && r != 0xffff {
			return r, nil
		}
		return 0, fmt.Errorf("&%s; is no character of XML", name)
	}
	return 0, fmt.Errorf("the entity &%s; is not one of XML's five, and Penstock does not support others", name)
}
