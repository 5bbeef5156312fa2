package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/engine"
	"penstock/internal/magic"
	"penstock/internal/schema"
)

// nullPartition is Hive's name for the partition of NULL.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// relation is the source as a DuckDB query in parentheses, with the catalog's columns in their types, but for those that are not used.
// table is where loadCSV put its rows; have are the columns of Parquet files, in lower case, with their types. The values of partition keys
// are looked up by the number of the part, so that they cost nothing where nobody asks for them.
func (s *source) relation(table string, parts []part, have map[string]engine.TypeID) string {
	var b strings.Builder
	b.WriteString("(SELECT ")
	first := true
	for i, c := range s.columns {
		if s.unused[i] {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		name := engine.Ident(c.name)
		typ, found := have[c.name]
		switch {
		case s.format == csvFormat && i < s.data:
			b.WriteString(name)
		case s.format == csvFormat:
			fmt.Fprintf(&b, "list_extract(%s, %s + 1) AS %s", keyValues(parts, i-s.data, c), fileColumn, name)
		case len(parts) == 0 || i < s.data && !found:
			fmt.Fprintf(&b, "NULL::%s AS %s", c.typ.DuckDB(), name)
		case found && typ == engine.Blob && c.typ.Kind.Text(): // text of a writer that did not say so
			fmt.Fprintf(&b, "decode(%s) AS %s", name, name)
		case found:
			fmt.Fprintf(&b, "%s::%s AS %s", name, c.typ.DuckDB(), name)
		default:
			fmt.Fprintf(&b, "list_extract(%s, list_position(%s, filename)) AS %s", keyValues(parts, i-s.data, c),
				engine.Literals(paths(parts)), name)
		}
	}
	if s.format == csvFormat {
		if !first {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s, %s FROM %s)", fileColumn, lineColumn, engine.Ident(table))
	} else if len(parts) == 0 {
		b.WriteString(" WHERE false)")
	} else {
		fmt.Fprintf(&b, " FROM %s)", readParquet(parts, s.binaryIsText()))
	}
	return b.String()
}

// keyValues is the list of a partition key's values, one for each part, in the key's type.
func keyValues(parts []part, key int, c column) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		if texts[i] = engine.Literal(p.values[key]); p.values[key] == nullPartition {
			texts[i] = "NULL"
		}
	}
	return "CAST([" + strings.Join(texts, ",") + "] AS " + c.typ.DuckDB() + "[])"
}

func paths(parts []part) []string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.file.Path
	}
	return list
}

// readParquet reads files. Old writers, Impala and pyarrow's binary() leave text without the annotation that says so: with text set all
// such columns are text, which is right as long as no column of the table is binary.
func readParquet(parts []part, text bool) string {
	return fmt.Sprintf("read_parquet(%s, union_by_name=true, hive_partitioning=false, filename=true, binary_as_string=%t)",
		engine.Literals(paths(parts)), text)
}

// binaryIsText says that no column of the table is binary, so that bytes in a file are text.
func (s *source) binaryIsText() bool {
	return !slices.ContainsFunc(s.columns, func(c column) bool { return strings.Contains(c.typ.String(), schema.Binary.String()) })
}

// parquetColumns gives the columns that the files have, and counts their rows, which their footers say.
func parquetColumns(ctx context.Context, e *engine.Engine, parts []part, text bool) (have map[string]engine.TypeID, rows int64, err error) {
	have = map[string]engine.TypeID{}
	if len(parts) == 0 {
		return have, 0, nil
	}
	c, err := e.Conn(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer c.Close()
	st, err := c.Prepare(ctx, "SELECT * FROM "+readParquet(parts, text))
	if err != nil {
		return nil, 0, named(err, parts)
	}
	for _, col := range st.Columns() {
		have[strings.ToLower(col.Name)] = col.Type.ID
	}
	st.Close()
	rows, err = oneNumber(ctx, c, "SELECT count(*) FROM "+readParquet(parts, text))
	return have, rows, named(err, parts)
}

// brokenParquet finds the files that cannot be read at all.
func brokenParquet(ctx context.Context, e *engine.Engine, parts []part) (list []badFile) {
	for i, p := range parts {
		if _, _, err := parquetColumns(ctx, e, parts[i:i+1], true); err != nil && ctx.Err() == nil {
			list = append(list, badFile{i, &fault{what: magic.ParquetFault(p.file.Path)}})
		}
	}
	return list
}

// named puts the objects' addresses in place of the paths that DuckDB's messages show.
func named(err error, parts []part) error {
	if err == nil {
		return nil
	}
	msg := err.Error()
	for _, p := range parts {
		msg = strings.ReplaceAll(msg, p.file.Path, p.uri())
	}
	if msg == err.Error() {
		return err
	}
	return fmt.Errorf("%s", msg)
}

// oneNumber runs a query for one integer.
func oneNumber(ctx context.Context, c *engine.Conn, sql string) (int64, error) {
	rows, err := numbers(ctx, c, sql)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0][0], nil
}

// numbers runs a query for integers.
func numbers(ctx context.Context, c *engine.Conn, sql string) (out [][]int64, err error) {
	err = each(ctx, c, sql, func(ch *engine.Chunk, cols, i int) {
		row := make([]int64, cols)
		for k := range row {
			row[k] = ch.Column(k).Int64(i)
		}
		out = append(out, row)
	})
	return out, err
}

// texts runs a query and gives its values as text; nil is NULL.
func texts(ctx context.Context, c *engine.Conn, sql string) (out [][]*string, err error) {
	err = each(ctx, c, sql, func(ch *engine.Chunk, cols, i int) {
		row := make([]*string, cols)
		for k := range row {
			if v := ch.Column(k); !v.IsNull(i) {
				s := v.Text(i)
				row[k] = &s
			}
		}
		out = append(out, row)
	})
	return out, err
}

func each(ctx context.Context, c *engine.Conn, sql string, row func(ch *engine.Chunk, cols, i int)) error {
	r, err := c.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		ch, err := r.Next(ctx)
		if err != nil || ch == nil {
			return err
		}
		for i := range ch.Size() {
			row(ch, len(r.Columns()), i)
		}
	}
}
