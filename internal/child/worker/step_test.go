package worker_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/child/worker"
	"penstock/internal/engine"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/logstore"
	"penstock/internal/object"
	"penstock/internal/testcorpus"
)

// TestMain lets the test binary be a worker.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "child" {
		os.Exit(worker.Main(context.Background(), os.Args[3:], slog.New(slog.NewTextHandler(os.Stderr, nil))))
	}
	goleak.VerifyTestMain(m)
}

// A shop is a world with the retail pipeline's tables and jobs.
type shop struct {
	*jobtest.World
	rules map[string]string
}

const csvSerDe = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"

func open(t testing.TB, dir string, set jobtest.Settings) *shop {
	t.Helper()
	set.Needs, set.Log = child.Budget{Memory: 1 << 30, Threads: 2}, t.Output()
	s := &shop{rules: map[string]string{}}
	set.Invoker = s
	s.World = jobtest.Start(t, dir, set)
	return s
}

// Invoke answers GetDataQualityRuleset from the shop's map.
func (s *shop) Invoke(_ context.Context, service, op string, in any) (any, error) {
	var q struct{ Name string }
	if err := json.Unmarshal(in.(json.RawMessage), &q); err != nil || service != "glue" || op != "GetDataQualityRuleset" {
		return nil, fmt.Errorf("unexpected call %s %s", service, op)
	}
	b, err := json.Marshal(map[string]string{"Name": q.Name, "Ruleset": s.rules[q.Name]})
	return json.RawMessage(b), err
}

const rawColumns = "invoiceno string, stockcode string, description string, quantity bigint, invoicedate string, unitprice double, " +
	"customerid double, country string"

func newShop(t testing.TB) *shop {
	t.Helper()
	return furnish(t, open(t, t.TempDir(), jobtest.Settings{}))
}

// furnish makes the buckets, tables and jobs.
func furnish(t testing.TB, s *shop) *shop {
	t.Helper()
	for _, b := range []string{"raw", "curated"} {
		if _, err := s.Objects.CreateBucket(t.Context(), b, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Objects.SetVersioning(t.Context(), "raw", object.Enabled); err != nil {
		t.Fatal(err)
	}
	s.Table(t, "retail", "orders", "s3://raw/orders/", csvSerDe, rawColumns, "partition_0 string, partition_1 string, partition_2 string",
		map[string]string{"classification": "csv", "skip.header.line.count": "1"})
	s.Table(t, "retail", "clean", "s3://curated/clean/", jobtest.Parquet,
		"invoice string, sku string, quantity int, at timestamp, price decimal(12,3), customer bigint, country string, _run string",
		"day date", nil)
	s.Table(t, "retail", "daily", "s3://curated/daily/", jobtest.Parquet, "day date, revenue decimal(18,3), lines bigint", "", nil)
	for name, args := range map[string][]string{
		"manifest": {"step", "manifest", "sources", "orders=s3://raw/orders/"},
		"check":    {"step", "check", "source", "orders"},
		"clean":    {"step", "sql", "target", "clean", "mode", "append", "sql", cleanSQL},
		"daily": {"step", "sql", "target", "daily", "mode", "recompute", "sql",
			"SELECT day, sum(price * quantity) AS revenue, count(*) AS lines FROM clean GROUP BY day"},
	} {
		m := map[string]string{"--penstock-home": "s3://curated/_penstock/", "--penstock-database": "retail", "--penstock-pipeline": "shop"}
		for i := 0; i < len(args); i += 2 {
			m["--penstock-"+args[i]] = args[i+1]
		}
		if err := s.Jobs.Create(t.Context(), job.Definition{Name: name, Command: "glueetl", DefaultArguments: m, MaxConcurrent: 4},
			nil); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

const cleanSQL = `SELECT InvoiceNo AS invoice, StockCode AS sku, CAST(Quantity AS int) AS quantity, CAST(InvoiceDate AS timestamp) AS at,
	CAST(UnitPrice AS decimal(12,3)) AS price, CAST(CustomerID AS bigint) AS customer, Country AS country, CAST(InvoiceDate AS date) AS day
	FROM STREAM orders WHERE InvoiceNo NOT LIKE 'C%' AND Quantity > 0 AND UnitPrice > 0`

// run runs a job to its end.
func (s *shop) run(t testing.TB, name string, pairs ...string) job.Run {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "penstock-" + pairs[i]
	}
	return s.End(t, s.Begin(t, name, pairs...))
}

func (s *shop) good(t testing.TB, name string, pairs ...string) job.Run {
	t.Helper()
	r := s.run(t, name, pairs...)
	if r.State != job.Succeeded {
		t.Fatalf("%s is %s: %s", name, r.State, r.Error)
	}
	return r
}

func (s *shop) put(t testing.TB, bucket, key string, body []byte) {
	t.Helper()
	if _, err := s.Objects.Put(t.Context(), bucket, key, bytes.NewReader(body), object.PutOptions{}); err != nil {
		t.Fatal(err)
	}
}

func zip(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read gives an object's bytes.
func (s *shop) read(t testing.TB, uri string) []byte {
	t.Helper()
	bucket, key, _ := strings.Cut(strings.TrimPrefix(uri, "s3://"), "/")
	list, err := s.Objects.ResolveKeys(t.Context(), bucket, []object.KeyVersion{{Key: key}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(list[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// plan runs the manifest step and gives the manifests of the runs that are due.
func (s *shop) plan(t testing.TB, execution string) []string {
	t.Helper()
	if r := s.good(t, "manifest", "execution", execution); r.Result.Runs == 0 {
		return nil
	}
	var p struct{ Runs []struct{ Manifest string } }
	if err := json.Unmarshal(s.read(t, "s3://curated/_penstock/plans/"+execution+".json"), &p); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range p.Runs {
		list = append(list, r.Manifest)
	}
	return list
}

// done marks a run as finished, as the state machine does.
func (s *shop) done(t testing.TB, manifest string) {
	t.Helper()
	s.put(t, "curated", strings.TrimPrefix(strings.TrimSuffix(manifest, ".json")+".done.json", "s3://curated/"), []byte("{}"))
}

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

func TestManifestAndCheck(t *testing.T) {
	s := newShop(t)
	if got := s.plan(t, "e0"); got != nil {
		t.Errorf("an empty bucket gives the plan %v", got)
	}
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+"1,A,\"x, y\",2,2010-12-01 08:26:00,1.5,17850.0,France\n"))
	plan := s.plan(t, "e1")
	if len(plan) != 1 {
		t.Fatalf("plan %v", plan)
	}
	r := s.good(t, "check", "manifest", plan[0])
	if r.Result.RowsRead != 1 || r.Result.Files != 1 || r.Result.RowsRejected != 0 {
		t.Errorf("%+v", r.Result)
	}
	if again := s.plan(t, "e2"); len(again) != 1 || again[0] != plan[0] {
		t.Errorf("an unfinished run is planned as %v", again)
	}
	s.done(t, plan[0])
	before := s.Keys(t, "curated")
	if got := s.plan(t, "e3"); got != nil || s.Keys(t, "curated") != before {
		t.Errorf("with nothing new the plan is %v, the bucket has %s", got, s.Keys(t, "curated"))
	}
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+"1,A,x,3,2010-12-01 08:26:00,1.5,17850.0,France\n"))
	s.put(t, "raw", "orders/2010/12/02/b.csv.gz", zip(t, header+"2,A,x,3,2010-12-01 08:26:00,1.5,17850.0,France\n"))
	got := s.plan(t, "e4")
	if len(got) != 2 || got[0] != strings.Replace(plan[0], "000001", "000002", 1) {
		t.Errorf("a corrected and a new file are planned as %v", got)
	}
}

// TestBadFiles puts one broken file among good ones and expects its name, line, column and value in the job's message.
func TestBadFiles(t *testing.T) {
	row := "1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n"
	whole := zip(t, header+strings.Repeat(row, 2000))
	cut := func(b []byte, n int) []byte { return b[:len(b)-n] }
	flip := func(b []byte, at int) []byte { c := bytes.Clone(b); c[at] ^= 0x40; return c }
	for name, x := range map[string]struct {
		body []byte
		want []string
	}{
		"too few columns": {zip(t, header+row+"2,A,x,2,2010,1.5,17850.0\n"),
			[]string{`line 3, column "country": no value`, `"17850.0"`}},
		"too many columns": {zip(t, header+row+"2,A,x,2,2010,1.5,17850.0,France,extra\n"),
			[]string{`line 3, column 9: the value "extra" has no column`}},
		"renamed": {zip(t, strings.Replace(header, "Quantity", "Qty", 1)+row),
			[]string{`line 1, column "Qty"`, `"quantity"`, "renamed"}},
		"swapped": {zip(t, strings.Replace(header, "Quantity,InvoiceDate", "InvoiceDate,Quantity", 1)+row),
			[]string{`line 1, column "InvoiceDate"`, "reordered"}},
		"missing":        {zip(t, strings.Replace(header, ",Country", "", 1)), []string{`line 1, column "country"`, "missing"}},
		"missing inside": {zip(t, strings.Replace(header, "Quantity,", "", 1)), []string{`line 1, column "quantity"`, "missing"}},
		"added": {zip(t, strings.Replace(header, ",Country", ",Country,Extra", 1)),
			[]string{`line 1, column "Extra"`, "added"}},
		"empty":          {zip(t, ""), []string{"line 1", "header is missing"}},
		"no trailer":     {cut(whole, 8), []string{"line 2002", "cut off"}},
		"half a trailer": {cut(whole, 4), []string{"cut off"}},
		"flipped byte":   {flip(whole, len(whole)/2), []string{"line ", "broken gzip"}},
		"wrong crc":      {flip(whole, len(whole)-8), []string{"broken gzip", "checksum"}},
		"open quote":     {zip(t, header+row+"2,A,\"x\n\n,2"), []string{`line 3, column "description"`, "never closed"}},
		"line break in a field counts": {zip(t, header+"1,A,\"x\n\ny\",2,2010-12-01 08:26:00,1.5,17850.0,France\n"+"2,A\n"),
			[]string{`line 5, column "description"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+row))
			s.put(t, "raw", "orders/2010/12/02/bad.csv.gz", x.body)
			s.put(t, "raw", "orders/2010/12/03/c.csv.gz", zip(t, header+row))
			plan := s.plan(t, "e")
			for _, step := range []string{"check", "clean"} {
				r := s.run(t, step, "manifest", plan[0])
				if r.State != job.Failed || !strings.Contains(r.Error, "s3://raw/orders/2010/12/02/bad.csv.gz: ") {
					t.Errorf("%s: %s %q", step, r.State, r.Error)
				}
				for _, w := range x.want {
					if !strings.Contains(r.Error, w) {
						t.Errorf("%s: %q lacks %q", step, r.Error, w)
					}
				}
			}
			if got := s.Keys(t, "curated"); strings.Contains(got, "clean/") {
				t.Errorf("something is visible: %s", got)
			}
		})
	}
}

// TestFilteredIsCountedOnTheStream joins: rows that the join doubles, or that another table loses, are not counted.
func TestFilteredIsCountedOnTheStream(t *testing.T) {
	s := newShop(t)
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+strings.Repeat("1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n", 3)+
		strings.Repeat("C2,A,x,-1,2010-12-01 08:26:00,1.5,,France\n", 2)))
	plan := s.plan(t, "e")
	orders, err := s.Catalog.Table(t.Context(), "retail", "orders")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Catalog.CreatePartitions(t.Context(), "retail", "orders",
		[]catalog.Partition{orders.PartitionAt([]string{"2010", "12", "01"}, "s3://raw/orders/2010/12/01/")}); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string][2]int64{
		"SELECT day, CAST(sum(q) AS decimal(18,3)) AS revenue, count(*) AS lines FROM (SELECT CAST(invoicedate AS date) AS day, " +
			"quantity AS q FROM STREAM orders WHERE quantity > 0) GROUP BY day": {1, 2},
		"SELECT CAST(o.invoicedate AS date) AS day, CAST(0 AS decimal(18,3)) AS revenue, " +
			"1 AS lines FROM STREAM orders o JOIN orders p ON p.stockcode = o.stockcode WHERE o.quantity > 0": {15, 2},
		"WITH o AS (SELECT * FROM STREAM orders WHERE quantity > 0) SELECT CAST(invoicedate AS date) AS day, " +
			"CAST(0 AS decimal(18,3)) AS revenue, 1 AS lines FROM o": {3, 2},
		"SELECT CAST(invoicedate AS date) AS day, CAST(0 AS decimal(18,3)) AS revenue, 1 AS lines FROM STREAM orders": {5, 0},
		"SELECT CAST(invoicedate AS date) AS day, CAST(0 AS decimal(18,3)) AS revenue, " +
			"quantity * 2 AS lines FROM STREAM orders WHERE quantity > 5": {0, 5},
		"SELECT CAST(invoicedate AS date) AS day, CAST(0 AS decimal(18,3)) AS revenue, n AS lines FROM STREAM orders " +
			"LATERAL VIEW explode(array(1, 2)) t AS n WHERE struct(quantity).quantity > 0 AND exists(array(quantity), x -> x > 0)": {6, 2},
	} {
		r := s.good(t, "daily", "manifest", plan[0], "sql", sql)
		if r.Result.RowsWritten != want[0] || r.Result.RowsFiltered != want[1] {
			t.Errorf("%s: %d written, %d filtered; want %v", sql, r.Result.RowsWritten, r.Result.RowsFiltered, want)
		}
	}
}

func landRetail(t testing.TB, s *shop) {
	t.Helper()
	root := filepath.Join(testcorpus.Dir(t), "data/online-retail")
	names, err := filepath.Glob(filepath.Join(root, "*/*/*/*.gz"))
	if err != nil || len(names) != 305 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(root, n)
		s.put(t, "raw", "orders/"+filepath.ToSlash(rel), b)
	}
}

// TestRealCheck runs manifest and check on the real shop's files.
func TestRealCheck(t *testing.T) {
	s := newShop(t)
	landRetail(t, s)
	begin := time.Now()
	plan := s.plan(t, "e")
	t.Logf("manifest %v", time.Since(begin))
	begin = time.Now()
	r := s.good(t, "check", "manifest", plan[0])
	t.Logf("check %v", time.Since(begin))
	if r.Result.RowsRead != 541909 || r.Result.Files != 305 || r.Result.RowsRejected != 0 {
		t.Errorf("%+v", r.Result)
	}
}

// TestInputsDeletedMeanwhile deletes every input for good, and collects garbage, once the worker has resolved them: the job is right all
// the same, and the bytes go when it is over.
func TestInputsDeletedMeanwhile(t *testing.T) {
	var s *shop
	var deleted, resolved int
	remove := func(point string) {
		if point == "job.resolved" {
			resolved++
		}
		if resolved != 2 || deleted > 0 { // the first is the manifest, the second the inputs
			return
		}
		ctx := context.WithoutCancel(t.Context())
		page, err := s.Objects.ListVersions(ctx, object.VersionQuery{Bucket: "raw"})
		if err != nil {
			t.Error(err)
		}
		for _, v := range page.Objects {
			if _, err := s.Objects.Delete(ctx, "raw", object.Deletion{Key: v.Key, VersionID: v.VersionID}); err != nil {
				t.Error(err)
			}
			deleted++
		}
		if n, err := s.Objects.Collect(ctx); err != nil || n != 0 {
			t.Errorf("%d files are removed while the job reads them, %v", n, err)
		}
	}
	var armed atomic.Bool
	s = furnish(t, open(t, t.TempDir(), jobtest.Settings{GarbageDelay: 1, Kill: func(p string) {
		if armed.Load() {
			remove(p)
		}
	}}))
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+"1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n"))
	plan := s.plan(t, "e")
	armed.Store(true)
	r := s.good(t, "check", "manifest", plan[0])
	if r.Result.RowsRead != 1 || deleted == 0 {
		t.Errorf("%d rows, %d inputs deleted", r.Result.RowsRead, deleted)
	}
	if n, err := s.Objects.Collect(t.Context()); err != nil || n != 1 {
		t.Errorf("%d files are swept after the job, %v", n, err)
	}
}

// TestRealInput takes the real shop through manifest, check, sql and a recomputed sum, and reads the figures from the published files.
func TestRealInput(t *testing.T) {
	s := newShop(t)
	landRetail(t, s)
	plan := s.plan(t, "e")
	s.rules["orders"] = `Rules = [ RowCount > 500000, IsComplete "invoiceno", ColumnValues "invoiceno" matches "[A-Z]?[0-9]+", ` +
		`Completeness "customerid" > 0.7 ]`
	s.rules["clean"] = `Rules = [ RowCount > 1, IsComplete "day", ColumnValues "price" > 0, ColumnValues "quantity" > 0, ` +
		`CustomSql "select count(*) from primary where sku = ''" = 0 ]`
	begin := time.Now()
	r := s.good(t, "check", "manifest", plan[0], "ruleset", "orders")
	t.Logf("check %v: %+v\n%s", time.Since(begin), r.Result, strings.Join(s.Lines(t, r.ID), "\n"))
	begin = time.Now()
	r = s.good(t, "clean", "manifest", plan[0], "ruleset", "clean")
	t.Logf("clean %v: %+v\n%s", time.Since(begin), r.Result, strings.Join(s.Lines(t, r.ID), "\n"))
	if got := r.Result; got.RowsRead != 541909 || got.RowsWritten != 530104 || got.RowsFiltered != 541909-530104 ||
		got.RowsRejected != 0 || got.Files != 305 {
		t.Errorf("%+v", got)
	}
	begin = time.Now()
	r = s.good(t, "daily", "manifest", plan[0])
	t.Logf("daily %v: %+v", time.Since(begin), r.Result)
	if r.Result.RowsRead != 530104 || r.Result.RowsWritten != 305 {
		t.Errorf("%+v", r.Result)
	}
	if n := s.Partitions(t, "retail", "clean"); n != 305 {
		t.Errorf("%d partitions", n)
	}
	got := s.query(t, "s3://curated/clean/",
		"SELECT sum(price * quantity), count(DISTINCT invoice), count(DISTINCT customer), sum(price * quantity) FILTER "+
			"(country = 'United Kingdom'), sum(price * quantity) FILTER (strftime(day, '%Y-%m') = '2011-11'), count(DISTINCT _run) FROM t")
	if want := "10666684.544|19960|4338|9025222.084|1509496.330|1\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := s.query(t, "s3://curated/daily/", "SELECT sum(revenue), sum(lines) FROM t"); got != "10666684.544|530104\n" {
		t.Errorf("daily: %s", got)
	}
	var copyList struct{ Entries []struct{ URL string } }
	uri := strings.TrimSuffix(plan[0], ".json") + ".clean.copy.json"
	if err := json.Unmarshal(s.read(t, uri), &copyList); err != nil || len(copyList.Entries) != 305 {
		t.Errorf("%s: %d entries, %v", uri, len(copyList.Entries), err)
	}
}

// query runs DuckDB's SQL over the Parquet files of a table, as t.
func (s *shop) query(t testing.TB, location, sql string) string {
	t.Helper()
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(location, "s3://"), "/")
	list, err := s.Objects.Resolve(t.Context(), bucket, prefix)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, o := range list {
		paths = append(paths, o.Path)
	}
	e, err := engine.Open(t.Context(), engine.Options{AllowedPaths: paths})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return worker.Text(t, e, "WITH t AS (SELECT * FROM read_parquet("+engine.Literals(paths)+", hive_partitioning=false)) "+sql)
}

// TestRulesStopBeforePublishing breaks one rule of a source and one of a result; nothing is visible, and UpdateDataQualityRuleset alone
// turns the verdict.
func TestRulesStopBeforePublishing(t *testing.T) {
	s := newShop(t)
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+"1,A,\"x\ny\",2,2010-12-01 08:26:00,1.5,17850.0,France\nC2,B,x,-1,2010-12-01 "+
		"08:26:00,1.5,,France\n3,,x,4,2010-12-01 08:26:00,2,1,Spain\n"))
	plan := s.plan(t, "e")
	s.rules["orders"] = `Rules = [ ColumnValues "quantity" >= 0, IsComplete "stockcode", IsUnique "invoiceno" ]`
	r := s.run(t, "check", "manifest", plan[0], "ruleset", "orders")
	for _, want := range []string{"2 of 3 rules", `s3://raw/orders/2010/12/01/a.csv.gz line 4, column "quantity": value "-1"`,
		`a.csv.gz line 5, column "stockcode": no value`} {
		if r.State != job.Failed || !strings.Contains(r.Error, want) {
			t.Errorf("%s: %q lacks %q", r.State, r.Error, want)
		}
	}
	if len(r.Result.Rules) != 3 || r.Result.Rules[2].Result != "PASS" {
		t.Errorf("%+v", r.Result.Rules)
	}
	s.rules["clean"] = `Rules = [ ColumnValues "country" in ["France"] ]`
	before := s.Keys(t, "curated")
	if r := s.run(t, "clean", "manifest", plan[0], "ruleset", "clean"); r.State != job.Failed ||
		!strings.Contains(r.Error, `column "country": value "Spain"`) {
		t.Errorf("%s %q", r.State, r.Error)
	}
	if s.Keys(t, "curated") != before || s.Partitions(t, "retail", "clean") != 0 {
		t.Errorf("something is visible: %s", s.Keys(t, "curated"))
	}
	s.rules["clean"] = `Rules = [ ColumnValues "country" in ["France", "Spain"] ]`
	if r := s.good(t, "clean", "manifest", plan[0], "ruleset", "clean"); r.Result.RowsWritten != 2 || r.Result.RowsFiltered != 1 {
		t.Errorf("%+v", r.Result)
	}
}

// TestGenerations publishes a run, then the same run with a corrected file, and a late file for the same day: rows are replaced by run.
func TestGenerations(t *testing.T) {
	s := newShop(t)
	line := func(inv, qty string) string { return inv + ",A,x," + qty + ",2010-12-01 08:26:00,1.5,17850.0,France\n" }
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+line("1", "2")+line("2", "2")))
	do := func(execution string) (rows int64) {
		for _, m := range s.plan(t, execution) {
			s.good(t, "check", "manifest", m)
			rows += s.good(t, "clean", "manifest", m).Result.RowsWritten
			s.done(t, m)
		}
		return rows
	}
	if n := do("e1"); n != 2 {
		t.Errorf("the first run gives %d rows", n)
	}
	s.put(t, "raw", "orders/2010/12/01/late.csv", []byte(header+line("3", "5")))
	if n := do("e2"); n != 1 {
		t.Errorf("the late file gives %d rows", n)
	}
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+line("1", "7")))
	s.put(t, "raw", "orders/2010/12/02/b.csv.gz", zip(t, header+line("4", "1")))
	if n := do("e3"); n != 2 {
		t.Errorf("a correction and a new file give %d rows", n)
	}
	if got := s.query(t, "s3://curated/clean/", "SELECT invoice, quantity FROM t ORDER BY 1"); got != "1|7\n3|5\n4|1\n" {
		t.Errorf("the table holds\n%s", got)
	}
	if n := do("e4"); n != 0 {
		t.Errorf("nothing new gives %d rows", n)
	}
}

// TestStandAlone runs SQL that belongs to no pipeline: no manifest, no home, a table without the run's column.
func TestStandAlone(t *testing.T) {
	s := newShop(t)
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+"1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n"))
	s.Table(t, "retail", "plain", "s3://raw/plain/", csvSerDe, "a int, b string", "",
		map[string]string{"classification": "csv", "skip.header.line.count": "1"})
	s.Table(t, "retail", "sums", "s3://curated/sums", jobtest.Parquet, "b string, total bigint", "", nil)
	s.put(t, "raw", "plain/x.csv.gz", zip(t, "a,b\n1,x\n2,y\n3,x\n"))
	args := map[string]string{"--penstock-step": "sql", "--penstock-database": "retail", "--penstock-target": "sums",
		"--penstock-sql": "SELECT b, SUM(a) AS total FROM retail.plain GROUP BY b"}
	if err := s.Jobs.Create(t.Context(), job.Definition{Name: "sums", DefaultArguments: args}, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.good(t, "sums")
		if got := s.query(t, "s3://curated/sums/", "SELECT * FROM t ORDER BY 1"); got != "x|4\ny|2\n" {
			t.Errorf("got %s", got)
		}
	}
	for sql, want := range map[string]string{
		"SELECT b, sum(a) AS total FROM STREAM plain GROUP BY b": "--penstock-manifest is missing",
		"SELECT b FROM plain":                        `the query has no column "total"`,
		"SELECT b, 1 AS total, 2 AS more FROM plain": `no column "more"`,
		"SELECT b, nosuch(a) AS total FROM plain":    "nosuch",
		"SELECT b, 1 AS total FROM missing":          "missing",
		"DROP TABLE plain":                           "",
	} {
		if r := s.run(t, "sums", "sql", sql); r.State != job.Failed || !strings.Contains(r.Error, want) {
			t.Errorf("%s: %s %q", sql, r.State, r.Error)
		}
	}
}

// BenchmarkWorkerToFirstRow is a whole job run over one row, from StartJobRun to SUCCEEDED; ms/first-row is the part of it until the row
// has been read: the start of the process, the calls for the table and its files, DuckDB opened, the file decoded.
func BenchmarkWorkerToFirstRow(b *testing.B) {
	s := newShop(b)
	s.put(b, "raw", "orders/2010/12/01/a.csv.gz", zip(b, header+"1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n"))
	plan := s.plan(b, "e")
	var toRow time.Duration
	for b.Loop() {
		begin := time.Now()
		r := s.good(b, "clean", "manifest", plan[0])
		toRow += s.logged(b, r.ID, "reading the sources took").Sub(begin)
	}
	b.ReportMetric(float64(toRow.Microseconds())/1000/float64(b.N), "ms/first-row")
}

// logged is when a run wrote the line that begins so.
func (s *shop) logged(t testing.TB, runID, line string) time.Time {
	t.Helper()
	page, err := s.Logs.Get(t.Context(), logstore.GetQuery{Group: job.OutputGroup, Stream: runID, FromHead: true, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Events {
		if strings.HasPrefix(e.Message, line) {
			return e.Time
		}
	}
	t.Fatalf("run %s wrote no line %q", runID, line)
	return time.Time{}
}
