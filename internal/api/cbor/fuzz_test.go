package cbor

import (
	"reflect"
	"testing"

	"penstock/internal/api/shapes"
	"penstock/internal/api/shapes/shapestest"
)

// FuzzDecode reads any bytes: no panic, and what is read is written and read again the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xbf, 0xff})
	f.Add([]byte("\xa2\x64Text\x62hi\x61N\x39\x01\x00"))
	f.Add([]byte("\xbf\x64List\x9f\x61a\x61b\xff\x64When\xc1\xfb\x41\xd9\x00\x00\x00\x00\x00\x00\xff"))
	f.Add([]byte("\xa1\x63Map\xa1\x61k\xbf\xff"))
	f.Add([]byte("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("\xa1\x61F\xf9\x7e\x00"))
	codec := shapestest.Codec{Decode: Decode, Append: func(t *shapes.Type, v reflect.Value) ([]byte, error) { return Append(nil, t, v) }}
	f.Fuzz(func(t *testing.T, body []byte) { codec.RoundTrip(t, body) })
}
