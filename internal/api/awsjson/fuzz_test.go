package awsjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"penstock/internal/api/shapes"
	"penstock/internal/api/shapes/shapestest"
)

// FuzzDecode reads any bytes: no panic; what encoding/json refuses is refused; what is read is written and read again the same.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"Text":"a\u00e9\n","N":-5,"F":1.5e3,"B":true,"When":1.5,"Blob":"aGk=","List":["x"],` +
		`"Kids":[{"Word":"w"}],"Map":{"k":{}},"Sub":{"Sub":null}}`,
		`{"F":"NaN"}`, `{"Nope":[{}]}`, `[`, `{"Text":"\ud83d\ude00"}`, `{"When":"2026-01-01T00:00:00Z"}`, `{"N":99999999999999999999}`} {
		f.Add([]byte(s))
	}
	codec := shapestest.Codec{Decode: Decode, Append: func(t *shapes.Type, v reflect.Value) ([]byte, error) { return Append(nil, t, v) }}
	f.Fuzz(func(t *testing.T, body []byte) {
		text := codec.RoundTrip(t, body)
		if text != nil && len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
			t.Fatalf("%q is not JSON, but was read", body)
		}
		if text != nil && !json.Valid(text) {
			t.Fatalf("%q was written, which is not JSON", text)
		}
	})
}
