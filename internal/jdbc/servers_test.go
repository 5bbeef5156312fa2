package jdbc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/jdbc/jdbctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// list is what a login finds, as text.
func list(t *testing.T, l Login, database string, p Pattern) string {
	t.Helper()
	c, err := Open(t.Context(), l, database)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err = c.Tables(t.Context(), p, func(one Table) error {
		kind := map[bool]string{true: "view", false: "table"}[one.View]
		fmt.Fprintf(&b, "%s %s.%s %q\n", kind, one.Schema, one.Name, one.Comment)
		for _, c := range one.Columns {
			fmt.Fprintf(&b, "  %s %s (%s) key %d %q\n", c.Name, c.Type, c.Native, c.Key, c.Comment)
		}
		return nil
	})
	if err := errors.Join(err, c.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func login(s *jdbctest.Server, database string) Login {
	return Login{URL: s.URL(database), User: s.User, Password: s.Password}
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPostgreSQL(t *testing.T) {
	for name, value := range map[string]string{"PGPORT": "1", "PGSSLMODE": "verify-full", "PGREQUIREAUTH": "none", "PGOPTIONS": "-c x=y",
		"PGTARGETSESSIONATTRS": "standby", "PGCONNECT_TIMEOUT": "x", "PGSSLROOTCERT": "/none", "PGUSER": "nobody"} {
		t.Setenv(name, value) // those of this process mean nothing
	}
	s := jdbctest.PostgreSQL(t)
	s.Execute(t, "", "CREATE DATABASE shop; CREATE ROLE reader LOGIN PASSWORD 'r'")
	s.Execute(t, "shop", `
CREATE SCHEMA sales; CREATE SCHEMA "Odd_1"; CREATE DOMAIN small AS numeric(6,2); CREATE DOMAIN smaller AS small CHECK (VALUE < 9);
CREATE TYPE mood AS ENUM ('glad');
CREATE TABLE sales.all_types (a smallint, b int, c bigint, d real, e double precision, f numeric, g numeric(10,2), h numeric(50,40), i boolean, j date,
	k timestamp, l timestamptz(3), m time, n bytea, o text, p varchar(20), q char(3), r uuid, s jsonb, t int[], u numeric(5,1)[], v bit, w bit(5),
	x money, y interval, z inet, aa smaller, ab mood, ac xml, ad serial, ae oid);
CREATE TABLE sales.orders (region text, id bigint, note text, gone int, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE sales.orders_eu PARTITION OF sales.orders FOR VALUES IN ('eu');
ALTER TABLE sales.orders DROP gone;
COMMENT ON TABLE sales.orders IS 'what was sold'; COMMENT ON COLUMN sales.orders.id IS 'its "number"';
CREATE VIEW sales.totals AS SELECT count(*) AS n FROM sales.orders; CREATE MATERIALIZED VIEW sales.kept AS SELECT 1 AS one;
CREATE TABLE "Odd_1"."Odd Name" ("Id" int); CREATE TABLE public.oddX1 (i int); CREATE TABLE public.empty ();
GRANT USAGE ON SCHEMA sales TO reader; GRANT SELECT (note) ON sales.orders TO reader;`)
	l := login(s, "shop")
	compare(t, list(t, l, "", Pattern{"%", "%"}), `table Odd_1.Odd Name ""
  Id int (integer) key 0 ""
table public.oddx1 ""
  i int (integer) key 0 ""
table sales.all_types ""
  a smallint (smallint) key 0 ""
  b int (integer) key 0 ""
  c bigint (bigint) key 0 ""
  d float (real) key 0 ""
  e double (double precision) key 0 ""
  f decimal(38,18) (numeric) key 0 ""
  g decimal(10,2) (numeric(10,2)) key 0 ""
  h decimal(38,38) (numeric(50,40)) key 0 ""
  i boolean (boolean) key 0 ""
  j date (date) key 0 ""
  k timestamp (timestamp without time zone) key 0 ""
  l timestamp (timestamp(3) with time zone) key 0 ""
  m timestamp (time without time zone) key 0 ""
  n binary (bytea) key 0 ""
  o string (text) key 0 ""
  p string (character varying(20)) key 0 ""
  q string (character(3)) key 0 ""
  r string (uuid) key 0 ""
  s string (jsonb) key 0 ""
  t array<int> (integer[]) key 0 ""
  u array<decimal(5,1)> (numeric(5,1)[]) key 0 ""
  v boolean (bit(1)) key 0 ""
  w string (bit(5)) key 0 ""
  x string (money) key 0 ""
  y string (interval) key 0 ""
  z string (inet) key 0 ""
  aa decimal(6,2) (smaller) key 0 ""
  ab string (mood) key 0 ""
  ac string (xml) key 0 ""
  ad int (integer) key 0 ""
  ae bigint (oid) key 0 ""
view sales.kept ""
  one int (integer) key 0 ""
table sales.orders "what was sold"
  region string (text) key 2 ""
  id bigint (bigint) key 1 "its \"number\""
  note string (text) key 0 ""
view sales.totals ""
  n bigint (bigint) key 0 ""
`)
	compare(t, list(t, login(s, "postgres"), "shop", Pattern{"Odd_1", "%"}), "table Odd_1.Odd Name \"\"\n  Id int (integer) key 0 \"\"\n")
	compare(t, list(t, l, "", Pattern{"%", "odd_1"}), "") // _ is itself
	compare(t, list(t, l, "", Pattern{"sales", "%otal%"}), "view sales.totals \"\"\n  n bigint (bigint) key 0 \"\"\n")
	compare(t, list(t, l, "", Pattern{"sales", "' OR true --"}), "")
	reader := Login{URL: s.URL("shop"), User: "reader", Password: "r"}
	if got := list(t, reader, "", Pattern{"%", "%"}); !strings.HasPrefix(got, "table sales.orders ") || strings.Count(got, "table") != 1 {
		t.Errorf("who may read one table finds\n%s", got)
	}
	refusals(t, s, `the login of user "nobody" is refused (password authentication failed for user "nobody")`)
	t.Run("hung", func(t *testing.T) { hung(t, l) })
	t.Run("TLS", func(t *testing.T) { speaksTLS(t, s) })
}

// speaksTLS: each way to ask for TLS, with the certificate for 127.0.0.1 that nobody has signed.
func speaksTLS(t *testing.T, s *jdbctest.Server) {
	at, name := s.URL("shop"), strings.Replace(s.URL("shop"), "127.0.0.1", "localhost", 1)
	for _, c := range []struct {
		url     string
		enforce bool
		want    string // what is wrong
	}{
		{at, false, ""}, {at + "?sslmode=disable", false, ""}, {at + "?sslmode=require", false, ""},
		{at + "?sslmode=verify-ca", false, "its certificate is not accepted"}, {at + "?ssl=true", false, "its certificate is not accepted"},
		{at + "?sslmode=verify-ca&sslrootcert=" + s.Roots, false, ""}, {at + "?ssl=true&sslrootcert=" + s.Roots, false, ""},
		{at + "?sslmode=disable&sslrootcert=" + s.Roots, true, ""}, {name + "?sslmode=verify-ca&sslrootcert=" + s.Roots, false, ""},
		{name + "?sslmode=verify-full&sslrootcert=" + s.Roots, false, "its certificate is not accepted"},
		{at + "?ssl=true&sslrootcert=/none.crt", false, "check the option sslrootcert"},
	} {
		conn, err := Open(t.Context(), Login{URL: c.url, User: s.User, Password: s.Password, TLS: c.enforce}, "")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.url, err, c.want)
		}
		if err == nil {
			if err := conn.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// hung: who stops waiting gets the end of its context, not a text.
func hung(t *testing.T, l Login) {
	c, err := Open(t.Context(), l, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = c.Tables(ctx, Pattern{"%", "%"}, func(Table) error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := c.Tables(ctx, Pattern{"%", "%"}, func(Table) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// refusals: wrong names and passwords, in our words and without the password.
func refusals(t *testing.T, s *jdbctest.Server, wrongUser string) {
	for want, l := range map[string]Login{
		wrongUser + "; check USERNAME and PASSWORD": {URL: s.URL("shop"), User: "nobody", Password: "hidden"},
		`there is no database "none"`:               {URL: s.URL("none"), User: s.User, Password: s.Password},
		map[bool]string{true: "it offers no TLS", false: "its certificate is not accepted"}[s.Roots == ""]: {
			URL: s.URL("shop"), User: s.User, Password: s.Password, TLS: true},
	} {
		_, err := Open(t.Context(), l, "")
		var e *Error
		at := fmt.Sprintf(" at 127.0.0.1:%d: ", s.Port)
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), at) ||
			strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), s.Password) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestMariaDB(t *testing.T) {
	s := jdbctest.MariaDB(t)
	s.Execute(t, "", `CREATE DATABASE shop; CREATE DATABASE other; CREATE TABLE other.x (i int);
CREATE TABLE shop.all_types (a tinyint, b tinyint(1), c tinyint unsigned, d smallint, e smallint unsigned, f mediumint, g int, h int unsigned, i bigint,
	j bigint unsigned, k decimal(10,2), l decimal(65,30), m float, n double, o bit, p bit(8), q char(3), r varchar(20), s text, t enum('a','b'),
	u json, v date, w datetime, x timestamp, y time, z year, aa binary(4), ab blob, ac point, ad boolean);
CREATE TABLE shop.orders (region varchar(9), id bigint COMMENT 'its "number"', PRIMARY KEY (id, region)) COMMENT 'what was sold';
CREATE VIEW shop.totals AS SELECT count(*) AS n FROM shop.orders; CREATE TABLE shop.oddX1 (i int);
CREATE USER reader IDENTIFIED BY 'r'; GRANT SELECT ON shop.oddX1 TO reader;`)
	l := login(s, "shop")
	compare(t, list(t, l, "", Pattern{"", "%"}), `table .all_types ""
  a tinyint (tinyint(4)) key 0 ""
  b boolean (tinyint(1)) key 0 ""
  c smallint (tinyint(3) unsigned) key 0 ""
  d smallint (smallint(6)) key 0 ""
  e int (smallint(5) unsigned) key 0 ""
  f int (mediumint(9)) key 0 ""
  g int (int(11)) key 0 ""
  h bigint (int(10) unsigned) key 0 ""
  i bigint (bigint(20)) key 0 ""
  j decimal(20,0) (bigint(20) unsigned) key 0 ""
  k decimal(10,2) (decimal(10,2)) key 0 ""
  l decimal(38,30) (decimal(65,30)) key 0 ""
  m float (float) key 0 ""
  n double (double) key 0 ""
  o boolean (bit(1)) key 0 ""
  p binary (bit(8)) key 0 ""
  q string (char(3)) key 0 ""
  r string (varchar(20)) key 0 ""
  s string (text) key 0 ""
  t string (enum('a','b')) key 0 ""
  u string (longtext) key 0 ""
  v date (date) key 0 ""
  w timestamp (datetime) key 0 ""
  x timestamp (timestamp) key 0 ""
  y timestamp (time) key 0 ""
  z date (year(4)) key 0 ""
  aa binary (binary(4)) key 0 ""
  ab binary (blob) key 0 ""
  ac binary (point) key 0 ""
  ad boolean (tinyint(1)) key 0 ""
table .oddX1 ""
  i int (int(11)) key 0 ""
table .orders "what was sold"
  region string (varchar(9)) key 2 ""
  id bigint (bigint(20)) key 1 "its \"number\""
view .totals ""
  n bigint (bigint(21)) key 0 ""
`)
	compare(t, list(t, l, "other", Pattern{"", "%"}), "table .x \"\"\n  i int (int(11)) key 0 \"\"\n")
	compare(t, list(t, l, "", Pattern{"", "odd_1"}), "")
	reader := Login{URL: strings.Replace(s.URL("shop"), "mysql", "mariadb", 1), User: "reader", Password: "r"}
	compare(t, list(t, reader, "", Pattern{"", "%"}), "table .oddX1 \"\"\n  i int (int(11)) key 0 \"\"\n")
	refusals(t, s, `the login of user "nobody" is refused (Access denied for user 'nobody'@'127.0.0.1' (using password: YES))`)
	t.Run("hung", func(t *testing.T) { hung(t, l) })
}

// TestNoServer: what is no database is told apart, and nothing waits for ever.
func TestNoServer(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	shuts, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := shuts.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	defer func() { shuts.Close(); <-done }()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	for _, kind := range []string{"postgresql", "mysql"} {
		for at, want := range map[string]string{free.Addr().String(): "nothing listens there", shuts.Addr().String(): "does not answer as",
			"no-such-host.invalid:5": "there is no host of that name"} {
			_, err := Open(t.Context(), Login{URL: "jdbc:" + kind + "://" + at + "/db", User: "u", Password: "hidden"}, "")
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), at) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("%s %s: %v", kind, at, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := Open(ctx, Login{URL: "jdbc:" + kind + "://" + silent.Addr().String() + "/db"}, "")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", kind, err)
		}
		cancel()
	}
}
