package awsjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"penstock/internal/api/shapes"
)

// node has every kind of member, itself included.
type node struct {
	Text  *string
	Word  string
	N     *int64
	Small int32
	F     *float64
	B     *bool
	When  *time.Time
	Blob  []byte
	List  []string
	Kids  []node
	Map   map[string]node
	Sub   *node
}

func nodeType() *shapes.Type {
	return shapes.NewBinder(&shapes.Service{Name: "test"}, nil).Bind(reflect.TypeFor[node](), nil)
}

// FuzzDecode reads any bytes: no panic; what encoding/json refuses is refused; what is read is written and read again the same.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"Text":"a\u00e9\n","N":-5,"F":1.5e3,"B":true,"When":1.5,"Blob":"aGk=","List":["x"],"Kids":[{"Word":"w"}],"Map":{"k":{}},"Sub":{"Sub":null}}`,
		`{"F":"NaN"}`, `{"Nope":[{}]}`, `[`, `{"Text":"\ud83d\ude00"}`, `{"When":"2026-01-01T00:00:00Z"}`, `{"N":99999999999999999999}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		bt := nodeType()
		var a, b node
		if err := Decode(body, bt, reflect.ValueOf(&a).Elem()); err != nil {
			return
		}
		if len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
			t.Fatalf("%q is not JSON, but was read", body)
		}
		text, err := Append(nil, bt, reflect.ValueOf(a))
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Fatalf("%q was written, which is not JSON", text)
		}
		if err := Decode(text, bt, reflect.ValueOf(&b).Elem()); err != nil {
			t.Fatalf("%q was written and cannot be read: %v", text, err)
		}
		again, err := Append(nil, bt, reflect.ValueOf(b))
		if err != nil || !bytes.Equal(text, again) {
			t.Fatalf("%q, then %q: %v", text, again, err)
		}
	})
}
