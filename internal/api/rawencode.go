package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"time"
)

// maxRawBody bounds a streamed body that EncodeRaw turns into text: a state's payload is limited to 256 KiB anyway.
const maxRawBody = 8 << 20

// EncodeRaw writes an output struct of the SDK as a JSON object with Go member names; timestamps as ISO-8601 text, blobs as base64,
// a streamed body as text (read to its end and closed). Absent members are left out.
func EncodeRaw(out any) (json.RawMessage, error) {
	var b bytes.Buffer
	v := reflect.ValueOf(out)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return json.RawMessage("{}"), nil
	}
	if err := encodeRaw(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func encodeRaw(b *bytes.Buffer, v reflect.Value) error {
	switch t := v.Type(); {
	case t.Kind() == reflect.Pointer && v.IsNil():
		b.WriteString("null")
		return nil
	case t.Kind() == reflect.Pointer:
		return encodeRaw(b, v.Elem())
	case t == timeType:
		return marshal(b, v.Interface().(time.Time).UTC().Format("2006-01-02T15:04:05.999999999Z07:00"))
	case t.Kind() == reflect.Struct:
		return encodeRawObject(b, v)
	case t.Kind() == reflect.Interface:
		return encodeRawIface(b, v)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return marshal(b, v.Bytes())
	case t.Kind() == reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := encodeRaw(b, v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case t.Kind() == reflect.Map:
		return encodeRawMap(b, v)
	}
	return marshal(b, v.Interface())
}

func encodeRawObject(b *bytes.Buffer, v reflect.Value) error {
	b.WriteByte('{')
	first := true
	for _, f := range Fields(v.Type()) {
		fv, ok := fieldByIndex(v, f.Index)
		if !ok || absent(fv) {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		if err := marshal(b, f.Name); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := encodeRaw(b, fv); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	b.WriteByte('}')
	return nil
}

// absent says whether an output member is left out: nil, or an enum without value. A count of 0 and false are values.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	}
	return false
}

func encodeRawMap(b *bytes.Buffer, v reflect.Value) error {
	m := map[string]json.RawMessage{}
	for it := v.MapRange(); it.Next(); {
		var e bytes.Buffer
		if err := encodeRaw(&e, it.Value()); err != nil {
			return err
		}
		m[it.Key().String()] = e.Bytes()
	}
	return marshal(b, m)
}

func encodeRawIface(b *bytes.Buffer, v reflect.Value) error {
	if r, ok := v.Interface().(io.Reader); ok {
		text, err := io.ReadAll(io.LimitReader(r, maxRawBody+1))
		if c, ok := r.(io.Closer); ok {
			err = firstError(err, c.Close())
		}
		if err != nil {
			return fmt.Errorf("read body: %w", err)
		}
		if len(text) > maxRawBody {
			return fmt.Errorf("body is larger than %d bytes", maxRawBody)
		}
		return marshal(b, string(text))
	}
	name, val, ok := unionMember(v)
	if !ok {
		return fmt.Errorf("cannot write a %s", v.Elem().Type())
	}
	if err := marshal(b, map[string]json.RawMessage{}); err != nil {
		return err
	}
	b.Truncate(b.Len() - 2)
	b.WriteString(`{"` + name + `":`)
	if err := encodeRaw(b, val); err != nil {
		return err
	}
	b.WriteByte('}')
	return nil
}

func firstError(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

func marshal(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1)
	return nil
}
