package engine

import (
	"fmt"
	"strings"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// A TypeID names a DuckDB type.
type TypeID uint8

// The types that results may have.
const (
	Invalid TypeID = iota
	Boolean
	TinyInt
	SmallInt
	Integer
	BigInt
	UTinyInt
	USmallInt
	UInteger
	UBigInt
	HugeInt
	Float
	Double
	Decimal
	Varchar
	Blob
	DateType
	Time
	TimeTZ
	Timestamp
	TimestampS
	TimestampMS
	TimestampNS
	TimestampTZ
	Interval
	UUID
	Enum
	List
	Struct
	Map
	Null
)

var typeNames = [...]string{"INVALID", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
	"UBIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "BLOB", "DATE", "TIME", "TIME WITH TIME ZONE", "TIMESTAMP",
	"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "INTERVAL", "UUID", "ENUM", "LIST", "STRUCT", "MAP",
	"NULL"}

// A Date is a day as days since 1970-01-01.
type Date int32

// A Type is a DuckDB type with its parameters.
type Type struct {
	ID           TypeID
	Width, Scale uint8    // of a Decimal
	Fields       []Column // of a Struct; of a Map "key" and "value"
	Elem         *Type    // of a List
	Labels       []string // of an Enum
	Name         string   // DuckDB's number for a type that this package does not know (ID Invalid); JSON, in a Function
}

// String is the type as DuckDB writes it.
func (t Type) String() string {
	switch t.ID {
	case Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Width, t.Scale)
	case List:
		return t.Elem.String() + "[]"
	case Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = Ident(f.Name) + " " + f.Type.String()
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	case Map:
		return "MAP(" + t.Fields[0].Type.String() + ", " + t.Fields[1].Type.String() + ")"
	case Invalid:
		if t.Name != "" {
			return t.Name
		}
	}
	return typeNames[t.ID]
}

func simpleType(t duck.Type) TypeID {
	switch t {
	case duck.TypeBoolean:
		return Boolean
	case duck.TypeTinyInt:
		return TinyInt
	case duck.TypeSmallInt:
		return SmallInt
	case duck.TypeInteger:
		return Integer
	case duck.TypeBigInt:
		return BigInt
	case duck.TypeUTinyInt:
		return UTinyInt
	case duck.TypeUSmallInt:
		return USmallInt
	case duck.TypeUInteger:
		return UInteger
	case duck.TypeUBigInt:
		return UBigInt
	case duck.TypeHugeInt:
		return HugeInt
	case duck.TypeFloat:
		return Float
	case duck.TypeDouble:
		return Double
	case duck.TypeVarchar:
		return Varchar
	case duck.TypeBlob:
		return Blob
	}
	return simpleTimeType(t)
}

func simpleTimeType(t duck.Type) TypeID {
	switch t {
	case duck.TypeDate:
		return DateType
	case duck.TypeTime:
		return Time
	case duck.TypeTimeTZ:
		return TimeTZ
	case duck.TypeTimestamp:
		return Timestamp
	case duck.TypeTimestampS:
		return TimestampS
	case duck.TypeTimestampMS:
		return TimestampMS
	case duck.TypeTimestampNS:
		return TimestampNS
	case duck.TypeTimestampTZ:
		return TimestampTZ
	case duck.TypeInterval:
		return Interval
	case duck.TypeUUID:
		return UUID
	case duck.TypeSQLNull:
		return Null
	}
	return Invalid
}

// typeOf describes a logical type, which stays the caller's.
func typeOf(lt duck.LogicalType) Type {
	id := duck.GetTypeId(lt)
	switch id {
	case duck.TypeDecimal:
		return Type{ID: Decimal, Width: duck.DecimalWidth(lt), Scale: duck.DecimalScale(lt)}
	case duck.TypeEnum:
		t := Type{ID: Enum}
		for i := range duck.EnumDictionarySize(lt) {
			t.Labels = append(t.Labels, duck.EnumDictionaryValue(lt, duck.IdxT(i)))
		}
		return t
	case duck.TypeList:
		e := takeType(duck.ListTypeChildType(lt))
		return Type{ID: List, Elem: &e}
	case duck.TypeMap:
		return Type{ID: Map, Fields: []Column{{"key", takeType(duck.MapTypeKeyType(lt))}, {"value", takeType(duck.MapTypeValueType(lt))}}}
	case duck.TypeStruct:
		t := Type{ID: Struct}
		for i := range duck.StructTypeChildCount(lt) {
			t.Fields = append(t.Fields, Column{duck.StructTypeChildName(lt, i), takeType(duck.StructTypeChildType(lt, i))})
		}
		return t
	}
	t := Type{ID: simpleType(id)}
	if t.ID == Invalid {
		t.Name = fmt.Sprintf("DuckDB type %d", id)
	}
	return t
}

func takeType(lt duck.LogicalType) Type {
	defer duck.DestroyLogicalType(&lt)
	return typeOf(lt)
}
