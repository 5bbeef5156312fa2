package xmlbody

import (
	"reflect"
	"testing"

	"penstock/internal/api/shapes"
	"penstock/internal/api/shapes/shapestest"
)

// FuzzDecode reads any bytes: no panic, and what is read is written and read again the same.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`<a/>`, `<a><Text>x &amp; y</Text><N>5</N><List><member>a</member><member>b</member></List></a>`,
		`<a xmlns="x"><Map><entry><key>k</key><value><Word>w</Word></value></entry></Map><When>2026-01-01T00:00:00Z</When></a>`,
		`<a><Kids><member><Sub><B>true</B></Sub></member></Kids></a>`, `<!DOCTYPE x [<!ENTITY e "x">]><a>&e;</a>`, `<a><Nope/></a>`, `<a>`,
		`<a/><b/>`} {
		f.Add([]byte(s))
	}
	codec := shapestest.Codec{
		Decode: func(body []byte, t *shapes.Type, v reflect.Value) error { return Decode(body, t, v, nil) },
		Append: func(t *shapes.Type, v reflect.Value) ([]byte, error) {
			return AppendElement(nil, "a", shapes.Namespace{}, t, v, nil)
		},
	}
	f.Fuzz(func(t *testing.T, body []byte) { codec.RoundTrip(t, body) })
}
