package cli

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestCommandsAreTold holds README and the words that a mistyped command is compared with to the commands that there are.
func TestCommandsAreTold(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{stdout: io.Discard, stderr: io.Discard, getenv: os.Getenv}
	for _, c := range a.root().Commands() {
		if c.Hidden || c.Name() == "completion" || c.Name() == "help" {
			continue
		}
		if !slices.Contains(commands, c.Name()) || slices.Contains(planned, c.Name()) {
			t.Errorf("%s is not among the commands", c.Name())
		}
		if !strings.Contains(string(text), "penstock "+c.Name()) && !strings.Contains(string(text), "make "+c.Name()) {
			t.Errorf("README.md does not tell of penstock %s", c.Name())
		}
	}
	for _, stale := range []string{"no JVM, no Python.", "queueing | Spark and Python scripts |"} {
		if strings.Contains(string(text), stale) {
			t.Errorf("README.md says %q", stale)
		}
	}
}
