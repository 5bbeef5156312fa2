package eventstream

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// FuzzAppend lets the SDK's decoder, which checks both checksums, read what is written, behind other bytes.
func FuzzAppend(f *testing.F) {
	f.Add(":event-type", "sessionStart", ":message-type", []byte(`{"a":1}`))
	f.Add("x", "", "y", []byte{})
	f.Fuzz(func(t *testing.T, a, value, b string, payload []byte) {
		if a == b {
			return
		}
		text, err := Append([]byte("before"), []Header{{a, value}, {b, value}}, payload)
		if err != nil {
			if !errors.Is(err, ErrTooLarge) || string(text) != "before" {
				t.Fatalf("%q, %v", text, err)
			}
			return
		}
		m, err := eventstream.NewDecoder().Decode(bytes.NewReader(text[6:]), nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Headers.Get(a).String() != value || m.Headers.Get(b).String() != value || len(m.Headers) != 2 || !bytes.Equal(m.Payload, payload) {
			t.Fatalf("got %+v", m)
		}
	})
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		h       Header
		payload int
		ok      bool
	}{
		{Header{strings.Repeat("n", 255), strings.Repeat("v", 32767)}, 10, true},
		{Header{strings.Repeat("n", 256), ""}, 0, false},
		{Header{"n", strings.Repeat("v", 32768)}, 0, false},
		{Header{"", "v"}, 0, false},
		{Header{"n", "v"}, MaxPayload, true},
		{Header{"n", "v"}, MaxPayload + 1, false},
	} {
		if _, err := Append(nil, []Header{c.h}, make([]byte, c.payload)); (err == nil) != c.ok {
			t.Errorf("%.20s %d: %v", c.h.Name, c.payload, err)
		}
	}
}
