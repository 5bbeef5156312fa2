package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"penstock/internal/delimited"
	"penstock/internal/engine"
)

// The hidden columns that say where a row of delimited text came from: the number of its part, and its physical line.
const (
	fileColumn = "_penstock_file"
	lineColumn = "_penstock_line"
)

// listed is how many rejected rows are named one by one, beside the first of each column; the rest are counted.
const listed = 100

// A reject is a row whose text does not fit the catalog's type.
type reject struct {
	part   int
	line   int64
	column string
	typ    string
	value  string
}

// A loaded is what came of reading a source.
type loaded struct {
	rows     int64 // records read, without headers
	rejected int64
	rejects  []reject // the first of them
	bytes    int64    // as stored
}

// loadCSV reads the parts into a new DuckDB table, in parallel, a file at a time each. The first broken file in their order is the
// error; nothing of the table may then be used.
func loadCSV(ctx context.Context, e *engine.Engine, name string, s *source, parts []part, threads int) (*loaded, error) {
	if err := createTable(ctx, e, name, s); err != nil {
		return nil, err
	}
	l := &loader{source: s, parts: parts, table: name, failed: len(parts)}
	for _, p := range parts {
		l.sum.bytes += p.file.Size
	}
	var wg sync.WaitGroup
	for range max(1, min(threads, len(parts))) {
		wg.Go(func() { l.work(ctx, e) })
	}
	wg.Wait()
	return &l.sum, l.err
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

func (l *loader) add(rows int64, rejects []reject, rejected int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum.rows += rows
	l.sum.rejected += rejected
	for _, r := range rejects {
		l.sum.rejects = note(l.sum.rejects, r)
	}
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
		if err := w.part(ctx, i, l.parts[i]); err != nil {
			l.fail(i, fmt.Errorf("%s: %w", l.parts[i].uri(), err))
			w.abandon()
			return
		}
	}
	if err := w.close(); err != nil {
		l.fail(0, err)
		return
	}
	l.add(w.rows, w.rejects, w.rejected)
}

// A rowWriter writes the records of parts into the table through an appender of its own.
type rowWriter struct {
	source   *source
	conn     *engine.Conn
	app      *engine.Appender
	fit      []fitter
	at       []int // place of each column in the table, -1 for one that is only checked
	kept     int
	nowhere  *engine.ColumnWriter
	rows     int64
	rejected int64
	rejects  []reject
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
		f, err := fitterOf(c.typ)
		if err != nil {
			return nil, fmt.Errorf("table %s.%s, column %s: %w", s.table.Database, s.table.Name, c.name, err)
		}
		w.fit = append(w.fit, f)
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
	f, err := os.Open(p.file.Path)
	if err != nil {
		return fmt.Errorf("open the object's file: %w", err)
	}
	defer f.Close()
	src, _, err := delimited.Open(f)
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	r, err := delimited.NewReader(src, w.source.dialect)
	if err != nil {
		return err
	}
	if w.source.header > 0 {
		head, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("line 1: the file is empty, its header is missing")
		case err != nil:
			return w.syntax(err)
		}
		if err := checkHeader(head.Fields, w.source.columns[:w.source.data]); err != nil {
			return err
		}
	}
	return w.records(ctx, r, i)
}

func (w *rowWriter) records(ctx context.Context, r *delimited.Reader, i int) error {
	want := w.source.data
	for {
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return w.syntax(err)
		case rec.Blank() && want > 1:
			continue
		case len(rec.Fields) != want:
			return w.wrongCount(rec)
		}
		if w.rows%engine.ChunkRows == 0 {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
		}
		w.rows++
		if bad := w.record(rec); bad >= 0 {
			w.reject(i, rec, bad)
			w.app.Drop()
			continue
		}
		row := w.app.Row()
		w.app.Column(w.kept).SetInt64(row, int64(i))
		w.app.Column(w.kept+1).SetInt64(row, rec.Line)
		if err := w.app.Next(); err != nil {
			return err
		}
	}
}

// record writes a record's values and gives the place of the first that does not fit, or -1.
func (w *rowWriter) record(rec *delimited.Record) int {
	row := w.app.Row()
	for k, text := range rec.Fields {
		col := w.nowhere
		if at := w.at[k]; at >= 0 {
			col = w.app.Column(at)
		}
		if !rec.Quoted[k] && string(text) == w.source.null {
			col.SetNull(row)
		} else if !w.fit[k](col, row, text) {
			return k
		}
	}
	return -1
}

func (w *rowWriter) reject(i int, rec *delimited.Record, at int) {
	w.rejected++
	c := w.source.columns[at]
	w.rejects = note(w.rejects, reject{part: i, line: rec.Line, column: c.name, typ: c.typ.String(), value: clip(string(rec.Fields[at]))})
}

// note adds a rejected row to the named ones; of a column that has none yet always.
func note(list []reject, r reject) []reject {
	if len(list) >= listed && slices.ContainsFunc(list, func(other reject) bool { return other.column == r.column }) {
		return list
	}
	return append(list, r)
}

// wrongCount names the first column without a value, or the first value without a column.
func (w *rowWriter) wrongCount(rec *delimited.Record) error {
	have, want := len(rec.Fields), w.source.data
	if have < want {
		last := clip(string(rec.Fields[have-1]))
		return fmt.Errorf("line %d, column %q: no value: the line has %d values, the last is %q, the table has %d columns", rec.Line, w.source.columns[have].name, have, last, want)
	}
	return fmt.Errorf("line %d, column %d: the value %q has no column: the line has %d values, the table has %d columns", rec.Line, want+1, clip(string(rec.Fields[want])), have, want)
}

// syntax names the column of a broken quote.
func (w *rowWriter) syntax(err error) error {
	var s *delimited.SyntaxError
	if errors.As(err, &s) && s.Field >= 1 && s.Field <= w.source.data {
		return fmt.Errorf("line %d, column %q: %s", s.Line, w.source.columns[s.Field-1].name, s.Msg)
	}
	return err
}

// clip shortens a value for a message.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}

// message says which row was rejected and why.
func (r reject) message(parts []part) string {
	return fmt.Sprintf("%s line %d, column %q: %q is no %s", parts[r.part].uri(), r.line, r.column, r.value, r.typ)
}
