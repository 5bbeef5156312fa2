package metatest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// workEnv names the folder in which a test binary, started again, works until it is killed.
const workEnv = "PENSTOCK_TEST_WORK"

// Worker is called by a TestMain: in a process that Kill has started it runs work in the folder, which returns only on a failure, and
// never comes back. What work prints on stdout, each line by one write, is what it says to have acknowledged.
func Worker(work func(dir string) error) {
	dir := os.Getenv(workEnv)
	if dir == "" {
		return
	}
	os.Stderr.WriteString(work(dir).Error() + "\n")
	os.Exit(3)
}

// Fewest is how many lines a worker says before it is killed, however slow the machine is.
const Fewest = 20

// Kill starts this test binary again to work in dir, gives each line that it says to heard, as words, and kills it a while after the first
// lines (kill -9, which keeps the page cache: that nothing is acknowledged before it is on the disk is shown by package meta's tests and
// by test/crash's trace). It returns the number of lines.
func Kill(t *testing.T, dir string, after time.Duration, heard func(words []string)) (lines int) {
	t.Helper()
	lines, err := TryKill(t, dir, after, heard)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TryKill is Kill for a test that expects the worker to fail; what it failed with is the error.
func TryKill(t *testing.T, dir string, after time.Duration, heard func(words []string)) (lines int, err error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workEnv+"="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewScanner(out); in.Scan(); {
		heard(strings.Fields(in.Text()))
		if lines++; lines == Fewest {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	cmd.Wait()
	if cmd.ProcessState.ExitCode() == 3 {
		err = fmt.Errorf("the worker failed: %s", stderr.String())
	}
	return lines, err
}
