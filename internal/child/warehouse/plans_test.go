package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// must runs SQL in a session of its own kind: any error ends the test.
func must(t *testing.T, s *scriptConn, sql string) {
	t.Helper()
	if got := s.answer(sql, "ok"); strings.HasPrefix(got, "ERROR") || strings.HasPrefix(got, "BROKEN") {
		t.Fatalf("%s: %s", sql, got)
	}
}

// execute runs a prepared statement and gives its rows or the code of its error.
func (s *scriptConn) execute(name string) string {
	r := s.c.ExecPrepared(context.Background(), name, nil, nil, nil).Read()
	var pe *pgconn.PgError
	if errors.As(r.Err, &pe) {
		return pe.Code
	}
	var rows []string
	for _, row := range r.Rows {
		rows = append(rows, strings.Join(cells(row), "|"))
	}
	return strings.Join(rows, " ")
}

// TestPlansFollowTheCatalog changes under a prepared statement what it means; another session does it. A client that was told of other
// columns gets PostgreSQL's error, and a new answer when it prepares again.
func TestPlansFollowTheCatalog(t *testing.T) {
	_, addr := start(t, t.TempDir(), t.TempDir())
	a, b := dial(t, addr), dial(t, addr)
	for _, c := range []struct{ name, setup, sql, before, change, after string }{
		{"view", "CREATE VIEW pv AS SELECT 1 AS a", "SELECT * FROM pv", "1", "CREATE OR REPLACE VIEW pv AS SELECT 2 AS a", "2"},
		{"late", "CREATE TABLE lt AS SELECT 1 AS a; CREATE VIEW lv AS SELECT a FROM public.lt WITH NO SCHEMA BINDING", "SELECT a FROM lv", "1",
			"DROP TABLE lt; CREATE TABLE lt AS SELECT 2 AS b, 7 AS a", "7"},
		{"column", "CREATE TABLE pt AS SELECT 1 AS a", "SELECT * FROM pt", "1", "ALTER TABLE pt ADD COLUMN c INT DEFAULT 7", "0A000"},
		{"dropped", "CREATE TABLE pd AS SELECT 1 AS a", "SELECT * FROM pd", "1", "DROP TABLE pd", "42P01"},
		{"again", "CREATE TABLE pa AS SELECT 1 AS a", "SELECT a FROM pa", "1",
			"DROP TABLE pa; CREATE TABLE pa(b INT, a INT); INSERT INTO pa VALUES (5, 6)", "6"},
		{"insert", "CREATE TABLE pi(a INT, b INT)", "INSERT INTO pi VALUES (1, 2)", "", "DROP TABLE pi; CREATE TABLE pi(b INT, a INT)", ""},
	} {
		must(t, b, c.setup)
		if _, err := a.c.Prepare(context.Background(), c.name, c.sql, nil); err != nil {
			t.Fatal(err)
		}
		if got := a.execute(c.name); got != c.before {
			t.Errorf("%s before: %q, want %q", c.name, got, c.before)
		}
		must(t, b, c.change)
		if got := a.execute(c.name); got != c.after {
			t.Errorf("%s after: %q, want %q", c.name, got, c.after)
		}
	}
	if got := b.answer("SELECT a, b FROM pi", "query"); got != "2|1" {
		t.Errorf("the insert went to the wrong columns: %s", got)
	}
}

// TestPlansFollowTheSession changes the search path and the temporary tables under a prepared statement.
func TestPlansFollowTheSession(t *testing.T) {
	_, addr := start(t, t.TempDir(), t.TempDir())
	a := dial(t, addr)
	must(t, a,
		"CREATE SCHEMA s1; CREATE SCHEMA s2; CREATE TABLE s1.t AS SELECT 1 AS a; CREATE TABLE s2.t AS SELECT 2 AS a; SET search_path TO s1")
	for name, sql := range map[string]string{"q": "SELECT a FROM t", "s": "SELECT current_schema()"} {
		if _, err := a.c.Prepare(context.Background(), name, sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ change, rows, schema string }{
		{"SELECT 1", "1", "s1"},
		{"SET search_path TO s2, s1", "2", "s2"},
		{"SET search_path TO none, s1", "1", "s1"},
		{"CREATE TEMP TABLE t AS SELECT 3 AS a", "3", "s1"},
		{"DROP TABLE t", "1", "s1"},
		{"BEGIN; CREATE TEMP TABLE t AS SELECT 4 AS a; ROLLBACK", "1", "s1"},
		{"DISCARD ALL", "26000", "26000"},
	} {
		must(t, a, c.change)
		if got := a.execute("q"); got != c.rows {
			t.Errorf("after %s: %q, want %q", c.change, got, c.rows)
		}
		if got := a.execute("s"); got != c.schema {
			t.Errorf("after %s the schema is %q, want %q", c.change, got, c.schema)
		}
	}
}

// TestCatalogIsOneSnapshot makes and drops tables in some sessions while others read a table that nobody touches, change one that all
// alter, and wait for the same locks: nothing of that may fail, and no column may be lost.
func TestCatalogIsOneSnapshot(t *testing.T) {
	_, addr := start(t, t.TempDir(), t.TempDir())
	first := dial(t, addr)
	must(t, first, "CREATE TABLE r AS SELECT 1 AS w; CREATE TABLE w(a INT)")
	const sessions, rounds = 3, 10
	var makers, readers sync.WaitGroup
	done := make(chan struct{})
	for i := range sessions {
		s, q := dial(t, addr), dial(t, addr)
		makers.Go(func() {
			for k := range rounds {
				for _, sql := range []string{"CREATE TABLE z$i_$k AS SELECT * FROM r", "INSERT INTO z$i_$k SELECT w FROM r",
					"ALTER TABLE w ADD COLUMN c$i_$k INT",
					"INSERT INTO w(a) VALUES (1)", "DROP TABLE z$i_$k"} {
					if got := s.answer(strings.NewReplacer("$i", fmt.Sprint(i), "$k", fmt.Sprint(k)).Replace(sql), "ok"); strings.HasPrefix(got, "ERROR") {
						t.Errorf("%s: %s", sql, got)
					}
				}
			}
		})
		readers.Go(func() {
			for {
				if got := q.answer("SELECT count(*) FROM r", "query"); got != "1" {
					t.Errorf("a reader got %s", got)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	makers.Wait()
	close(done)
	readers.Wait()
	if got := first.answer("SELECT count(*) FROM information_schema.columns WHERE table_name = 'w'",
		"query"); got != fmt.Sprint(1+sessions*rounds) {
		t.Errorf("columns of w: %s", got)
	}
	if got := first.answer("SELECT * FROM w LIMIT 1", "query"); strings.Count(got, "|") != sessions*rounds {
		t.Errorf("w has %d columns", strings.Count(got, "|")+1)
	}
	if got := first.answer("SELECT count(*) FROM w", "query"); got != fmt.Sprint(sessions*rounds) {
		t.Errorf("rows of w: %s", got)
	}
}

// TestExecuteFollows: EXECUTE binds again what PREPARE bound, and the names of both kinds of prepared statements are one.
func TestExecuteFollows(t *testing.T) {
	_, addr := start(t, t.TempDir(), t.TempDir())
	a, b := dial(t, addr), dial(t, addr)
	must(t, b, "CREATE TABLE t AS SELECT 1 AS a")
	must(t, a, "PREPARE p AS SELECT * FROM t")
	must(t, b, "ALTER TABLE t ADD COLUMN b INT DEFAULT 2")
	if got := a.answer("EXECUTE p", "query"); got != "1|2" {
		t.Errorf("EXECUTE gave %s", got)
	}
	if _, err := a.c.Prepare(context.Background(), "w", "SELECT 7", nil); err != nil {
		t.Fatal(err)
	}
	if got := a.answer("PREPARE w AS SELECT 1", "error"); !strings.HasPrefix(got, "42P05") {
		t.Errorf("a name is used twice: %s", got)
	}
	must(t, a, "DEALLOCATE w")
	if got := a.execute("w"); got != "26000" {
		t.Errorf("w was deallocated: %s", got)
	}
}
