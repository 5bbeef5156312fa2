// Package writing writes a job's result, a table of the engine, into files as the target table keeps them: a folder for each set of
// partition values, each file bounded in rows. How a file is written package serde knows.
//
// It publishes nothing: it fills a staging folder and says under which keys the files belong.
package writing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/engine"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// maxFileRows is how many rows a file holds at most.
const maxFileRows = 4_000_000

// Names of the writer's own in DuckDB.
const (
	partsTable = "penstock_parts"
	partColumn = "_penstock_part"
)

// A Writer writes the rows of a DuckDB table.
type Writer struct {
	Engine *engine.Engine
	Table  string // in DuckDB; its columns are the target's, in any order
	Target *reading.Source
	Dir    string // staging folder
	Prefix string // key of the target's location, with its slash
	Stem   string // <run>-<gen>
	Some   bool   // write a file of no rows rather than none: COPY refuses a manifest that names none

	out *serde.Output
}

// Check returns an error when files of the table cannot be written.
func Check(target *reading.Source) error {
	_, err := target.Form.Output(target.Table.Parameters)
	return err
}

// Write gives the files, in the order of their partitions.
func (w *Writer) Write(ctx context.Context) (out []task.Output, err error) {
	if w.out, err = w.Target.Form.Output(w.Target.Table.Parameters); err != nil {
		return nil, err
	}
	c, err := w.Engine.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if out, err = w.files(ctx, c); err != nil {
		return nil, fmt.Errorf("write the result: %w", err)
	}
	return out, nil
}

// RunColumn is the writer's own column: the run that a row came from. SQL over a table does not see it.
const RunColumn = "_run"

// columns are those of the files, in their order: the data, and behind it the partition keys, where the format has names for them. COPY
// takes the columns of Parquet by position, and it is told the run's column last; ORC is read by position from the data on.
func (w *Writer) columns() []schema.Field {
	if !w.out.Keys() {
		return w.Target.Columns[:w.Target.Data]
	}
	list := slices.Clone(w.Target.Columns)
	run := slices.IndexFunc(list, func(c schema.Field) bool { return c.Name == RunColumn })
	if run >= 0 && w.Target.Form.Kind != serde.ORC {
		list = append(slices.Delete(list, run, run+1), w.Target.Columns[run])
	}
	return list
}

func names(columns []schema.Field, before string) string {
	var list []string
	for _, c := range columns {
		list = append(list, before+engine.Ident(c.Name))
	}
	return strings.Join(list, ", ")
}

func (w *Writer) keys() []schema.Field { return w.Target.Columns[w.Target.Data:] }

// sameKeys is the condition that a row o is of partition p.
func (w *Writer) sameKeys() string {
	var on []string
	for _, k := range w.keys() {
		on = append(on, fmt.Sprintf("o.%s IS NOT DISTINCT FROM p.%[1]s", engine.Ident(k.Name)))
	}
	return strings.Join(on, " AND ")
}

// A slice is one set of partition values.
type slice struct {
	values []string
	rows   int64
}

// slices makes the table of numbered partitions.
func (w *Writer) slices(ctx context.Context, c *engine.Conn) (list []slice, total int64, err error) {
	keys := names(w.keys(), "")
	sql := fmt.Sprintf("CREATE TABLE %s AS SELECT row_number() OVER (ORDER BY %s) - 1 AS %s, "+
		"* FROM (SELECT %s, count(*) AS penstock_rows FROM %s GROUP BY ALL)",
		partsTable, keys, partColumn, keys, engine.Ident(w.Table))
	if _, err := c.Exec(ctx, sql); err != nil {
		return nil, 0, err
	}
	rows, err := c.Texts(ctx, fmt.Sprintf("SELECT penstock_rows, %s FROM %s ORDER BY %s", keys, partsTable, partColumn))
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		var s slice
		if s.rows, err = strconv.ParseInt(*r[0], 10, 64); err != nil {
			return nil, 0, err
		}
		for _, v := range r[1:] {
			if v == nil {
				s.values = append(s.values, reading.NullPartition)
			} else {
				s.values = append(s.values, *v)
			}
		}
		total += s.rows
		list = append(list, s)
	}
	return list, total, nil
}

// key is the n-th object of a partition.
func (w *Writer) key(values []string, n int) string {
	key := w.Prefix
	for k, v := range values {
		key += w.keys()[k].Name + "=" + escapeValue(v) + "/"
	}
	return key + fmt.Sprintf("%s-%d%s", w.Stem, n, w.out.Ending)
}

// escapeValue writes a partition's value as a folder's name, as Hive does: %XX for control characters and those with a meaning in paths.
func escapeValue(v string) string {
	var b strings.Builder
	for i := range len(v) {
		c := v[i]
		if c < 0x20 || c == 0x7f || strings.IndexByte(`"#%'*/:=?\{[]^`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
