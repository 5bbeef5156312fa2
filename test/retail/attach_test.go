package retail

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/test/harness"
)

// TestAttach starts a second run while an execution works: it attaches to it; as a file landed that the execution does not know, it
// starts another one afterwards.
func TestAttach(t *testing.T) {
	t.Parallel()
	s := deployed(t, 1000)
	execution := s.start()
	_, thaw := s.freezeIn("sales")
	s.late("late.csv.gz", order("999001", "22423", 3, "2025-12-01", "2.5", "Malta"))
	second := harness.Begin(t, s.dir, nil, "run", "--input", filepath.Join(s.dir, "sample"))
	s.eventually(2*time.Minute, "the second run attaches",
		func() bool { return strings.Contains(second.Stderr(), "an execution runs already") })
	if n := len(s.executions()); n != 1 {
		t.Errorf("%d executions while the first works", n)
	}
	thaw()
	r := second.End(t)
	if r.Code != 0 || figures(r.Stdout)["revenue Malta"] != "7.5" {
		t.Errorf("the second run ends with code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	executions := s.executions()
	if len(executions) != 2 || aws.ToString(executions[1].ExecutionArn) != execution {
		t.Fatalf("there are %d executions", len(executions))
	}
	for _, e := range executions {
		if e.Status != types.ExecutionStatusSucceeded {
			t.Errorf("%s is %s", aws.ToString(e.Name), e.Status)
		}
	}
	ids := s.ask("SELECT run FROM penstock.loads WHERE target = 'shop.sales' ORDER BY 1")
	if len(ids) != 2 {
		t.Fatalf("%d runs are loaded", len(ids))
	}
	if got := s.inputs(ids[1], "000001"); len(got) != 1 || !strings.HasSuffix(got[0], "late.csv.gz") {
		t.Errorf("the second run reads %v", got)
	}
}

// TestAttachOnly attaches with nothing new: no second execution.
func TestAttachOnly(t *testing.T) {
	t.Parallel()
	slow(t)
	s := deployed(t, 1000)
	s.start()
	_, thaw := s.freezeIn("sales")
	second := harness.Begin(t, s.dir, nil, "run")
	s.eventually(2*time.Minute, "the second run attaches",
		func() bool { return strings.Contains(second.Stderr(), "an execution runs already") })
	thaw()
	if r := second.End(t); r.Code != 0 || !strings.Contains(r.Stdout, "rows landed: 1000") {
		t.Errorf("the second run ends with code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if n := len(s.executions()); n != 1 {
		t.Errorf("%d executions", n)
	}
}

// TestHostEnds kills a run that hosts the runtime while another one follows its execution: that one goes on by itself, and loads what it
// landed.
func TestHostEnds(t *testing.T) {
	t.Parallel()
	dir := sampled(t, 20000)
	log := filepath.Join(dir, "points")
	first := harness.Begin(t, dir, []string{"PENSTOCK_KILL_LOG=" + log}, "run")
	waitFor(t, time.Minute, "a job runs", func() bool {
		b, err := os.ReadFile(log)
		return err == nil && strings.Contains(string(b), "job.running")
	})
	late := filepath.Join(t.TempDir(), "2025", "12", "01", "late.csv.gz")
	writeFile(t, late, packed(t, []string{header, order("999001", "22423", 3, "2025-12-01", "2.5", "Malta")}))
	second := harness.Begin(t, dir, nil, "run", "--input", filepath.Join(late, "../../../.."))
	waitFor(t, time.Minute, "the second run attaches", func() bool { return strings.Contains(second.Stderr(), "an execution runs already") })
	if err := harness.Signal(first.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	first.End(t)
	r := second.End(t)
	wantFigures(t, r, map[string]string{"files landed": "1", "rows landed": "20001", "revenue Malta": "7.5"})
	if r.Code != 0 || !strings.Contains(r.Stderr, "going on without it") {
		t.Errorf("the second run ends with code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// TestTogether starts three runs at once where nothing is deployed: one hosts, and all end well with the same figures.
func TestTogether(t *testing.T) {
	t.Parallel()
	dir := sampled(t, 1000)
	input := filepath.Join(dir, "sample")
	want := fresh(t, input)
	var all []*harness.Command
	for range 3 {
		all = append(all, harness.Begin(t, dir, nil, "run", "--input", input))
	}
	for _, c := range all {
		if r := c.End(t); r.Code != 0 || report(r) != want {
			t.Errorf("it ends with code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
	}
}

// TestInterrupt interrupts a run that hosts the runtime, as Ctrl-C does: it ends soon and in order, and the next run completes.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := sampled(t, 20000)
	want := fresh(t, filepath.Join(dir, "sample"))
	log := filepath.Join(dir, "points")
	for _, point := range []string{"land.put", "crawl.sampled", "job.running", "publish.begin", "states.invoked"} {
		first := harness.Begin(t, dir, []string{"PENSTOCK_KILL_LOG=" + log}, "run")
		waitFor(t, 3*time.Minute, point, func() bool {
			b, err := os.ReadFile(log)
			return err == nil && strings.Contains(string(b), point)
		})
		if err := first.Interrupt(); err != nil {
			t.Fatal(err)
		}
		asked := time.Now()
		r := first.End(t)
		if took := time.Since(asked); took > time.Minute {
			t.Errorf("at %s it takes %v to end", point, took)
		}
		if r.Code != 1 || !strings.Contains(r.Stderr, "penstock: interrupted: ") ||
			!strings.HasSuffix(r.Stderr, "\nto go on, type: penstock run\n") {
			t.Errorf("interrupted at %s it ends with code %d and prints\n%s%s", point, r.Code, r.Stdout, r.Stderr)
		}
		for _, kind := range []string{"worker", "warehouse"} {
			if left := harness.ChildrenOf(0, kind, dir); len(left) > 0 {
				t.Errorf("%s processes are left: %v", kind, left)
			}
		}
		if err := os.Remove(log); err != nil {
			t.Fatal(err)
		}
	}
	if got := report(harness.MustRun(t, dir, nil, "run")); got != want {
		t.Errorf("after the interrupts:\n%s\nwant\n%s", got, want)
	}
}

// TestInterruptWithServer interrupts a run that follows an execution on a server: the execution goes on.
func TestInterruptWithServer(t *testing.T) {
	t.Parallel()
	slow(t)
	s := deployed(t, 1000)
	first := harness.Begin(t, s.dir, nil, "run")
	_, thaw := s.freezeIn("sales")
	if err := harness.Signal(first.Pid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if r := first.End(t); r.Code != 1 ||
		!strings.HasSuffix(r.Stderr, "penstock: interrupted: the execution goes on in the server\nto go on, type: penstock run\n") {
		t.Errorf("it ends with code %d and prints\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	thaw()
	executions := s.executions()
	if len(executions) != 1 {
		t.Fatalf("%d executions", len(executions))
	}
	s.succeeds(aws.ToString(executions[0].ExecutionArn))
	if r := s.run(); !strings.Contains(r.Stdout, "nothing new") {
		t.Errorf("the next run says\n%s", r.Stdout)
	}
}

func waitFor(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in %v: %s", limit, what)
		}
	}
}
