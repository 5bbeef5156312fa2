package bind_test

import (
	"errors"
	"testing"

	"penstock/internal/sql/bind"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/parse"
	"penstock/internal/sql/print"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

var table = typed.Relation{Name: []string{"public", "t"}, Columns: []typed.Column{{Name: "a", Type: typed.T(typed.Int)},
	{Name: "b", Type: typed.VarcharOf(10)}, {Name: "c", Type: typed.Dec(10, 2)}, {Name: "d", Type: typed.T(typed.Date)},
	{Name: "e", Type: typed.T(typed.Timestamp)}, {Name: "f", Type: typed.T(typed.Bool)}, {Name: "g", Type: typed.T(typed.Super)},
	{Name: "u", Type: typed.T(typed.Unknown)}, {Name: "h", Type: typed.T(typed.Double)},
	{Name: "l", Type: typed.ArrayOf(item)}, {Name: "s", Type: item}, {Name: "m", Type: typed.MapOf(typed.T(typed.String), item)}}}

var item = typed.StructOf(typed.Field{Name: "x", Type: typed.T(typed.Int)},
	typed.Field{Name: "y", Type: typed.ArrayOf(typed.T(typed.String))})

func lookup(name []string) (typed.Relation, error) {
	if name[len(name)-1] == "missing" {
		return typed.Relation{}, errors.New("relation does not exist")
	}
	return table, nil
}

func read(text string, d *dialect.Dialect) ([]syntax.Statement, error) {
	return parse.Statements(text, d)
}

func relation(r typed.Relation) string { return print.Ident(r.Name[len(r.Name)-1]) }

// all takes a text through the three steps; none may panic.
func all(text string, d *dialect.Dialect) error {
	stmts, err := read(text, d)
	if err != nil {
		return err
	}
	for _, s := range stmts {
		b, err := bind.Statement(s, bind.Options{Dialect: d, Lookup: lookup, Text: text})
		if err != nil {
			return err
		}
		if _, err := print.DuckDB(b.Statement, relation); err != nil {
			return err
		}
	}
	return nil
}

var seeds = []string{
	"SELECT a, b || 'x', c / 3, d + 1, g.x[0].y FROM t WHERE b LIKE 'a%' AND a IN (1, 2) ORDER BY 1 DESC LIMIT 3",
	"WITH q AS (SELECT a, sum(c) s FROM t GROUP BY a) SELECT * FROM q JOIN t USING (a) WHERE EXISTS (SELECT 1 FROM t x WHERE x.a = q.a)",
	"INSERT INTO t (a, b) SELECT a, upper(b) FROM t", "UPDATE t SET a = a + 1 WHERE b = 'x'", "DELETE FROM t USING t AS y WHERE t.a = y.a",
	"MERGE INTO t USING t AS s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED THEN INSERT VALUES (1)",
	"CREATE TABLE n (a int IDENTITY(1,1), b varchar(5) DEFAULT 'x') DISTKEY(a)", "CREATE TABLE m AS SELECT a, c FROM t",
	"SELECT row_number() OVER (PARTITION BY a ORDER BY d), lag(c, 1) OVER (ORDER BY e ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
	"SELECT a FROM t UNION ALL SELECT c FROM t",
	"SELECT CAST(b AS int), c::varchar(3), CASE a WHEN 1 THEN 'x' ELSE b END, nullif(a, 2), coalesce(u, 1) FROM t",
	"SELECT date_trunc('month', e), dateadd(day, 1, d), to_char(e, 'YYYY-MM'), date_format(e, 'yyyy') FROM t",
	"SELECT a, count(*) FROM t GROUP BY ROLLUP(a, b)",
	"SELECT * FROM (SELECT a, c FROM t) PIVOT (sum(c) FOR a IN (1, 2))", "SELECT $1 + a, :name FROM t",
	"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
	"SELECT * FROM t, t.g AS x AT i", "SELECT json_parse(b), listagg(b, ',') WITHIN GROUP (ORDER BY a) FROM t GROUP BY b",
	"SELECT s.x, l.y, l[0].y[a], m['k'].x, s.* FROM t WHERE s = l[0] ORDER BY l DESC, s",
	"SELECT p, q, k FROM t LATERAL VIEW OUTER posexplode(l.y[0]) v AS p, q LATERAL VIEW explode(m) w AS k, z",
	"SELECT posexplode_outer(l) AS (i, x), a FROM t", "SELECT inline(array(s, s)), a FROM t", "SELECT * FROM explode(map('a', 1)) AS e",
	"SELECT stack(2, a, b, c), json_tuple(b, 'x', 'y') FROM t",
	"SELECT transform(l, (e, i) -> e.x + i), filter(l.y[0], e -> e > 'a'), exists(l, e -> e.x = a), zip_with(l, l, (p, q) -> p) FROM t",
	"SELECT aggregate(l, 0, (n, e) -> n + e.x, n -> n * 2), transform_values(m, (k, v) -> v.x), map_filter(m, (k, v) -> k = b) FROM t",
	"SELECT CAST(s AS struct<p:bigint,q:array<int>>), CAST(l AS string), CAST(m AS map<string,string>), CAST(b AS array<array<int>>) FROM t",
	"SELECT from_json(b, 'x INT, y ARRAY<STRUCT<z: map<string, int>>>').y[0].z['k'], to_json(l), get_json_object(b, '$.a[*].b') FROM t",
	"SELECT array_union(l, array(s)), sort_array(l, false), array_max(l), slice(l, 1, 2), flatten(array(l)), arrays_zip(l, l.y) FROM t",
	"SELECT struct(a, b AS z), named_struct('a', 1, 'b', l), map(a, b), sequence(d, e, INTERVAL 1 MONTH) FROM t",
	"SELECT concat(l, l), size(m), reverse(l), l || l FROM t",
	"SELECT max(s), collect_list(l), collect_set(s), min_by(a, s) FROM t GROUP BY s.y HAVING count(DISTINCT s) > 1 ORDER BY s.y",
	"SELECT s FROM t UNION SELECT s FROM t", "SELECT l FROM t INTERSECT SELECT l FROM t", "SELECT x -> y -> (x, y) -> array[0].a..b FROM t",
	"SELECT h = 1, f AND a > 0, -c, ~a, a % 2, b ~ 'x' FROM t",
}

func fuzz(f *testing.F, d *dialect.Dialect) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { _ = all(text, d) })
}

func FuzzSpark(f *testing.F)    { fuzz(f, dialect.Spark) }
func FuzzRedshift(f *testing.F) { fuzz(f, dialect.Redshift) }

func benchmark(b *testing.B, d *dialect.Dialect, text string) {
	if err := all(text, d); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_ = all(text, d)
	}
}

const benchQuery = `WITH q AS (SELECT a, b, sum(c) AS s, count(DISTINCT d) AS n FROM t WHERE a > 1 AND b LIKE 'x%' GROUP BY a, b)
	SELECT q.a, upper(q.b) AS k, round(q.s / 3, 2) AS r, row_number() OVER (PARTITION BY q.a ORDER BY q.s DESC) AS rn
	FROM q LEFT JOIN t ON t.a = q.a AND t.b = q.b WHERE q.n BETWEEN 1 AND 10 AND EXISTS (SELECT 1 FROM t x WHERE x.a = q.a)
	ORDER BY 1, 2 LIMIT 100`

func BenchmarkSpark(b *testing.B)    { benchmark(b, dialect.Spark, benchQuery) }
func BenchmarkRedshift(b *testing.B) { benchmark(b, dialect.Redshift, benchQuery) }
func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(benchQuery)))
	for b.Loop() {
		_, _ = parse.Statements(benchQuery, dialect.Redshift)
	}
}
