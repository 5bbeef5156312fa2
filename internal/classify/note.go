package classify

import (
	"bytes"
	"fmt"
)

// whyNoTable says what keeps a text from being a table.
func (r *Reader) whyNoTable(text []byte, whole bool) string {
	const rule = "; a crawler takes CSV of at least 2 columns and 2 rows, most of which have as many fields as each other"
	if len(bytes.TrimSpace(text)) == 0 {
		return "is empty" + rule
	}
	if binary(text) {
		return "is no text, and of no format that crawlers know"
	}
	if !whole && bytes.IndexByte(text, '\n') < 0 {
		return fmt.Sprintf("has a first line of more than %d bytes", len(text)) + rule
	}
	var best *fit
	for _, d := range []byte(delimiters) {
		if bytes.IndexByte(text, d) < 0 {
			continue
		}
		if f := r.measure(text, whole, Dialect{d, '"', 0}); f.width >= 2 && (best == nil || f.fits > best.fits) {
			best = f
		}
	}
	switch {
	case best == nil:
		return "has no comma, semicolon, tab or | in most of its lines" + rule
	case best.width > mostColumns:
		return fmt.Sprintf("has %d columns: crawlers take %d", best.width, mostColumns)
	case best.rows < 2:
		return "has one row only" + rule
	}
	t := r.read(text, whole, best, true)
	where := ""
	if t.bad.Line > 0 {
		where = fmt.Sprintf(", line %d not", t.bad.Line)
	}
	return fmt.Sprintf("has lines that differ: cut at %q, %d of %d have %d fields%s%s", best.Delimiter, best.fits, best.rows, best.width,
		where, rule)
}

// binary reports whether a text has more control characters than texts have.
func binary(text []byte) bool {
	n := 0
	for _, b := range text[:min(len(text), 64<<10)] {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != 1 && b != '\f' && b != 0x1b {
			n++
		}
	}
	return n*20 > min(len(text), 64<<10)
}
