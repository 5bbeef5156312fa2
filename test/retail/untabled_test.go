package retail

import (
	"path/filepath"
	"testing"

	"penstock/test/harness"
)

// TestRaggedLineOfACrawledFile lands a file of words, of which the crawler makes no table, and a small file with one ragged line, of which
// it makes one: the run says from which file and line it cannot go on; without that line all is well.
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
	for _, c := range []struct {
		text string
		want []string
	}{
		{"id,n,x\nsome words\nand more of them\n", []string{"the crawler has made no table of t:", "/t/a.csv has ",
			"type: penstock land t --remove NAME"}},
		{"id,n,x\n1,a,b\n2,b\n3,c,d\n", []string{"/t/a.csv: line 3, column \"x\"", "the line has 2 values",
			"penstock land t --remove a.csv"}},
	} {
		writeFile(t, file, []byte(c.text))
		r := harness.Run(t, dir, nil, "run", "--input", "in")
		wantMessage(t, r, c.want...)
		if r.Code != 1 {
			t.Errorf("code %d", r.Code)
		}
		harness.MustRun(t, dir, nil, "land", "t", "--remove", "a.csv")
	}
	writeFile(t, file, []byte("id,n,x\n1,a,b\n2,b,k\n3,c,d\n"))
	harness.MustRun(t, dir, nil, "run", "--input", "in")
	if r := harness.MustRun(t, dir, nil, "query", "SELECT count(*) FROM w.o"); r.Stdout != "count\n3\n" {
		t.Errorf("loaded: %s", r.Stdout)
	}
}
