package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/sql/typed"
)

// loadParquet loads columns by position. Types must match strictly, as on AWS: nothing is widened silently. Files whose columns are
// called the same are read by one statement.
func loadParquet(ctx context.Context, r Request, tg *target, all []file) (*Result, error) {
	res := &Result{}
	var names []string
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
func insertFiles(ctx context.Context, r Request, tg *target, all []file, names []string, res *Result) error {
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
func checkParquet(ctx context.Context, r Request, tg *target, f file) ([]string, error) {
	st, err := r.Conn.Prepare(ctx, "SELECT * FROM "+scan([]file{f}, ""))
	if err != nil {
		return nil, spectrum(fmt.Sprintf("File '%s' cannot be read as Parquet: %s", f.url, reason(err, f)))
	}
	defer st.Close()
	cols := st.Columns()
	if len(cols) != len(tg.columns) {
		return nil, &OptionError{fmt.Sprintf("Unmatched number of columns between table and file. Table columns: %d, Data columns: %d, File name: %s", len(tg.columns), len(cols), f.url), "XX000"}
	}
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
		if !fits(tg.columns[i].Type, c.Type) {
			return nil, spectrum(fmt.Sprintf("File '%s' has an incompatible Parquet schema for column '%s.%s'. Column type: %s, Parquet schema: optional %s %s",
				f.url, f.url, c.Name, strings.ToUpper(tg.columns[i].Type.String()), parquetName(c.Type), c.Name))
		}
	}
	return names, nil
}

func spectrum(context string) error {
	return &SchemaError{"Spectrum Scan Error", "error:  Spectrum Scan Error\ncode:      15007\ncontext:   " + context}
}

// reason is the first line of what the engine said, with the object's name in the place of the file's.
func reason(err error, f file) string {
	text := err.Error()
	var e *engine.Error
	if errors.As(err, &e) {
		text = e.Detail()
	}
	text, _, _ = strings.Cut(text, "\n")
	text = strings.Map(func(c rune) rune { // broken bytes of the file
		if unicode.IsPrint(c) {
			return c
		}
		return -1
	}, strings.ToValidUTF8(text, "?"))
	return strings.ReplaceAll(strings.TrimSpace(text), f.Path, f.url)
}

// fits says whether a Parquet column of the engine's type may be loaded into a column of type t.
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
func insertParquet(t *store.Table, tg *target, all []file, names []string) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + physical(t) + "(" + columnList(tg) + ") SELECT ")
	for i, c := range tg.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(valueSQL(c.Type, engine.Ident(names[i])))
	}
	b.WriteString(" FROM " + scan(all, ""))
	return b.String()
}

const tooLong = "penstock: too long"

func valueSQL(t typed.Type, col string) string {
	switch t.Kind {
	case typed.Char, typed.Varchar, typed.String:
		col = "CAST(" + col + " AS VARCHAR)"
		if t.Kind == typed.Char {
			col = "rtrim(" + col + ", ' ')"
		}
		if t.Len > 0 {
			return fmt.Sprintf("CASE WHEN strlen(%s) > %d THEN error('%s') ELSE %s END", col, t.Len, tooLong, col)
		}
	case typed.Timestamp:
		return "CAST(" + col + " AS TIMESTAMP)"
	case typed.Timestamptz:
		return "CAST(" + col + " AS TIMESTAMPTZ)"
	}
	return col
}

// explain finds the row that the engine refused. The transaction is lost by then, so it is rolled back: the file alone tells enough.
func explain(ctx context.Context, r Request, tg *target, all []file, names []string, err error) error {
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
			return spectrum(fmt.Sprintf("File '%s' cannot be read as Parquet: %s", f.url, reason(ferr, f)))
		}
	}
	return err
}

// readable reads all values of a file, whose pages may be broken though its footer is not.
func readable(ctx context.Context, r Request, tg *target, f file, names []string) error {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = valueSQL(tg.columns[i].Type, engine.Ident(n))
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
func culprit(ctx context.Context, r Request, tg *target, f file, names []string) *RowError {
	for i, c := range tg.columns {
		col := engine.Ident(names[i])
		if c.NotNull {
			if re := locate(ctx, r, f, c, col, col+" IS NULL"); re != nil {
				re.Code, re.Reason = codeNotNull, "Missing data for not-null field"
				return re
			}
		}
		if c.Type.Len > 0 {
			if re := locate(ctx, r, f, c, col, fmt.Sprintf("strlen(CAST(%s AS VARCHAR)) > %d", col, c.Type.Len)); re != nil {
				re.Code, re.Reason, re.Position = codeRange, "String length exceeds DDL length", c.Type.Len
				return re
			}
		}
	}
	return nil
}

// locate finds the first row of the file for which a condition holds; its number stands where a text file's line would.
func locate(ctx context.Context, r Request, f file, c *store.Column, col, cond string) *RowError {
	rows, err := r.Conn.Query(ctx, "SELECT file_row_number + 1, "+col+" FROM "+scan([]file{f}, ", file_row_number=true")+" WHERE "+cond+" ORDER BY 1 LIMIT 1")
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
