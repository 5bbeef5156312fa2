package wire

// An IntReader reads integers of a stream.
type IntReader interface {
	// Read fills dst.
	Read(dst []int64) error
}

// NewIntReader returns the reader of a stream in run length encoding version 1 or 2. Signed numbers are zigzag.
func NewIntReader(s *In, version int, signed bool) IntReader {
	if version == 1 {
		return &rle1{s: s, signed: signed}
	}
	return &rle2{s: s, signed: signed}
}

// rle1 is run length encoding version 1: runs with a step of one byte, and literals.
type rle1 struct {
	s       *In
	signed  bool
	left    int // values that are left in the run
	literal bool
	value   int64 // the next one of a run
	step    int64
}

func (r *rle1) Read(dst []int64) error {
	for len(dst) > 0 {
		if r.left == 0 {
			if err := r.start(); err != nil {
				return err
			}
		}
		n := min(r.left, len(dst))
		for i := range dst[:n] {
			if r.literal {
				v, err := r.s.Varint(r.signed)
				if err != nil {
					return err
				}
				dst[i] = v
			} else {
				dst[i] = r.value
				r.value += r.step
			}
		}
		r.left -= n
		dst = dst[n:]
	}
	return nil
}

func (r *rle1) start() error {
	head, err := r.s.Byte()
	if err != nil {
		return err
	}
	if r.literal = head >= 0x80; r.literal {
		r.left = 256 - int(head)
		return nil
	}
	r.left = int(head) + 3
	step, err := r.s.Byte()
	if err != nil {
		return err
	}
	r.step = int64(int8(step))
	r.value, err = r.s.Varint(r.signed)
	return err
}
