package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/engine"
)

func open(t testing.TB, o engine.Options) (*engine.Engine, *engine.Conn) {
	t.Helper()
	e, err := engine.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); e.Close() })
	return e, c
}

// rows reads a whole result as text, a row a line, columns parted by |.
func rows(t testing.TB, c *engine.Conn, sql string, args ...any) string {
	t.Helper()
	r, err := c.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer r.Close()
	var b strings.Builder
	for {
		ch, err := r.Next(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if ch == nil {
			return b.String()
		}
		for i := range ch.Size() {
			for j := range r.Columns() {
				if j > 0 {
					b.WriteByte('|')
				}
				if ch.Column(j).IsNull(i) {
					b.WriteString("NULL")
				}
				b.WriteString(ch.Column(j).Text(i))
			}
			b.WriteByte('\n')
		}
	}
}

func TestTypesAsText(t *testing.T) {
	_, c := open(t, engine.Options{})
	for _, x := range []struct{ sql, typ, text string }{
		{"true", "BOOLEAN", "true"},
		{"(-7)::TINYINT", "TINYINT", "-7"},
		{"9223372036854775807", "BIGINT", "9223372036854775807"},
		{"18446744073709551615::UBIGINT", "UBIGINT", "18446744073709551615"},
		{"(-170141183460469231731687303715884105727)::HUGEINT", "HUGEINT", "-170141183460469231731687303715884105727"},
		{"1.5::FLOAT", "FLOAT", "1.5"},
		{"'nan'::DOUBLE", "DOUBLE", "NaN"},
		{"'-inf'::DOUBLE", "DOUBLE", "-Infinity"},
		{"-0.05::DECIMAL(4,2)", "DECIMAL(4,2)", "-0.05"},
		{"123456.789::DECIMAL(9,3)", "DECIMAL(9,3)", "123456.789"},
		{"7::DECIMAL(12,0)", "DECIMAL(12,0)", "7"},
		{"-12345678901234567890123.4567::DECIMAL(38,4)", "DECIMAL(38,4)", "-12345678901234567890123.4567"},
		{"'short'", "VARCHAR", "short"},
		{"'twelve chars'", "VARCHAR", "twelve chars"},
		{"'more than twelve bytes: ü'", "VARCHAR", "more than twelve bytes: ü"},
		{`'\x00a'::BLOB`, "BLOB", "\x00a"},
		{"DATE '1969-12-31'", "DATE", "1969-12-31"},
		{"TIME '01:02:03.004'", "TIME", "01:02:03.004"},
		{"TIMESTAMP '2010-12-01 08:26:00'", "TIMESTAMP", "2010-12-01 08:26:00"},
		{"TIMESTAMPTZ '2010-12-01 08:26:00+02'", "TIMESTAMP WITH TIME ZONE", "2010-12-01 06:26:00+00"},
		{"INTERVAL '1 month 2 days 3 seconds'", "INTERVAL", "1 mon 2 days 00:00:03"},
		{"'7b5b1f3e-0001-4a5b-8c9d-00ff00ff00ff'::UUID", "UUID", "7b5b1f3e-0001-4a5b-8c9d-00ff00ff00ff"},
		{"'b'::ENUM('a','b')", "ENUM", "b"},
		{"[1,NULL,3]", "INTEGER[]", "[1, NULL, 3]"},
		{"{'a': 1, 'b': ['x']}", `STRUCT("a" INTEGER, "b" VARCHAR[])`, "{a: 1, b: [x]}"},
		{"MAP {'k': 2}", "MAP(VARCHAR, INTEGER)", "[{key: k, value: 2}]"},
		{"NULL::INTEGER", "INTEGER", ""},
	} {
		r, err := c.Query(t.Context(), "SELECT "+x.sql)
		if err != nil {
			t.Fatalf("%s: %v", x.sql, err)
		}
		ch, err := r.Next(t.Context())
		if err != nil || ch == nil {
			t.Fatalf("%s: no row: %v", x.sql, err)
		}
		if got := r.Columns()[0].Type.String(); got != x.typ {
			t.Errorf("%s: type %s, want %s", x.sql, got, x.typ)
		}
		if got := ch.Column(0).Text(0); got != x.text {
			t.Errorf("%s: %q, want %q", x.sql, got, x.text)
		}
		r.Close()
	}
}

func TestStreamsWithoutMaterialising(t *testing.T) {
	_, c := open(t, engine.Options{MemoryLimit: 64 << 20})
	r, err := c.Query(t.Context(), "SELECT i, 'some text that is long enough to matter ' || i FROM range(20000000) t(i)")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for n < 4*engine.ChunkRows {
		ch, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := ch.Column(0).Int64(0); got != int64(n) {
			t.Fatalf("chunk begins with %d, want %d", got, n)
		}
		n += ch.Size()
	}
	r.Close()
	if got := rows(t, c, "SELECT 1"); got != "1\n" {
		t.Errorf("after an unfinished stream the connection answers %q", got)
	}
}

func TestParameters(t *testing.T) {
	_, c := open(t, engine.Options{})
	got := rows(t, c, "SELECT ?::INTEGER + 1, ?, ?::DATE, ?, ?::BLOB, ? IS NULL", 41, "o'brien", engine.Date(1),
		time.Unix(0, 0), []byte("b"), nil)
	if want := "42|o'brien|1970-01-02|1970-01-01 00:00:00|b|true\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := c.Query(t.Context(), "SELECT ?"); err == nil {
		t.Error("a missing value is accepted")
	}
	s, err := c.Prepare(t.Context(), "SELECT 1::BIGINT AS a, ?::DATE AS b")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.NumParams() != 1 || s.ParamType(0).ID != engine.DateType {
		t.Errorf("%d parameters, first %v", s.NumParams(), s.ParamType(0))
	}
	if cols := s.Columns(); len(cols) != 2 || cols[0].Name != "a" || cols[1].Type.ID != engine.DateType {
		t.Errorf("columns %v", cols)
	}
}

func TestErrorsKeepTheirWords(t *testing.T) {
	_, c := open(t, engine.Options{})
	for sql, kind := range map[string]string{
		"SELECT nosuch":         "Binder",
		"SELEC 1":               "Parser",
		"SELECT 'x'::INTEGER":   "Conversion",
		"SELECT * FROM missing": "Catalog",
		"SELECT error('mine')":  "Invalid Input",
		"SELECT sum(i::TINYINT) FROM range(300) t(i)": "Conversion",
	} {
		_, err := c.Exec(t.Context(), sql)
		var e *engine.Error
		if !errors.As(err, &e) || e.Kind != kind || e.Detail() == "" {
			t.Errorf("%s: %#v, want kind %s", sql, err, kind)
		}
	}
}

func TestCancelStopsAtOnce(t *testing.T) {
	_, c := open(t, engine.Options{Threads: 2})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("stopped by the test")
	time.AfterFunc(30*time.Millisecond, func() { cancel(why) })
	_, err := c.Exec(ctx, "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7")
	if !errors.Is(err, why) {
		t.Fatalf("got %v, want the cause", err)
	}
	if got := rows(t, c, "SELECT 2"); got != "2\n" {
		t.Errorf("after a cancel the connection answers %q", got)
	}
}

func TestSandbox(t *testing.T) {
	dir := t.TempDir()
	ok, secret := filepath.Join(dir, "ok"), filepath.Join(dir, "secret.csv")
	os.Mkdir(ok, 0o700)
	os.WriteFile(secret, []byte("a\n1\n"), 0o600)
	os.WriteFile(filepath.Join(ok, "x.csv"), []byte("a\n1\n"), 0o600)
	os.Symlink(secret, filepath.Join(ok, "link.csv"))
	_, c := open(t, engine.Options{AllowedDirs: []string{ok}, TempDir: filepath.Join(dir, "spill")})
	if got := rows(t, c, "SELECT * FROM read_csv('"+ok+"/x.csv')"); got != "1\n" {
		t.Errorf("an allowed file gives %q", got)
	}
	for _, sql := range []string{
		"SELECT * FROM read_csv('" + secret + "')",
		"SELECT * FROM read_csv('" + ok + "/link.csv')",
		"SELECT * FROM read_text('" + ok + "/../secret.csv')",
		"COPY (SELECT 1) TO '" + dir + "/out.csv'",
		"ATTACH '" + dir + "/other.duckdb'",
		"SET memory_limit='100GB'",
		"SET enable_external_access=true",
		"SET TimeZone='Europe/Berlin'",
		"INSTALL httpfs",
	} {
		if _, err := c.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
}

func TestLimitsAreSet(t *testing.T) {
	spill := t.TempDir()
	_, c := open(t, engine.Options{MemoryLimit: 100 << 20, Threads: 2, TempDir: spill,
		Settings: map[string]string{"default_null_order": "nulls_last"}})
	got := rows(t, c, "SELECT current_setting('memory_limit'), current_setting('threads'), current_setting('temp_directory'), "+
		"current_setting('TimeZone'), current_setting('default_null_order')")
	if want := "100.0 MiB|2|" + spill + "|UTC|NULLS_LAST\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err := c.Exec(t.Context(), "CREATE TABLE big AS SELECT i, md5(i::VARCHAR) h FROM range(3000000) t(i)")
	if err != nil {
		t.Errorf("a table of three times the memory does not spill: %v", err)
	}
}

func TestFileDatabaseSurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	func() {
		e, err := engine.Open(t.Context(), engine.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		c, _ := e.Conn(t.Context())
		defer c.Close()
		for _, sql := range []string{"CREATE TABLE t(i INT)", "BEGIN", "INSERT INTO t VALUES (1),(2)", "COMMIT", "BEGIN",
			"INSERT INTO t VALUES (3)", "ROLLBACK", "CHECKPOINT"} {
			if _, err := c.Exec(t.Context(), sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		if n, err := c.Exec(t.Context(), "UPDATE t SET i = i + 10"); n != 2 || err != nil {
			t.Fatalf("update: %d, %v", n, err)
		}
	}()
	_, c := open(t, engine.Options{Path: path})
	if got := rows(t, c, "SELECT i FROM t ORDER BY i"); got != "11\n12\n" {
		t.Errorf("reopened: %q", got)
	}
}

func TestAppender(t *testing.T) {
	_, c := open(t, engine.Options{})
	if _, err := c.Exec(t.Context(),
		"CREATE TABLE t(i INTEGER, s VARCHAR, d DECIMAL(10,2), w DECIMAL(38,3), f DOUBLE, day DATE, ok BOOLEAN)"); err != nil {
		t.Fatal(err)
	}
	a, err := c.Appender(t.Context(), "", "t")
	if err != nil {
		t.Fatal(err)
	}
	const n = 3*engine.ChunkRows + 17
	for i := range n {
		r := a.Row()
		a.Column(0).SetInt64(r, int64(i))
		if i%3 == 0 {
			a.Column(1).SetNull(r)
		} else if !a.Column(1).SetBytes(r, []byte(fmt.Sprintf("%0*d", 5+i%20, i))) {
			t.Fatal("ASCII refused")
		}
		a.Column(2).SetInt64(r, int64(-i))
		a.Column(3).SetInt64(r, int64(-i))
		a.Column(4).SetFloat64(r, float64(i)/2)
		a.Column(5).SetInt64(r, int64(i))
		a.Column(6).SetBool(r, i%2 == 0)
		if a.Column(1).SetBytes(r, []byte{0xff}) {
			t.Fatal("bytes that are not UTF-8 accepted")
		}
		if err := a.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 7 {
		a.Column(i).SetNull(a.Row())
	}
	a.Drop()
	for i := range 7 {
		if i != 1 {
			a.Column(i).SetInt64(a.Row(), 0)
		}
	}
	a.Column(1).SetBytes(a.Row(), []byte("the row after a dropped one is not NULL"))
	if err := a.Next(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, c, "DELETE FROM t WHERE length(s) > 30 AND i = 0 AND d = 0 AND day = '1970-01-01' AND ok IS NOT NULL"); got != "1\n" {
		t.Errorf("the row after a dropped one: %q", got)
	}
	got := rows(t, c, `SELECT count(*), count(s), sum(i), sum(d), sum(w), sum(f), max(day), count(*) FILTER (ok), `+
		`count(*) FILTER (s::INTEGER = i), max(length(s)) FROM t`)
	if want := "6161|4107|18975880|-189758.80|-18975.880|9.48794e+06|1986-11-13|3081|4107|24\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkAppend(b *testing.B) {
	_, c := open(b, engine.Options{Threads: 2})
	if _, err := c.Exec(b.Context(), "CREATE TABLE t(i BIGINT, s VARCHAR, l VARCHAR)"); err != nil {
		b.Fatal(err)
	}
	a, err := c.Appender(b.Context(), "", "t")
	if err != nil {
		b.Fatal(err)
	}
	short, long := []byte("536365"), []byte("WHITE HANGING HEART T-LIGHT HOLDER")
	for i := 0; b.Loop(); i++ {
		r := a.Row()
		a.Column(0).SetInt64(r, int64(i))
		a.Column(1).SetBytes(r, short)
		a.Column(2).SetBytes(r, long)
		if err := a.Next(); err != nil {
			b.Fatal(err)
		}
	}
	a.Close()
}
