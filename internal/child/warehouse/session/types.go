package session

import (
	"penstock/internal/pgwire"
	"penstock/internal/sql/typed"
)

// oidOf is the PostgreSQL type that clients see, and its modifier.
func oidOf(t typed.Type) (oid uint32, modifier int32) {
	switch t.Kind {
	case typed.Bool:
		return pgwire.Bool, -1
	case typed.Tinyint, typed.Smallint:
		return pgwire.Int2, -1
	case typed.Int:
		return pgwire.Int4, -1
	case typed.Bigint:
		return pgwire.Int8, -1
	case typed.Decimal:
		return pgwire.Numeric, int32(t.Precision<<16|t.Scale) + 4
	case typed.Real:
		return pgwire.Float4, -1
	case typed.Double:
		return pgwire.Float8, -1
	case typed.Char:
		return pgwire.BPChar, lengthModifier(t.Len)
	case typed.Varchar, typed.String:
		return pgwire.Varchar, lengthModifier(t.Len)
	case typed.Varbyte:
		return pgwire.Varbyte, lengthModifier(t.Len)
	case typed.Super:
		return pgwire.Super, -1
	case typed.Sketch:
		return pgwire.HLLSketch, -1
	case typed.Null, typed.Unknown:
		return pgwire.Unknown, -1
	}
	return timeOID(t.Kind), -1
}

func lengthModifier(n int) int32 {
	if n == 0 {
		return -1
	}
	return int32(n) + 4
}

func timeOID(k typed.Kind) uint32 {
	switch k {
	case typed.Date:
		return pgwire.Date
	case typed.Time:
		return pgwire.Time
	case typed.Timetz:
		return pgwire.TimeTZ
	case typed.Timestamp:
		return pgwire.Timestamp
	case typed.Timestamptz:
		return pgwire.TimestampTZ
	case typed.Interval:
		return pgwire.Interval
	}
	return pgwire.Varchar
}

// typeOf is the type that a client means by an OID; Unknown leaves it to the binder.
func typeOf(oid uint32) typed.Type {
	switch oid {
	case pgwire.Bool:
		return typed.T(typed.Bool)
	case pgwire.Int2:
		return typed.T(typed.Smallint)
	case pgwire.Int4, pgwire.OID:
		return typed.T(typed.Int)
	case pgwire.Int8:
		return typed.T(typed.Bigint)
	case pgwire.Numeric:
		return typed.Dec(38, 18)
	case pgwire.Float4:
		return typed.T(typed.Real)
	case pgwire.Float8:
		return typed.T(typed.Double)
	case pgwire.Text, pgwire.Varchar, pgwire.BPChar, pgwire.Name:
		return typed.T(typed.Varchar)
	case pgwire.Date:
		return typed.T(typed.Date)
	case pgwire.Time:
		return typed.T(typed.Time)
	case pgwire.TimeTZ:
		return typed.T(typed.Timetz)
	case pgwire.Interval:
		return typed.T(typed.Interval)
	case pgwire.Timestamp:
		return typed.T(typed.Timestamp)
	case pgwire.TimestampTZ:
		return typed.T(typed.Timestamptz)
	}
	return typed.T(typed.Unknown)
}

// paramOID is what ParameterDescription says of a parameter.
func paramOID(t typed.Type) uint32 {
	if !t.Known() {
		return pgwire.Varchar
	}
	oid, _ := oidOf(t)
	return oid
}

func columnsOf(cols []typed.Column) []pgwire.Column {
	out := make([]pgwire.Column, len(cols))
	for i, c := range cols {
		oid, mod := oidOf(c.Type)
		out[i] = pgwire.Column{Name: c.Name, OID: oid, Modifier: mod}
	}
	return out
}

// textColumns describes columns of plain text.
func textColumns(names ...string) []pgwire.Column {
	out := make([]pgwire.Column, len(names))
	for i, n := range names {
		out[i] = pgwire.Column{Name: n, OID: pgwire.Varchar, Modifier: -1}
	}
	return out
}
