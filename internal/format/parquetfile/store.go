package parquetfile

import (
	"fmt"

	"penstock/internal/schema"
)

// store says how the values of a type lie in the file: the reverse of scalar.
func (e *element) store(t schema.Type) error {
	integer := func(width int64) { e.physical, e.note, e.width = pInt32, aInteger, width }
	switch t.Kind {
	case schema.Boolean:
		e.physical = pBoolean
	case schema.TinyInt:
		integer(8)
	case schema.SmallInt:
		integer(16)
	case schema.Int:
		e.physical = pInt32
	case schema.BigInt:
		e.physical = pInt64
	case schema.Float:
		e.physical = pFloat
	case schema.Double:
		e.physical = pDouble
	case schema.Date:
		e.physical, e.note = pInt32, aDate
	case schema.Timestamp:
		e.physical, e.note = pInt64, aTimestamp
	case schema.Decimal:
		e.storeDecimal(t)
	case schema.Binary:
		e.physical = pBytes
	default:
		if !t.Kind.Text() {
			return fmt.Errorf("a Parquet file cannot hold values of type %s", t)
		}
		e.physical, e.note = pBytes, aString
	}
	return nil
}

func (e *element) storeDecimal(t schema.Type) {
	e.note, e.precision, e.scale = aDecimal, int64(t.Precision), int64(t.Scale)
	switch {
	case t.Precision <= 9:
		e.physical = pInt32
	case t.Precision <= 18:
		e.physical = pInt64
	default:
		e.physical, e.length = pFixed, int64(decimalBytes[t.Precision])
	}
}

// decimalBytes is how many bytes a signed number of so many decimal digits takes.
var decimalBytes = [39]int{19: 9, 20: 9, 21: 9, 22: 10, 23: 10, 24: 11, 25: 11, 26: 11, 27: 12, 28: 12, 29: 13, 30: 13, 31: 13, 32: 14,
	33: 14, 34: 15, 35: 15, 36: 16, 37: 16, 38: 16}

// put writes the SchemaElement with its annotation as a logical type, and as the converted type of older readers.
func (e *element) put(m *message, root bool) {
	m.open()
	defer m.end()
	if e.physical != group {
		m.i32(1, int64(e.physical))
	}
	if e.physical == pFixed {
		m.i32(2, e.length)
	}
	if !root {
		m.i32(3, e.repetition)
	}
	m.binary(4, e.name)
	if e.physical == group {
		m.i32(5, e.children)
	}
	if c, ok := e.converted(); ok {
		m.i32(6, c)
	}
	if e.note == aDecimal {
		m.i32(7, e.scale)
		m.i32(8, e.precision)
	}
	e.putLogical(m)
}

// converted is the number of the converted type, if there is one.
func (e *element) converted() (int64, bool) {
	switch e.note {
	case aString:
		return 0, true
	case aMap:
		return 1, true
	case aList:
		return 3, true
	case aDecimal:
		return 5, true
	case aDate:
		return 6, true
	case aTimestamp:
		return 10, true
	case aInteger:
		if e.width == 8 {
			return 15, true
		}
		return 16, true
	}
	return 0, false
}

// putLogical writes the LogicalType, a union of structs. A timestamp shows a clock's time, in no zone.
func (e *element) putLogical(m *message) {
	if e.note == aNone {
		return
	}
	m.begin(10)
	m.begin(int(e.note))
	switch e.note {
	case aDecimal:
		m.i32(1, e.scale)
		m.i32(2, e.precision)
	case aTimestamp:
		m.bool(1, false)
		m.begin(2) // unit
		m.begin(2) // microseconds
		m.end()
		m.end()
	case aInteger:
		m.byte(1, byte(e.width))
		m.bool(2, true)
	}
	m.end()
	m.end()
}
