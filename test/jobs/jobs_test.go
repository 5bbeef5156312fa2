// Package jobs runs unchanged scripts as Glue jobs of the real program: Spark and Python shell. Each scenario of testdata is a client
// in boto3 that lands data, starts jobs and looks at what they left with another reader than wrote it.
package jobs

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

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

// sparkVenv is the folder of a virtual environment that has pyspark.
const sparkVenv = "PENSTOCK_PYSPARK_VENV"

// TestScenarios runs every script of testdata that does not begin with _, against one server.
func TestScenarios(t *testing.T) {
	python, spark := tools(t)
	scenarios, err := filepath.Glob("testdata/[a-z]*.py")
	if err != nil || len(scenarios) == 0 {
		t.Fatal("no scenarios", err)
	}
	rt := harness.Serve(t, t.TempDir(), "PENSTOCK_PYTHON="+spark)
	t.Run("scripts", func(t *testing.T) {
		for _, path := range scenarios {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".py"), func(t *testing.T) {
				t.Parallel()
				scenario(t, rt, python, path)
			})
		}
	})
	rt.Stop(t)
}

// tools are the Python of the scenarios, and one that has pyspark.
func tools(t *testing.T) (python, spark string) {
	t.Helper()
	if testing.Short() {
		t.Skip("each Spark job takes ten seconds")
	}
	python = harness.Python(t, "boto3", "pyarrow")
	venv := os.Getenv(sparkVenv)
	testcorpus.NeedTool(t, venv != "", "a virtual environment with pyspark, which "+sparkVenv+" names")
	spark = filepath.Join(venv, "bin", "python")
	jars := harness.Run(t, t.TempDir(), []string{"PENSTOCK_PYTHON=" + spark}, "doctor", "spark")
	testcorpus.NeedTool(t, jars.Code == 0, "Spark with its jars (penstock doctor spark: "+jars.Stderr+")")
	return python, spark
}

// scenario runs a client to its end, whose last word is ok, and returns what it said.
func scenario(t *testing.T, rt *harness.Runtime, python, path string, args ...string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append([]string{path}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(rt.Env(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "ok") {
		t.Fatalf("%v\n%s\nserver:\n%s", err, out, rt.Log())
	}
	return string(out)
}
