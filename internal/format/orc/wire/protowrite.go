package wire

import (
	"encoding/binary"
	"math"
)

// The functions below write fields, those that are zero too: readers tell them from missing ones.

func putTag(dst []byte, num, wire int) []byte {
	return binary.AppendUvarint(dst, uint64(num)<<3|uint64(wire))
}

// PutUint writes a number.
func PutUint(dst []byte, num int, v uint64) []byte {
	return binary.AppendUvarint(putTag(dst, num, wireVarint), v)
}

// PutSome is PutUint for a number that is left out when it is zero.
func PutSome(dst []byte, num, v int) []byte {
	if v == 0 {
		return dst
	}
	return PutUint(dst, num, uint64(v))
}

// PutSint writes a zigzag number.
func PutSint(dst []byte, num int, v int64) []byte {
	return binary.AppendUvarint(putTag(dst, num, wireVarint), zigzag(v))
}

// PutBytes writes text, bytes or a message.
func PutBytes[T []byte | string](dst []byte, num int, b T) []byte {
	dst = binary.AppendUvarint(putTag(dst, num, wireBytes), uint64(len(b)))
	return append(dst, b...)
}

// PutDouble writes a double.
func PutDouble(dst []byte, num int, f float64) []byte {
	return binary.LittleEndian.AppendUint64(putTag(dst, num, wireFixed64), math.Float64bits(f))
}

// PutList writes packed numbers.
func PutList(dst []byte, num int, values []uint64) []byte {
	if len(values) == 0 {
		return dst
	}
	var b []byte
	for _, v := range values {
		b = binary.AppendUvarint(b, v)
	}
	return PutBytes(dst, num, b)
}

// zigzag makes small numbers of either sign small unsigned ones.
func zigzag(v int64) uint64 { return uint64(v)<<1 ^ uint64(v>>63) }
