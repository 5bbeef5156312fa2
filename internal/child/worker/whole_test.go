package worker_test

import (
	"testing"

	"penstock/internal/job/jobtest"
)

// TestWholeTableHasTheRunsFiles reads a source whole while the partition of a file of the run is not registered: it landed after the crawl
// had begun. What no run has listed stays unseen.
func TestWholeTableHasTheRunsFiles(t *testing.T) {
	s := newShop(t)
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+"1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n"))
	plan := s.plan(t, "e")
	s.put(t, "raw", "orders/2010/12/02/b.csv.gz", zip(t, header+"2,B,y,2,2010-12-02 08:26:00,1.5,17850.0,France\n"))
	s.Table(t, "retail", "skus", "s3://curated/skus/", jobtest.Parquet, "sku string, month string", "", nil)
	s.good(t, "daily", "manifest", plan[0], "target", "skus", "sql", "SELECT StockCode AS sku, partition_1 AS month FROM orders")
	if got := s.query(t, "s3://curated/skus/", "SELECT * FROM t"); got != "A|12\n" {
		t.Errorf("got %q", got)
	}
}
