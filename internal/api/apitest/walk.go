package apitest

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"time"

	"penstock/internal/api"
)

// A visit is told of a member: its path, its type, and what makes an input in which only that member is set, to a value.
type visit func(path string, t reflect.Type, put func(reflect.Value) reflect.Value)

// walk calls visit once for each member of a struct type, down to depth.
func walk(t reflect.Type, at string, depth int, visit visit) {
	walkFrom(t, at, depth, func(v reflect.Value) reflect.Value {
		p := reflect.New(t)
		p.Elem().Set(v)
		return p
	}, visit)
}

// walkFrom visits the members of t; wrap puts a value of t into the input it belongs to.
func walkFrom(t reflect.Type, at string, depth int, wrap func(reflect.Value) reflect.Value, visit visit) {
	if depth == 0 {
		return
	}
	for _, f := range api.Fields(t) {
		path := strings.TrimPrefix(at+"."+f.Name, ".")
		put := func(v reflect.Value) reflect.Value {
			s := reflect.New(t).Elem()
			s.FieldByIndex(f.Index).Set(v)
			return wrap(s)
		}
		visit(path, f.Type, put)
		walkBelow(f.Type, path, depth-1, put, visit)
	}
}

func walkBelow(t reflect.Type, path string, depth int, put func(reflect.Value) reflect.Value, visit visit) {
	switch t.Kind() {
	case reflect.Pointer:
		walkBelow(t.Elem(), path, depth, func(v reflect.Value) reflect.Value {
			p := reflect.New(t.Elem())
			p.Elem().Set(v)
			return put(p)
		}, visit)
	case reflect.Slice:
		walkBelow(t.Elem(), path+"[]", depth, func(v reflect.Value) reflect.Value {
			return put(reflect.Append(reflect.MakeSlice(t, 0, 1), v))
		}, visit)
	case reflect.Map:
		walkBelow(t.Elem(), path+"{}", depth, func(v reflect.Value) reflect.Value {
			m := reflect.MakeMap(t)
			m.SetMapIndex(reflect.ValueOf("k").Convert(t.Key()), v)
			return put(m)
		}, visit)
	case reflect.Struct:
		if t != reflect.TypeFor[time.Time]() {
			walkFrom(t, path, depth, put, visit)
		}
	}
}

// sample makes a value of t that asks for something: in a list, a map or a structure one thing does. ok is false when t holds nothing that
// could, as in a structure that holds only itself.
func sample(t reflect.Type, depth int) (v reflect.Value, ok bool) {
	v = reflect.New(t).Elem()
	if depth == 0 {
		return v, false
	}
	switch t.Kind() {
	case reflect.Pointer:
		e, ok := sample(t.Elem(), depth)
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(e)
		return v, ok
	case reflect.Slice:
		e, ok := sample(t.Elem(), depth-1)
		return reflect.Append(v, e), ok
	case reflect.Map:
		e, ok := sample(t.Elem(), depth-1)
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(reflect.ValueOf("k").Convert(t.Key()), e)
		return v, ok
	case reflect.Struct:
		return sampleStruct(v, depth)
	case reflect.Interface:
		if t != reflect.TypeFor[io.Reader]() {
			return v, false
		}
		v.Set(reflect.ValueOf(strings.NewReader("x")))
		return v, true
	}
	return v, setScalar(v, "x") || setScalar(v, "7") || setScalar(v, "true")
}

func sampleStruct(v reflect.Value, depth int) (reflect.Value, bool) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return reflect.ValueOf(time.Unix(1, 0)), true
	}
	for _, f := range api.Fields(v.Type()) {
		if e, ok := sample(f.Type, depth-1); ok {
			v.FieldByIndex(f.Index).Set(e)
			return v, true
		}
	}
	return v, false
}

// nothings are the values of t that ask for nothing everywhere: a pointer to nothing, an empty list or map.
func nothings(t reflect.Type) []reflect.Value {
	switch t.Kind() {
	case reflect.Pointer:
		if t.Elem().Kind() != reflect.Struct {
			return []reflect.Value{reflect.New(t.Elem())}
		}
	case reflect.Slice:
		return []reflect.Value{reflect.MakeSlice(t, 0, 0)}
	case reflect.Map:
		return []reflect.Value{reflect.MakeMap(t)}
	}
	return nil
}

// valueOf makes a value of t of its text.
func valueOf(t reflect.Type, text string) (reflect.Value, bool) {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Pointer:
		e, ok := valueOf(t.Elem(), text)
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(e)
		return v, ok
	case reflect.Slice:
		e, ok := valueOf(t.Elem(), text)
		return reflect.Append(v, e), ok
	}
	return v, setScalar(v, text)
}

func setScalar(v reflect.Value, text string) bool {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return true
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return json.Unmarshal([]byte(text), v.Addr().Interface()) == nil
	case reflect.Uint8:
		v.SetUint(7)
		return true
	}
	return false
}
