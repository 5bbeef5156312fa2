package worker_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"penstock/internal/catalog"
	"penstock/internal/child/task"
	"penstock/internal/engine"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
)

// TestBadValues has values that do not fit the catalog's types: they are NULL, their rows stay, they are counted a column and listed.
func TestBadValues(t *testing.T) {
	s := newShop(t)
	s.put(t, "raw", "orders/2010/12/01/a.csv.gz", zip(t, header+"1,A,x,two,2010-12-01 08:26:00,1.5,one,France\n"+
		"2,A,,3,2010-12-01 08:26:00,,,France\n"+"3,A,x,9223372036854775808,2010-12-01,1.5,1,France\n"))
	plan := s.plan(t, "e")[0]
	r := s.good(t, "check", "manifest", plan)
	columns := []task.BadColumn{{Source: "orders", Column: "quantity", Type: "bigint", Count: 2},
		{Source: "orders", Column: "customerid", Type: "double", Count: 1}}
	if r.Result.RowsRead != 3 || r.Result.RowsRejected != 0 || r.Result.BadValues != 2 || !reflect.DeepEqual(r.Result.BadColumns, columns) {
		t.Errorf("%+v", r.Result)
	}
	got := strings.Join(s.Lines(t, r.ID), "\n")
	for _, want := range []string{`bad value: s3://raw/orders/2010/12/01/a.csv.gz line 2, column "quantity": "two" is no bigint`,
		`line 4, column "quantity": "9223372036854775808"`,
		`line 2, column "customerid": "one" is no double`, "bad values: 2 in column \"quantity\" of orders, which is bigint",
		"penstock-result {"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %q:\n%s", want, got)
		}
	}
	// a column that nobody asks for costs no row; one that is asked for is NULL
	daily := s.good(t, "daily", "manifest", plan, "sql", "SELECT DATE '2020-01-01' AS day, CAST(sum(unitprice) AS decimal(18,3)) AS revenue, "+
		"count(*) * 10 + count(quantity) AS lines FROM STREAM orders")
	if daily.Result.BadValues != 2 {
		t.Errorf("%+v", daily.Result)
	}
	if got := s.query(t, "s3://curated/daily/", "SELECT revenue, lines FROM t"); got != "3.000|31\n" {
		t.Errorf("the table holds %s", got)
	}
}

// TestMaxRejected counts each row once, whatever is wrong with it, and stops before anything is published.
func TestMaxRejected(t *testing.T) {
	good, two, ragged := "1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n", "2,A,x,two,2010-12-01 08:26:00,1.5,one,France\n", "3,A,x\n"
	sql := "SELECT DATE '2020-01-01' AS day, CAST(0 AS decimal(18,3)) AS revenue, count(*) AS lines FROM STREAM orders"
	for _, tt := range []struct {
		name, rows, limit string
		want              string // of the error; of success the number of rows
	}{
		{"under", strings.Repeat(good, 3) + two, "1", "4"},
		{"over", strings.Repeat(good, 3) + two + two, "1",
			`table orders: 2 of 5 rows have a value that does not fit its column's type, or were rejected; max_rejected is 1`},
		{"share", strings.Repeat(good, 9) + two, "10%", "10"},
		{"share over", strings.Repeat(good, 9) + two, "orders=9.9%, other=50%", "max_rejected is 9.9%"},
		{"none", good + two, "orders=0", "max_rejected is 0"},
		{"another source's", good + two, "other=0", "2"},
		{"every row", two + two, "",
			"table orders: 2 of 2 rows have a value that does not fit its column's type, or were rejected; that is every row"},
		{"every row, allowed", two, "100%", "that is every row"},
		{"a ragged line", strings.Repeat(good, 3) + ragged + two, "2", "4"},
		{"a ragged line too many", strings.Repeat(good, 3) + ragged + two, "1", `line 5, column "quantity": no value`},
		{"a ragged line, no limit", good + ragged, "", `line 3, column "quantity": no value`},
		{"nonsense", good, "many", `--penstock-max-rejected: "many" is neither a number of rows nor a share of them`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.put(t, "raw", "orders/2010/12/01/a.csv", []byte(header+tt.rows))
			plan := s.plan(t, "e")[0]
			var args []string
			if tt.limit != "" {
				args = []string{"max-rejected", tt.limit}
			}
			check := s.run(t, "check", append([]string{"manifest", plan}, args...)...)
			before := s.Keys(t, "curated")
			r := s.run(t, "daily", append([]string{"manifest", plan, "sql", sql}, args...)...)
			if len(tt.want) > 3 {
				if check.State != job.Failed || !strings.Contains(check.Error, tt.want) || r.State != job.Failed ||
					!strings.Contains(r.Error, tt.want) {
					t.Errorf("check %q, sql %q", check.Error, r.Error)
				}
				if s.Keys(t, "curated") != before {
					t.Errorf("something is visible: %s", s.Keys(t, "curated"))
				}
				return
			}
			if check.State != job.Succeeded || r.State != job.Succeeded {
				t.Fatalf("check %q, sql %q", check.Error, r.Error)
			}
			if got := s.query(t, "s3://curated/daily/", "SELECT lines FROM t"); got != tt.want+"\n" {
				t.Errorf("%s rows, want %s", got, tt.want)
			}
		})
	}
}

// TestQuarantine sets bad files aside whole: no row of them counts, the others go on, each is named.
func TestQuarantine(t *testing.T) {
	row := "1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n"
	s := newShop(t)
	whole := zip(t, header+strings.Repeat(row, 5000))
	s.put(t, "raw", "orders/2010/12/01/a.csv", []byte(header+row))
	s.put(t, "raw", "orders/2010/12/02/cut.csv.gz", whole[:len(whole)-8])
	s.put(t, "raw", "orders/2010/12/02/ragged.csv", []byte(header+strings.Repeat(row, 3000)+"2,A\n"+row))
	s.put(t, "raw", "orders/2010/12/02/renamed.csv", []byte("a,b\n1,2\n"))
	s.put(t, "raw", "orders/2010/12/03/z.csv", []byte(header+row+row))
	plan := s.plan(t, "e")[0]
	stop := s.run(t, "check", "manifest", plan)
	if stop.State != job.Failed || !strings.HasSuffix(stop.Error,
		"\nto go on without this file: penstock land orders --remove 2010/12/02/cut.csv.gz") || len(stop.Result.BadFiles) != 1 ||
		stop.Result.BadFiles[0].URI != "s3://raw/orders/2010/12/02/cut.csv.gz" {
		t.Errorf("%s %q %+v", stop.State, stop.Error, stop.Result)
	}
	for _, arg := range []string{"quarantine", "orders=quarantine,x=stop"} {
		r := s.good(t, "check", "manifest", plan, "on-bad-file", arg)
		files := []task.BadFile{{URI: "s3://raw/orders/2010/12/02/cut.csv.gz", Line: 5002,
			Reason: "broken gzip: the stream is cut off before its end (checksum and length are missing)"},
			{URI: "s3://raw/orders/2010/12/02/ragged.csv", Line: 3002,
				Reason: `column "description": no value: the line has 2 values, the last is "A", the table has 8 columns`},
			{URI: "s3://raw/orders/2010/12/02/renamed.csv", Line: 1, Reason: r.Result.BadFiles[2].Reason}}
		if r.Result.RowsRead != 3 || r.Result.Quarantined != 3 || !reflect.DeepEqual(r.Result.BadFiles, files) {
			t.Errorf("%+v", r.Result)
		}
		if got := strings.Join(s.Lines(t, r.ID), "\n"); !strings.Contains(got,
			"set aside: s3://raw/orders/2010/12/02/ragged.csv: line 3002, column") {
			t.Error(got)
		}
	}
	s.good(t, "clean", "manifest", plan, "on-bad-file", "quarantine")
	if got := s.query(t, "s3://curated/clean/", "SELECT count(*) FROM t"); got != "3\n" {
		t.Errorf("the table holds %s rows", got)
	}
	if r := s.run(t, "check", "manifest", plan, "on-bad-file", "skip"); r.State != job.Failed ||
		!strings.Contains(r.Error, `--penstock-on-bad-file: "skip" is neither stop nor quarantine`) {
		t.Errorf("%q", r.Error)
	}
}

func TestQuarantineOfEveryFile(t *testing.T) {
	s := newShop(t)
	s.put(t, "raw", "orders/2010/12/01/a.csv", []byte("a,b\n1,2\n"))
	r := s.run(t, "check", "manifest", s.plan(t, "e")[0], "on-bad-file", "quarantine")
	if r.State != job.Failed ||
		!strings.Contains(r.Error, "table orders: none of its 1 files can be read; the first: s3://raw/orders/2010/12/01/a.csv: line 1, column") {
		t.Errorf("%s %q", r.State, r.Error)
	}
}

// TestHiddenFiles: what writers leave beside the data is no data, of neither a run nor a whole table; an object without bytes has no rows.
func TestHiddenFiles(t *testing.T) {
	row := "1,A,x,2,2010-12-01 08:26:00,1.5,17850.0,France\n"
	s := newShop(t)
	for _, k := range []string{"_SUCCESS", "2010/12/01/_SUCCESS", "2010/12/01/.a.csv.crc", "2010/12/01/_tmp/b.csv",
		".hive-staging/2010/12/c.csv", "2010/12/01/zero.csv"} {
		body := []byte("no data")
		if strings.HasSuffix(k, "zero.csv") || strings.HasSuffix(k, "SUCCESS") {
			body = nil
		}
		s.put(t, "raw", "orders/"+k, body)
	}
	s.put(t, "raw", "orders/2010/12/01/a.csv", []byte(header+row))
	if r := s.good(t, "check", "manifest", s.plan(t, "e")[0]); r.Result.RowsRead != 1 || r.Result.Files != 1 {
		t.Errorf("%+v", r.Result)
	}
	s.Table(t, "retail", "plain", "s3://raw/plain/", csvSerDe, "k string, n int", "",
		map[string]string{"classification": "csv", "skip.header.line.count": "1"})
	s.Table(t, "retail", "sums", "s3://curated/sums", jobtest.Parquet, "n bigint", "", nil)
	for k, body := range map[string]string{"a.csv": "k,n\nx,1\n", "_SUCCESS": "", "_metadata": "x", "": ""} {
		s.put(t, "raw", "plain/"+k, []byte(body))
	}
	args := map[string]string{"--penstock-step": "sql", "--penstock-database": "retail", "--penstock-target": "sums",
		"--penstock-sql": "SELECT count(*) AS n FROM plain"}
	if err := s.Jobs.Create(t.Context(), job.Definition{Name: "sums", DefaultArguments: args}, nil); err != nil {
		t.Fatal(err)
	}
	s.good(t, "sums")
	if got := s.query(t, "s3://curated/sums/", "SELECT n FROM t"); got != "1\n" {
		t.Error(got)
	}
	s.good(t, "sums", "sql", fmt.Sprintf("SELECT n + %d AS n FROM sums", 1)) // Parquet beside hidden files
}

// parquet is what a query gives, as a Parquet file.
func parquet(t *testing.T, query string) []byte {
	t.Helper()
	dir := t.TempDir()
	e, err := engine.Open(t.Context(), engine.Options{AllowedDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := e.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	path := filepath.Join(dir, "x.parquet")
	if _, err := c.Exec(t.Context(), "COPY ("+query+") TO "+engine.Literal(path)+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestParquetText reads text that its writer left without the annotation that says so, beside files that have it and binary columns.
func TestParquetText(t *testing.T) {
	s := newShop(t)
	s.Table(t, "retail", "old", "s3://raw/old/", jobtest.Parquet, "t string", "", nil)
	s.Table(t, "retail", "mixed", "s3://raw/mixed/", jobtest.Parquet, "t string, b binary", "", nil)
	s.Table(t, "retail", "out", "s3://curated/out/", jobtest.Parquet, "t string", "", nil)
	s.put(t, "raw", "old/a.parquet", parquet(t, "SELECT encode(x) AS t FROM (VALUES ('café'), ('a\\b'), (NULL)) v(x)"))
	s.put(t, "raw", "old/b.parquet", parquet(t, "SELECT 'x\\x41ü' AS t"))
	s.put(t, "raw", "mixed/a.parquet", parquet(t, "SELECT encode('café') AS t, '\\xFF'::BLOB AS b"))
	args := map[string]string{"--penstock-step": "sql", "--penstock-database": "retail", "--penstock-target": "out"}
	if err := s.Jobs.Create(t.Context(), job.Definition{Name: "text", DefaultArguments: args}, nil); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"old": "NULL\na\\b\ncafé\nx\\x41ü\n", "mixed": "café\n"} {
		s.good(t, "text", "sql", "SELECT t FROM "+from)
		if got := s.query(t, "s3://curated/out/", "SELECT coalesce(t, 'NULL') FROM t ORDER BY 1"); got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
}

// TestBadParquet names a file that is no Parquet, or sets it aside.
func TestBadParquet(t *testing.T) {
	s := newShop(t)
	s.Table(t, "retail", "pq", "s3://raw/pq/", jobtest.Parquet, "t string", "", nil)
	s.Table(t, "retail", "out", "s3://curated/out/", jobtest.Parquet, "t string", "", nil)
	good := parquet(t, "SELECT 'a' AS t")
	s.put(t, "raw", "pq/a.parquet", good)
	s.put(t, "raw", "pq/b.parquet", good[:len(good)-5])
	s.put(t, "raw", "pq/c.parquet", []byte("a,b,c,d,e,f,g"))
	args := map[string]string{"--penstock-step": "sql", "--penstock-database": "retail", "--penstock-target": "out",
		"--penstock-sql": "SELECT t FROM pq"}
	if err := s.Jobs.Create(t.Context(), job.Definition{Name: "pq", DefaultArguments: args}, nil); err != nil {
		t.Fatal(err)
	}
	if r := s.run(t, "pq"); r.State != job.Failed ||
		r.Error != "s3://raw/pq/b.parquet: the Parquet file is cut off: it does not end with PAR1" {
		t.Errorf("%q", r.Error)
	}
	r := s.good(t, "pq", "on-bad-file", "quarantine")
	if r.Result.Quarantined != 2 || r.Result.RowsRead != 1 || len(r.Result.BadFiles) != 2 ||
		r.Result.BadFiles[1].URI != "s3://raw/pq/c.parquet" {
		t.Errorf("%+v", r.Result)
	}
}

// TestPartitionValues: a folder whose name is no value of the key's type is named.
func TestPartitionValues(t *testing.T) {
	s := newShop(t)
	s.Table(t, "retail", "plain", "s3://raw/plain/", csvSerDe, "n int", "year int", map[string]string{"classification": "csv"})
	s.put(t, "raw", "plain/year=abc/x.csv", []byte("1\n"))
	plain, err := s.Catalog.Table(t.Context(), "retail", "plain")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Catalog.CreatePartitions(t.Context(), "retail", "plain",
		[]catalog.Partition{plain.PartitionAt([]string{"abc"}, "s3://raw/plain/year=abc/")}); err != nil {
		t.Fatal(err)
	}
	r := s.run(t, "daily", "sql", "SELECT DATE '2020-01-01' AS day, CAST(0 AS decimal(18,3)) AS revenue, count(*) AS lines FROM plain")
	if r.State != job.Failed ||
		!strings.Contains(r.Error, `s3://raw/plain/year=abc/x.csv: the value "abc" of its partition's key "year" is no int`) {
		t.Errorf("%s %q", r.State, r.Error)
	}
}

// TestOddPartitionValues writes partitions whose values are no plain names, and reads them back by SQL.
func TestOddPartitionValues(t *testing.T) {
	s := newShop(t)
	s.Table(t, "retail", "plain", "s3://raw/plain/", csvSerDe, "k string, n int", "",
		map[string]string{"classification": "csv", "skip.header.line.count": "1"})
	s.Table(t, "retail", "odd", "s3://curated/odd/", jobtest.Parquet, "n bigint", "k string, year int", nil)
	s.Table(t, "retail", "back", "s3://curated/back/", jobtest.Parquet, "k string, year int, n bigint", "", nil)
	s.put(t, "raw", "plain/x.csv", []byte("k,n\na/b,1\n50% é=x,2\n,3\n'quoted',4\na/b,5\n"))
	args := map[string]string{"--penstock-step": "sql", "--penstock-database": "retail", "--penstock-target": "odd", "--penstock-run": "RUN",
		"--penstock-sql": "SELECT k, 2026 AS year, sum(n) AS n FROM plain GROUP BY k"}
	if err := s.Jobs.Create(t.Context(), job.Definition{Name: "odd", DefaultArguments: args}, nil); err != nil {
		t.Fatal(err)
	}
	s.good(t, "odd")
	got := s.Keys(t, "curated")
	for _, want := range []string{"odd/k=a%2Fb/year=2026/RUN-000001-0.snappy.parquet", "odd/k=50%25 é%3Dx/year=2026/",
		"odd/k=__HIVE_DEFAULT_PARTITION__/year=2026/", "odd/k=%27quoted%27/year=2026/"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %q", got, want)
		}
	}
	s.good(t, "odd", "target", "back", "sql", "SELECT k, year, n FROM odd WHERE year = 2026")
	if got := s.query(t, "s3://curated/back/", "SELECT k, n FROM t ORDER BY n"); got != "50% é=x|2\n|3\n'quoted'|4\na/b|6\n" {
		t.Errorf("read back\n%s", got)
	}
}
