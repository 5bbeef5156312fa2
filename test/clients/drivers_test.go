package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/testcorpus"
	"penstock/test/harness"
)

// given is a file that .ci/run has put somewhere and names by a variable.
func given(t *testing.T, variable, below, what string) string {
	t.Helper()
	name := os.Getenv(variable)
	if below != "" && name != "" {
		name = filepath.Join(name, below)
	}
	_, err := os.Stat(name)
	testcorpus.NeedTool(t, name != "" && err == nil, what+" ("+variable+")")
	return name
}

// TestDriversConnectWithTheirDefaults: Redshift's drivers, and what stands on them, use TLS and verify the certificate unless they are told
// not to. They connect with what "penstock env" exports and nothing else.
func TestDriversConnectWithTheirDefaults(t *testing.T) {
	const venv = "PENSTOCK_REDSHIFT_VENV"
	folder, err := filepath.Abs("testdata/drivers")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args func(t *testing.T) []string
		last string
	}{
		{"redshift_connector", func(t *testing.T) []string {
			return []string{harness.Python(t, "redshift_connector"), filepath.Join(folder, "defaults.py")}
		}, "ok"},
		{"jdbc", func(t *testing.T) []string {
			return []string{harness.Tool(t, "java"), "-cp", given(t, "PENSTOCK_REDSHIFT_JDBC", "", "Redshift's JDBC driver"),
				filepath.Join(folder, "Defaults.java")}
		}, "ok"},
		{"sqlalchemy", func(t *testing.T) []string {
			return []string{given(t, venv, "bin/python", "sqlalchemy-redshift"), filepath.Join(folder, "alchemy.py")}
		}, "ok"},
		{"dbt", func(t *testing.T) []string {
			return []string{given(t, venv, "bin/dbt", "dbt-redshift"), "--no-use-colors", "run", "--profiles-dir", "."}
		}, "PASS=2 WARN=0 ERROR=0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args(t)
			rt := harness.Serve(t, t.TempDir())
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, args[0], args[1:]...)
			cmd.Dir = t.TempDir()
			if err := os.CopyFS(cmd.Dir, os.DirFS(filepath.Join(folder, "dbt"))); err != nil {
				t.Fatal(err)
			}
			cmd.Env = append(rt.Env(), "PYTHONDONTWRITEBYTECODE=1", "DBT_SEND_ANONYMOUS_USAGE_STATS=false")
			out, err := cmd.CombinedOutput()
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if err != nil || !strings.Contains(lines[len(lines)-1], c.last) {
				t.Errorf("%v\n%s\nserver:\n%s", err, out, rt.Log())
			}
		})
	}
}
