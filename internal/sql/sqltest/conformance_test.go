package sqltest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"penstock/internal/engine"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
	"penstock/internal/testcorpus"
)

// documented is one case of documented-queries.jsonl.
type documented struct {
	ID       string
	Setup    []string
	SQL      string
	Columns  []string
	Rows     [][]string
	Ordered  bool
	Volatile bool
}

func readCases(t testing.TB) []documented {
	t.Helper()
	f, err := os.Open(filepath.Join(testcorpus.Dir(t), "conformance/redshift/documented-queries.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<22)
	var out []documented
	for sc.Scan() {
		var c documented
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// bench runs cases one after the other, each in a schema of its own.
type bench struct {
	e *engine.Engine
	n int
}

// run gives the result of a case, or why there is none.
func (b *bench) run(t testing.TB, c documented) (*result, error) {
	t.Helper()
	ctx := context.Background()
	conn, err := b.e.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	b.n++
	schema := fmt.Sprintf("case%d", b.n)
	for _, sql := range []string{"CREATE SCHEMA " + schema, "USE " + schema} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	s := &session{dialect: dialect.Redshift, conn: conn, tables: map[string]typed.Relation{}}
	for _, text := range c.Setup {
		if _, err := s.run(text); err != nil {
			return nil, fmt.Errorf("setup: %w", err)
		}
	}
	return s.run(c.SQL)
}

func (b *bench) why(t testing.TB, c documented) string {
	res, err := b.run(t, c)
	if err != nil {
		return err.Error()
	}
	return c.compare(res)
}

func (c documented) compare(res *result) string {
	if res == nil {
		return "no result"
	}
	if len(res.rows) != len(c.Rows) {
		return "rows: " + show(res.rows)
	}
	if c.Volatile {
		return ""
	}
	want, have := c.normal(c.Rows), c.normal(res.rows)
	if !c.Ordered {
		sortRows(want)
		sortRows(have)
	}
	for i := range want {
		if len(want[i]) != len(have[i]) {
			return "columns: " + show(res.rows)
		}
		for j := range want[i] {
			if !sameCell(want[i][j], have[i][j]) {
				return "have " + show(have) + " want " + show(want)
			}
		}
	}
	return ""
}

func show(rows [][]string) string {
	b, _ := json.Marshal(rows)
	if len(b) > 600 {
		b = b[:600]
	}
	return string(b)
}

func (c documented) normal(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		for _, cell := range r {
			out[i] = append(out[i], normalCell(cell))
		}
	}
	return out
}

func normalCell(s string) string {
	s = strings.TrimSpace(s)
	switch s {
	case "NULL", "null", "<NA>":
		return ""
	case "t", "True":
		return "true"
	case "f", "False":
		return "false"
	}
	if strings.HasPrefix(s, "[") || strings.HasPrefix(s, "{") || strings.HasPrefix(s, `"`) {
		var v any
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		if d.Decode(&v) == nil && !d.More() {
			b, _ := json.Marshal(v)
			return string(b)
		}
	}
	if n := len(s); n > 10 && strings.Contains(s, ":") {
		if strings.HasSuffix(s, "+00") {
			s += ":00"
		}
		zone := ""
		if strings.HasSuffix(s, "+00:00") {
			s, zone = strings.TrimSuffix(s, "+00:00"), "+00:00"
		}
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s + zone
	}
	if strings.Contains(s, ":") && strings.Contains(s, ".") {
		return strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func sortRows(rows [][]string) {
	sort.SliceStable(rows, func(i, j int) bool { return sortKey(rows[i]) < sortKey(rows[j]) })
}

func sortKey(row []string) string {
	var b strings.Builder
	for _, c := range row {
		if f, ok := new(big.Rat).SetString(c); ok {
			c = f.FloatString(3)
		}
		b.WriteString(c + "\x00")
	}
	return b.String()
}

// sameCell compares two cells; numbers agree in the digits printed.
func sameCell(want, have string) bool {
	if want == have {
		return true
	}
	w, ok := new(big.Rat).SetString(want)
	h, ok2 := new(big.Rat).SetString(have)
	if !ok || !ok2 {
		return false
	}
	if w.Cmp(h) == 0 {
		return true
	}
	_, frac, _ := strings.Cut(want, ".")
	if strings.ContainsAny(want, "eE") {
		return closeTo(w, h)
	}
	digits := len(frac)
	if w.FloatString(digits) == h.FloatString(digits) {
		return true
	}
	// a double is printed with 15 significant digits; the last may differ by one
	return digits >= 10 && closeTo(w, h) || digits == 0 && strings.Contains(have, ".") && closeTo(w, h)
}

func closeTo(a, b *big.Rat) bool {
	d := new(big.Rat).Sub(a, b)
	d.Abs(d)
	limit := new(big.Rat).Abs(a)
	limit.Mul(limit, big.NewRat(1, 10_000_000_000_000))
	return d.Cmp(limit) <= 0
}

const (
	rightList = "testdata/documented.txt"
	wrongList = "testdata/documented-wrong.txt"
)

// TestDocumented runs the committed list: it may only grow. With -update it is written anew, beside the list of those that are wrong.
func TestDocumented(t *testing.T) {
	cases := readCases(t)
	b := &bench{e: newEngine(t)}
	listed := readList(t, rightList)
	var right, wrong []string
	for _, c := range cases {
		why := b.why(t, c)
		if why == "" {
			right = append(right, c.ID)
			continue
		}
		first, _, _ := strings.Cut(why, "\n")
		wrong = append(wrong, c.ID+"\t"+strings.TrimSpace(first))
		if listed[c.ID] {
			t.Errorf("%s was right: %s\n%s", c.ID, why, c.SQL)
		}
	}
	for _, id := range right {
		if !listed[id] && !*update {
			t.Errorf("%s is right and not in %s: run with -update", id, rightList)
		}
	}
	t.Logf("%d of %d are right", len(right), len(cases))
	if *update && !t.Failed() {
		writeList(t, rightList, right)
		writeList(t, wrongList, wrong)
	}
}

// TestDocumentedAltered changes one value of every expectation: then every case must be wrong.
func TestDocumentedAltered(t *testing.T) {
	b := &bench{e: newEngine(t)}
	listed := readList(t, rightList)
	for _, c := range readCases(t) {
		if !listed[c.ID] {
			continue
		}
		if why := b.why(t, c.altered()); why == "" {
			t.Errorf("%s is called right with an altered expectation", c.ID)
		}
	}
}

// altered is the case with one cell that cannot be; a case without cells, or whose cells do not count, gets a row more.
func (c documented) altered() documented {
	if len(c.Rows) == 0 || c.Volatile {
		c.Rows = append(append([][]string{}, c.Rows...), []string{"no such value"})
		return c
	}
	rows := append([][]string{}, c.Rows...)
	last := len(rows) - 1
	rows[last] = append([]string{}, rows[last]...)
	rows[last][0] = "no such value"
	c.Rows = rows
	return c
}

func readList(t testing.TB, path string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	data, err := os.ReadFile(path)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	for _, id := range strings.Fields(string(data)) {
		out[id] = true
	}
	return out
}

func writeList(t testing.TB, path string, lines []string) {
	t.Helper()
	sort.Strings(lines)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
