package orc

import "penstock/internal/format/orc/wire"

import "fmt"

// stripeStream is a finished stream of a column.
type stripeStream struct {
	kind int
	out  *wire.Out
}

// stripeWriter puts the streams of a stripe together.
type stripeWriter struct {
	enc       *wire.Encoder
	index     []placed
	data      []placed
	encodings []byte // as fields of the stripe's footer
	stats     []byte // as fields of the stripe's statistics
}

// placed is a stream that goes into the file.
type placed struct {
	kind, column int
	bytes        []byte
}

// add takes a column's streams. The columns come in the order of their numbers.
func (s *stripeWriter) add(c *colBase, e encodingInfo, streams []stripeStream) error {
	index, err := s.enc.Pack(rowIndex(c, streams))
	if err != nil {
		return err
	}
	s.index = append(s.index, placed{streamIndex, c.id, index})
	for _, st := range streams {
		b, err := st.out.Finish()
		if err != nil {
			return fmt.Errorf("column %s: %w", c.path, err)
		}
		s.data = append(s.data, placed{st.kind, c.id, b})
	}
	s.encodings = wire.PutBytes(s.encodings, 2, wire.PutSome(wire.PutUint(nil, 1, uint64(e.kind)), 2, e.size))
	s.stats = wire.PutBytes(s.stats, 1, c.stripe.append(nil))
	return nil
}

// rowIndex is the RowIndex message: for each row group where it begins in each stream, and its statistics.
func rowIndex(c *colBase, streams []stripeStream) []byte {
	var dst []byte
	from := 0
	for g, end := range c.ends {
		var at []uint64
		for _, st := range streams {
			if g < len(st.out.Mark) {
				at = append(at, st.out.Mark[g]...)
			}
		}
		entry := append(wire.PutList(nil, 1, at), c.groups[from:end]...)
		dst = wire.PutBytes(dst, 1, entry)
		from = end
	}
	return dst
}

// footer is the StripeFooter wire.Message.
func (s *stripeWriter) footer() []byte {
	var dst []byte
	for _, part := range [2][]placed{s.index, s.data} {
		for _, p := range part {
			m := wire.PutUint(wire.PutUint(nil, 1, uint64(p.kind)), 2, uint64(p.column))
			dst = wire.PutBytes(dst, 1, wire.PutUint(m, 3, uint64(len(p.bytes))))
		}
	}
	return wire.PutBytes(append(dst, s.encodings...), 3, "UTC")
}
