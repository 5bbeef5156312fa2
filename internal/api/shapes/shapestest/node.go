// Package shapestest is what the tests of the codecs share: a structure with every kind of member, and the law that what a codec reads it
// writes and reads again the same. It is no codec and knows none.
package shapestest

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"penstock/internal/api/shapes"
)

// A Node has every kind of member, itself included.
type Node struct {
	Text  *string
	Word  string
	N     *int64
	Small int32
	F     *float64
	B     *bool
	When  *time.Time
	Blob  []byte
	List  []string
	Kids  []Node
	Map   map[string]Node
	Sub   *Node
}

// Type is Node, bound without a shape table.
func Type() *shapes.Type {
	return shapes.NewBinder(&shapes.Service{Name: "test"}, nil).Bind(reflect.TypeFor[Node](), nil)
}

// A Codec reads and writes a value of a type.
type Codec struct {
	Decode func(body []byte, t *shapes.Type, v reflect.Value) error
	Append func(t *shapes.Type, v reflect.Value) ([]byte, error)
}

// RoundTrip reads body. If the codec takes it, RoundTrip writes what was read and reads and writes that again: both texts are the same. It
// returns the text; nil when body was refused.
func (c Codec) RoundTrip(t *testing.T, body []byte) []byte {
	t.Helper()
	bound := Type()
	var first, second Node
	if c.Decode(body, bound, reflect.ValueOf(&first).Elem()) != nil {
		return nil
	}
	text, err := c.Append(bound, reflect.ValueOf(first))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Decode(text, bound, reflect.ValueOf(&second).Elem()); err != nil {
		t.Fatalf("%q was written and cannot be read: %v", text, err)
	}
	again, err := c.Append(bound, reflect.ValueOf(second))
	if err != nil || !bytes.Equal(text, again) {
		t.Fatalf("%q, then %q: %v", text, again, err)
	}
	return text
}
