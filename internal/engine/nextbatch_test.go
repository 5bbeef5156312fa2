package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/format/jsonrows"
	"penstock/internal/format/orc"
	"penstock/internal/schema"
)

// TestResultsOfExpressions reads results that DuckDB does not keep as plain arrays: constants and dictionaries within structs and lists.
func TestResultsOfExpressions(t *testing.T) {
	_, c := open(t, engine.Options{})
	if _, err := c.Exec(t.Context(), "CREATE TABLE s AS SELECT i::INTEGER AS i, ['a','b',NULL][1+i%3] AS x, {'n': i, 'l': [i, i+1]} AS st, "+
		"list_filter([i, i+1, i+2], lambda v: v % 3 <> 0) AS l, MAP {'k': i, 'j': NULL} AS m FROM range(2500) r(i)"); err != nil {
		t.Fatal(err)
	}
	for _, expr := range []string{
		"{'a': 1, 'b': i}", "{'a': x, 'b': 'constant text of some length'}", "{'a': {'b': 7, 'c': x}}", "[1, 2, 3]", "[x, 'y', x]",
		"[{'a': 1, 'b': i}]", "[{'a': x, 'b': st}]", "MAP {'k': x}", "MAP([i], [{'a': 5, 'l': l}])", "list_reverse(l)", "list_slice(l, 2, 3)",
		"l[1:1]", "list_transform(l, lambda v: {'v': v, 'i': i, 'one': 1})", "map_values(m)", "map_keys(m)", "map_entries(m)",
		"struct_insert(st, c := 'x', d := [1])", "list_concat(l, [7])", "list_sort(l, 'DESC')", "list_distinct(l)",
		"CASE WHEN i % 2 = 0 THEN st END", "CASE WHEN i % 7 = 0 THEN [st, NULL] ELSE [] END", "coalesce(NULL, st)",
		"{'a': NULL::INTEGER, 'b': NULL::VARCHAR[]}", "[NULL, {'a': NULL, 'b': 2}]", "str_split('a,b,c', ',')", "st", "l", "m", "x",
	} {
		for _, tail := range []string{"", " WHERE i % 5 = 2", " ORDER BY x, i", " WHERE i IN (SELECT i + 3 FROM s WHERE i % 11 = 0)"} {
			sql := "SELECT i, " + expr + " AS v FROM s" + tail
			got := queried(t, c, sql)
			// the same, put into a table first, and read from there
			if _, err := c.Exec(t.Context(), "CREATE OR REPLACE TABLE kept AS "+sql); err != nil {
				t.Fatal(err)
			}
			want := strings.Split(rows(t, c, "SELECT i, to_json(v)::VARCHAR FROM kept"), "\n")
			nullsGoDown(t, sql, got.Columns[1])
			if got.Rows() != len(want)-1 {
				t.Fatalf("%s: %d rows, not %d", sql, got.Rows(), len(want)-1)
			}
			for i := range got.Rows() {
				line := fmt.Sprintf("%d|%s", got.Columns[0].Ints[i], got.Columns[1].AppendJSON(nil, i))
				if line != strings.Replace(want[i], "|NULL", "|null", 1) {
					t.Errorf("%s: row %d is %s, not %s", sql, i, line, want[i])
					break
				}
			}
		}
	}
}

// nullsGoDown sees to it that the fields of a null are null.
func nullsGoDown(t *testing.T, sql string, v *column.Vector) {
	t.Helper()
	for _, p := range v.Parts {
		for i := range p.Len() {
			if v.Type.Kind == schema.Struct && v.Null[i] && !p.Null[i] {
				t.Errorf("%s: a field of a null struct has a value in row %d", sql, i)
				return
			}
		}
		nullsGoDown(t, sql, p)
	}
}

func TestTypesThatOnlyQueriesHave(t *testing.T) {
	_, c := open(t, engine.Options{})
	for _, x := range []struct{ sql, typ, json string }{
		{"255::UTINYINT", "smallint", "255"},
		{"65535::USMALLINT", "int", "65535"},
		{"4294967295::UINTEGER", "bigint", "4294967295"},
		{"18446744073709551615::UBIGINT", "decimal(20,0)", "18446744073709551615"},
		{"sum(9223372036854775807::BIGINT) OVER () FROM range(2) LIMIT 1", "decimal(38,0)", "18446744073709551614"},
		{"-99999999999999999999999999999999999999::HUGEINT", "decimal(38,0)", "-99999999999999999999999999999999999999"},
		{"'1969-12-31 23:59:59'::TIMESTAMP_S", "timestamp", `"1969-12-31 23:59:59"`},
		{"'1969-12-31 23:59:59.123'::TIMESTAMP_MS", "timestamp", `"1969-12-31 23:59:59.123"`},
		{"'1969-12-31 23:59:59.123456'::TIMESTAMP_NS", "timestamp", `"1969-12-31 23:59:59.123456"`},
		{"'2024-01-01 00:30:00+02'::TIMESTAMPTZ", "timestamp", `"2023-12-31 22:30:00"`},
		{"'7b5b1f3e-0001-4a5b-8c9d-00ff00ff00ff'::UUID", "string", `"7b5b1f3e-0001-4a5b-8c9d-00ff00ff00ff"`},
		{"['b', NULL]::ENUM('a','b')[]", "array<string>", `["b",null]`},
		{"'{\"a\": 1}'::JSON", "string", `"{\"a\": 1}"`},
		{"{'u': 7::UTINYINT, 'm': MAP {1::HUGEINT: 'x'}}", "struct<u:smallint,m:map<decimal(38,0),string>>", `{"u":7,"m":{"1":"x"}}`},
		{"DATE '5881580-07-10'", "date", `"5881580-07-10"`},
		{"-0.0::DECIMAL(18,1)", "decimal(18,1)", "0.0"},
	} {
		b := queried(t, c, "SELECT "+x.sql)
		if typ := b.Columns[0].Type.String(); typ != x.typ {
			t.Errorf("%s is %s, not %s", x.sql, typ, x.typ)
		}
		if got := string(b.Columns[0].AppendJSON(nil, 0)); got != x.json {
			t.Errorf("%s is %s, not %s", x.sql, got, x.json)
		}
	}
}

func TestResultsThatNoBatchHolds(t *testing.T) {
	_, c := open(t, engine.Options{})
	for sql, want := range map[string]string{
		"SELECT TIME '01:02:03' AS x":         "column x: TIME is no type of the Data Catalog: cast it in the query",
		"SELECT {'a': [INTERVAL 1 DAY]} AS x": "column x: column a: INTERVAL is no type of the Data Catalog: cast it in the query",
		"SELECT [1,2]::INTEGER[2] AS x":       "column x: DuckDB type 33 is no type of the Data Catalog: cast it in the query",
		"SELECT row(1) AS x":                  "column x: a field has no name: name it in the query",
	} {
		r, err := c.Query(t.Context(), sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if _, err := r.Fields(); err == nil || err.Error() != want {
			t.Errorf("%s: %v", sql, err)
		}
		r.Close()
	}
	for _, x := range []struct {
		sql, column, problem string
		row                  int64
	}{
		{"SELECT CASE WHEN i = 6 THEN '170141183460469231731687303715884105727' END::HUGEINT AS x FROM range(9) r(i)", "x",
			"170141183460469231731687303715884105727 is out of the range of decimal(38,0)", 7},
		{"SELECT CASE WHEN i >= 2050 THEN {'d': 'infinity'::DATE} END AS x FROM range(3000) r(i)", "x.d",
			"day 2147483647 since 1970-01-01 is out of the range of a date", 2051},
		{"SELECT {'a': [NULL, 'infinity'::DATE]} AS x", "x.a", "day 2147483647 since 1970-01-01 is out of the range of a date", 1},
		{"SELECT '-infinity'::TIMESTAMP AS x", "x",
			"microsecond -9223372036854775807 since 1970-01-01 is out of the range of a timestamp", 1},
		{"SELECT 'infinity'::TIMESTAMP_S AS x", "x", "a timestamp is out of range", 1},
		{"SELECT MAP {1: '1970-01-01 00:00:00.000000001'::TIMESTAMP_NS} AS x", "x", "a timestamp has nanoseconds: cast it in the query", 1},
	} {
		r, err := c.Query(t.Context(), x.sql)
		if err != nil {
			t.Fatalf("%s: %v", x.sql, err)
		}
		fields, err := r.Fields()
		if err != nil {
			t.Fatalf("%s: %v", x.sql, err)
		}
		b := column.NewBatch(fields)
		for err == nil {
			b.Reset()
			err = r.NextBatch(t.Context(), b)
		}
		var v *engine.ValueError
		if !errors.As(err, &v) || v.Row != x.row || v.Column != x.column || v.Problem != x.problem {
			t.Errorf("%s: %v", x.sql, err)
		}
		if err := b.Check(); err != nil || b.Rows() != 0 {
			t.Errorf("%s: a batch of %d rows after a fault: %v", x.sql, b.Rows(), err)
		}
		r.Close()
	}
}

func TestABatchThatIsNotTheResults(t *testing.T) {
	_, c := open(t, engine.Options{})
	for columns, want := range map[string]string{
		"a:int":                 "a batch has 1 columns, the result 2",
		"b:int,a:string":        "column 1 of a batch is b, of the result a",
		"a:bigint,b:string":     "column a of a batch is bigint, of the result INTEGER",
		"a:int,b:struct<x:int>": "column b of a batch is struct<x:int>, of the result VARCHAR",
		"A:int,B:varchar(2)":    "",
		"a:int,b:char(2)":       "",
	} {
		r, err := c.Query(t.Context(), "SELECT 1 AS a, 'x' AS b")
		if err != nil {
			t.Fatal(err)
		}
		err = r.NextBatch(t.Context(), column.NewBatch(fieldsOf(t, columns)))
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v", columns, err)
		}
		r.Close()
	}
}

// TestWritersTakeResults writes what a query gives as ORC and JSON, and reads it back.
func TestWritersTakeResults(t *testing.T) {
	_, c := open(t, engine.Options{})
	b := queried(t, c, "SELECT i::INTEGER AS id, CASE WHEN i % 3 > 0 THEN {'n': i * 1.5, 'tags': ['t' || i, NULL]} END AS s, "+
		"MAP {'k' || i: DATE '2024-02-29'} AS m, sum(i) OVER (ORDER BY i) AS total FROM range(5000) r(i)")
	fields := make([]schema.Field, len(b.Columns))
	for i, v := range b.Columns {
		fields[i] = schema.Field{Name: b.Names[i], Type: v.Type}
	}
	var file, lines bytes.Buffer
	w, err := orc.NewWriter(&file, fields, orc.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(b), w.Close()); err != nil {
		t.Fatal(err)
	}
	for i := range b.Rows() {
		lines.Write(jsonrows.AppendRow(nil, b, i))
	}
	fromORC, fromJSON := column.NewBatch(fields), column.NewBatch(fields)
	r, err := orc.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()), orc.Options{Columns: fields})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = r.Next(fromORC)
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	j, err := jsonrows.NewReader(&lines, fields, jsonrows.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = j.Next(fromJSON)
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	same(t, fromORC, b)
	same(t, fromJSON, b)
}
