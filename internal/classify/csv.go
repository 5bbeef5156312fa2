package classify

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/column"
	"penstock/internal/format"
	"penstock/internal/schema"
)

// kept is how many records stay for the weighing of a header.
const kept = 200

// A table is delimited text that a dialect cuts into columns.
type table struct {
	fit
	first   []string // the first record of the table's width
	at      int      // the line on which it stands, from 1
	below   []schema.Kind
	seen    []Seen
	rows    int64 // records with text, the first included
	good    int64 // of them, those that have a cell for each column
	length  int   // bytes of text that the records take
	quoted  bool
	again   int64 // records that are the first one again
	lead    int   // lines before the first record that are no records: titles, comments
	records [][]string
	near    []string       // the line before the first record, if it has all names but one
	starts  []start        // for each column, its first value below the first record
	bad     column.Finding // the first record that does not fit
	trim    bool           // blanks round a value do not count
}

// A start is the first value of a column.
type start struct {
	kind schema.Kind
	format.Widening
}

// read takes what the records of a text show, by a dialect and a width that are known.
func (r *Reader) read(text []byte, whole bool, f *fit, trim bool) *table {
	t := &table{fit: *f, trim: trim}
	c := &r.cut
	c.start(text, f.Dialect, whole)
	for t.rows < sampleRecords && c.next() {
		if c.blank() && f.width > 1 || len(c.cells) == 0 {
			continue
		}
		t.add(c)
		t.length = c.at
	}
	if t.first != nil {
		t.dropEmptyTail()
	}
	return t
}

func (t *table) add(c *cutter) {
	fits := !c.damaged && (len(c.cells) == t.width || t.ragged && len(c.cells) < t.width && len(c.cells) > 1)
	switch {
	case t.first == nil && (c.damaged || len(c.cells) != t.width):
		t.before(c)
		return
	case t.first == nil:
		t.rows++
		t.good++
		t.at = c.first
		for i := range c.cells {
			t.first = append(t.first, string(c.value(i)))
			t.quoted = t.quoted || c.cells[i].quoted
		}
		t.below, t.seen, t.starts = make([]schema.Kind, t.width), make([]Seen, t.width), make([]start, t.width)
		return
	}
	t.rows++
	if !fits {
		t.misfit(c)
		return
	}
	t.good++
	if t.repeats(c) {
		t.again++
		return
	}
	var cells []string
	for i := range c.cells {
		t.quoted = t.quoted || c.cells[i].quoted
		b := c.value(i)
		t.take(i, b, c.cells[i].quoted, c.first)
		if len(t.records) < kept {
			cells = append(cells, string(column.Excerpt(b)))
		}
	}
	if cells != nil {
		t.records = append(t.records, cells)
	}
	for i := len(c.cells); i < t.width; i++ {
		t.seen[i].Nulls++
	}
}

// before takes a record that stands before the first one of the table's width: a title or a comment, a header that is damaged, or a
// record that is, which shows numbers.
func (t *table) before(c *cutter) {
	numbers, names := false, make([]string, 0, len(c.cells))
	for i := range c.cells {
		k := schema.InferCell(string(column.Excerpt(c.value(i))))
		numbers = numbers || k.Numeric()
		if k == schema.String {
			names = append(names, string(c.value(i)))
		}
	}
	if t.near = nil; len(names) == t.width-1 && len(names) == len(c.cells) && !c.damaged {
		t.near = names
	}
	if numbers && len(c.cells) > 1 && c.text[c.cells[0].from] != '#' {
		t.rows++
		t.misfit(c)
		return
	}
	t.lead = c.line - 1
}

func (t *table) misfit(c *cutter) {
	if t.bad.Problem != "" {
		return
	}
	t.bad = column.Finding{Line: int64(c.first), Problem: fmt.Sprintf("it has %d of %d fields", len(c.cells), t.width)}
	if c.damaged {
		t.bad.Problem = "its quotes do not fit"
	}
}

// repeats reports whether a record is the first one again, as in files that were put together of several.
func (t *table) repeats(c *cutter) bool {
	for i := range c.cells {
		if i >= len(t.first) || string(c.value(i)) != t.first[i] {
			return false
		}
	}
	return len(c.cells) == len(t.first)
}

// null is how LazySimpleSerDe writes that there is no value.
const null = `\N`

// take takes a cell of column i.
func (t *table) take(i int, b []byte, quoted bool, line int) {
	s := &t.seen[i]
	trimmed := bytes.TrimSpace(b)
	if len(trimmed) == 0 || !quoted && string(trimmed) == null {
		s.Nulls++
		return
	}
	s.Values++
	if t.below[i] == schema.String {
		return
	}
	k := t.kind(b, trimmed)
	if k <= t.below[i] {
		return
	}
	w := format.Widening{From: t.below[i], To: k, Row: t.rows, Line: int64(line), Text: column.Excerpt(trimmed)}
	if t.below[i] == schema.Unknown {
		t.starts[i] = start{k, w}
	} else {
		s.Wider = append(s.Wider, w)
	}
	t.below[i] = k
}

// kind is what a cell shows. Where blanks count, a number with blanks round it is none.
func (t *table) kind(b, trimmed []byte) schema.Kind {
	switch {
	case !t.trim && len(trimmed) < len(b), len(trimmed) > 64:
		return schema.String
	}
	return schema.InferCell(string(trimmed))
}

// dropEmptyTail leaves out a last column without values, which is there because the lines but not the header end with a delimiter: the
// header is the line before the first record.
func (t *table) dropEmptyTail() {
	last := t.width - 1
	if t.near == nil || last < 2 || t.below[last] != schema.Unknown || strings.TrimSpace(t.first[last]) != "" {
		return
	}
	record := t.first
	t.first, t.width = t.near, last
	t.rows++
	t.good++
	for i := range t.width {
		t.take(i, []byte(record[i]), false, t.at)
	}
	t.below, t.seen, t.starts = t.below[:last], t.seen[:last], t.starts[:last]
	t.records = append(t.records, record[:last])
	t.at = t.lead
}

// classifyCSV finds the delimiter that cuts the text best and takes the sample's columns from it.
func (r *Reader) classifyCSV(s *Sample, whole bool, consumed int64) {
	text := r.text
	f := r.dialectOf(text, whole, delimiters, 0)
	if f == nil {
		if s.Note == "" || binary(text) {
			s.Note = r.whyNoTable(text, whole)
		}
		return
	}
	t := r.read(text, whole, f, true)
	if t.first == nil || t.good < 2 {
		s.Note = r.whyNoTable(text, whole)
		return
	}
	s.takeTable(t)
	s.Form.Header = glueHeader(t.first, t.below) || r.Headers && likelyHeader(t.first, t.records, t.below)
	t.records = nil // a crawler keeps many samples
	s.setColumns()
	s.estimate(t, len(text), whole, consumed)
}

// takeTable takes all but the columns.
func (s *Sample) takeTable(t *table) {
	s.Form.Class, s.Form.Delimiter = CSV, t.Delimiter
	s.Quoted, s.Dialect = t.quoted, t.Dialect
	s.First, s.table = t.first, t
	s.Damaged, s.Repeated = t.rows-t.good, t.again
	if s.Damaged > 0 && s.Note == "" {
		s.Note = fmt.Sprintf("has %d damaged of %d records in its sample; the first stands on line %d: %s", s.Damaged, t.rows, t.bad.Line,
			t.bad.Problem)
	}
}

// estimate takes how many records the file has, and how many bytes of text they take.
func (s *Sample) estimate(t *table, read int, whole bool, consumed int64) {
	s.Sampled, s.Whole = t.rows, whole && t.length == read
	s.Records, s.Bytes = float64(t.rows), float64(t.length)
	if !s.Whole && consumed > 0 {
		scale := float64(s.file.Size) / float64(consumed) * float64(read) / float64(t.length)
		s.Records, s.Bytes = s.Records*scale, s.Bytes*scale
	}
	if s.Form.Header {
		s.Records--
	}
}

// setColumns takes the columns' names from the header, or makes some; without a header the first record counts for the types.
func (s *Sample) setColumns() {
	t := s.table
	n := len(t.below)
	s.Names, s.Types, s.Seen = make([]string, n), make([]schema.Type, n), slices.Clone(t.seen)
	s.Form.Skip = t.lead
	if s.Form.Header {
		s.Form.Skip = t.at
	}
	taken := map[string]bool{}
	for i, kind := range t.below {
		name := "col" + strconv.Itoa(i)
		s.Seen[i].First = t.starts[i].Widening
		if !s.Form.Header {
			kind = s.firstShows(i, kind)
		} else if h := strings.ToLower(strings.TrimSpace(s.First[i])); h != "" {
			name = h
		}
		s.Types[i] = schema.Of(kind)
		for taken[name] {
			name += "_" + strconv.Itoa(i)
		}
		taken[name] = true
		s.Names[i] = name
		s.Seen[i].located(name, s.Form.Header)
	}
}

// located says of a column's widenings which column it is, and counts rows from the first one of data.
func (s *Seen) located(name string, header bool) {
	s.Wider = slices.Clone(s.Wider)
	for j := range s.Wider {
		if s.Wider[j].Path = name; header && s.Wider[j].Row > 1 {
			s.Wider[j].Row--
		}
	}
}

// firstShows is the kind of a column whose first value is in the first record.
func (s *Sample) firstShows(i int, below schema.Kind) schema.Kind {
	t, seen := s.table, &s.Seen[i]
	text := []byte(s.First[i])
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || string(trimmed) == null {
		seen.Nulls++
		return below
	}
	seen.Values++
	k, begun := t.kind(text, trimmed), t.starts[i]
	seen.First = format.Widening{To: k, Row: 1, Line: int64(t.at), Text: column.Excerpt(trimmed)}
	switch {
	case below == schema.Unknown || k == below && k == begun.kind:
	case k < begun.kind:
		w := begun.Widening
		w.From, w.To = k, begun.kind
		seen.Wider = append([]format.Widening{w}, seen.Wider...)
	case k > below:
		w := format.Widening{From: below, To: k, Row: 1, Line: int64(t.at), Text: column.Excerpt(trimmed)}
		seen.Wider = append(slices.Clone(seen.Wider), w)
	}
	return max(below, k)
}

// AdoptHeaders makes files whose own rows do not show that their first line is a header follow those that do: a day with words only.
func AdoptHeaders(samples []*Sample) {
	headers := map[string]bool{}
	for _, s := range samples {
		if s.Form.Header {
			headers[signature(s.First)] = true
		}
	}
	for _, s := range samples {
		if s.Form.Class == CSV && s.Form.Classifier == "" && !s.Form.Header && headers[signature(s.First)] {
			s.Form.Header = true
			s.Records--
			s.setColumns()
		}
	}
}

func signature(cells []string) string {
	folded := make([]string, len(cells))
	for i, c := range cells {
		folded[i] = strings.ToLower(strings.TrimSpace(c))
	}
	return strings.Join(folded, "\x00")
}
