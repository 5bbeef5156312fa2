package wire

import "encoding/binary"

// Kinds of runs of RLE version 2: the two high bits of a run's first byte.
const (
	runShort   = 0 // one value several times
	runDirect  = 1 // values of one width
	runPatched = 2 // the same, over a base, with the high bits of some apart
	runDelta   = 3 // values that grow or shrink
)

const maxRun = 512

// widths are the bits of a value by the code in a run's head.
var widths = [32]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30, 32, 40, 48, 56, 64}

// closest is the smallest of the widths that holds n bits.
func closest(n int) int {
	for _, w := range widths {
		if w >= n {
			return w
		}
	}
	return 64
}

// rle2 is run length encoding version 2.
type rle2 struct {
	s      *In
	signed bool
	vals   [maxRun]int64 // the run of which values are left
	n, at  int
}

func (r *rle2) Read(dst []int64) error {
	for len(dst) > 0 {
		if r.at < r.n {
			n := copy(dst, r.vals[r.at:r.n])
			r.at += n
			dst = dst[n:]
			continue
		}
		to := dst
		if len(dst) < maxRun { // the run may be longer
			to = r.vals[:]
		}
		n, err := r.run(to)
		if err != nil {
			return err
		}
		if len(dst) < maxRun {
			r.at, r.n = 0, n
		} else {
			dst = dst[n:]
		}
	}
	return nil
}

// run decodes the next run into dst, which has room for the longest, and returns its length.
func (r *rle2) run(dst []int64) (int, error) {
	head, err := r.s.Byte()
	if err != nil {
		return 0, err
	}
	if head>>6 == runShort {
		return r.short(dst, head)
	}
	second, err := r.s.Byte()
	if err != nil {
		return 0, err
	}
	n := int(head&1)<<8 | int(second) + 1
	code := head >> 1 & 31
	switch head >> 6 {
	case runDirect:
		err = r.direct(dst[:n], widths[code])
	case runPatched:
		err = r.patched(dst[:n], widths[code])
	default:
		err = r.delta(dst[:n], int(code))
	}
	return n, err
}

func (r *rle2) short(dst []int64, head byte) (int, error) {
	n := int(head&7) + 3
	b, err := r.s.Take(int(head>>3&7) + 1)
	if err != nil {
		return 0, err
	}
	v := int64(bigEndian(b[:len(b)-8]))
	if r.signed {
		v = unzigzag(uint64(v))
	}
	for i := range dst[:n] {
		dst[i] = v
	}
	return n, nil
}

// bigEndian reads a number of up to 8 bytes.
func bigEndian(b []byte) (u uint64) {
	for _, c := range b {
		u = u<<8 | uint64(c)
	}
	return u
}

func (r *rle2) direct(dst []int64, width int) error {
	if err := r.unpack(dst, width); err != nil {
		return err
	}
	if r.signed {
		for i, v := range dst {
			dst[i] = unzigzag(uint64(v))
		}
	}
	return nil
}

// unpack reads values of width bits, packed from the highest bit of each byte.
func (r *rle2) unpack(dst []int64, width int) error {
	src, err := r.s.Take((len(dst)*width + 7) / 8)
	if err != nil {
		return err
	}
	switch {
	case width == 8:
		for i := range dst {
			dst[i] = int64(src[i])
		}
	case width == 64:
		for i := range dst {
			dst[i] = int64(binary.BigEndian.Uint64(src[8*i:]))
		}
	default: // at most 56, so that with 7 bits in front it is in 8 bytes
		shift := 64 - uint(width)
		for i, bit := 0, 0; i < len(dst); i, bit = i+1, bit+width {
			dst[i] = int64(binary.BigEndian.Uint64(src[bit>>3:]) << (bit & 7) >> shift)
		}
	}
	return nil
}

func (r *rle2) patched(dst []int64, width int) error {
	b, err := r.s.Take(2)
	if err != nil {
		return err
	}
	baseBytes, patchWidth := int(b[0]>>5)+1, widths[b[0]&31]
	gapWidth, patches := int(b[1]>>5)+1, int(b[1]&31)
	if b, err = r.s.Take(baseBytes); err != nil {
		return err
	}
	base := int64(bigEndian(b[:baseBytes]))
	if sign := int64(1) << (8*baseBytes - 1); base&sign != 0 { // sign and magnitude
		base = -(base &^ sign)
	}
	if err := r.unpack(dst, width); err != nil {
		return err
	}
	if gapWidth+patchWidth > 64 {
		return r.s.Fail("a patch of %d bits", gapWidth+patchWidth)
	}
	var list [31]int64
	if err := r.unpack(list[:patches], closest(gapWidth+patchWidth)); err != nil {
		return err
	}
	at := 0
	for _, p := range list[:patches] {
		at += int(uint64(p) >> patchWidth)
		high := p & (1<<patchWidth - 1)
		if at >= len(dst) {
			return r.s.Fail("a patch for value %d of %d", at+1, len(dst))
		}
		dst[at] |= high << width
	}
	for i := range dst {
		dst[i] += base
	}
	return nil
}

func (r *rle2) delta(dst []int64, code int) error {
	v, err := r.s.Varint(r.signed)
	if err != nil {
		return err
	}
	step, err := r.s.Varint(true)
	if err != nil {
		return err
	}
	dst[0] = v
	if code == 0 { // all steps are the same
		for i := 1; i < len(dst); i++ {
			v += step
			dst[i] = v
		}
		return nil
	}
	if len(dst) == 1 {
		return nil
	}
	if err := r.unpack(dst[2:], widths[code]); err != nil {
		return err
	}
	v += step
	dst[1] = v
	if step < 0 {
		for i := 2; i < len(dst); i++ {
			v -= dst[i]
			dst[i] = v
		}
		return nil
	}
	for i := 2; i < len(dst); i++ {
		v += dst[i]
		dst[i] = v
	}
	return nil
}
