package parquetfile

import (
	"errors"
	"fmt"

	"penstock/internal/schema"
)

// The physical types.
const (
	pBoolean = iota
	pInt32
	pInt64
	pInt96
	pFloat
	pDouble
	pBytes
	pFixed
	group = -1 // no physical type
)

// Repetition.
const (
	required = iota
	optional
	repeated
)

// An annotation is a logical type, or the converted type of older writers in its words.
type annotation int

const (
	aNone annotation = iota
	aString
	aMap
	aList
	aEnum
	aDecimal
	aDate
	aTime
	aTimestamp
	_
	aInteger
	aNull
	aJSON
	aBSON
	aUUID
	aFloat16
	aVariant
	aGeometry
	aGeography
	aInterval
	aMapKeyValue
)

// An element is a node of the schema, which lies in the file as a list in depth-first order.
type element struct {
	name       string
	physical   int
	length     int64
	repetition int64
	children   int64
	note       annotation
	scale      int64
	precision  int64
	width      int64 // of an integer
	unsigned   bool
}

func (r *reading) element() error {
	e := element{physical: group}
	converted, logical := int64(-1), false
	err := r.t.fields(func(id int, typ byte) (bool, error) {
		var n int64
		var err error
		switch {
		case id == 4 && typ == tBinary:
			var b []byte
			b, err = r.t.bytes()
			e.name = string(b)
			return true, err
		case id == 10 && typ == tStruct:
			logical = true
			return true, r.logical(&e)
		case typ != tI32 || id > 8:
			return false, nil
		}
		if n, err = r.t.int(); err != nil {
			return true, err
		}
		switch id {
		case 1:
			e.physical = int(n)
		case 2:
			e.length = n
		case 3:
			e.repetition = n
		case 5:
			e.children = n
		case 6:
			converted = n
		case 7:
			e.scale = n
		case 8:
			e.precision = n
		}
		return true, nil
	})
	if !logical || e.note == aNone {
		e.convertedType(converted)
	}
	r.elements = append(r.elements, e)
	return err
}

// logical reads a LogicalType, a union of structs.
func (r *reading) logical(e *element) error {
	return r.t.fields(func(id int, typ byte) (bool, error) {
		if typ != tStruct {
			return false, nil
		}
		if annotation(id) > aGeography {
			return false, nil
		}
		e.note = annotation(id)
		return true, r.t.fields(func(id int, typ byte) (bool, error) {
			var err error
			switch {
			case e.note == aDecimal && typ == tI32 && id == 1:
				e.scale, err = r.t.int()
			case e.note == aDecimal && typ == tI32 && id == 2:
				e.precision, err = r.t.int()
			case e.note == aInteger && typ == tByte && id == 1:
				var b byte
				b, err = r.t.byte()
				e.width = int64(b)
			case e.note == aInteger && id == 2:
				e.unsigned = typ == tFalse
				return false, nil
			default:
				return false, nil
			}
			return true, err
		})
	})
}

func (e *element) convertedType(n int64) {
	switch n {
	case 0:
		e.note = aString
	case 1:
		e.note = aMap
	case 2:
		e.note = aMapKeyValue
	case 3:
		e.note = aList
	case 4:
		e.note = aEnum
	case 5:
		e.note = aDecimal
	case 6:
		e.note = aDate
	case 7, 8:
		e.note = aTime
	case 9, 10:
		e.note = aTimestamp
	case 11, 12, 13, 14:
		e.note, e.width, e.unsigned = aInteger, 8<<(n-11), true
	case 15, 16, 17, 18:
		e.note, e.width = aInteger, 8<<(n-15)
	case 19:
		e.note = aJSON
	case 20:
		e.note = aBSON
	case 21:
		e.note = aInterval
	}
}

// A tree walks the list of elements.
type tree struct {
	elements []element
	at       int
}

const maxNesting = 64

func columns(elements []element) ([]schema.Field, error) {
	root := elements[0]
	t := &tree{elements: elements, at: 1}
	fields, err := t.fields(root.children, 0)
	if err == nil && t.at != len(elements) {
		err = fmt.Errorf("%d elements belong to no column", len(elements)-t.at)
	}
	return fields, err
}

func (t *tree) fields(n int64, depth int) ([]schema.Field, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it is nested more than %d deep", maxNesting)
	}
	if n < 0 || n > int64(len(t.elements)-t.at) {
		return nil, fmt.Errorf("a group has %d fields and %d elements are left", n, len(t.elements)-t.at)
	}
	out := make([]schema.Field, 0, n)
	for range n {
		name := ""
		if t.at < len(t.elements) {
			name = t.elements[t.at].name
		}
		typ, err := t.next(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, schema.Field{Name: name, Type: typ})
	}
	return out, nil
}

// next is the type of the element that comes next, with those below it.
func (t *tree) next(depth int) (schema.Type, error) {
	if t.at >= len(t.elements) {
		return schema.Type{}, errors.New("elements are missing")
	}
	e := &t.elements[t.at]
	if e.repetition == repeated { // a list of the oldest writers, outside of a group LIST
		typ, err := t.alone(depth)
		return schema.ArrayOf(typ), err
	}
	return t.alone(depth)
}

// alone is the type of the next element without its repetition.
func (t *tree) alone(depth int) (schema.Type, error) {
	e := &t.elements[t.at]
	t.at++
	if e.physical != group && e.children == 0 {
		typ, err := e.scalar()
		if err != nil {
			err = fmt.Errorf("column %s: %w", e.name, err)
		}
		return typ, err
	}
	switch e.note {
	case aVariant:
		return schema.Type{}, fmt.Errorf("column %s is of type variant; Penstock does not support that", e.name)
	case aList:
		if inner := t.peek(); e.children == 1 && inner != nil && inner.repetition == repeated {
			elem, err := t.listElement(e, depth)
			return schema.ArrayOf(elem), err
		}
	case aMap, aMapKeyValue:
		if inner := t.peek(); e.children == 1 && inner != nil && inner.repetition == repeated && inner.children == 2 {
			t.at++
			pair, err := t.fields(2, depth+1)
			if err != nil {
				return schema.Type{}, err
			}
			return schema.MapOf(pair[0].Type, pair[1].Type), nil
		}
	}
	fields, err := t.fields(e.children, depth)
	if err == nil && len(fields) == 0 {
		err = fmt.Errorf("group %s has no fields", e.name)
	}
	return schema.StructOf(fields...), err
}

func (t *tree) peek() *element {
	if t.at < len(t.elements) {
		return &t.elements[t.at]
	}
	return nil
}

// listElement is the type of a list's elements. Before the form of three levels was agreed on writers had others; these are the format's
// rules for telling them apart.
func (t *tree) listElement(list *element, depth int) (schema.Type, error) {
	inner := t.elements[t.at]
	two := inner.physical != group || inner.children != 1 || inner.name == "array" || inner.name == list.name+"_tuple"
	if !two && t.at+1 < len(t.elements) && t.elements[t.at+1].repetition == repeated {
		two = true // the only field of the group is a list itself
	}
	if two {
		return t.alone(depth + 1)
	}
	t.at++
	return t.next(depth + 2)
}

// scalar is the column type of a leaf. See docs/formats/parquet.md.
func (e *element) scalar() (schema.Type, error) {
	if e.note == aDecimal {
		return e.decimal()
	}
	if e.note == aNull {
		return schema.Of(schema.Unknown), nil
	}
	switch e.physical {
	case pBoolean:
		return schema.Of(schema.Boolean), nil
	case pInt32, pInt64:
		return e.integer(), nil
	case pInt96:
		return schema.Of(schema.Timestamp), nil
	case pFloat:
		return schema.Of(schema.Float), nil
	case pDouble:
		return schema.Of(schema.Double), nil
	case pBytes, pFixed:
		switch e.note {
		case aString, aEnum, aJSON, aUUID:
			return schema.Of(schema.String), nil
		case aFloat16:
			return schema.Of(schema.Float), nil
		}
		return schema.Of(schema.Binary), nil
	}
	return schema.Type{}, fmt.Errorf("it is of physical type %d, which the format does not have", e.physical)
}

func (e *element) integer() schema.Type {
	switch {
	case e.note == aDate && e.physical == pInt32:
		return schema.Of(schema.Date)
	case e.note == aTimestamp && e.physical == pInt64:
		return schema.Of(schema.Timestamp)
	case e.note == aInteger && e.unsigned:
		switch e.width {
		case 8:
			return schema.Of(schema.SmallInt)
		case 16:
			return schema.Of(schema.Int)
		case 32:
			return schema.Of(schema.BigInt)
		}
		return schema.DecimalOf(20, 0)
	case e.note == aInteger && e.width == 8:
		return schema.Of(schema.TinyInt)
	case e.note == aInteger && e.width == 16:
		return schema.Of(schema.SmallInt)
	case e.physical == pInt32:
		return schema.Of(schema.Int)
	}
	return schema.Of(schema.BigInt)
}

func (e *element) decimal() (schema.Type, error) {
	most := int64(38)
	switch e.physical {
	case pInt32:
		most = 9
	case pInt64:
		most = 18
	case pBytes, pFixed:
	default:
		return schema.Type{}, errors.New("a decimal is stored as a number of another kind")
	}
	if e.precision < 1 || e.precision > most || e.scale < 0 || e.scale > e.precision {
		return schema.Type{}, fmt.Errorf("decimal(%d,%d): the precision is 1 to %d, the scale 0 to the precision", e.precision, e.scale, most)
	}
	return schema.DecimalOf(int(e.precision), int(e.scale)), nil
}
