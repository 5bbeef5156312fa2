package dialect_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoOneAsks: outside of this package nothing in sql asks which dialect it is: it has the fields of the one that it is given. A name
// of a dialect in an expression would be such a question.
func TestNoOneAsks(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			filepath.Base(filepath.Dir(path)) == "dialect" {
			return err
		}
		files++
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		for _, bad := range questions(f) {
			t.Errorf("%s: %s", set.Position(bad.Pos()), "a dialect is named here: give it a field of dialect.Dialect instead")
		}
		return nil
	})
	if err != nil || files < 40 {
		t.Fatalf("%d files read: %v", files, err)
	}
}

// questions finds dialect.Redshift, x.Redshift(), d == dialect.Spark, x.Name == "Redshift SQL" and their like.
func questions(f *ast.File) []ast.Node {
	var out []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			switch strings.ToLower(n.Sel.Name) {
			case "redshift", "spark", "trino":
				out = append(out, n)
			}
		case *ast.BasicLit:
			if n.Value == `"Redshift SQL"` || n.Value == `"Spark SQL"` {
				out = append(out, n)
			}
		}
		return true
	})
	return out
}

func TestAQuestionIsFound(t *testing.T) {
	src := "package p\nfunc f() bool { return b.Redshift() || p.redshift() || d == dialect.Spark || d.Name == \"Spark SQL\" }"
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", src, 0)
	if err != nil || len(questions(f)) != 4 {
		t.Fatalf("%v %v", questions(f), err)
	}
}
