package sqltest

import (
	"context"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// A golden is a line of testdata/golden/spark.tsv or nested.tsv, see make.py beside it.
type golden struct {
	template, args, typ, text string
}

func readGoldens(t *testing.T) []golden {
	t.Helper()
	var lines []string
	for _, name := range []string{"spark", "nested"} {
		data, err := os.ReadFile("testdata/golden/" + name + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")...)
	}
	var out []golden
	for _, line := range lines {
		p := strings.Split(line, "\t")
		if len(p) != 4 {
			t.Fatalf("bad line %q", line)
		}
		out = append(out, golden{p[0], p[1], p[2], p[3]})
	}
	return out
}

// statement asks for the expression of literals and, where it has arguments, for that of columns which hold them.
func (g golden) statement() (sql string, columns int) {
	if rows, ok := strings.CutPrefix(g.args, "FROM "); ok {
		return "SELECT " + asText(g.template) + ", " + g.template + " FROM VALUES " + rows + " AS t(v)", 1
	}
	if g.args == "" {
		return "SELECT " + asText(g.template) + ", " + g.template, 1
	}
	args := strings.Split(g.args, " ;; ")
	names := make([]string, len(args))
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], `\t`, "\t")
		names[i] = fmt.Sprintf("c%d", i)
	}
	lit, col := fill(g.template, args), fill(g.template, names)
	return fmt.Sprintf("SELECT %s, %s, %s FROM (SELECT %s) AS t", asText(lit), asText(col), lit, list(args, names)), 2
}

func fill(template string, args []string) string {
	parts := strings.Split(template, "{}")
	out := parts[0]
	for i, p := range parts[1:] {
		out += args[i] + p
	}
	return out
}

func list(args, names []string) string {
	out := make([]string, len(args))
	for i := range args {
		out[i] = args[i] + " AS " + names[i]
	}
	return strings.Join(out, ", ")
}

func asText(e string) string { return "cast(" + e + " as string)" }

var escapeGolden = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\x00", `\0`)

// check gives what is wrong with the answer; refused says that the statement was refused by name.
func (g golden) check(s *session) (wrong string, refused bool) {
	sql, columns := g.statement()
	res, err := s.run(sql)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		_, bad := err.(*syntax.Error)
		return first, bad
	}
	if len(res.rows) != 1 {
		return fmt.Sprintf("%d rows", len(res.rows)), false
	}
	if typ := res.columns[len(res.columns)-1].Type.Lake(); typ != g.typ {
		return fmt.Sprintf("type %s, want %s", typ, g.typ), false
	}
	for i := range columns {
		have := escapeGolden.Replace(res.rows[0][i])
		if res.nulls[0][i] {
			have = `\N`
		}
		if g.typ == "binary" && have != `\N` {
			have = strings.ToUpper(res.rows[0][columns])
		}
		if have != g.text && !g.near(have) {
			return fmt.Sprintf("%s gives %s, want %s", []string{"literal", "column"}[i], have, g.text), false
		}
	}
	return "", false
}

// near reports whether a computed double differs in its last digits only: they are the machine's, also in Java. A cast has no such excuse.
func (g golden) near(have string) bool {
	a, err := strconv.ParseFloat(g.text, 64)
	b, err2 := strconv.ParseFloat(have, 64)
	return g.typ == "double" && !strings.HasPrefix(g.template, "cast(") && err == nil && err2 == nil &&
		math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), 1e-3)
}

// TestSparkGolden compares each listed function and cast with what Spark gave. A difference must stand in testdata/golden/differs.txt
// with its reason.
func TestSparkGolden(t *testing.T) {
	known := readDiffers(t)
	conn, err := newEngine(t).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Spark, conn: conn, tables: map[string]typed.Relation{}}
	counts := map[string]int{}
	used := map[string]bool{}
	for _, g := range readGoldens(t) {
		wrong, refused := g.check(s)
		key := g.template + "\t" + g.args
		switch {
		case wrong == "":
			counts["right"]++
		case known[key], known[g.template]:
			counts["known"]++
			used[key], used[g.template] = true, true
		case g.typ == "!":
			counts["an error in both"]++
		case refused:
			counts["refused"]++
			t.Errorf("REFUSED %s (%s): %s", g.template, g.args, wrong)
		default:
			counts["wrong"]++
			t.Errorf("WRONG %s (%s): %s", g.template, g.args, wrong)
		}
	}
	for k := range known {
		if !used[k] {
			t.Errorf("differs.txt lists %q, which is right now", k)
		}
	}
	t.Log(counts)
}

// readDiffers reads "template" or "template<tab>arguments" lines below comments that say why.
func readDiffers(t *testing.T) map[string]bool {
	t.Helper()
	data, err := os.ReadFile("testdata/golden/differs.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	var lines []string
	for _, line := range strings.Split(string(data), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	sort.Strings(lines)
	for _, l := range lines {
		out[l] = true
	}
	return out
}
