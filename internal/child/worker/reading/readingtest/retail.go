// Package readingtest has the tables that tests of reading share. It is for tests only.
package readingtest

import (
	"os"
	"path/filepath"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/testcorpus"
)

// Retail is the shop's raw table as a crawler describes it.
func Retail() task.Table {
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

// RetailFiles are its files in the corpus.
func RetailFiles(t testing.TB) []task.File {
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
	return files
}
