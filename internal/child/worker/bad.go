package worker

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"penstock/internal/child/task"
)

// A badValue is a value that does not fit its column's type, or a row that could not be taken apart: then it has what and no column.
type badValue struct {
	part   int
	line   int64
	column string
	typ    string
	value  string
	what   string
}

// message says where it stands and what is wrong.
func (b badValue) message(parts []part) string {
	if b.what != "" {
		return fmt.Sprintf("%s line %d, %s", parts[b.part].uri(), b.line, b.what)
	}
	if b.typ == "string" { // any text is one
		return fmt.Sprintf("%s line %d, column %q: %q is no UTF-8; the encoding may be another, windows-1252 perhaps",
			parts[b.part].uri(), b.line, b.column, b.value)
	}
	return fmt.Sprintf("%s line %d, column %q: %q is no %s", parts[b.part].uri(), b.line, b.column, b.value, b.typ)
}

// A tally is what came of reading rows.
type tally struct {
	rows     int64   // records, without headers
	bad      int64   // of them those with a value that does not fit: kept, the value is NULL
	rejected int64   // of them those left out, because they have not as many values as the table has columns
	columns  []int64 // bad values of each data column
	values   []badValue
}

// listed is how many bad values and rejected rows are named one by one, beside the first of each column; the rest are counted.
const listed = 100

// note adds to the named ones; of a column that has none yet always.
func (t *tally) note(v badValue) {
	if len(t.values) < listed || !slices.ContainsFunc(t.values, func(o badValue) bool { return o.column == v.column }) {
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

// A badFile is a file that was set aside.
type badFile struct {
	part int
	*fault
}

// A loaded is what came of reading a source.
type loaded struct {
	tally
	aside []badFile
}

// sort brings what parallel readers found into the order of the files.
func (l *loaded) sort() {
	slices.SortFunc(l.values, func(a, b badValue) int { return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.line, b.line)) })
	slices.SortFunc(l.aside, func(a, b badFile) int { return cmp.Compare(a.part, b.part) })
}

// A fault is what is wrong with a file: reading it again gives the same.
type fault struct {
	line int64 // 0 where there are no lines
	what string
}

// Error implements error.
func (f *fault) Error() string {
	if f.line == 0 {
		return f.what
	}
	if strings.HasPrefix(f.what, "column ") || strings.HasPrefix(f.what, "field ") {
		return fmt.Sprintf("line %d, %s", f.line, f.what)
	}
	return fmt.Sprintf("line %d: %s", f.line, f.what)
}

// headerFault makes a fault of what checkHeader says.
func headerFault(line int64, err error) *fault {
	what := strings.TrimPrefix(err.Error(), "line 1")
	return &fault{line, strings.TrimLeft(what, ",: ")}
}

// A fileError is what happened while a part was read.
type fileError struct {
	part int
	err  error
}

// Error implements error.
func (e *fileError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *fileError) Unwrap() error { return e.err }

// clip shortens a value for a message.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "?") + "..."
	}
	return strings.ToValidUTF8(s, "?")
}

// A limit is max_rejected: how many rows of a source, or which share of them, may have a bad value or be rejected.
type limit struct {
	text  string
	rows  *big.Rat
	share bool
}

// parseLimit reads "100" or "0.5%".
func parseLimit(text string) (*limit, error) {
	number, share := strings.CutSuffix(strings.TrimSpace(text), "%")
	n, ok := new(big.Rat).SetString(strings.TrimSpace(number))
	if !ok || len(number) > 20 || strings.ContainsAny(number, "/eExXpPbBoO_") || n.Sign() < 0 || !share && !n.IsInt() ||
		share && n.Cmp(big.NewRat(100, 1)) > 0 {
		return nil, fmt.Errorf("%q is neither a number of rows nor a share of them: write 100 or 1%%", text)
	}
	return &limit{text: text, rows: n, share: share}, nil
}

// broken reports whether n of all rows are too many.
func (l *limit) broken(n, all int64) bool {
	most := l.rows
	if l.share {
		most = new(big.Rat).Mul(big.NewRat(all, 100), l.rows)
	}
	return new(big.Rat).SetInt64(n).Cmp(most) > 0
}

// forSource picks a source's value out of an argument: one value for all of them, or a=1,b=2.
func forSource(arg, source string) string {
	if !strings.Contains(arg, "=") {
		return strings.TrimSpace(arg)
	}
	for item := range strings.SplitSeq(arg, ",") {
		if name, v, ok := strings.Cut(item, "="); ok && strings.EqualFold(strings.TrimSpace(name), source) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// tolerate reads how much of a source may be wrong, or new.
func (r *run) tolerate(s *source) (err error) {
	const badFileArg, limitArg, schemaArg = "--penstock-on-bad-file", "--penstock-max-rejected", "--penstock-schema"
	switch v := forSource(r.args[badFileArg], s.table.Name); v {
	case "", "stop":
	case "quarantine":
		s.quarantine = true
	default:
		return fmt.Errorf("%s: %q is neither stop nor quarantine", badFileArg, v)
	}
	switch v := forSource(r.args[schemaArg], s.table.Name); v {
	case "", "freeze":
	case "evolve":
		s.evolve = true
	default:
		return fmt.Errorf("%s: %q is neither freeze nor evolve", schemaArg, v)
	}
	if v := forSource(r.args[limitArg], s.table.Name); v != "" {
		if s.limit, err = parseLimit(v); err != nil {
			return fmt.Errorf("%s: %w", limitArg, err)
		}
		s.lenient = true
	}
	return nil
}

// judgeRows ends the step when too much of a source is wrong.
func (r *relations) judgeRows(x *rel) error {
	l := x.loaded
	wrong := l.bad + l.rejected
	all := wrong == l.rows
	if wrong == 0 || !all && (x.source.limit == nil || !x.source.limit.broken(wrong, l.rows)) {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "table %s: %d of %d rows have a value that does not fit its column's type, or were rejected",
		x.source.table.Name, wrong, l.rows)
	if all {
		b.WriteString("; that is every row, so that the table or the files are not what they are taken for")
	} else {
		fmt.Fprintf(&b, "; max_rejected is %s", x.source.limit.text)
	}
	for i, v := range l.values {
		if i == examples {
			fmt.Fprintf(&b, "\n  and more")
			break
		}
		b.WriteString("\n  " + v.message(x.parts))
	}
	return fmt.Errorf("%s", b.String())
}

// report adds what came of reading a source to the step's result and log.
func (r *relations) report(x *rel) {
	l, res := x.loaded, &r.result
	res.RowsRead += l.rows
	res.RowsRejected += l.rejected
	res.BadValues += l.bad
	for i, n := range l.columns {
		if n > 0 {
			c := x.source.columns[i]
			res.BadColumns = append(res.BadColumns, task.BadColumn{Source: x.source.table.Name, Column: c.name, Type: c.typ.String(), Count: n})
			r.say("bad values: %d in column %q of %s, which is %s", n, c.name, x.source.table.Name, c.typ)
		}
	}
	for _, v := range l.values {
		word := "bad value"
		if v.what != "" {
			word = "rejected"
		}
		r.say("%s: %s", word, v.message(x.parts))
	}
	if more := l.rejected + sum(l.columns) - int64(len(l.values)); more > 0 {
		r.say("%d bad values and rejected rows more", more)
	}
	for _, f := range l.aside {
		r.setAside(x.parts[f.part], f.fault)
	}
}

func sum(list []int64) (n int64) {
	for _, x := range list {
		n += x
	}
	return n
}

// setAside tells of a file that is left out whole.
func (r *run) setAside(p part, f *fault) {
	r.result.Quarantined++
	r.badFile(p, f)
	r.say("set aside: %s: %v", p.uri(), f)
}

func (r *run) badFile(p part, f *fault) {
	if len(r.result.BadFiles) < listed {
		r.result.BadFiles = append(r.result.BadFiles, task.BadFile{URI: p.uri(), Line: f.line, Reason: f.what})
	}
}
