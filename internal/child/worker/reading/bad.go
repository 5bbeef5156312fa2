package reading

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"penstock/internal/column"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// A BadValue is a value that does not fit its column's type, a row of nulls, or a record that could not be taken apart (Lost).
type BadValue struct {
	Part int
	Type string // of the column; "" when it is about a whole record
	column.Finding
}

// Message says where it stands and what is wrong.
func (b BadValue) Message(parts []Part) string {
	where := parts[b.Part].URI()
	switch {
	case b.Line > 0:
		where += fmt.Sprintf(" line %d, ", b.Line)
	case b.Row > 0:
		where += fmt.Sprintf(" row %d, ", b.Row)
	default:
		where += ", "
	}
	text := serde.Clip(string(b.Text))
	switch {
	case b.Column == "" && len(b.Text) == 0:
		return where + b.Problem
	case b.Column == "":
		return where + fmt.Sprintf("%s: %q", b.Problem, text)
	case b.Problem == "no string": // any text is one
		return where + fmt.Sprintf("column %q: %q is no UTF-8; the encoding may be another, windows-1252 perhaps", b.Column, text)
	case strings.HasPrefix(b.Problem, "no "):
		return where + fmt.Sprintf("column %q: %q is %s", b.Column, text, b.Problem)
	}
	return where + fmt.Sprintf("column %q: %s: %q", b.Column, b.Problem, text)
}

// A tally is what came of reading rows.
type tally struct {
	source   *Source
	rows     int64   // records, without headers
	bad      int64   // of them those with a value that does not fit: kept, the value is NULL
	rejected int64   // of them those left out, because they cannot be taken apart
	columns  []int64 // bad values of each data column
	values   []BadValue
	badRow   int64 // the last of bad
}

func newTally(s *Source) tally { return tally{source: s, columns: make([]int64, s.Data)} }

// Listed is how many bad values and rejected rows are named one by one, beside the first of each column; the rest are counted.
const Listed = 100

// found counts what a reader tells of the part that is read.
func (w *writer) found(f column.Finding) error {
	w.count(f, f.Row != w.badRow)
	w.badRow = f.Row
	return nil
}

// count adds a finding; fresh says that its row has none yet.
func (w *writer) count(f column.Finding, fresh bool) {
	v := BadValue{Part: w.at, Finding: f}
	switch k := w.source.columnOf(f.Column); {
	case f.Lost > 0:
		w.rejected += f.Lost
		w.rows += f.Lost
		fresh = false
	case k >= 0:
		w.columns[k]++
		v.Type = w.source.Columns[k].Type.String()
	}
	if fresh {
		w.bad++
	}
	w.note(v)
}

// columnOf is the place of the data column that a finding is about, however deep in it, or -1.
func (s *Source) columnOf(name string) int {
	for name != "" {
		if k := slices.IndexFunc(s.Columns[:s.Data], func(c schema.Field) bool { return strings.EqualFold(c.Name, name) }); k >= 0 {
			return k
		}
		name = name[:max(strings.LastIndexByte(name, '.'), 0)]
	}
	return -1
}

// note adds to the named ones; of a column that has none yet always.
func (t *tally) note(v BadValue) {
	if len(t.values) < Listed || !slices.ContainsFunc(t.values, func(o BadValue) bool { return o.Column == v.Column }) &&
		len(t.values) < Listed+len(t.columns) {
		t.values = append(t.values, v)
	}
}

func (t *tally) add(o *tally) {
	t.rows += o.rows
	t.bad += o.bad
	t.rejected += o.rejected
	for i, n := range o.columns {
		t.columns[i] += n
	}
	for _, v := range o.values {
		t.note(v)
	}
}

// A BadFile is a file that was set aside.
type BadFile struct {
	Part int
	*serde.FileError
}

// A Loaded is what came of reading a source.
type Loaded struct {
	tally
	Aside []BadFile
}

// Rows are the records that were read, those that were left out too.
func (l *Loaded) Rows() int64 { return l.rows }

// Bad is how many rows have a value that does not fit, which is NULL.
func (l *Loaded) Bad() int64 { return l.bad }

// Rejected is how many records were left out.
func (l *Loaded) Rejected() int64 { return l.rejected }

// BadIn is how many values of a data column do not fit.
func (l *Loaded) BadIn(column int) int64 { return l.columns[column] }

// Values are the bad values and rejected records that are named one by one.
func (l *Loaded) Values() []BadValue { return l.values }

// sort brings what parallel readers found into the order of the files.
func (l *Loaded) sort() {
	slices.SortFunc(l.values, func(a, b BadValue) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Row, b.Row))
	})
	slices.SortFunc(l.Aside, func(a, b BadFile) int { return cmp.Compare(a.Part, b.Part) })
}

// A PartError is what happened while a part was read.
type PartError struct {
	Part int
	Err  error
}

// Error implements error.
func (e *PartError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *PartError) Unwrap() error { return e.Err }

// A Limit is max_rejected: how many rows of a source, or which share of them, may have a bad value or be rejected.
type Limit struct {
	Text  string
	rows  *big.Rat
	share bool
}

// ParseLimit reads "100" or "0.5%".
func ParseLimit(text string) (*Limit, error) {
	number, share := strings.CutSuffix(strings.TrimSpace(text), "%")
	n, ok := new(big.Rat).SetString(strings.TrimSpace(number))
	if !ok || len(number) > 20 || strings.ContainsAny(number, "/eExXpPbBoO_") || n.Sign() < 0 || !share && !n.IsInt() ||
		share && n.Cmp(big.NewRat(100, 1)) > 0 {
		return nil, fmt.Errorf("%q is neither a number of rows nor a share of them: write 100 or 1%%", text)
	}
	return &Limit{Text: text, rows: n, share: share}, nil
}

// Broken reports whether n of all rows are too many.
func (l *Limit) Broken(n, all int64) bool {
	most := l.rows
	if l.share {
		most = new(big.Rat).Mul(big.NewRat(all, 100), l.rows)
	}
	return new(big.Rat).SetInt64(n).Cmp(most) > 0
}
