package worker

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"penstock/internal/child/task"
	"penstock/internal/engine"
)

// Bounds of the files: a file holds at most maxFileRows rows, in row groups that any reader can hold in memory.
const (
	maxFileRows  = 4_000_000
	rowGroupRows = 122_880
)

// sortAbove is when it pays to sort the rows by partition before writing: each partition's rows are found by a scan otherwise.
const sortAbove = 2_000_000_000

// A writer writes the rows of a DuckDB table as Parquet files, a folder for each set of partition values.
type writer struct {
	engine  *engine.Engine
	table   string // in DuckDB; its columns are those of the files
	target  *source
	dir     string // staging folder
	prefix  string // key of the target's location, with its slash
	stem    string // <run>-<gen>
	threads int
}

// A slice is the rows of one file.
type slice struct {
	where  string
	values []string
	n      int
	rows   int64
}

// write gives the files, in the order of their partitions.
func (w *writer) write(ctx context.Context) ([]task.Output, error) {
	slices, err := w.slices(ctx)
	if err != nil {
		return nil, err
	}
	out, errs := make([]task.Output, len(slices)), make([]error, len(slices))
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(1, min(w.threads, len(slices))) {
		wg.Go(func() {
			c, err := w.engine.Conn(ctx)
			for i := range next {
				if errs[i] = err; err == nil {
					out[i], errs[i] = w.file(ctx, c, i, slices[i])
				}
			}
			if err == nil {
				c.Close()
			}
		})
	}
	for i := range slices {
		next <- i
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("write the result: %w", err)
		}
	}
	return out, nil
}

// slices finds the partitions and cuts large ones.
func (w *writer) slices(ctx context.Context) ([]slice, error) {
	c, err := w.engine.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var keys []string
	for _, k := range w.target.columns[w.target.data:] {
		keys = append(keys, engine.Ident(k.name))
	}
	if len(keys) == 0 {
		n, err := oneNumber(ctx, c, "SELECT count(*) FROM "+engine.Ident(w.table))
		if err != nil || n == 0 {
			return nil, err
		}
		return cut(nil, slice{where: "true", rows: n}), nil
	}
	list := strings.Join(keys, ", ")
	groups, err := texts(ctx, c, fmt.Sprintf("SELECT %s, count(*) FROM %s GROUP BY ALL ORDER BY ALL", castTexts(keys), engine.Ident(w.table)))
	if err != nil {
		return nil, err
	}
	var total int64
	var out []slice
	for _, g := range groups {
		s := w.partition(keys, g[:len(keys)])
		if _, err := fmt.Sscan(*g[len(keys)], &s.rows); err != nil {
			return nil, err
		}
		total += s.rows
		out = cut(out, s)
	}
	if total*int64(len(groups)) > sortAbove {
		sorted := w.table + "_sorted"
		if _, err := c.Exec(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT * FROM %s ORDER BY %s", engine.Ident(sorted), engine.Ident(w.table), list)); err != nil {
			return nil, err
		}
		w.table = sorted
	}
	return out, nil
}

func castTexts(keys []string) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k + "::VARCHAR AS v" + fmt.Sprint(i)
	}
	return strings.Join(list, ", ")
}

// partition describes the rows of one set of values.
func (w *writer) partition(keys []string, values []*string) slice {
	var s slice
	var conds []string
	for i, v := range values {
		typ := w.target.columns[w.target.data+i].typ.DuckDB()
		if v == nil {
			conds = append(conds, keys[i]+" IS NULL")
			s.values = append(s.values, nullPartition)
			continue
		}
		conds = append(conds, fmt.Sprintf("%s = %s::%s", keys[i], engine.Literal(*v), typ))
		s.values = append(s.values, *v)
	}
	s.where = strings.Join(conds, " AND ")
	return s
}

// cut adds s in pieces of at most maxFileRows.
func cut(list []slice, s slice) []slice {
	for n := 0; ; n++ {
		piece := s
		piece.n = n
		if s.rows > maxFileRows {
			piece.where = fmt.Sprintf("%s LIMIT %d OFFSET %d", s.where, maxFileRows, n*maxFileRows)
			piece.rows = min(maxFileRows, s.rows-int64(n)*maxFileRows)
		}
		list = append(list, piece)
		if int64(n+1)*maxFileRows >= s.rows {
			return list
		}
	}
}

func (w *writer) file(ctx context.Context, c *engine.Conn, i int, s slice) (task.Output, error) {
	name := fmt.Sprintf("%06d.parquet", i)
	sql := fmt.Sprintf("COPY (SELECT * FROM %s WHERE %s) TO %s (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE %d)",
		engine.Ident(w.table), s.where, engine.Literal(filepath.Join(w.dir, name)), rowGroupRows)
	n, err := c.Exec(ctx, sql)
	if err != nil {
		return task.Output{}, err
	}
	if n != s.rows {
		return task.Output{}, fmt.Errorf("partition %q has %d rows, %d were written", s.where, s.rows, n)
	}
	key := w.prefix
	for k, v := range s.values {
		key += w.target.columns[w.target.data+k].name + "=" + escapeValue(v) + "/"
	}
	key += fmt.Sprintf("%s-%d.snappy.parquet", w.stem, s.n)
	return task.Output{Name: name, Key: key, Values: s.values, Rows: n}, nil
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
