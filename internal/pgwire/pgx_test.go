package pgwire

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

func connect(t *testing.T, addr, user, password, more string) (*pgx.Conn, error) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), fmt.Sprintf("postgres://%s:%s@%s/dev?sslmode=prefer%s", user, password, addr, more))
	if err == nil {
		t.Cleanup(func() { c.Close(context.Background()) })
	}
	return c, err
}

func TestPasswords(t *testing.T) {
	f := newFake()
	scram, err := ScramSecret("pencil", []byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	f.secrets["modern"] = scram
	addr := serve(t, f, Options{})
	for _, c := range []struct {
		user, password string
		ok             bool
	}{{"admin", "pw", true}, {"admin", "PW", false}, {"nobody", "pw", false}, {"modern", "pencil", true}, {"modern", "pen", false}} {
		_, err := connect(t, addr, c.user, c.password, "")
		if (err == nil) != c.ok {
			t.Errorf("%s/%s: %v", c.user, c.password, err)
		}
		var pe *pgconn.PgError
		if err != nil && (!errors.As(err, &pe) || pe.Code != "28000" ||
			pe.Message != fmt.Sprintf("password authentication failed for user \"%s\"", c.user)) {
			t.Errorf("%s/%s: %v", c.user, c.password, err)
		}
	}
}

func TestSessionRefused(t *testing.T) {
	addr := serve(t, newFake(), Options{MaxSessions: 1})
	if _, err := pgx.Connect(context.Background(), "postgres://admin:pw@"+addr+"/missing"); err == nil ||
		!strings.Contains(err.Error(), `database "missing" does not exist`) {
		t.Errorf("missing database: %v", err)
	}
	_, err := connect(t, addr, "admin", "pw", "")
	for end := time.Now().Add(2 * time.Minute); err != nil && strings.Contains(err.Error(), "connection limit") && time.Now().Before(end); {
		_, err = connect(t, addr, "admin", "pw", "") // the session that was refused is not forgotten yet
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t, addr, "admin", "pw", ""); err == nil || !strings.Contains(err.Error(), "connection limit") {
		t.Errorf("second session: %v", err)
	}
}

// values has a column of every type, and a row of ordinary and one of extreme values.
func values() answer {
	oids := []uint32{Bool, Int2, Int4, Int8, Float4, Float8, Numeric, Varchar, BPChar, Date, Time, Timestamp, TimestampTZ}
	a := answer{}
	for i, o := range oids {
		a.cols = append(a.cols, Column{Name: fmt.Sprint("c", i), OID: o, Modifier: -1})
	}
	a.rows = []func(*Rows, []Arg){
		func(r *Rows, _ []Arg) {
			r.Bool(true)
			r.Int(-7)
			r.Int(42)
			r.Int(math.MinInt64)
			r.Float(float64(float32(1.1)))
			r.Float(0.1)
			r.Numeric([]byte("-12345678901234567890.00120"))
			r.Text("naïve")
			r.Text("ab  ")
			r.Date(15400)
			r.Time(3723000001)
			r.Timestamp(1330560000123456)
			r.Timestamp(-1)
		},
		func(r *Rows, _ []Arg) {
			r.Bool(false)
			for range 11 {
				r.Null()
			}
			r.Timestamp(math.MaxInt64)
		},
	}
	return a
}

func TestTextAndBinaryAgree(t *testing.T) {
	f := newFake()
	f.answers["values"] = values()
	addr := serve(t, f, Options{})
	c, err := connect(t, addr, "admin", "pw", "")
	if err != nil {
		t.Fatal(err)
	}
	want := "[true -7 42 -9223372036854775808 1.1 0.1 -12345678901234567890.00120 naïve ab   2012-03-01 01:02:03.000001 2012-03-01 " +
		"00:00:00.123456 1969-12-31 23:59:59.999999+00]"
	for _, format := range []int16{0, 1} {
		rows, err := c.Query(context.Background(), "values", pgx.QueryResultFormats{format})
		if err != nil {
			t.Fatal(err)
		}
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		got := fmt.Sprint(readable(t, rows))
		if got != want {
			t.Errorf("format %d:\n got %s\nwant %s", format, got, want)
		}
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		var b bool
		var i2 *int16
		var ts pgtype.Timestamptz
		if err := rows.Scan(&b, &i2, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, &ts); err != nil || b || i2 != nil ||
			ts.InfinityModifier != pgtype.Infinity {
			t.Errorf("format %d: second row %v %v %v, %v", format, b, i2, ts, err)
		}
		rows.Close()
		if got := rows.CommandTag().String(); got != "SELECT 2" {
			t.Errorf("tag %q", got)
		}
	}
}

// readable scans a row of values() into types that pgx decodes from either format.
func readable(t *testing.T, rows pgx.Rows) []any {
	var b bool
	var i2 int16
	var i4 int32
	var i8 int64
	var f4 float32
	var f8 float64
	var n pgtype.Numeric
	var v, c string
	var d pgtype.Date
	var tm pgtype.Time
	var ts pgtype.Timestamp
	var tz pgtype.Timestamptz
	if err := rows.Scan(&b, &i2, &i4, &i8, &f4, &f8, &n, &v, &c, &d, &tm, &ts, &tz); err != nil {
		t.Fatal(err)
	}
	num, err := n.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return []any{b, i2, i4, i8, f4, f8, string(num), v, c, d.Time.Format(time.DateOnly),
		time.UnixMicro(tm.Microseconds).UTC().Format("15:04:05.999999"), ts.Time.Format("2006-01-02 15:04:05.999999"),
		tz.Time.UTC().Format("2006-01-02 15:04:05.999999+00")}
}

func TestPrepared(t *testing.T) {
	addr := serve(t, newFake(), Options{})
	c, err := connect(t, addr, "admin", "pw", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec} {
		var got int64
		if err := c.QueryRow(context.Background(), "select $1", mode, int64(-5)).Scan(&got); err != nil || got != -5 {
			t.Errorf("%v: %d, %v", mode, got, err)
		}
	}
	var one int
	if err := c.QueryRow(context.Background(), "select 1", pgx.QueryExecModeSimpleProtocol).Scan(&one); err != nil || one != 1 {
		t.Errorf("simple: %d, %v", one, err)
	}
	if tag, err := c.Exec(context.Background(), "insert"); err != nil || tag.RowsAffected() != 2 {
		t.Errorf("insert: %v, %v", tag, err)
	}
	_, err = c.Exec(context.Background(), "bad")
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "22012" {
		t.Errorf("bad: %v", err)
	}
	if err := c.Ping(context.Background()); err == nil {
		t.Error("the fake knows no ping statement: an error was due")
	}
	if err := c.QueryRow(context.Background(), "select 1").Scan(&one); err != nil {
		t.Errorf("after errors: %v", err)
	}
}

func TestCancelAndNotice(t *testing.T) {
	addr := serve(t, newFake(), Options{})
	cfg, err := pgx.ParseConfig("postgres://admin:pw@" + addr + "/dev?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	notices := make(chan string, 1)
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { notices <- n.Severity + ": " + n.Message }
	c, err := pgx.ConnectConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(context.Background(), "copy"); err != nil {
		t.Fatal(err)
	}
	if got := <-notices; got != "INFO: Load into table 't' completed, 3 record(s) loaded successfully." {
		t.Errorf("notice %q", got)
	}
	go func() {
		for {
			if err := c.PgConn().CancelRequest(context.Background()); err != nil {
				return
			}
			select {
			case <-notices:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	_, err = c.Exec(context.Background(), "wait", pgx.QueryExecModeSimpleProtocol)
	notices <- ""
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "57014" || !strings.HasSuffix(pe.Message, "cancelled on user's request") {
		t.Errorf("wait: %v", err)
	}
}

func TestDeadClientEndsItsScan(t *testing.T) {
	f := newFake()
	big := strings.Repeat("x", 1<<20)
	a := answer{cols: []Column{{Name: "v", OID: Varchar, Modifier: -1}}}
	for range 64 {
		a.rows = append(a.rows, func(r *Rows, _ []Arg) { r.Text(big) })
	}
	f.answers["scan"] = a
	addr := serve(t, f, Options{Stall: 50 * time.Millisecond})
	c, err := connect(t, addr, "admin", "pw", "&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	hijacked, err := c.PgConn().Hijack()
	if err != nil {
		t.Fatal(err)
	}
	nc := hijacked.Conn.(*net.TCPConn)
	defer nc.Close()
	if _, err := nc.Write([]byte("Q\x00\x00\x00\x09scan\x00")); err != nil {
		t.Fatal(err)
	}
	// Nothing is read until the server has given up: then the stream must end before the last row.
	f.until(t, "close")
	nc.SetReadDeadline(time.Now().Add(2 * time.Minute))
	buf, total := make([]byte, 1<<20), 0
	for {
		n, err := nc.Read(buf)
		total += n
		if err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Fatal("the server still holds the connection of a client that does not read")
			}
			break
		}
	}
	if total > 60<<20 {
		t.Errorf("read %d bytes of a scan that should have been given up", total)
	}
}

// TestLeavingClientStopsItsStatement closes the connection while a statement runs.
func TestLeavingClientStopsItsStatement(t *testing.T) {
	f := newFake()
	ended := make(chan struct{})
	f.answers["wait for me"] = answer{block: true, ended: ended}
	nc, err := net.Dial("tcp", serve(t, f, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	login(t, nc)
	if _, err := nc.Write([]byte("Q\x00\x00\x00\x10wait for me\x00")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		t.Fatal("the statement ended by itself")
	case <-time.After(20 * time.Millisecond):
	}
	nc.Close()
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		t.Fatal("the statement runs on for nobody")
	}
}
