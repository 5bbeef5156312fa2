package cbor

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"sort"
	"time"

	"penstock/internal/api/shapes"
)

// Append appends a value of t as CBOR. Absent members are left out.
func Append(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return append(b, 0xf6), nil
		}
		v = v.Elem()
	}
	switch t.Shape.Kind {
	case shapes.Structure:
		if v.Kind() == reflect.Interface {
			return appendUnion(b, t, v)
		}
		return appendStruct(b, t, v)
	case shapes.List:
		return appendList(b, t, v)
	case shapes.Map:
		return appendMap(b, t, v)
	}
	return appendScalar(b, v)
}

// AppendText appends a text string.
func AppendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

// AppendMap appends the head of a map of n members.
func AppendMap(b []byte, n int) []byte { return appendHead(b, majorMap, uint64(n)) }

func appendStruct(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	var err error
	b = append(b, majorMap<<5|indefinite)
	for _, f := range t.Fields {
		fv, ok := f.Of(v)
		if !ok {
			continue
		}
		b = AppendText(b, f.Ref.Name)
		if b, err = Append(b, f.Type, fv); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return append(b, 0xff), nil
}

func appendUnion(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	vr, val, ok := t.UnionValue(v)
	if !ok {
		return nil, fmt.Errorf("no member of union %s is a %s", t.Shape.Name, v.Elem().Type())
	}
	b = AppendText(AppendMap(b, 1), vr.Ref.Name)
	return Append(b, vr.Type, val)
}

func appendList(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if t.Elem == nil {
		return nil, fmt.Errorf("a %s cannot hold a list", t.Go)
	}
	var err error
	b = appendHead(b, majorArray, uint64(v.Len()))
	for i := range v.Len() {
		if b, err = Append(b, t.Elem, v.Index(i)); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return b, nil
}

func appendMap(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if t.Value == nil {
		return nil, fmt.Errorf("a %s cannot hold a map", t.Go)
	}
	keys := v.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	var err error
	b = AppendMap(b, len(keys))
	for _, k := range keys {
		b = AppendText(b, k.String())
		if b, err = Append(b, t.Value, v.MapIndex(k)); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
	}
	return b, nil
}

func appendScalar(b []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.String:
		return AppendText(b, v.String()), nil
	case reflect.Bool:
		if v.Bool() {
			return append(b, 0xf5), nil
		}
		return append(b, 0xf4), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appendInt(b, v.Int()), nil
	case reflect.Float32:
		return binary.BigEndian.AppendUint32(append(b, 0xfa), math.Float32bits(float32(v.Float()))), nil
	case reflect.Float64:
		return appendFloat(b, v.Float()), nil
	case reflect.Slice:
		return append(appendHead(b, majorBytes, uint64(v.Len())), v.Bytes()...), nil
	}
	if v.Type() != timeType {
		return nil, fmt.Errorf("a %s cannot be written", v.Type())
	}
	t := v.Interface().(time.Time)
	b = append(b, 0xc1)
	if t.Nanosecond() == 0 {
		return appendInt(b, t.Unix()), nil
	}
	return appendFloat(b, float64(t.UnixMilli())/1000), nil
}

func appendInt(b []byte, i int64) []byte {
	if i < 0 {
		return appendHead(b, majorNeg, uint64(-1-i))
	}
	return appendHead(b, majorUint, uint64(i))
}

func appendFloat(b []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0xfb), math.Float64bits(f))
}
