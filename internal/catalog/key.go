package catalog

import (
	"bytes"
	"errors"
)

// A partition's key in the index is its values one after the other, each ended by the bytes 0 1, with a 0 byte inside a value written
// as 0 255: byte order is then the order of the values, and every prefix of values is a prefix of bytes.

func appendKey(b []byte, v string) []byte { return append(appendPrefix(b, v), 0, 1) }

// appendPrefix appends what every key starts with whose next value starts with v.
func appendPrefix(b []byte, v string) []byte {
	for i := range len(v) {
		if b = append(b, v[i]); v[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return b
}

func encodeKey(values []string) []byte {
	var b []byte
	for _, v := range values {
		b = appendKey(b, v)
	}
	return b
}

// decodeKey appends the values of a key to dst.
func decodeKey(dst []string, key []byte) ([]string, error) {
	for len(key) > 0 {
		var escaped []byte
		for {
			i := bytes.IndexByte(key, 0)
			if i < 0 || i+1 == len(key) {
				return nil, errors.New("a partition's key is damaged")
			}
			end := key[i+1] == 1
			if end && escaped == nil {
				dst = append(dst, string(key[:i]))
			} else if escaped = append(escaped, key[:i]...); end {
				dst = append(dst, string(escaped))
			} else {
				escaped = append(escaped, 0)
			}
			key = key[i+2:]
			if end {
				break
			}
		}
	}
	return dst, nil
}

// after is the least key that is greater than every key with this prefix, or nil when there is none.
func after(prefix []byte) []byte {
	b := bytes.Clone(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return b[:i+1]
		}
	}
	return nil
}
