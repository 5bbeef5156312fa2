package worker

import (
	"context"
	"fmt"
	"strings"

	"penstock/internal/child/worker/ledger"
	"penstock/internal/child/worker/reading"
	"penstock/internal/child/worker/writing"
	"penstock/internal/engine"
)

// A load takes the columns of files as they lie: those that an earlier form of the table wrote have others, or others' types, or another
// order. Before such files are loaded, they are written anew in the table's columns; a column that they lack is NULL in them.

// wants notes which runs of which tables of the lake the warehouse is about to load. While that cannot be asked, all are.
func (b *backlog) wants(loads []load, err error) {
	b.wanted = map[string][]*ledger.Run{}
	for _, x := range loads {
		b.wanted[x.table.From] = b.union(b.wanted[x.table.From], x.runs)
	}
	for _, t := range b.book.Tables {
		if err != nil {
			b.wanted[t.From] = b.runs
		}
	}
}

// odd gives the runs whose files are about to be loaded and do not have the table's columns.
func (b *backlog) odd(ctx context.Context, t bookTransform) (runs []*ledger.Run, err error) {
	if len(b.wanted[t.Name]) == 0 {
		return nil, nil
	}
	s, err := b.table(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	want := shape(s)
	for _, lr := range b.wanted[t.Name] {
		gen := lr.Outputs[t.Name]
		if gen == 0 {
			continue
		}
		entries, err := b.copied(ctx, copyKey(b.home, lr.Base.Run, gen, t.Name))
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			continue
		}
		has, err := b.shapeOf(ctx, entries[0].URL)
		if err != nil {
			return nil, err
		}
		if has != "" && has != want {
			runs = append(runs, lr)
		}
	}
	return runs, nil
}

// shape is the table's columns as the writer puts them into files.
func shape(s *reading.Source) string {
	var list, run []string
	for _, c := range s.Columns {
		text := c.Name + " " + c.Type.DuckDB()
		if c.Name == writing.RunColumn {
			run = append(run, text)
		} else {
			list = append(list, text)
		}
	}
	return strings.Join(append(list, run...), ", ")
}

// shapeOf is the columns of a Parquet file, "" if it is not there.
func (b *backlog) shapeOf(ctx context.Context, uri string) (string, error) {
	files, err := b.under(ctx, uri)
	if err != nil || len(files) == 0 {
		return "", err
	}
	e, err := b.openEngine(ctx, []string{files[0].Path})
	if err != nil {
		return "", err
	}
	defer e.Close()
	c, err := e.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	st, err := c.Prepare(ctx, "SELECT * FROM read_parquet("+engine.Literal(files[0].Path)+", hive_partitioning=false)")
	if err != nil {
		return "", fmt.Errorf("%s: %w", uri, err)
	}
	defer st.Close()
	var list []string
	for _, col := range st.Columns() {
		list = append(list, strings.ToLower(col.Name)+" "+col.Type.String())
	}
	return strings.Join(list, ", "), nil
}

// rewriting is the SQL that gives the rows that a run has given, in the table's columns.
func (t *transform) rewriting() string {
	var list []string
	for _, c := range t.target.Columns {
		if c.Name != writing.RunColumn {
			list = append(list, sparkName(c.Name))
		}
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM STREAM " + sparkName(t.target.Table.Name)
}

func sparkName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
