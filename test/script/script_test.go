// Package script runs the command line as a person does: testdata/*.txtar, a script and its files in each.
package script

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

func TestScripts(t *testing.T) {
	bin := harness.Binary(t)
	link := filepath.Join(t.TempDir(), "penstock")
	if err := os.Symlink(bin, link); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bad":   func(ts *testscript.TestScript, _ bool, args []string) { wantCode(ts, 2, args) },
			"fails": func(ts *testscript.TestScript, _ bool, args []string) { wantCode(ts, 1, args) },
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(link)+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}

// wantCode runs a command that must end with the given code; stdout and stderr can be matched after it.
func wantCode(ts *testscript.TestScript, code int, args []string) {
	err := ts.Exec(args[0], args[1:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != code {
		ts.Fatalf("%v ended with %v, want exit code %d", args, err, code)
	}
}
