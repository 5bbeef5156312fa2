// Package spark runs Glue scripts by a real Spark against a real penstock serve: S3A with the magic committer, the Data Catalog's API.
package spark

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/awsglue"
	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

// given is what an environment variable names; without it the test is skipped, in CI it fails.
func given(t *testing.T, name, what string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set: %s", name, what)
		}
		t.Skipf("%s is not set: %s", name, what)
	}
	return v
}

// TestScripts runs the corpus of package awsglue, the same scripts and the same right values, on s3:// paths of a server.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("Spark takes minutes: without -short")
	}
	python := filepath.Join(given(t, "PENSTOCK_PYSPARK_VENV", "a venv with pyspark 3.5.6"), "bin", "python")
	jars := given(t, "PENSTOCK_SPARK_JARS", "a folder with Spark's jars for S3, as .ci/run makes it")
	tests, err := filepath.Abs("../../internal/awsglue/testdata/tests")
	if err != nil {
		t.Fatal(err)
	}
	written, err := awsglue.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rt := harness.Serve(t, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-W", "ignore", "-m", "unittest", "discover", "-s", tests, "-p", "test_scripts.py")
	cmd.Env = append(rt.Env(), "AWSGLUE_REAL=s3://glue-scripts/corpus", "AWSGLUE_JARS="+jars, "AWSGLUE_PYTHON="+written, "TMPDIR="+t.TempDir(),
		"PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\nOK") {
		t.Errorf("%v\n%s\nserver:\n%s", err, out, rt.Log())
	}
	rt.Stop(t)
}
