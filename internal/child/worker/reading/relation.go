package reading

import (
	"fmt"
	"strings"

	"penstock/internal/engine"
	"penstock/internal/schema"
	"penstock/internal/serde"
)

// Relation is the source as a DuckDB query in parentheses, with the catalog's columns in their types, but for those that are not used.
// table is where Load put its rows; have are the columns of Parquet files, in lower case, with their types. The values of partition keys
// are looked up by the number of the part, so that they cost nothing where nobody asks for them. Loaded rows have the hidden columns too,
// unless there are rows of Parquet beside them.
func (s *Source) Relation(table string, parts []Part, have map[string]engine.TypeID) string {
	files := parquetParts(parts)
	switch {
	case len(parts) == 0 && !s.Loads(parts):
		return "(SELECT " + s.list(func(c schema.Field, _ int) string {
			return fmt.Sprintf("NULL::%s AS %s", c.Type.DuckDB(), engine.Ident(c.Name))
		}) + " WHERE false)"
	case len(files) == 0:
		return s.loaded(table, parts, FileColumn, LineColumn)
	case len(files) == len(parts):
		return s.parquet(files, have)
	}
	return "(SELECT * FROM " + s.loaded(table, parts) + " UNION ALL SELECT * FROM " + s.parquet(files, have) + ")"
}

// Loads reports whether parts of the source are read by Load.
func (s *Source) Loads(parts []Part) bool {
	return s.Form.Kind != serde.Parquet && len(parts) == 0 || len(parquetParts(parts)) < len(parts)
}

// Located reports whether the rows of the relation have the hidden columns.
func (s *Source) Located(parts []Part) bool {
	return len(parquetParts(parts)) == 0 && s.Loads(parts)
}

// list writes the columns that are used.
func (s *Source) list(write func(c schema.Field, i int) string, more ...string) string {
	var list []string
	for i, c := range s.Columns {
		if !s.unused[i] {
			list = append(list, write(c, i))
		}
	}
	if list = append(list, more...); len(list) == 0 {
		list = []string{"1"}
	}
	return strings.Join(list, ", ")
}

// loaded is the query of the rows that Load has put into a table.
func (s *Source) loaded(table string, parts []Part, hidden ...string) string {
	return "(SELECT " + s.list(func(c schema.Field, i int) string {
		if i < s.Data {
			return engine.Ident(c.Name)
		}
		return fmt.Sprintf("list_extract(%s, %s + 1) AS %s", keyValues(parts, i-s.Data, c), FileColumn, engine.Ident(c.Name))
	}, hidden...) + " FROM " + engine.Ident(table) + ")"
}

// parquet is the query of the rows of Parquet files. The engine numbers them in a column that only a column of the files can hide.
func (s *Source) parquet(files []Part, have map[string]engine.TypeID) string {
	index, from := "CAST(file_index AS BIGINT)", readParquet(files, s.binaryIsText(), "")
	if _, hidden := have["file_index"]; hidden {
		index = fmt.Sprintf("list_position(%s, _penstock_path) - 1", engine.Literals(paths(files)))
		from = readParquet(files, s.binaryIsText(), ", filename='_penstock_path'")
	}
	return "(SELECT " + s.list(func(c schema.Field, i int) string {
		name := engine.Ident(c.Name)
		typ, found := have[c.Name]
		switch {
		case i >= s.Data: // a column of this name in the files says nothing
			return fmt.Sprintf("list_extract(%s, %s + 1) AS %s", keyValues(files, i-s.Data, c), index, name)
		case !found:
			return fmt.Sprintf("NULL::%s AS %s", c.Type.DuckDB(), name)
		case typ == engine.Blob && c.Type.Kind.Text(): // text of a writer that did not say so
			return fmt.Sprintf("decode(%s) AS %s", name, name)
		}
		return fmt.Sprintf("%s::%s AS %s", name, c.Type.DuckDB(), name)
	}) + " FROM " + from + ")"
}

func parquetParts(parts []Part) (list []Part) {
	for _, p := range parts {
		if p.parquet() {
			list = append(list, p)
		}
	}
	return list
}

// Paths are the files that DuckDB itself may open.
func Paths(parts []Part) []string { return paths(parquetParts(parts)) }

// keyValues is the list of a partition key's values, one for each part, in the key's type.
func keyValues(parts []Part, key int, c schema.Field) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		if texts[i] = engine.Literal(p.Values[key]); p.Values[key] == NullPartition {
			texts[i] = "NULL"
		}
	}
	return "CAST([" + strings.Join(texts, ",") + "] AS " + c.Type.DuckDB() + "[])"
}

func paths(parts []Part) []string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.File.Path
	}
	return list
}
