package wire

const (
	minRepeat   = 3
	maxRepeat   = minRepeat + 127
	maxLiterals = 128
)

// A ByteWriter writes a stream of bytes in run length encoding.
type ByteWriter struct {
	Out     Out
	literal []byte // at most maxLiterals, the last of them equal values
	repeat  int    // how many of the last are equal
}

// NewByteWriter returns a writer.
func NewByteWriter(enc *Encoder) ByteWriter { return ByteWriter{Out: NewOut(enc)} }

// Put writes a byte.
func (w *ByteWriter) Put(b byte) {
	if n := len(w.literal); n > 0 && w.literal[n-1] == b {
		w.repeat++
	} else {
		if w.repeat >= minRepeat {
			w.Flush()
		}
		w.repeat = 1
	}
	if w.repeat == minRepeat && len(w.literal) >= minRepeat { // a run begins: what is in front of it goes out
		w.literals(w.literal[:len(w.literal)-minRepeat+1])
		w.literal = append(w.literal[:0], b, b)
	}
	if w.repeat <= minRepeat {
		w.literal = append(w.literal, b)
	}
	if w.repeat == maxRepeat || w.repeat < minRepeat && len(w.literal) == maxLiterals {
		w.Flush()
	}
}

func (w *ByteWriter) literals(b []byte) {
	if len(b) > 0 {
		w.Out.Write([]byte{byte(-len(b))})
		w.Out.Write(b)
	}
}

// Flush ends the run.
func (w *ByteWriter) Flush() {
	if w.repeat >= minRepeat {
		w.Out.Write([]byte{byte(w.repeat - minRepeat), w.literal[0]})
	} else {
		w.literals(w.literal)
	}
	w.literal, w.repeat = w.literal[:0], 0
}

// StartGroup ends the run and marks the beginning of a row group.
func (w *ByteWriter) StartGroup() {
	w.Flush()
	w.Out.MarkGroup(0)
}

// A BitWriter writes a stream of booleans.
type BitWriter struct {
	Bytes ByteWriter
	cur   byte
	bits  int
}

// NewBitWriter returns a writer.
func NewBitWriter(enc *Encoder) BitWriter { return BitWriter{Bytes: NewByteWriter(enc)} }

// Put writes a boolean.
func (w *BitWriter) Put(b bool) {
	w.cur <<= 1
	if b {
		w.cur |= 1
	}
	if w.bits++; w.bits == 8 {
		w.Bytes.Put(w.cur)
		w.cur, w.bits = 0, 0
	}
}

// StartGroup marks the beginning of a row group, a place within the byte that is not full yet.
func (w *BitWriter) StartGroup() {
	w.Bytes.Flush()
	w.Bytes.Out.MarkGroup(0, uint64(w.bits))
}

// Flush writes the last byte and ends the run: no boolean comes behind it in the stripe.
func (w *BitWriter) Flush() {
	if w.bits > 0 {
		w.Bytes.Put(w.cur << (8 - w.bits))
		w.cur, w.bits = 0, 0
	}
	w.Bytes.Flush()
}
