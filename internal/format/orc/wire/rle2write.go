package wire

import (
	"encoding/binary"
	"math/bits"
)

// An IntWriter writes integers in run length encoding version 2.
type IntWriter struct {
	Out    Out
	signed bool
	vals   []int64 // not written yet
	buf    []byte
}

// NewIntWriter returns a writer; signed numbers are written zigzag.
func NewIntWriter(enc *Encoder, signed bool) IntWriter {
	return IntWriter{Out: NewOut(enc), signed: signed}
}

// steady is how many values with the same step make a run of their own.
const steady = 10

// Put writes a value.
func (w *IntWriter) Put(v int64) {
	if w.vals = append(w.vals, v); len(w.vals) == 2*maxRun {
		rest := w.vals
		for len(rest) >= maxRun {
			rest = rest[w.run(rest):]
		}
		w.vals = w.vals[:copy(w.vals, rest)]
	}
}

// Flush writes all values.
func (w *IntWriter) Flush() {
	rest := w.vals
	for len(rest) > 0 {
		rest = rest[w.run(rest):]
	}
	w.vals = w.vals[:0]
}

// StartGroup ends the run and marks the beginning of a row group.
func (w *IntWriter) StartGroup() {
	w.Flush()
	w.Out.MarkGroup(0)
}

// Size is how many bytes of memory the stream takes.
func (w *IntWriter) Size() int { return w.Out.Size() + 8*len(w.vals) }

// run writes one run of the values in front of vals, and returns how many those are.
func (w *IntWriter) run(vals []int64) int {
	vals = vals[:min(len(vals), maxRun)]
	w.buf = w.buf[:0]
	n := 1
	if s := steadyRun(vals); s >= steady || s == len(vals) && s >= minRepeat {
		n = s
		w.steady(vals[:n])
	} else {
		n = literalRun(vals)
		w.literals(vals[:n])
	}
	w.Out.Write(w.buf)
	return n
}

// steadyRun is how many values at the front have the same step, which does not overflow.
func steadyRun(vals []int64) int {
	if len(vals) < 2 {
		return len(vals)
	}
	step, ok := sub(vals[1], vals[0])
	if !ok {
		return 1
	}
	n := 2
	for n < len(vals) && vals[n]-vals[n-1] == step && (step >= 0) == (vals[n] >= vals[n-1]) {
		n++
	}
	return n
}

// literalRun is how many values stand in front of the next steady run.
func literalRun(vals []int64) int {
	same := 1 // steps that are the same, up to here
	for n := 2; n < len(vals); n++ {
		if vals[n]-vals[n-1] == vals[n-1]-vals[n-2] {
			if same++; same == steady-1 {
				return max(1, n-steady+1)
			}
		} else {
			same = 1
		}
	}
	return len(vals)
}

// sub is a-b and whether it fits.
func sub(a, b int64) (int64, bool) {
	d := a - b
	return d, (d < 0) == (a < b)
}

func (w *IntWriter) head(kind, code, n int) {
	w.buf = append(w.buf, byte(kind<<6|code<<1|(n-1)>>8), byte(n-1))
}

func (w *IntWriter) varint(v int64, signed bool) {
	u := uint64(v)
	if signed {
		u = zigzag(v)
	}
	w.buf = binary.AppendUvarint(w.buf, u)
}

// encoded is a value as runs that are no delta have it.
func (w *IntWriter) encoded(v int64) uint64 {
	if w.signed {
		return zigzag(v)
	}
	return uint64(v)
}

func (w *IntWriter) steady(vals []int64) {
	n := len(vals)
	step := vals[1] - vals[0]
	if step == 0 && n <= 10 {
		u := w.encoded(vals[0])
		size := max(1, (bits.Len64(u)+7)/8)
		w.buf = append(w.buf, byte(runShort<<6|(size-1)<<3|(n-minRepeat)))
		w.bigEndian(u, size)
		return
	}
	w.head(runDelta, 0, n)
	w.varint(vals[0], w.signed)
	w.varint(step, true)
}

func (w *IntWriter) bigEndian(u uint64, size int) {
	for ; size > 0; size-- {
		w.buf = append(w.buf, byte(u>>(8*(size-1))))
	}
}

// literals writes values in the smallest of three ways.
func (w *IntWriter) literals(vals []int64) {
	all := uint64(0)
	for _, v := range vals {
		all |= w.encoded(v)
	}
	width := closest(max(1, bits.Len64(all)))
	cost := 2 + (len(vals)*width+7)/8
	deltaWidth, deltaCost := w.deltaCost(vals)
	p, patchedCost := choosePatches(vals)
	switch {
	case deltaCost < cost && deltaCost <= patchedCost:
		w.delta(vals, deltaWidth)
	case patchedCost < cost:
		w.patched(vals, p)
	default:
		w.direct(vals, width)
	}
}

func (w *IntWriter) direct(vals []int64, width int) {
	w.head(runDirect, codeOf(width), len(vals))
	p := packer{dst: w.buf}
	for _, v := range vals {
		p.put(w.encoded(v), width)
	}
	w.buf = p.end()
}

// codeOf is the code of a width in a run's head.
func codeOf(width int) int {
	for i, w := range widths {
		if w >= width {
			return i
		}
	}
	return len(widths) - 1
}

const never = 1 << 30 // the cost of what cannot be

// deltaCost is how many bits the steps take from the second on, and how many bytes the run does, when the values only grow or only shrink.
func (w *IntWriter) deltaCost(vals []int64) (width, cost int) {
	if len(vals) < 3 || vals[1] == vals[0] {
		return 0, never
	}
	grows, all := vals[1] > vals[0], uint64(0)
	for i := 1; i < len(vals); i++ {
		d, ok := sub(vals[i], vals[i-1])
		if !ok || d != 0 && d > 0 != grows || d == -1<<63 {
			return 0, never
		}
		if i > 1 {
			all |= uint64(max(d, -d))
		}
	}
	width = closest(max(2, bits.Len64(all))) // code 0 says that all steps are the same
	first := w.encoded(vals[0])
	return width, 2 + uvarintLen(first) + uvarintLen(zigzag(vals[1]-vals[0])) + ((len(vals)-2)*width+7)/8
}

// uvarintLen is how many bytes a varint takes.
func uvarintLen(u uint64) int { return max(1, (bits.Len64(u)+6)/7) }

func (w *IntWriter) delta(vals []int64, width int) {
	w.head(runDelta, codeOf(width), len(vals))
	w.varint(vals[0], w.signed)
	w.varint(vals[1]-vals[0], true)
	p := packer{dst: w.buf}
	for i := 2; i < len(vals); i++ {
		d := vals[i] - vals[i-1]
		p.put(uint64(max(d, -d)), width)
	}
	w.buf = p.end()
}

// packer packs values from the highest bit of each byte.
type packer struct {
	dst  []byte
	acc  uint64
	bits int
}

func (p *packer) put(u uint64, width int) {
	if width > 56 {
		p.put(u>>32, width-32)
		u, width = u&(1<<32-1), 32
	}
	p.acc = p.acc<<width | u
	for p.bits += width; p.bits >= 8; p.bits -= 8 {
		p.dst = append(p.dst, byte(p.acc>>(p.bits-8)))
	}
}

// end fills the last byte.
func (p *packer) end() []byte {
	if p.bits > 0 {
		p.dst = append(p.dst, byte(p.acc<<(8-p.bits)))
		p.bits = 0
	}
	return p.dst
}
