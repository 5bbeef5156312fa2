package cbor

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
	f.Add([]byte{0xbf, 0xff})
	f.Add([]byte("\xa2\x64Text\x62hi\x61N\x39\x01\x00"))
	f.Add([]byte("\xbf\x64List\x9f\x61a\x61b\xff\x64When\xc1\xfb\x41\xd9\x00\x00\x00\x00\x00\x00\xff"))
	f.Add([]byte("\xa1\x63Map\xa1\x61k\xbf\xff"))
	f.Add([]byte("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("\xa1\x61F\xf9\x7e\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		bt := nodeType()
		var a, b node
		if Decode(body, bt, reflect.ValueOf(&a).Elem()) != nil {
			return
		}
		text, err := Append(nil, bt, reflect.ValueOf(a))
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode(text, bt, reflect.ValueOf(&b).Elem()); err != nil {
			t.Fatalf("%x was written and cannot be read: %v", text, err)
		}
		again, err := Append(nil, bt, reflect.ValueOf(b))
		if err != nil || !bytes.Equal(text, again) {
			t.Fatalf("%x, then %x: %v", text, again, err)
		}
	})
}
