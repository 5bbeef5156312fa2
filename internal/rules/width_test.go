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

func TestLinesAreShort(t *testing.T) {
	for _, f := range source(t) {
		for _, n := range f.longLines() {
			t.Errorf("%s:%d has more than %d characters", f.path, n, widest)
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
