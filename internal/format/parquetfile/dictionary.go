package parquetfile

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

// maxDictionary is how many bytes a dictionary has at most. One that grows larger is kept for what was written with it, and what follows is
// written plain.
const maxDictionary = 1 << 20

// A dictionary is given up that has too many of the values that it has seen: nearly all of the first ones, or half of more.
const (
	firstLook, firstShare   = 4096, 95 // values, percent
	secondLook, secondShare = 1 << 15, 50
)

// pays reports whether a dictionary that had seen so many values before is worth its work.
func (d *dictionary) pays(before int) bool {
	for _, look := range [...][2]int{{firstLook, firstShare}, {secondLook, secondShare}} {
		if before < look[0] && d.seen >= look[0] && 100*d.len() > look[1]*d.seen {
			return false
		}
	}
	return true
}

// A dictionary numbers the different values of a column chunk in the order of their first appearance.
type dictionary struct {
	numbers []uint64 // the values, or the hashes of texts
	bytes   []byte   // texts
	ends    []int
	slots   []uint64 // 1 + an entry's number, below the upper half of its hash; 0 is free
	shift   int      // of a hash, to an index of slots
	seed    maphash.Seed
	seen    int
}

const firstSlots = 1 << 10

func newDictionary() *dictionary {
	return &dictionary{slots: make([]uint64, firstSlots), shift: 64 - 10, seed: maphash.MakeSeed()}
}

func (d *dictionary) len() int { return len(d.numbers) }

// reset empties the dictionary for the next row group.
func (d *dictionary) reset() {
	clear(d.slots)
	d.numbers, d.bytes, d.ends, d.seen = d.numbers[:0], d.bytes[:0], d.ends[:0], 0
}

// spread makes hashes of numbers, whose low bits differ, into such whose high bits do.
const spread = 0x9E3779B97F4A7C15

// number is the entry of a number.
func (d *dictionary) number(v uint64) uint32 {
	hash, mask := v*spread, len(d.slots)-1
	for at := int(hash >> d.shift); ; at = (at + 1) & mask {
		s := d.slots[at]
		if s == 0 {
			return d.add(at, v, hash)
		}
		if entry := uint32(s) - 1; d.numbers[entry] == v {
			return entry
		}
	}
}

// text is the entry of a text, and whether it is new.
func (d *dictionary) text(v []byte) (entry uint32, isNew bool) {
	sum := maphash.Bytes(d.seed, v)
	hash, mask := sum*spread, len(d.slots)-1
	for at := int(hash >> d.shift); ; at = (at + 1) & mask {
		s := d.slots[at]
		if s == 0 {
			d.bytes = append(d.bytes, v...)
			d.ends = append(d.ends, len(d.bytes))
			return d.add(at, sum, hash), true
		}
		if entry := uint32(s) - 1; s>>32 == hash>>32 && bytes.Equal(d.at(int(entry)), v) {
			return entry, false
		}
	}
}

// at is the text of an entry.
func (d *dictionary) at(entry int) []byte {
	from := 0
	if entry > 0 {
		from = d.ends[entry-1]
	}
	return d.bytes[from:d.ends[entry]]
}

// add makes an entry; at is its slot.
func (d *dictionary) add(at int, v, hash uint64) uint32 {
	entry := uint32(len(d.numbers))
	d.numbers = append(d.numbers, v)
	d.slots[at] = hash>>32<<32 | uint64(entry+1)
	if 2*len(d.numbers) > len(d.slots) {
		d.grow()
	}
	return entry
}

func (d *dictionary) grow() {
	d.slots = make([]uint64, 4*len(d.slots))
	d.shift -= 2
	mask := len(d.slots) - 1
	for i, v := range d.numbers {
		hash := v * spread
		at := int(hash >> d.shift)
		for d.slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = hash>>32<<32 | uint64(i+1)
	}
}

// plain appends an entry in the encoding PLAIN: width bytes of a number, or a text with its length.
func (d *dictionary) plain(dst []byte, entry, width int) []byte {
	switch width {
	case 4:
		return binary.LittleEndian.AppendUint32(dst, uint32(d.numbers[entry]))
	case 8:
		return binary.LittleEndian.AppendUint64(dst, d.numbers[entry])
	}
	return appendText(dst, d.at(entry))
}

func appendText(dst, v []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(v))), v...)
}

// size is how many bytes the dictionary takes in the file.
func (d *dictionary) size(width int) int {
	if width == 0 {
		return len(d.bytes) + 4*len(d.ends)
	}
	return width * len(d.numbers)
}
