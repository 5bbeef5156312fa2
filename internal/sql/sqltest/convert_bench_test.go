package sqltest

import (
	"context"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// BenchmarkCast converts a column of a million texts.
func BenchmarkCast(b *testing.B) {
	ctx := context.Background()
	conn, err := newEngine(b).Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	make := `CREATE TABLE texts AS SELECT strftime(DATE '1990-01-01' + CAST(i % 20000 AS INTEGER), '%Y-%m-%d') AS d,
 strftime(TIMESTAMP '1990-01-01' + to_seconds(i * 977), '%Y-%m-%d %H:%M:%S') AS t, CAST(CAST(i AS DECIMAL(18,2)) / 100 AS VARCHAR) AS n,
CAST(i AS VARCHAR) AS i FROM range(1000000) r(i)`
	if _, err := conn.Exec(ctx, make); err != nil {
		b.Fatal(err)
	}
	text := typed.T(typed.Varchar)
	for _, d := range []*dialect.Dialect{dialect.Redshift, dialect.Spark} {
		s := &session{dialect: d, conn: conn, tables: map[string]typed.Relation{"texts": {Name: []string{"texts"},
			Columns: []typed.Column{{Name: "d", Type: text}, {Name: "t", Type: text}, {Name: "n", Type: text}, {Name: "i", Type: text}}}}}
		for name, sql := range map[string]string{"date": "SELECT max(CAST(d AS date)) AS x FROM texts",
			"timestamp": "SELECT max(CAST(t AS timestamp)) AS x FROM texts",
			"decimal":   "SELECT max(CAST(n AS decimal(12,2))) AS x FROM texts", "bigint": "SELECT max(CAST(i AS bigint)) AS x FROM texts",
			"double": "SELECT max(CAST(n AS double precision)) AS x FROM texts"} {
			if d == dialect.Spark && name == "double" {
				sql = "SELECT max(CAST(n AS double)) AS x FROM texts"
			}
			b.Run(d.Name[:5]+"/"+name, func(b *testing.B) {
				for range b.N {
					if _, err := s.run(sql); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkText runs functions on text over a million values.
func BenchmarkText(b *testing.B) {
	ctx := context.Background()
	conn, err := newEngine(b).Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Exec(ctx, "CREATE TABLE texts AS SELECT 'Customer number ' || i AS v FROM range(1000000) r(i)"); err != nil {
		b.Fatal(err)
	}
	s := &session{dialect: dialect.Redshift, conn: conn,
		tables: map[string]typed.Relation{"texts": {Name: []string{"texts"}, Columns: []typed.Column{{Name: "v", Type: typed.T(typed.Varchar)}}}}}
	for _, call := range []string{"upper(v)", "substring(v, 3, 9)", "left(v, 8)", "replace(v, 'number', 'no')",
		"replace(v, 'number', 'identifier')", "lpad(v, 40, '*')", "initcap(v)", "split_part(v, ' ', 2)", "regexp_replace(v, '[0-9]+', '#')",
		"regexp_count(v, '[0-9]')", "md5(v)"} {
		b.Run(call, func(b *testing.B) {
			for range b.N {
				if _, err := s.run("SELECT max(" + call + ") AS x FROM texts"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
