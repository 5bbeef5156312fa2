package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/engine"
)

// Bounds of the files: a file of a table without partitions holds at most maxFileRows rows; row groups are such that any reader can hold
// one in memory.
const (
	maxFileRows  = 4_000_000
	rowGroupRows = 122_880
)

// sortAbove is from how many rows on they are sorted by partition before they are written: DuckDB writes what it holds of a partition
// whenever its buffers are full, and each time begins a file anew.
const sortAbove = 2_000_000

// Names of the writer's own in DuckDB.
const (
	partsTable = "penstock_parts"
	partColumn = "_penstock_part"
)

// A writer writes the rows of a DuckDB table as Parquet files, a folder for each set of partition values.
type writer struct {
	engine *engine.Engine
	table  string // in DuckDB; its columns are those of the files
	target *reading.Source
	dir    string // staging folder
	prefix string // key of the target's location, with its slash
	stem   string // <run>-<gen>
	some   bool   // write a file of no rows rather than none: COPY refuses a manifest that names none
}

const copyOptions = "FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE %d"

// write gives the files, in the order of their partitions.
func (w *writer) write(ctx context.Context) (out []task.Output, err error) {
	c, err := w.engine.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if len(w.target.Table.PartitionKeys) == 0 {
		out, err = w.whole(ctx, c)
	} else {
		out, err = w.partitioned(ctx, c)
	}
	if err == nil && len(out) == 0 && w.some {
		out, err = w.empty(ctx, c)
	}
	if err != nil {
		return nil, fmt.Errorf("write the result: %w", err)
	}
	return out, nil
}

// empty writes a file of no rows, beside the partitions of a table that has some.
func (w *writer) empty(ctx context.Context, c *engine.Conn) ([]task.Output, error) {
	const name = "empty.parquet"
	_, err := c.Exec(ctx, fmt.Sprintf("COPY (SELECT * FROM %s LIMIT 0) TO %s ("+copyOptions+")", engine.Ident(w.table),
		engine.Literal(filepath.Join(w.dir, name)), rowGroupRows))
	return []task.Output{{Name: name, Key: w.key(nil, 0)}}, err
}

// whole writes a table without partitions.
func (w *writer) whole(ctx context.Context, c *engine.Conn) ([]task.Output, error) {
	total, err := c.Number(ctx, "SELECT count(*) FROM "+engine.Ident(w.table))
	if err != nil {
		return nil, err
	}
	var list []task.Output
	for n := 0; int64(n)*maxFileRows < total; n++ {
		name := fmt.Sprintf("%06d.parquet", n)
		rows, err := c.Exec(ctx, fmt.Sprintf("COPY (SELECT * FROM %s LIMIT %d OFFSET %d) TO %s ("+copyOptions+")", engine.Ident(w.table),
			maxFileRows, n*maxFileRows,
			engine.Literal(filepath.Join(w.dir, name)), rowGroupRows))
		if err != nil {
			return nil, err
		}
		list = append(list, task.Output{Name: name, Key: w.key(nil, n), Rows: rows})
	}
	return list, nil
}

// A slice is one set of partition values.
type slice struct {
	values []string
	rows   int64
}

// partitioned numbers the sets of partition values and lets DuckDB write a folder for each number; the partition columns themselves stay
// in the files.
func (w *writer) partitioned(ctx context.Context, c *engine.Conn) ([]task.Output, error) {
	slices, total, err := w.slices(ctx, c)
	if err != nil || total == 0 {
		return nil, err
	}
	var on []string
	for _, k := range w.keys() {
		on = append(on, "o."+k+" IS NOT DISTINCT FROM p."+k)
	}
	order := ""
	if total > sortAbove {
		order = " ORDER BY p." + partColumn
	}
	folder := filepath.Join(w.dir, "parts")
	written, err := c.Exec(ctx, fmt.Sprintf("COPY (SELECT o.*, p.%s FROM %s o JOIN %s p ON %s%s) TO %s ("+copyOptions+", PARTITION_BY (%s))",
		partColumn, engine.Ident(w.table), partsTable, strings.Join(on, " AND "), order, engine.Literal(folder), rowGroupRows, partColumn))
	if err != nil {
		return nil, err
	}
	if written != total {
		return nil, fmt.Errorf("%d of %d rows were written", written, total)
	}
	var list []task.Output
	for i, s := range slices {
		files, err := w.collect(ctx, c, folder, i, s)
		if err != nil {
			return nil, err
		}
		list = append(list, files...)
	}
	return list, nil
}

func (w *writer) keys() []string {
	var keys []string
	for _, k := range w.target.Columns[w.target.Data:] {
		keys = append(keys, engine.Ident(k.Name))
	}
	return keys
}

// slices makes the table of numbered partitions.
func (w *writer) slices(ctx context.Context, c *engine.Conn) (list []slice, total int64, err error) {
	keys := strings.Join(w.keys(), ", ")
	sql := fmt.Sprintf("CREATE TABLE %s AS SELECT row_number() OVER (ORDER BY %s) - 1 AS %s, "+
		"* FROM (SELECT %s, count(*) AS penstock_rows FROM %s GROUP BY ALL)",
		partsTable, keys, partColumn, keys, engine.Ident(w.table))
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

// collect takes the files of a partition out of its folder. DuckDB begins a file more where its threads met: those are made one, so that
// the same rows always give the same files. Of a partition too large for one file, how its rows are cut is not known; the first is
// given all.
func (w *writer) collect(ctx context.Context, c *engine.Conn, folder string, i int, s slice) ([]task.Output, error) {
	names, err := filepath.Glob(filepath.Join(folder, fmt.Sprintf("%s=%d", partColumn, i), "*.parquet"))
	if err != nil || len(names) == 0 {
		return nil, errors.Join(err, fmt.Errorf("partition %v has no file", s.values))
	}
	if len(names) > 1 && s.rows <= maxFileRows {
		one := filepath.Join(folder, fmt.Sprintf("one-%d.parquet", i))
		sql := fmt.Sprintf("COPY (SELECT * FROM read_parquet(%s, hive_partitioning=false)) TO %s ("+copyOptions+")", engine.Literals(names),
			engine.Literal(one), rowGroupRows)
		if n, err := c.Exec(ctx, sql); err != nil || n != s.rows {
			return nil, errors.Join(err, fmt.Errorf("partition %v: %d of %d rows were written", s.values, n, s.rows))
		}
		names = []string{one}
	}
	var list []task.Output
	for n, from := range names {
		name := fmt.Sprintf("%06d-%d.parquet", i, n)
		if err := os.Rename(from, filepath.Join(w.dir, name)); err != nil {
			return nil, err
		}
		o := task.Output{Name: name, Key: w.key(s.values, n), Values: s.values}
		if n == 0 {
			o.Rows = s.rows
		}
		list = append(list, o)
	}
	return list, nil
}

// key is the n-th object of a partition.
func (w *writer) key(values []string, n int) string {
	key := w.prefix
	for k, v := range values {
		key += w.target.Columns[w.target.Data+k].Name + "=" + escapeValue(v) + "/"
	}
	return key + fmt.Sprintf("%s-%d.snappy.parquet", w.stem, n)
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
