package worker_test

import (
	"strings"
	"testing"

	"penstock/internal/job"
	"penstock/internal/job/jobtest"
)

const jsonSerDe = "org.openx.data.jsonserde.JsonSerDe"

const events = `{"id":1,"customer":{"name":"Ann","address":{"city":"Leeds","zip":"LS1"}},"lines":[{"sku":"a1","qty":2,"price":1.50,` +
	`"tags":["x","y"]},{"sku":"b2","qty":1,"price":10.00,"tags":[]}],"attrs":{"color":"red","size":"L"}}
{"id":2,"customer":{"name":"Bob","address":null},"lines":[],"attrs":{}}
{"id":3,"customer":null,"lines":null,"attrs":null}
{"id":4,"customer":{"name":null,"address":{"city":"York"}},"lines":[{"sku":"a1","qty":null,"price":0.25},null,{"sku":"c3","qty":7,` +
	`"price":3.00,"tags":["z",null]}],"attrs":{"color":null,"note":"a \"b\""}}
{"id":5,"lines":[{"sku":"b2","qty":3,"price":2.00,"tags":["x"]}],"attrs":{"size":"S"}}
`

// What PySpark 3.5.6 gave for the same file, read with the table's schema, and the same SQL.
const (
	eventPlaces = `{"id":1,"customer":{"name":"Ann","address":{"city":"Leeds","zip":"LS1"}},"sku":"a1","amount":3.00,"tags":"x+y",` +
		`"attrs":{"color":"red","size":"L"},"skus":["a1","b2"],"place":0,"day":"2024-02-29"}
{"id":1,"customer":{"name":"Ann","address":{"city":"Leeds","zip":"LS1"}},"sku":"b2","amount":10.00,"tags":"",` +
		`"attrs":{"color":"red","size":"L"},"skus":["a1","b2"],"place":1,"day":"2024-02-29"}
{"id":2,"customer":{"name":"Bob"},"tags":"","attrs":{},"skus":[],"day":"2024-02-29"}
{"id":3,"tags":"","day":"2024-02-29"}
{"id":4,"customer":{"address":{"city":"York"}},"sku":"a1","tags":"","attrs":{"color":null,"note":"a \"b\""},` +
		`"skus":["a1",null,"c3"],"place":0,"day":"2024-02-29"}
{"id":4,"customer":{"address":{"city":"York"}},"tags":"","attrs":{"color":null,"note":"a \"b\""},"skus":["a1",null,"c3"],"place":1,` +
		`"day":"2024-02-29"}
{"id":4,"customer":{"address":{"city":"York"}},"sku":"c3","amount":21.00,"tags":"z","attrs":{"color":null,"note":"a \"b\""},` +
		`"skus":["a1",null,"c3"],"place":2,"day":"2024-02-29"}
{"id":5,"sku":"b2","amount":6.00,"tags":"x","attrs":{"size":"S"},"skus":["b2"],"place":0,"day":"2024-02-29"}
`
	eventSkus = `{"orders":1,"who":[],"top":{"id":4}}
{"sku":"a1","orders":2,"qty":2,"who":["Ann"],"top":{"price":1.50,"id":1}}
{"sku":"b2","orders":2,"qty":4,"who":["Ann"],"top":{"price":10.00,"id":1}}
{"sku":"c3","orders":1,"qty":7,"who":[],"top":{"price":3.00,"id":4}}
`
)

// TestNestedTables reads nested JSON, writes what its arrays hold as Parquet with nested columns, and reads that: the rows are PySpark's.
func TestNestedTables(t *testing.T) {
	s := newShop(t)
	s.put(t, "raw", "events/a.json.gz", zip(t, events))
	const address, line = "customer struct<name:string,address:struct<city:string,zip:string>>",
		"lines array<struct<sku:string,qty:int,price:decimal(10,2),tags:array<string>>>"
	s.Table(t, "retail", "events", "s3://raw/events/", jsonSerDe, "id int, "+address+", "+line+", attrs map<string,string>", "", nil)
	s.Table(t, "retail", "places", "s3://curated/places/", jobtest.Parquet, "id int, "+address+
		", sku string, amount decimal(21,2), tags string, attrs map<string,string>, skus array<string>, place int", "day date", nil)
	s.Table(t, "retail", "skus", "s3://curated/skus/", jobtest.Parquet,
		"sku string, orders bigint, qty bigint, who array<string>, top struct<price:decimal(10,2),id:int>", "", nil)
	s.Table(t, "retail", "texts", "s3://curated/texts/", jobtest.Parquet, "id int, place int, j string", "", nil)
	const fromEvents = `SELECT id, customer, l.sku, l.qty * l.price AS amount, concat_ws('+', l.tags) AS tags, attrs,
		transform(lines, x -> x.sku) AS skus, place, date'2024-02-29' AS day
		FROM events LATERAL VIEW OUTER posexplode(lines) t AS place, l WHERE coalesce(customer.address.city, '') <> 'Hull'`
	const bySku = `SELECT l.sku, count(*) AS orders, sum(l.qty) AS qty, sort_array(collect_set(customer.name)) AS who,
		max(struct(l.price, id)) AS top FROM events LATERAL VIEW explode(lines) t AS l GROUP BY l.sku`
	step := func(target, sql string) {
		t.Helper()
		args := map[string]string{"--penstock-step": "sql", "--penstock-database": "retail", "--penstock-target": target, "--penstock-sql": sql}
		if err := s.Jobs.Create(t.Context(), job.Definition{Name: target, DefaultArguments: args}, nil); err != nil {
			t.Fatal(err)
		}
		s.good(t, target)
	}
	step("places", fromEvents)
	step("skus", bySku)
	const groups = "SELECT customer.address.city, attrs['size'], skus[2], count(*) FROM t GROUP BY ALL ORDER BY ALL"
	if got := s.query(t, "s3://curated/places/", groups); got != "Leeds|L|b2|2\nYork|||3\n|S||1\n|||2\n" {
		t.Errorf("the Parquet file holds\n%s", got)
	}
	step("texts", "SELECT id, place, to_json(struct(*)) AS j FROM places UNION ALL SELECT NULL, NULL, to_json(struct(*)) FROM skus")
	const texts = "SELECT j FROM t WHERE id IS %s NULL ORDER BY id, place, j"
	if got := s.query(t, "s3://curated/texts/", strings.ReplaceAll(texts, "%s", "NOT")); got != eventPlaces {
		t.Errorf("places:\n%s\nwant\n%s", got, eventPlaces)
	}
	if got := s.query(t, "s3://curated/texts/", strings.ReplaceAll(texts, "%s", "")); got != eventSkus {
		t.Errorf("skus:\n%s\nwant\n%s", got, eventSkus)
	}
}
