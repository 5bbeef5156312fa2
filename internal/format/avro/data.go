package avro

import (
	"encoding/binary"
	"fmt"
	"math"
)

// data is an unpacked block that is being decoded.
type data struct {
	b        []byte
	pos      int
	nothings int64 // values without a byte that were read
	problem  func(column, problem, text string) error
}

// maxNothings bounds the values of a block that take no bytes in it, of which a few bytes can say that there are 2^63.
const maxNothings = 1 << 20

// A dataError is damage within a block.
type dataError struct{ msg string }

func (e *dataError) Error() string { return e.msg }

func (d *data) fail(f string, args ...any) error { return &dataError{fmt.Sprintf(f, args...)} }

// tell reports a value that its column does not hold, unless the value was not read at all.
func (d *data) tell(err error, column, problem, text string) error {
	if err != nil {
		return err
	}
	return d.problem(column, problem, text)
}

func (d *data) nothing() error {
	if d.nothings++; d.nothings > maxNothings {
		return d.fail("more than %d values have no bytes", maxNothings)
	}
	return nil
}

func (d *data) long() (int64, error) {
	if d.pos < len(d.b) && d.b[d.pos] < 0x80 {
		n := int64(d.b[d.pos])
		d.pos++
		return n>>1 ^ -(n & 1), nil
	}
	n, size := binary.Varint(d.b[d.pos:])
	if size <= 0 {
		if size < 0 {
			return 0, d.fail("an integer has more than 64 bits")
		}
		return 0, d.ends()
	}
	d.pos += size
	return n, nil
}

func (d *data) ends() error { return d.fail("a row goes on behind the end of its block") }

func (d *data) take(n int) ([]byte, error) {
	if n > len(d.b)-d.pos {
		return nil, d.ends()
	}
	d.pos += n
	return d.b[d.pos-n : d.pos : d.pos], nil
}

func (d *data) pass(n int) error {
	_, err := d.take(n)
	if n == 0 {
		err = d.nothing()
	}
	return err
}

func (d *data) bytes() ([]byte, error) {
	n, err := d.long()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > int64(len(d.b)-d.pos) {
		return nil, d.fail("a value of %d bytes goes on behind the end of its block", n)
	}
	return d.take(int(n))
}

func (d *data) float(narrow bool) (float64, error) {
	if narrow {
		b, err := d.take(4)
		if err != nil {
			return 0, err
		}
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), nil
	}
	b, err := d.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

// items reads the blocks of an array or map: f is called for each item.
func (d *data) items(f func() error) error {
	for {
		n, size, err := d.count()
		if err != nil || n == 0 {
			return err
		}
		start := d.pos
		for range n {
			before := d.pos
			if err := f(); err != nil {
				return err
			}
			if d.pos == before {
				if err := d.nothing(); err != nil {
					return err
				}
			}
		}
		if size >= 0 && int64(d.pos-start) != size {
			return d.fail("a block of an array or map has %d bytes and says %d", d.pos-start, size)
		}
	}
}

// skipItems passes over an array or map, in one go where its blocks say how long they are.
func (d *data) skipItems(f func() error) error {
	for {
		n, size, err := d.count()
		switch {
		case err != nil || n == 0:
			return err
		case size > int64(len(d.b)-d.pos):
			return d.ends()
		case size >= 0:
			d.pos += int(size)
			continue
		}
		for range n {
			before := d.pos
			if err := f(); err != nil {
				return err
			}
			if d.pos == before {
				if err := d.nothing(); err != nil {
					return err
				}
			}
		}
	}
}

// count reads how many items a block of an array or map has, and how many bytes, -1 when it does not say.
func (d *data) count() (n, size int64, err error) {
	if n, err = d.long(); err != nil || n >= 0 {
		return n, -1, err
	}
	if n == math.MinInt64 {
		return 0, 0, d.fail("an array or map has 2^63 items")
	}
	size, err = d.long()
	if err == nil && size < 0 {
		err = d.fail("a block of an array or map has %d bytes", size)
	}
	return -n, size, err
}
