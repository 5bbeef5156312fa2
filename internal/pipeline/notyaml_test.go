package pipeline

import (
	"strings"
	"testing"
	"time"
)

const goodYAML = `pipeline: shop
buckets:
  raw: {versioning: true}
  curated: {}
sources:
  orders:
    s3: raw/orders/
    format: csv
    columns: {
      a: int,
      b: int
    }
transforms:
  x:
    sql: SELECT 1 AS a
    to: curated/x/
`

// TestNotYAMLHasItsLine breaks a line of a good file in the ways in which people do; the problem is placed there.
func TestNotYAMLHasItsLine(t *testing.T) {
	if _, err := Parse(".", goodYAML, nil); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ name, old, new, want string }{
		{"open brace", "true}", "true", "pipeline.yaml:3:3: not YAML: a { is not closed"},
		{"tab", "    s3: raw", "\ts3: raw", "pipeline.yaml:7:1: not YAML: a tab"},
		{"colon in a value", "SELECT 1 AS a", "SELECT 1: 2", "pipeline.yaml:15:5: not YAML: a \": \""},
		{"open quote", "SELECT 1 AS a", "'SELECT 1", "pipeline.yaml:15:5: not YAML: a quote is not closed"},
		{"indented less", "    format", "   format", "pipeline.yaml:8:4: not YAML: a key"},
		{"indented more", "    to: cur", "      to: cur", "pipeline.yaml:16:7: not YAML: a \": \""},
		{"no colon", "  orders:", "  orders", "pipeline.yaml:7:5: not YAML: a \": \""},
		{"first line", "pipeline: shop", "pipeline: : x", "pipeline.yaml:1:1: not YAML: a \": \""},
		{"missing comma", "a: int,", "a: int", "pipeline.yaml:"},
		{"a sign", "curated/x/", "@x", "pipeline.yaml:16:5: not YAML: a tab, @"},
		{"open bracket at the end", "curated/x/\n", "curated/x/\nreport: [a, b\n", "pipeline.yaml:17:1: not YAML: a [ is not closed"},
	} {
		text := strings.Replace(goodYAML, x.old, x.new, 1)
		_, err := Parse(".", text, nil)
		if err == nil || !strings.HasPrefix(err.Error(), x.want) {
			t.Errorf("%s: %v, want %s", x.name, err, x.want)
		}
	}
}

// TestNotYAMLIsBounded looks for a mistake in a long file that is one quote from its second line on.
func TestNotYAMLIsBounded(t *testing.T) {
	text := "pipeline: x\na: 'open\n" + strings.Repeat("  b: c\n", 50000)
	began := time.Now()
	if _, err := Parse(".", text, nil); err == nil {
		t.Error("it is read")
	}
	t.Logf("%v", time.Since(began))
}
