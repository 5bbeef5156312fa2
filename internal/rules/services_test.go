package rules

import (
	"go/ast"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestSharedCodeNamesNoService looks for the names of services in what they all share: what one service needs, it says in its
// api.Service, or its shape table does. Package sigv4 is left out: that S3's paths are escaped once and its bodies are named in a
// header is the signature's own rule, not Penstock's.
func TestSharedCodeNamesNoService(t *testing.T) {
	names := map[string]bool{}
	entries, err := os.ReadDir("../api/shapes/tables")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json.gz"); ok {
			names[name] = true
		}
	}
	for _, f := range source(t) {
		if f.test || !within(f.pkg, "internal/api", "internal/server") || within(f.pkg, "internal/api/sigv4") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			if l, ok := n.(*ast.BasicLit); ok {
				if text, err := strconv.Unquote(l.Value); err == nil && names[text] {
					t.Errorf("%s names the service %s", f.path, text)
				}
			}
			return true
		})
	}
}
