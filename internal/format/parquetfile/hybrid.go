package parquetfile

import "encoding/binary"

// minRun is how many equal values make a run of their own.
const minRun = 8

// appendHybrid writes numbers of width bits as runs and groups of eight packed ones, as the format has levels and indexes of dictionaries.
func appendHybrid[T uint8 | uint32](dst []byte, vals []T, width int) []byte {
	literal := 0 // where the values begin that stand for packing, a multiple of eight before i
	for i := 0; i < len(vals); {
		v, n := vals[i], i+1
		for n < len(vals) && vals[n] == v {
			n++
		}
		if n-i < minRun {
			i += minRun
			continue
		}
		dst = appendPacked(dst, vals[literal:i], width)
		dst = appendRun(dst, uint64(v), n-i, width)
		i, literal = n, n
	}
	return appendPacked(dst, vals[literal:], width)
}

func appendRun(dst []byte, v uint64, n, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	for ; width > 0; width -= 8 {
		dst = append(dst, byte(v))
		v >>= 8
	}
	return dst
}

// appendPacked packs values from the lowest bit of each byte; the last group of eight is filled with zeros.
func appendPacked[T uint8 | uint32](dst []byte, vals []T, width int) []byte {
	if len(vals) == 0 {
		return dst
	}
	groups := (len(vals) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	end := len(dst) + groups*width
	acc, bits := uint64(0), 0
	for _, v := range vals {
		acc |= uint64(v) << bits
		if bits += width; bits >= 32 {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(acc))
			acc >>= 32
			bits -= 32
		}
	}
	for ; len(dst) < end; acc >>= 8 {
		dst = append(dst, byte(acc))
	}
	return dst
}
