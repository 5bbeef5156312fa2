package harness

import (
	"os/exec"
	"testing"

	"penstock/internal/testcorpus"
)

// Python is an interpreter that has the given modules; without one the test is skipped, or fails when CI=true.
func Python(t testing.TB, modules ...string) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	testcorpus.NeedTool(t, err == nil, "python3")
	for _, m := range modules {
		err := exec.Command(path, "-c", "import "+m).Run()
		testcorpus.NeedTool(t, err == nil, "the Python module "+m)
	}
	return path
}

// Tool is a program of the PATH; without it the test is skipped, or fails when CI=true.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	testcorpus.NeedTool(t, err == nil, name)
	return path
}
