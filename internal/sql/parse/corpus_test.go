package parse

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"penstock/internal/sql/syntax"
	"penstock/internal/testcorpus"
)

// accepted is how many of the corpus' statements are read; it may only grow. The three others are mistakes of the corpus itself: a
// trailing comma, an alias inside of an expression, a type in another schema.
const accepted = 612

func corpus(t testing.TB) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(testcorpus.Dir(t), "conformance/redshift/statements.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	out := map[string]string{}
	for sc.Scan() {
		var c struct{ ID, SQL string }
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out[c.ID] = c.SQL
	}
	return out
}

func TestCorpus(t *testing.T) {
	read, notRun := 0, 0
	for id, sql := range corpus(t) {
		stmts, err := redshift(sql)
		if err != nil {
			t.Logf("%s: %v", id, err)
			continue
		}
		read++
		for _, s := range stmts {
			if o, ok := s.(*syntax.Other); ok {
				notRun++
				if o.What == "" {
					t.Errorf("%s is of a kind without a name", id)
				}
			}
		}
	}
	t.Logf("%d read, %d of them are known and not run", read, notRun)
	if read < accepted {
		t.Errorf("%d statements are read, it were %d", read, accepted)
	}
}

// TestCorpusAltered puts a token that fits nowhere behind every statement: then none is read.
func TestCorpusAltered(t *testing.T) {
	for id, sql := range corpus(t) {
		if _, err := redshift(sql + "\n)"); err == nil {
			t.Errorf("%s is read with a parenthesis too many", id)
		}
	}
}
