package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"penstock/internal/testcorpus"
)

// TestPsql runs psql -c, the way people look at a warehouse.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	testcorpus.NeedTool(t, err == nil, "psql")
	_, addr := start(t, t.TempDir(), bucketsFolder(t))
	host, port, _ := strings.Cut(addr, ":")
	run := func(args ...string) (string, error) {
		cmd := exec.Command(psql, append([]string{"-X", "-h", host, "-p", port, "-U", "admin", "dev"}, args...)...)
		cmd.Env = []string{"PGPASSWORD=pw", "PATH=/usr/bin:/bin", "PGCONNECT_TIMEOUT=120"}
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	for _, c := range []struct{ sql, want string }{
		{"CREATE TABLE sales(country VARCHAR(30), amount DECIMAL(12,3)) DISTKEY(country)", "CREATE TABLE"},
		{"INSERT INTO sales VALUES ('United Kingdom', 1.5), ('France', 2)", "INSERT 0 2"},
		{"SELECT country, sum(amount) AS revenue FROM sales GROUP BY 1 ORDER BY 1",
			"country     | revenue \n----------------+---------\n France         |   2.000\n United Kingdom |   1.500\n(2 rows)"},
		{"UPDATE sales SET amount = 3 WHERE country = 'France'", "UPDATE 1"},
		{"SELECT 1 AS a; SELECT 2 AS b", "a \n---\n 1\n(1 row)\n\n b \n---\n 2\n(1 row)"},
		{"COPY sales FROM 's3://lake/none' IAM_ROLE default CSV", "ERROR:  The specified S3 prefix 'none' does not exist"},
		{"SELECT nope FROM sales", "ERROR:  column \"nope\" does not exist in sales\nLINE 1: SELECT nope FROM sales\n               ^"},
	} {
		got, _ := run("-c", c.sql)
		if got != c.want {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.sql, got, c.want)
		}
	}
	for command, want := range map[string]string{
		`\d`: "List of relations\n schema | name  | type  | owner \n--------+-------+-------+-------\n public | " +
			"sales | table | admin\n(1 row)",
		`\d sales`: "Table \"public.sales\"\n Column  |         Type          | Collation | Nullable | Default " +
			"\n---------+-----------------------+-----------+----------+---------\n country | character varying(30) |           |          | \n " +
			"amount  | numeric(12,3)         |           |          |",
	} {
		if got, err := run("-c", command); err != nil || got != want {
			t.Errorf("%s: %v\ngot:\n%s\nwant:\n%s", command, err, got, want)
		}
	}
	if got, err := run("-Atc", "SELECT sum(amount) FROM sales"); err != nil || got != "4.500" {
		t.Errorf("-At: %q, %v", got, err)
	}
}

func connect(t testing.TB, addr string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), "postgres://admin:pw@"+addr+"/dev")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// TestPgxModes reads and writes every common type in each of pgx's protocols and both formats.
func TestPgxModes(t *testing.T) {
	_, addr := start(t, t.TempDir(), t.TempDir())
	c := connect(t, addr)
	ctx := context.Background()
	if _, err := c.Exec(ctx, "CREATE TABLE v(m INT, b BOOLEAN, i2 SMALLINT, i4 INT, i8 BIGINT, f4 REAL, f8 FLOAT, n DECIMAL(20,4), "+
		"s VARCHAR(20), c CHAR(4), d DATE, t TIME, ts TIMESTAMP, tz TIMESTAMPTZ)"); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)
	at := time.Date(2021, 3, 4, 5, 6, 7, 890_000_000, time.UTC)
	modes := []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec,
		pgx.QueryExecModeSimpleProtocol}
	for m, mode := range modes {
		var num pgtype.Numeric
		if err := num.Scan("-12345.6789"); err != nil {
			t.Fatal(err)
		}
		_, err := c.Exec(ctx, "INSERT INTO v VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)", mode, int32(m), true, int16(-2), int32(4),
			int64(1)<<40, float32(1.5), 0.25, num, "naïve",
			"ab", day, pgtype.Time{Microseconds: 3_600_000_001, Valid: true}, at, at)
		if err != nil {
			t.Fatalf("%v: insert: %v", mode, err)
		}
	}
	want := ""
	for m, mode := range modes {
		for _, format := range []int16{0, 1} {
			args := []any{mode, pgx.QueryResultFormats{format}, int32(m)}
			if mode == pgx.QueryExecModeSimpleProtocol || mode == pgx.QueryExecModeExec {
				args = []any{mode, int32(m)}
			}
			got := scanAll(t, c, mode, args)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%v format %d:\n got %s\nwant %s", mode, format, got, want)
			}
		}
	}
	if !strings.Contains(want,
		"true -2 4 1099511627776 1.5 0.25 -12345.6789 naïve ab   2020-02-29 3600000001 2021-03-04 05:06:07.89 2021-03-04 05:06:07.89") {
		t.Errorf("row: %s", want)
	}
}

func scanAll(t *testing.T, c *pgx.Conn, mode pgx.QueryExecMode, args []any) string {
	var b bool
	var i2 int16
	var i4 int32
	var i8 int64
	var f4 float32
	var f8 float64
	var n pgtype.Numeric
	var s, ch string
	var d pgtype.Date
	var tm pgtype.Time
	var ts, tz time.Time
	err := c.QueryRow(context.Background(), "SELECT b, i2, i4, i8, f4, f8, n, s, c, d, t, ts, tz FROM v WHERE m = $1", args...).Scan(&b, &i2,
		&i4, &i8, &f4, &f8, &n, &s, &ch, &d, &tm, &ts, &tz)
	if err != nil {
		t.Fatalf("%v: %v", mode, err)
	}
	num, _ := n.MarshalJSON()
	const layout = "2006-01-02 15:04:05.999999"
	return fmt.Sprint(b, i2, i4, i8, f4, f8, " ", string(num), " ", s, " ", ch, " ", d.Time.Format(time.DateOnly), " ", tm.Microseconds, " ",
		ts.Format(layout), " ", tz.UTC().Format(layout))
}

func TestPgxTransactionsAndPortals(t *testing.T) {
	w, addr := start(t, t.TempDir(), t.TempDir())
	c := connect(t, addr)
	ctx := context.Background()
	mustExec(t, c, "CREATE TABLE t(x INT)")
	tx, err := c.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO t SELECT * FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO nothing VALUES (1)"); err == nil {
		t.Fatal("no error")
	}
	var pe *pgconn.PgError
	if _, err := tx.Exec(ctx, "INSERT INTO t VALUES (4)"); !errors.As(err, &pe) || pe.Code != "25P02" {
		t.Errorf("in a failed transaction: %v", err)
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	var batch pgx.Batch
	batch.Queue("INSERT INTO t VALUES ($1)", 7)
	batch.Queue("INSERT INTO t VALUES ($1)", 8)
	batch.Queue("SELECT count(*) FROM t")
	if err := c.SendBatch(ctx, &batch).Close(); err != nil {
		t.Fatal(err)
	}
	batch = pgx.Batch{}
	batch.Queue("INSERT INTO t VALUES ($1)", 9)
	batch.Queue("SELECT 1/0")
	if err := c.SendBatch(ctx, &batch).Close(); err == nil {
		t.Error("a batch with an error succeeds")
	}
	var n int64
	if err := c.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d rows, %v: a batch is one transaction", n, err)
	}
	// A cancelled context closes pgx's connection; the server must stop the statement too.
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := c.Exec(short, "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t n, t o, t p, t q, "+
		"t r, t s, t u, t v, t w, t x, t y, t z, t a1, t a2, t a3, t a4, t a5 WHERE a.x * b.x > c.x + d.x + a5.x"); err == nil {
		t.Error("the long query was not cancelled")
	}
	if w.env.Queries.Load() == 0 {
		t.Error("no query was counted")
	}
}

func mustExec(t testing.TB, c *pgx.Conn, sql string) {
	t.Helper()
	if _, err := c.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// TestReopen closes a warehouse and opens its files again.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	w, addr := start(t, dir, t.TempDir())
	c := connect(t, addr)
	mustExec(t, c, "CREATE TABLE t(x INT, s VARCHAR(7) DEFAULT 'a') DISTKEY(x)")
	mustExec(t, c, "INSERT INTO t(x) VALUES (1)")
	mustExec(t, c, "CREATE VIEW v AS SELECT upper(s) AS u FROM t")
	c.Close(context.Background())
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, addr = start(t, dir, t.TempDir())
	c = connect(t, addr)
	var u string
	if err := c.QueryRow(context.Background(), "SELECT u FROM v").Scan(&u); err != nil || u != "A" {
		t.Errorf("%q, %v", u, err)
	}
	if _, err := c.Exec(context.Background(), "INSERT INTO t VALUES (2, 'too long')"); err == nil {
		t.Error("the length of a column was forgotten")
	}
}

// BenchmarkScan reads five million rows of five columns over the wire.
func BenchmarkScan(b *testing.B) {
	_, addr := start(b, b.TempDir(), b.TempDir())
	c := connect(b, addr)
	mustExec(b, c, "CREATE TABLE digits(d BIGINT)")
	mustExec(b, c, "INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)")
	mustExec(b, c, `CREATE TABLE big AS SELECT a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d + 100000*f.d + 1000000*g.d AS id,
		CAST(a.d AS INT) AS i, CAST(b.d AS FLOAT) / 7 AS f,
		CAST('2020-01-01' AS TIMESTAMP) AS ts, CAST(c.d AS VARCHAR(20)) AS s FROM digits a, digits b, digits c, digits d, digits e,
		digits f, digits g WHERE g.d < 5`)
	for _, format := range []int16{0, 1} {
		b.Run([]string{"text", "binary"}[format], func(b *testing.B) {
			for b.Loop() {
				rows, err := c.Query(context.Background(), "SELECT id, i, f, ts, s FROM big", pgx.QueryResultFormats{format})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for rows.Next() {
					n++
				}
				if rows.Err() != nil || n != 5_000_000 {
					b.Fatal(n, rows.Err())
				}
			}
		})
	}
	b.Run("point", func(b *testing.B) {
		var i int32
		for b.Loop() {
			if err := c.QueryRow(context.Background(), "SELECT i FROM big WHERE id = $1", 4711).Scan(&i); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("select1", func(b *testing.B) {
		var i int32
		for b.Loop() {
			if err := c.QueryRow(context.Background(), "SELECT 1").Scan(&i); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCopyParquet loads 305 small files, as many as the retail pipeline has days.
func BenchmarkCopyParquet(b *testing.B) {
	buckets := bucketsFolder(b)
	one, err := os.ReadFile(filepath.Join(buckets, "lake", "pq", "one.parquet"))
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(buckets, "lake", "days")
	if err := os.Mkdir(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	for i := range 305 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d", i)), one, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	_, addr := start(b, b.TempDir(), buckets)
	c := connect(b, addr)
	mustExec(b, c, "CREATE TABLE t(id INT NOT NULL, name VARCHAR(20), price DECIMAL(10,2), day DATE)")
	for b.Loop() {
		mustExec(b, c, "COPY t FROM 's3://lake/days/' IAM_ROLE default FORMAT PARQUET")
	}
}
