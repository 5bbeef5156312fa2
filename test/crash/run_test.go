// Package crash kills the real program with SIGKILL and looks at what is left.
package crash

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"penstock/examples"
	"penstock/internal/crawl"
	"penstock/internal/job"
	"penstock/internal/pipeline/run"
	"penstock/internal/server"
	"penstock/internal/service/states"
	"penstock/test/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Clean()
	os.Exit(code)
}

const rows = 200

func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := examples.Write("retail", dir); err != nil {
		t.Fatal(err)
	}
	if _, err := examples.Generate(filepath.Join(dir, "sample"), rows); err != nil {
		t.Fatal(err)
	}
	return dir
}

// report is what a run prints about the data, without what differs from run to run.
func report(r harness.Result) string {
	var kept []string
	for _, line := range strings.Split(r.Stdout, "\n") {
		if !strings.HasPrefix(line, "run: ") && !strings.HasPrefix(line, "seconds: ") && !strings.HasPrefix(line, "files landed: ") &&
			!strings.HasPrefix(line, "nothing new") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// TestKilledAtEveryPoint kills a run at every point that it passes, once each (soak: at every passage), and runs again: the same
// figures, no row twice, no half of anything.
func TestKilledAtEveryPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("a kill and a restart for each point: not with -short")
	}
	whole := project(t)
	log := filepath.Join(whole, "points")
	want := report(harness.MustRun(t, whole, []string{"PENSTOCK_KILL_LOG=" + log}, "run"))
	if !strings.Contains(want, "rows landed: 200") {
		t.Fatalf("the report says\n%s", want)
	}
	passed := passages(t, log)
	for _, p := range slices.Concat(run.KillPoints, crawl.KillPoints, job.KillPoints, states.KillPoints, server.KillPoints) {
		if passed[p] == 0 {
			t.Errorf("no run passes %s", p)
		}
	}
	for point, n := range passed {
		for _, nth := range chosen(point, n) {
			t.Run(fmt.Sprintf("%s:%d", point, nth), func(t *testing.T) {
				t.Parallel() // a restart waits more than it works
				killAt(t, point, nth, want)
			})
		}
	}
}

// passages counts how often each point was passed. There is no log where a run was killed at its first point.
func passages(t *testing.T, log string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	passed := map[string]int{}
	for _, p := range strings.Fields(string(text)) {
		passed[p]++
	}
	return passed
}

// chosen picks at which passages of a point the run is killed: at every one that commits a state, else at the first and the
// last. In a soak it is every passage, and each point at least PENSTOCK_SOAK times.
func chosen(point string, n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i + 1
	}
	soak, _ := strconv.Atoi(os.Getenv("PENSTOCK_SOAK"))
	switch {
	case soak > 0:
		return slices.Repeat(all, (soak+n-1)/n)
	case point == "states.commit":
		return all
	}
	return slices.Compact([]int{1, n})
}

// killAt kills a run at the nth passage of a point and runs again. How often a run passes the later ones depends on how
// often it had to ask whether its crawl or its load was done: a run that ended well without an nth passage shows
// nothing, except at the first, which every run has.
func killAt(t *testing.T, point string, nth int, want string) {
	dir := project(t)
	log := filepath.Join(dir, "points")
	killed := harness.Run(t, dir, []string{fmt.Sprintf("PENSTOCK_KILL_AT=%s:%d", point, nth), "PENSTOCK_KILL_LOG=" + log}, "run")
	if n := passages(t, log)[point]; killed.Code == 0 && nth > 1 && n < nth {
		t.Logf("this run passed %s only %d times", point, n)
	} else if killed.Code != -1 {
		t.Fatalf("the run was not killed: code %d\n%s%s", killed.Code, killed.Stdout, killed.Stderr)
	}
	again := harness.MustRun(t, dir, nil, "run")
	if got := report(again); got != want {
		t.Errorf("after the kill and another run:\n%s\nwant\n%s\nstderr:\n%s", got, want, again.Stderr)
	}
	once := harness.MustRun(t, dir, nil, "query", "SELECT count(*) - count(DISTINCT run) FROM penstock.loads WHERE target = 'shop.sales'")
	if !strings.HasSuffix(strings.TrimSpace(once.Stdout), "\n0") {
		t.Errorf("a run is in the ledger twice: %s", once.Stdout)
	}
}
