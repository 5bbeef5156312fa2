package wire

import (
	"encoding/binary"
	"fmt"
)

// A Message walks the fields of a protobuf message. The first fault ends the walk and stays in Err.
type Message struct {
	part string // what is read, for errors
	data []byte
	pos  int
	Num  int
	wire int
	n    uint64 // value of a varint, fixed64 or fixed32 field
	raw  []byte // value of a field with a length
	Err  error
}

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// NewMessage walks data; part names it in errors.
func NewMessage(part string, data []byte) *Message { return &Message{part: part, data: data} }

// Next goes to the next field and reports whether there is one.
func (m *Message) Next() bool {
	if m.Err != nil || m.pos == len(m.data) {
		return false
	}
	tag := m.varint()
	m.Num, m.wire = int(tag>>3), int(tag&7)
	if m.Err == nil && (m.Num < 1 || tag>>3 > 1<<29) {
		m.Fail("field number %d", tag>>3)
	}
	m.n, m.raw = 0, nil
	switch m.wire {
	case wireVarint:
		m.n = m.varint()
	case wireBytes:
		m.raw = m.bytes(m.varint())
	case wireFixed64:
		if b := m.bytes(8); b != nil {
			m.n = binary.LittleEndian.Uint64(b)
		}
	case wireFixed32:
		if b := m.bytes(4); b != nil {
			m.n = uint64(binary.LittleEndian.Uint32(b))
		}
	default:
		m.Fail("wire type %d", m.wire)
	}
	return m.Err == nil
}

// Fail keeps what is wrong at this place.
func (m *Message) Fail(format string, args ...any) {
	if m.Err == nil {
		m.Err = fmt.Errorf("%s is damaged at byte %d: %s", m.part, m.pos, fmt.Sprintf(format, args...))
	}
}

func (m *Message) varint() uint64 {
	if m.Err != nil {
		return 0
	}
	v, n := binary.Uvarint(m.data[m.pos:])
	if n <= 0 {
		m.Fail("a number does not end")
		return 0
	}
	m.pos += n
	return v
}

func (m *Message) bytes(n uint64) []byte {
	if m.Err != nil {
		return nil
	}
	if n > uint64(len(m.data)-m.pos) {
		m.Fail("field %d has %d bytes, but %d are left", m.Num, n, len(m.data)-m.pos)
		return nil
	}
	b := m.data[m.pos : m.pos+int(n)]
	m.pos += int(n)
	return b
}

// Uint is the value of a number field.
func (m *Message) Uint() uint64 {
	if m.wire != wireVarint {
		m.Fail("field %d is no number", m.Num)
	}
	return m.n
}

// Small is Uint for what is at most limit.
func (m *Message) Small(limit uint64) int {
	n := m.Uint()
	if n > limit {
		m.Fail("field %d is %d, more than %d", m.Num, n, limit)
		return 0
	}
	return int(n)
}

// Text is the value of a string field.
func (m *Message) Text() string {
	if m.wire != wireBytes {
		m.Fail("field %d is no text", m.Num)
	}
	return string(m.raw)
}

// Sub is the message in a field.
func (m *Message) Sub() *Message {
	if m.wire != wireBytes {
		m.Fail("field %d is no Message", m.Num)
	}
	return &Message{part: m.part, data: m.raw, Err: m.Err}
}

// Done takes over the fault of a message in a field.
func (m *Message) Done(sub *Message) {
	if sub.Err != nil && m.Err == nil {
		m.Err = sub.Err
	}
}

// List appends the numbers of a repeated field, packed or not, of which there are at most limit.
func (m *Message) List(dst []uint64, limit int) []uint64 {
	if m.wire != wireBytes {
		dst = append(dst, m.Uint())
	}
	sub := Message{part: m.part, data: m.raw}
	for sub.pos < len(sub.data) && sub.Err == nil && len(dst) <= limit {
		dst = append(dst, sub.varint())
	}
	m.Done(&sub)
	if len(dst) > limit {
		m.Fail("field %d has more than %d numbers", m.Num, limit)
	}
	return dst
}

// unzigzag makes a signed number of one whose lowest bit is the sign.
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// Unsupported is the error for what a file may hold and Penstock does not read or write.
func Unsupported(format string, args ...any) error {
	return fmt.Errorf("%s does not support %s", "Penstock", fmt.Sprintf(format, args...))
}
