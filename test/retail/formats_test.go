package retail

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/test/harness"
)

const manyFormats = `pipeline: many
buckets: {raw: {versioning: true}, curated: {}}
sources:
  events: {s3: raw/events/, format: json, columns: {id: bigint, sku: string, amount: "decimal(7,2)", at: timestamp, x: "array<int>"}}
  access:
    s3: raw/access/
    format: grok %{COMMONAPACHELOG}
    columns: {clientip: string, ident: string, auth: string, timestamp: string, verb: string, request: string, httpversion: string,
      rawrequest: string, response: string, bytes: string}
  stock: {s3: raw/stock/, format: orc, columns: {sku: string, n: int}}
  prices: {s3: raw/prices/, format: parquet, crawl: {}}
  notes: {s3: raw/notes/, format: xml note, columns: {sku: string, text: string}}
transforms:
  sums:
    sql: SELECT sku, sum(amount) AS total, max(x) AS x, to_date(at) AS day FROM STREAM events GROUP BY sku, to_date(at)
    to: curated/sums/
    partition_by: [day]
    format: orc
    compression: zstd
  stocked:
    sql: SELECT s.sku, s.n, CAST(p.price AS double) AS price FROM stock s JOIN prices p ON p.sku = s.sku
    to: curated/stocked/
    format: json
    compression: gzip
  texts: {sql: "SELECT sku, text FROM notes WHERE text IS NOT NULL", to: curated/texts/, format: csv}
  hits:
    sql: SELECT clientip, sum(CAST(bytes AS bigint)) AS bytes FROM access GROUP BY clientip
    to: curated/hits/
    compression: gzip
  again:
    sql: SELECT t.sku, t.text, s.total, j.price FROM texts t JOIN sums s ON s.sku = t.sku JOIN stocked j ON j.sku = t.sku
    to: curated/again/
warehouse:
  w.again: {from: again}
`

// TestManyFormats runs a pipeline over JSON, a log, ORC, Parquet and XML, whose tables are ORC, JSON, CSV and Parquet: they hold what
// pyarrow reads there, and are read again by a transform after them. A format that the crawler does not find stops the run.
func TestManyFormats(t *testing.T) {
	t.Parallel()
	python := harness.Python(t, "boto3", "pyarrow")
	script, err := filepath.Abs("testdata/formats.py")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	wrong := strings.Replace(manyFormats, "format: parquet, crawl", "format: csv, crawl", 1)
	writeFile(t, filepath.Join(dir, "pipeline.yaml"), []byte(wrong))
	call := func(env []string, args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, python, append([]string{script}, args...)...)
		cmd.Env = append(cmd.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil || args[0] == "check" && string(out) != "ok\n" {
			t.Fatalf("formats.py %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	in := filepath.Join(dir, "in")
	call(nil, "make", in)
	for _, source := range []string{"events", "access", "stock", "prices", "notes"} {
		harness.MustRun(t, dir, nil, "land", source, filepath.Join(in, source))
	}
	wantMessage(t, harness.Run(t, dir, nil, "run"),
		"table prices is Parquet, as its crawler found, and the pipeline says format: csv")
	writeFile(t, filepath.Join(dir, "pipeline.yaml"), []byte(manyFormats))
	harness.MustRun(t, dir, nil, "run")
	r := harness.MustRun(t, dir, nil, "query", "SELECT count(*), sum(total), sum(price) FROM w.again")
	if strings.Join(strings.Fields(r.Stdout), " ") != "count sum sum 21 124975.00 73.5" {
		t.Errorf("loaded: %s", r.Stdout)
	}
	rt := harness.Serve(t, filepath.Join(dir, ".penstock"))
	call(rt.Env(), "check", "000000000000-us-east-1-many-curated")
	rt.Stop(t)
}
