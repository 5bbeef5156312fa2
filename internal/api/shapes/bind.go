package shapes

import (
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Type is a shape bound to the Go type that carries its values.
type Type struct {
	Shape    *Shape
	Go       reflect.Type // without pointers; an interface for unions and streams
	Fields   []*Field     // of a structure
	Elem     *Type        // of a list
	Key      *Type        // of a map
	Value    *Type        // of a map
	Variants []*Variant   // of a union that Go has as an interface
	byMember map[string]*Field
	byWire   map[string]*Field
	byJSON   map[string]*Field // of a rest-json service
}

// A Field is a structure's member with the Go field that carries it.
type Field struct {
	Ref   *Ref
	Name  string // the Go field's
	JSON  string // in a JSON body
	Key   string // JSON as it stands in a body: with quotes and colon
	Index []int
	Type  *Type
}

// A Variant is one member of a union: its Go type is a pointer to a struct with the field Value.
type Variant struct {
	JSON string // the member's name in a JSON body
	Ref  *Ref
	Go   reflect.Type
	Type *Type
}

// Member returns the field of a member by the member's name, or nil. The case of a name that the table has not does not count.
func (t *Type) Member(name string) *Field {
	if f := t.byMember[name]; f != nil {
		return f
	}
	for _, f := range t.Fields {
		if f.Ref.Newer && strings.EqualFold(f.Ref.Name, name) {
			return f
		}
	}
	return nil
}

// JSON returns the field that stands under a name in a JSON body, or nil.
func (t *Type) JSON(name string) *Field {
	if t.byJSON == nil {
		return t.Member(name)
	}
	return t.byJSON[name]
}

// Wire returns the field whose name on the wire is name, or nil.
func (t *Type) Wire(name string) *Field { return t.byWire[name] }

// Variant returns a union's member by its name in a document, or nil.
func (t *Type) Variant(name string) *Variant {
	for _, v := range t.Variants {
		if v.JSON == name {
			return v
		}
	}
	return nil
}

// VariantOf returns the union member whose Go type is g, or nil.
func (t *Type) VariantOf(g reflect.Type) *Variant {
	for _, v := range t.Variants {
		if v.Go == g {
			return v
		}
	}
	return nil
}

// A Binder binds the shapes of one service to Go types, and remembers.
type Binder struct {
	mu       sync.Mutex
	done     map[binding]*Type
	variants func(union reflect.Type, shape *Shape) map[string]reflect.Type
	lower    bool
	rest     bool
	json     bool // rest-json: members may have a name of their own in a body
	synth    map[reflect.Type]*Shape
}

type binding struct {
	t reflect.Type
	s *Shape
}

// NewBinder makes a binder. variants gives the Go types of a union's members by member name; nil when there are no unions.
func NewBinder(svc *Service, variants func(reflect.Type, *Shape) map[string]reflect.Type) *Binder {
	return &Binder{done: map[binding]*Type{}, variants: variants, lower: lowerNames(svc), rest: strings.HasPrefix(svc.Protocol, "rest-"),
		json: svc.Protocol == "rest-json", synth: map[reflect.Type]*Shape{}}
}

// lowerNames says whether the service's member names start with a small letter: the rule for members newer than the table.
func lowerNames(svc *Service) bool {
	n := 0
	for _, s := range svc.Shapes {
		for _, m := range s.Members {
			if c := m.Name[0]; c >= 'a' && c <= 'z' {
				n++
			} else {
				n--
			}
		}
	}
	return n > 0
}

// Bind returns the type that carries shape s in Go type t. A nil shape is derived from the Go type.
func (b *Binder) Bind(t reflect.Type, s *Shape) *Type {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bind(t, s)
}

func (b *Binder) bind(t reflect.Type, s *Shape) *Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s == nil {
		s = b.shapeOf(t)
	}
	key := binding{t, s}
	if bt, ok := b.done[key]; ok {
		return bt
	}
	bt := &Type{Shape: s, Go: t}
	b.done[key] = bt // before its parts: types refer to themselves
	switch {
	case t.Kind() == reflect.Interface:
		b.bindUnion(bt)
	case s.Kind == Structure && t.Kind() == reflect.Struct:
		b.bindStruct(bt)
	case s.Kind == List && t.Kind() == reflect.Slice:
		bt.Elem = b.bind(t.Elem(), s.Elem.Shape)
	case s.Kind == Map && t.Kind() == reflect.Map:
		bt.Key, bt.Value = b.bind(t.Key(), s.Key.Shape), b.bind(t.Elem(), s.Value.Shape)
	}
	return bt
}

func (b *Binder) bindUnion(bt *Type) {
	if b.variants == nil || !bt.Shape.Union {
		return
	}
	for name, g := range b.variants(bt.Go, bt.Shape) {
		ref := memberFor(bt.Shape, name)
		if ref == nil {
			ref = &Ref{Name: b.wireName(name)}
		}
		value, ok := g.Elem().FieldByName("Value")
		if !ok {
			continue
		}
		vt := b.bind(value.Type, ref.Shape)
		if ref.Shape == nil {
			ref.Shape = vt.Shape
		}
		bt.Variants = append(bt.Variants, &Variant{JSON: b.jsonName(ref), Ref: ref, Go: g, Type: vt})
	}
}

func (b *Binder) bindStruct(bt *Type) {
	bt.byMember, bt.byWire = map[string]*Field{}, map[string]*Field{}
	if b.json {
		bt.byJSON = map[string]*Field{}
	}
	for _, g := range GoFields(bt.Go) {
		if g.Name == "ErrorCodeOverride" && bt.Shape.Exception {
			continue
		}
		ref := memberFor(bt.Shape, g.Name)
		if ref == nil {
			ref = b.newer(bt.Shape, g)
		}
		if ref.Shape.Events {
			continue
		}
		name := b.jsonName(ref)
		f := &Field{Ref: ref, Name: g.Name, JSON: name, Key: strconv.Quote(name) + ":", Index: g.Index, Type: b.bind(g.Type, ref.Shape)}
		bt.Fields = append(bt.Fields, f)
		bt.byMember[ref.Name] = f
		if b.json && ref.Location == "" {
			bt.byJSON[f.JSON] = f
		}
		if _, taken := bt.byWire[ref.WireName()]; !taken {
			bt.byWire[ref.WireName()] = f
		}
	}
}

// jsonName is a member's name in a JSON body. Its location name does not count in awsJson.
func (b *Binder) jsonName(ref *Ref) string {
	if b.json && ref.Location == "" {
		return ref.WireName()
	}
	return ref.Name
}

// MemberFor finds the member that the SDK gives a Go name, or nil.
func (s *Shape) MemberFor(goName string) *Ref { return memberFor(s, goName) }

// memberFor finds the member that a Go field carries: the SDK writes the first letter large, with exceptions in other letters.
func memberFor(s *Shape, field string) *Ref {
	for _, m := range s.Members {
		if Upper(m.Name) == field {
			return m
		}
	}
	for _, m := range s.Members {
		if strings.EqualFold(m.Name, field) || strings.EqualFold(strings.ReplaceAll(m.Name, "_", ""), field) {
			return m
		}
	}
	return nil
}

// newer describes a member that the table has not: newer than the table, or one of the SDK's own making.
func (b *Binder) newer(s *Shape, g GoField) *Ref {
	if g.Name == "ExpiresString" { // S3: the SDK's text form of the Expires header
		if m := s.Member("Expires"); m != nil {
			return &Ref{Name: g.Name, Shape: b.shapeOf(g.Type), Location: m.Location, LocationName: m.WireName()}
		}
	}
	ref := &Ref{Name: b.wireName(g.Name), Shape: b.shapeOf(g.Type), Newer: true}
	if b.rest {
		ref.Location = "newer" // header, query or body: nobody can say
	}
	return ref
}

func (b *Binder) wireName(field string) string {
	if b.lower {
		return strings.ToLower(field[:1]) + field[1:]
	}
	return field
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	readerType = reflect.TypeFor[io.Reader]()
)

// shapeOf derives a shape from a Go type.
func (b *Binder) shapeOf(t reflect.Type) *Shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s, ok := b.synth[t]; ok {
		return s
	}
	s := &Shape{Name: t.Name()}
	b.synth[t] = s
	switch {
	case t == timeType:
		s.Kind = Timestamp
	case t.Implements(readerType), t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		s.Kind = Blob
	case t.Kind() == reflect.Slice:
		s.Kind, s.Elem = List, &Ref{Shape: b.shapeOf(t.Elem())}
	case t.Kind() == reflect.Map:
		s.Kind, s.Key, s.Value = Map, &Ref{Shape: b.shapeOf(t.Key())}, &Ref{Shape: b.shapeOf(t.Elem())}
	case t.Kind() == reflect.Struct:
		s.Kind = Structure
		for _, g := range GoFields(t) {
			s.Members = append(s.Members, &Ref{Name: b.wireName(g.Name), Shape: b.shapeOf(g.Type), Newer: true})
		}
	case t.Kind() == reflect.Interface:
		s.Kind, s.Union = Structure, true
	default:
		s.Kind = scalarKind(t)
	}
	return s
}

func scalarKind(t reflect.Type) Kind {
	switch t.Kind() {
	case reflect.Bool:
		return Boolean
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return Integer
	case reflect.Int, reflect.Int64:
		return Long
	case reflect.Float32:
		return Float
	case reflect.Float64:
		return Double
	}
	return String
}

// A GoField is a field of an SDK struct: exported, not ResultMetadata, embedded structs flattened.
type GoField struct {
	Name  string
	Index []int
	Type  reflect.Type
}

// GoFields lists the fields of a struct type that carry members. An embedded struct's members stand among its own.
func GoFields(t reflect.Type) []GoField {
	var out []GoField
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			for _, in := range GoFields(f.Type) {
				in.Index = append([]int{i}, in.Index...)
				out = append(out, in)
			}
			continue
		}
		out = append(out, GoField{Name: f.Name, Index: []int{i}, Type: f.Type})
	}
	return out
}

// Upper returns name with its first letter large, as the SDK writes it.
func Upper(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
