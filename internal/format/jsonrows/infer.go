package jsonrows

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/column"
	"penstock/internal/format"
	"penstock/internal/schema"
)

// InferOptions are how the columns of a file are found.
type InferOptions struct {
	Path string // a JSON path to the records
	// ArrayColumn makes an array on the top level one record with the column `array`, as Glue's built-in classifier does. Without it its
	// elements are the records.
	ArrayColumn bool
	MaxRecord   int   // bytes of a record; 0: MaxRecord
	Records     int64 // stop after so many; 0: never
	Bytes       int64 // stop when so many are read; 0: never
	// Bad is told of malformed records; what it returns ends the reading. They are counted in any case.
	Bad func(column.Finding) error
}

// An Inference is what the records of a file show.
type Inference struct {
	Columns   []Column // in the order in which their keys were seen first
	Records   int64    // that were read
	Malformed int64    // that were not
	Bytes     int64    // how much of the unpacked file they take
	Whole     bool     // the file was read to its end
	Crowded   bool     // there are more keys than are told apart: those beyond have no column
}

// A Column is one key of the records.
type Column struct {
	Name   string
	Type   schema.Type       // Unknown when only nulls were seen
	Values int64             // records that have a value
	Nulls  int64             // records that have a null; the others have not the key
	Wider  []format.Widening // which values forced a wider type, in the column or within it
}

// Bounds of what an inference keeps.
const (
	mostShapes    = 50000 // keys, at all levels together
	deepestShape  = 48    // what nests deeper is text
	mostWidenings = 8     // of one key; a type can widen no more often
)

// Infer finds the columns of a file of JSON. Types are united over the records: int < bigint < double < string, structs by their fields,
// arrays by their elements; a null changes nothing, anything else that differs is a string.
func Infer(src io.Reader, o InferOptions) (*Inference, error) {
	p, err := parsePath(o.Path)
	if err != nil {
		return nil, err
	}
	f := &inferrer{source: source{src: src, most: o.MaxRecord, path: p, asOne: o.ArrayColumn}, root: &shape{}}
	f.odd = true
	f.start()
	out := &Inference{}
	for (o.Records <= 0 || out.Records < o.Records) && (o.Bytes <= 0 || f.base+int64(f.i) < o.Bytes) {
		err := f.record(&o, out)
		if errors.Is(err, io.EOF) {
			out.Whole = true
			break
		}
		if err != nil {
			return nil, err
		}
	}
	out.Bytes, out.Crowded = f.base+int64(f.i), f.crowded
	for _, c := range f.root.fields {
		out.Columns = append(out.Columns, Column{Name: c.name, Type: c.typ(), Values: c.values, Nulls: c.nulls, Wider: c.widenings(nil)})
	}
	return out, nil
}

// Paths are the names of the columns in the order of the alphabet, as the SerDe's property `paths` has them.
func (i *Inference) Paths() []string {
	names := make([]string, 0, len(i.Columns))
	for _, c := range i.Columns {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

type inferrer struct {
	source
	root    *shape
	shapes  int
	crowded bool
}

// A shape is what was seen at one place of the records.
type shape struct {
	name   string
	path   string
	kind   schema.Kind // what the values share: Unknown, a scalar kind, Struct or Array; String also when they share nothing
	values int64
	nulls  int64
	fields []*shape
	places map[string]int
	elem   *shape
	wider  []format.Widening
}

// record reads one record and takes what it shows.
func (f *inferrer) record(o *InferOptions, out *Inference) error {
	found, err := f.seek()
	if err == nil && found == whole {
		found, err = f.again(f.value) // first it has to prove whole: half of a record shows nothing
	}
	for _, n := range f.noted {
		if o.Bad != nil {
			err = errors.Join(err, o.Bad(n))
		}
	}
	f.noted = f.noted[:0]
	if err != nil {
		return err
	}
	passed := found == whole && f.buf[f.begin] != '{' && len(f.path) == 0 && !(o.ArrayColumn && f.buf[f.begin] == '[')
	if passed {
		found = f.fail("it is no JSON object")
	}
	if found != whole {
		out.Malformed++
		if o.Bad != nil {
			if err := o.Bad(f.damaged()); err != nil {
				return err
			}
		}
		if passed {
			return nil
		}
		return f.recover()
	}
	out.Records++
	f.show()
	return nil
}

// show takes what the record that was just read shows.
func (f *inferrer) show() {
	end := f.i
	f.i, f.depth = f.begin, 0
	switch c := f.buf[f.i]; {
	case c == '{':
		f.object(f.root, 0)
	case c == '[' && len(f.path) == 0:
		f.take(f.field(f.root, []byte("array")), 1)
	default: // what a path leads to and is no object
		f.take(f.field(f.root, []byte("record")), 1)
	}
	f.i = end
}

// object takes an object, which is known to be whole.
func (f *inferrer) object(s *shape, depth int) {
	at := 0
	f.members(func() outcome {
		key := f.text()
		var field *shape
		if at < len(s.fields) && s.fields[at].name == string(key) {
			field = s.fields[at]
		} else if field = f.field(s, key); field == nil {
			return f.value()
		}
		at++
		f.take(field, depth+1)
		return whole
	})
}

// field finds the shape of a key, without regard to case; nil when there are too many.
func (f *inferrer) field(s *shape, key []byte) *shape {
	name := strings.ToLower(string(key))
	if k, ok := s.places[name]; ok {
		return s.fields[k]
	}
	if f.shapes >= mostShapes {
		f.crowded = true
		return nil
	}
	f.shapes++
	field := &shape{name: string(key), path: string(key)}
	if s.path != "" {
		field.path = s.path + "." + field.name
	}
	if s.places == nil {
		s.places = map[string]int{}
	}
	s.places[name] = len(s.fields)
	s.fields = append(s.fields, field)
	return field
}

// take adds the value at the next byte to a shape.
func (f *inferrer) take(s *shape, depth int) {
	from, c := f.i, f.buf[f.i]
	switch {
	case c == '{' && depth < deepestShape && s.suits(schema.Struct):
		f.widen(s, schema.Struct, from)
		s.values++
		f.object(s, depth)
		return
	case c == '[' && depth < deepestShape && s.suits(schema.Array):
		f.widen(s, schema.Array, from)
		s.values++
		if s.elem == nil {
			s.elem = &shape{path: s.path + "[]"}
		}
		f.elements(func() outcome {
			f.take(s.elem, depth+1)
			return whole
		})
		return
	}
	f.value()
	kind := kindOf(f.buf[from:f.i])
	if kind == schema.Unknown {
		s.nulls++
		return
	}
	s.values++
	f.widen(s, kind, from)
}

// suits reports whether a nested value goes on with what was seen.
func (s *shape) suits(k schema.Kind) bool { return s.kind == schema.Unknown || s.kind == k }

// kindOf is the kind of a value that is no object or array by its text; those are text here.
func kindOf(text []byte) schema.Kind {
	switch c := text[0]; {
	case c == 'n':
		return schema.Unknown
	case c == 't' || c == 'f':
		return schema.Boolean
	case c == 'N' || c == 'I':
		return schema.Double
	case c != '-' && c-'0' > 9:
		return schema.String
	}
	for _, c := range text[1:] {
		if c-'0' > 9 {
			return schema.Double
		}
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	switch {
	case err != nil:
		return schema.String // no type would keep its digits
	case n == int64(int32(n)):
		return schema.Int
	}
	return schema.BigInt
}

// widen makes a shape hold a kind, and keeps the value that forced it.
func (f *inferrer) widen(s *shape, k schema.Kind, from int) {
	to := k
	if s.kind != schema.Unknown && s.kind != k {
		to = schema.Widen(schema.Of(s.kind), schema.Of(k)).Kind
	}
	if to == s.kind {
		return
	}
	if s.kind != schema.Unknown && len(s.wider) < mostWidenings {
		text := f.buf[from:min(len(f.buf), from+2*column.FindingText)]
		if f.i > from {
			text = f.buf[from:f.i]
		}
		at := f.mark(from, column.Finding{})
		s.wider = append(s.wider, format.Widening{Path: s.path, From: s.kind, To: to, Row: at.Row, Line: at.Line, Text: column.Excerpt(text)})
	}
	if s.kind = to; to != schema.Struct && to != schema.Array {
		s.fields, s.places, s.elem = nil, nil, nil
	}
}

// typ is the type that holds all values of a shape. An object that never had a key is text: there is no struct without fields.
func (s *shape) typ() schema.Type {
	switch {
	case s.kind == schema.Struct && len(s.fields) > 0:
		var fields []schema.Field
		for _, f := range s.fields {
			fields = append(fields, schema.Field{Name: f.name, Type: f.typ()})
		}
		return schema.StructOf(fields...)
	case s.kind == schema.Struct:
		return schema.Of(schema.String)
	case s.kind == schema.Array:
		return schema.ArrayOf(s.elem.typ())
	}
	return schema.Of(s.kind)
}

// widenings are those of a shape and of all below it.
func (s *shape) widenings(all []format.Widening) []format.Widening {
	all = append(all, s.wider...)
	for _, f := range s.fields {
		all = f.widenings(all)
	}
	if s.elem != nil {
		all = s.elem.widenings(all)
	}
	return all
}
