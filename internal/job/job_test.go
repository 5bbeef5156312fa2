package job_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/child"
	"penstock/internal/child/task"
	"penstock/internal/clock"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/killpoint"
	"penstock/internal/logstore"
	"penstock/internal/metric"
)

// TestMain lets the test binary be a worker that does what the argument --do says, without an engine.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(fakeWorker(os.Args[3:]))
	}
	if len(os.Args) == 4 && os.Args[1] == "server" {
		os.Exit(server(os.Args[2], os.Args[3]))
	}
	goleak.VerifyTestMain(m)
}

func fakeWorker(args []string) int {
	fs := flag.NewFlagSet("worker", flag.ContinueOnError)
	fs.Int64("epoch", 0, "")
	scratch := fs.String("scratch", "", "")
	fs.Int64("memory", 0, "")
	if fs.Parse(args) != nil {
		return 2
	}
	in, err := child.Enter(context.Background(), 0)
	if err != nil {
		return 2
	}
	mux := http.NewServeMux()
	mux.Handle(task.RunPath, child.Handle(func(ctx context.Context, t *task.Task) (*task.Answer, error) {
		return do(ctx, in.Parent, *scratch, t)
	}))
	if in.Serve(context.Background(), mux) != nil {
		return 1
	}
	return 0
}

func do(ctx context.Context, parent *child.Client, scratch string, t *task.Task) (*task.Answer, error) {
	a := &task.Answer{Result: task.Result{Step: t.Args["--penstock-step"], RowsRead: 5}}
	switch what := t.Args["--do"]; what {
	case "fail":
		a.Error = "row 7 is wrong"
	case "die":
		fmt.Fprintln(os.Stderr, "terminate called")
		os.Exit(3)
	case "hang":
		if err := parent.Call(ctx, task.LogPath, task.Log{Lines: []task.Line{{Time: time.Now(), Text: "hanging"}}}, nil); err != nil {
			return nil, err
		}
		select {}
	case "size":
		a.Result.Bytes, a.Result.Runs = t.Memory>>20, int64(t.Threads)
	case "resolve":
		var f task.Files
		begin := time.Now()
		err := parent.Call(ctx, task.ResolvePath, task.ResolveRequest{Bucket: "curated", Prefix: "big/"}, &f)
		a.Result.Files, a.Result.Runs = int64(len(f.Files)), time.Since(begin).Milliseconds()
		return a, err
	case "publish", "publish-die", "publish-twice":
		if err := publish(ctx, parent, scratch, t); err != nil {
			return nil, err
		}
		if what == "publish-die" {
			os.Exit(3)
		}
		if what == "publish-twice" {
			if err := publish(ctx, parent, scratch, t); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// publish offers one file for each day that --days names.
func publish(ctx context.Context, parent *child.Client, scratch string, t *task.Task) error {
	dir := filepath.Join(scratch, job.StagingFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	run := t.Args["--run"]
	p := task.Publish{JobRunID: t.JobRunID, Database: "d", Table: "t", Replace: task.Replace(t.Args["--replace"]), Partitions: true,
		Result: task.Result{Step: "sql", Table: "t", RowsWritten: 2}}
	g := task.Given{Run: run, CopyKey: "s3://curated/_penstock/runs/" + run + "/000001.t.copy.json"}
	size, _ := strconv.Atoi(t.Args["--size"])
	for i, day := range strings.Split(t.Args["--days"], ",") {
		name := fmt.Sprintf("%d.parquet", i)
		if err := os.WriteFile(filepath.Join(dir, name), append([]byte("rows of "+day), make([]byte, size)...), 0o600); err != nil {
			return err
		}
		if t.Args["--link"] != "" {
			os.Remove(filepath.Join(dir, name))
			os.Symlink("/etc/passwd", filepath.Join(dir, name))
		}
		g.Files = append(g.Files, task.Output{Name: name, Key: "t/day=" + day + "/" + run + "-" + t.Args["--gen"] + "-0.snappy.parquet",
			Values: []string{day}, Rows: 1})
	}
	if k := t.Args["--key"]; k != "" {
		g.Files[0].Key = k
	}
	p.Runs = []task.Given{g}
	begin := time.Now()
	defer func() { fmt.Fprintln(os.Stderr, "publish took", time.Since(begin)) }()
	return parent.Call(ctx, task.PublishPath, p, nil)
}

// A world is what jobs stand on, with one table that published files go to.
type world struct{ *jobtest.World }

func start(t testing.TB, dir string, set jobtest.Settings) *world {
	t.Helper()
	return &world{jobtest.Start(t, dir, set)}
}

// server is a process that is killed at a point: it opens the world and, if no run is there yet, starts one.
func server(dir, point string) int {
	die := func() { syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }
	w, err := jobtest.Open(context.Background(), dir, jobtest.Settings{Kill: killpoint.Once(point, die, nil)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if runs, err := w.Jobs.Runs(context.Background(), "j", "", 1); err == nil && len(runs) > 0 {
		select {}
	}
	_, err = w.Jobs.Start(context.Background(),
		job.Start{Job: "j", Arguments: map[string]string{"--do": "publish", "--days": "2010-12-01,2010-12-02"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	select {}
}

// lake makes the bucket and the table that published files go to.
func (w *world) lake(t testing.TB) *world {
	t.Helper()
	if _, err := w.Objects.CreateBucket(t.Context(), "curated", "", nil); err != nil {
		t.Fatal(err)
	}
	w.Table(t, "d", "t", "s3://curated/t/", jobtest.Parquet, "a int", "day date", nil)
	return w
}

func (w *world) define(t testing.TB, d job.Definition) {
	t.Helper()
	if d.Name == "" {
		d.Name = "j"
	}
	d.DefaultArguments = map[string]string{"--penstock-step": "sql", "--run": "RUN", "--gen": "000001", "--replace": "run"}
	if err := w.Jobs.Create(t.Context(), d, nil); err != nil {
		t.Fatal(err)
	}
}

func (w *world) begin(t testing.TB, pairs ...string) string {
	t.Helper()
	return w.Begin(t, "j", pairs...)
}

func (w *world) keys(t testing.TB) string {
	t.Helper()
	return w.Keys(t, "curated")
}

func (w *world) partitions(t testing.TB) int {
	t.Helper()
	return w.Partitions(t, "d", "t")
}

func TestStatesOfARun(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{})
	w.define(t, job.Definition{})
	for what, want := range map[string]struct {
		state   job.State
		message string
	}{
		"ok": {job.Succeeded, ""}, "fail": {job.Failed, "row 7 is wrong"},
		"die": {job.Failed, "the worker ended before it answered: exit status 3: terminate called"},
	} {
		r := w.End(t, w.begin(t, "do", what))
		if r.State != want.state || r.Error != want.message || (r.Detail == job.WorkerLost) != (what == "die") {
			t.Errorf("%s: %s %q (%s), want %s %q", what, r.State, r.Error, r.Detail, want.state, want.message)
		}
	}
	w.define(t, job.Definition{Name: "spark"})
	id, err := w.Jobs.Start(t.Context(), job.Start{Job: "spark", Arguments: map[string]string{"--penstock-step": "dance"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := w.End(t, id); r.State != job.Failed || !strings.Contains(r.Error, `"dance" is not known`) {
		t.Errorf("an unknown step: %s %q", r.State, r.Error)
	}
}

// TestEngines holds which engine takes a run and what each refuses.
func TestEngines(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{})
	for _, c := range []struct{ command, step, want string }{
		{"glueetl", "sql", ""}, {"pythonshell", "check", ""}, {"pythonshell", "dance", `"dance" is not known`},
		{"glueetl", "", `"" is not known`}, {"pythonshell", "-", "no Python is there"}, {"glueetl", "-", "no Python is there"},
		{"gluestreaming", "-", "does not support jobs of the command gluestreaming"},
		{"glueray", "-", "does not support jobs of the command glueray"},
	} {
		d := job.Definition{Name: c.command + c.step, Command: c.command}
		if c.step != "-" {
			d.DefaultArguments = map[string]string{"--penstock-step": c.step}
		}
		if err := w.Jobs.Create(t.Context(), d, nil); err != nil {
			t.Fatal(err)
		}
		r := w.End(t, w.Begin(t, d.Name))
		if failed := r.State == job.Failed; failed != (c.want != "") || !strings.Contains(r.Error, c.want) {
			t.Errorf("%s with step %q: %s %q, want %q", c.command, c.step, r.State, r.Error, c.want)
		}
	}
}

// TestSizes runs jobs of AWS's sizes: a worker is told the memory and threads that it may use, which are the machine's at most.
func TestSizes(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{Budget: child.Budget{Memory: 64 << 30, Threads: 16},
		Needs: child.Budget{Memory: 1 << 30, Threads: 2},
		Most:  child.Budget{Memory: 40 << 30, Threads: 12}})
	for i, c := range []struct {
		size    job.Size
		mib     int64
		threads int64
	}{
		{job.Size{}, 1 << 10, 2},
		{job.Size{WorkerType: "G.025X", Workers: 1}, 4 << 10, 2},
		{job.Size{WorkerType: "G.1X", Workers: 2}, 32 << 10, 8},
		{job.Size{WorkerType: "G.1X"}, 16 << 10, 4},
		{job.Size{WorkerType: "R.1X", Workers: 1}, 32 << 10, 4},
		{job.Size{WorkerType: "G.8X", Workers: 10}, 40 << 10, 12},
		{job.Size{WorkerType: "X.9", Workers: 10}, 1 << 10, 2},
		{job.Size{WorkerType: "G.16X", Workers: 1<<31 - 1}, 40 << 10, 12},
		{job.Size{Capacity: 0.0625}, 1 << 10, 1},
		{job.Size{Capacity: 1.5}, 24 << 10, 6},
	} {
		name := fmt.Sprint("j", i)
		w.define(t, job.Definition{Name: name, Size: c.size})
		if r := w.End(t, w.Begin(t, name, "do", "size")); r.Result == nil || r.Result.Bytes != c.mib || r.Result.Runs != c.threads {
			t.Errorf("%+v: %+v, want %d MiB and %d threads", c.size, r.Result, c.mib, c.threads)
		}
	}
	id := must(w.Jobs.Start(t.Context(), job.Start{Job: "j1", Arguments: map[string]string{"--do": "size"}, Size: job.Size{Capacity: 1}}))
	if r := w.End(t, id); r.Result.Bytes != 16<<10 {
		t.Errorf("a run's own size is not used: %+v", r.Result)
	}
}

// TestLargeJobWaits lets a job of a size that is not free wait for the end of another.
func TestLargeJobWaits(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{Budget: child.Budget{Memory: 20 << 30, Threads: 8}})
	w.define(t, job.Definition{MaxConcurrent: 2, Size: job.Size{WorkerType: "G.1X", Workers: 1}})
	first := w.begin(t, "do", "hang")
	w.Until(t, first, job.Running)
	second := w.begin(t, "do", "ok")
	w.Until(t, second, job.Waiting)
	if err := w.Jobs.Stop(t.Context(), "j", first); err != nil {
		t.Fatal(err)
	}
	if r := w.End(t, second); r.State != job.Succeeded {
		t.Errorf("%s %s", r.State, r.Error)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestArgumentsMerge(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{})
	w.define(t, job.Definition{FixedArguments: map[string]string{"--do": "fail"}})
	if r := w.End(t, w.begin(t, "do", "ok")); r.State != job.Failed {
		t.Errorf("a fixed argument is overridden: %s", r.State)
	}
	if r := w.End(t, w.begin(t, "penstock-step", "nosuch")); !strings.Contains(r.Error, "nosuch") {
		t.Errorf("a default argument is not overridden: %q", r.Error)
	}
}

func TestConcurrencyAndStop(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{})
	w.define(t, job.Definition{})
	first := w.begin(t, "do", "hang")
	w.Until(t, first, job.Running)
	if _, err := w.Jobs.Start(t.Context(), job.Start{Job: "j"}); !errors.Is(err, job.ErrConcurrent) {
		t.Errorf("a second run: %v", err)
	}
	queue := true
	second, err := w.Jobs.Start(t.Context(), job.Start{Job: "j", Queuing: &queue, Arguments: map[string]string{"--do": "ok"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := must(w.Jobs.Get(t.Context(), second)); r.State != job.Waiting || r.Detail == "" {
		t.Errorf("a queued run is %s %q", r.State, r.Detail)
	}
	if err := w.Jobs.Stop(t.Context(), "j", first); err != nil {
		t.Fatal(err)
	}
	if r := w.End(t, first); r.State != job.Stopped {
		t.Errorf("the stopped run is %s", r.State)
	}
	if r := w.End(t, second); r.State != job.Succeeded {
		t.Errorf("the queued run is %s %s", r.State, r.Error)
	}
	if err := w.Jobs.Stop(t.Context(), "j", first); err == nil {
		t.Error("a run that is over can be stopped")
	}
}

func TestTimeout(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w := start(t, t.TempDir(), jobtest.Settings{Clock: c})
	w.define(t, job.Definition{Timeout: time.Hour})
	id := w.begin(t, "do", "hang")
	w.Until(t, id, job.Running)
	for c.Waiters() == 0 {
		time.Sleep(time.Millisecond)
	}
	c.Advance(time.Hour)
	if r := w.End(t, id); r.State != job.TimedOut || r.Seconds(c.Now()) != 3600 {
		t.Errorf("%s after %d s", r.State, r.Seconds(c.Now()))
	}
}

func TestWaitsForTheMachine(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{Budget: child.Budget{Memory: 1 << 30, Threads: 1}})
	w.define(t, job.Definition{MaxConcurrent: 2})
	first := w.begin(t, "do", "hang")
	w.Until(t, first, job.Running)
	second := w.begin(t, "do", "ok")
	w.Until(t, second, job.Waiting)
	if err := w.Jobs.Stop(t.Context(), "j", first); err != nil {
		t.Fatal(err)
	}
	if r := w.End(t, second); r.State != job.Succeeded {
		t.Errorf("%s %s", r.State, r.Error)
	}
}

func TestRetries(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{})
	w.define(t, job.Definition{MaxRetries: 2})
	id := w.begin(t, "do", "fail")
	w.End(t, id)
	w.End(t, id+"_attempt_1")
	r := w.End(t, id+"_attempt_2")
	if r.Attempt != 2 || r.Previous != id+"_attempt_1" || r.State != job.Failed {
		t.Errorf("%+v", r)
	}
	if _, err := w.Jobs.Get(t.Context(), id+"_attempt_3"); !errors.Is(err, job.ErrNotFound) {
		t.Errorf("a third retry: %v", err)
	}
}

func TestPublish(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{}).lake(t)
	w.define(t, job.Definition{})
	w.End(t, w.begin(t, "do", "publish", "days", "2010-12-01,2010-12-02"))
	const first = "_penstock/runs/RUN/000001.t.copy.json t/day=2010-12-01/RUN-000001-0.snappy.parquet " +
		"t/day=2010-12-02/RUN-000001-0.snappy.parquet"
	if got := w.keys(t); got != first || w.partitions(t) != 2 {
		t.Errorf("%d partitions, keys %s", w.partitions(t), got)
	}
	if r := w.End(t, w.begin(t, "do", "publish-twice", "run", "OTHER", "days", "2010-12-01")); r.State != job.Succeeded {
		t.Fatalf("%s %s", r.State, r.Error)
	}
	if r := w.End(t, w.begin(t, "do", "publish-die", "gen", "000002", "days", "2010-12-03")); r.State != job.Succeeded {
		t.Errorf("a run whose worker died after its publish is %s %s", r.State, r.Error)
	}
	const second = "t/day=2010-12-01/OTHER-000001-0.snappy.parquet t/day=2010-12-03/RUN-000002-0.snappy.parquet"
	if got := w.keys(t); !strings.HasSuffix(got, second) || strings.Contains(got, "RUN-000001") {
		t.Errorf("the second generation leaves %s", got)
	}
	w.End(t, w.begin(t, "do", "publish", "run", "THIRD", "replace", "table", "days", "2010-12-04"))
	if got := w.keys(t); strings.Count(got, "t/day=") != 1 || !strings.Contains(got, "THIRD") || w.partitions(t) != 1 {
		t.Errorf("a recomputed table has %d partitions and %s", w.partitions(t), got)
	}
	for _, bad := range [][]string{{"link", "yes"}, {"key", "elsewhere/x.parquet"}} {
		before := w.keys(t)
		r := w.End(t, w.begin(t, append(bad, "do", "publish", "run", "BAD", "days", "2010-12-05,2010-12-06")...))
		if r.State != job.Failed || w.keys(t) != before {
			t.Errorf("%v: %s; the bucket has %s", bad, r.State, w.keys(t))
		}
	}
}

// TestServerKill kills a server by SIGKILL at every point of a run and starts another on the same folder: the run ends under its id,
// once, and what it gave is whole.
func TestServerKill(t *testing.T) {
	for _, point := range job.KillPoints {
		if point == "job.put" || point == "job.resolved" {
			continue // what a real worker does: see child/worker
		}
		t.Run(point, func(t *testing.T) {
			dir := t.TempDir()
			w := start(t, dir, jobtest.Settings{}).lake(t)
			w.define(t, job.Definition{})
			w.Stop()
			cmd := exec.Command(os.Args[0], "server", dir, point)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(err.Error(), "killed") {
				t.Fatalf("the server was not killed: %v %s", err, out)
			}
			w = start(t, dir, jobtest.Settings{})
			runs := must(w.Jobs.Runs(t.Context(), "j", "", 10))
			if len(runs) != 1 {
				t.Fatalf("%d runs", len(runs))
			}
			if r := w.End(t, runs[0].ID); r.State != job.Succeeded || r.Published == nil || r.Result.RowsWritten != 2 {
				t.Errorf("the run is %s %s, its result %+v", r.State, r.Error, r.Result)
			}
			const want = "_penstock/runs/RUN/000001.t.copy.json t/day=2010-12-01/RUN-000001-0.snappy.parquet " +
				"t/day=2010-12-02/RUN-000001-0.snappy.parquet"
			if got := w.keys(t); got != want || w.partitions(t) != 2 {
				t.Errorf("%d partitions, keys %s", w.partitions(t), got)
			}
		})
	}
}

// TestKillPointsAreAll runs a job to its end and compares the points that were passed with the list.
func TestKillPointsAreAll(t *testing.T) {
	var mu sync.Mutex
	passed := map[string]bool{"job.put": true, "job.resolved": true}
	w := start(t, t.TempDir(), jobtest.Settings{Kill: func(p string) { mu.Lock(); defer mu.Unlock(); passed[p] = true }}).lake(t)
	w.define(t, job.Definition{})
	w.End(t, w.begin(t, "do", "publish", "days", "2010-12-01"))
	w.Stop()
	mu.Lock()
	defer mu.Unlock()
	for _, p := range job.KillPoints {
		if !passed[p] {
			t.Errorf("%s is listed and not passed", p)
		}
		delete(passed, p)
	}
	if len(passed) > 0 {
		t.Errorf("passed and not listed: %v", passed)
	}
}

// TestOldEpochIsRefused has a worker that an earlier server started.
func TestOldEpochIsRefused(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{Epoch: 77}).lake(t)
	w.define(t, job.Definition{})
	r := w.End(t, w.begin(t, "do", "publish", "days", "2010-12-01"))
	if r.State != job.Failed || !strings.Contains(r.Error, "the server that started this worker has ended") || w.keys(t) != "" {
		t.Errorf("%s %q; the bucket has %q", r.State, r.Error, w.keys(t))
	}
}

// TestReports reads what a run leaves in logs and metrics.
func TestReports(t *testing.T) {
	w := start(t, t.TempDir(), jobtest.Settings{}).lake(t)
	w.define(t, job.Definition{})
	r := w.End(t, w.begin(t, "do", "publish", "days", "2010-12-01", "penstock-pipeline", "shop"))
	lines := w.Lines(t, r.ID)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], `penstock-result {"step":"sql","table":"t","rows_read":0,"rows_written":2,`) {
		t.Errorf("the log is %q", lines)
	}
	got, err := w.Metrics.Statistics(t.Context(), metric.Query{Namespace: "Penstock", Name: "RowsWritten", Period: time.Minute,
		Dimensions: []metric.Dimension{{Name: "Pipeline", Value: "shop"}, {Name: "Step", Value: "t"}}, Start: r.Completed.Add(-time.Hour),
		End: r.Completed.Add(time.Hour)})
	if err != nil || len(got) != 1 || got[0].Sum != 2 {
		t.Errorf("the metric is %v, %v", got, err)
	}
	bad := w.End(t, w.begin(t, "do", "fail"))
	page, err := w.Logs.Get(t.Context(), logstore.GetQuery{Group: job.ErrorGroup, Stream: bad.ID})
	if err != nil || len(page.Events) != 1 || page.Events[0].Message != "row 7 is wrong" {
		t.Errorf("the error log is %v, %v", page.Events, err)
	}
}
