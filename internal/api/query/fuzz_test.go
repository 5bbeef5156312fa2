package query

import (
	"net/url"
	"reflect"
	"testing"
	"time"

	"penstock/internal/api/shapes"
)

// sample has every kind of member, itself included.
type sample struct {
	Text  *string
	Word  string
	N     *int64
	Small int32
	F     *float64
	B     *bool
	When  *time.Time
	Blob  []byte
	List  []string
	Kids  []sample
	Map   map[string]sample
	Sub   *sample
}

func sampleType() *shapes.Type {
	return shapes.NewBinder(&shapes.Service{Name: "test"}, nil).Bind(reflect.TypeFor[sample](), nil)
}

// FuzzDecode reads any form: no panic, and a field that is not read is an error.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"Action=X&Version=1", "Text=a&N=5&List.member.1=x&List.member.2=y", "Kids.member.1.Sub.Word=w&Map.entry.1.key=k&Map.entry.1.value.B=true",
		"List=", "List.member.01=x", "List.member.99999999999=x", "Nope=1", "Text=a&Text=b", "Text.More=x", "Map.entry.1.key=k"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		var a sample
		if Decode(form, sampleType(), reflect.ValueOf(&a).Elem()) != nil {
			return
		}
		for k := range form {
			if k != "Action" && k != "Version" && reflect.ValueOf(a).IsZero() && form.Get(k) != "" && form.Get(k) != "0" {
				t.Fatalf("%q was read as nothing", text)
			}
		}
	})
}
