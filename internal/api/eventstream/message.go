package eventstream

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// ContentType is that of an answer that is a stream.
const ContentType = "application/vnd.amazon.eventstream"

// Limits of a message, in bytes.
const (
	MaxHeaders = 128 << 10
	MaxPayload = 24 << 20
)

// A Header is a header whose value is text. Names are at most 255 bytes, values 32,767.
type Header struct{ Name, Value string }

// Names of the headers that say what a message is.
const (
	MessageType   = ":message-type" // event, exception or error
	EventType     = ":event-type"
	ExceptionType = ":exception-type"
	ErrorCode     = ":error-code"
	ErrorMessage  = ":error-message"
	PayloadType   = ":content-type"
)

// ErrTooLarge is the error of a message that no client reads.
var ErrTooLarge = errors.New("eventstream: the message is too large")

const (
	preludeSize = 12 // both lengths and their checksum
	sumSize     = 4
	textType    = 7
)

// Append appends a message to b. Its checksums are IEEE's CRC-32: one of the lengths, one of all before it.
func Append(b []byte, headers []Header, payload []byte) ([]byte, error) {
	start := len(b)
	b = append(b, make([]byte, preludeSize)...)
	for _, h := range headers {
		if len(h.Name) == 0 || len(h.Name) > 1<<8-1 || len(h.Value) > 1<<15-1 {
			return b[:start], ErrTooLarge
		}
		b = append(append(b, byte(len(h.Name))), h.Name...)
		b = append(b, textType)
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(h.Value))), h.Value...)
	}
	size := len(b) - start - preludeSize
	if size > MaxHeaders || len(payload) > MaxPayload {
		return b[:start], ErrTooLarge
	}
	b = append(b, payload...)
	m := b[start:]
	binary.BigEndian.PutUint32(m, uint32(len(m)+sumSize))
	binary.BigEndian.PutUint32(m[4:], uint32(size))
	binary.BigEndian.PutUint32(m[8:], crc32.ChecksumIEEE(m[:8]))
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(m)), nil
}
