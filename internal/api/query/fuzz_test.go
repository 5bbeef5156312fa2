package query

import (
	"net/url"
	"reflect"
	"testing"

	"penstock/internal/api/shapes/shapestest"
)

// FuzzDecode reads any form: no panic, and a field that is not read is an error.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"Action=X&Version=1", "Text=a&N=5&List.member.1=x&List.member.2=y",
		"Kids.member.1.Sub.Word=w&Map.entry.1.key=k&Map.entry.1.value.B=true", "List=", "List.member.01=x", "List.member.99999999999=x", "Nope=1",
		"Text=a&Text=b", "Text.More=x", "Map.entry.1.key=k"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		var a shapestest.Node
		if Decode(form, shapestest.Type(), reflect.ValueOf(&a).Elem()) != nil {
			return
		}
		for k := range form {
			if k != "Action" && k != "Version" && reflect.ValueOf(a).IsZero() && form.Get(k) != "" && form.Get(k) != "0" {
				t.Fatalf("%q was read as nothing", text)
			}
		}
	})
}
