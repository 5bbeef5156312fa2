package orc

// byteReader reads a stream of bytes in run length encoding.
type byteReader struct {
	s       *inStream
	left    int
	literal bool
	value   byte
}

func (r *byteReader) start() error {
	head, err := r.s.byte()
	if err != nil {
		return err
	}
	if r.literal = head >= 0x80; r.literal {
		r.left = 256 - int(head)
		return nil
	}
	r.left = int(head) + 3
	r.value, err = r.s.byte()
	return err
}

// read fills dst.
func (r *byteReader) read(dst []byte) error {
	for len(dst) > 0 {
		if r.left == 0 {
			if err := r.start(); err != nil {
				return err
			}
		}
		n := min(r.left, len(dst))
		if r.literal {
			if err := r.s.read(dst[:n]); err != nil {
				return err
			}
		} else {
			for i := range dst[:n] {
				dst[i] = r.value
			}
		}
		r.left -= n
		dst = dst[n:]
	}
	return nil
}

// bitReader reads a stream of booleans: bits from the highest of each byte, the bytes in run length encoding.
type bitReader struct {
	bytes byteReader
	cur   byte
	left  int // bits of cur
	buf   []byte
}

// read fills dst.
func (r *bitReader) read(dst []bool) error {
	for len(dst) > 0 && r.left > 0 {
		r.left--
		dst[0] = r.cur>>r.left&1 == 1
		dst = dst[1:]
	}
	if len(dst) == 0 {
		return nil
	}
	n := (len(dst) + 7) / 8
	if cap(r.buf) < n {
		r.buf = make([]byte, n)
	}
	if err := r.bytes.read(r.buf[:n]); err != nil {
		return err
	}
	for _, b := range r.buf[:len(dst)/8] {
		for i := range 8 {
			dst[i] = b>>(7-i)&1 == 1
		}
		dst = dst[8:]
	}
	if len(dst) > 0 {
		r.cur, r.left = r.buf[n-1], 8
		return r.read(dst)
	}
	return nil
}
