package retail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"penstock/test/harness"
)

// TestStatusOfWhatDoesNotRun kills a run that hosts the runtime: no status says that its execution or its landing goes on.
func TestStatusOfWhatDoesNotRun(t *testing.T) {
	t.Parallel()
	dir := sampled(t, 20000)
	if r := harness.Run(t, dir, kill("land.put:3"), "run"); r.Code != -1 {
		t.Fatalf("it was not killed: code %d", r.Code)
	}
	r := harness.MustRun(t, dir, nil, "status")
	if !strings.Contains(r.Stdout, "landing orders: interrupted; to go on, type: penstock run\n") ||
		!strings.Contains(r.Stdout, "not run yet") ||
		!strings.Contains(r.Stdout, "encryption at rest: as the disk of the data directory is") {
		t.Errorf("status prints\n%s", r.Stdout)
	}
	if r := harness.Run(t, dir, kill("job.running:2"), "run"); r.Code != -1 {
		t.Fatalf("it was not killed: code %d\n%s", r.Code, r.Stderr)
	}
	r = harness.MustRun(t, dir, nil, "status")
	if strings.Contains(r.Stdout, "RUNNING") || !strings.Contains(r.Stdout, "execution ") || strings.Contains(r.Stdout, "landing orders") {
		t.Errorf("status prints\n%s", r.Stdout)
	}
	if r := harness.Run(t, dir, nil, "status", "--json"); r.Code != 0 || strings.Contains(r.Stdout, "RUNNING") {
		t.Errorf("status prints\n%s%s", r.Stdout, r.Stderr)
	}
	harness.MustRun(t, dir, nil, "run")
	if r := harness.MustRun(t, dir, nil, "status"); !strings.Contains(r.Stdout, "SUCCEEDED") {
		t.Errorf("status prints\n%s", r.Stdout)
	}
}

// TestQueryFromTheShell asks as a person does at a shell: before anything is deployed, with a comment first, as JSON.
func TestQueryFromTheShell(t *testing.T) {
	t.Parallel()
	dir := sampled(t, 200)
	if r := harness.Run(t, dir, nil, "query", "SELECT 1"); r.Code != 1 ||
		!strings.Contains(r.Stderr, `the pipeline is not deployed here yet; "penstock run" deploys it`) {
		t.Errorf("before the first run: code %d, %s", r.Code, r.Stderr)
	}
	harness.MustRun(t, dir, nil, "run")
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"query", "-- how many\nSELECT 1 AS one"}, "one\n1\n"},
		{[]string{"query", "--json",
			"-- a\nSELECT 2 AS z, 'x' AS a, NULL AS n, '' AS e, 1.50::decimal(9,2) AS d, 9007199254740993 AS b, 1e6::float8 AS f, true AS t"},
			`{"z":2,"a":"x","n":null,"e":"","d":1.50,"b":9007199254740993,"f":1000000,"t":true}` + "\n"},
		{[]string{"query", "SELECT NULL AS n, '' AS e, 1e6::float8 AS f"}, "n     e  f\nNULL     1000000\n"},
	} {
		if r := harness.MustRun(t, dir, nil, x.args...); r.Stdout != x.want {
			t.Errorf("%q prints\n%swant\n%s", x.args, r.Stdout, x.want)
		}
	}
}

// TestInitLeavesGitAlone writes the example into a folder with and without a .gitignore of its own.
func TestInitLeavesGitAlone(t *testing.T) {
	dir := t.TempDir()
	harness.MustRun(t, dir, nil, "init", "retail", "--rows", "200")
	b, err := os.ReadFile(filepath.Join(dir, "retail/.gitignore"))
	if err != nil || !strings.Contains(string(b), "/.penstock/\n") {
		t.Errorf("%s, %v", b, err)
	}
	mine := filepath.Join(dir, "mine")
	writeFile(t, filepath.Join(mine, ".gitignore"), []byte("*.bak\n"))
	harness.MustRun(t, dir, nil, "init", "retail", mine, "--rows", "200")
	if b, err := os.ReadFile(filepath.Join(mine, ".gitignore")); err != nil || string(b) != "*.bak\n" {
		t.Errorf("%s, %v", b, err)
	}
}

// TestInterruptedQuery interrupts a query that would go on for hours: the server's warehouse does not work on it any more.
func TestInterruptedQuery(t *testing.T) {
	t.Parallel()
	rt := harness.Serve(t, t.TempDir())
	data := redshiftdata.NewFromConfig(rt.Config())
	statements := func(status string) int {
		out, err := data.ListStatements(t.Context(), &redshiftdata.ListStatementsInput{Status: types.StatusString(status)})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Statements)
	}
	const long = "WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < 9000) " +
		"SELECT count(*) FROM g a, g b, g c WHERE a.x + b.x * c.x = 7"
	for i, sql := range []string{long, "SELECT 1; " + long} {
		c := harness.Begin(t, rt.Data, nil, "query", "--data", rt.Data, sql)
		waitFor(t, time.Minute, "the query runs", func() bool { return statements("STARTED") == 1 })
		if err := c.Interrupt(); err != nil {
			t.Fatal(err)
		}
		if r := c.End(t); r.Code != 1 || !strings.Contains(r.Stderr, "penstock: interrupted") {
			t.Errorf("it ends with code %d and prints\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
		waitFor(t, time.Minute, "the query is cancelled", func() bool { return statements("ABORTED") == i+1 && statements("STARTED") == 0 })
	}
}
