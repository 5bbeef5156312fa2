package typed

import (
	"fmt"
	"strings"
	"unique"
)

// A Field is a named part of a struct.
type Field struct {
	Name string
	Type Type
}

// parts are the element of an array, the key and the value of a map, or the fields of a struct: a list of which each is kept once, so
// that types compare with ==.
type parts = unique.Handle[part]

type part struct {
	field Field
	rest  parts
}

func makeParts(fields []Field) parts {
	var out parts
	for i := len(fields) - 1; i >= 0; i-- {
		out = unique.Make(part{fields[i], out})
	}
	return out
}

// ArrayOf makes array<elem>.
func ArrayOf(elem Type) Type { return Type{Kind: Array, parts: makeParts([]Field{{Type: elem}})} }

// MapOf makes map<key,value>.
func MapOf(key, value Type) Type {
	return Type{Kind: Map, parts: makeParts([]Field{{"key", key}, {"value", value}})}
}

// StructOf makes a struct.
func StructOf(fields ...Field) Type { return Type{Kind: Struct, parts: makeParts(fields)} }

// IsNested reports whether the type has parts.
func (t Type) IsNested() bool { return t.Kind >= Array }

// Fields are the fields of a struct, "key" and "value" of a map, the one nameless part of an array; none of another type.
func (t Type) Fields() []Field {
	var out []Field
	for p := t.parts; p != (parts{}); {
		v := p.Value()
		out, p = append(out, v.field), v.rest
	}
	return out
}

// Elem is the type of an array's elements, and Entry that of the entries of a map; the unknown type for other types.
func (t Type) Elem() Type {
	if t.Kind != Array {
		return Type{}
	}
	return t.Fields()[0].Type
}

// Entry is the struct of a map's key and value.
func (t Type) Entry() Type { return StructOf(t.Fields()...) }

// Key and Value are the types of a map's.
func (t Type) Key() Type { return t.partOf(Map, 0) }

// Value is the type of a map's values.
func (t Type) Value() Type { return t.partOf(Map, 1) }

func (t Type) partOf(k Kind, i int) Type {
	if t.Kind != k {
		return Type{}
	}
	return t.Fields()[i].Type
}

// Field finds a field of a struct, without regard to case; its place is -1 when there is none.
func (t Type) Field(name string) (Field, int) {
	if t.Kind == Struct {
		for i, f := range t.Fields() {
			if strings.EqualFold(f.Name, name) {
				return f, i
			}
		}
	}
	return Field{}, -1
}

// Holds reports whether the type, or a part of it, is of a kind.
func (t Type) Holds(k Kind) bool {
	if t.Kind == k {
		return true
	}
	for _, f := range t.Fields() {
		if f.Type.Holds(k) {
			return true
		}
	}
	return false
}

// nested writes a nested type, its parts by a rule and behind a field's name what divides it from its type.
func (t Type) nested(part func(Type) string, colon string) string {
	fields := t.Fields()
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = part(f.Type)
		if t.Kind == Struct {
			out[i] = fieldName(f.Name) + colon + out[i]
		}
	}
	return kindNames[t.Kind] + "<" + strings.Join(out, ",") + ">"
}

func fieldName(name string) string {
	if name == "" || strings.ContainsAny(name, ":,<>() `") {
		return "`" + strings.ReplaceAll(name, "`", "``") + "`"
	}
	return name
}

var lakeNames = map[Kind]string{Int: "int", Real: "float", Double: "double", Varbyte: "binary", Null: "void"}

// Lake is the type as the Glue catalog and Spark write it.
func (t Type) Lake() string {
	switch name, ok := lakeNames[t.Kind]; {
	case ok:
		return name
	case t.IsNested():
		return t.nested(Type.Lake, ":")
	case t.Kind == Varchar && t.Len == 0:
		return "string"
	}
	return t.String()
}

// ParseLake is ParseType in Hive's and Spark's language, where float has 32 bits and there are array<t>, map<k,v> and struct<name:t,...>.
func ParseLake(text string) (Type, error) {
	p := typeParser{text: text}
	t, err := p.typ(0)
	if err == nil && strings.TrimSpace(p.text[p.i:]) != "" {
		err = fmt.Errorf("%q stands behind it", strings.TrimSpace(p.text[p.i:]))
	}
	if err != nil {
		return Type{}, fmt.Errorf("type %q: %w", text, err)
	}
	return t, nil
}

// ParseFields reads columns with their types as Spark writes them, "a int, b string": a struct without the word.
func ParseFields(text string) (Type, error) {
	p := typeParser{text: text}
	fields, err := p.fields(0, 0)
	if err != nil {
		return Type{}, fmt.Errorf("schema %q: %w", text, err)
	}
	return StructOf(fields...), nil
}

// maxTypeDepth bounds the nesting of a type.
const maxTypeDepth = 64

type typeParser struct {
	text string
	i    int
}

func (p *typeParser) space() {
	for p.i < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.i]) >= 0 {
		p.i++
	}
}

func (p *typeParser) take(c byte) bool {
	if p.space(); p.i < len(p.text) && p.text[p.i] == c {
		p.i++
		return true
	}
	return false
}

// until reads what stands in front of one of the bytes, those in parentheses left out.
func (p *typeParser) until(stops string) string {
	from, depth := p.i, 0
	for ; p.i < len(p.text); p.i++ {
		switch c := p.text[p.i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && strings.IndexByte(stops, c) >= 0:
			return p.text[from:p.i]
		}
	}
	return p.text[from:]
}

func (p *typeParser) typ(depth int) (Type, error) {
	if depth > maxTypeDepth {
		return Type{}, fmt.Errorf("it is nested more than %d levels deep", maxTypeDepth)
	}
	name := strings.ToLower(strings.TrimSpace(p.until("<>,")))
	if !p.take('<') {
		name, _, _ = strings.Cut(name, " comment ")
		name = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(name), "not null"))
		if name == "float" {
			return T(Real), nil
		}
		return ParseType(name)
	}
	out, err := p.inside(name, depth)
	if err == nil && !p.take('>') {
		err = fmt.Errorf("%s<...> is not closed", name)
	}
	tail := strings.ToLower(strings.TrimSpace(p.until(">,")))
	if tail = strings.TrimSpace(strings.TrimPrefix(tail, "not null")); err == nil && tail != "" && !strings.HasPrefix(tail, "comment ") {
		err = fmt.Errorf("%q stands behind %s<...>", tail, name)
	}
	return out, err
}

func (p *typeParser) inside(name string, depth int) (Type, error) {
	switch name {
	case "array":
		elem, err := p.typ(depth + 1)
		return ArrayOf(elem), err
	case "map":
		key, err := p.typ(depth + 1)
		if err != nil || !p.take(',') {
			return Type{}, fmt.Errorf("map needs a key and a value (%v)", err)
		}
		value, err := p.typ(depth + 1)
		if key.Holds(Map) {
			return Type{}, fmt.Errorf("the key of a map holds no map")
		}
		return MapOf(key, value), err
	case "struct":
		fields, err := p.fields('>', depth+1)
		return StructOf(fields...), err
	}
	return Type{}, fmt.Errorf("type %q has no parts", name)
}

// fields reads name:type or name type, divided by commas, up to a byte or the end. One at least is needed: the engine has no empty struct.
func (p *typeParser) fields(end byte, depth int) ([]Field, error) {
	var out []Field
	for {
		name := p.name()
		if name == "" {
			return nil, fmt.Errorf("the name of a field is missing")
		}
		p.take(':')
		t, err := p.typ(depth)
		if err != nil {
			return nil, err
		}
		for _, f := range out {
			if strings.EqualFold(f.Name, name) {
				return nil, fmt.Errorf("field %q is there twice", name)
			}
		}
		out = append(out, Field{name, t})
		if p.take(',') {
			continue
		}
		if p.space(); p.i == len(p.text) && end == 0 || p.i < len(p.text) && p.text[p.i] == end {
			return out, nil
		}
		return nil, fmt.Errorf("a comma is missing behind field %q", name)
	}
}

func (p *typeParser) name() string {
	if !p.take('`') {
		return p.until(": \t\r\n,<>")
	}
	var b strings.Builder
	for ; p.i < len(p.text); p.i++ {
		if p.text[p.i] == '`' {
			if p.i++; p.i >= len(p.text) || p.text[p.i] != '`' {
				break
			}
		}
		b.WriteByte(p.text[p.i])
	}
	return b.String()
}
