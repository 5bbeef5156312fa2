package api_test

import (
	"io"
	"math/rand"
	"reflect"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/shapes"
)

// A filler makes random values of the SDK's types. Every optional member is left out now and then.
type filler struct {
	*rand.Rand
	unions  api.Unions
	service string
}

// value fills v; location is where the member travels: text in headers and paths has a smaller alphabet. depth counts down.
func (f *filler) value(v reflect.Value, ref *shapes.Ref, t *shapes.Type, depth int) bool {
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if !f.value(p.Elem(), ref, t, depth) {
			return false
		}
		v.Set(p)
		return true
	case reflect.Interface:
		return f.iface(v, t, depth)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1_500_000_000+f.Int63n(400_000_000), 0).UTC()))
			return true
		}
		return f.structure(v, t, depth)
	case reflect.Slice:
		return f.slice(v, ref, t, depth)
	case reflect.Map:
		return f.dict(v, ref, t, depth)
	}
	return f.scalar(v, ref)
}

func (f *filler) structure(v reflect.Value, t *shapes.Type, depth int) bool {
	if depth == 0 {
		return false
	}
	for n, fl := range t.Fields {
		if n == 0 && !f.skip(fl, t) && f.value(fl.In(v), fl.Ref, fl.Type, depth-1) {
			continue // one member at least: an empty structure is nothing in a form
		}
		if f.skip(fl, t) || !needed(fl) && f.Intn(5) == 0 {
			continue
		}
		if !f.value(fl.In(v), fl.Ref, fl.Type, depth-1) && fl.Ref.Required {
			return false
		}
	}
	return true
}

// needed says whether a member is always filled: required ones, tokens that the SDK would fill itself, streams.
func needed(fl *shapes.Field) bool {
	switch fl.Name {
	case "ClientToken", "ClientRequestToken", "OperationId", "ManagedExecution", "ContentType":
		return true
	}
	return fl.Ref.Required || fl.Ref.Token || fl.Ref.Newer || fl.Type.Go.Kind() == reflect.Interface && fl.Ref.Shape.Kind == shapes.Blob
}

// skip leaves out what cannot come through as it is: what the S3 client computes itself, and the older form of Expires.
func (f *filler) skip(fl *shapes.Field, t *shapes.Type) bool {
	if f.service != "s3" {
		return false
	}
	top := strings.HasSuffix(t.Go.Name(), "Input")
	return fl.Ref.Location == "newer" || fl.Name == "ContentLength" || fl.Name == "Expires" || top && computed(fl.Name)
}

// computed names the members that the S3 client computes or needs in a certain form.
func computed(name string) bool {
	return strings.HasPrefix(name, "Checksum") || name == "ContentMD5" || name == "ContentLength" ||
		strings.HasPrefix(name, "SSECustomerKey") ||
		strings.HasPrefix(name, "CopySourceSSECustomerKey")
}

func (f *filler) slice(v reflect.Value, ref *shapes.Ref, t *shapes.Type, depth int) bool {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, 1+f.Intn(20))
		f.Read(b)
		v.SetBytes(b)
		return true
	}
	if t.Elem == nil {
		return false
	}
	for range 1 + f.Intn(2) {
		e := reflect.New(v.Type().Elem()).Elem()
		if !f.value(e, elemRef(ref, t), t.Elem, depth) {
			return v.Len() > 0
		}
		v.Set(reflect.Append(v, e))
	}
	return true
}

// elemRef says where a list's elements travel.
func elemRef(ref *shapes.Ref, t *shapes.Type) *shapes.Ref {
	e := *t.Shape.Elem
	if ref != nil {
		e.Location = ref.Location
	}
	return &e
}

func (f *filler) dict(v reflect.Value, ref *shapes.Ref, t *shapes.Type, depth int) bool {
	if t.Value == nil {
		return false
	}
	m := reflect.MakeMap(v.Type())
	k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	k.SetString("k" + f.word("abcdefgh"))
	if !f.value(e, ref, t.Value, depth) {
		return false
	}
	m.SetMapIndex(k, e)
	v.Set(m)
	return true
}

func (f *filler) iface(v reflect.Value, t *shapes.Type, depth int) bool {
	if v.Type() == reflect.TypeFor[io.Reader]() || v.Type() == reflect.TypeFor[io.ReadCloser]() {
		r := strings.NewReader(f.text(nil))
		if v.Type() == reflect.TypeFor[io.ReadCloser]() {
			v.Set(reflect.ValueOf(io.NopCloser(r)))
		} else {
			v.Set(reflect.ValueOf(r))
		}
		return true
	}
	if len(t.Variants) == 0 {
		return false
	}
	vr := t.Variants[f.Intn(len(t.Variants))]
	p := reflect.New(vr.Go.Elem())
	if !f.value(p.Elem().FieldByName("Value"), vr.Ref, vr.Type, depth) {
		return false
	}
	v.Set(p)
	return true
}

func (f *filler) scalar(v reflect.Value, ref *shapes.Ref) bool {
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text(ref))
	case reflect.Bool:
		v.SetBool(f.Intn(2) == 0)
	case reflect.Int32:
		v.SetInt(int64(f.Int31()))
	case reflect.Int64, reflect.Int:
		v.SetInt(f.Int63() - 1<<62)
	case reflect.Float32:
		v.SetFloat(float64(float32(f.NormFloat64())))
	case reflect.Float64:
		v.SetFloat(f.NormFloat64() * 1e6)
	default:
		return false
	}
	return true
}

func (f *filler) word(alphabet string) string {
	r := []rune(alphabet)
	b := make([]rune, 1+f.Intn(12))
	for i := range b {
		b[i] = r[f.Intn(len(r))]
	}
	return string(b)
}

func (f *filler) text(ref *shapes.Ref) string {
	switch {
	case ref != nil && (ref.Location == "uri" && ref.Name == "Bucket"):
		return "b" + f.word("abcdefgh0123") + "x"
	case ref != nil && ref.Location == "uri":
		return "k" + f.word("abc/ +%ü=&?~") + "e"
	case ref != nil && (ref.Location == "header" || ref.Location == "headers"):
		return f.word("abcdefghXYZ0123-_/.")
	}
	return f.word("abcXYZ 0123<>&\"'\\/+%=;,\n\téü中😀-_.")
}
