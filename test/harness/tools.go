package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"penstock/internal/testcorpus"
)

// imported remembers which Python modules there are: to ask takes a second.
var imported sync.Map

// Python is an interpreter that has the given modules; without one the test is skipped, or fails when CI=true.
func Python(t testing.TB, modules ...string) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	testcorpus.NeedTool(t, err == nil, "python3")
	for _, m := range modules {
		found, known := imported.Load(m)
		if !known {
			found = exec.Command(path, "-c", "import "+m).Run() == nil
			imported.Store(m, found)
		}
		testcorpus.NeedTool(t, found == true, "the Python module "+m)
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

// pythonPath is the folder whose sitecustomize.py every Python program of a test imports.
func pythonPath() string {
	dir, err := os.Getwd() // of a test: its package's folder
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, "test/harness/python")
}
