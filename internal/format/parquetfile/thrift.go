package parquetfile

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The types of thrift's compact protocol.
const (
	tTrue   = 1
	tFalse  = 2
	tByte   = 3
	tI16    = 4
	tI32    = 5
	tI64    = 6
	tDouble = 7
	tBinary = 8
	tList   = 9
	tSet    = 10
	tMap    = 11
	tStruct = 12
)

// maxDepth bounds structs within structs; Parquet's own go nine deep.
const maxDepth = 24

var errShort = errors.New("it ends too early")

// A thrift decodes a compact-protocol message that lies in memory.
type thrift struct {
	b     []byte
	depth int
}

func (t *thrift) byte() (byte, error) {
	if len(t.b) == 0 {
		return 0, errShort
	}
	c := t.b[0]
	t.b = t.b[1:]
	return c, nil
}

func (t *thrift) uvarint() (uint64, error) {
	n, size := binary.Uvarint(t.b)
	if size == 0 {
		return 0, errShort
	}
	if size < 0 {
		return 0, errors.New("an integer has more than 64 bits")
	}
	t.b = t.b[size:]
	return n, nil
}

// int reads a zigzag integer: i16, i32 and i64 are written alike.
func (t *thrift) int() (int64, error) {
	n, err := t.uvarint()
	return int64(n>>1) ^ -int64(n&1), err
}

// bytes returns a part of the message itself.
func (t *thrift) bytes() ([]byte, error) {
	n, err := t.uvarint()
	if err != nil {
		return nil, err
	}
	if n > uint64(len(t.b)) {
		return nil, errShort
	}
	out := t.b[:n:n]
	t.b = t.b[n:]
	return out, nil
}

// fields calls f for each field of a struct; f reads the value, or returns false to have it passed over.
func (t *thrift) fields(f func(id int, typ byte) (bool, error)) error {
	if t.depth++; t.depth > maxDepth {
		return errors.New("it is nested too deeply")
	}
	defer func() { t.depth-- }()
	id := 0
	for {
		head, err := t.byte()
		if err != nil || head == 0 {
			return err
		}
		if step := int(head >> 4); step != 0 {
			id += step
		} else {
			n, err := t.int()
			if err != nil {
				return err
			}
			if n != int64(int16(n)) {
				return fmt.Errorf("it has a field %d", n)
			}
			id = int(n)
		}
		typ := head & 15
		known, err := f(id, typ)
		if err == nil && !known {
			err = t.skip(typ)
		}
		if err != nil {
			return err
		}
	}
}

// list reads the head of a list. No element takes less than a byte, so there are no more than bytes are left.
func (t *thrift) list() (n int, elem byte, err error) {
	head, err := t.byte()
	if err != nil {
		return 0, 0, err
	}
	size := uint64(head >> 4)
	if size == 15 {
		if size, err = t.uvarint(); err != nil {
			return 0, 0, err
		}
	}
	if size > uint64(len(t.b)) {
		return 0, 0, fmt.Errorf("a list says that it has %d elements; %d bytes are left", size, len(t.b))
	}
	return int(size), head & 15, nil
}

// structs calls f for each element of a list of structs.
func (t *thrift) structs(f func() error) error {
	n, elem, err := t.list()
	if err != nil {
		return err
	}
	if n > 0 && elem != tStruct {
		return errors.New("a list that should hold structs does not")
	}
	for range n {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// skip passes over a value.
func (t *thrift) skip(typ byte) error {
	switch typ {
	case tTrue, tFalse:
		return nil
	case tByte:
		_, err := t.byte()
		return err
	case tI16, tI32, tI64:
		_, err := t.uvarint()
		return err
	case tDouble:
		if len(t.b) < 8 {
			return errShort
		}
		t.b = t.b[8:]
		return nil
	case tBinary:
		_, err := t.bytes()
		return err
	case tStruct:
		return t.fields(func(int, byte) (bool, error) { return false, nil })
	case tList, tSet:
		n, elem, err := t.list()
		if err != nil {
			return err
		}
		return t.skipMany(n, elem)
	case tMap:
		n, err := t.uvarint()
		if err != nil || n == 0 {
			return err
		}
		kinds, err := t.byte()
		if err != nil {
			return err
		}
		if n > uint64(len(t.b)) {
			return errShort
		}
		return t.skipMany(int(n), kinds>>4, kinds&15)
	}
	return fmt.Errorf("it has a value of type %d", typ)
}

// skipMany passes over n elements, or n keys with their values; in a collection a truth value takes a byte.
func (t *thrift) skipMany(n int, types ...byte) error {
	if t.depth++; t.depth > maxDepth {
		return errors.New("it is nested too deeply")
	}
	defer func() { t.depth-- }()
	for range n {
		for _, typ := range types {
			if typ == tTrue || typ == tFalse {
				typ = tByte
			}
			if err := t.skip(typ); err != nil {
				return err
			}
		}
	}
	return nil
}
