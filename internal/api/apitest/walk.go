package apitest

import (
	"reflect"
	"strings"
	"time"

	"penstock/internal/api"
)

// walk calls visit once for each member of a struct type, down to depth, with an input in which only that member is set.
func walk(t reflect.Type, at string, depth int, visit func(path string, in reflect.Value)) {
	walkFrom(t, at, depth, func(v reflect.Value) reflect.Value {
		p := reflect.New(t)
		p.Elem().Set(v)
		return p
	}, visit)
}

// walkFrom visits the members of t; wrap puts a value of t into the input it belongs to.
func walkFrom(t reflect.Type, at string, depth int, wrap func(reflect.Value) reflect.Value, visit func(string, reflect.Value)) {
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
		v, ok := sample(f.Type)
		if !ok {
			continue
		}
		visit(path, put(v))
		walkBelow(f.Type, path, depth-1, put, visit)
	}
}

func walkBelow(t reflect.Type, path string, depth int, put func(reflect.Value) reflect.Value, visit func(string, reflect.Value)) {
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

// sample makes a value of t that counts as set.
func sample(t reflect.Type) (reflect.Value, bool) {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.New(t.Elem()), true
	case reflect.Slice:
		return reflect.MakeSlice(t, 1, 1), true
	case reflect.Map:
		return reflect.MakeMap(t), true
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	case reflect.Interface:
		if t.NumMethod() != 1 || t.Method(0).Name != "Read" {
			return v, false
		}
		v.Set(reflect.ValueOf(strings.NewReader("x")))
	default:
		return v, false
	}
	return v, true
}
