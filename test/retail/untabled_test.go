package retail

import (
	"path/filepath"
	"testing"

	"penstock/test/harness"
)

// TestRaggedLineOfACrawledFile lands a small file with one ragged line: the crawler makes no table of it, and the run says from
// which file and line; without that line all is well.
func TestRaggedLineOfACrawledFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "pipeline.yaml"), []byte(`pipeline: rag
buckets: {raw: {versioning: true}, curated: {}}
sources:
  t: {s3: raw/t/, format: csv, crawl: {}}
transforms:
  o: {sql: "SELECT CAST(id AS int) AS id FROM STREAM t", to: curated/o/}
warehouse:
  w.o: {from: o}
`))
	file := filepath.Join(dir, "in/a.csv")
	writeFile(t, file, []byte("id,n,x\n1,a,b\n2,b\n3,c,d\n"))
	r := harness.Run(t, dir, nil, "run", "--input", "in")
	wantMessage(t, r, "the crawler has made no table of t:", "/t/a.csv line 3 has 2 fields where the first line has 3",
		"type: penstock land t --remove NAME")
	if r.Code != 1 {
		t.Errorf("code %d", r.Code)
	}
	harness.MustRun(t, dir, nil, "land", "t", "--remove", "a.csv")
	writeFile(t, file, []byte("id,n,x\n1,a,b\n2,b,k\n3,c,d\n"))
	harness.MustRun(t, dir, nil, "run", "--input", "in")
	if r := harness.MustRun(t, dir, nil, "query", "SELECT count(*) FROM w.o"); r.Stdout != "count\n3\n" {
		t.Errorf("loaded: %s", r.Stdout)
	}
}
