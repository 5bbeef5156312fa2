package sqltest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// TestSparkRows compares the queries of testdata/spark/nested.test with what Spark gave, a line of testdata/golden/rows.tsv each.
func TestSparkRows(t *testing.T) {
	conn, err := newEngine(t).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Spark, conn: conn, tables: map[string]typed.Relation{}}
	queries := map[string]bool{}
	for _, b := range readBlocks(t, "testdata/spark/nested.test") {
		switch {
		case strings.HasPrefix(b.sql, "CREATE TABLE"):
			if _, err := s.run(b.sql); err != nil {
				t.Fatal(err)
			}
		case !b.comment && !strings.HasPrefix(b.want, "error:"):
			queries[b.sql] = true
		}
	}
	data, err := os.ReadFile("testdata/golden/rows.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		f := strings.Split(line, "\t")
		delete(queries, f[0])
		if have := s.sparkRows(t, f[0], len(strings.Split(f[1], " | "))); have != f[1]+"\t"+f[2] {
			t.Errorf("%s\nhave %s\nwant %s\t%s", f[0], have, f[1], f[2])
		}
	}
	for q := range queries {
		t.Errorf("rows.tsv does not have %s: run make.py rows", q)
	}
}

// sparkRows are a query's types and rows as make.py writes them.
func (s *session) sparkRows(t *testing.T, sql string, columns int) string {
	plain, err := s.run(sql)
	if err != nil {
		return err.Error()
	}
	var types, names, texts []string
	for i, c := range plain.columns {
		types = append(types, strings.ReplaceAll(c.Type.Lake(), "`", "")) // df.dtypes has none
		names = append(names, fmt.Sprintf("c%d", i))
		texts = append(texts, fmt.Sprintf("cast(c%d as string)", i))
	}
	res, err := s.run("SELECT " + strings.Join(texts, ", ") + " FROM (" + sql + ") AS q(" + strings.Join(names, ", ") + ")")
	if err != nil {
		return err.Error()
	}
	var rows []string
	for r, row := range res.rows {
		for i := range row {
			row[i] = escapeGolden.Replace(row[i])
			if res.nulls[r][i] {
				row[i] = `\N`
			}
		}
		rows = append(rows, strings.Join(row, " | "))
	}
	slices.Sort(rows)
	if len(types) != columns {
		t.Errorf("%s has %d columns", sql, len(types))
	}
	return strings.Join(types, " | ") + "\t" + strings.Join(rows, " ;; ")
}
