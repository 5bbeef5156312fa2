package awsjson

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"penstock/internal/api/shapes"
)

// Append appends a value of t as JSON. Absent members are left out.
func Append(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	return appendValue(b, t, v, nil)
}

func appendValue(b []byte, t *shapes.Type, v reflect.Value, ref *shapes.Ref) ([]byte, error) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return AppendString(b, v.String()), nil
	case reflect.Slice:
		if v.Type() == rawType {
			return append(b, v.Bytes()...), nil
		}
	}
	switch t.Shape.Kind {
	case shapes.Structure:
		if v.Kind() == reflect.Interface {
			return appendUnion(b, t, v)
		}
		return appendStruct(b, t, v, nil)
	case shapes.List:
		return appendList(b, t, v)
	case shapes.Map:
		return appendMap(b, t, v)
	}
	return appendScalar(b, t, v, ref)
}

// AppendMembers appends the members of a structure that keep picks as a JSON object.
func AppendMembers(b []byte, t *shapes.Type, v reflect.Value, keep func(*shapes.Field) bool) ([]byte, error) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return appendStruct(b, t, v, keep)
}

func appendStruct(b []byte, t *shapes.Type, v reflect.Value, keep func(*shapes.Field) bool) ([]byte, error) {
	var err error
	b = append(b, '{')
	first := true
	for _, f := range t.Fields {
		fv, ok := f.Of(v)
		if !ok || keep != nil && !keep(f) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, f.Key...)
		if b, err = appendValue(b, f.Type, fv, f.Ref); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return append(b, '}'), nil
}

func appendUnion(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	vr, val, ok := t.UnionValue(v)
	if !ok {
		return nil, fmt.Errorf("no member of union %s is a %s", t.Shape.Name, v.Elem().Type())
	}
	b = append(b, '{')
	b = AppendString(b, vr.JSON)
	b = append(b, ':')
	b, err := appendValue(b, vr.Type, val, vr.Ref)
	return append(b, '}'), err
}

func appendList(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if t.Elem == nil {
		return nil, fmt.Errorf("a %s cannot hold a list", t.Go)
	}
	var err error
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, t.Elem, v.Index(i), t.Shape.Elem); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return append(b, ']'), nil
}

func appendMap(b []byte, t *shapes.Type, v reflect.Value) ([]byte, error) {
	if t.Value == nil {
		return nil, fmt.Errorf("a %s cannot hold a map", t.Go)
	}
	if m, ok := v.Interface().(map[string]string); ok {
		return appendTexts(b, m), nil
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	var err error
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, k.String())
		b = append(b, ':')
		if b, err = appendValue(b, t.Value, v.MapIndex(k), t.Shape.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
	}
	return append(b, '}'), nil
}

// appendTexts appends the most frequent kind of map.
func appendTexts(b []byte, m map[string]string) []byte {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, k), ':')
		b = AppendString(b, m[k])
	}
	return append(b, '}')
}

func appendScalar(b []byte, t *shapes.Type, v reflect.Value, ref *shapes.Ref) ([]byte, error) {
	switch v.Kind() {
	case reflect.String:
		return AppendString(b, v.String()), nil
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Float32:
		return appendFloat(b, v.Float(), 32), nil
	case reflect.Float64:
		return appendFloat(b, v.Float(), 64), nil
	case reflect.Slice:
		return AppendString(b, base64.StdEncoding.EncodeToString(v.Bytes())), nil
	}
	if v.Type() != timeType {
		return nil, fmt.Errorf("a %s cannot be written", v.Type())
	}
	if ref == nil {
		ref = &shapes.Ref{Shape: t.Shape}
	}
	text := shapes.FormatTime(v.Interface().(time.Time), ref.Format(shapes.Unix))
	if ref.Format(shapes.Unix) == shapes.Unix {
		return append(b, text...), nil
	}
	return AppendString(b, text), nil
}

func appendFloat(b []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return AppendString(b, shapes.FormatFloat(f, bits))
	}
	return strconv.AppendFloat(b, f, 'g', -1, bits)
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string; bytes that are not UTF-8 become the replacement character.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	start, i := 0, plainPrefix(s)
	for i < len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		b = appendEscape(b, c)
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// plainPrefix returns how many bytes at the beginning of s stand for themselves in a JSON string.
func plainPrefix(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return i
		}
	}
	return len(s)
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
