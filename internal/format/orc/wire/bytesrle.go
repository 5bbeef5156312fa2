package wire

// A ByteReader reads a stream of bytes in run length encoding.
type ByteReader struct {
	s       *In
	left    int
	literal bool
	value   byte
}

// NewByteReader reads bytes of s.
func NewByteReader(s *In) *ByteReader { return &ByteReader{s: s} }

func (r *ByteReader) start() error {
	head, err := r.s.Byte()
	if err != nil {
		return err
	}
	if r.literal = head >= 0x80; r.literal {
		r.left = 256 - int(head)
		return nil
	}
	r.left = int(head) + 3
	r.value, err = r.s.Byte()
	return err
}

// Read fills dst.
func (r *ByteReader) Read(dst []byte) error {
	for len(dst) > 0 {
		if r.left == 0 {
			if err := r.start(); err != nil {
				return err
			}
		}
		n := min(r.left, len(dst))
		if r.literal {
			if err := r.s.Read(dst[:n]); err != nil {
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

// A BitReader reads a stream of booleans: bits from the highest of each byte, the bytes in run length encoding.
type BitReader struct {
	bytes ByteReader
	cur   byte
	left  int // bits of cur
	buf   []byte
}

// NewBitReader reads booleans of s.
func NewBitReader(s *In) *BitReader { return &BitReader{bytes: ByteReader{s: s}} }

// Read fills dst.
func (r *BitReader) Read(dst []bool) error {
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
	if err := r.bytes.Read(r.buf[:n]); err != nil {
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
		return r.Read(dst)
	}
	return nil
}
