package rules

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestEveryPackageIsDocumented(t *testing.T) {
	doc := map[string]string{}
	for _, f := range source(t) {
		if f.test {
			continue
		}
		doc[f.pkg] += f.ast.Doc.Text()
	}
	for pkg, text := range doc {
		if len(text) < 60 {
			t.Errorf("%s has no package comment that says what it is and is not", pkg)
		}
	}
}

// onlyIn lists calls that belong to few packages, with the reason.
var onlyIn = []struct {
	pkg, name string
	folders   []string
	why       string
}{
	{"time", "Now", []string{"internal/clock"}, "tests never sleep: ask a clock.Clock"},
	{"time", "Since", []string{"internal/clock"}, "tests never sleep: ask a clock.Clock"},
	{"time", "Sleep", []string{"internal/clock"}, "tests never sleep: clock.Sleep"},
	{"time", "After", []string{"internal/clock"}, "tests never sleep: ask a clock.Clock"},
	{"time", "NewTimer", []string{"internal/clock"}, "tests never sleep: ask a clock.Clock"},
	{"time", "NewTicker", []string{"internal/clock"}, "tests never sleep: ask a clock.Clock"},
	{"os", "Getenv", []string{"cmd", "internal/cli", "internal/testcorpus"}, "settings come as parameters"},
	{"os", "LookupEnv", []string{"cmd", "internal/cli", "internal/testcorpus"}, "settings come as parameters"},
	{"context", "Background", []string{"cmd", "internal/cli", "internal/server"}, "the caller's context ends the work"},
	{"context", "TODO", nil, "the caller's context ends the work"},
	{"slog", "Default", []string{"cmd"}, "one logger, passed in"},
	{"slog", "Info", []string{"cmd"}, "one logger, passed in"},
	{"slog", "Error", []string{"cmd"}, "one logger, passed in"},
}

// onlyImport lists packages that few may import.
var onlyImport = []struct {
	path    string
	folders []string
}{
	{"math/rand", []string{"internal/id"}},
	{"math/rand/v2", []string{"internal/id"}},
	{"crypto/rand", []string{"internal/id"}},
	{"modernc.org/sqlite", []string{"internal/meta"}},
	{"unsafe", []string{"internal/engine"}},
}

func TestCallsThatOnlyOnePackageMakes(t *testing.T) {
	for _, f := range source(t) {
		if f.test || within(f.pkg, "test") || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		for _, imp := range f.ast.Imports {
			for _, rule := range onlyImport {
				if strings.Trim(imp.Path.Value, `"`) == rule.path && !within(f.pkg, rule.folders...) {
					t.Errorf("%s imports %s: only %v may", f.path, rule.path, rule.folders)
				}
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := sel.X.(*ast.Ident)
			if !ok || id.Obj != nil {
				return true
			}
			for _, rule := range onlyIn {
				if id.Name == rule.pkg && sel.Sel.Name == rule.name && !within(f.pkg, rule.folders...) {
					t.Errorf("%s: %s.%s: %s", f.fset.Position(n.Pos()), rule.pkg, rule.name, rule.why)
				}
			}
			return true
		})
	}
}

func TestNoInit(t *testing.T) {
	for _, f := range source(t) {
		if f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function: build things where they are used", f.path)
			}
		}
	}
}

// TestContextComesFirst keeps contexts first in parameter lists and out of structs.
func TestContextComesFirst(t *testing.T) {
	isContext := func(e ast.Expr) bool {
		sel, ok := e.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		id, ok := sel.X.(*ast.Ident)
		return ok && id.Name == "context" && sel.Sel.Name == "Context"
	}
	for _, f := range source(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StructType:
				for _, field := range n.Fields.List {
					if isContext(field.Type) {
						t.Errorf("%s: a context is stored in a struct", f.fset.Position(field.Pos()))
					}
				}
			case *ast.FuncType:
				for i, p := range n.Params.List {
					if i > 0 && isContext(p.Type) && !isTesting(n.Params.List[0].Type) {
						t.Errorf("%s: the context is not the first parameter", f.fset.Position(p.Pos()))
					}
				}
			}
			return true
		})
	}
}

func isTesting(e ast.Expr) bool {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == "testing"
}

// longest is the limit for a function's lines.
const longest = 70

func TestFunctionsAreShort(t *testing.T) {
	for _, f := range source(t) {
		if f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if n := lines(f.fset, fn); n > longest {
				t.Errorf("%s: %s has %d lines, %d are allowed", f.path, fn.Name.Name, n, longest)
			}
		}
	}
}

func lines(fset *token.FileSet, n ast.Node) int {
	return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1
}

func TestFilesAndPackagesAreSmall(t *testing.T) {
	size := map[string]int{}
	for _, f := range source(t) {
		if f.lines > 600 {
			t.Errorf("%s has %d lines, 600 are allowed", f.path, f.lines)
		}
		if !f.test {
			size[f.pkg] += f.lines
		}
	}
	for pkg, n := range size {
		if n > 4000 {
			t.Errorf("%s has %d lines, 4000 are allowed: split it", pkg, n)
		}
	}
}

// TestPatternsAreCompiledWhenUsed refuses regular expressions that package variables compile, which every start of the program pays for,
// and compiles those that are left for later, so that a wrong one is found here.
func TestPatternsAreCompiledWhenUsed(t *testing.T) {
	lazy := 0
	for _, f := range source(t) {
		if f.test || within(f.pkg, "test") || strings.HasSuffix(f.pkg, "test") {
			continue
		}
		depth := 0 // of functions: what stands in none runs at the start
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				depth = 1
			case *ast.GenDecl:
				if n.Tok == token.VAR && n.Pos() > 0 && slices.Contains(f.ast.Decls, ast.Decl(n)) {
					depth = 0
				}
			case *ast.FuncLit:
				return depth > 0
			case *ast.CallExpr:
				switch name := calls(n); {
				case name == "regexp.MustCompile" && depth == 0:
					t.Errorf("%s compiles a regular expression at the start: use pattern.Lazy", f.path)
				case name == "pattern.Lazy":
					lazy++
					if err := compiles(n.Args[0]); err != nil {
						t.Errorf("%s: %v", f.path, err)
					}
				}
			}
			return true
		})
	}
	if lazy < 10 {
		t.Errorf("only %d lazy patterns found", lazy)
	}
}

// compiles tries a constant; what is put together at run time has tests of its own.
func compiles(arg ast.Expr) error {
	expr, ok := constant(arg)
	if !ok {
		return nil
	}
	_, err := regexp.Compile(expr)
	return err
}

// constant is the value of a text that is written out, in several parts perhaps.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		l, left := constant(e.X)
		r, right := constant(e.Y)
		return l + r, left && right && e.Op == token.ADD
	}
	return "", false
}

// calls is "pkg.Name" of a call of another package's function, else "".
func calls(c *ast.CallExpr) string {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return id.Name + "." + sel.Sel.Name
}
