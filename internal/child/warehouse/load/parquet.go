package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/magic"
	"penstock/internal/sql/typed"
)

// A fileColumn is a column of a Parquet file. Old writers and pyarrow's binary() leave text without the annotation that says so.
type fileColumn struct {
	name   string
	binary bool
}

// text is the column's value as text; bytes that are no UTF-8 raise an error inside the engine.
func (c fileColumn) text() string {
	if c.binary {
		return "decode(" + engine.Ident(c.name) + ")"
	}
	return "CAST(" + engine.Ident(c.name) + " AS VARCHAR)"
}

// loadParquet loads columns by position. Types must match strictly, as on AWS: nothing is widened silently. Files whose columns are
// called the same are read by one statement.
func loadParquet(ctx context.Context, r Request, tg *target, all []file) (*Result, error) {
	res := &Result{}
	all = slices.DeleteFunc(slices.Clone(all), func(f file) bool { // an object without bytes loads nothing
		if f.Size == 0 {
			res.Files = append(res.Files, File{Name: f.url})
		}
		return f.Size == 0
	})
	if len(all) == 0 {
		return res, nil
	}
	var names []fileColumn
	from := 0
	for i, f := range all {
		now, err := checkParquet(ctx, r, tg, f)
		if err != nil {
			return nil, err
		}
		if i > from && !slices.Equal(now, names) {
			if err := insertFiles(ctx, r, tg, all[from:i], names, res); err != nil {
				return nil, err
			}
			from = i
		}
		names = now
	}
	return res, insertFiles(ctx, r, tg, all[from:], names, res)
}

// insertFiles moves the rows of files with the same column names.
func insertFiles(ctx context.Context, r Request, tg *target, all []file, names []fileColumn, res *Result) error {
	counts, err := rowCounts(ctx, r, all)
	if err != nil {
		return err
	}
	n, err := r.Conn.Exec(ctx, insertParquet(r.Table, tg, all, names))
	if err != nil {
		return explain(ctx, r, tg, all, names, err)
	}
	total := int64(0)
	for _, f := range all {
		total += counts[f.Path]
		res.Files = append(res.Files, File{Name: f.url, Rows: counts[f.Path], Bytes: f.Size})
	}
	if total != n {
		return fmt.Errorf("the footers of %d Parquet files name %d rows, %d were read", len(all), total, n)
	}
	res.Rows += n
	return nil
}

// rowCounts reads the files' footers.
func rowCounts(ctx context.Context, r Request, all []file) (map[string]int64, error) {
	rows, err := r.Conn.Query(ctx, "SELECT file_name, num_rows FROM parquet_file_metadata("+engine.Literals(paths(all))+")")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for {
		chunk, err := rows.Next(ctx)
		if err != nil || chunk == nil {
			return out, err
		}
		for i := range chunk.Size() {
			out[chunk.Column(0).Text(i)] = chunk.Column(1).Int64(i)
		}
	}
}

func paths(all []file) []string {
	out := make([]string, len(all))
	for i, f := range all {
		out[i] = f.Path
	}
	return out
}

func scan(all []file, more string) string {
	return "read_parquet(" + engine.Literals(paths(all)) + ", hive_partitioning=false" + more + ")"
}

// checkParquet compares the file's schema with the table.
func checkParquet(ctx context.Context, r Request, tg *target, f file) ([]fileColumn, error) {
	st, err := r.Conn.Prepare(ctx, "SELECT * FROM "+scan([]file{f}, ""))
	if err != nil {
		return nil, spectrum(fmt.Sprintf("File '%s' cannot be read: %s", f.url, magic.ParquetFault(f.Path)))
	}
	defer st.Close()
	cols := st.Columns()
	if len(cols) != len(tg.columns) {
		return nil, &OptionError{fmt.Sprintf("Unmatched number of columns between table and file. Table columns: %d, Data columns: %d, "+
			"File name: %s", len(tg.columns), len(cols), f.url), "XX000"}
	}
	names := make([]fileColumn, len(cols))
	for i, c := range cols {
		names[i] = fileColumn{c.Name, c.Type.ID == engine.Blob}
		if !fits(tg.columns[i].Type, c.Type) {
			return nil,
				spectrum(fmt.Sprintf("File '%s' has an incompatible Parquet schema for column '%s.%s'. Column type: %s, Parquet schema: optional %s %s",
					f.url, f.url, c.Name, strings.ToUpper(tg.columns[i].Type.String()), parquetName(c.Type), c.Name))
		}
	}
	return names, nil
}

func spectrum(context string) error {
	return &SchemaError{"Spectrum Scan Error", "error:  Spectrum Scan Error\ncode:      15007\ncontext:   " + context}
}

// fits reports whether a Parquet column of the engine's type may be loaded into a column of type t.
func fits(t typed.Type, have engine.Type) bool {
	switch t.Kind {
	case typed.Smallint:
		return have.ID == engine.SmallInt || have.ID == engine.TinyInt
	case typed.Int:
		return have.ID == engine.Integer
	case typed.Bigint:
		return have.ID == engine.BigInt
	case typed.Decimal:
		return have.ID == engine.Decimal && int(have.Width) == t.Precision && int(have.Scale) == t.Scale
	case typed.Real:
		return have.ID == engine.Float
	case typed.Double:
		return have.ID == engine.Double
	case typed.Bool:
		return have.ID == engine.Boolean
	case typed.Date:
		return have.ID == engine.DateType
	case typed.Timestamp:
		return have.ID == engine.Timestamp || have.ID == engine.TimestampMS || have.ID == engine.TimestampNS || have.ID == engine.TimestampTZ
	case typed.Timestamptz:
		return have.ID == engine.TimestampTZ || have.ID == engine.Timestamp
	case typed.Time:
		return have.ID == engine.Time
	case typed.Varchar, typed.Char, typed.String:
		return have.ID == engine.Varchar || have.ID == engine.Blob
	}
	return false
}

func parquetName(t engine.Type) string {
	switch t.ID {
	case engine.Integer:
		return "int32"
	case engine.BigInt:
		return "int64"
	case engine.Varchar:
		return "byte_array"
	}
	return strings.ToLower(t.String())
}

// insertParquet is the statement that moves the rows; what is too long raises an error inside the engine.
func insertParquet(t *store.Table, tg *target, all []file, names []fileColumn) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + physical(t) + "(" + columnList(tg) + ") SELECT ")
	for i, c := range tg.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(valueSQL(c.Type, names[i]))
	}
	b.WriteString(" FROM " + scan(all, ""))
	return b.String()
}

const unfit = "penstock: too long or not of single bytes"

func valueSQL(t typed.Type, c fileColumn) string {
	switch t.Kind {
	case typed.Char:
		col := "rtrim(" + c.text() + ", ' ')"
		return fmt.Sprintf("CASE WHEN strlen(%s) > %d OR strlen(%s) <> length(%s) THEN error('%s') ELSE %s END", col,
			max(t.Len, 1), col, col, unfit, col)
	case typed.Varchar, typed.String:
		if col := c.text(); t.Len > 0 {
			return fmt.Sprintf("CASE WHEN strlen(%s) > %d THEN error('%s') ELSE %s END", col, t.Len, unfit, col)
		}
		return c.text()
	case typed.Timestamp:
		return "CAST(" + engine.Ident(c.name) + " AS TIMESTAMP)"
	case typed.Timestamptz:
		return "CAST(" + engine.Ident(c.name) + " AS TIMESTAMPTZ)"
	}
	return engine.Ident(c.name)
}

// explain finds the row that the engine refused. The transaction is lost by then, so it is rolled back: the file alone tells enough.
func explain(ctx context.Context, r Request, tg *target, all []file, names []fileColumn, err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	if _, rerr := r.Conn.Exec(ctx, "ROLLBACK"); rerr != nil {
		return err
	}
	for _, f := range all {
		if re := culprit(ctx, r, tg, f, names); re != nil {
			return re
		}
	}
	for _, f := range all {
		if ferr := readable(ctx, r, tg, f, names); ferr != nil && ctx.Err() == nil {
			return spectrum(fmt.Sprintf("File '%s' cannot be read: %s", f.url, magic.ParquetFault(f.Path)))
		}
	}
	return err
}

// readable reads all values of a file, whose pages may be broken though its footer is not.
func readable(ctx context.Context, r Request, tg *target, f file, names []fileColumn) error {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = valueSQL(tg.columns[i].Type, n)
	}
	rows, err := r.Conn.Query(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+scan([]file{f}, ""))
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		if chunk, err := rows.Next(ctx); err != nil || chunk == nil {
			return err
		}
	}
}

// culprit finds the first row of a file that breaks a rule of its column.
func culprit(ctx context.Context, r Request, tg *target, f file, names []fileColumn) *RowError {
	for i, c := range tg.columns {
		col := names[i]
		for _, rule := range rulesOf(c, col) {
			if re := locate(ctx, r, f, c, col, rule.broken); re != nil {
				re.Code, re.Reason, re.Position = rule.code, rule.reason, rule.position
				return re
			}
		}
	}
	return nil
}

// A columnRule is what the values of a column may not be: a condition on them, and what stl_load_errors says then.
type columnRule struct {
	broken         string
	code, position int
	reason         string
}

// rulesOf gives the rules of a column in the order in which they are judged.
func rulesOf(c *store.Column, col fileColumn) []columnRule {
	var list []columnRule
	name := engine.Ident(col.name)
	if c.NotNull {
		list = append(list, columnRule{name + " IS NULL", codeNotNull, 0, "Missing data for not-null field"})
	}
	if !c.Type.IsText() {
		return list
	}
	text := col.text()
	if col.binary {
		list = append(list, columnRule{name + " IS NOT NULL AND try(" + text + ") IS NULL", codeUTF8, 0,
			"String contains invalid or unsupported UTF8 codepoints"})
	}
	word := "String"
	if c.Type.Kind == typed.Char {
		word, text = "Char", "rtrim("+text+", ' ')"
		list = append(list, columnRule{"strlen(" + text + ") <> length(" + text + ")", codeUTF8, 0,
			"Multibyte character not supported for CHAR (Hint: try using VARCHAR)"})
	}
	if c.Type.Len > 0 {
		list = append(list, columnRule{fmt.Sprintf("strlen(%s) > %d", text, c.Type.Len), codeRange, c.Type.Len,
			word + " length exceeds DDL length"})
	}
	return list
}

// locate finds the first row of the file for which a condition holds; its number stands where a text file's line would.
func locate(ctx context.Context, r Request, f file, c *store.Column, col fileColumn, cond string) *RowError {
	rows, err := r.Conn.Query(ctx, "SELECT file_row_number + 1, "+engine.Ident(col.name)+" FROM "+scan([]file{f}, ", file_row_number=true")+
		" WHERE "+cond+" ORDER BY 1 LIMIT 1")
	if err != nil {
		return nil
	}
	defer rows.Close()
	chunk, err := rows.Next(ctx)
	if err != nil || chunk == nil || chunk.Size() == 0 {
		return nil
	}
	return &RowError{File: f.url, Line: chunk.Column(0).Int64(0), Column: c.Name, Type: baseName(c.Type), Length: lengthOf(c.Type),
		RawField: clipTo([]byte(chunk.Column(1).Text(0)), 1024), StartTime: r.Now}
}
