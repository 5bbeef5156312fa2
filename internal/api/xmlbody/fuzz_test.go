package xmlbody

import (
	"bytes"
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

// FuzzDecode reads any bytes: no panic, and what is read is written and read again the same.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`<a/>`, `<a><Text>x &amp; y</Text><N>5</N><List><member>a</member><member>b</member></List></a>`,
		`<a xmlns="x"><Map><entry><key>k</key><value><Word>w</Word></value></entry></Map><When>2026-01-01T00:00:00Z</When></a>`,
		`<a><Kids><member><Sub><B>true</B></Sub></member></Kids></a>`, `<!DOCTYPE x [<!ENTITY e "x">]><a>&e;</a>`, `<a><Nope/></a>`, `<a>`, `<a/><b/>`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		bt := nodeType()
		var a, b node
		if Decode(body, bt, reflect.ValueOf(&a).Elem(), nil) != nil {
			return
		}
		text, err := AppendElement(nil, "a", shapes.Namespace{}, bt, reflect.ValueOf(a), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode(text, bt, reflect.ValueOf(&b).Elem(), nil); err != nil {
			t.Fatalf("%q was written and cannot be read: %v", text, err)
		}
		again, err := AppendElement(nil, "a", shapes.Namespace{}, bt, reflect.ValueOf(b), nil)
		if err != nil || !bytes.Equal(text, again) {
			t.Fatalf("%q, then %q: %v", text, again, err)
		}
	})
}
