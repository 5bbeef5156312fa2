// Package clients lets unmodified clients work against the real program: boto3 and the AWS CLI by the scripts in testdata, which together
// call every operation of docs/coverage.md; psql and pgx.
package clients

import (
	"bufio"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/internal/jdbc/jdbctest"
	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

// elsewhere are scripts of the services' own tests, which call by boto3 what the scripts *_cli.py here call by the AWS CLI.
var elsewhere = []string{
	"internal/service/s3/testdata/boto3_s3.py",
	"internal/service/states/testdata/boto3_states.py",
	"internal/child/warehouse/testdata/boto3_redshift.py",
}

// onlyRefused are the operations that read what a bucket cannot have yet: their right answer is the error that says so.
var onlyRefused = map[string]string{
	"glue GetSecurityConfiguration": "EntityNotFoundException", "glue GetResourcePolicy": "EntityNotFoundException",
	"s3 GetBucketLifecycleConfiguration": "NoSuchLifecycleConfiguration",
	"s3 GetBucketReplication":            "ReplicationConfigurationNotFoundError",
	"s3 GetBucketWebsite":                "NoSuchWebsiteConfiguration",
}

// TestOperations runs each script against a fresh runtime; it must end with code 0 and print "ok" last. Then every operation that
// docs/coverage.md lists must have been called with success by boto3 and by the AWS CLI, as botocore's hooks saw it.
func TestOperations(t *testing.T) {
	python := harness.Python(t, "boto3", "awscli")
	harness.Binary(t)
	folder, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob(filepath.Join(folder, "*.py"))
	if err != nil {
		t.Fatal(err)
	}
	scripts = slices.DeleteFunc(scripts, func(s string) bool { return filepath.Base(s) == "clients.py" })
	for _, s := range elsewhere {
		scripts = append(scripts, filepath.Join(folder, "../../..", s))
	}
	calls := t.TempDir()
	whole := t.Run("scripts", func(t *testing.T) {
		for _, script := range scripts {
			name := strings.TrimSuffix(filepath.Base(script), ".py")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				runScript(t, python, filepath.Join(folder, "clients.py"), script, filepath.Join(calls, name))
			})
		}
	})
	if !whole {
		t.Skip("what was called is compared when all scripts have run")
	}
	called := map[string]bool{}
	for _, script := range scripts {
		for _, line := range readLines(t, filepath.Join(calls, strings.TrimSuffix(filepath.Base(script), ".py"))) {
			called[line] = true
		}
	}
	for _, m := range missing(called, listed(t)) {
		t.Errorf("not called: %s", m)
	}
}

func runScript(t *testing.T, python, runner, script, calls string) {
	if err := os.WriteFile(calls, nil, 0o600); err != nil { // a script with sessions of its own records nothing
		t.Fatal(err)
	}
	rt := harness.Serve(t, t.TempDir())
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, runner, script)
	cmd.Dir = t.TempDir()
	cmd.Env = append(rt.Env(), "CALLS="+calls, "PYTHONDONTWRITEBYTECODE=1")
	if strings.HasSuffix(script, "_jdbc.py") {
		cmd.Env = append(cmd.Env, databases(t)...)
	}
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || lines[len(lines)-1] != "ok" {
		t.Errorf("%v\n%s\nserver:\n%s", err, out, rt.Log())
	}
	rt.Stop(t)
}

// databases starts a PostgreSQL and a MariaDB with a table and a view each, and returns variables that tell where they are.
func databases(t *testing.T) []string {
	postgres, maria := jdbctest.PostgreSQL(t), jdbctest.MariaDB(t)
	postgres.Execute(t, "", "CREATE DATABASE shop")
	postgres.Execute(t, "shop", "CREATE SCHEMA sales; CREATE TABLE sales.orders (id bigint PRIMARY KEY, price numeric(8,2), at timestamptz);"+
		"COMMENT ON COLUMN sales.orders.price IS 'EUR'; CREATE VIEW sales.totals AS SELECT count(*) AS n FROM sales.orders")
	maria.Execute(t, "", "CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY, note text);"+
		"CREATE VIEW shop.totals AS SELECT 1 AS n")
	return []string{"POSTGRES_URL=" + postgres.URL("shop"), "MARIA_URL=" + maria.URL("shop"), "DB_USER=" + postgres.User,
		"DB_PASSWORD=" + postgres.Password}
}

// missing names each listed operation ("service operation") that a client has not called.
func missing(called map[string]bool, listed []string) (out []string) {
	for _, op := range listed {
		want := "ok"
		if code, ok := onlyRefused[op]; ok {
			want = code
		}
		for _, client := range []string{"boto3", "cli"} {
			if line := client + " " + op + " " + want; !called[line] {
				out = append(out, line)
			}
		}
	}
	return out
}

var (
	serviceHead  = regexp.MustCompile(`^## ([a-z0-9-]+)$`)
	operationRow = regexp.MustCompile(`^\| ([A-Z][A-Za-z0-9]+) \|`)
)

// listed are the operations of docs/coverage.md.
func listed(t *testing.T) (ops []string) {
	service := ""
	for _, line := range readLines(t, "../../docs/coverage.md") {
		if strings.HasPrefix(line, "## ") {
			service = ""
			if m := serviceHead.FindStringSubmatch(line); m != nil {
				service = m[1]
			}
		}
		m := operationRow.FindStringSubmatch(line)
		if m != nil && service != "" && !strings.HasPrefix(m[1], "Penstock") { // what only Penstock's own programs call
			ops = append(ops, service+" "+m[1])
		}
	}
	if len(ops) < 220 {
		t.Fatalf("docs/coverage.md lists %d operations", len(ops))
	}
	return ops
}

func readLines(t *testing.T, path string) (lines []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return lines
}

// TestMissing: the comparison finds the one call that was left out, and an operation that only ever failed.
func TestMissing(t *testing.T) {
	ops := listed(t)
	called := map[string]bool{}
	for _, op := range ops {
		for _, client := range []string{"boto3", "cli"} {
			called[client+" "+op+" ok"] = true
		}
	}
	for op, code := range onlyRefused {
		called["boto3 "+op+" "+code], called["cli "+op+" "+code] = true, true
	}
	if m := missing(called, ops); m != nil {
		t.Fatalf("missing: %v", m)
	}
	for _, op := range []string{"boto3 glue GetTable", "cli sts AssumeRole", "cli monitoring PutMetricData"} {
		less := maps.Clone(called)
		delete(less, op+" ok")
		less[op+" AccessDenied"] = true
		if m := missing(less, ops); len(m) != 1 || m[0] != op+" ok" {
			t.Errorf("without %s: missing %v", op, m)
		}
	}
}
