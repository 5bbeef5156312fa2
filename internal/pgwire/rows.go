package pgwire

import (
	"encoding/binary"
	"fmt"
)

// Rows writes DataRow messages. For each row call Begin, one value method for each column in order, End. A value's method must suit
// its column's type; the format, text or binary, is the client's choice and is found here.
type Rows struct {
	c       *conn
	cols    []Column
	formats []int16
	out     []byte // the connection's buffer while rows are written
	start   int    // where the current row's message begins
	col     int
	n       int64
}

func (c *conn) rows(cols []Column, formats []int16) *Rows {
	return &Rows{c: c, cols: cols, formats: formats}
}

// Count is how many rows were written.
func (r *Rows) Count() int64 { return r.n }

// Begin starts a row.
func (r *Rows) Begin() {
	r.out, r.col = r.c.out, 0
	r.start = len(r.out)
	r.out = append(r.out, 'D', 0, 0, 0, 0)
	r.out = binary.BigEndian.AppendUint16(r.out, uint16(len(r.cols)))
}

// End finishes a row. Its error is the client's: stop and return it.
func (r *Rows) End() error {
	size := len(r.out) - r.start - 1
	if size > 1<<30 {
		return &Error{Code: "54000", Message: fmt.Sprintf("a row of %d bytes is too long", size)}
	}
	binary.BigEndian.PutUint32(r.out[r.start+1:], uint32(size))
	r.c.out = r.out
	r.n++
	if len(r.out) < flushAt {
		return nil
	}
	if err := r.c.flush(); err != nil {
		return fmt.Errorf("%w: %w", errClient, err)
	}
	return nil
}

// Null writes NULL.
func (r *Rows) Null() {
	r.out = append(r.out, 0xff, 0xff, 0xff, 0xff)
	r.col++
}

// open reserves the length of the next value and tells whether it is binary.
func (r *Rows) open() (mark int, binary bool) {
	mark = len(r.out)
	r.out = append(r.out, 0, 0, 0, 0)
	binary = r.formats[r.col] == 1
	r.col++
	return mark, binary
}

func (r *Rows) close(mark int) {
	binary.BigEndian.PutUint32(r.out[mark:], uint32(len(r.out)-mark-4))
}

// Bool writes a boolean.
func (r *Rows) Bool(v bool) {
	mark, bin := r.open()
	switch {
	case bin && v:
		r.out = append(r.out, 1)
	case bin:
		r.out = append(r.out, 0)
	case v:
		r.out = append(r.out, 't')
	default:
		r.out = append(r.out, 'f')
	}
	r.close(mark)
}

// Int writes an integer; the column's type says how wide it is in binary.
func (r *Rows) Int(v int64) {
	oid := r.cols[r.col].OID
	mark, bin := r.open()
	switch {
	case !bin:
		r.out = appendInt(r.out, v)
	case oid == Int2:
		r.out = binary.BigEndian.AppendUint16(r.out, uint16(v))
	case oid == Int4 || oid == OID:
		r.out = binary.BigEndian.AppendUint32(r.out, uint32(v))
	case oid == Numeric:
		r.out = appendNumeric(r.out, appendInt(nil, v))
	default:
		r.out = binary.BigEndian.AppendUint64(r.out, uint64(v))
	}
	r.close(mark)
}

// Float writes a floating point number; a float4 column's values are printed with a float4's digits.
func (r *Rows) Float(v float64) {
	oid := r.cols[r.col].OID
	mark, bin := r.open()
	if bin {
		r.out = appendFloatBinary(r.out, v, oid)
	} else {
		r.out = appendFloat(r.out, v, oid == Float4, r.c.floatDigits)
	}
	r.close(mark)
}

// Numeric writes a decimal given as text: an optional minus, digits, an optional point and digits.
func (r *Rows) Numeric(text []byte) {
	mark, bin := r.open()
	if bin {
		r.out = appendNumeric(r.out, text)
	} else {
		r.out = append(r.out, text...)
	}
	r.close(mark)
}

// Bytes writes text, or anything whose binary form is its text.
func (r *Rows) Bytes(v []byte) {
	mark, _ := r.open()
	r.out = append(r.out, v...)
	r.close(mark)
}

// Text writes text.
func (r *Rows) Text(v string) {
	mark, _ := r.open()
	r.out = append(r.out, v...)
	r.close(mark)
}

// Varbyte writes bytes; their text form is hexadecimal, as Redshift shows VARBYTE.
func (r *Rows) Varbyte(v []byte) {
	mark, bin := r.open()
	if bin {
		r.out = append(r.out, v...)
	} else {
		r.out = appendHex(r.out, v)
	}
	r.close(mark)
}

// Date writes a date given in days since 1970-01-01.
func (r *Rows) Date(days int32) {
	mark, bin := r.open()
	if bin {
		r.out = binary.BigEndian.AppendUint32(r.out, uint32(dateBinary(days)))
	} else {
		r.out = appendDateOnly(r.out, days)
	}
	r.close(mark)
}

// Time writes a time of day in microseconds.
func (r *Rows) Time(micros int64) {
	mark, bin := r.open()
	if bin {
		r.out = binary.BigEndian.AppendUint64(r.out, uint64(micros))
	} else {
		r.out = appendTime(r.out, micros)
	}
	r.close(mark)
}

// Timestamp writes an instant in microseconds since 1970-01-01; a timestamptz column's text ends in +00.
func (r *Rows) Timestamp(micros int64) {
	zone := r.cols[r.col].OID == TimestampTZ
	mark, bin := r.open()
	if bin {
		r.out = binary.BigEndian.AppendUint64(r.out, uint64(timestampBinary(micros)))
	} else {
		r.out = appendTimestamp(r.out, micros, zone)
	}
	r.close(mark)
}
