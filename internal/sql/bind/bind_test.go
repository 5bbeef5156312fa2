package bind_test

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// one binds a text that is one statement.
func one(t *testing.T, d *dialect.Dialect, text string, o bind.Options) (*bind.Bound, error) {
	t.Helper()
	stmts, err := read(text, d)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	o.Dialect, o.Text = d, text
	if o.Lookup == nil {
		o.Lookup = lookup
	}
	return bind.Statement(stmts[0], o)
}

func params(b *bind.Bound) string {
	var out []string
	for i, p := range b.Params {
		out = append(out, strings.TrimSpace(b.ParamNames[i]+" "+p.String()))
	}
	return strings.Join(out, ", ")
}

func TestParametersGetTheTypeOfTheirPlace(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT a FROM t WHERE a = $1 AND d < $2":                  "integer, date",
		"SELECT a FROM t WHERE $2 = b AND c BETWEEN $1 AND $3":     "decimal(38,10), varchar, decimal(38,10)",
		"SELECT a FROM t WHERE a IN ($1, $2)":                      "integer, integer",
		"INSERT INTO t (a, b, d) VALUES ($1, $2, $3)":              "integer, varchar, date",
		"UPDATE t SET c = $1 WHERE a = $2":                         "decimal(10,2), integer",
		"SELECT $1::smallint, $2":                                  "smallint, varchar",
		"SELECT upper($1), a + $2, coalesce($3, d) FROM t":         "varchar, integer, date",
		"SELECT a FROM t LIMIT $1 OFFSET $2":                       "bigint, bigint",
		"SELECT a FROM t WHERE b = :name AND a = :id OR b = :name": "name varchar, id integer",
		"SELECT a FROM t WHERE b LIKE :p":                          "p varchar",
	} {
		b, err := one(t, dialect.Redshift, sql, bind.Options{})
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if got := params(b); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
	b, err := one(t, dialect.Redshift, "SELECT $1, $2", bind.Options{Params: []typed.Type{typed.T(typed.Bigint), typed.T(typed.Date)}})
	if err != nil || params(b) != "bigint, date" || b.Columns[1].Type.Kind != typed.Date {
		t.Errorf("declared types: %v %v", b, err)
	}
}

func TestTextParametersAreFitted(t *testing.T) {
	b, err := one(t, dialect.Redshift, "INSERT INTO t (b) VALUES ($1)", bind.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := print.DuckDB(b.Statement, relation)
	if err != nil || !strings.Contains(text, "penstock_fn.fit_bytes(CAST($1 AS VARCHAR), 10,") {
		t.Errorf("%s %v", text, err)
	}
}

func TestUnknownColumnsAskForACast(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT u FROM t": `line 1, column 8: ` +
			`the type of output column "u" depends on a column whose type is not known: write CAST(... AS type)`,
		"SELECT a, u + 1 AS n FROM t": `line 1, column 13: ` +
			`the type of output column "n" depends on a column whose type is not known: write CAST(... AS type)`,
		"SELECT CAST(u AS decimal(10,2)) AS x FROM t":                                 "x decimal(10,2)",
		"SELECT upper(u) AS x, u > 3 AS y FROM t":                                     "x string, y boolean",
		"SELECT count(u) AS n FROM t WHERE u LIKE 'a%'":                               "n bigint",
		"SELECT CASE WHEN u = 1 THEN 'a' END AS x FROM t WHERE u > 0 AND NOT u = 'x'": "x string",
	} {
		b, err := one(t, dialect.Spark, sql, bind.Options{})
		got := ""
		switch {
		case err != nil:
			got, _, _ = strings.Cut(err.Error(), "\n")
		default:
			var cols []string
			for _, c := range b.Columns {
				cols = append(cols, fmt.Sprintf("%s %s", c.Name, c.Type))
			}
			got = strings.Join(cols, ", ")
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", sql, got, want)
		}
	}
}

func TestRelationsAreListedOnce(t *testing.T) {
	b, err := one(t, dialect.Spark, "SELECT x.a FROM STREAM t x JOIN t y ON x.a = y.a JOIN t z ON z.a = y.a", bind.Options{})
	if err != nil || len(b.Relations) != 2 || !b.Relations[0].Stream || b.Relations[1].Stream {
		t.Errorf("%+v %v", b, err)
	}
}

func TestWhatTheEngineDoesNotRun(t *testing.T) {
	for _, sql := range []string{"COPY t FROM 's3://b/k'", "SET a TO b", "GRANT ALL ON t TO u", "VACUUM", "BEGIN", "SHOW x",
		"COMMENT ON TABLE t IS 'x'"} {
		if _, err := one(t, dialect.Redshift, sql, bind.Options{}); err != bind.ErrNotBindable {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestSessionAnswers puts what a session knows in the place of what was written. The output keeps the name of that.
func TestSessionAnswers(t *testing.T) {
	known := bind.Session{
		Expr: func(x syntax.Expr) (syntax.Expr, *syntax.Error) {
			f, ok := x.(*syntax.Func)
			switch {
			case ok && f.Name.Last().Name == "outer_one":
				f := *f
				f.Name = syntax.Name{{Name: "inner_one"}}
				return &f, nil
			case ok && f.Name.Last().Name == "inner_one":
				return &syntax.Literal{Node: syntax.Node{At: f.At}, Kind: syntax.Int, Text: "7"}, nil
			case ok && f.Name.Last().Name == "nobody":
				return nil, syntax.ErrorOf(syntax.NoFunction, f.At, "nobody knows")
			}
			return nil, nil
		},
	}
	b, err := one(t, dialect.Redshift, "SELECT outer_one()::bigint, outer_one() + 1", bind.Options{Session: known})
	if err != nil {
		t.Fatal(err)
	}
	if c := b.Columns; c[0].Name != "outer_one" || c[0].Type.Kind != typed.Bigint || c[1].Type.Kind != typed.Int {
		t.Errorf("columns %+v", c)
	}
	_, err = one(t, dialect.Redshift, "SELECT 1,\n  nobody()", bind.Options{Session: known, Text: "SELECT 1,\n  nobody()"})
	if err == nil || err.Error() != "line 2, column 3: nobody knows\n    nobody()\n    ^" {
		t.Errorf("error %v", err)
	}
	if _, err := one(t, dialect.Redshift, "SELECT inner_one()", bind.Options{}); err == nil {
		t.Error("without a session its functions are known")
	}
}
