package retail

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

// sparkPython is the Python that has pyspark, for the server's Spark jobs; without it the rest of a test still runs, but not in CI.
func sparkPython(t *testing.T) (python string, ok bool) {
	t.Helper()
	venv := os.Getenv("PENSTOCK_PYSPARK_VENV")
	if venv == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("PENSTOCK_PYSPARK_VENV names no virtual environment with pyspark")
		}
		return "python3", false
	}
	python = filepath.Join(venv, "bin", "python")
	jars := harness.Run(t, t.TempDir(), []string{"PENSTOCK_PYTHON=" + python}, "doctor", "spark")
	testcorpus.NeedTool(t, jars.Code == 0, "Spark with its jars: "+jars.Stderr)
	return python, true
}

// pyspark makes the three tables again by a PySpark script, and holds them against the SQL transforms', row for row.
func (s *shop) pyspark() {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, harness.Python(s.T, "boto3", "pyarrow"), "testdata/pyspark.py", curated)
	cmd.Env = append(s.rt.Env(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "ok") {
		s.Fatalf("%v\n%s\nserver:\n%s", err, out, s.rt.Log())
	}
	s.Log(string(out))
}
