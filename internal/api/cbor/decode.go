package cbor

import (
	"math"
	"reflect"
	"time"

	"penstock/internal/api/shapes"
)

var timeType = reflect.TypeFor[time.Time]()

// Decode reads a body into v, which holds a value of t's Go type and can be set. An empty body is an empty structure. A member that
// t has not is a *shapes.Unknown; bytes of another form are a *shapes.Malformed.
func Decode(body []byte, t *shapes.Type, v reflect.Value) error {
	if len(body) == 0 {
		return nil
	}
	d := decoder{scanner{b: body}}
	if err := d.value(t, v); err != nil {
		return err
	}
	if d.i < len(body) {
		return d.fail("more bytes after the value")
	}
	return nil
}

type decoder struct{ scanner }

func (d *decoder) value(t *shapes.Type, v reflect.Value) error {
	if d.null() {
		return nil
	}
	v = shapes.Settable(v)
	switch t.Shape.Kind {
	case shapes.Structure:
		return d.structure(t, v)
	case shapes.List:
		return d.list(t, v)
	case shapes.Map:
		return d.mapping(t, v)
	}
	return d.scalar(t, v)
}

func (d *decoder) structure(t *shapes.Type, v reflect.Value) error {
	return d.each(majorMap, func() error {
		name, err := d.str(majorText)
		if err != nil {
			return err
		}
		if string(name) == "__type" || d.null() {
			if string(name) == "__type" {
				return d.skip()
			}
			return nil
		}
		if v.Kind() == reflect.Interface {
			return d.variant(t, v, string(name))
		}
		f := t.Member(string(name))
		if f == nil {
			return d.unknown(shapes.Upper(string(name)))
		}
		if err := d.value(f.Type, f.In(v)); err != nil {
			return shapes.Below(f.Name, err)
		}
		return nil
	})
}

// unknown refuses a member by name, unless it asks for nothing: false, 0, "" or [].
func (d *decoder) unknown(path string) error {
	start := d.i
	if err := d.skip(); err != nil {
		return err
	}
	switch string(d.b[start:d.i]) {
	case "\xf4", "\x00", "\x60", "\x80", "\x9f\xff":
		return nil
	}
	return &shapes.Unknown{Path: path}
}

func (d *decoder) variant(t *shapes.Type, v reflect.Value, name string) error {
	vr := t.Variant(name)
	if vr == nil {
		return &shapes.Unknown{Path: shapes.Upper(name)}
	}
	if !v.IsNil() {
		return d.fail("a union has one member, here is a second")
	}
	p := reflect.New(vr.Go.Elem())
	if err := d.value(vr.Type, p.Elem().FieldByName("Value")); err != nil {
		return shapes.Below(shapes.Upper(name), err)
	}
	v.Set(p)
	return nil
}

func (d *decoder) list(t *shapes.Type, v reflect.Value) error {
	if t.Elem == nil {
		return shapes.Malformedf("a %s cannot hold a list", t.Go)
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 4))
	return d.each(majorArray, func() error {
		e := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(t.Elem, e); err != nil {
			return shapes.Below("[]", err)
		}
		v.Set(reflect.Append(v, e))
		return nil
	})
}

func (d *decoder) mapping(t *shapes.Type, v reflect.Value) error {
	if t.Value == nil {
		return shapes.Malformedf("a %s cannot hold a map", t.Go)
	}
	m := reflect.MakeMap(v.Type())
	v.Set(m)
	return d.each(majorMap, func() error {
		name, err := d.str(majorText)
		if err != nil {
			return err
		}
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		k.SetString(string(name))
		if d.null() {
			if e.Kind() == reflect.Pointer {
				m.SetMapIndex(k, e)
			}
			return nil
		}
		if err := d.value(t.Value, e); err != nil {
			return shapes.Below("{}", err)
		}
		m.SetMapIndex(k, e)
		return nil
	})
}

func (d *decoder) scalar(t *shapes.Type, v reflect.Value) error {
	switch m := d.major(); {
	case v.Type() == timeType:
		return d.timestamp(v)
	case v.Kind() == reflect.String:
		b, err := d.str(majorText)
		if err == nil {
			v.SetString(string(b))
		}
		return err
	case v.Kind() == reflect.Slice:
		b, err := d.str(majorBytes)
		if err == nil {
			v.SetBytes(append([]byte{}, b...))
		}
		return err
	case v.Kind() == reflect.Bool:
		if m != majorSimple || d.b[d.i] != 0xf4 && d.b[d.i] != 0xf5 {
			return d.fail("expected true or false")
		}
		v.SetBool(d.b[d.i] == 0xf5)
		d.i++
		return nil
	}
	n, err := d.number()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, ok := n.int64()
		if !ok || v.OverflowInt(i) {
			return d.fail("not a whole number in range")
		}
		v.SetInt(i)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(n.float())
	default:
		return d.fail("a number where a " + v.Type().String() + " belongs")
	}
	return nil
}

// timestamp reads tag 1 and a number of seconds.
func (d *decoder) timestamp(v reflect.Value) error {
	if d.major() == majorTag {
		_, _, tag, err := d.head()
		if err != nil {
			return err
		}
		if tag != 1 {
			return d.fail("a timestamp has tag 1")
		}
	}
	n, err := d.number()
	if err != nil {
		return err
	}
	if i, ok := n.int64(); ok && !n.isFloat {
		if i > shapes.MaxUnix || i < shapes.MinUnix {
			return d.fail("timestamp out of range")
		}
		v.Set(reflect.ValueOf(time.Unix(i, 0).UTC()))
		return nil
	}
	f := n.float()
	if !(f >= shapes.MinUnix && f <= shapes.MaxUnix) {
		return d.fail("timestamp out of range")
	}
	// Milliseconds are what the protocol promises; a float of seconds holds no more than micro.
	v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(f * 1000))).UTC()))
	return nil
}
