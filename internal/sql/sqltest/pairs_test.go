package sqltest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
	"penstock/internal/testcorpus"
)

// pair is one case of sqlglot-pairs.jsonl: a statement in two languages.
type pair struct{ ID, Redshift, Duckdb string }

// pairTables are what the pairs read; a pair that is no SELECT of its own is one of pairFrom's.
const pairTables = `
CREATE TABLE ints (a int, b int, c int, d int, x int);
INSERT INTO ints VALUES (1, 2, 3, 4, 1), (7, 4, 5, 6, NULL), (NULL, 1, NULL, 2, 5), (5, 3, 2, 1, 2);
CREATE TABLE keys (x varchar(10), a varchar(10), b varchar(10), c varchar(10), d varchar(10));
INSERT INTO keys VALUES ('p', 'p', 'one', 'q', 'two'), ('q', 'p', 'one', 'q', 'two'), (NULL, NULL, 'one', 'q', 'two'),
('r', 'p', 'one', NULL, 'two');
CREATE TABLE words (x varchar(10));
INSERT INTO words VALUES ('abc'), (''), (NULL), ('é');
CREATE TABLE years (x varchar(10));
INSERT INTO years VALUES ('24'), ('07'), (NULL);
CREATE TABLE docs (x varchar(100));
INSERT INTO docs VALUES ('{"a b": 5, "y": 2.5, "x": {"y": {"z": 12}}}'), ('{"y": null}'), ('{}'), (NULL);
CREATE TABLE times (a timestamp, b timestamp);
INSERT INTO times VALUES ('2020-01-01 23:59:59', '2020-01-02 00:00:00'), ('2020-03-01', '2020-02-01 12:00:00'), (NULL, '2020-01-01');
CREATE TABLE objects (x super);
INSERT INTO objects VALUES (json_parse('{"abc": 17}')), (json_parse('{"abc": 3}'));
CREATE TABLE sellers (sellerid int);
INSERT INTO sellers VALUES (3), (1), (NULL), (3);
CREATE TABLE tbl (col varchar(20));
INSERT INTO tbl VALUES ('some_string'), ('other'), (NULL);
CREATE TABLE foo (f int);
INSERT INTO foo VALUES (1), (2);
CREATE TABLE t (a int, b varchar(5));
INSERT INTO t VALUES (4, 'x');
CREATE TABLE t1 (x int, y int);
INSERT INTO t1 VALUES (1, 1), (2, 2), (2, 3), (NULL, 4);
CREATE TABLE t2 (x int);
INSERT INTO t2 VALUES (2), (2), (NULL);
CREATE TABLE "table" (abc varchar(50));
INSERT INTO "table" VALUES ('xpatterngroup'), ('patterngroup'), ('none'), (NULL)`

// pairFrom says which table the bare expressions of a pair are over; the others are over ints.
var pairFrom = map[string]string{
	"sqlglot/bigquery/84f0411b": "words", "sqlglot/exasol/4d36d666": "words", "sqlglot/dialect/e9df2b75": "years",
	"sqlglot/dialect/d357e4fe": "docs", "sqlglot/dialect/02c2ba94": "docs", "sqlglot/dialect/4499a5bc": "docs",
	"sqlglot/postgres/a72b2d85": "docs", "sqlglot/duckdb/686266c0": "objects", "sqlglot/redshift/7551ad9c": "sellers",
	"sqlglot/redshift/e8cfce68": "keys", "sqlglot/redshift/9d3ae348": "times",
}

// pairBare are the SELECTs without FROM whose names are columns of a table.
var pairBare = map[string]string{"sqlglot/dialect/4480eb08": "ints", "sqlglot/dialect/54bf4b95": "ints", "sqlglot/dialect/98feee92": "tbl",
	"sqlglot/dialect/a7a46c0c": "ints", "sqlglot/dialect/4343d4f4": "ints", "sqlglot/dialect/9f5a28b3": "ints"}

// pairRefused are those that neither side may take.
var pairRefused = map[string]string{"sqlglot/duckdb/c0ecab27": "'foo' is no timestamp",
	"sqlglot/teradata/d6a69859": "a table without columns"}

// pairSides changes a side where the other language's table has another type for it.
var pairSides = map[string]func(p *pair){
	"sqlglot/duckdb/686266c0":  func(p *pair) { p.Duckdb = "STRUCT_EXTRACT(from_json(x, '{\"abc\":\"INTEGER\"}'), 'abc')" },
	"sqlglot/dialect/882ccd4e": func(p *pair) { p.Redshift = strings.Replace(p.Redshift, " t ", " t_types ", 1) },
	"sqlglot/dialect/e9df2b75": func(p *pair) { p.Duckdb = "timezone('UTC', " + p.Duckdb + ")" }, // Redshift's has a zone, UTC
}

// pairDiffers are the pairs whose sides are not the same value, each with the reason.
var pairDiffers = map[string]string{
	"sqlglot/bigquery/84f0411b":  "SHA2 of Redshift gives text; UNHEX gives bytes",
	"sqlglot/dialect/a7a46c0c":   "NVL2 of Redshift takes three arguments",
	"sqlglot/dialect/46f520e5":   "LOG of Redshift takes one argument",
	"sqlglot/dialect/b48097fe":   "the moment",
	"sqlglot/snowflake/e153149b": "the name of the product",
	"sqlglot/dialect/882ccd4e":   "BLOB(1024) is no type of the plain engine",
}

func readPairs(t testing.TB) []pair {
	t.Helper()
	f, err := os.Open(filepath.Join(testcorpus.Dir(t), "conformance/redshift/sqlglot-pairs.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []pair
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var p pair
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// whole makes a statement of a bare expression, and gives a SELECT that names columns their table.
func (p pair) whole(side string) string {
	from := pairFrom[p.ID]
	if from == "" {
		from = "ints"
	}
	switch {
	case strings.HasPrefix(side, "CREATE"):
		return side
	case !strings.HasPrefix(side, "SELECT"):
		return "SELECT " + side + " AS v FROM " + from
	case pairBare[p.ID] != "":
		return side + " FROM " + pairBare[p.ID]
	}
	return side
}

// plain runs a statement on the engine as it is.
func (s *session) plain(sql string) (rows [][]string, err error) {
	ctx := context.Background()
	r, err := s.conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		chunk, err := r.Next(ctx)
		if err != nil || chunk == nil {
			return rows, err
		}
		for n := range chunk.Size() {
			row := make([]string, len(r.Columns()))
			for i := range row {
				row[i] = string(chunk.Column(i).AppendText(nil, n))
			}
			rows = append(rows, row)
		}
	}
}

// differ says how the two sides differ; "" when they do not, or when both refuse what must be refused.
func (p pair) differ(s *session) string {
	if change := pairSides[p.ID]; change != nil {
		change(&p)
	}
	ours, err := s.run(p.whole(p.Redshift))
	theirs, err2 := s.plain(p.whole(p.Duckdb))
	switch {
	case err != nil && err2 != nil && pairRefused[p.ID] != "":
		return ""
	case err != nil || err2 != nil:
		return fmt.Sprintf("ours: %v; the plain engine: %v", err, err2)
	}
	have, want := documented{}.normal(ours.rows), documented{}.normal(theirs)
	sortRows(have)
	sortRows(want)
	if len(have) != len(want) || len(want) == 0 {
		return fmt.Sprintf("%s and %s", show(have), show(want))
	}
	for i := range want {
		for j := range want[i] {
			if len(have[i]) != len(want[i]) || !sameCell(want[i][j], have[i][j]) {
				return fmt.Sprintf("%s and %s", show(have), show(want))
			}
		}
	}
	return ""
}

// TestPairs runs each pair's Redshift side through Penstock and its DuckDB side on the plain engine: they give the same rows, but for
// those that are listed with a reason, and those must differ.
func TestPairs(t *testing.T) {
	conn, err := newEngine(t).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: dialect.Redshift, conn: conn, tables: map[string]typed.Relation{}}
	if _, err := s.run(pairTables); err != nil {
		t.Fatal(err)
	}
	pairs, same := readPairs(t), 0
	sort.Slice(pairs, func(i, j int) bool { return pairs[i].ID < pairs[j].ID })
	for _, p := range pairs {
		why, reason := p.differ(s), pairDiffers[p.ID]
		switch {
		case why == "" && reason == "":
			same++
		case why == "":
			t.Errorf("%s is the same, it is listed as different: %s", p.ID, reason)
		case reason == "":
			t.Errorf("%s\n%s\n%s\n%s", p.ID, p.Redshift, p.Duckdb, why)
		}
	}
	t.Logf("%d of %d pairs give the same rows, %d differ for a reason", same, len(pairs), len(pairDiffers))
}
