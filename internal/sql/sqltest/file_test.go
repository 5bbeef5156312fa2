package sqltest

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"penstock/internal/engine"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// TestNestedFromFile gives the goldens of nested values their arguments from a Parquet file: each is a column of its only row.
func TestNestedFromFile(t *testing.T) {
	dir := t.TempDir()
	conn, err := newEngine(t, dir).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Spark, conn: conn, tables: map[string]typed.Relation{}}
	known, columns := readDiffers(t), map[string]string{}
	var items []string
	var cases []golden
	for _, g := range readGoldens(t) {
		if g.args == "" || strings.HasPrefix(g.args, "FROM ") || g.typ == "!" || known[g.template+"\t"+g.args] || !g.nested() {
			continue
		}
		cases = append(cases, g)
		for _, a := range strings.Split(g.args, " ;; ") {
			if columns[a] == "" {
				columns[a] = fmt.Sprintf("c%d", len(columns))
				items = append(items, a+" AS "+columns[a])
			}
		}
	}
	if _, err := s.run("CREATE TABLE made AS SELECT " + strings.Join(items, ", ")); err != nil {
		t.Fatal(err)
	}
	path := engine.Literal(filepath.Join(dir, "a.parquet"))
	for _, sql := range []string{"COPY made TO " + path, "CREATE VIEW file AS SELECT * FROM read_parquet(" + path + ")"} {
		if err := s.exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	s.tables["file"] = typed.Relation{Name: []string{"file"}, Columns: s.tables["made"].Columns}
	for batch := range slices.Chunk(cases, 60) {
		texts := make([]string, len(batch))
		for i, g := range batch {
			args := strings.Split(g.args, " ;; ")
			for n, a := range args {
				args[n] = columns[a]
			}
			texts[i] = asText(fill(g.template, args)) + fmt.Sprintf(" AS t%d", i)
		}
		res, err := s.run("SELECT " + strings.Join(texts, ", ") + " FROM file")
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range batch {
			have := escapeGolden.Replace(res.rows[0][i])
			if res.nulls[0][i] {
				have = `\N`
			}
			if have != g.text && !g.near(have) {
				t.Errorf("%s (%s) of a file gives %s, want %s", g.template, g.args, have, g.text)
			}
		}
	}
	t.Logf("%d cases of %d columns", len(cases), len(columns))
}

// nested reports whether one of a golden's arguments is a nested value with a type of its own, or JSON.
func (g golden) nested() bool {
	if strings.Contains(g.args, "interval") || strings.Contains(g.template, "json") && strings.Contains(g.args, `\n`) {
		return false
	}
	return slices.ContainsFunc([]string{"array(", "map(", "struct(", "{\""}, func(s string) bool { return strings.Contains(g.args, s) })
}
