package xmlbody

import (
	"bytes"
	"encoding/xml"
	"io"
	"reflect"
	"strings"

	"penstock/internal/api/shapes"
)

// maxDepth bounds nesting.
const maxDepth = 100

// Decode reads a document into v, of t's Go type: the root element's content, whatever the root is called. An empty body leaves v.
func Decode(body []byte, t *shapes.Type, v reflect.Value, ref *shapes.Ref) error {
	d := decoder{x: xml.NewDecoder(bytes.NewReader(body))}
	d.x.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		return nil, shapes.Malformedf("the encoding %q is not UTF-8", label)
	}
	for {
		tok, err := d.x.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return shapes.Malformedf("not XML: %v", err)
		}
		if start, ok := tok.(xml.StartElement); ok {
			if err := d.element(t, v, ref, start); err != nil {
				return err
			}
			return d.rest()
		}
		if text, ok := tok.(xml.CharData); ok && len(bytes.TrimSpace(text)) > 0 {
			return shapes.Malformedf("text before the root element")
		}
	}
}

type decoder struct {
	x     *xml.Decoder
	depth int
}

// rest reads what follows the root, which must be nothing.
func (d *decoder) rest() error {
	for {
		tok, err := d.x.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return shapes.Malformedf("not XML: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			return shapes.Malformedf("a second root element <%s>", tok.Name.Local)
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) > 0 {
				return shapes.Malformedf("text after the root element")
			}
		}
	}
}

// element reads the content of an element that has begun, to its end.
func (d *decoder) element(t *shapes.Type, v reflect.Value, ref *shapes.Ref, start xml.StartElement) error {
	if d.depth++; d.depth > maxDepth {
		return shapes.Malformedf("nested too deeply")
	}
	defer func() { d.depth-- }()
	v = shapes.Settable(v)
	switch t.Shape.Kind {
	case shapes.Structure:
		if v.Kind() == reflect.Interface {
			return d.union(t, v)
		}
		if err := attributesOf(t, v, start); err != nil {
			return err
		}
		return d.structure(t, v)
	case shapes.List:
		if t.Elem == nil {
			return shapes.Malformedf("a %s cannot hold a list", t.Go)
		}
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 4))
		}
		return d.children(func(e xml.StartElement) error {
			if e.Name.Local != elemName(t) {
				return &shapes.Unknown{Path: e.Name.Local}
			}
			return shapes.Below("[]", d.appendTo(t, v, e))
		})
	case shapes.Map:
		return d.children(func(e xml.StartElement) error { return shapes.Below("{}", d.entry(t, v)) })
	}
	return d.scalar(t, v, ref)
}

func attributesOf(t *shapes.Type, v reflect.Value, start xml.StartElement) error {
	for _, f := range t.Fields {
		if !f.Ref.XMLAttribute {
			continue
		}
		_, local, cut := strings.Cut(f.Ref.WireName(), ":")
		if !cut {
			local = f.Ref.WireName()
		}
		for _, a := range start.Attr {
			if a.Name.Local == local {
				if err := shapes.SetText(f.In(v), a.Value, f.Ref.Shape.Kind, shapes.ISO8601); err != nil {
					return shapes.Below(f.Name, err)
				}
			}
		}
	}
	return nil
}

// children calls child for each child element; it must read it to its end.
func (d *decoder) children(child func(xml.StartElement) error) error {
	for {
		tok, err := d.x.Token()
		if err != nil {
			return shapes.Malformedf("not XML: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if err := child(tok); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) > 0 {
				return shapes.Malformedf("text %q where an element belongs", string(bytes.TrimSpace(tok)))
			}
		}
	}
}

func (d *decoder) structure(t *shapes.Type, v reflect.Value) error {
	return d.children(func(e xml.StartElement) error {
		f := bodyField(t, e.Name.Local)
		if f == nil {
			return d.unknown(e.Name.Local)
		}
		return shapes.Below(f.Name, d.member(f.Ref, f.Type, f.In(v), e))
	})
}

// unknown refuses a member by name, unless its text asks for nothing. An empty element may ask by being there.
func (d *decoder) unknown(name string) error {
	tok, err := d.x.Token()
	if text, ok := tok.(xml.CharData); ok && err == nil && shapes.AsksNothing(string(text)) {
		if tok, err = d.x.Token(); err == nil {
			if _, ok := tok.(xml.EndElement); ok {
				return nil
			}
		}
	}
	return &shapes.Unknown{Path: shapes.Upper(name)}
}

// bodyField finds the member that an element carries: by its wire name, or by the element name of a flattened list.
func bodyField(t *shapes.Type, name string) *shapes.Field {
	for _, f := range t.Fields {
		if f.Ref.Location != "" || f.Ref.XMLAttribute {
			continue
		}
		if localName(f.Ref.WireName()) == name {
			return f
		}
		if f.Ref.IsFlat() && f.Ref.LocationName == "" && f.Ref.Shape.Kind == shapes.List && f.Ref.Shape.Elem.LocationName == name {
			return f
		}
	}
	return nil
}

func localName(name string) string {
	if _, local, ok := strings.Cut(name, ":"); ok {
		return local
	}
	return name
}

func (d *decoder) member(ref *shapes.Ref, t *shapes.Type, v reflect.Value, e xml.StartElement) error {
	if ref.IsFlat() {
		v = shapes.Settable(v)
		switch t.Shape.Kind {
		case shapes.List:
			return d.appendTo(t, v, e)
		case shapes.Map:
			return d.entry(t, v)
		}
	}
	return d.element(t, v, ref, e)
}

func (d *decoder) appendTo(t *shapes.Type, v reflect.Value, e xml.StartElement) error {
	if t.Elem == nil {
		return shapes.Malformedf("a %s cannot hold a list", t.Go)
	}
	ev := reflect.New(v.Type().Elem()).Elem()
	if err := d.element(t.Elem, ev, t.Shape.Elem, e); err != nil {
		return err
	}
	v.Set(reflect.Append(v, ev))
	return nil
}

// entry reads one key and value of a map.
func (d *decoder) entry(t *shapes.Type, v reflect.Value) error {
	if t.Value == nil {
		return shapes.Malformedf("a %s cannot hold a map", t.Go)
	}
	k, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	err := d.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case nameOr(t.Shape.Key, "key"):
			return d.element(t.Key, k, t.Shape.Key, e)
		case nameOr(t.Shape.Value, "value"):
			return d.element(t.Value, val, t.Shape.Value, e)
		}
		return &shapes.Unknown{Path: e.Name.Local}
	})
	if err != nil {
		return err
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	v.SetMapIndex(k, val)
	return nil
}

func (d *decoder) union(t *shapes.Type, v reflect.Value) error {
	return d.children(func(e xml.StartElement) error {
		for _, vr := range t.Variants {
			if vr.Ref.WireName() != e.Name.Local {
				continue
			}
			p := reflect.New(vr.Go.Elem())
			if err := d.member(vr.Ref, vr.Type, p.Elem().FieldByName("Value"), e); err != nil {
				return shapes.Below(shapes.Upper(vr.Ref.Name), err)
			}
			v.Set(p)
			return nil
		}
		return &shapes.Unknown{Path: shapes.Upper(e.Name.Local)}
	})
}

func (d *decoder) scalar(t *shapes.Type, v reflect.Value, ref *shapes.Ref) error {
	var text strings.Builder
	for {
		tok, err := d.x.Token()
		if err != nil {
			return shapes.Malformedf("not XML: %v", err)
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text.Write(tok)
		case xml.StartElement:
			return &shapes.Unknown{Path: tok.Name.Local}
		case xml.EndElement:
			return shapes.SetText(v, text.String(), t.Shape.Kind, shapes.ISO8601)
		}
	}
}
