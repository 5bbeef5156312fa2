package clients

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/test/harness"
)

func connect(t *testing.T, rt *harness.Runtime) *pgx.Conn {
	t.Helper()
	u := url.URL{Scheme: "postgres", User: url.UserPassword(rt.Vars["PGUSER"], rt.Vars["PGPASSWORD"]),
		Host: net.JoinHostPort(rt.Vars["PGHOST"], rt.Vars["PGPORT"]), Path: rt.Vars["PGDATABASE"]}
	c, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func run(t *testing.T, c *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// TestPgx writes and reads the common types by pgx: each protocol, text and binary results, prepared statements, transactions.
func TestPgx(t *testing.T) {
	rt := serveWarehouse(t, t.TempDir())
	c := connect(t, rt)
	ctx := t.Context()
	run(t, c, "CREATE TABLE v(m INT, b BOOLEAN, i8 BIGINT, f8 FLOAT, n DECIMAL(20,4), s VARCHAR(20), d DATE, ts TIMESTAMP)")
	at := time.Date(2021, 3, 4, 5, 6, 7, 890_000_000, time.UTC)
	modes := []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol}
	for m, mode := range modes {
		run(t, c, "INSERT INTO v VALUES ($1,$2,$3,$4,$5,$6,$7,$8)", mode, m, true, int64(1)<<40, 0.25, "-12345.6789", "naïve", at, at)
		run(t, c, "INSERT INTO v(m) VALUES ($1)", mode, m+100)
		for _, format := range []int16{pgx.TextFormatCode, pgx.BinaryFormatCode} {
			args := []any{mode, pgx.QueryResultFormats{format}, m}
			if mode == pgx.QueryExecModeSimpleProtocol || mode == pgx.QueryExecModeExec {
				args = []any{mode, m}
			}
			var b bool
			var i8 int64
			var f8 float64
			var n, s string
			var d, ts time.Time
			sql := "SELECT b, i8, f8, CAST(n AS VARCHAR(30)), s, d, ts FROM v WHERE m = $1"
			if err := c.QueryRow(ctx, sql, args...).Scan(&b, &i8, &f8, &n, &s, &d, &ts); err != nil {
				t.Fatalf("%v, format %d: %v", mode, format, err)
			}
			if got := fmt.Sprint(b, i8, f8, n, s, d.Format(time.DateOnly),
				ts.UTC().Format(time.RFC3339Nano)); got != "true 1099511627776 0.25-12345.6789naïve2021-03-042021-03-04T05:06:07.89Z" {
				t.Errorf("%v, format %d: %s", mode, format, got)
			}
		}
		var nb *bool
		var ns *string
		var nt *time.Time
		if err := c.QueryRow(ctx, "SELECT b, s, ts FROM v WHERE m = $1", mode, m+100).Scan(&nb, &ns, &nt); err != nil ||
			nb != nil || ns != nil || nt != nil {
			t.Errorf("%v: nulls: %v %v %v, %v", mode, nb, ns, nt, err)
		}
	}
	p, err := c.Prepare(ctx, "by_m", "SELECT s FROM v WHERE m = $1 AND s = $2")
	if err != nil || len(p.ParamOIDs) != 2 || len(p.Fields) != 1 || p.Fields[0].Name != "s" {
		t.Fatalf("prepared: %+v, %v", p, err)
	}
	for m := range modes {
		var s string
		if err := c.QueryRow(ctx, "by_m", m, "naïve").Scan(&s); err != nil || s != "naïve" {
			t.Errorf("prepared, %d: %q, %v", m, s, err)
		}
	}
	if err := c.Deallocate(ctx, "by_m"); err != nil {
		t.Error(err)
	}
}

// TestPgxTransactions: what one session has not committed another does not see, and a kill of the server loses nothing that was committed.
func TestPgxTransactions(t *testing.T) {
	data := t.TempDir()
	rt := serveWarehouse(t, data)
	a, b := connect(t, rt), connect(t, rt)
	count := func(c *pgx.Conn) (n int) {
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	run(t, a, "CREATE TABLE t(x INT)")
	tx, err := a.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO t VALUES (1), (2)"); err != nil {
		t.Fatal(err)
	}
	if mine, others := count(a), count(b); mine != 2 || others != 0 {
		t.Errorf("in the transaction %d rows, outside %d", mine, others)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(b); n != 2 {
		t.Errorf("after the commit %d rows", n)
	}
	run(t, a, "BEGIN")
	run(t, a, "INSERT INTO t VALUES (3)")
	rt.Kill()
	if n := count(connect(t, harness.Serve(t, data))); n != 2 {
		t.Errorf("after the kill %d rows", n)
	}
}

// TestPgxErrors: the SQLSTATE of each kind of error; the session goes on after it.
func TestPgxErrors(t *testing.T) {
	rt := serveWarehouse(t, t.TempDir())
	c := connect(t, rt)
	run(t, c, "CREATE TABLE t(x INT NOT NULL, s VARCHAR(3))")
	for _, e := range []struct{ sql, code string }{
		{"SELEC 1", "42601"},
		{"SELECT * FROM none", "42P01"},
		{"SELECT none FROM t", "42703"},
		{"SELECT no_such_function(1)", "42883"},
		{"SELECT 1/0", "22012"},
		{"INSERT INTO t VALUES (NULL, 'a')", "23502"},
		{"INSERT INTO t VALUES (1, 'four')", "22001"},
		{"CREATE TABLE t(x INT)", "42P07"},
		{"COPY t FROM 's3://lake/none' IAM_ROLE default CSV", "XX000"},
	} {
		for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeDescribeExec} {
			_, err := c.Exec(t.Context(), e.sql, mode)
			var pe *pgconn.PgError
			if !errors.As(err, &pe) || pe.Code != e.code {
				t.Errorf("%s (%v): %v, want %s", e.sql, mode, err, e.code)
			}
			run(t, c, "SELECT 1")
		}
	}
}

// TestPgxCancel stops a statement with the protocol's own cancel request; the session goes on.
func TestPgxCancel(t *testing.T) {
	rt := serveWarehouse(t, t.TempDir())
	c := connect(t, rt)
	run(t, c, "CREATE TABLE t(x BIGINT)")
	run(t, c, "INSERT INTO t VALUES (1), (2), (3), (4), (5), (6), (7), (8)")
	ended := make(chan error, 1)
	go func() {
		_, err := c.Exec(context.Background(),
			"SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t n, t o WHERE a.x * b.x > c.x + o.x")
		ended <- err
	}()
	late := time.After(3 * time.Minute)
	for {
		if err := c.PgConn().CancelRequest(t.Context()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			var pe *pgconn.PgError
			if !errors.As(err, &pe) || pe.Code != "57014" {
				t.Errorf("cancelled: %v", err)
			}
			run(t, c, "SELECT 1")
			return
		case <-late:
			t.Fatal("the statement goes on after many requests to cancel it")
		case <-time.After(50 * time.Millisecond): // the request came before the statement had begun
		}
	}
}
