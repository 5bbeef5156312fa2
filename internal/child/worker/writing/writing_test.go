package writing

import (
	"fmt"
	"os"
	"testing"
	"time"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading"
	"penstock/internal/child/worker/reading/readingtest"
	"penstock/internal/engine"
)

// TestWriteRealRows cleans the shop's rows as the example does and writes them by day: the figures must come back from the files.
func TestWriteRealRows(t *testing.T) {
	s, err := reading.NewSource(readingtest.Retail())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	e, err := engine.Open(t.Context(), engine.Options{Threads: 2, MemoryLimit: 1 << 30, AllowedDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	parts, err := s.Parts(readingtest.RetailFiles(t), func(task.File) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if _, err := reading.Load(t.Context(), e, "src", s, parts, 2); err != nil {
		t.Fatal(err)
	}
	t.Logf("load %v", time.Since(begin))
	begin = time.Now()
	c, _ := e.Conn(t.Context())
	defer c.Close()
	if _, err := c.Exec(t.Context(), `CREATE TABLE out AS SELECT invoiceno, stockcode, description, quantity, invoicedate::TIMESTAMP AS at,
		unitprice::DECIMAL(12,3) AS price,
		customerid::BIGINT AS customer, country, invoicedate[1:10]::DATE AS day, 'RUN' AS _run FROM `+s.Relation("src", parts, nil)+`
		WHERE invoiceno NOT LIKE 'C%' AND quantity > 0 AND unitprice > 0`); err != nil {
		t.Fatal(err)
	}
	t.Logf("select %v", time.Since(begin))
	begin = time.Now()
	target := task.Table{Name: "clean", Location: "s3://curated/clean/", SerDe: "ParquetHiveSerDe",
		PartitionKeys: []task.Column{{Name: "day", Type: "date"}}}
	for _, n := range []string{"invoiceno", "stockcode", "description"} {
		target.Columns = append(target.Columns, task.Column{Name: n, Type: "string"})
	}
	target.Columns = append(target.Columns, task.Column{Name: "quantity", Type: "bigint"}, task.Column{Name: "at", Type: "timestamp"},
		task.Column{Name: "price", Type: "decimal(12,3)"}, task.Column{Name: "customer", Type: "bigint"},
		task.Column{Name: "country", Type: "string"})
	ts, err := reading.NewSource(target)
	if err != nil {
		t.Fatal(err)
	}
	w := &Writer{Engine: e, Table: "out", Target: ts, Dir: dir, Prefix: "clean/", Stem: "RUN-000001"}
	files, err := w.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("write %d files in %v", len(files), time.Since(begin))
	if len(files) != 305 || files[0].Key != "clean/day=2010-12-01/RUN-000001-0.snappy.parquet" {
		t.Errorf("%d files, the first is %+v", len(files), files[0])
	}
	var back []reading.Part
	for _, f := range files {
		back = append(back, reading.Part{File: task.File{Path: dir + "/" + f.Name}, Values: f.Values, Form: ts.Form})
	}
	have, rows, err := ts.ParquetColumns(t.Context(), e, back)
	if err != nil || rows != 530104 || have["day"] != engine.DateType || have["day"] == have["at"] {
		t.Errorf("%d rows, columns %v, %v", rows, have, err)
	}
	got, err := c.Texts(t.Context(), "SELECT sum(price * quantity), count(DISTINCT invoiceno), count(DISTINCT customer), max(day) FROM "+
		ts.Relation("", back, have))
	if err != nil {
		t.Fatal(err)
	}
	row := ""
	for _, v := range got[0] {
		row += *v + "|"
	}
	if want := "10666684.544|19960|4338|2011-12-09|"; row != want {
		t.Errorf("got %s, want %s", row, want)
	}
	if info, err := os.Stat(dir + "/" + files[0].Name); err != nil || info.Size() == 0 {
		t.Error(fmt.Sprint(info, err))
	}
}

func TestEscapedFolders(t *testing.T) {
	for in, want := range map[string]string{"2010-12-01": "2010-12-01", "a b": "a b", "a/b": "a%2Fb", "50%": "50%25",
		"x=y": "x%3Dy", "ü": "ü", "": ""} {
		if got := escapeValue(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
