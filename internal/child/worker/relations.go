package worker

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/child/worker/writing"
	"penstock/internal/engine"
	"penstock/internal/serde"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// relations are the tables that a step's SQL reads.
type relations struct {
	*run
	manifest *manifest
	sources  map[string]*reading.Source // by lower-case name
	texts    []string                   // all SQL that will ask the sources for columns
	list     []*rel                     // what the SQL reads: a table may stand twice, as a stream and whole
}

// A rel is a table, or the part of it that belongs to the run, with its files.
type rel struct {
	source *reading.Source
	stream bool
	parts  []reading.Part
	table  string                   // in DuckDB, of delimited text
	have   map[string]engine.TypeID // columns of the Parquet files
	loaded *reading.Loaded
}

// bind binds a statement; its relations are remembered.
func (r *relations) bind(ctx context.Context, s syntax.Statement, text string) (*bind.Bound, error) {
	b, err := bind.Statement(s,
		bind.Options{Dialect: dialect.Spark, Text: text, Session: bind.Session{Database: r.args["--penstock-database"]},
			Lookup: func(name []string) (typed.Relation, error) { return r.lookup(ctx, name) }})
	if err != nil {
		return nil, err
	}
	for _, t := range b.Relations {
		r.rel(t)
	}
	return b, nil
}

// lookup finds a table of the catalog. The run's own column is not shown: it belongs to the writer.
func (r *relations) lookup(ctx context.Context, name []string) (typed.Relation, error) {
	if db := r.args["--penstock-database"]; len(name) == 2 && strings.EqualFold(name[0], db) {
		name = name[1:]
	}
	if len(name) != 1 {
		return typed.Relation{}, fmt.Errorf("table %s: a step reads the tables of its own database %s", strings.Join(name, "."),
			r.args["--penstock-database"])
	}
	key := strings.ToLower(name[0])
	s := r.sources[key]
	if s == nil {
		var err error
		if s, err = r.table(ctx, key); err != nil {
			return typed.Relation{}, err
		}
		if r.sources == nil {
			r.sources = map[string]*reading.Source{}
		}
		r.sources[key] = s
	}
	out := typed.Relation{Name: []string{key}, Handle: s}
	for _, c := range s.Columns {
		if c.Name == writing.RunColumn {
			continue
		}
		t, err := typed.ParseLake(c.Type.String())
		if err != nil {
			return out, fmt.Errorf("table %s, column %s: %w", key, c.Name, err)
		}
		out.Columns = append(out.Columns, typed.Column{Name: c.Name, Type: t})
	}
	return out, nil
}

// rel finds or makes the entry of a relation.
func (r *relations) rel(t typed.Relation) *rel {
	s, ok := t.Handle.(*reading.Source)
	if !ok {
		return nil
	}
	for _, x := range r.list {
		if x.source == s && x.stream == t.Stream {
			return x
		}
	}
	x := &rel{source: s, stream: t.Stream, table: fmt.Sprintf("penstock_src_%d", len(r.list))}
	r.list = append(r.list, x)
	return x
}

// find resolves the files of every relation.
func (r *relations) find(ctx context.Context) error {
	for _, x := range r.list {
		if err := r.files(ctx, x); err != nil {
			return fmt.Errorf("table %s: %w", x.source.Table.Name, err)
		}
	}
	return nil
}

func (r *relations) files(ctx context.Context, x *rel) error {
	var list []input
	landed := false // a source of the run, not another step's table
	if r.manifest != nil {
		list, landed = r.manifest.Sources[x.source.Table.Name]
	}
	if x.stream && r.manifest == nil {
		return errNoStream
	}
	if x.stream && landed {
		files, err := r.inputs(ctx, list)
		if err != nil {
			return err
		}
		x.parts, err = x.source.Parts(x.source.Visible(files, x.source.Table.Location), every)
		return err
	}
	look := func(uri string) ([]task.File, error) { return r.under(ctx, uri) }
	if landed {
		look = func(uri string) ([]task.File, error) { return r.settled(ctx, x.source.Table.Name, uri) }
	}
	files, err := look(strings.TrimSuffix(x.source.Table.Location, "/") + "/")
	if err != nil {
		return err
	}
	files = x.source.Visible(files, x.source.Table.Location)
	if !x.stream {
		if files, err = r.elsewhere(ctx, x.source, files); err != nil {
			return err
		}
	}
	listed := listedIn(list)
	if x.stream { // the stream of another step's table is what this run gave it
		files = slices.DeleteFunc(files, func(f task.File) bool { return !strings.HasPrefix(path.Base(f.Key), r.manifest.Run+"-") })
		listed = nil // its partitions were published with it; only a file of no rows lies in none
	}
	x.parts, err = x.source.Parts(files, listed)
	return err
}

// elsewhere adds the files of partitions that do not lie below their table.
func (r *relations) elsewhere(ctx context.Context, s *reading.Source, files []task.File) ([]task.File, error) {
	known := map[[2]string]bool{}
	for _, location := range s.Elsewhere() {
		if len(known) == 0 {
			for _, f := range files {
				known[[2]string{f.Bucket, f.Key}] = true
			}
		}
		more, err := r.under(ctx, location)
		if err != nil {
			return nil, err
		}
		for _, f := range s.Visible(more, location) {
			if at := [2]string{f.Bucket, f.Key}; !known[at] {
				known[at] = true
				files = append(files, f)
			}
		}
	}
	return files, nil
}

func every(task.File) bool { return true }

// listedIn reports whether a file is one of the manifest's, in whatever version.
func listedIn(list []input) func(task.File) bool {
	keys := map[[2]string]bool{}
	for _, in := range list {
		keys[[2]string{in.Bucket, in.Key}] = true
	}
	return func(f task.File) bool { return keys[[2]string{f.Bucket, f.Key}] }
}

// inputs resolves the manifest's objects in the versions that it names.
func (r *run) inputs(ctx context.Context, list []input) ([]task.File, error) {
	var files []task.File
	for len(list) > 0 {
		bucket := list[0].Bucket
		n := 0
		var keys []task.KeyVersion
		for n < len(list) && list[n].Bucket == bucket {
			keys = append(keys, task.KeyVersion{Key: list[n].Key, Version: list[n].Version})
			n++
		}
		found, err := r.resolve(ctx, task.ResolveRequest{Bucket: bucket, Keys: keys})
		if err != nil {
			return nil, err
		}
		files, list = append(files, found...), list[n:]
	}
	return files, nil
}

// paths are the files that DuckDB itself may open.
func (r *relations) paths() []string {
	var list []string
	for _, x := range r.list {
		list = append(list, reading.Paths(x.parts)...)
	}
	return list
}

// load looks at Parquet files and reads all others into DuckDB, and counts the rows.
func (r *relations) load(ctx context.Context, e *engine.Engine) (err error) {
	for _, x := range r.list {
		if err := r.parquet(ctx, e, x); err != nil {
			return err
		}
		if !x.source.Loads(x.parts) {
			continue
		}
		x.source.Use(r.texts...)
		if x.loaded, err = reading.Load(ctx, e, x.table, x.source, x.parts, r.task.Threads); err != nil {
			return r.stopped(x, err)
		}
		r.report(x)
		if n := len(x.loaded.Aside); n > 0 && n == len(x.parts) {
			return fmt.Errorf("table %s: none of its %d files can be read; the first: %s: %w", x.source.Table.Name, n,
				x.parts[0].URI(), x.loaded.Aside[0].FileError)
		}
		if err := r.judgeRows(x); err != nil {
			return err
		}
	}
	return nil
}

// parquet looks at the Parquet files of a table; those that cannot be read end the step or are set aside.
func (r *relations) parquet(ctx context.Context, e *engine.Engine, x *rel) error {
	have, n, err := x.source.ParquetColumns(ctx, e, x.parts)
	if err != nil {
		broken := reading.BrokenParquet(ctx, e, x.parts)
		switch {
		case len(broken) == 0:
			return fmt.Errorf("table %s: %w", x.source.Table.Name, err)
		case !x.source.Quarantine:
			return r.stopped(x, &reading.PartError{Part: broken[0].Part, Err: broken[0].FileError})
		case len(broken) == len(x.parts):
			return fmt.Errorf("table %s: none of its %d files can be read; the first: %s: %w", x.source.Table.Name, len(broken),
				x.parts[0].URI(), broken[0].FileError)
		}
		for _, b := range broken {
			r.setAside(x.parts[b.Part], b.FileError)
		}
		for _, b := range slices.Backward(broken) {
			x.parts = slices.Delete(x.parts, b.Part, b.Part+1)
		}
		if have, n, err = x.source.ParquetColumns(ctx, e, x.parts); err != nil {
			return fmt.Errorf("table %s: %w", x.source.Table.Name, err)
		}
	}
	x.have = have
	r.result.RowsRead += n
	return nil
}

// stopped names the file that ended the step, and how to take it away.
func (r *relations) stopped(x *rel, err error) error {
	var at *reading.PartError
	if !errors.As(err, &at) {
		return err
	}
	p := x.parts[at.Part]
	var f *serde.FileError
	if !errors.As(err, &f) {
		return fmt.Errorf("%s: %w", p.URI(), at.Err)
	}
	r.badFile(p, f)
	if r.manifest == nil || r.manifest.Sources[x.source.Table.Name] == nil {
		return fmt.Errorf("%s: %w", p.URI(), f)
	}
	return fmt.Errorf("%s: %w\n%s", p.URI(), f, x.source.Without(p.File.Key))
}

// print writes a bound statement for DuckDB.
func (r *relations) print(s typed.Statement) (string, error) {
	return print.DuckDB(s, func(t typed.Relation) string {
		if x := r.rel(t); x != nil {
			return x.source.Relation(x.table, x.parts, x.have)
		}
		return engine.Ident(t.Name[len(t.Name)-1])
	})
}
