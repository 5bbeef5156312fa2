package rules

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is the limit for a line's characters, a tab being one.
const widest = 140

// notYet are the packages whose lines are still to be broken. The list only shrinks: one without long lines leaves it.
var notYet = []string{
	"examples", "internal/api", "internal/api/apitest", "internal/api/awsjson", "internal/api/checksum", "internal/api/door",
	"internal/api/form", "internal/api/query", "internal/api/rest", "internal/api/restxml", "internal/api/shapes", "internal/api/sigv4",
	"internal/api/xmlbody", "internal/arn", "internal/blob", "internal/catalog", "internal/certs", "internal/cli", "internal/crawl",
	"internal/delimited", "internal/job", "internal/job/jobtest", "internal/logstore", "internal/magic", "internal/meta",
	"internal/meta/doc", "internal/meta/due", "internal/meta/tag", "internal/metric", "internal/object", "internal/pipeline",
	"internal/pipeline/run", "internal/schema", "internal/server", "internal/service/cloudformation",
	"internal/service/cloudformation/resource", "internal/service/cloudformation/template", "internal/service/cloudwatch",
	"internal/service/glue", "internal/service/iam", "internal/service/logs",
	"internal/service/s3", "internal/service/sns", "internal/service/states",
	"internal/target", "internal/vfs", "test/bench/figures", "test/bench/s3",
	"test/bench/shapes", "test/bench/starts", "test/bench/states", "test/clients", "test/crash", "test/harness", "test/history",
	"test/retail",
}

func TestLinesAreShort(t *testing.T) {
	long := map[string]int{}
	for _, f := range source(t) {
		for _, n := range f.longLines() {
			long[f.pkg]++
			if !slices.Contains(notYet, f.pkg) {
				t.Errorf("%s:%d has more than %d characters", f.path, n, widest)
			}
		}
	}
	for _, pkg := range notYet {
		if long[pkg] == 0 {
			t.Logf("%s has no long lines any more: take it out of the list", pkg)
		}
	}
}

// longLines are the numbers of the lines that are too long and could be shorter. What cannot be broken is a word of its own line, as a URL,
// and a text in back quotes over several lines, whose newlines count.
func (f *file) longLines() []int {
	var out []int
	for i, line := range strings.Split(f.text, "\n") {
		if utf8.RuneCountInString(line) <= widest || unbreakable(line) {
			continue
		}
		out = append(out, i+1)
	}
	if len(out) == 0 {
		return nil
	}
	raw := map[int]bool{}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		from, to := f.fset.Position(lit.Pos()), f.fset.Position(lit.End())
		for l := from.Line; from.Line < to.Line && l <= to.Line; l++ {
			raw[l] = raw[l] || l > from.Line && l < to.Line || l == from.Line && from.Column <= widest || l == to.Line && to.Column > widest
		}
		return true
	})
	return slices.DeleteFunc(out, func(l int) bool { return raw[l] })
}

// unbreakable reports whether a line is one word, in quotes or behind // perhaps.
func unbreakable(line string) bool {
	return !strings.Contains(strings.TrimPrefix(strings.TrimSpace(line), "// "), " ")
}
