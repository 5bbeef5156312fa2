package orc

import (
	"encoding/binary"
	"fmt"
)

// message walks the fields of a protobuf message. The first fault ends the walk and stays in err.
type message struct {
	part string // what is read, for errors
	data []byte
	pos  int
	num  int
	wire int
	n    uint64 // value of a varint, fixed64 or fixed32 field
	raw  []byte // value of a field with a length
	err  error
}

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// next goes to the next field and reports whether there is one.
func (m *message) next() bool {
	if m.err != nil || m.pos == len(m.data) {
		return false
	}
	tag := m.varint()
	m.num, m.wire = int(tag>>3), int(tag&7)
	if m.err == nil && (m.num < 1 || tag>>3 > 1<<29) {
		m.fail("field number %d", tag>>3)
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
		m.fail("wire type %d", m.wire)
	}
	return m.err == nil
}

func (m *message) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf("%s is damaged at byte %d: %s", m.part, m.pos, fmt.Sprintf(format, args...))
	}
}

func (m *message) varint() uint64 {
	if m.err != nil {
		return 0
	}
	v, n := binary.Uvarint(m.data[m.pos:])
	if n <= 0 {
		m.fail("a number does not end")
		return 0
	}
	m.pos += n
	return v
}

func (m *message) bytes(n uint64) []byte {
	if m.err != nil {
		return nil
	}
	if n > uint64(len(m.data)-m.pos) {
		m.fail("field %d has %d bytes, but %d are left", m.num, n, len(m.data)-m.pos)
		return nil
	}
	b := m.data[m.pos : m.pos+int(n)]
	m.pos += int(n)
	return b
}

// uint is the value of a number field.
func (m *message) uint() uint64 {
	if m.wire != wireVarint {
		m.fail("field %d is no number", m.num)
	}
	return m.n
}

// small is uint for what is at most limit.
func (m *message) small(limit uint64) int {
	n := m.uint()
	if n > limit {
		m.fail("field %d is %d, more than %d", m.num, n, limit)
		return 0
	}
	return int(n)
}

// text is the value of a string field.
func (m *message) text() string {
	if m.wire != wireBytes {
		m.fail("field %d is no text", m.num)
	}
	return string(m.raw)
}

// sub is the message in a field.
func (m *message) sub() *message {
	if m.wire != wireBytes {
		m.fail("field %d is no message", m.num)
	}
	return &message{part: m.part, data: m.raw, err: m.err}
}

// done takes over the fault of a message in a field.
func (m *message) done(sub *message) {
	if sub.err != nil && m.err == nil {
		m.err = sub.err
	}
}

// list appends the numbers of a repeated field, packed or not, of which there are at most limit.
func (m *message) list(dst []uint64, limit int) []uint64 {
	if m.wire != wireBytes {
		dst = append(dst, m.uint())
	}
	sub := message{part: m.part, data: m.raw}
	for sub.pos < len(sub.data) && sub.err == nil && len(dst) <= limit {
		dst = append(dst, sub.varint())
	}
	m.done(&sub)
	if len(dst) > limit {
		m.fail("field %d has more than %d numbers", m.num, limit)
	}
	return dst
}

// unzigzag makes a signed number of one whose lowest bit is the sign.
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// unsupported is the error for what a file may hold and Penstock does not read or write.
func unsupported(format string, args ...any) error {
	return fmt.Errorf("%s does not support %s", "Penstock", fmt.Sprintf(format, args...))
}
