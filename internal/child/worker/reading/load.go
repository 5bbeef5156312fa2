package reading

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// The hidden columns that say where a loaded row came from: the number of its part, and its physical line there, or, in formats without
// lines, which row of the file it is.
const (
	FileColumn = "_penstock_file"
	LineColumn = "_penstock_line"
)

// Load reads the parts that are not Parquet into a new table of the engine, in parallel, a file at a time each. The first broken file in
// their order is a *PartError, unless the source sets such files aside; nothing of the table may then be used.
func Load(ctx context.Context, e *engine.Engine, name string, s *Source, parts []Part, threads int) (*Loaded, error) {
	if err := createTable(ctx, e, name, s); err != nil {
		return nil, err
	}
	l := &loader{source: s, parts: parts, table: name, failed: len(parts), sum: Loaded{tally: newTally(s)}}
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
	if len(l.sum.Aside) == 0 {
		return nil
	}
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	list := make([]string, len(l.sum.Aside))
	for i, b := range l.sum.Aside {
		list[i] = strconv.Itoa(b.Part)
	}
	_, err = c.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s IN (%s)", engine.Ident(l.table), FileColumn, strings.Join(list, ", ")))
	return err
}

// kept are the columns of the loaded table, but for the hidden ones.
func (s *Source) kept() (list []schema.Field) {
	for i, c := range s.Columns[:s.Data] {
		if !s.unused[i] {
			list = append(list, c)
		}
	}
	return list
}

// hidden are the columns that say where a row came from.
func hidden() []schema.Field {
	return []schema.Field{{Name: FileColumn, Type: schema.Of(schema.Int)}, {Name: LineColumn, Type: schema.Of(schema.BigInt)}}
}

func createTable(ctx context.Context, e *engine.Engine, name string, s *Source) error {
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	var columns []string
	for _, f := range append(s.kept(), hidden()...) {
		columns = append(columns, engine.Ident(f.Name)+" "+f.Type.DuckDB())
	}
	_, err = c.Exec(ctx, fmt.Sprintf("CREATE TABLE %s (%s)", engine.Ident(name), strings.Join(columns, ", ")))
	return err
}

// A loader is shared by the goroutines that read one source.
type loader struct {
	source *Source
	parts  []Part
	table  string

	mu     sync.Mutex
	next   int // part to take
	failed int // the lowest part that failed; later ones are not taken any more
	err    error
	sum    Loaded
}

func (l *loader) take() (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.next < l.failed && l.parts[l.next].parquet() {
		l.next++
	}
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

func (l *loader) setAside(i int, f *serde.FileError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum.Aside = append(l.sum.Aside, BadFile{i, f})
}

// work reads parts until none is left or one failed.
func (l *loader) work(ctx context.Context, e *engine.Engine) {
	w, err := newWriter(ctx, e, l.table, l.source)
	if err != nil {
		l.fail(0, err)
		return
	}
	for {
		i, ok := l.take()
		if !ok {
			break
		}
		w.tally, w.at = newTally(l.source), i
		err := w.part(ctx, l.parts[i])
		var f *serde.FileError
		if errors.As(err, &f) {
			l.source.hint(f, l.parts[i])
		}
		switch {
		case err == nil:
			l.add(&w.tally)
		case f != nil && l.source.Quarantine:
			l.setAside(i, f)
		default:
			l.fail(i, &PartError{i, err})
			w.abandon()
			return
		}
	}
	if err := w.close(); err != nil {
		l.fail(0, err)
	}
}

// A writer puts the rows of parts into the table through an appender of its own.
type writer struct {
	source *Source
	conn   *engine.Conn
	app    *engine.Appender
	batch  *column.Batch      // the columns that are kept, and the hidden ones
	views  map[bool]*readView // whether all columns are read
	at     int                // the part that is being read
	lines  bool               // its rows have lines
	tally                     // what came of it
}

// A readView is what a reader fills: the batch's own columns, and those that are only checked.
type readView struct {
	want    []schema.Field
	batch   *column.Batch
	checked []*column.Vector
}

func newWriter(ctx context.Context, e *engine.Engine, table string, s *Source) (*writer, error) {
	w := &writer{source: s, batch: column.NewBatch(append(s.kept(), hidden()...)), views: map[bool]*readView{}}
	for _, all := range []bool{false, true} {
		w.views[all] = w.view(all)
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

// view makes the view of all columns, or of those that are kept. Nested values that nobody asks for are not looked at.
func (w *writer) view(all bool) *readView {
	v := &readView{batch: &column.Batch{}}
	kept := 0
	for i, c := range w.source.Columns[:w.source.Data] {
		var vec *column.Vector
		switch {
		case !w.source.unused[i]:
			vec = w.batch.Columns[kept]
			kept++
		case all && !c.Type.Kind.Nested():
			vec = column.New(c.Type)
			v.checked = append(v.checked, vec)
		default:
			continue
		}
		v.want = append(v.want, c)
		v.batch.Columns, v.batch.Names = append(v.batch.Columns, vec), append(v.batch.Names, c.Name)
	}
	return v
}

func (w *writer) close() error {
	if err := w.flush(); err != nil {
		w.abandon()
		return err
	}
	err := w.app.Close()
	w.conn.Close()
	return err
}

func (w *writer) abandon() {
	w.app.Abandon()
	w.conn.Close()
}

// part reads one file.
func (w *writer) part(ctx context.Context, p Part) error {
	f, err := os.Open(p.File.Path)
	if err != nil {
		return fmt.Errorf("open the object's file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open the object's file: %w", err)
	}
	w.lines = p.Form.Lines()
	v := w.views[p.Form.Kind == serde.Delimited || w.source.Whole]
	opts := serde.Options{Lenient: w.source.Lenient, Bad: w.found}
	if w.source.Evolve {
		opts.Header = serde.Named
	}
	r, err := p.Form.Open(serde.Object{Name: p.File.Key, Size: info.Size(), Data: f}, v.want, opts)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		v.batch.EndRows(w.batch.Rows() - v.batch.Rows()) // both have the same rows
		err := r.Next(v.batch)
		w.stamp(v, r)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if w.batch.Rows() >= batchRows || err != nil && p.Form.Kind != serde.Delimited || w.batch.Size() > batchBytes {
			if e := w.flush(); e != nil {
				return e
			}
		}
		if err != nil {
			return nil
		}
	}
}

// Rows of several files of text go to the engine together: small files would make small chunks.
const (
	batchRows  = 4 * engine.ChunkRows
	batchBytes = 4 << 20
)

// stamp says of the rows that a reader has added where they came from.
func (w *writer) stamp(v *readView, r serde.Reader) {
	n := v.batch.Rows() - w.batch.Rows()
	for _, c := range v.checked {
		c.Truncate(0)
	}
	file, line := w.batch.Columns[len(w.batch.Columns)-2], w.batch.Columns[len(w.batch.Columns)-1]
	line.Ints = r.AppendPositions(line.Ints)
	for range n {
		file.AppendInt(int64(w.at))
		line.Null = append(line.Null, false)
	}
	w.batch.EndRows(n)
	w.rows += int64(n)
}

// flush hands the rows to the engine.
func (w *writer) flush() error {
	defer w.batch.Reset()
	if w.batch.Rows() == 0 {
		return nil
	}
	err := w.app.AppendBatch(w.batch)
	var misfit *engine.ValueError
	if !errors.As(err, &misfit) {
		return err
	}
	line := w.batch.Columns[len(w.batch.Columns)-1]
	engine.Misfits(w.batch, func(i int, f column.Finding) {
		row := f.Row - 1
		w.batch.Columns[i].Null[row] = true
		if f.Row = line.Ints[row]; w.lines {
			f.Row, f.Line = 0, f.Row
		}
		w.count(f, true)
	})
	return w.app.AppendBatch(w.batch)
}
