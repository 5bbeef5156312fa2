package schema

import (
	"slices"
	"strconv"
	"strings"
)

// A Kind is a type without its parameters.
type Kind uint8

// The kinds. Unknown is the type of a column of which nothing but nulls has been seen.
const (
	Unknown Kind = iota
	Boolean
	TinyInt
	SmallInt
	Int
	BigInt
	Float
	Double
	Decimal
	String
	Char
	Varchar
	Binary
	Date
	Timestamp
	Array
	Map
	Struct
)

var kindNames = [...]string{"unknown", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "string",
	"char", "varchar", "binary", "date", "timestamp", "array", "map", "struct"}

// String is Hive's word for the kind.
func (k Kind) String() string { return kindNames[k] }

// Integer reports whether k is one of the four integer kinds.
func (k Kind) Integer() bool { return k >= TinyInt && k <= BigInt }

// Numeric reports whether k is an integer, floating point or decimal kind.
func (k Kind) Numeric() bool { return k >= TinyInt && k <= Decimal }

// Text reports whether k is string, char or varchar.
func (k Kind) Text() bool { return k >= String && k <= Varchar }

// Nested reports whether k is array, map or struct.
func (k Kind) Nested() bool { return k >= Array }

// A Type is the type of a column.
type Type struct {
	Kind      Kind
	Precision int     // decimal: 1-38 digits
	Scale     int     // decimal: digits after the point, 0-Precision
	Length    int     // char and varchar, in characters
	Key       *Type   // map
	Elem      *Type   // array: element; map: value
	Fields    []Field // struct
}

// A Field is a member of a struct.
type Field struct {
	Name string
	Type Type
}

// Of returns the type of a kind that needs no parameters.
func Of(k Kind) Type { return Type{Kind: k} }

// DecimalOf returns decimal(precision,scale).
func DecimalOf(precision, scale int) Type {
	return Type{Kind: Decimal, Precision: precision, Scale: scale}
}

// ArrayOf returns array<elem>.
func ArrayOf(elem Type) Type { return Type{Kind: Array, Elem: &elem} }

// MapOf returns map<key,value>.
func MapOf(key, value Type) Type { return Type{Kind: Map, Key: &key, Elem: &value} }

// StructOf returns struct<fields>.
func StructOf(fields ...Field) Type { return Type{Kind: Struct, Fields: fields} }

// Equal reports whether t and o are the same type; the names of struct fields count, without regard to case.
func (t Type) Equal(o Type) bool {
	if t.Kind != o.Kind || t.Precision != o.Precision || t.Scale != o.Scale || t.Length != o.Length {
		return false
	}
	return equalPtr(t.Key, o.Key) && equalPtr(t.Elem, o.Elem) && slices.EqualFunc(t.Fields, o.Fields, func(a, b Field) bool {
		return strings.EqualFold(a.Name, b.Name) && a.Type.Equal(b.Type)
	})
}

func equalPtr(a, b *Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// String is the type in Hive's language, as the Data Catalog stores it: "decimal(10,2)", "struct<a:int,b:array<string>>". Parse
// reads it back.
func (t Type) String() string {
	var b strings.Builder
	t.write(&b)
	return b.String()
}

func (t Type) write(b *strings.Builder) {
	b.WriteString(t.Kind.String())
	switch t.Kind {
	case Decimal:
		b.WriteString("(" + strconv.Itoa(t.Precision) + "," + strconv.Itoa(t.Scale) + ")")
	case Char, Varchar:
		b.WriteString("(" + strconv.Itoa(t.Length) + ")")
	case Array, Map, Struct:
		t.writeNested(b)
	}
}

func (t Type) writeNested(b *strings.Builder) {
	b.WriteByte('<')
	if t.Key != nil {
		t.Key.write(b)
		b.WriteByte(',')
	}
	if t.Elem != nil {
		t.Elem.write(b)
	}
	for i, f := range t.Fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoted(f.Name))
		b.WriteByte(':')
		f.Type.write(b)
	}
	b.WriteByte('>')
}

// quoted is a field's name as a type has it: in backticks when it has characters that would end it. Keys of JSON have them (aws:SourceVpc).
func quoted(name string) string {
	if !strings.ContainsAny(name, ":,<>()`") && name == strings.TrimSpace(name) && name != "" {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}
