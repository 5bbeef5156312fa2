package clients

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/test/harness"
)

// TestPythonSessions lets the drivers that people use with Redshift work in sessions of their own kind: psycopg 3 with its defaults, and
// Amazon's redshift_connector.
func TestPythonSessions(t *testing.T) {
	for script, modules := range map[string][]string{"psycopg3.py": {"boto3", "psycopg"}, "redshift.py": {"redshift_connector"}} {
		t.Run(strings.TrimSuffix(script, ".py"), func(t *testing.T) {
			python := harness.Python(t, modules...)
			path, err := filepath.Abs(filepath.Join("testdata", "sessions", script))
			if err != nil {
				t.Fatal(err)
			}
			rt := serveWarehouse(t, t.TempDir())
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, python, path)
			cmd.Dir = t.TempDir()
			cmd.Env = append(rt.Env(), "PYTHONDONTWRITEBYTECODE=1")
			out, err := cmd.CombinedOutput()
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if err != nil || lines[len(lines)-1] != "ok" {
				t.Errorf("%v\n%s\nserver:\n%s", err, out, rt.Log())
			}
		})
	}
}
