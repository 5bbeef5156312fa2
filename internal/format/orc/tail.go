package orc

import (
	"fmt"
	"io"

	"penstock/internal/format/orc/wire"
)

const magic = "ORC"

// tail is what the end of a file says about it.
type tail struct {
	postScript
	*footer
	codec wire.Codec
	root  *node
}

// readTail reads the end of a file, of which it first takes as much as most footers need.
func readTail(src io.ReaderAt, size int64) (*tail, error) {
	if size < int64(len(magic))+1 {
		return nil, fmt.Errorf("no ORC file: it has %d bytes", size)
	}
	end := make([]byte, min(size, 16<<10))
	if err := wire.ReadAt(src, end, size-int64(len(end))); err != nil {
		return nil, fmt.Errorf("the end of the file: %w", err)
	}
	n := int(end[len(end)-1])
	if n >= len(end) {
		return nil, fmt.Errorf("no ORC file, or a truncated one: a postscript of %d bytes in a file of %d", n, size)
	}
	rest := end[:len(end)-1-n]
	ps, err := parsePostScript(end[len(rest) : len(end)-1])
	if ps.magic != magic && !startsWithMagic(src) { // the first files of all have it in front only
		return nil, fmt.Errorf("no ORC file, or a truncated one: its end is no postscript")
	}
	if err != nil {
		return nil, err
	}
	t := &tail{postScript: ps}
	if t.codec, err = wire.NewCodec(ps.codec, ps.blockSize); err != nil {
		return nil, err
	}
	body := size - 1 - int64(n)
	if ps.footerLength > uint64(body) {
		return nil, fmt.Errorf("postscript: a footer of %d bytes in a file of %d", ps.footerLength, size)
	}
	return t, t.readFooter(src, body-int64(ps.footerLength), int64(ps.footerLength))
}

func startsWithMagic(src io.ReaderAt) bool {
	var start [len(magic)]byte
	return wire.ReadAt(src, start[:], 0) == nil && string(start[:]) == magic
}

func (t *tail) readFooter(src io.ReaderAt, offset, length int64) error {
	data, err := wire.ReadAll(src, "footer", t.codec, offset, length, maxFooter)
	if err != nil {
		return err
	}
	if t.footer, err = parseFooter(data); err != nil {
		return err
	}
	if t.encrypted {
		return wire.Unsupported("ORC files with encrypted columns")
	}
	t.root, err = newTree(t.types)
	return err
}

// checkStripes compares what the footer says of the stripes with the file.
func (t *tail) checkStripes(size int64) error {
	rows, limit := uint64(0), uint64(size)
	for i, s := range t.stripes {
		left := limit
		for _, part := range [...]uint64{s.offset, s.index, s.data, s.footer} {
			if part > left {
				return fmt.Errorf("footer: stripe %d lies beyond the end of the file (offset %d, %d + %d + %d bytes, the file has %d)",
					i+1, s.offset, s.index, s.data, s.footer, size)
			}
			left -= part
		}
		if len(t.root.kids) > 0 && s.rows>>24 > s.data { // no encoding and no codec can do so
			return fmt.Errorf("footer: stripe %d has %d rows in %d bytes", i+1, s.rows, s.data)
		}
		if rows += s.rows; rows < s.rows || rows > 1<<62 {
			return fmt.Errorf("footer: stripe %d has %d rows", i+1, s.rows)
		}
	}
	if rows != t.rows {
		return fmt.Errorf("footer: the file has %d rows, its stripes have %d", t.rows, rows)
	}
	return nil
}
