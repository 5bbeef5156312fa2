package print

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// TestThePrinterKnowsNoDialect reads the imports: the typed tree is all that reaches this package.
func TestThePrinterKnowsNoDialect(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range tree.Imports {
			if path := strings.Trim(i.Path.Value, `"`); strings.HasPrefix(path, "penstock/") && path != "penstock/internal/sql/typed" {
				t.Errorf("%s imports %s", f, path)
			}
		}
	}
}

// TestEveryOperationHasText looks each operation of the function tables up.
func TestEveryOperationHasText(t *testing.T) {
	for _, d := range []*dialect.Dialect{dialect.Spark, dialect.Redshift} {
		for _, f := range d.Functions() {
			for _, r := range f.Signatures {
				if f.Kind != dialect.Scalar {
					continue
				}
				c := &typed.Call{Op: r.Op, Ty: typed.Ty{T: typed.T(typed.Varchar)}}
				for range r.Args {
					c.Args = append(c.Args, &typed.Literal{Ty: typed.Ty{T: typed.T(typed.Int)}, Text: "1"})
				}
				p := &printer{}
				if p.call(c); p.err != nil {
					t.Errorf("%s: %v", r, p.err)
				}
			}
		}
	}
}

func TestTextIsQuoted(t *testing.T) {
	s := &typed.Select{Items: []typed.Expr{&typed.Literal{Ty: typed.Ty{T: typed.T(typed.Varchar)}, Text: "it's; --"}},
		Columns: []typed.Column{{Name: `a"b`}}}
	s.From = &typed.Scan{Relation: typed.Relation{Name: []string{"t"}}, Alias: `x"y`}
	got, err := DuckDB(&typed.Query{Body: s, Columns: s.Columns}, func(r typed.Relation) string { return Ident(r.Name[0]) })
	if want := `SELECT 'it''s; --' AS "a""b" FROM "t" AS "x""y"`; err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
}

// TestOrderSaysWhereNullsGo keeps the engine's own default out of every sort.
func TestOrderSaysWhereNullsGo(t *testing.T) {
	p := &printer{}
	ref := &typed.OutputRef{N: 2}
	got := p.order([]typed.Order{{X: ref}, {X: ref, Desc: true, NullsFirst: true},
		{X: &typed.Literal{Ty: typed.Ty{T: typed.T(typed.Int)}, Text: "5"}}})
	if want := "2 ASC NULLS LAST, 2 DESC NULLS FIRST"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDecimalQuotientsUseIntegers(t *testing.T) {
	dec := func(p, s int, text string) typed.Expr {
		return &typed.Literal{Ty: typed.Ty{T: typed.Dec(p, s)}, Text: text}
	}
	p := &printer{}
	got := p.call(&typed.Call{Op: "div_decimal_round", Ty: typed.Ty{T: typed.Dec(10, 6)},
		Args: []typed.Expr{dec(3, 2, "1.50"), dec(2, 1, "0.7")}})
	if strings.Contains(got, "DOUBLE") || !strings.Contains(got, "div_half_up(") || !strings.HasSuffix(got, "AS DECIMAL(10,6))") {
		t.Error(got)
	}
}
