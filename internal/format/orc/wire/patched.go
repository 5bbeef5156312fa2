package wire

import "math/bits"

// patches says how a run is written whose values are small over a base, but for a few.
type patches struct {
	base       int64
	width      int // bits of the values without their patches
	patchWidth int
	gapWidth   int
	list       int // entries, with those that only bridge a gap
}

const maxPatches = 31

// choosePatches finds the width at which the run takes the fewest bytes, and how many.
func choosePatches(vals []int64) (best patches, cost int) {
	low, high := vals[0], vals[0]
	for _, v := range vals {
		low, high = min(low, v), max(high, v)
	}
	span, ok := sub(high, low)
	if !ok || len(vals) < 2*steady || bits.Len64(uint64(max(low, -low))) > 55 || low == -1<<63 {
		return best, never
	}
	var longer [66]int // values of more bits than the index
	for _, v := range vals {
		longer[bits.Len64(uint64(v-low))]++
	}
	for i := 63; i >= 0; i-- {
		longer[i] += longer[i+1]
	}
	cost = never
	all := bits.Len64(uint64(span))
	for _, width := range widths {
		count := longer[width+1]
		if width >= all || count > maxPatches || width > 56 {
			continue
		}
		p := patches{base: low, width: width, patchWidth: closest(all - width)}
		p.gaps(vals)
		if p.list > maxPatches || p.patchWidth+p.gapWidth > 56 {
			continue
		}
		c := 4 + p.baseSize() + (len(vals)*width+7)/8 + (p.list*closest(p.patchWidth+p.gapWidth)+7)/8
		if c < cost {
			best, cost = p, c
		}
	}
	return best, cost
}

// gaps finds how far the patches are apart.
func (p *patches) gaps(vals []int64) {
	last, widest := 0, 0
	p.list = 0
	for i, v := range vals {
		if bits.Len64(uint64(v-p.base)) <= p.width {
			continue
		}
		gap := i - last
		for ; gap > 255; gap -= 255 {
			p.list++
			widest = 255
		}
		p.list++
		widest = max(widest, gap)
		last = i
	}
	p.gapWidth = max(1, bits.Len(uint(widest)))
}

// baseSize is how many bytes the base takes with its sign.
func (p *patches) baseSize() int { return (bits.Len64(uint64(max(p.base, -p.base))) + 1 + 7) / 8 }

func (w *IntWriter) patched(vals []int64, p patches) {
	w.head(runPatched, codeOf(p.width), len(vals))
	size := p.baseSize()
	w.buf = append(w.buf, byte((size-1)<<5|codeOf(p.patchWidth)), byte((p.gapWidth-1)<<5|p.list))
	base := uint64(max(p.base, -p.base))
	if p.base < 0 {
		base |= 1 << (8*size - 1)
	}
	w.bigEndian(base, size)
	values := packer{dst: w.buf}
	list := packer{}
	width, last := closest(p.patchWidth+p.gapWidth), 0
	for i, v := range vals {
		u := uint64(v - p.base)
		values.put(u&(1<<p.width-1), p.width)
		if bits.Len64(u) <= p.width {
			continue
		}
		gap := i - last
		for ; gap > 255; gap -= 255 {
			list.put(255<<p.patchWidth, width)
		}
		list.put(uint64(gap)<<p.patchWidth|u>>p.width, width)
		last = i
	}
	w.buf = append(values.end(), list.end()...)
}
