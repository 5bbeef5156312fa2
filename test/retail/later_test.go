package retail

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/test/harness"
)

func wantText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("it does not say %q:\n%s", p, text)
		}
	}
}

// TestFilledLater adds a transform with its table, drops a table and empties another after the
// first run: the next runs say so and fill them.
func TestFilledLater(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	daily, sales := s.one("SELECT count(*) FROM shop.daily"), s.one("SELECT count(*) FROM shop.sales")
	s.edit("pipeline.yaml", "warehouse:\n", "  bycountry:\n    sql: SELECT country, count(*) AS n FROM sales "+
		"GROUP BY country\n    to: curated/bycountry/\n\nwarehouse:\n  shop.bycountry: {from: bycountry}\n")
	r := s.run()
	wantText(t, r.Stderr, "bycountry is new: filled from 1 earlier run", "shop.bycountry is new")
	wantText(t, r.Stdout, "filled: bycountry (is new, 1), shop.bycountry (is new, 1)")
	s.want("SELECT sum(n) FROM shop.bycountry", sales)
	s.ask("DROP TABLE shop.daily CASCADE")
	s.ask("DELETE FROM shop.sales")
	r = s.run()
	wantText(t, r.Stderr, "shop.daily is empty, and was not", "shop.sales is empty, and was not")
	s.want("SELECT count(*) FROM shop.daily", daily)
	s.want("SELECT count(*) FROM shop.sales", sales)
	before := state(t, s.dir, s.rt)
	if r := s.run(); !strings.Contains(r.Stdout, "nothing new") {
		t.Errorf("with nothing to fill the run says\n%s", r.Stdout)
	}
	if after := state(t, s.dir, s.rt); after != before {
		t.Errorf("a run without news changed something:\n%s", firstDifference(before, after))
	}
	for _, call := range [][]string{{"run", "--full", "dayli"}, {"run", "--full", "shop.revenue"},
		{"backfill", "--from", "yesterday"}, {"backfill"}} {
		if r := harness.Run(t, s.dir, nil, call...); r.Code != 2 {
			t.Errorf("%v ends with %d: %s", call, r.Code, r.Stderr)
		}
	}
	if r := harness.Run(t, s.dir, nil, "backfill", "--from", "2100-01-01"); r.Code != 1 ||
		!strings.Contains(r.Stderr, "no finished run lies in 2100-01-01T00:00:00Z") {
		t.Errorf("a backfill of no run ends with %d: %s", r.Code, r.Stderr)
	}
}

// TestAskedByStates starts the machine as other tools do, with an input that asks for more than
// new files, and with one that cannot be read.
func TestAskedByStates(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newShop(t, 200)
	s.run()
	ask := func(input string) *sfn.DescribeExecutionOutput {
		t.Helper()
		out, err := s.states.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(machine), Input: &input})
		if err != nil {
			t.Fatal(err)
		}
		return s.ended(aws.ToString(out.ExecutionArn))
	}
	if end := ask(`{"penstock": {"full": ["daily"]}}`); end.Status != types.ExecutionStatusSucceeded {
		t.Errorf("asked for daily: %s %s", end.Status, str(end.Cause))
	}
	s.want("SELECT generation FROM penstock.loads WHERE target = 'shop.daily'", "000002")
	s.want("SELECT generation FROM penstock.loads WHERE target = 'shop.sales'", "000001")
	for input, says := range map[string]string{
		`{"penstock": {"ful": ["daily"]}}`:                        "does not read as",
		`{"penstock": "daily"}`:                                   "does not read as",
		`{"penstock": {"full": ["dayli"]}}`:                       `there is no transform or warehouse table \"dayli\"`,
		`{"penstock": {"from": "2026-01-01T00:00:00Z"}}`:          "without full",
		`{"penstock": {"full": ["*"], "from": "new year's eve"}}`: "neither a run's id nor a time",
	} {
		if end := ask(input); end.Status != types.ExecutionStatusFailed || !strings.Contains(str(end.Cause), says) {
			t.Errorf("%s: %s %s", input, end.Status, str(end.Cause))
		}
	}
	if end := ask(`["anything", "else"]`); end.Status != types.ExecutionStatusSucceeded {
		t.Errorf("other input: %s %s", end.Status, str(end.Cause))
	}
}

// TestColumnsChange changes the columns of a warehouse table by its SQL: each change is said and made before anything runs, and one by
// which values would be lost is refused, with its reason.
func TestColumnsChange(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	s.edit("sql/sales.sql", "AS invoice_no,", "AS invoice_no, CAST(o.quantity AS int) * 2 AS twice,")
	s.edit("sql/sales.sql", "country AS varchar(64)", "country AS varchar(100)")
	s.late("late.csv.gz", order("999001", "22423", 2, "2025-12-01", "2.5", "Malta"))
	r := s.run("--input", filepath.Join(s.dir, "sample"))
	wantText(t, r.Stderr, "shop.sales: column twice integer is added; column country becomes varchar(100)",
		`"penstock run --full sales" does it again`)
	s.want("SELECT twice FROM shop.sales WHERE country = 'Malta'", "4")
	s.want("SELECT count(twice) FROM shop.sales", "1")

	s.edit("sql/sales.sql", "AS int) * 2 AS twice", "AS bigint) * 2 AS twice")
	s.ask("CREATE VIEW shop.mine AS SELECT country FROM shop.sales")
	r = s.runFails()
	wantText(t, r.Stderr, "view mine depends on table sales", "These views are not of the pipeline: drop them, run again, and make them anew")
	if strings.Contains(r.Stderr, "CASCADE") {
		t.Errorf("a hint about a statement that nobody wrote: %s", r.Stderr)
	}
	s.ask("DROP VIEW shop.mine")
	wantText(t, s.run().Stderr, "column twice becomes bigint, from integer, by a copy that takes its place")
	s.want("SELECT count(*) > 0 FROM shop.revenue", "true")
	s.ask("DROP TABLE shop.sales CASCADE") // the first run's files lack the column, the second's have it as int
	wantText(t, s.run().Stderr, "sales has files with other columns", "shop.sales is empty, and was not: filled from 2 earlier runs")
	s.want("SELECT count(twice) FROM shop.sales", "1")
	s.run("--full", "sales")
	s.want("SELECT count(*) - count(twice) FROM shop.sales", "0")

	published := s.objects(curated, "sales/")
	s.edit("sql/sales.sql", "country AS varchar(100)", "country AS varchar(3)")
	s.late("late2.csv.gz", order("999002", "22423", 2, "2025-12-01", "2.5", "Malta"))
	r = s.runFails("--input", filepath.Join(s.dir, "sample"))
	wantText(t, r.Stderr, "the column country is character varying(100) and is to be varchar(3)",
		"rows have a value that would not survive that", "penstock run --full sales")
	if now := s.objects(curated, "sales/"); !maps.Equal(now, published) {
		t.Errorf("published nevertheless: %d files, %d before", len(now), len(published))
	}
}

// TestLayout edits dist: and sort: of tables that exist. A column that was their key can be dropped then.
func TestLayout(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	layout := "SELECT t.diststyle || ' ' || coalesce(listagg(c.column_name, ',') WITHIN GROUP (ORDER BY c.sortkey), 'AUTO') " +
		"FROM svv_table_info t " +
		"LEFT JOIN svv_redshift_columns c ON c.table_name = t.\"table\" AND c.sortkey > 0 WHERE t.\"table\" = 'sales' GROUP BY t.diststyle"
	s.want(layout, "KEY(invoice_no) sold_at")

	s.edit("pipeline.yaml", "dist: invoice_no, sort: [sold_at]", "dist: stock_code, sort: [stock_code, sold_at]")
	wantText(t, s.run().Stderr,
		"shop.sales: its distribution becomes KEY(stock_code), from KEY(invoice_no); its sort key becomes (stock_code, sold_at), from (sold_at)")
	s.want(layout, "KEY(stock_code) stock_code,sold_at")
	if again := s.run().Stderr; strings.Contains(again, "becomes") {
		t.Errorf("done again: %s", again)
	}

	s.edit("pipeline.yaml", "dist: stock_code, sort: [stock_code, sold_at]", "dist: all, on_schema_change: sync_all_columns")
	s.edit("sql/sales.sql", "       upper(CAST(o.stockcode AS string))                   AS stock_code,\n", "")
	wantText(t, s.run().Stderr,
		"column stock_code is dropped; its distribution becomes ALL, from KEY(stock_code); its sort key becomes AUTO, from (stock_code, sold_at)")
	s.want(layout, "ALL AUTO")
	s.want("SELECT count(*) FROM svv_columns WHERE table_name = 'sales' AND column_name = 'stock_code'", "0")

	s.ask("DROP TABLE shop.sales CASCADE")
	s.run()
	s.want(layout, "ALL AUTO")
}

// TestCrawledColumn lands a file with a column more, in the middle: by default it stops the run, named; with schema: evolve it is taken,
// read by name, and earlier files have no value in it.
func TestCrawledColumn(t *testing.T) {
	t.Parallel()
	s := newShop(t, 1000)
	s.run()
	first := s.one("SELECT count(*) FROM shop.sales")
	writeFile(t, filepath.Join(s.dir, "more/2026/02/01/a.csv"),
		[]byte("InvoiceNo,StockCode,Channel,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"+
			"999001,22423,web,A THING,3,2026-02-01 10:00:00,2.5,14000.0,Malta\n"))
	wantText(t, s.runFails("--input", filepath.Join(s.dir, "more")).Stderr,
		`a.csv: line 1, column "Channel": the catalog has no such column: it was added; schema: evolve`)
	s.want("SELECT count(*) FROM shop.sales", first)

	s.edit("pipeline.yaml", "    crawl: {}", "    schema: evolve\n    crawl: {}")
	s.edit("sql/sales.sql", "AS invoice_no,", "AS invoice_no, CAST(o.channel AS varchar(10)) AS channel,")
	wantText(t, s.run().Stderr, "shop.sales: column channel varchar(10) is added")
	s.want("SELECT channel || quantity || country FROM shop.sales WHERE invoice_no = '999001'", "web3Malta")
	s.run("--full", "sales")
	s.want("SELECT count(*) - count(channel) FROM shop.sales", first)
}
