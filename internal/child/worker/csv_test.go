package worker

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/engine"
	"penstock/internal/testcorpus"
)

// retailTable is the shop's raw table as a crawler describes it.
func retailTable() task.Table {
	return task.Table{
		Database: "retail", Name: "orders", Location: "s3://raw/orders/",
		Columns: []task.Column{{Name: "invoiceno", Type: "string"}, {Name: "stockcode", Type: "string"}, {Name: "description", Type: "string"},
			{Name: "quantity", Type: "bigint"}, {Name: "invoicedate", Type: "string"}, {Name: "unitprice", Type: "double"},
			{Name: "customerid", Type: "double"}, {Name: "country", Type: "string"}},
		PartitionKeys: []task.Column{{Name: "partition_0", Type: "string"}, {Name: "partition_1", Type: "string"},
			{Name: "partition_2", Type: "string"}},
		SerDe:       "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
		SerDeParams: map[string]string{"field.delim": ","},
		Parameters:  map[string]string{"classification": "csv", "skip.header.line.count": "1"},
	}
}

func retailParts(t testing.TB, s *source) []part {
	t.Helper()
	root := filepath.Join(testcorpus.Dir(t), "data/online-retail")
	names, err := filepath.Glob(filepath.Join(root, "*/*/*/*.gz"))
	if err != nil || len(names) != 305 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	var files []task.File
	for _, n := range names {
		rel, _ := filepath.Rel(root, n)
		info, err := os.Stat(n)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, task.File{Bucket: "raw", Key: "orders/" + filepath.ToSlash(rel), Path: n, Size: info.Size()})
	}
	parts, err := s.parts(files, every)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

func TestLoadRealFiles(t *testing.T) {
	s, err := newSource(retailTable())
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), engine.Options{Threads: 2, MemoryLimit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	parts := retailParts(t, s)
	got, err := loadCSV(t.Context(), e, "src", s, parts, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got.rows != 541909 || got.rejected != 0 {
		t.Errorf("%d rows, %d rejected", got.rows, got.rejected)
	}
	figures := text(t, e, `SELECT count(*), count(customerid), count(description), sum(quantity), count(*) FILTER (unitprice <= 0),
		count(DISTINCT _penstock_file), min(_penstock_line), min(partition_0), max(partition_2) FROM `+s.relation("src", parts, nil))
	if want := "541909|406829|540455|5176450|2517|305|2|2010|31\n"; figures != want {
		t.Errorf("got %s, want %s", figures, want)
	}
}

// text is a query's result, a row a line, columns parted by |.
func text(t testing.TB, e *engine.Engine, sql string) string {
	t.Helper()
	c, err := e.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b []byte
	for {
		ch, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ch == nil {
			return string(b)
		}
		for i := range ch.Size() {
			for k := range r.Columns() {
				if k > 0 {
					b = append(b, '|')
				}
				b = ch.Column(k).AppendText(b, i)
			}
			b = append(b, '\n')
		}
	}
}

func BenchmarkLoadRealFiles(b *testing.B) {
	s, err := newSource(retailTable())
	if err != nil {
		b.Fatal(err)
	}
	parts := retailParts(b, s)
	for b.Loop() {
		e, err := engine.Open(context.Background(), engine.Options{Threads: 2, MemoryLimit: 1 << 30})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := loadCSV(b.Context(), e, "src", s, parts, 2); err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
