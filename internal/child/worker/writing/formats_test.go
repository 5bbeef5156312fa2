package writing

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/column"
	"penstock/internal/engine"
	"penstock/internal/serde"
)

var libraries = map[string][2]string{
	"parquet": {"ParquetHiveSerDe", ".zstd.parquet"},
	"orc":     {"OrcSerde", ".zstd.orc"},
	"json":    {"org.openx.data.jsonserde.JsonSerDe", ".json.gz"},
	"csv":     {"LazySimpleSerDe", ".csv.gz"},
}

func opened(t *testing.T, setup string) (*engine.Engine, string) {
	t.Helper()
	dir := t.TempDir()
	e, err := engine.Open(t.Context(), engine.Options{Threads: 2, MemoryLimit: 1 << 30, AllowedDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	c, err := e.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec(t.Context(), setup); err != nil {
		t.Fatal(err)
	}
	return e, dir
}

func target(t *testing.T, format string, keys ...task.Column) *reading.Source {
	t.Helper()
	table := task.Table{Database: "db", Name: "t", Location: "s3://b/t/", SerDe: libraries[format][0], PartitionKeys: keys,
		Columns:    []task.Column{{Name: "id", Type: "bigint"}, {Name: "name", Type: "string"}, {Name: "price", Type: "decimal(7,2)"}},
		Parameters: map[string]string{"parquet.compression": "ZSTD", "orc.compress": "ZSTD", "compressionType": "gzip"}}
	if format == "csv" {
		table.Parameters["classification"], table.SerDeParams = "csv", map[string]string{"field.delim": ","}
	} else {
		table.Columns = append(table.Columns, task.Column{Name: "tags", Type: "array<struct<k:string,n:int>>"})
	}
	s, err := reading.NewSource(table)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const rows = `CREATE TABLE out AS SELECT * FROM (VALUES
	(1::BIGINT, 'a,"b"', 1.50::DECIMAL(7,2), [{'k': 'x', 'n': 1::INTEGER}], DATE '2026-01-02', 'ü/x'),
	(2, NULL, NULL, NULL, NULL, 'y'), (3, '', -0.05, [], DATE '2026-01-02', 'ü/x'), (4, 'd', 9.00, [NULL], DATE '2026-01-01', NULL))
	v(id, name, price, tags, day, kind)`

// text is all rows of a file of the table, but for what CSV has not.
func text(t *testing.T, e *engine.Engine, s *reading.Source, path string) string {
	t.Helper()
	if s.Form.Kind == serde.Parquet {
		c, err := e.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		r, err := c.Query(t.Context(), "SELECT id, name, price, tags FROM read_parquet("+engine.Literal(path)+")")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		return all(t, column.NewBatch(s.Columns[:s.Data]), func(b *column.Batch) error { return r.NextBatch(t.Context(), b) })
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Form.Open(serde.Object{Name: path, Size: int64(len(data)), Data: bytes.NewReader(data)}, s.Columns[:s.Data], serde.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return all(t, column.NewBatch(s.Columns[:s.Data]), r.Next)
}

func all(t *testing.T, b *column.Batch, next func(*column.Batch) error) string {
	for {
		if err := next(b); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	var out []string
	for i := range b.Rows() {
		out = append(out, string(b.AppendJSON(nil, i)))
	}
	return strings.Join(out, "\n")
}

// TestFormats writes partitions in each format: the folders are Hive's, the rows those of the table.
func TestFormats(t *testing.T) {
	for format, want := range libraries {
		t.Run(format, func(t *testing.T) {
			e, dir := opened(t, rows)
			s := target(t, format, task.Column{Name: "day", Type: "date"}, task.Column{Name: "kind", Type: "string"})
			files, err := (&Writer{Engine: e, Table: "out", Target: s, Dir: dir, Prefix: "t/", Stem: "R-1"}).Write(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tags := []string{`,"tags":null`, `,"tags":[null]`, `,"tags":[{"k":"x","n":1}]`, `,"tags":[]`}
			if format == "csv" {
				tags = make([]string, 4)
			}
			lines := map[string]string{
				"day=__HIVE_DEFAULT_PARTITION__/kind=y":          `{"id":2,"name":null,"price":null` + tags[0] + "}",
				"day=2026-01-01/kind=__HIVE_DEFAULT_PARTITION__": `{"id":4,"name":"d","price":9.00` + tags[1] + "}",
				"day=2026-01-02/kind=ü%2Fx": `{"id":1,"name":"a,\"b\"","price":1.50` + tags[2] + "}\n" +
					`{"id":3,"name":"","price":-0.05` + tags[3] + "}",
			}
			if len(files) != len(lines) {
				t.Fatalf("%d files", len(files))
			}
			for _, f := range files {
				folder := strings.TrimSuffix(strings.TrimPrefix(f.Key, "t/"), "/R-1-0"+want[1])
				got := text(t, e, s, filepath.Join(dir, f.Name))
				if w := lines[folder]; got != w || int(f.Rows) != 1+strings.Count(got, "\n") {
					t.Errorf("%s (%v, %d rows) has\n%s, not\n%s", f.Key, f.Values, f.Rows, got, w)
				}
			}
		})
	}
}

// TestWhole writes a table without partitions, and one without rows.
func TestWhole(t *testing.T) {
	for format, want := range libraries {
		for rows, some := range map[string]bool{"range(5)": false, "range(0)": true, "range(0) ": false} {
			e, dir := opened(t, "CREATE TABLE out AS SELECT i AS id, 'n' || i AS name, "+
				"NULL::DECIMAL(7,2) AS price, NULL::STRUCT(k VARCHAR, n INTEGER)[] AS tags FROM "+rows+" t(i)")
			w := &Writer{Engine: e, Table: "out", Target: target(t, format), Dir: dir, Prefix: "t/", Stem: "R-1", Some: some}
			files, err := w.Write(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if rows == "range(0) " {
				if len(files) != 0 {
					t.Errorf("%v", files)
				}
				continue
			}
			if len(files) != 1 || files[0].Key != "t/R-1-0"+want[1] {
				t.Fatalf("%v", files)
			}
			got := text(t, e, w.Target, filepath.Join(dir, files[0].Name))
			if n := strings.Count(got, `"name":"n`); n != int(files[0].Rows) || some != (n == 0) {
				t.Errorf("%s: %d rows, %s", format, files[0].Rows, got)
			}
		}
	}
}

// TestNotWritable leaves nothing half-done behind an error, which names the value.
func TestNotWritable(t *testing.T) {
	e, dir := opened(t, "CREATE TABLE out AS SELECT i AS id, 'n' || chr(10 + (i < 3000)::INTEGER * 50) AS name, "+
		"NULL::DECIMAL(7,2) AS price FROM range(4000) t(i)")
	_, err := (&Writer{Engine: e, Table: "out", Target: target(t, "csv"), Dir: dir, Prefix: "t/", Stem: "R-1"}).Write(t.Context())
	want := "write the result: row 3001 of the file: column name: a value has a line end"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, not %s", err, want)
	}
}
