package parse

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"penstock/internal/sql/syntax"
)

func TestStatementsCorpus(t *testing.T) {
	dir := os.Getenv("PENSTOCK_CORPUS")
	if dir == "" {
		t.Skip("PENSTOCK_CORPUS is not set")
	}
	f, err := os.Open(filepath.Join(dir, "conformance/redshift/statements.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	accepted, other := 0, 0
	for sc.Scan() {
		var c struct{ ID, SQL string }
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		stmts, err := Redshift(c.SQL)
		if err != nil {
			t.Logf("%s: %v\n%s", c.ID, err, c.SQL)
			continue
		}
		accepted++
		for _, s := range stmts {
			if _, ok := s.(*syntax.Other); ok {
				other++
			}
		}
	}
	t.Logf("accepted %d, of which not run %d", accepted, other)
}
