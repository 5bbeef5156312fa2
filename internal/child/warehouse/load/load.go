package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/sql/syntax"
)

// A Request is one COPY.
type Request struct {
	Conn    *engine.Conn // in the caller's transaction
	Table   *store.Table
	Columns []string // the column list; empty for all
	From    string
	Options []syntax.Option
	Resolve Resolve
	Now     time.Time
}

// A File is an object that was loaded.
type File struct {
	Name        string
	Rows, Bytes int64
}

// A Result is what a COPY loaded.
type Result struct {
	Rows  int64
	Files []File
}

// target is where rows go: the table itself, or a staging table when columns are left to their defaults.
type target struct {
	columns []*store.Column // in the order of the fields
	schema  string
	table   string
	place   []int // the appender's column of each field
	width   int   // how many columns the appender has
	staged  bool
}

// Run loads.
func Run(ctx context.Context, r Request) (*Result, error) {
	o, err := parse(r.Options)
	if err != nil {
		return nil, err
	}
	tg, err := aim(r)
	if err != nil {
		return nil, err
	}
	all, err := files(ctx, r.Resolve, r.From, o)
	if err != nil {
		return nil, err
	}
	if o.parquet {
		return loadParquet(ctx, r, tg, all)
	}
	if !tg.staged {
		return loadText(ctx, r, tg, o, all)
	}
	return stage(ctx, r, tg, func() (*Result, error) { return loadText(ctx, r, tg, o, all) })
}

// aim matches the column list with the table.
func aim(r Request) (*target, error) {
	t := r.Table
	tg := &target{schema: t.Schema, table: t.Name, width: len(t.Columns)}
	if t.Temp {
		tg.schema = ""
	}
	if t.Kind != store.KindTable {
		return nil, &OptionError{fmt.Sprintf("cannot copy to view \"%s\"", t.Name), "42809"}
	}
	names := r.Columns
	if len(names) == 0 {
		for _, c := range t.Columns {
			names = append(names, c.Name)
		}
	}
	for _, n := range names {
		i := slices.IndexFunc(t.Columns, func(c store.Column) bool { return c.Name == n })
		if i < 0 {
			return nil, &OptionError{fmt.Sprintf("column \"%s\" of relation \"%s\" does not exist", n, t.Name), "42703"}
		}
		if slices.Contains(tg.place, i) {
			return nil, &OptionError{fmt.Sprintf("column \"%s\" specified more than once", n), "42701"}
		}
		c := &t.Columns[i]
		if c.Identity != nil {
			return nil, &OptionError{fmt.Sprintf("cannot copy into the IDENTITY column \"%s\": "+
				"leave it out of the column list (EXPLICIT_IDS is not supported by Penstock yet)", n), "0A000"}
		}
		tg.columns, tg.place = append(tg.columns, c), append(tg.place, i)
	}
	for i, c := range t.Columns {
		if !slices.Contains(tg.place, i) && (c.Default != "" || c.Identity != nil) {
			tg.staged = true
		}
	}
	return tg, nil
}

// stage loads into a table of the listed columns only and moves the rows from there, so that the engine fills in the defaults.
func stage(ctx context.Context, r Request, tg *target, load func() (*Result, error)) (*Result, error) {
	const name = "_penstock_copy"
	cols := columnList(tg)
	into := physical(r.Table)
	_, err := r.Conn.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+name+" AS SELECT "+cols+" FROM "+into+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	tg.schema, tg.table, tg.width = "", name, len(tg.columns)
	for i := range tg.place {
		tg.place[i] = i
	}
	res, err := load()
	if err != nil {
		return nil, err
	}
	if _, err := r.Conn.Exec(ctx, "INSERT INTO "+into+"("+cols+") SELECT "+cols+" FROM "+name); err != nil {
		return nil, err
	}
	_, err = r.Conn.Exec(ctx, "DROP TABLE "+name)
	return res, err
}

func columnList(tg *target) string {
	s := ""
	for i, c := range tg.columns {
		if i > 0 {
			s += ", "
		}
		s += engine.Ident(c.Name)
	}
	return s
}

// physical is the table's name in the engine.
func physical(t *store.Table) string {
	if t.Temp {
		return "temp." + engine.Ident(t.Name)
	}
	return engine.Ident(t.Schema) + "." + engine.Ident(t.Name)
}
