package classify

import "bytes"

// A Dialect is how delimited text is written.
type Dialect struct {
	Delimiter byte
	Quote     byte // 0: none
	Escape    byte // before a quote within quotes; 0: a quote is doubled
}

// Bounds of a quoted cell: what is longer is taken for a line with a quote too many.
const (
	maxCellLines = 200
	maxCellBytes = 256 << 10
	mostColumns  = 20_000
)

// A cutter cuts text into records, and goes on behind damage: a line whose quotes do not fit is a record of its own. It is there
// because package delimited stops at the first such line, as a reader must.
type cutter struct {
	Dialect
	text  []byte
	whole bool // nothing follows the text

	at      int // where the next record begins
	line    int // of the next record, from 1
	first   int // line of the record
	cells   []cell
	damaged bool // quotes of the record do not fit
	loose   int  // records that are damaged so far
}

type cell struct {
	from, to int
	quoted   bool
	rewrite  bool // there are quotes within
}

func (c *cutter) start(text []byte, d Dialect, whole bool) {
	*c = cutter{Dialect: d, text: text, whole: whole, line: 1, cells: c.cells[:0]}
}

// next cuts the next record; false at the end of the text, or of its last whole record where more would follow.
func (c *cutter) next() bool {
	end, next, ok := c.lineEnd(c.at)
	if !ok {
		return false
	}
	c.first, c.damaged, c.cells = c.line, false, c.cells[:0]
	if c.Quote == 0 || bytes.IndexByte(c.text[c.at:end], c.Quote) < 0 {
		c.split(c.at, end)
		c.at = next
		c.line++
		return true
	}
	return c.record(end, next)
}

// width cuts the next record only so far that its cells are counted.
func (c *cutter) width() (n int, ok bool) {
	end, next, ok := c.lineEnd(c.at)
	if !ok {
		return 0, false
	}
	line := c.text[c.at:end]
	if c.Quote != 0 && bytes.IndexByte(line, c.Quote) >= 0 {
		ok = c.next()
		return len(c.cells), ok
	}
	c.first, c.damaged, c.cells = c.line, false, c.cells[:0]
	c.at = next
	c.line++
	if len(line) == 0 {
		return 0, true
	}
	return bytes.Count(line, []byte{c.Delimiter}) + 1, true
}

// lineEnd finds the end of the line at i and where the next one begins.
func (c *cutter) lineEnd(i int) (end, next int, ok bool) {
	if i >= len(c.text) {
		return 0, 0, false
	}
	n := bytes.IndexByte(c.text[i:], '\n')
	if n < 0 {
		return len(c.text), len(c.text), c.whole
	}
	end, next = i+n, i+n+1
	if end > i && c.text[end-1] == '\r' {
		end--
	}
	return end, next, true
}

// split cuts a line at delimiters alone. Nothing is cut of an empty line.
func (c *cutter) split(from, end int) {
	if from == end {
		return
	}
	for {
		n := bytes.IndexByte(c.text[from:end], c.Delimiter)
		if n < 0 || len(c.cells) >= mostColumns {
			c.cells = append(c.cells, cell{from: from, to: end})
			return
		}
		c.cells = append(c.cells, cell{from: from, to: from + n})
		from += n + 1
	}
}

// record cuts a record with quotes, which may go over line ends.
func (c *cutter) record(end, next int) bool {
	i, lines := c.at, 1
	for {
		open := c.skip(i, " ")
		if open < len(c.text) && c.text[open] == c.Quote {
			shut, rewrite, over, found := c.shut(open + 1)
			if !found {
				return c.loosen(end, next)
			}
			c.cells = append(c.cells, cell{open + 1, shut, true, rewrite})
			lines += over
			i = c.skip(shut+1, " \t\r")
		} else {
			from := i
			for i < len(c.text) && c.text[i] != c.Delimiter && c.text[i] != '\n' {
				i++
			}
			to := i
			if i < len(c.text) && c.text[i] == '\n' && to > from && c.text[to-1] == '\r' {
				to--
			}
			c.cells = append(c.cells, cell{from: from, to: to})
		}
		switch {
		case i >= len(c.text) && !c.whole:
			return false
		case i >= len(c.text), c.text[i] == '\n':
			c.at, c.line = min(i+1, len(c.text)), c.line+lines
			return true
		case len(c.cells) >= mostColumns:
			return c.loosen(end, next)
		}
		i++
	}
}

// loosen takes a line as it stands, since its quotes do not fit.
func (c *cutter) loosen(end, next int) bool {
	if next == len(c.text) && !c.whole {
		return false // the text may be cut within the quotes
	}
	c.cells, c.damaged = c.cells[:0], true
	c.loose++
	c.split(c.at, end)
	c.at = next
	c.line++
	return true
}

func (c *cutter) skip(i int, blanks string) int {
	for i < len(c.text) && c.text[i] != c.Delimiter && bytes.IndexByte([]byte(blanks), c.text[i]) >= 0 {
		i++
	}
	return i
}

// shut finds the quote that ends the cell which begins at i: one with a delimiter or a line end behind it. One that looks like the
// beginning of another cell says that the first was never ended.
func (c *cutter) shut(i int) (at int, rewrite bool, lines int, found bool) {
	limit := min(len(c.text), i+maxCellBytes>>min(c.loose/8, 8))
	for from := i; ; {
		n := bytes.IndexByte(c.text[from:limit], c.Quote)
		if n < 0 {
			return 0, false, 0, false
		}
		lines += bytes.Count(c.text[from:from+n], []byte{'\n'})
		from += n
		if lines > maxCellLines {
			return 0, false, 0, false
		}
		if c.escaped(i, from) {
			rewrite = true
			from++
			continue
		}
		if from+1 < len(c.text) && c.text[from+1] == c.Quote {
			rewrite = true
			from += 2
			continue
		}
		behind := c.skip(from+1, " \t\r")
		if behind >= len(c.text) || c.text[behind] == c.Delimiter || c.text[behind] == '\n' {
			return from, rewrite, lines, true
		}
		if before := c.text[from-1]; from > i && (before == c.Delimiter || before == '\n') {
			return 0, false, 0, false
		}
		rewrite = true
		from++
	}
}

// escaped reports whether an odd number of escape characters stands before at.
func (c *cutter) escaped(from, at int) bool {
	n := 0
	for c.Escape != 0 && at-n > from && c.text[at-n-1] == c.Escape {
		n++
	}
	return n%2 == 1
}

// value is the text of a cell. It is valid until the text changes.
func (c *cutter) value(i int) []byte {
	at := c.cells[i]
	text := c.text[at.from:at.to]
	if !at.rewrite {
		return text
	}
	out := make([]byte, 0, len(text))
	for j := 0; j < len(text); j++ {
		b := text[j]
		if j+1 < len(text) && text[j+1] == c.Quote && (b == c.Quote || b == c.Escape) || b == c.Escape && c.Escape != 0 && j+1 < len(text) &&
			text[j+1] == c.Escape {
			j++
			b = text[j]
		}
		out = append(out, b)
	}
	return out
}

// blank reports whether the record is an empty line or one of blanks.
func (c *cutter) blank() bool {
	return len(c.cells) == 0 || len(c.cells) == 1 && !c.cells[0].quoted && len(bytes.TrimSpace(c.text[c.cells[0].from:c.cells[0].to])) == 0
}
