package awsjson

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"penstock/internal/api/shapes"
)

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// Decode reads a request's or an answer's body into v, which holds a value of t's Go type and can be set. An empty body is an empty
// object. A member that t has not is a *shapes.Unknown; bytes of another form are a *shapes.Malformed.
func Decode(body []byte, t *shapes.Type, v reflect.Value) error {
	d := decoder{scanner{b: body}}
	if d.peek() == 0 && d.i >= len(body) {
		return nil
	}
	if err := d.value(t, v, nil); err != nil {
		return err
	}
	if d.peek(); d.i < len(body) {
		return d.fail("more bytes after the value")
	}
	return nil
}

type decoder struct{ scanner }

func (d *decoder) value(t *shapes.Type, v reflect.Value, ref *shapes.Ref) error {
	if d.null() {
		return nil
	}
	if t.Go == rawType {
		raw, err := d.skip()
		if err == nil {
			shapes.Settable(v).SetBytes(append([]byte(nil), raw...))
		}
		return err
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
	return d.scalar(t, v, ref)
}

func (d *decoder) structure(t *shapes.Type, v reflect.Value) error {
	if v.Kind() == reflect.Interface {
		return d.union(t, v)
	}
	if d.peek() != '{' {
		return d.fail("expected an object")
	}
	return d.object(func(name []byte) error {
		f := t.JSON(string(name))
		if f == nil {
			if string(name) == "__type" {
				_, err := d.skip()
				return err
			}
			return d.unknown(name)
		}
		if err := d.value(f.Type, f.In(v), f.Ref); err != nil {
			return shapes.Below(f.Name, err)
		}
		return nil
	})
}

// unknown refuses a member by name, unless it asks for nothing.
func (d *decoder) unknown(name []byte) error {
	path := shapes.Upper(string(name)) // the bytes may change while the value is read
	switch d.peek() {
	case 'n', 'f', '0', '"', '[':
		raw, err := d.skip()
		if err != nil {
			return err
		}
		if text := string(raw); text == "null" || text == `""` || text == "[]" || shapes.AsksNothing(text) {
			return nil
		}
	}
	return &shapes.Unknown{Path: path}
}

func (d *decoder) union(t *shapes.Type, v reflect.Value) error {
	if d.peek() != '{' {
		return d.fail("expected an object")
	}
	set := 0
	return d.object(func(name []byte) error {
		if string(name) == "__type" || d.peek() == 'n' {
			_, err := d.skip()
			return err
		}
		vr := t.Variant(string(name))
		if vr == nil {
			return d.unknown(name)
		}
		if set++; set > 1 {
			return d.fail("a union has one member, here is a second")
		}
		p := reflect.New(vr.Go.Elem())
		if err := d.value(vr.Type, p.Elem().FieldByName("Value"), vr.Ref); err != nil {
			return shapes.Below(shapes.Upper(vr.Ref.Name), err)
		}
		v.Set(p)
		return nil
	})
}

func (d *decoder) list(t *shapes.Type, v reflect.Value) error {
	if d.peek() != '[' {
		return d.fail("expected a list")
	}
	if t.Elem == nil {
		return shapes.Malformedf("a %s cannot hold a list", t.Go)
	}
	out, n := v, 0
	out.Set(reflect.MakeSlice(v.Type(), 0, 4))
	return d.array(func() error {
		if n == out.Cap() {
			out.Grow(1)
		}
		out.SetLen(n + 1)
		out.Index(n).SetZero()
		n++
		if err := d.value(t.Elem, out.Index(n-1), t.Shape.Elem); err != nil {
			return shapes.Below("[]", err)
		}
		return nil
	})
}

func (d *decoder) mapping(t *shapes.Type, v reflect.Value) error {
	if d.peek() != '{' {
		return d.fail("expected an object")
	}
	if t.Value == nil {
		return shapes.Malformedf("a %s cannot hold a map", t.Go)
	}
	m := reflect.MakeMap(v.Type())
	v.Set(m)
	return d.object(func(name []byte) error {
		key := reflect.New(v.Type().Key()).Elem()
		key.SetString(string(name))
		e := reflect.New(v.Type().Elem()).Elem()
		isNull := d.peek() == 'n'
		if err := d.value(t.Value, e, t.Shape.Value); err != nil {
			return shapes.Below("{}", err)
		}
		if !isNull || e.Kind() == reflect.Pointer {
			m.SetMapIndex(key, e)
		}
		return nil
	})
}

func (d *decoder) scalar(t *shapes.Type, v reflect.Value, ref *shapes.Ref) error {
	switch c := d.peek(); {
	case v.Type() == timeType:
		return d.timestamp(v)
	case c == '"':
		return d.text(t, v)
	case c == 't' || c == 'f':
		if v.Kind() != reflect.Bool {
			return d.fail("TRUE_VALUE or FALSE_VALUE cannot be converted to " + javaName(v))
		}
		v.SetBool(c == 't')
		if !d.word("true") && !d.word("false") {
			return d.fail("expected a value")
		}
		return nil
	case c == '{' || c == '[':
		return d.fail("Start of structure or map found where not expected")
	}
	n, err := d.number()
	if err != nil {
		return err
	}
	return d.setNumber(v, n)
}

func (d *decoder) setNumber(v reflect.Value, n string) error {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		whole, frac, cut := strings.Cut(n, ".")
		if cut && strings.Trim(frac, "0") == "" {
			n = whole
		}
		i, err := strconv.ParseInt(n, 10, 64)
		if err != nil || v.OverflowInt(i) {
			return d.fail(n + " is not a whole number in range")
		}
		v.SetInt(i)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(n, 64)
		if err != nil {
			return d.fail(n + " is not a number in range")
		}
		v.SetFloat(f)
	default:
		return d.fail("NUMBER_VALUE cannot be converted to " + javaName(v))
	}
	return nil
}

func (d *decoder) text(t *shapes.Type, v reflect.Value) error {
	b, err := d.str()
	if err != nil {
		return err
	}
	switch {
	case v.Kind() == reflect.String:
		v.SetString(string(b))
	case t.Shape.Kind == shapes.Blob && v.Kind() == reflect.Slice:
		out := make([]byte, base64.StdEncoding.DecodedLen(len(b)))
		n, err := base64.StdEncoding.Decode(out, b)
		if err != nil {
			return d.fail("not base64")
		}
		v.SetBytes(out[:n])
	case v.Kind() == reflect.Float32 || v.Kind() == reflect.Float64:
		switch s := string(b); s {
		case "NaN", "Infinity", "-Infinity":
			f, _ := shapes.ParseFloat(s)
			v.SetFloat(f)
		default:
			return d.fail("STRING_VALUE cannot be converted to " + javaName(v))
		}
	default:
		return d.fail("STRING_VALUE cannot be converted to " + javaName(v))
	}
	return nil
}

func (d *decoder) timestamp(v reflect.Value) error {
	var text string
	if d.peek() == '"' {
		b, err := d.str()
		if err != nil {
			return err
		}
		text = string(b)
	} else {
		n, err := d.number()
		if err != nil {
			return err
		}
		text = n
	}
	t, err := shapes.ParseTime(text, shapes.Unix)
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(t))
	return nil
}

// javaName is how AWS's messages call a type.
func javaName(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return "String"
	case reflect.Bool:
		return "Boolean"
	case reflect.Int64, reflect.Int:
		return "Long"
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return "Integer"
	case reflect.Float32, reflect.Float64:
		return "Double"
	}
	return "Blob"
}
