package reading

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/engine"
	"penstock/internal/magic"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// readParquet reads files. Old writers, Impala and pyarrow's binary() leave text without the annotation that says so: with text set all
// such columns are text, which is right as long as no column of the table is binary.
func readParquet(parts []Part, text bool, more string) string {
	return fmt.Sprintf("read_parquet(%s, union_by_name=true, hive_partitioning=false, binary_as_string=%t%s)",
		engine.Literals(paths(parts)), text, more)
}

// binaryIsText says that no column of the table is binary, so that bytes in a file are text.
func (s *Source) binaryIsText() bool {
	return !slices.ContainsFunc(s.Columns, func(c schema.Field) bool { return strings.Contains(c.Type.String(), schema.Binary.String()) })
}

// ParquetColumns gives the columns that the Parquet files among the parts have, and counts their rows, which their footers say.
func (s *Source) ParquetColumns(ctx context.Context, e *engine.Engine, parts []Part) (have map[string]engine.TypeID, rows int64,
	err error) {
	return parquetColumns(ctx, e, parquetParts(parts), s.binaryIsText())
}

// ParquetRows counts the rows of a Parquet file.
func ParquetRows(ctx context.Context, e *engine.Engine, path string) (int64, error) {
	_, rows, err := parquetColumns(ctx, e, []Part{{File: task.File{Path: path}}}, true)
	return rows, err
}

func parquetColumns(ctx context.Context, e *engine.Engine, parts []Part, text bool) (have map[string]engine.TypeID, rows int64, err error) {
	have = map[string]engine.TypeID{}
	if len(parts) == 0 {
		return have, 0, nil
	}
	c, err := e.Conn(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer c.Close()
	st, err := c.Prepare(ctx, "SELECT * FROM "+readParquet(parts, text, ""))
	if err != nil {
		return nil, 0, Named(err, parts)
	}
	for _, col := range st.Columns() {
		have[strings.ToLower(col.Name)] = col.Type.ID
	}
	st.Close()
	rows, err = c.Number(ctx, "SELECT count(*) FROM "+readParquet(parts, text, ""))
	return have, rows, Named(err, parts)
}

// BrokenParquet finds the files that cannot be read at all.
func BrokenParquet(ctx context.Context, e *engine.Engine, parts []Part) (list []BadFile) {
	for i, p := range parts {
		if !p.parquet() {
			continue
		}
		if _, _, err := parquetColumns(ctx, e, parts[i:i+1], true); err != nil && ctx.Err() == nil {
			list = append(list, BadFile{i, &serde.FileError{Problem: magic.ParquetFault(p.File.Path)}})
		}
	}
	return list
}

// Named puts the objects' addresses in place of the paths that DuckDB's messages show.
func Named(err error, parts []Part) error {
	if err == nil {
		return nil
	}
	msg := err.Error()
	for _, p := range parts {
		msg = strings.ReplaceAll(msg, p.File.Path, p.URI())
	}
	if msg == err.Error() {
		return err
	}
	return fmt.Errorf("%s", msg)
}
