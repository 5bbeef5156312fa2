package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"penstock/internal/api/shapes"
)

// DecodeRaw fills out, a pointer to one of the SDK's structs, from a JSON object with Go member names, as Step Functions' aws-sdk
// integrations write them. A member that the struct has not is an *UnknownMember. A member name may start with a small letter.
func DecodeRaw(raw json.RawMessage, out any, unions Unions) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("parse parameters: %w", err)
	}
	if v == nil {
		v = map[string]any{}
	}
	d := rawDecoder{unions}
	return d.value(reflect.ValueOf(out).Elem(), v, "")
}

type rawDecoder struct{ unions Unions }

func (d rawDecoder) value(dst reflect.Value, v any, at string) error {
	if v == nil {
		return nil
	}
	switch t := dst.Type(); {
	case t.Kind() == reflect.Pointer:
		p := reflect.New(t.Elem())
		if err := d.value(p.Elem(), v, at); err != nil {
			return err
		}
		dst.Set(p)
		return nil
	case t == timeType:
		return d.time(dst, v, at)
	case t.Kind() == reflect.Interface:
		return d.iface(dst, v, at)
	case t.Kind() == reflect.Struct:
		return d.object(dst, v, at)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return d.blob(dst, v, at)
	case t.Kind() == reflect.Slice:
		return d.list(dst, v, at)
	case t.Kind() == reflect.Map:
		return d.dict(dst, v, at)
	}
	return d.scalar(dst, v, at)
}

func (d rawDecoder) object(dst reflect.Value, v any, at string) error {
	m, ok := v.(map[string]any)
	if !ok {
		return rawType(at, "an object", v)
	}
	fields := Fields(dst.Type())
	for name, val := range m {
		path := strings.TrimPrefix(at+"."+name, ".")
		f := fieldNamed(fields, name)
		if f == nil {
			return &UnknownMember{Path: path}
		}
		fv, ok := fieldByIndex(dst, f.Index)
		if !ok {
			return &UnknownMember{Path: path}
		}
		if err := d.value(fv, val, path); err != nil {
			return err
		}
	}
	return nil
}

func fieldNamed(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	for i := range fields {
		if strings.EqualFold(fields[i].Name, name) {
			return &fields[i]
		}
	}
	return nil
}

func (d rawDecoder) list(dst reflect.Value, v any, at string) error {
	l, ok := v.([]any)
	if !ok {
		return rawType(at, "a list", v)
	}
	out := reflect.MakeSlice(dst.Type(), len(l), len(l))
	for i, e := range l {
		if err := d.value(out.Index(i), e, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	dst.Set(out)
	return nil
}

func (d rawDecoder) dict(dst reflect.Value, v any, at string) error {
	m, ok := v.(map[string]any)
	if !ok {
		return rawType(at, "an object", v)
	}
	t := dst.Type()
	out := reflect.MakeMapWithSize(t, len(m))
	for k, e := range m {
		ev := reflect.New(t.Elem()).Elem()
		if err := d.value(ev, e, at+"."+k); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(k).Convert(t.Key()), ev)
	}
	dst.Set(out)
	return nil
}

func (d rawDecoder) iface(dst reflect.Value, v any, at string) error {
	t := dst.Type()
	if t == readerType {
		s, ok := v.(string)
		if !ok {
			b, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
			s = string(b)
		}
		dst.Set(reflect.ValueOf(strings.NewReader(s)))
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return rawType(at, "an object with one member", v)
	}
	for name, val := range m {
		vt := d.unions[t][name]
		if vt == nil {
			return &UnknownMember{Path: at + "." + name}
		}
		p := reflect.New(vt.Elem())
		if err := d.value(p.Elem().FieldByName("Value"), val, at+"."+name); err != nil {
			return err
		}
		dst.Set(p)
	}
	return nil
}

func (d rawDecoder) blob(dst reflect.Value, v any, at string) error {
	s, ok := v.(string)
	if !ok {
		return rawType(at, "base64 text", v)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return fmt.Errorf("%s is not base64: %w", at, err)
	}
	dst.SetBytes(b)
	return nil
}

func (d rawDecoder) time(dst reflect.Value, v any, at string) error {
	switch x := v.(type) {
	case json.Number:
		t, err := shapes.ParseUnix(x.String())
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		dst.Set(reflect.ValueOf(t))
	case string:
		t, err := time.Parse(time.RFC3339Nano, x)
		if err != nil {
			return fmt.Errorf("%s is not a timestamp: %q", at, x)
		}
		if t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
			return fmt.Errorf("%s is not a timestamp: %q", at, x)
		}
		dst.Set(reflect.ValueOf(t.UTC()))
	default:
		return rawType(at, "a timestamp", v)
	}
	return nil
}

func (d rawDecoder) scalar(dst reflect.Value, v any, at string) error {
	switch dst.Kind() {
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			return rawType(at, "text", v)
		}
		dst.SetString(s)
		return nil
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			return rawType(at, "true or false", v)
		}
		dst.SetBool(b)
		return nil
	}
	n, ok := v.(json.Number)
	if !ok {
		return rawType(at, "a number", v)
	}
	switch dst.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		i, err := wholeNumber(n.String())
		if err != nil || dst.OverflowInt(i) {
			return rawType(at, "a whole number", v)
		}
		dst.SetInt(i)
	case reflect.Float32, reflect.Float64:
		f, err := n.Float64()
		if err != nil {
			return rawType(at, "a number", v)
		}
		dst.SetFloat(f)
	default:
		return fmt.Errorf("%s: Penstock cannot read a %s", at, dst.Type())
	}
	return nil
}

// wholeNumber reads 5, and 5.0 as JSONPath arithmetic may leave it.
func wholeNumber(s string) (int64, error) {
	whole, frac, found := strings.Cut(s, ".")
	if found && strings.Trim(frac, "0") == "" {
		s = whole
	}
	return strconv.ParseInt(s, 10, 64)
}

func rawType(at, want string, got any) error {
	b, _ := json.Marshal(got)
	if len(b) > 100 {
		b = append(b[:100], "..."...)
	}
	if at == "" {
		at = "parameters"
	}
	return fmt.Errorf("%s must be %s, not %s", at, want, b)
}
