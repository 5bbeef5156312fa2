package shapes

import "reflect"

// Settable returns the value to decode into: it makes what the pointers on the way point to.
func Settable(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	return v
}

// Present returns the value of a field without its pointers; ok is false when the member is absent: nil, or an enum without value.
// A count of 0 and false are values in an answer.
func Present(v reflect.Value) (reflect.Value, bool) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return v, false
		}
		v = v.Elem()
		if v.Kind() == reflect.String {
			return v, true
		}
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface:
		return v, !v.IsNil()
	case reflect.String:
		return v, v.Len() > 0
	}
	return v, true
}

// Of returns the field's value in a struct and whether it is present.
func (f *Field) Of(s reflect.Value) (reflect.Value, bool) {
	v := s
	for _, i := range f.Index {
		v = v.Field(i)
	}
	return Present(v)
}

// In returns the field of a struct, to be decoded into.
func (f *Field) In(s reflect.Value) reflect.Value {
	for _, i := range f.Index {
		s = s.Field(i)
	}
	return s
}

// UnionValue takes a present union apart: its variant and the value of its member.
func (t *Type) UnionValue(v reflect.Value) (*Variant, reflect.Value, bool) {
	e := v
	if e.Kind() == reflect.Interface {
		e = e.Elem()
	}
	if e.Kind() != reflect.Pointer || e.IsNil() {
		return nil, reflect.Value{}, false
	}
	vr := t.VariantOf(e.Type())
	if vr == nil {
		return nil, reflect.Value{}, false
	}
	return vr, e.Elem().FieldByName("Value"), true
}
