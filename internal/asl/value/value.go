// Package value holds JSON values as the States Language sees them: objects keep the order of their members and numbers keep their
// text, so that what a state passes on is what it was given. Values are never changed once built; With and the path package copy.
// It is not a general JSON library: it reads whole texts only and knows no Go structs.
package value

import (
	"encoding/json"
	"strings"
)

// A Value is nil, bool, string, Number, []Value or *Object.
type Value = any

// A Number is a JSON number by its text; it never passes through float64.
type Number = json.Number

// An Object is a JSON object whose members keep their order.
type Object struct {
	keys []string
	vals []Value
	pos  map[string]int // only for objects too large to scan
}

const scanLimit = 12

// NewObject returns an object of key, value pairs.
func NewObject(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// Len is the number of members.
func (o *Object) Len() int { return len(o.keys) }

// At is the i-th member.
func (o *Object) At(i int) (string, Value) { return o.keys[i], o.vals[i] }

func (o *Object) find(key string) int {
	if o.pos != nil {
		if i, ok := o.pos[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range o.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// Keys are the names of the members in their order; the caller must not change them.
func (o *Object) Keys() []string { return o.keys }

// Get returns the member key.
func (o *Object) Get(key string) (Value, bool) {
	if i := o.find(key); i >= 0 {
		return o.vals[i], true
	}
	return nil, false
}

// Set puts a member while the object is being built; a key that is there keeps its place.
func (o *Object) Set(key string, v Value) {
	if i := o.find(key); i >= 0 {
		o.vals[i] = v
		return
	}
	o.keys = append(o.keys, key)
	o.vals = append(o.vals, v)
	if o.pos != nil {
		o.pos[key] = len(o.keys) - 1
	} else if len(o.keys) > scanLimit {
		o.pos = make(map[string]int, 2*len(o.keys))
		for i, k := range o.keys {
			o.pos[k] = i
		}
	}
}

// With returns a copy in which key is v.
func (o *Object) With(key string, v Value) *Object {
	c := &Object{keys: make([]string, 0, len(o.keys)+1), vals: make([]Value, 0, len(o.keys)+1)}
	for i, k := range o.keys {
		c.Set(k, o.vals[i])
	}
	c.Set(key, v)
	return c
}

// Equal reports whether two values are equal; the order of members does not count, numbers are compared by value.
func Equal(a, b Value) bool {
	switch x := a.(type) {
	case *Object:
		y, ok := b.(*Object)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for i, k := range x.keys {
			v, ok := y.Get(k)
			if !ok || !Equal(x.vals[i], v) {
				return false
			}
		}
		return true
	case []Value:
		y, ok := b.([]Value)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !Equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case Number:
		y, ok := b.(Number)
		return ok && Compare(x, y) == 0
	}
	return a == b
}

// Kind names the type of a value as JSON does.
func Kind(v Value) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case Number:
		return "number"
	case []Value:
		return "array"
	}
	return "object"
}

// Display is a value as States.Format prints it: strings bare, objects and arrays in the form of Java's toString
// ({a=1, b=[x, y]}), which is what AWS answers.
func Display(v Value) string {
	var b strings.Builder
	display(&b, v)
	return b.String()
}

func display(b *strings.Builder, v Value) {
	switch x := v.(type) {
	case string:
		b.WriteString(x)
	case []Value:
		b.WriteByte('[')
		for i, e := range x {
			if i > 0 {
				b.WriteString(", ")
			}
			display(b, e)
		}
		b.WriteByte(']')
	case *Object:
		b.WriteByte('{')
		for i, k := range x.keys {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(k)
			b.WriteByte('=')
			display(b, x.vals[i])
		}
		b.WriteByte('}')
	default:
		b.WriteString(Text(v))
	}
}
