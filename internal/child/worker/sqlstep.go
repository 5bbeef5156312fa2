package worker

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/ledger"
	"penstock/internal/child/worker/reading"
	"penstock/internal/child/worker/writing"
	"penstock/internal/engine"
	"penstock/internal/engine/functions"
	"penstock/internal/id"
	"penstock/internal/s3uri"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/typed"
)

// outTable is the DuckDB table that holds a step's result until it is written.
const outTable = "penstock_out"

// A transform is one sql step.
type transform struct {
	*run
	target    *reading.Source
	manifest  *manifest // nil for a job that belongs to no run of a pipeline
	runID     string
	gen       int
	text      string
	sources   map[string]*reading.Source // tables that have been asked for
	bound     *bind.Bound
	relations *relations
	engine    *engine.Engine
}

// A phase is a part of the work whose time is told.
type phase struct {
	name string
	do   func(context.Context) error
}

// sql runs a SELECT over the catalog's tables and publishes its rows as the target's.
func (r *run) sql(ctx context.Context) error {
	t, err := r.newTransform(ctx)
	if err != nil {
		return err
	}
	if uri := r.args["--penstock-fill"]; uri != "" {
		return t.fill(ctx, uri)
	}
	if uri := r.args["--penstock-manifest"]; uri != "" {
		t.manifest = new(manifest)
		if err := r.readJSON(ctx, uri, t.manifest); err != nil {
			return err
		}
		t.runID, t.gen = t.manifest.Run, t.manifest.Gen
	} else if t.runID = r.args["--penstock-run"]; t.runID == "" {
		t.runID = id.Run(r.clock.Now())
	}
	return t.work(ctx, phase{"writing and publishing", t.publish})
}

// work computes the rows of the run and checks them; last takes them out of the engine.
func (t *transform) work(ctx context.Context, last phase) (err error) {
	t.result.Run = t.runID
	t.relations = &relations{run: t.run, manifest: t.manifest, texts: []string{t.text}, sources: t.sources}
	if err := t.bind(ctx); err != nil {
		return err
	}
	if err := t.relations.find(ctx); err != nil {
		return err
	}
	if t.engine, err = t.openEngine(ctx, t.relations.paths()); err != nil {
		return err
	}
	defer t.engine.Close()
	for _, p := range []phase{
		{"reading the sources", func(ctx context.Context) error { return t.relations.load(ctx, t.engine) }},
		{"the SQL", t.compute}, {"the rules", t.quality}, last,
	} {
		begin := t.clock.Now()
		if err := p.do(ctx); err != nil {
			return err
		}
		t.say("%s took %d ms", p.name, t.clock.Now().Sub(begin).Milliseconds())
	}
	return nil
}

func (r *run) newTransform(ctx context.Context) (*transform, error) {
	t := &transform{run: r, gen: 1, sources: map[string]*reading.Source{}}
	name, err := r.need("--penstock-target")
	if err != nil {
		return nil, err
	}
	r.result.Table = name
	if t.text, err = r.sqlText(ctx); err != nil {
		return nil, err
	}
	if t.target, err = r.table(ctx, name); err != nil {
		return nil, err
	}
	return t, writing.Check(t.target)
}

// sqlText is the argument --penstock-sql, or the object that it names.
func (r *run) sqlText(ctx context.Context) (string, error) {
	text, err := r.need("--penstock-sql")
	if err != nil || !strings.HasPrefix(text, "s3://") {
		return text, err
	}
	b, err := r.read(ctx, text)
	return string(b), err
}

// bind reads the SQL and settles every name and type.
func (t *transform) bind(ctx context.Context) error {
	stmts, err := parse.Statements(t.text, dialect.Spark)
	if err != nil {
		return err
	}
	if len(stmts) != 1 {
		return fmt.Errorf("the SQL has %d statements; a step is one SELECT", len(stmts))
	}
	t.bound, err = t.relations.bind(ctx, stmts[0], t.text)
	if err != nil {
		return err
	}
	if _, ok := t.bound.Statement.(*typed.Query); !ok {
		return fmt.Errorf("the SQL of a step is a SELECT: what it gives becomes the rows of %s", t.target.Table.Name)
	}
	return nil
}

func (r *run) openEngine(ctx context.Context, paths []string) (*engine.Engine, error) {
	staging, err := r.staging("")
	if err != nil {
		return nil, fmt.Errorf("make the staging folder: %w", err)
	}
	e, err := engine.Open(ctx, engine.Options{MemoryLimit: max(r.task.Memory-engineOverhead, 128<<20), Threads: r.task.Threads,
		TempDir: filepath.Join(r.scratch, "spill"), AllowedDirs: []string{staging}, AllowedPaths: paths,
		Settings: map[string]string{"default_null_order": "nulls_first"}})
	if err != nil {
		return nil, err
	}
	c, err := e.Conn(ctx)
	if err != nil {
		e.Close()
		return nil, err
	}
	defer c.Close()
	if err := functions.Register(c, functions.Limits{MaxText: int(r.task.Memory / 16)}); err != nil {
		e.Close()
		return nil, fmt.Errorf("prepare the engine: %w", err)
	}
	return e, nil
}

// define makes the macros that a printed text names.
func define(ctx context.Context, c *engine.Conn, text string) error {
	for _, sql := range print.Macros(text) {
		if _, err := c.Exec(ctx, sql); err != nil {
			return fmt.Errorf("prepare the engine: %w", err)
		}
	}
	return nil
}

// engineOverhead is what a process needs beside DuckDB's own limit: 80-160 MiB were measured, and the readers of delimited text.
const engineOverhead = 192 << 20

// compute runs the SELECT into outTable, in the target's columns, types and order.
func (t *transform) compute(ctx context.Context) error {
	query, err := t.relations.print(t.bound.Statement)
	if err != nil {
		return err
	}
	columns, err := t.assign()
	if err != nil {
		return err
	}
	c, err := t.engine.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	sql := fmt.Sprintf("CREATE TABLE %s AS SELECT %s FROM (%s) AS q", outTable, columns, query)
	if err := define(ctx, c, sql); err != nil {
		return err
	}
	n, err := c.Number(ctx, sql) // the rows of the new table
	if err != nil {
		return fmt.Errorf("the SQL failed: %w", err)
	}
	t.result.RowsWritten = n
	t.result.RowsFiltered, err = t.filtered(ctx, c, n)
	return err
}

// assign maps the query's columns to the target's by name, so that a column that was forgotten or misspelt is an error and not a shift.
// The target's own order is: data columns, partition keys, and last the run's column.
func (t *transform) assign() (string, error) {
	have := map[string]bool{}
	for _, c := range t.bound.Columns {
		have[strings.ToLower(c.Name)] = true
	}
	var list []string
	runLast := false
	for _, c := range t.target.Columns {
		if c.Name == writing.RunColumn {
			runLast = true
			continue
		}
		if !have[c.Name] {
			return "", fmt.Errorf("the query has no column %q, which table %s has", c.Name, t.target.Table.Name)
		}
		delete(have, c.Name)
		list = append(list, fmt.Sprintf("q.%s::%s AS %s", engine.Ident(c.Name), c.Type.DuckDB(), engine.Ident(c.Name)))
	}
	for _, c := range t.bound.Columns {
		if have[strings.ToLower(c.Name)] {
			return "", fmt.Errorf("table %s has no column %q, which the query gives", t.target.Table.Name, c.Name)
		}
	}
	if runLast {
		list = append(list, engine.Literal(t.runID)+" AS "+writing.RunColumn)
	}
	return strings.Join(list, ", "), nil
}

// publish writes the files and offers them to the control process.
func (t *transform) publish(ctx context.Context) error {
	g, err := t.write(ctx, "")
	if err != nil {
		return err
	}
	replace := task.ReplaceRun
	if t.recomputes() {
		replace = task.ReplaceTable
	}
	return t.offer(ctx, t.target.Table, replace, g)
}

// write writes the files of the result into a folder of the staging folder.
func (t *transform) write(ctx context.Context, folder string) (task.Given, error) {
	g := task.Given{Run: t.runID}
	dir, err := t.staging(folder)
	if err != nil {
		return g, err
	}
	_, prefix, err := s3uri.Parse(t.target.Table.Location)
	if err != nil {
		return g, fmt.Errorf("location of table %s: %w", t.target.Table.Name, err)
	}
	home := t.args["--penstock-home"]
	w := &writing.Writer{Engine: t.engine, Table: outTable, Target: t.target, Dir: dir, Prefix: strings.TrimSuffix(prefix, "/") + "/",
		Stem: t.runID + "-" + ledger.Generation(t.gen), Some: home != ""}
	if g.Files, err = w.Write(ctx); err != nil {
		return g, err
	}
	for i := range g.Files {
		g.Files[i].Name = path.Join(folder, g.Files[i].Name)
	}
	if home != "" {
		g.CopyKey = copyKey(home, t.runID, t.gen, t.target.Table.Name)
	}
	return g, nil
}

// copyKey is the address of the COPY manifest of what a generation of a run gave to a table. That it exists says that it was published.
func copyKey(home, run string, gen int, table string) string {
	return fmt.Sprintf("%s/runs/%s/%s.%s.copy.json", strings.TrimSuffix(home, "/"), run, ledger.Generation(gen), table)
}

// offer publishes what runs give to a table.
func (r *run) offer(ctx context.Context, table task.Table, replace task.Replace, runs ...task.Given) error {
	r.result.Files = 0
	for _, g := range runs {
		r.result.Files += int64(len(g.Files))
	}
	var done task.Published
	if err := r.parent.Call(ctx, task.PublishPath, task.Publish{JobRunID: r.task.JobRunID, Database: table.Database, Table: table.Name,
		Replace: replace, Runs: runs, Result: r.result, Partitions: len(table.PartitionKeys) > 0}, &done); err != nil {
		return err
	}
	r.result.Bytes = done.Bytes
	r.say("%s: %d rows in %d files, %d bytes; %d files of an earlier generation removed", table.Name, r.result.RowsWritten,
		r.result.Files, done.Bytes, done.Deleted)
	return nil
}

// recomputes reports whether the result takes the place of the whole table. Without --penstock-mode, SQL that reads a stream appends.
func (t *transform) recomputes() bool {
	switch t.args["--penstock-mode"] {
	case "append":
		return false
	case "recompute":
		return true
	}
	for _, r := range t.bound.Relations {
		if r.Stream {
			return false
		}
	}
	return true
}
