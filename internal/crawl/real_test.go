package crawl

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"penstock/internal/catalog"
	"penstock/internal/object"
	"penstock/internal/testcorpus"
)

// TestRealInput crawls the files of a real shop. Whatever the columns are called, their types are the same.
func TestRealInput(t *testing.T) {
	for _, c := range []struct{ name, header, want string }{
		{"as they are", "", "invoiceno string, stockcode string, description string, quantity bigint, invoicedate string, unitprice double, " +
			"customerid double, country string"},
		{"renamed", "c1,c2,c3,c4,c5,c6,c7,c8", "c1 string, c2 string, c3 bigint, c4 string, c5 double, c6 double, c7 string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.header != "" {
				c.want = strings.Replace(c.want, "c3 bigint, c4 string", "c3 string, c4 bigint, c5 string", 1)
				c.want = strings.Replace(c.want, "c5 double, c6 double, c7 string", "c6 double, c7 double, c8 string", 1)
			}
			s := open(t, t.TempDir()).start()
			load(t, s, c.header)
			must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "shop"}))
			s.create(Crawler{Name: "cr", Role: "r", Database: "shop", Update: Log, Targets: []Target{{Path: "s3://raw/orders/"}}})
			begun := time.Now()
			got := s.crawl("cr")
			first := time.Since(begun)
			if got.Last.State != CrawlCompleted || got.Last.Summary != (Summary{TablesAdded: 1, PartitionsAdded: 305, Files: 305}) {
				t.Fatalf("%+v", got.Last)
			}
			table, err := s.catalog.Table(s.ctx, "shop", "orders")
			must(t, err)
			var columns []string
			for _, col := range table.Columns() {
				columns = append(columns, col.Name+" "+col.Type)
			}
			if strings.Join(columns, ", ") != c.want {
				t.Errorf("columns %v", columns)
			}
			if len(table.PartitionKeys) != 3 || table.PartitionKeys[2].Name != "partition_2" || table.Parameters["objectCount"] != "305" ||
				table.Parameters["recordCount"] == "" {
				t.Errorf("%+v", table)
			}
			begun = time.Now()
			if got = s.crawl("cr"); got.Last.Summary != (Summary{Files: 305}) {
				t.Errorf("the second crawl changed something: %+v", got.Last)
			}
			t.Logf("first crawl %v, second %v; %s records estimated", first, time.Since(begun), table.Parameters["recordCount"])
		})
	}
}

// load puts the real files under s3://raw/orders/yyyy/mm/dd/, with another header if one is given.
func load(t testing.TB, s *site, header string) {
	t.Helper()
	_, err := s.objects.CreateBucket(s.ctx, "raw", "", nil)
	must(t, err)
	root := filepath.Join(testcorpus.Dir(t), "data/online-retail")
	files, err := filepath.Glob(filepath.Join(root, "*/*/*/*.gz"))
	must(t, err)
	if len(files) != 305 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		must(t, err)
		if header != "" {
			data = withHeader(t, data, header)
		}
		rel, err := filepath.Rel(root, f)
		must(t, err)
		_, err = s.objects.Put(s.ctx, "raw", "orders/"+rel, bytes.NewReader(data), object.PutOptions{})
		must(t, err)
	}
}

func withHeader(t testing.TB, data []byte, header string) []byte {
	z, err := gzip.NewReader(bytes.NewReader(data))
	must(t, err)
	text, err := io.ReadAll(z)
	must(t, err)
	_, rows, _ := bytes.Cut(text, []byte("\n"))
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, 1)
	must(t, err)
	_, err = w.Write(append([]byte(header+"\n"), rows...))
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

func BenchmarkCrawl305(b *testing.B) {
	s := open(b, b.TempDir()).start()
	load(b, s, "")
	must(b, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "shop"}))
	s.create(Crawler{Name: "cr", Role: "r", Database: "shop", Update: Log, Targets: []Target{{Path: "s3://raw/orders/"}}})
	used := time.Duration(0)
	for b.Loop() {
		begun := processorTime(b)
		if c := s.crawl("cr"); c.Last.State != CrawlCompleted || c.Last.Summary.TablesAdded != 1 {
			b.Fatal(c.Last)
		}
		used += processorTime(b) - begun
		b.StopTimer()
		must(b, s.catalog.DeleteTable(s.ctx, "shop", "orders"))
		b.StartTimer()
	}
	b.ReportMetric(305*float64(b.N)/used.Seconds(), "files/cpu-s")
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
