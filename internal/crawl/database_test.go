package crawl

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/catalog"
	"penstock/internal/connection"
	"penstock/internal/jdbc/jdbctest"
	"penstock/internal/logstore"
	"penstock/internal/testcorpus"
)

// connect makes a connection of the Data Catalog.
func (s *site) connect(name, url, user, password string) {
	s.t.Helper()
	c := connection.Connection{Type: types.ConnectionTypeJdbc,
		Properties: map[string]string{connection.URL: url, connection.User: user, connection.Password: password}}
	must(s.t, s.d.Meta.Update(s.ctx, func(tx *metaTx) error { return connection.Table(s.d.Region).Put(tx, name, c) }))
}

// relations writes the tables of databases as text.
func (s *site) relations(database string) string {
	var b strings.Builder
	tables, _, err := s.catalog.Tables(s.ctx, database, "", 100, nil)
	must(s.t, err)
	for _, t := range tables {
		fmt.Fprintf(&b, "%s %s %s %s %s %q\n", t.Name, t.Location(), t.Parameters["classification"], t.Parameters["typeOfData"],
			t.Parameters["connectionName"], text(t.Description))
		if t.Parameters[deprecated] != "" {
			b.WriteString("  deprecated\n")
		}
		for _, c := range t.Columns() {
			fmt.Fprintf(&b, "  %s %s", c.Name, c.Type)
			if c.Comment != nil {
				fmt.Fprintf(&b, " %q", *c.Comment)
			}
			for _, k := range slices.Sorted(maps.Keys(c.Parameters)) {
				fmt.Fprintf(&b, " %s=%s", k, c.Parameters[k])
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func (s *site) wants(c *Crawler, outcome, relations string) {
	s.t.Helper()
	if got := s.outcome(c); got != outcome {
		s.t.Errorf("got  %s\nwant %s", got, outcome)
	}
	if got := s.relations("db"); got != relations {
		s.t.Errorf("got\n%s\nwant\n%s", got, relations)
	}
}

func TestCrawlOfPostgreSQL(t *testing.T) {
	server := jdbctest.PostgreSQL(t)
	server.Execute(t, "", "CREATE DATABASE shop")
	server.Execute(t, "shop", `CREATE SCHEMA sales; CREATE TABLE sales.orders (id bigint PRIMARY KEY, price numeric(8,2), note varchar(9));
COMMENT ON TABLE sales.orders IS 'what was sold'; COMMENT ON COLUMN sales.orders.price IS 'EUR';
CREATE VIEW sales.totals AS SELECT count(*) AS n FROM sales.orders;
CREATE TABLE sales.tmp_1 (i int); CREATE TABLE public."Mixed" ("Id" int, "ID" text); CREATE TABLE public.mixed (id int);`)
	s := open(t, t.TempDir()).start()
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
	s.connect("con", server.URL("shop"), server.User, server.Password)
	s.create(Crawler{Name: "cr", Role: "r", Database: "db", Delete: DeleteFromDatabase, Databases: []JDBCTarget{
		{Connection: "con", Path: "shop/sales/%", Exclusions: []string{"tmp*"}, Metadata: []string{Comments, RawTypes}},
		{Connection: "con", Path: "shop/%", Exclusions: []string{"sales/**"}}}})
	s.wants(s.crawl("cr"), "COMPLETED: tables +4 ~0 -0, partitions +0 ~0 -0, 0 files\n", `shop_public_mixed shop.public.Mixed postgresql table con ""
  id int
  id_1 string
shop_public_mixed_d13e8b2097688f4f825531bf67787703 shop.public.mixed postgresql table con ""
  id int
shop_sales_orders shop.sales.orders postgresql table con "what was sold"
  id bigint primaryKey=1 rawType=bigint
  price decimal(8,2) "EUR" rawType=numeric(8,2)
  note string rawType=character varying(9)
shop_sales_totals shop.sales.totals postgresql view con ""
  n bigint rawType=bigint
`)
	if got := s.outcome(s.crawl("cr")); got != "COMPLETED: tables +0 ~0 -0, partitions +0 ~0 -0, 0 files\n" {
		t.Error(got)
	}
	server.Execute(t, "shop", `DROP VIEW sales.totals; DROP TABLE public."Mixed"; DROP TABLE public.mixed;
ALTER TABLE sales.orders DROP note; ALTER TABLE sales.orders ADD at timestamptz; CREATE TABLE sales.fresh (i int)`)
	s.wants(s.crawl("cr"), "COMPLETED: tables +1 ~1 -3, partitions +0 ~0 -0, 0 files\n"+
		"warn: shop/% has no tables that the user of connection con may read\n", `shop_sales_fresh shop.sales.fresh postgresql table con ""
  i int rawType=integer
shop_sales_orders shop.sales.orders postgresql table con "what was sold"
  id bigint primaryKey=1 rawType=bigint
  price decimal(8,2) "EUR" rawType=numeric(8,2)
  at timestamp rawType=timestamp with time zone
`)
	policies(t, s, server)
	failures(t, s, server)
	chinook(t, s, server)
}

// chinook crawls a sample shop of music, as its makers write it for PostgreSQL.
func chinook(t *testing.T, s *site, server *jdbctest.Server) {
	sql, err := os.ReadFile(filepath.Join(testcorpus.Dir(t), "data/chinook/Chinook_PostgreSql.sql"))
	must(t, err)
	server.Execute(t, "", string(sql))
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "music"}))
	s.connect("music", server.URL("chinook"), server.User, server.Password)
	s.create(Crawler{Name: "music", Role: "r", Database: "music", Databases: []JDBCTarget{{Connection: "music", Path: "chinook/public/%"}}})
	if c := s.crawl("music"); c.Last.Error != "" || c.Last.Summary.TablesAdded != 11 {
		t.Errorf("%+v", c.Last)
	}
	got := s.relations("music")
	if want := `chinook_public_invoice_line chinook.public.invoice_line postgresql table music ""
  invoice_line_id int
  invoice_id int
  track_id int
  unit_price decimal(10,2)
  quantity int
`; !strings.Contains(got, want) {
		t.Error(got)
	}
}

// policies: what changes is told or added only, and what is gone stays, when the crawler says so.
func policies(t *testing.T, s *site, server *jdbctest.Server) {
	change := func(f func(*Crawler)) {
		must(t, s.Update(s.ctx, "cr", func(c *Crawler) error {
			c.Databases = []JDBCTarget{{Connection: "con", Path: "shop/sales/%"}}
			c.Update, c.Delete, c.Configuration = UpdateInDatabase, Log, ""
			f(c)
			return nil
		}))
	}
	change(func(c *Crawler) {})
	s.crawl("cr")
	server.Execute(t, "shop", "DROP TABLE sales.tmp_1; DROP TABLE sales.fresh; "+
		"ALTER TABLE sales.orders DROP at; ALTER TABLE sales.orders ADD b bool")
	change(func(c *Crawler) { c.Update = Log })
	const before = `shop_sales_orders shop.sales.orders postgresql table con "what was sold"
  id bigint
  price decimal(8,2)
`
	const others = `shop_sales_fresh shop.sales.fresh postgresql table con ""
%s  i int
%sshop_sales_tmp_1 shop.sales.tmp_1 postgresql table con ""
%s  i int
`
	s.wants(s.crawl("cr"), `COMPLETED: tables +0 ~0 -0, partitions +0 ~0 -0, 0 files
warn: shop.sales.orders has the columns id bigint, price decimal(8,2), b boolean, table shop_sales_orders has id bigint, price decimal(8,2), at timestamp
warn: What table shop_sales_fresh in database db stands for is no longer found
warn: What table shop_sales_tmp_1 in database db stands for is no longer found
`, fmt.Sprintf(others, "", before+"  at timestamp\n", ""))
	change(func(c *Crawler) {
		c.Delete = DeprecateInDatabase
		c.Configuration = `{"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}}`
	})
	s.wants(s.crawl("cr"), "COMPLETED: tables +0 ~3 -0, partitions +0 ~0 -0, 0 files\n",
		fmt.Sprintf(others, "  deprecated\n", before+"  at timestamp\n  b boolean\n", "  deprecated\n"))
	server.Execute(t, "shop", "CREATE TABLE sales.fresh (i int)")
	change(func(c *Crawler) { c.Delete = DeleteFromDatabase })
	s.wants(s.crawl("cr"), "COMPLETED: tables +0 ~2 -1, partitions +0 ~0 -0, 0 files\n", `shop_sales_fresh shop.sales.fresh postgresql table con ""
  i int
`+before+"  b boolean\n")
}

// failures: the crawl is FAILED with a text for people, and the password is nowhere.
func failures(t *testing.T, s *site, server *jdbctest.Server) {
	s.connect("wrong", server.URL("shop"), server.User, "hidden")
	s.connect("oracle", "jdbc:oracle:thin://@h:1521/x", "u", "hidden")
	for i, c := range []struct{ connection, path, want string }{
		{"none", "shop/%", "connection none not found"},
		{"oracle", "shop/%", "connection oracle: Penstock does not support logging in to databases of the kind oracle yet: " +
			"only postgresql, mysql and mariadb"},
		{"con", "shop/orders", "the path shop/orders names no schema; databases of postgresql need database/schema/table"},
		{"con", "none/sales/%", fmt.Sprintf(`connection con: Cannot use PostgreSQL at 127.0.0.1:%d: there is no database "none"; `+
			"check the JDBC URL and the path", server.Port)},
		{"wrong", "shop/%", fmt.Sprintf(`connection wrong: Cannot use PostgreSQL at 127.0.0.1:%d: the login of user "loader" is refused `+
			`(password authentication failed for user "loader"); check USERNAME and PASSWORD`, server.Port)},
	} {
		name := "f" + itoa(i)
		s.create(Crawler{Name: name, Role: "r", Database: "db", Databases: []JDBCTarget{{Connection: c.connection, Path: c.path}}})
		if got := s.crawl(name).Last; got.State != CrawlFailed || got.Error != c.want {
			t.Errorf("%s: %s", got.State, got.Error)
		}
	}
	events, _, err := s.logs.Filter(s.ctx, logstore.FilterQuery{Group: LogGroup, Limit: 1000})
	must(t, err)
	for _, e := range events {
		if strings.Contains(e.Message, "hidden") || strings.Contains(e.Message, server.Password) {
			t.Errorf("a password is in the log: %s", e.Message)
		}
	}
}

// TestStopWhileADatabaseIsSilent: the crawl ends at once.
func TestStopWhileADatabaseIsSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	s := open(t, t.TempDir()).start()
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
	for _, kind := range []string{"postgresql", "mysql"} {
		s.connect("con", "jdbc:"+kind+"://"+l.Addr().String()+"/db", "u", "hidden")
		s.create(Crawler{Name: kind, Role: "r", Database: "db", Databases: []JDBCTarget{{Connection: "con", Path: "db/%"}}})
		_, err = s.Start(s.ctx, kind)
		must(t, err)
		c, err := l.Accept()
		must(t, err)
		must(t, s.Stop(s.ctx, kind))
		got, err := s.Wait(s.ctx, kind)
		must(t, err)
		if got.Last.State != CrawlStopped {
			t.Errorf("%s: %+v", kind, got.Last)
		}
		c.Close()
	}
}

func TestCrawlOfMariaDB(t *testing.T) {
	server := jdbctest.MariaDB(t)
	server.Execute(t, "", `CREATE DATABASE shop; CREATE TABLE shop.orders (id bigint unsigned PRIMARY KEY, price decimal(8,2) COMMENT 'EUR', ok boolean)
COMMENT 'what was sold'; CREATE VIEW shop.totals AS SELECT count(*) AS n FROM shop.orders; CREATE TABLE shop.tmp_1 (i int);`)
	s := open(t, t.TempDir()).start()
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
	s.connect("con", server.URL("shop"), server.User, server.Password)
	s.create(Crawler{Name: "cr", Role: "r", Database: "db", TablePrefix: "My-", Databases: []JDBCTarget{
		{Connection: "con", Path: "shop/%", Exclusions: []string{"tmp_?"}, Metadata: []string{Comments, RawTypes}}}})
	s.wants(s.crawl("cr"), "COMPLETED: tables +2 ~0 -0, partitions +0 ~0 -0, 0 files\n", `my_shop_orders shop.orders mysql table con "what was sold"
  id decimal(20,0) primaryKey=1 rawType=bigint(20) unsigned
  price decimal(8,2) "EUR" rawType=decimal(8,2)
  ok boolean rawType=tinyint(1)
my_shop_totals shop.totals mysql view con ""
  n bigint rawType=bigint(21)
`)
	server.Execute(t, "shop", "DROP VIEW totals; ALTER TABLE orders MODIFY ok int")
	if got := s.outcome(s.crawl("cr")); got != "COMPLETED: tables +0 ~2 -0, partitions +0 ~0 -0, 0 files\n" {
		t.Error(got)
	}
	s.create(Crawler{Name: "cs", Role: "r", Database: "db", Databases: []JDBCTarget{{Connection: "con", Path: "shop/x/%"}}})
	if got := s.crawl("cs").Last.Error; got != "the path shop/x/% names a schema; databases of mysql have none, and need database/table" {
		t.Error(got)
	}
}
