package engine

import (
	"fmt"
	"strings"

	"penstock/internal/column"
	"penstock/internal/schema"
)

// catalogKinds says which kind of the Data Catalog holds the values of a DuckDB type; Unknown: none.
var catalogKinds = [...]schema.Kind{Boolean: schema.Boolean, TinyInt: schema.TinyInt, SmallInt: schema.SmallInt, Integer: schema.Int,
	BigInt: schema.BigInt, UTinyInt: schema.SmallInt, USmallInt: schema.Int, UInteger: schema.BigInt, UBigInt: schema.Decimal,
	HugeInt: schema.Decimal, Float: schema.Float, Double: schema.Double, Decimal: schema.Decimal, Varchar: schema.String,
	Blob: schema.Binary, DateType: schema.Date, Timestamp: schema.Timestamp, TimestampS: schema.Timestamp,
	TimestampMS: schema.Timestamp, TimestampNS: schema.Timestamp, TimestampTZ: schema.Timestamp, UUID: schema.String,
	Enum: schema.String, List: schema.Array, Struct: schema.Struct, Map: schema.Map, Null: schema.Unknown}

// wider reports whether a DuckDB type is none that a table of the Data Catalog is given (schema.Type.DuckDB): a query may answer it.
func wider(id TypeID) bool {
	switch id {
	case UTinyInt, USmallInt, UInteger, UBigInt, HugeInt, TimestampS, TimestampMS, TimestampNS, TimestampTZ, UUID, Enum, Null:
		return true
	}
	return false
}

// CatalogType is the type of the Data Catalog for the values of t: unsigned integers get the next wider one (UBIGINT decimal(20,0),
// HUGEINT decimal(38,0)), every timestamp is one in UTC, UUID and ENUM are strings. TIME, INTERVAL and others have none.
func (t Type) CatalogType() (schema.Type, error) {
	switch t.ID {
	case List:
		elem, err := t.Elem.CatalogType()
		return schema.ArrayOf(elem), err
	case Map:
		fields, err := catalogFields(t.Fields)
		if err != nil {
			return schema.Type{}, err
		}
		return schema.MapOf(fields[0].Type, fields[1].Type), nil
	case Struct:
		fields, err := catalogFields(t.Fields)
		return schema.StructOf(fields...), err
	case Decimal:
		return schema.DecimalOf(int(t.Width), int(t.Scale)), nil
	case UBigInt:
		return schema.DecimalOf(20, 0), nil
	case HugeInt:
		return schema.DecimalOf(38, 0), nil
	}
	if int(t.ID) < len(catalogKinds) && (catalogKinds[t.ID] != schema.Unknown || t.ID == Null) {
		return schema.Of(catalogKinds[t.ID]), nil
	}
	return schema.Type{}, fmt.Errorf("%s is no type of the Data Catalog: cast it in the query", t)
}

func catalogFields(columns []Column) ([]schema.Field, error) {
	fields := make([]schema.Field, len(columns))
	for i, c := range columns {
		if c.Name == "" {
			return nil, fmt.Errorf("a field has no name: name it in the query")
		}
		t, err := c.Type.CatalogType()
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		fields[i] = schema.Field{Name: c.Name, Type: t}
	}
	return fields, nil
}

// fits reports whether values of t lie in columns of have: exactly in those of a table made for t, else in all that CatalogType makes t.
func fits(t schema.Type, have Type, exactly bool) bool {
	if exactly && wider(have.ID) {
		return false
	}
	switch t.Kind {
	case schema.Unknown:
		return have.ID == Varchar || have.ID == Null
	case schema.Array:
		return have.ID == List && fits(*t.Elem, *have.Elem, exactly)
	case schema.Map:
		return have.ID == Map && fits(*t.Key, have.Fields[0].Type, exactly) && fits(*t.Elem, have.Fields[1].Type, exactly)
	case schema.Struct:
		return have.ID == Struct && fieldsFit(t.Fields, have.Fields, exactly)
	case schema.Decimal:
		return have.ID == Decimal && t.Precision == int(have.Width) && t.Scale == int(have.Scale) ||
			have.ID == UBigInt && t.Precision == 20 && t.Scale == 0 || have.ID == HugeInt && t.Precision == 38 && t.Scale == 0
	case schema.Char, schema.Varchar:
		return catalogKinds[have.ID] == schema.String
	}
	return catalogKinds[have.ID] == t.Kind
}

func fieldsFit(fields []schema.Field, have []Column, exactly bool) bool {
	if len(fields) != len(have) {
		return false
	}
	for i, f := range fields {
		if !strings.EqualFold(f.Name, have[i].Name) || !fits(f.Type, have[i].Type, exactly) {
			return false
		}
	}
	return true
}

// match returns an error when the columns of a batch are not those of what ("the table"), in order, name and type.
func match(b *column.Batch, what string, have []Column, exactly bool) error {
	if len(b.Columns) != len(have) {
		return fmt.Errorf("a batch has %d columns, %s %d", len(b.Columns), what, len(have))
	}
	for i, v := range b.Columns {
		if !strings.EqualFold(b.Names[i], have[i].Name) {
			return fmt.Errorf("column %d of a batch is %s, of %s %s", i+1, b.Names[i], what, have[i].Name)
		}
		if !fits(v.Type, have[i].Type, exactly) {
			return fmt.Errorf("column %s of a batch is %s, of %s %s", b.Names[i], v.Type, what, have[i].Type)
		}
	}
	return nil
}
