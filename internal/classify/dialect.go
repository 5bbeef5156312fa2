package classify

import (
	"bytes"
)

// delimiters are the ones that Glue's CSV classifier tries, in its order.
const delimiters = ",|\t;\x01"

// A fit is how well a dialect explains a text.
type fit struct {
	Dialect
	width  int // of most records
	rows   int // records with text
	fits   int // of that width, and not damaged
	lead   int // records before the first of that width, if that may be titles
	ragged bool
	score  float64
}

// share is the share of the records that the dialect explains.
func (f *fit) share() float64 { return float64(f.fits) / float64(max(f.rows, 1)) }

// table reports whether what the dialect explains is enough to be a table: single files may have one line that does not fit, others three
// in ten.
func (f *fit) table(least int) bool {
	odd := f.rows - f.lead - f.fits
	return f.width >= least && f.width <= mostColumns && f.fits >= 2 && (odd <= 1 || odd*10 <= f.rows*3)
}

// dialectOf finds the dialect that explains a text best, of those that the delimiters allow: by the share of its records that have one
// width, then by what the cells show. nil when none makes a table.
func (r *Reader) dialectOf(text []byte, whole bool, tried string, quote byte) *fit {
	var best *fit
	lines := bytes.Count(text, []byte{'\n'})
	for _, d := range []byte(tried) {
		if bytes.Count(text, []byte{d}) < lines/3 || bytes.IndexByte(text, d) < 0 {
			continue
		}
		for _, o := range dialects(text, d, quote) {
			f := r.measure(text, whole, o)
			if f.table(2) && (best == nil || f.score > best.score+1e-9) {
				best = f
			}
		}
	}
	return best
}

// dialects are those that a text with a delimiter may have.
func dialects(text []byte, d, quote byte) []Dialect {
	if quote != 0 {
		return []Dialect{{d, quote, 0}}
	}
	out := []Dialect{{d, '"', 0}}
	if bytes.Contains(text, []byte(`\"`)) {
		out = append(out, Dialect{d, '"', '\\'})
	}
	if bytes.Contains(text, []byte{d, '\''}) && bytes.Contains(text, []byte{'\'', d}) {
		out = append(out, Dialect{d, '\'', 0})
	}
	return out
}

// looked is how many records of a text are looked into; the others are only counted.
const looked = 100

// measure counts the records of a text by their width and looks at what the first of them show.
func (r *Reader) measure(text []byte, whole bool, d Dialect) *fit {
	f := &fit{Dialect: d}
	c := &r.cut
	c.start(text, d, whole)
	r.widths = r.widths[:0]
	head, below := 0, 0 // the first record's width; the records that are narrower than it
	for f.rows < sampleRecords {
		n, ok := c.width()
		if !ok {
			break
		}
		if n == 0 || c.blank() && n == 1 && len(c.cells) == 1 {
			continue
		}
		if f.rows++; f.rows == 1 {
			head = n
		}
		if n >= 2 && n < head {
			below++
		}
		if c.damaged {
			continue
		}
		for len(r.widths) <= n {
			r.widths = append(r.widths, 0)
		}
		r.widths[n]++
	}
	for n, count := range r.widths {
		if n >= 1 && (count > f.fits || count == f.fits && n > f.width) {
			f.width, f.fits = n, count
		}
	}
	full := head < len(r.widths) && (r.widths[head]+below)*20 >= f.rows*19
	if f.fits*10 < f.rows*9 && head >= f.width && full && r.nameLike(text, d, whole) {
		f.ragged, f.width, f.fits = true, head, r.widths[head]+below
	}
	if f.width >= 2 {
		f.score = f.share() + r.looks(text, f, whole)
		f.lead = r.leading(text, f, whole)
	}
	if f.ragged {
		f.score -= 0.05
	}
	return f
}

// mostLead is how many lines of titles may stand before a table.
const mostLead = 10

// leading is how many records stand before the first of the table's width; 0 if there are too many for titles.
func (r *Reader) leading(text []byte, f *fit, whole bool) int {
	c := &r.cut
	c.start(text, f.Dialect, whole)
	n := 0
	for n <= min(mostLead, f.fits) && c.next() {
		if len(c.cells) == f.width && !c.damaged {
			return n
		}
		if !c.blank() {
			n++
		}
	}
	return 0
}

// nameLike reports whether all cells of the first record are text.
func (r *Reader) nameLike(text []byte, d Dialect, whole bool) bool {
	c := &r.cut
	c.start(text, d, whole)
	for c.next() && c.blank() {
	}
	for i := range c.cells {
		if b := c.value(i); len(bytes.TrimSpace(b)) == 0 || numberLike(b) {
			return false
		}
	}
	return true
}

// looks is what speaks for a dialect beside the number of cells: cells that are numbers or times, quotes that stand in pairs, and many
// columns; against it, quotes that are left in cells.
func (r *Reader) looks(text []byte, f *fit, whole bool) float64 {
	c := &r.cut
	c.start(text, f.Dialect, whole)
	var cells, typed, wrapped, loose, escapes float64
	n := 0
	for n < looked && c.next() {
		if len(c.cells) != f.width || c.damaged {
			continue
		}
		n++
		for i := range c.cells {
			b := bytes.TrimSpace(c.text[c.cells[i].from:c.cells[i].to])
			switch {
			case c.cells[i].quoted:
				wrapped++
				if c.Escape != 0 && bytes.IndexByte(b, c.Escape) >= 0 {
					escapes++
				}
			case len(b) > 0 && (isQuote(b[0]) != isQuote(b[len(b)-1]) || len(b) == 1 && isQuote(b[0])):
				loose++
			}
			if len(b) > 0 {
				if cells++; numberLike(b) {
					typed++
				}
			}
		}
	}
	if f.Quote != '"' && wrapped < 0.8*float64(n) {
		return -1 // apostrophes
	}
	cells = max(cells, 1)
	out := 0.15*typed/cells + 0.05*wrapped/cells - 0.5*loose/cells + 0.005*float64(min(f.width, 10))
	if f.Escape != 0 && escapes == 0 {
		out -= 0.01
	}
	return out
}

func isQuote(b byte) bool { return b == '"' || b == '\'' }

// numberLike reports whether a cell is written with the characters of numbers, dates and times, a comma for the point among them.
func numberLike(b []byte) bool {
	digits := 0
	for _, c := range bytes.TrimSpace(b) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case bytes.IndexByte([]byte("+-.,:/ TZeE%"), c) < 0:
			return false
		}
	}
	return digits > 0
}
