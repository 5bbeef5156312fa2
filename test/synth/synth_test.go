// Package synth holds what the compiler makes against the linters of both languages: not one finding is allowed.
package synth

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"penstock/examples"
	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

func TestLinters(t *testing.T) {
	dir := t.TempDir()
	if _, err := examples.Write("retail", dir); err != nil {
		t.Fatal(err)
	}
	harness.MustRun(t, dir, nil, "synth", "--out", "build")
	for _, lint := range [][]string{
		{"cfn-lint", "--include-checks", "I", "--", filepath.Join(dir, "build/template.json")},
		{"asl-validator", "--json-path", filepath.Join(dir, "build/machine.json")},
	} {
		out, err := exec.Command(harness.Tool(t, lint[0]), lint[1:]...).CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v\n%s", lint, err, out)
		}
	}
}
