package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"penstock/internal/child/worker/serde"
	"penstock/internal/compression"
	"penstock/internal/delimited"
	"penstock/internal/engine"
	"penstock/internal/schema"
)

// The hidden columns that say where a row of delimited text came from: the number of its part, and its physical line.
const (
	fileColumn = "_penstock_file"
	lineColumn = "_penstock_line"
)

// loadCSV reads the parts into a new DuckDB table, in parallel, a file at a time each. The first broken file in their order is the
// error, unless the source sets such files aside; nothing of the table may then be used.
func loadCSV(ctx context.Context, e *engine.Engine, name string, s *source, parts []part, threads int) (*loaded, error) {
	if err := createTable(ctx, e, name, s); err != nil {
		return nil, err
	}
	l := &loader{source: s, parts: parts, table: name, failed: len(parts), sum: loaded{tally: tally{columns: make([]int64, s.data)}}}
	var wg sync.WaitGroup
	for range max(1, min(threads, len(parts))) {
		wg.Go(func() { l.work(ctx, e) })
	}
	wg.Wait()
	if l.err != nil {
		return &l.sum, l.err
	}
	l.sum.sort()
	return &l.sum, l.forget(ctx, e)
}

// forget removes what was read of the files that were then set aside.
func (l *loader) forget(ctx context.Context, e *engine.Engine) error {
	if len(l.sum.aside) == 0 {
		return nil
	}
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	list := make([]string, len(l.sum.aside))
	for i, b := range l.sum.aside {
		list[i] = strconv.Itoa(b.part)
	}
	_, err = c.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s IN (%s)", engine.Ident(l.table), fileColumn, strings.Join(list, ", ")))
	return err
}

func createTable(ctx context.Context, e *engine.Engine, name string, s *source) error {
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", engine.Ident(name))
	for i, col := range s.columns[:s.data] {
		if s.unused[i] {
			continue
		}
		fmt.Fprintf(&b, "%s %s, ", engine.Ident(col.name), col.typ.DuckDB())
	}
	fmt.Fprintf(&b, "%s INTEGER, %s BIGINT)", fileColumn, lineColumn)
	_, err = c.Exec(ctx, b.String())
	return err
}

// A loader is shared by the goroutines that read one source.
type loader struct {
	source *source
	parts  []part
	table  string

	mu     sync.Mutex
	next   int // part to take
	failed int // the lowest part that failed; later ones are not taken any more
	err    error
	sum    loaded
}

func (l *loader) take() (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next >= l.failed {
		return 0, false
	}
	l.next++
	return l.next - 1, true
}

func (l *loader) fail(at int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil || at < l.failed {
		l.failed, l.err = at, err
	}
}

// add takes over what came of a part that was read to its end.
func (l *loader) add(t *tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum.tally.add(t)
}

func (l *loader) setAside(i int, f *fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum.aside = append(l.sum.aside, badFile{i, f})
}

// work reads parts until none is left or one failed.
func (l *loader) work(ctx context.Context, e *engine.Engine) {
	w, err := newRowWriter(ctx, e, l.table, l.source)
	if err != nil {
		l.fail(0, err)
		return
	}
	for {
		i, ok := l.take()
		if !ok {
			break
		}
		w.tally = tally{columns: make([]int64, l.source.data)}
		err := w.part(ctx, i, l.parts[i])
		var f *fault
		if errors.As(err, &f) {
			f.hint(l.source, l.parts[i].file)
		}
		switch {
		case err == nil:
			l.add(&w.tally)
		case f != nil && l.source.quarantine:
			w.app.Drop()
			l.setAside(i, f)
		default:
			l.fail(i, &fileError{i, err})
			w.abandon()
			return
		}
	}
	if err := w.close(); err != nil {
		l.fail(0, err)
	}
}

// A rowWriter writes the records of parts into the table through an appender of its own.
type rowWriter struct {
	source  *source
	conn    *engine.Conn
	app     *engine.Appender
	fit     []serde.Fitter
	text    []bool // the columns in which an empty field is a value
	at      []int  // place of each column in the table, -1 for one that is only checked
	kept    int
	places  []int // of the file that is read: where it has each column, -1 for nowhere; nil where its columns are the table's
	width   int   // how many columns the file has
	nowhere *engine.ColumnWriter
	tally   // of the part that is being read
}

func newRowWriter(ctx context.Context, e *engine.Engine, table string, s *source) (*rowWriter, error) {
	w := &rowWriter{source: s, nowhere: engine.Discard()}
	for i, c := range s.columns[:s.data] {
		if s.unused[i] {
			w.at = append(w.at, -1)
		} else {
			w.at = append(w.at, w.kept)
			w.kept++
		}
		f, err := serde.FitterOf(c.typ)
		if err != nil {
			return nil, fmt.Errorf("table %s.%s, column %s: %w", s.table.Database, s.table.Name, c.name, err)
		}
		w.fit, w.text = append(w.fit, f), append(w.text, c.typ.Kind.Text() || c.typ.Kind == schema.Unknown)
	}
	var err error
	if w.conn, err = e.Conn(ctx); err != nil {
		return nil, err
	}
	if w.app, err = w.conn.Appender(ctx, "", table); err != nil {
		w.conn.Close()
		return nil, err
	}
	return w, nil
}

func (w *rowWriter) close() error {
	err := w.app.Close()
	w.conn.Close()
	return err
}

func (w *rowWriter) abandon() {
	w.app.Abandon()
	w.conn.Close()
}

// part reads one file.
func (w *rowWriter) part(ctx context.Context, i int, p part) error {
	w.places, w.width = nil, w.source.data
	f, err := os.Open(p.file.Path)
	if err != nil {
		return fmt.Errorf("open the object's file: %w", err)
	}
	defer f.Close()
	r, err := w.source.Reader(f, p.file.Key)
	if err != nil {
		return w.broken(err)
	}
	for range w.source.Skip {
		if err := r.SkipLine(); err != nil && !errors.Is(err, io.EOF) {
			return w.broken(err)
		}
	}
	if w.source.Header {
		line := r.Line()
		head, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return &fault{line, "the file is empty, its header is missing"}
		case err != nil:
			return w.broken(err)
		}
		if err := w.header(head.Fields); err != nil {
			return headerFault(line, err)
		}
	}
	return w.records(ctx, r, i)
}

// header compares a header with the catalog, or, where columns may come and go, finds their places.
func (w *rowWriter) header(fields [][]byte) (err error) {
	columns := w.source.columns[:w.source.data]
	if !w.source.evolve {
		return checkHeader(fields, columns)
	}
	w.places, err = places(fields, columns)
	w.width = len(fields)
	return err
}

func (w *rowWriter) records(ctx context.Context, r *delimited.Reader, i int) error {
	want := w.width
	for {
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return w.broken(err)
		case rec.Blank() && want > 1:
			continue
		}
		if w.rows%engine.ChunkRows == 0 {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
		}
		w.rows++
		if len(rec.Fields) != want {
			f := w.wrongCount(rec)
			if !w.source.lenient {
				return f
			}
			w.rejected++
			w.note(badValue{part: i, line: rec.Line, what: f.what})
			continue
		}
		w.record(i, rec)
		row := w.app.Row()
		w.app.Column(w.kept).SetInt64(row, int64(i))
		w.app.Column(w.kept+1).SetInt64(row, rec.Line)
		if err := w.app.Next(); err != nil {
			return err
		}
	}
}

// record writes a record's values. One that does not fit its column's type is NULL, counted and noted, as Spark reads it.
func (w *rowWriter) record(i int, rec *delimited.Record) {
	row, bad := w.app.Row(), false
	for k := range w.source.data {
		col, from := w.nowhere, k
		if at := w.at[k]; at >= 0 {
			col = w.app.Column(at)
		}
		if w.places != nil {
			from = w.places[k]
		}
		if from < 0 || w.source.Null(rec, from, w.text[k]) {
			col.SetNull(row)
		} else if text := rec.Fields[from]; !w.fit[k](col, row, text) {
			col.SetNull(row)
			bad = true
			w.columns[k]++
			c := w.source.columns[k]
			w.note(badValue{part: i, line: rec.Line, column: c.name, typ: c.typ.String(), value: clip(string(text))})
		}
	}
	if bad {
		w.bad++
	}
}

// wrongCount names the first column without a value, or the first value without a column.
func (w *rowWriter) wrongCount(rec *delimited.Record) *fault {
	have, want := len(rec.Fields), w.width
	if w.places != nil {
		return &fault{rec.Line, fmt.Sprintf("the line has %d values, the header %d columns", have, want)}
	}
	if have < want {
		last := clip(string(rec.Fields[have-1]))
		return &fault{rec.Line, fmt.Sprintf("column %q: no value: the line has %d values, the last is %q, the table has %d columns",
			w.source.columns[have].name, have, last, want)}
	}
	return &fault{rec.Line, fmt.Sprintf("column %d: the value %q has no column: the line has %d values, the table has %d columns", want+1,
		clip(string(rec.Fields[want])), have, want)}
}

// broken tells what is wrong with a file from a failure of the machine, and names the column of a broken quote.
func (w *rowWriter) broken(err error) error {
	var syntax *delimited.SyntaxError
	var read *delimited.ReadError
	var packed *compression.Error
	var encoding *delimited.EncodingError
	line := int64(1)
	switch {
	case errors.As(err, &syntax) && syntax.Field >= 1 && syntax.Field <= w.source.data:
		return &fault{syntax.Line, fmt.Sprintf("column %q: %s", w.source.columns[syntax.Field-1].name, syntax.Msg)}
	case errors.As(err, &syntax):
		return &fault{syntax.Line, fmt.Sprintf("field %d: %s", syntax.Field, syntax.Msg)}
	case errors.As(err, &read):
		line = read.Line
	}
	switch {
	case errors.As(err, &packed):
		return &fault{line, packed.Error()}
	case errors.As(err, &encoding):
		return &fault{line, encoding.Error()}
	}
	return err
}
