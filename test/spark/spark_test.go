// Package spark runs a corpus of 60 Glue scripts, as users write them, by a real Spark against a real penstock serve: S3A with the magic
// committer, the Data Catalog's API, PostgreSQL by JDBC. What each leaves is held against golden rows made by plain PySpark.
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
	"penstock/internal/testcorpus"
	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

// TestNames holds the list of names and arguments of awsglue, and of the scripts that use each. A name without a script fails.
func TestNames(t *testing.T) {
	python := harness.Python(t)
	want, err := os.ReadFile("testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/names.py", "../../internal/awsglue/python")
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if string(got) != string(want) {
		t.Error("testdata/names.txt is old: python3 names.py ../../../internal/awsglue/python > names.txt")
	}
	scripts, err := filepath.Glob("testdata/scripts/[0-9][0-9]_*.py")
	if err != nil || len(scripts) != 60 {
		t.Errorf("%d scripts, want 60 (%v)", len(scripts), err)
	}
}

// TestCorpus runs a dozen of the scripts in one warm JVM, and all of them where PENSTOCK_SOAK is set.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("Spark takes a minute: without -short")
	}
	venv, lake, jars := os.Getenv("PENSTOCK_PYSPARK_VENV"), os.Getenv("PENSTOCK_LAKE_VENV"), os.Getenv("PENSTOCK_SPARK_JARS")
	testcorpus.NeedTool(t, venv != "", "PENSTOCK_PYSPARK_VENV, a virtual environment with pyspark")
	testcorpus.NeedTool(t, lake != "", "PENSTOCK_LAKE_VENV, a virtual environment with boto3, pyarrow and fastavro")
	testcorpus.NeedTool(t, jars != "", "PENSTOCK_SPARK_JARS, the folder that penstock install spark-jars fills")
	drivers := filepath.Join(filepath.Dir(jars), "jdbc")
	_, err := os.Stat(drivers)
	testcorpus.NeedTool(t, err == nil, "JDBC drivers in "+drivers+": penstock install spark-jars jdbc")
	harness.Tool(t, "psql")
	which := "ci"
	if os.Getenv("PENSTOCK_SOAK") != "" {
		which = "run"
	}
	tests, err := filepath.Abs("../../internal/awsglue/testdata/tests")
	if err != nil {
		t.Fatal(err)
	}
	written, err := awsglue.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	python := filepath.Join(venv, "bin", "python")
	rt := harness.Serve(t, t.TempDir(), "PENSTOCK_PYTHON="+python)
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(lake, "bin", "python"), "testdata/corpus.py", which)
	// TZ as jobs have it: Java reads a database's times on its own clock.
	cmd.Env = append(rt.Env(), "TZ=UTC", "CORPUS_PYTHON="+python, "CORPUS_POSTGRES="+harness.Postgres(t).URL("postgres"),
		"CORPUS_JDBC_JARS="+drivers,
		"AWSGLUE_TESTS="+tests, "AWSGLUE_JARS="+drivers+"/*:"+jars, "AWSGLUE_PYTHON="+written, "TMPDIR="+t.TempDir(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), " scripts, 0 failed") {
		t.Errorf("%v\n%s\nserver:\n%s", err, out, rt.Log())
	}
	t.Log(string(out[max(0, len(out)-2000):]))
	rt.Stop(t)
}
