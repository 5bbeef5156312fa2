package parse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
)

func spark(text string) ([]syntax.Statement, error) { return Statements(text, dialect.Spark) }

func redshift(text string) ([]syntax.Statement, error) { return Statements(text, dialect.Redshift) }

func TestErrorsShowTheirPlace(t *testing.T) {
	for _, c := range []struct{ dialect, sql, want string }{
		{"spark", "SELECT a\nFROM", "line 2, column 5: the statement ends here, expected a table\n  FROM\n      ^"},
		{"spark", "SELECT 'abc", "line 1, column 8: this string is not closed\n  SELECT 'abc\n         ^"},
		{"spark", "SELECT a FROM t WHERE\n  x = = 1", "line 2, column 7: found \"=\", expected an expression\n    x = = 1\n        ^"},
		{"spark", "SELECT /* a /* b */ 1", "line 1, column 8: this comment is not closed\n  SELECT /* a /* b */ 1\n         ^"},
		{"redshift", "SELEC 1", "line 1, column 1: \"selec\" begins no statement of Redshift SQL, did you mean SELECT?\n  SELEC 1\n  ^"},
		{"redshift", "COPY t FROM 's3://b/k' IAM_ROLE default DELIMITR '|'", "line 1, column 41: \"delimitr\" is no clause of COPY, " +
			"did you mean DELIMITER?\n  COPY t FROM 's3://b/k' IAM_ROLE default DELIMITR '|'\n                                          ^"},
		{"redshift", "SELECT ä ,, 1", "line 1, column 11: found \",\", expected an expression\n  SELECT ä ,, 1\n            ^"},
		{"redshift", "SELECT 1 $",
			"line 1, column 10: $ begins neither a parameter ($1) nor a dollar-quoted string ($$...$$)\n  SELECT 1 $\n           ^"},
		{"redshift", "CREATE TABLE t (a int, b)",
			"line 1, column 24: column \"b\" has no type\n  CREATE TABLE t (a int, b)\n                         ^"},
	} {
		read := spark
		if c.dialect == "redshift" {
			read = redshift
		}
		_, err := read(c.sql)
		var e *syntax.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v is no *syntax.Error", c.sql, err)
			continue
		}
		if e.Error() != c.want {
			t.Errorf("%q:\n%s\nwant\n%s", c.sql, e.Error(), c.want)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	for _, open := range []string{"(", "(SELECT ", "NOT ", "-", "CASE WHEN ", "f(", "((SELECT 1) UNION "} {
		text := "SELECT " + strings.Repeat(open, 20_000)
		for _, read := range []func(string) ([]syntax.Statement, error){spark, redshift} {
			if _, err := read(text); err == nil {
				t.Errorf("%q is read when it is nested 20000 times", open)
			}
		}
	}
}

func TestChainsAreBounded(t *testing.T) {
	for _, c := range []struct{ head, link string }{{"SELECT 1", " + 1"}, {"SELECT a", " AND a"}, {"SELECT a", " || a"}, {"SELECT 1", "::int"},
		{"SELECT 1", " UNION ALL SELECT 1"}, {"SELECT 1 FROM t", " CROSS JOIN t"}, {"SELECT 1 FROM t", ", t"}, {"SELECT a", " IS NULL"},
		{"SELECT a", "[0]"}, {"SELECT 1", " = 1"}, {"SELECT 1", " * 1"}} {
		if _, err := redshift(c.head + strings.Repeat(c.link, 1000)); err != nil {
			t.Errorf("a thousand times %q: %v", c.link, err)
		}
		if _, err := redshift(c.head + strings.Repeat(c.link, 100_000)); err == nil {
			t.Errorf("%q is read a hundred thousand times in a row", c.link)
		}
	}
}

func TestSplit(t *testing.T) {
	text := "SELECT ';' ; -- a ; b\n/* ; */ SELECT $$ ; $$;;\n\"a;b\""
	pieces, err := Split(text, dialect.Redshift)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, p := range pieces {
		have = append(have, fmt.Sprintf("%d:%d %s", p.Pos.Line, p.Pos.Col, p.Text))
	}
	want := []string{"1:1 SELECT ';'", "2:9 SELECT $$ ; $$", `3:1 "a;b"`}
	if strings.Join(have, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, want %q", have, want)
	}
}

func TestRelations(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT * FROM a JOIN s.b ON a.x = b.x":                                                     "a, s.b",
		"SELECT * FROM STREAM orders o JOIN customers c ON o.c = c.c":                               "stream orders, customers",
		"SELECT * FROM customers c LEFT JOIN STREAM orders o ON o.c = c.c, orders":                  "customers, stream orders, orders",
		"WITH x AS (SELECT * FROM a) SELECT * FROM x WHERE id IN (SELECT id FROM b)":                "a, b",
		"WITH x AS (SELECT * FROM x) SELECT * FROM x":                                               "x",
		"SELECT (SELECT max(a) FROM t1), EXISTS (SELECT 1 FROM t2) FROM t3 GROUP BY 1 HAVING 1 > 0": "t1, t2, t3",
		"INSERT INTO t SELECT * FROM a UNION SELECT * FROM (SELECT * FROM b) q":                     "a, b",
		"SELECT * FROM stream":               "stream",
		"SELECT * FROM STREAM semi":          "stream semi",
		"SELECT * FROM STREAM anti a JOIN b": "stream anti, b",
		"SELECT * FROM stream SEMI JOIN b":   "stream, b",
		"SELECT stream.a FROM stream AS stream WHERE CASE WHEN a IN (SELECT 1 FROM q) THEN true END": "stream, q",
	} {
		stmts, err := spark(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var have []string
		for _, r := range Relations(stmts[0]) {
			name := r.Name.String()
			if r.Stream {
				name = "stream " + name
			}
			have = append(have, name)
		}
		if got := strings.Join(have, ", "); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

func TestCopyClauses(t *testing.T) {
	stmts, err := redshift(`copy s.t (a, b) from 's3://b/k'
		with credentials as 'aws_iam_role=x' csv quote as '"' ignoreheader 1 delimiter as ';'
		null as '\\N' gzip maxerror as 3 region 'eu-west-1' format as json 'auto' dateformat 'auto' acceptinvchars
		as '^' statupdate off manifest`)
	if err != nil {
		t.Fatal(err)
	}
	c := stmts[0].(*syntax.Copy)
	var have []string
	for _, o := range c.Options {
		have = append(have, o.Name+"="+strings.Join(o.Values, ","))
	}
	want := `credentials=aws_iam_role=x csv= quote=" ignoreheader=1 delimiter=; ` +
		`null=\N gzip= maxerror=3 region=eu-west-1 format=json json=auto dateformat=auto acceptinvchars=^ statupdate=off manifest=`
	if got := strings.Join(have, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if o, ok := c.Option("ignoreheader"); !ok || o.Value() != "1" {
		t.Errorf("IGNOREHEADER is %v", o)
	}
	if c.Target.String() != "s.t" || len(c.Columns) != 2 || c.From != "s3://b/k" {
		t.Errorf("%+v", c)
	}
}

func TestStatementsAreTold(t *testing.T) {
	for sql, want := range map[string]string{
		"BEGIN READ WRITE": "*syntax.Begin", "END": "*syntax.Commit", "ABORT": "*syntax.Rollback", "SET search_path TO a, 'b'": "*syntax.Set",
		"SHOW search_path": "*syntax.Show", "RESET ALL": "*syntax.Reset", "EXPLAIN SELECT 1": "*syntax.Explain",
		"VACUUM FULL t TO 90 PERCENT": "*syntax.Vacuum", "ANALYZE t (a)": "*syntax.Analyze",
		"GRANT SELECT, INSERT ON t TO u, GROUP g": "*syntax.Grant", "REVOKE ALL ON SCHEMA s FROM ROLE r CASCADE": "*syntax.Grant",
		"COMMENT ON COLUMN t.a IS 'x'": "*syntax.Comment", "DECLARE c CURSOR FOR SELECT 1": "*syntax.Declare",
		"FETCH FORWARD 10 FROM c": "*syntax.Fetch", "CLOSE c": "*syntax.Close", "PREPARE p (int) AS SELECT $1": "*syntax.Prepare",
		"EXECUTE p (1)": "*syntax.Execute", "DEALLOCATE p": "*syntax.Deallocate",
		"UNLOAD ($$SELECT 'a'$$) TO 's3://b/k' IAM_ROLE default PARQUET PARTITION BY (a) INCLUDE": "*syntax.Unload",
		"TRUNCATE t": "*syntax.Truncate", "ALTER TABLE t OWNER TO u": "*syntax.AlterTable", "CREATE DATASHARE d": "*syntax.Other",
		"LOCK t": "*syntax.Lock", "CANCEL 12": "*syntax.Cancel",
		"CREATE EXTERNAL SCHEMA s FROM DATA CATALOG DATABASE 'd' IAM_ROLE 'r'": "*syntax.CreateSchema", "CALL p(1)": "*syntax.Other",
		"REFRESH MATERIALIZED VIEW v":                                            "*syntax.RefreshView",
		"CREATE FUNCTION f() RETURNS int STABLE AS $$ select 1; $$ LANGUAGE sql": "*syntax.Other",
	} {
		stmts, err := redshift(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if got := fmt.Sprintf("%T", stmts[0]); got != want {
			t.Errorf("%s is %s, want %s", sql, got, want)
		}
	}
}

func fuzz(f *testing.F, read func(string) ([]syntax.Statement, error)) {
	for _, s := range []string{"SELECT a, b FROM t WHERE x LIKE 'a%' AND y IN (1, 2)",
		"WITH a AS (SELECT 1) SELECT * FROM a JOIN b USING (x) GROUP BY 1", "INSERT INTO t VALUES (1, 'x')",
		"SELECT CASE WHEN a THEN 1 END OVER (PARTITION BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", "COPY t FROM 's3://a' CSV",
		"CREATE TABLE t (a int DEFAULT 1) DISTKEY(a)", "((SELECT 1) UNION (SELECT 2)) EXCEPT SELECT 3",
		"SELECT $1::int, :name, $$x$$, \"q\", `b`, 1.5e3, INTERVAL '1 day', X'00'", "GRANT ALL ON t TO PUBLIC",
		"SELECT ((((1)))) -- c\n/* d */"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stmts, err := read(text)
		if err != nil {
			var e *syntax.Error
			if !errors.As(err, &e) || e.Pos.Line < 1 {
				t.Fatalf("%v has no place", err)
			}
			return
		}
		for _, s := range stmts {
			Relations(s)
		}
	})
}

func FuzzSpark(f *testing.F)    { fuzz(f, spark) }
func FuzzRedshift(f *testing.F) { fuzz(f, redshift) }

// TestExpressionTakesArguments reads an expression whose parameters are expressions of another text, parameters of their own among them.
func TestExpressionTakesArguments(t *testing.T) {
	at := syntax.Pos{Line: 3, Col: 5, Offset: 40}
	arg := &syntax.Param{Index: 1}
	x, err := Expression(at, "coalesce($2, $1) + $3", dialect.Redshift, &syntax.Literal{Kind: syntax.Null}, arg)
	if err != nil {
		t.Fatal(err)
	}
	sum := x.(*syntax.BinaryOp)
	if got := sum.L.(*syntax.Func).Args[0]; got != syntax.Expr(arg) || sum.Position() != at {
		t.Errorf("the argument is %#v, the place %v", got, sum.Position())
	}
	if p, ok := sum.R.(*syntax.Param); !ok || p.Index != 3 {
		t.Errorf("what no argument is given for stays a parameter: %#v", sum.R)
	}
	for _, text := range []string{"", "1 +", "1 2", "(1"} {
		if _, err := Expression(at, text, dialect.Redshift); err == nil {
			t.Errorf("%q is read as an expression", text)
		}
	}
}
