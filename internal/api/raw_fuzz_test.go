package api_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"penstock/internal/api"
)

// FuzzDecodeRaw reads any bytes as parameters: no panic, and what is read is written and read again the same.
func FuzzDecodeRaw(f *testing.F) {
	for _, s := range []string{`{}`, `null`,
		`{"Name":"a","When":1.5,"Count":3.0,"Data":"aGk=","Tags":{"k":null},"List":[{},{"Kind":"x"}],"Deep":{"Note":"n"}}`,
		`{"When":"2026-01-01T00:00:00Z"}`, `{"When":1e300}`, `{"Count":99999999999}`, `{"name":"small"}`, `[`, `{"List":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var a, b DoInput
		if api.DecodeRaw(raw, &a, nil) != nil {
			return
		}
		text, err := api.EncodeRaw(&a)
		if err != nil || !json.Valid(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if err := api.DecodeRaw(text, &b, nil); err != nil {
			t.Fatalf("%q was written and cannot be read: %v", text, err)
		}
		again, err := api.EncodeRaw(&b)
		if err != nil || !bytes.Equal(text, again) {
			t.Fatalf("%q, then %q: %v", text, again, err)
		}
	})
}
