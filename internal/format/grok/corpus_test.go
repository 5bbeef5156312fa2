package grok_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/format/grok"
	"penstock/internal/testcorpus"
)

// A real access log: every line but one that is cut off is combined_apache's, and its fields are those that cutting at quotes gives.
func TestRealAccessLog(t *testing.T) {
	f, err := os.Open(filepath.Join(testcorpus.Dir(t), "data", "weblog", "apache_access.log.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	log := grok.Logs()[0]
	if m, n := compile(t, log.Pattern, log.Custom).Share(text, true); m != 9999 || n != 10_000 {
		t.Errorf("%d of %d lines match", m, n)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	rows, found := read(t, string(text), log.Pattern, log.Custom, "clientip:string,request:string,response:int,bytes:string,referrer:string")
	if len(rows) != len(lines) || len(found) != 1 || !strings.Contains(found[0], "does not match the pattern") {
		t.Fatalf("%d rows of %d lines, found %q", len(rows), len(lines), found)
	}
	nulls := 0
	for i, line := range lines {
		if strings.HasPrefix(rows[i], `{"clientip":null`) {
			nulls++
			continue
		}
		host, _, _ := strings.Cut(line, " ")
		quoted := strings.Split(line, `"`)
		status := strings.Fields(quoted[2])
		for _, want := range []string{`{"clientip":"` + host + `","request":`, `"response":` + status[0] + `,"bytes":"` + status[1] + `",`} {
			if !strings.Contains(rows[i], want) {
				t.Fatalf("line %d: %s\nhas no %s in %s", i+1, line, want, rows[i])
			}
		}
	}
	if nulls != 1 {
		t.Errorf("%d rows are null", nulls)
	}
}
