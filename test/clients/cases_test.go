package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"penstock/internal/testcorpus"
	"penstock/test/harness"
)

// TestCases runs the inputs on which Penstock was wrong once: the corpus has a folder for each, with the commands of a user (psql, the AWS
// CLI, Python) and the right answer. They run in order against one server, which has no warehouse when the first asks for one.
func TestCases(t *testing.T) {
	corpus := filepath.Join(testcorpus.Dir(t), "cases")
	python := harness.Python(t, "boto3", "psycopg", "pyarrow")
	for _, tool := range []string{"bash", "psql", "aws"} {
		harness.Tool(t, tool)
	}
	dir := filepath.Join(t.TempDir(), "cases")
	if err := os.CopyFS(dir, os.DirFS(corpus)); err != nil { // the cases write beside their inputs
		t.Fatal(err)
	}
	scripts, err := filepath.Glob(filepath.Join(dir, "*/cmd.sh"))
	if err != nil || len(scripts) < 25 {
		t.Fatalf("%d cases, %v", len(scripts), err)
	}
	r := harness.Serve(t, filepath.Join(t.TempDir(), "data"))
	defer r.Stop(t)
	first := filepath.Join(dir, "37-env-password", "cmd.sh") // wants a server without a warehouse
	runCase(t, r, python, first)
	for _, s := range scripts {
		if s != first {
			runCase(t, r, python, s)
		}
	}
}

func runCase(t *testing.T, r *harness.Runtime, python, script string) {
	t.Helper()
	t.Run(filepath.Base(filepath.Dir(script)), func(t *testing.T) {
		want, err := os.ReadFile(filepath.Join(filepath.Dir(script), "expected.txt"))
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "bash", script)
		cmd.Env = append(r.Env(), "PYTHON="+python)
		cmd.WaitDelay = 10 * time.Second
		got, err := cmd.CombinedOutput()
		if err != nil {
			t.Logf("the script ends with %v", err)
		}
		if string(got) != string(want) {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	})
}
