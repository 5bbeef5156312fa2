package retail

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/test/harness"
)

const weblogs = `pipeline: weblogs
buckets: {raw: {versioning: true}, curated: {}}
sources:
  clicks: {s3: raw/clicks/, format: json, columns: {visitor: string, at: timestamp, page: string}}
transforms:
  daily:
    sql: SELECT dt, count(*) AS sessions, sum(hits) AS hits, min(started_at) AS first FROM sessions GROUP BY dt
    to: curated/daily/
  sessions:
    script: jobs/sessionize.py
    inputs: [hits]
    to: curated/sessions/
    columns: {visitor: string, started_at: timestamp, hits: bigint, pages: array<string>, dt: date}
    partition_by: [dt]
    quality: [IsComplete "visitor", ColumnValues "hits" > 0]
    arguments: {database: weblogs, target: "s3://${curated}/sessions/"}
  hits: {sql: "SELECT visitor, at, page, to_date(at) AS dt FROM STREAM clicks", to: curated/hits/, partition_by: [dt]}
warehouse:
  web.daily: {from: daily}
`

// TestScript runs a pipeline whose middle is an unchanged PySpark script: it reads what a query has made, pyarrow reads what it has made,
// and so does a query after it. When it fails, the run says why in its own words; made again, what it reads is made again before it.
func TestScript(t *testing.T) {
	t.Parallel()
	python := harness.Python(t, "boto3", "pyarrow")
	spark, ok := sparkPython(t)
	if !ok {
		t.Skip("PENSTOCK_PYSPARK_VENV names no virtual environment with pyspark")
	}
	client, err := filepath.Abs("testdata/script.py")
	if err != nil {
		t.Fatal(err)
	}
	job, err := os.ReadFile("testdata/sessionize.py")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	rt := harness.Serve(t, filepath.Join(dir, ".penstock"), "PENSTOCK_PYTHON="+spark)
	call := func(args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, python, append([]string{client}, args...)...)
		cmd.Env = append(rt.Env(), "PYTHONDONTWRITEBYTECODE=1")
		if out, err := cmd.CombinedOutput(); err != nil || args[0] == "check" && string(out) != "ok\n" {
			t.Fatalf("script.py %s: %v\n%s\nserver:\n%s", strings.Join(args, " "), err, out, rt.Log())
		}
	}
	loaded := func(want string) {
		t.Helper()
		r := harness.MustRun(t, dir, nil, "query", "SELECT dt, sessions, hits, first FROM web.daily ORDER BY dt")
		if got := strings.Join(strings.Fields(r.Stdout), " "); got != "dt sessions hits first "+want {
			t.Errorf("loaded: %s", got)
		}
	}
	call("make", in)
	writeFile(t, filepath.Join(dir, "pipeline.yaml"), []byte(weblogs))
	if err := os.Mkdir(filepath.Join(dir, "jobs"), 0o777); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "jobs", "sessionize.py")

	writeFile(t, script, []byte("print('looking')\nraise ValueError('no clicks of a day that is over')\n"))
	wantMessage(t, harness.Run(t, dir, nil, "run", "--input", filepath.Join(in, "1")),
		"weblogs-sessions: ValueError: no clicks of a day that is over")

	writeFile(t, script, job)
	r := harness.MustRun(t, dir, nil, "run")
	for _, want := range []string{"glue", "dq 2/2"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("the steps do not say %q:\n%s", want, r.Stderr)
		}
	}
	if strings.Contains(r.Stderr, "-1") {
		t.Errorf("rows that nobody counted are shown:\n%s", r.Stderr)
	}
	call("check", "1")
	loaded("2026-01-01 4 60 2026-01-01 00:00:00")
	if r := harness.MustRun(t, dir, nil, "logs"); !strings.Contains(r.Stdout, "sessions made: 4") {
		t.Errorf("the log of the run lacks what the script said:\n%s", r.Stdout)
	}

	r = harness.MustRun(t, dir, nil, "run", "--full", "hits", "--input", filepath.Join(in, "2"))
	for _, want := range []string{"hits is done again", "sessions is done again", "daily is done again"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("the run does not say %q:\n%s", want, r.Stderr)
		}
	}
	call("check", "2")
	loaded("2026-01-01 4 60 2026-01-01 00:00:00 2026-01-02 5 60 2026-01-02 00:00:00")
	if r := harness.MustRun(t, dir, nil, "run"); !strings.Contains(r.Stdout, "nothing new") {
		t.Errorf("the script is run without news:\n%s%s", r.Stdout, r.Stderr)
	}
	writeFile(t, script, append([]byte("# edited\n"), job...))
	wantMessage(t, harness.MustRun(t, dir, nil, "run"),
		"the script of sessions changed: it is run when files land; \"penstock run --full sessions\"")
	rt.Stop(t)
}
