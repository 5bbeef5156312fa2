package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"
)

// zipReader reads the one file of an archive from front to back: its header, its data, and then everything that follows, so that a second
// file, a missing end or rubbish is seen. Folders, and what macOS adds about a file (__MACOSX/), are no files.
type zipReader struct {
	src    *bufio.Reader
	found  bool
	name   string
	body   io.Reader // the data of the entry, unpacked; nil between entries
	packed int64Counter
	sum    hash.Hash32
	out    uint64
	entry  zipEntry
	seen   int // entries of every kind
	done   bool
}

type zipEntry struct {
	flags, method uint16
	crc           uint32
	size, packed  uint64
	zip64         bool
	file          bool
}

const (
	zipLocal     = 0x04034b50
	zipCentral   = 0x02014b50
	zipEnd       = 0x06054b50
	zipEnd64     = 0x06064b50
	zipLocator   = 0x07064b50
	zipDescribes = 0x08074b50
)

// int64Counter counts the bytes that the inflater takes: it reads byte by byte or in pieces and never beyond the end of the stream.
type int64Counter struct {
	src *bufio.Reader
	n   int64
}

func (c *int64Counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *int64Counter) ReadByte() (byte, error) {
	b, err := c.src.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// Read implements io.Reader.
func (z *zipReader) Read(p []byte) (int, error) {
	for {
		if z.done {
			return 0, io.EOF
		}
		if z.body == nil {
			if err := z.next(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := z.body.Read(p)
		z.sum.Write(p[:n])
		z.out += uint64(n)
		if err == io.EOF {
			z.body = nil
			err = z.check()
		}
		if z.entry.file && n > 0 || err != nil {
			return n, cut(err)
		}
	}
}

// next reads what follows an entry, or begins the archive.
func (z *zipReader) next() error {
	head, err := z.src.Peek(4)
	if err != nil {
		return cut(err)
	}
	switch sig := binary.LittleEndian.Uint32(head); {
	case sig == zipLocal:
		return z.open()
	case sig == zipCentral || sig == zipEnd:
		if !z.found {
			return errors.New("the archive has no file")
		}
		z.done = true
		return z.directory()
	}
	return errors.New("what follows an entry is neither an entry nor the directory")
}

// open reads the header of an entry.
func (z *zipReader) open() error {
	var h [30]byte
	if _, err := io.ReadFull(z.src, h[:]); err != nil {
		return cut(err)
	}
	le := binary.LittleEndian
	e := zipEntry{flags: le.Uint16(h[6:]), method: le.Uint16(h[8:]), crc: le.Uint32(h[14:]),
		packed: uint64(le.Uint32(h[18:])), size: uint64(le.Uint32(h[22:]))}
	more := make([]byte, int(le.Uint16(h[26:]))+int(le.Uint16(h[28:])))
	if _, err := io.ReadFull(z.src, more); err != nil {
		return cut(err)
	}
	name := string(more[:le.Uint16(h[26:])])
	e.sizes64(more[len(name):])
	e.file = !strings.HasSuffix(name, "/") && !strings.HasPrefix(name, "__MACOSX/")
	z.seen++
	if e.file && z.found {
		return fmt.Errorf("the archive has more than one file, %q and %q: Penstock, as AWS, reads archives of one file", z.name, name)
	}
	if e.file {
		z.found, z.name = true, name
	}
	return z.begin(e)
}

// sizes64 takes the sizes of a large entry from the extra field.
func (e *zipEntry) sizes64(extra []byte) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return
		}
		if id == 1 && n >= 16 {
			e.zip64 = true
			if e.size == 0xffffffff && e.packed == 0xffffffff {
				e.size, e.packed = le.Uint64(extra), le.Uint64(extra[8:])
			}
		}
		extra = extra[n:]
	}
}

func (z *zipReader) begin(e zipEntry) error {
	z.entry, z.sum, z.out = e, crc32.NewIEEE(), 0
	later := e.flags&8 != 0 // sizes and checksum stand behind the data
	z.packed = int64Counter{src: z.src}
	switch {
	case e.flags&1 != 0:
		return errors.New("the file in the archive is encrypted, which Penstock does not support")
	case e.method == 8:
		z.body = flate.NewReader(&z.packed)
	case e.method == 0 && later && e.file:
		return errors.New("the file in the archive is stored without its length, which Penstock does not support: compress it")
	case e.method == 0:
		z.body = &exact{src: &z.packed, left: e.size}
	default:
		return fmt.Errorf("the file in the archive is compressed by method %d; Penstock supports 0 (stored) and 8 (deflate)", e.method)
	}
	return nil
}

// exact reads so many bytes; fewer is a cut file.
type exact struct {
	src  io.Reader
	left uint64
}

func (e *exact) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	if uint64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.src.Read(p)
	e.left -= uint64(n)
	return n, cut(err)
}

// check compares an entry with what is said of it, before its data or behind.
func (z *zipReader) check() error {
	e := z.entry
	if e.flags&8 == 0 {
		if z.sum.Sum32() != e.crc || z.out != e.size || uint64(z.packed.n) != e.packed {
			return errors.New("the checksum or the length does not match the data")
		}
		return nil
	}
	said, err := z.src.Peek(24)
	if err != nil && len(said) < 12 {
		return cut(err)
	}
	for _, signed := range []int{4, 0} { // the signature may be left out, and the sizes have 4 bytes or 8
		for _, width := range []int{4, 8} {
			if z.describes(said, signed, width) {
				_, err := z.src.Discard(signed + 4 + 2*width)
				return err
			}
		}
	}
	if err != nil { // less is left than a directory takes
		return cut(err)
	}
	return errors.New("the checksum or the length does not match the data")
}

func (z *zipReader) describes(said []byte, signed, width int) bool {
	le := binary.LittleEndian
	if len(said) < signed+4+2*width || signed > 0 && le.Uint32(said) != zipDescribes || le.Uint32(said[signed:]) != z.sum.Sum32() {
		return false
	}
	sizes := said[signed+4:]
	if width == 8 {
		return le.Uint64(sizes) == uint64(z.packed.n) && le.Uint64(sizes[8:]) == z.out
	}
	return le.Uint32(sizes) == uint32(z.packed.n) && le.Uint32(sizes[4:]) == uint32(z.out)
}

// directory passes over the archive's directory to the very end.
func (z *zipReader) directory() error {
	listed := 0
	for {
		head, err := z.src.Peek(4)
		if err != nil {
			return cut(err)
		}
		fixed, lengths := 0, []int(nil) // where 2-byte lengths of what follows stand
		sig := binary.LittleEndian.Uint32(head)
		switch sig {
		case zipCentral:
			fixed, lengths = 46, []int{28, 30, 32}
			listed++
		case zipEnd64:
			fixed = 56
		case zipLocator:
			fixed = 20
		case zipEnd:
			fixed, lengths = 22, []int{20}
		default:
			return errors.New("the directory of the archive is damaged")
		}
		if err := z.pass(fixed, lengths); err != nil {
			return err
		}
		if sig == zipEnd {
			return z.end(listed)
		}
	}
}

func (z *zipReader) pass(fixed int, lengths []int) error {
	record, err := z.src.Peek(fixed)
	if err != nil {
		return cut(err)
	}
	n := fixed
	for _, at := range lengths {
		n += int(binary.LittleEndian.Uint16(record[at:]))
	}
	_, err = z.src.Discard(n)
	return cut(err)
}

func (z *zipReader) end(listed int) error {
	if listed != z.seen {
		return fmt.Errorf("the directory of the archive lists %d entries, the archive has %d", listed, z.seen)
	}
	if _, err := z.src.Peek(1); err != io.EOF {
		if err == nil {
			err = errors.New("something follows the end of the archive")
		}
		return err
	}
	return io.EOF
}
