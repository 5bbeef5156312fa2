// Package soak has what runs long: the script run, and a foreign suite of S3 clients, which CI runs too.
package soak

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/test/harness"
)

var update = flag.Bool("update", false, "move the cases that pass now to pass.txt")

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

// TestS3Suite runs the cases of versitygw's full flow. Those of pass.txt must pass: the list may only grow. fail.txt has the others with
// the reason; one that passes belongs to pass.txt.
func TestS3Suite(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	pass, fail := read(t, "pass.txt"), read(t, "fail.txt")
	got := runSuite(t, slices.Sorted(maps.Keys(merge(pass, fail))))
	for _, name := range slices.Sorted(maps.Keys(pass)) {
		if text := got[name]; text != "" {
			t.Errorf("%s: %s", name, text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fail)) {
		if got[name] == "" && *update {
			pass[name] = ""
			delete(fail, name)
		} else if got[name] == "" {
			t.Errorf("%s passes: run this test with -update", name)
		}
	}
	t.Logf("%d of %d cases pass", len(pass), len(pass)+len(fail))
	if *update {
		write(t, "pass.txt", pass)
		write(t, "fail.txt", fail)
	}
}

func merge(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

var (
	color   = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	verdict = regexp.MustCompile(`^(PASS|FAIL) +([A-Za-z0-9_-]+)(: (.*))?$`)
)

// runSuite runs cases and returns what each that failed said; "" is one that passed.
func runSuite(t *testing.T, names []string) map[string]string {
	t.Helper()
	suite := harness.Tool(t, "s3suite-1.8.0-2")
	rt := harness.Serve(t, t.TempDir())
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	slices.SortStableFunc(names, func(a, b string) int { return first(a) - first(b) })
	cmd := exec.CommandContext(ctx, suite)
	cmd.Env, cmd.Dir = rt.Env(), t.TempDir()
	cmd.Stdin = strings.NewReader(strings.Join(names, "\n"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	got := map[string]string{}
	for _, n := range names {
		got[n] = "it said nothing"
	}
	for _, line := range strings.Split(color.ReplaceAllString(string(out), ""), "\n") {
		if m := verdict.FindStringSubmatch(line); m != nil && m[1] == "PASS" {
			got[m[2]] = ""
		} else if m != nil {
			got[m[2]] = m[4]
		}
	}
	rt.Stop(t)
	return got
}

// first puts the cases before the others that want a server without buckets: what fails leaves its own behind.
func first(name string) int {
	if strings.HasPrefix(name, "ListBuckets_empty") {
		return 0
	}
	return 1
}

// read reads a list: a case a line, and after a space the reason why it fails; # begins a comment.
func read(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/s3suite", name))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if c, why, _ := strings.Cut(strings.TrimSpace(line), " "); c != "" && !strings.HasPrefix(c, "#") {
			out[c] = why
		}
	}
	return out
}

func write(t *testing.T, name string, cases map[string]string) {
	t.Helper()
	text := "# " + map[string]string{"pass.txt": "Cases that pass.", "fail.txt": "Cases that do not pass, and why."}[name] + "\n"
	for _, c := range slices.Sorted(maps.Keys(cases)) {
		text += strings.TrimSpace(fmt.Sprintf("%s %s", c, cases[c])) + "\n"
	}
	if err := os.WriteFile(filepath.Join("testdata/s3suite", name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
