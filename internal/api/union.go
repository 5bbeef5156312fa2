package api

import (
	"reflect"
	"strings"
)

// Unions holds the variants of union types, which reflection cannot find: by the interface type, then by member name.
type Unions map[reflect.Type]map[string]reflect.Type

// A Union declares the variants of one of the SDK's union types; a Service lists those that its operations use.
type Union struct {
	iface    reflect.Type
	variants []reflect.Type
}

// UnionOf declares a union: UnionOf[types.Field](&types.FieldMemberIsNull{}, &types.FieldMemberStringValue{}).
func UnionOf[T any](variants ...T) Union {
	u := Union{iface: reflect.TypeFor[T]()}
	for _, v := range variants {
		u.variants = append(u.variants, reflect.TypeOf(v))
	}
	return u
}

// UnionSet makes the lookup table that the decoders use.
func UnionSet(list ...Union) Unions { return unionsOf(list) }

func unionsOf(list []Union) Unions {
	out := Unions{}
	for _, u := range list {
		m := map[string]reflect.Type{}
		for _, t := range u.variants {
			m[variantName(t)] = t
		}
		out[u.iface] = m
	}
	return out
}

// variantName gives StringValue for *types.FieldMemberStringValue.
func variantName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	_, name, _ := strings.Cut(t.Name(), "Member")
	return name
}

// UnionMember takes one of the SDK's union members apart: its name and its value.
func UnionMember(v any) (string, reflect.Value, bool) {
	return unionMember(reflect.ValueOf(&v).Elem())
}

// unionMember takes a union's value apart: the name of the member that is set, and its value.
func unionMember(v reflect.Value) (string, reflect.Value, bool) {
	if v.IsNil() {
		return "", reflect.Value{}, false
	}
	e := v.Elem()
	if e.Kind() != reflect.Pointer || e.IsNil() || e.Elem().Kind() != reflect.Struct {
		return "", reflect.Value{}, false
	}
	val := e.Elem().FieldByName("Value")
	name := variantName(e.Type())
	return name, val, val.IsValid() && name != ""
}
