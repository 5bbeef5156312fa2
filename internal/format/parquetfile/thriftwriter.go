package parquetfile

import "encoding/binary"

// A message is a struct of thrift's compact protocol that is being written. The fields are put in the order of their numbers.
type message struct {
	b    []byte
	last []int // number of the field put last, of each struct that is open
}

func newMessage(b []byte) *message { return &message{b: b, last: []int{0}} }

func (m *message) head(id int, typ byte) {
	top := &m.last[len(m.last)-1]
	if step := id - *top; step < 16 {
		m.b = append(m.b, byte(step)<<4|typ)
	} else {
		m.b = binary.AppendVarint(append(m.b, typ), int64(id))
	}
	*top = id
}

func (m *message) bool(id int, v bool) {
	if v {
		m.head(id, tTrue)
	} else {
		m.head(id, tFalse)
	}
}

func (m *message) byte(id int, v byte) {
	m.head(id, tByte)
	m.b = append(m.b, v)
}

func (m *message) i16(id int, v int64) {
	m.head(id, tI16)
	m.b = binary.AppendVarint(m.b, v)
}

func (m *message) i32(id int, v int64) {
	m.head(id, tI32)
	m.b = binary.AppendVarint(m.b, v)
}

func (m *message) i64(id int, v int64) {
	m.head(id, tI64)
	m.b = binary.AppendVarint(m.b, v)
}

func (m *message) binary(id int, v string) {
	m.head(id, tBinary)
	m.text(v)
}

// text adds an element of a list of texts.
func (m *message) text(v string) { m.b = append(binary.AppendUvarint(m.b, uint64(len(v))), v...) }

func (m *message) list(id, n int, elem byte) {
	m.head(id, tList)
	if n < 15 {
		m.b = append(m.b, byte(n)<<4|elem)
	} else {
		m.b = binary.AppendUvarint(append(m.b, 15<<4|elem), uint64(n))
	}
}

// begin opens a struct that is a field.
func (m *message) begin(id int) {
	m.head(id, tStruct)
	m.open()
}

// open opens a struct that is an element of a list.
func (m *message) open() { m.last = append(m.last, 0) }

// end closes the struct opened last, or the message.
func (m *message) end() {
	m.b = append(m.b, 0)
	m.last = m.last[:len(m.last)-1]
}
