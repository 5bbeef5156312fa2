package wire

// An Out is a stream of the stripe that is being written, kept in memory.
type Out struct {
	enc  *Encoder
	raw  []byte // what is not compressed yet, less than a block
	out  []byte // finished chunks
	err  error
	Mark [][]uint64 // the stream's position at the beginning of each row group
}

// NewOut returns an empty stream.
func NewOut(enc *Encoder) Out { return Out{enc: enc} }

// position is the place of the next byte, as a row index has it.
func (s *Out) position() []uint64 {
	if s.enc.kind == CodecNone {
		return []uint64{uint64(len(s.out))}
	}
	return []uint64{uint64(len(s.out)), uint64(len(s.raw))}
}

// MarkGroup keeps where a row group begins; more is the place within a run.
func (s *Out) MarkGroup(more ...uint64) { s.Mark = append(s.Mark, append(s.position(), more...)) }

// Write appends bytes.
func (s *Out) Write(p []byte) {
	if s.enc.kind == CodecNone {
		s.out = append(s.out, p...)
		return
	}
	for len(s.raw)+len(p) >= s.enc.block {
		n := s.enc.block - len(s.raw)
		s.raw = append(s.raw, p[:n]...)
		p = p[n:]
		s.chunk()
	}
	s.raw = append(s.raw, p...)
}

// chunk compresses raw, or takes it as it is where that is smaller.
func (s *Out) chunk() {
	packed, err := s.enc.compress(s.raw)
	if err != nil && s.err == nil {
		s.err = err
	}
	head := len(packed) << 1
	if packed == nil {
		packed, head = s.raw, len(s.raw)<<1|1
	}
	s.out = append(append(s.out, byte(head), byte(head>>8), byte(head>>16)), packed...)
	s.raw = s.raw[:0]
}

// Finish returns the whole stream.
func (s *Out) Finish() ([]byte, error) {
	if len(s.raw) > 0 {
		s.chunk()
	}
	return s.out, s.err
}

// Reset empties the stream and keeps its memory.
func (s *Out) Reset() { s.raw, s.out, s.Mark = s.raw[:0], s.out[:0], nil }

// Size is how many bytes of memory the stream takes.
func (s *Out) Size() int { return len(s.raw) + len(s.out) }

// Pack compresses a Message as the tail of a file has it.
func (e *Encoder) Pack(Message []byte) ([]byte, error) {
	s := Out{enc: e}
	s.Write(Message)
	return s.Finish()
}
