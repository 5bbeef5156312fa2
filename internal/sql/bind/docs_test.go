package bind_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
)

var update = flag.Bool("update", false, "write docs/sql.md anew")

const (
	docPath = "../../../docs/sql.md"
	begin   = "<!-- functions: written by go test ./internal/sql/bind -update -->\n"
)

// TestDocsListTheFunctions keeps the lists of docs/sql.md true.
func TestDocsListTheFunctions(t *testing.T) {
	var b strings.Builder
	for _, d := range []*dialect.Dialect{dialect.Spark, dialect.Redshift} {
		scalar, aggregate := d.Listed()
		for _, list := range []struct {
			what  string
			names []string
		}{{"functions", scalar}, {"aggregate and window functions", aggregate}} {
			fmt.Fprintf(&b, "\n### %s: %d %s\n\n%s\n", d, len(list.names), list.what, strings.Join(list.names, ", "))
		}
	}
	data, err := os.ReadFile(docPath)
	if err != nil {
		t.Fatal(err)
	}
	head, have, ok := strings.Cut(string(data), begin)
	if !ok {
		t.Fatalf("%s has no line %q", docPath, begin)
	}
	if have == b.String() {
		return
	}
	if !*update {
		t.Fatalf("the lists of %s are not those of the code: run with -update", docPath)
	}
	if err := os.WriteFile(docPath, []byte(head+begin+b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
