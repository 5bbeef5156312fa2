package job_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"penstock/internal/blob"
	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/child/task"
	"penstock/internal/clock"
	"penstock/internal/job"
	"penstock/internal/killpoint"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/metric"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

// TestMain lets the test binary be a worker that does what the argument --do says, without an engine.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(fakeWorker(os.Args[3:]))
	}
	if len(os.Args) == 4 && os.Args[1] == "server" {
		os.Exit(server(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func fakeWorker(args []string) int {
	fs := flag.NewFlagSet("worker", flag.ContinueOnError)
	fs.Int64("epoch", 0, "")
	scratch := fs.String("scratch", "", "")
	if fs.Parse(args) != nil {
		return 2
	}
	in, err := child.Enter(0)
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
	p := task.Publish{JobRunID: t.JobRunID, Database: "d", Table: "t", Run: run, Replace: task.Replace(t.Args["--replace"]), Partitions: true,
		CopyKey: "s3://curated/_penstock/runs/" + run + "/000001.t.copy.json", Result: task.Result{Step: "sql", Table: "t", RowsWritten: 2}}
	for i, day := range strings.Split(t.Args["--days"], ",") {
		name := fmt.Sprintf("%d.parquet", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte("rows of "+day), 0o600); err != nil {
			return err
		}
		if t.Args["--link"] != "" {
			os.Remove(filepath.Join(dir, name))
			os.Symlink("/etc/passwd", filepath.Join(dir, name))
		}
		p.Files = append(p.Files, task.Output{Name: name, Key: "t/day=" + day + "/" + run + "-" + t.Args["--gen"] + "-0.snappy.parquet", Values: []string{day}, Rows: 1})
	}
	if k := t.Args["--key"]; k != "" {
		p.Files[0].Key = k
	}
	return parent.Call(ctx, task.PublishPath, p, nil)
}

// A world is all that jobs stand on, in one folder, so that it can be stopped and started again.
type world struct {
	dir     string
	jobs    *job.Jobs
	meta    *meta.Store
	objects *object.Store
	catalog *catalog.Catalog
	logs    *logstore.Store
	metrics *metric.Store
	stop    func()
}

type settings struct {
	clock  clock.Clock
	kill   killpoint.Hook
	budget child.Budget
}

func start(t testing.TB, dir string, set settings) *world {
	t.Helper()
	w, err := open(context.WithoutCancel(t.Context()), dir, set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.stop)
	return w
}

func open(ctx context.Context, dir string, set settings) (*world, error) {
	if set.clock == nil {
		set.clock = clock.Real{}
	}
	if set.budget.Threads == 0 {
		set.budget = child.Budget{Memory: 1 << 30, Threads: 8}
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	w := &world{dir: dir}
	err := os.MkdirAll(filepath.Join(dir, "meta"), 0o700)
	if err != nil {
		return nil, err
	}
	w.meta, err = meta.Open(ctx, filepath.Join(dir, "meta"), []meta.Schema{object.Schema, catalog.Schema, logstore.Schema, metric.Schema, job.Schema},
		meta.Options{Clock: set.clock, Log: log})
	if err != nil {
		return nil, err
	}
	blobs, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, err
	}
	w.objects = object.Open(w.meta, blobs, object.Options{Clock: set.clock, Log: log})
	w.catalog, w.logs, w.metrics = catalog.Open(w.meta, set.clock), logstore.Open(w.meta, set.clock), metric.Open(w.meta, set.clock)
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	children, err := child.Open(child.Options{Exe: exe, Args: []string{"child"}, Scratch: filepath.Join(dir, "scratch"), Epoch: w.meta.Epoch(), Budget: set.budget, Log: log})
	if err != nil {
		return nil, err
	}
	w.jobs = job.New(job.Options{Meta: w.meta, Objects: w.objects, Catalog: w.catalog, Logs: w.logs, Metrics: w.metrics, Children: children,
		Needs: child.Budget{Memory: 1 << 20, Threads: 1}, Clock: set.clock, Log: log, Kill: set.kill})
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.jobs.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		children.Close()
		w.meta.Close()
	})
	return w, nil
}

// server is a process that is killed at a point: it opens the world and, if no run is there yet, starts one.
func server(dir, point string) int {
	die := func() { syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }
	w, err := open(context.Background(), dir, settings{kill: killpoint.Once(point, die, nil)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_, err = w.jobs.Start(context.Background(), job.Start{Job: "j", Token: "once", Arguments: map[string]string{"--do": "publish", "--days": "2010-12-01,2010-12-02"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	select {}
}

// lake makes the bucket and the table that published files go to.
func (w *world) lake(t testing.TB) *world {
	t.Helper()
	ctx := t.Context()
	_, err := w.objects.CreateBucket(ctx, "curated", "", nil)
	lib := "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
	err = errors.Join(err, w.catalog.CreateDatabase(ctx, catalog.Database{Name: "d"}), w.catalog.CreateTable(ctx, catalog.Table{Database: "d", Name: "t",
		PartitionKeys: []catalog.Column{{Name: "day", Type: "date"}}, Storage: &catalog.Storage{Location: "s3://curated/t/", SerDe: &catalog.SerDe{Library: &lib},
			Columns: []catalog.Column{{Name: "a", Type: "int"}}}}))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) define(t testing.TB, d job.Definition) {
	t.Helper()
	if d.Name == "" {
		d.Name = "j"
	}
	d.DefaultArguments = map[string]string{"--penstock-step": "sql", "--run": "RUN", "--gen": "000001", "--replace": "run"}
	if err := w.jobs.Create(t.Context(), d, nil); err != nil {
		t.Fatal(err)
	}
}

func (w *world) begin(t testing.TB, pairs ...string) string {
	t.Helper()
	args := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		args["--"+pairs[i]] = pairs[i+1]
	}
	id, err := w.jobs.Start(t.Context(), job.Start{Job: "j", Arguments: args})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// until waits for a run to be in one of the states, woken by its topic.
func (w *world) until(t testing.TB, id string, states ...job.State) job.Run {
	t.Helper()
	wake, stop := w.meta.Watch(job.Topic(id))
	defer stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		r, err := w.jobs.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(states, r.State) {
			return r
		}
		select {
		case <-wake:
		case <-ctx.Done():
			t.Fatalf("run is %s (%s), wanted %v", r.State, r.Error, states)
		}
	}
}

func (w *world) end(t testing.TB, id string) job.Run {
	t.Helper()
	return w.until(t, id, job.Succeeded, job.Failed, job.Stopped, job.TimedOut)
}

// keys lists the curated bucket.
func (w *world) keys(t testing.TB) string {
	t.Helper()
	list, err := w.objects.Resolve(t.Context(), "curated", "")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range list {
		keys = append(keys, o.Key)
	}
	return strings.Join(keys, " ")
}

func (w *world) partitions(t testing.TB) (n int) {
	t.Helper()
	if err := w.catalog.EachPartition(t.Context(), "d", "t", "", func(p []catalog.Partition) error { n += len(p); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStatesOfARun(t *testing.T) {
	w := start(t, t.TempDir(), settings{})
	w.define(t, job.Definition{})
	for what, want := range map[string]struct {
		state   job.State
		message string
	}{
		"ok": {job.Succeeded, ""}, "fail": {job.Failed, "row 7 is wrong"}, "die": {job.Failed, "the worker ended before it answered: exit status 3: terminate called"},
	} {
		r := w.end(t, w.begin(t, "do", what))
		if r.State != want.state || r.Error != want.message {
			t.Errorf("%s: %s %q, want %s %q", what, r.State, r.Error, want.state, want.message)
		}
	}
	w.define(t, job.Definition{Name: "spark"})
	id, err := w.jobs.Start(t.Context(), job.Start{Job: "spark", Arguments: map[string]string{"--penstock-step": "dance"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := w.end(t, id); r.State != job.Failed || !strings.Contains(r.Error, `"dance" is not known`) {
		t.Errorf("an unknown step: %s %q", r.State, r.Error)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestArgumentsMerge(t *testing.T) {
	w := start(t, t.TempDir(), settings{})
	w.define(t, job.Definition{FixedArguments: map[string]string{"--do": "fail"}})
	if r := w.end(t, w.begin(t, "do", "ok")); r.State != job.Failed {
		t.Errorf("a fixed argument is overridden: %s", r.State)
	}
	if r := w.end(t, w.begin(t, "penstock-step", "nosuch")); !strings.Contains(r.Error, "nosuch") {
		t.Errorf("a default argument is not overridden: %q", r.Error)
	}
}

func TestTokenStartsOnce(t *testing.T) {
	w := start(t, t.TempDir(), settings{})
	w.define(t, job.Definition{MaxConcurrent: 3})
	s := job.Start{Job: "j", Token: "exec#5", Arguments: map[string]string{"--do": "ok"}}
	first, err := w.jobs.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	w.end(t, first)
	if again, err := w.jobs.Start(t.Context(), s); err != nil || again != first {
		t.Errorf("the repeat gives %s, %v", again, err)
	}
	s.Arguments = map[string]string{"--do": "fail"}
	if _, err := w.jobs.Start(t.Context(), s); !errors.Is(err, job.ErrOtherInput) {
		t.Errorf("other input under the same token: %v", err)
	}
	if n := len(must(w.jobs.Runs(t.Context(), "j", "", 10))); n != 1 {
		t.Errorf("%d runs", n)
	}
}

func TestConcurrencyAndStop(t *testing.T) {
	w := start(t, t.TempDir(), settings{})
	w.define(t, job.Definition{})
	first := w.begin(t, "do", "hang")
	w.until(t, first, job.Running)
	if _, err := w.jobs.Start(t.Context(), job.Start{Job: "j"}); !errors.Is(err, job.ErrConcurrent) {
		t.Errorf("a second run: %v", err)
	}
	queue := true
	second, err := w.jobs.Start(t.Context(), job.Start{Job: "j", Queuing: &queue, Arguments: map[string]string{"--do": "ok"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := must(w.jobs.Get(t.Context(), second)); r.State != job.Waiting || r.Detail == "" {
		t.Errorf("a queued run is %s %q", r.State, r.Detail)
	}
	if err := w.jobs.Stop(t.Context(), "j", first); err != nil {
		t.Fatal(err)
	}
	if r := w.end(t, first); r.State != job.Stopped {
		t.Errorf("the stopped run is %s", r.State)
	}
	if r := w.end(t, second); r.State != job.Succeeded {
		t.Errorf("the queued run is %s %s", r.State, r.Error)
	}
	if err := w.jobs.Stop(t.Context(), "j", first); err == nil {
		t.Error("a run that is over can be stopped")
	}
}

func TestTimeout(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w := start(t, t.TempDir(), settings{clock: c})
	w.define(t, job.Definition{Timeout: time.Hour})
	id := w.begin(t, "do", "hang")
	w.until(t, id, job.Running)
	for c.Waiters() == 0 {
		time.Sleep(time.Millisecond)
	}
	c.Advance(time.Hour)
	if r := w.end(t, id); r.State != job.TimedOut || r.Seconds(c.Now()) != 3600 {
		t.Errorf("%s after %d s", r.State, r.Seconds(c.Now()))
	}
}

func TestWaitsForTheMachine(t *testing.T) {
	w := start(t, t.TempDir(), settings{budget: child.Budget{Memory: 1 << 30, Threads: 1}})
	w.define(t, job.Definition{MaxConcurrent: 2})
	first := w.begin(t, "do", "hang")
	w.until(t, first, job.Running)
	second := w.begin(t, "do", "ok")
	w.until(t, second, job.Waiting)
	if err := w.jobs.Stop(t.Context(), "j", first); err != nil {
		t.Fatal(err)
	}
	if r := w.end(t, second); r.State != job.Succeeded {
		t.Errorf("%s %s", r.State, r.Error)
	}
}

func TestRetries(t *testing.T) {
	w := start(t, t.TempDir(), settings{})
	w.define(t, job.Definition{MaxRetries: 2})
	id := w.begin(t, "do", "fail")
	w.end(t, id)
	w.end(t, id+"_attempt_1")
	r := w.end(t, id+"_attempt_2")
	if r.Attempt != 2 || r.Previous != id+"_attempt_1" || r.State != job.Failed {
		t.Errorf("%+v", r)
	}
	if _, err := w.jobs.Get(t.Context(), id+"_attempt_3"); !errors.Is(err, job.ErrNotFound) {
		t.Errorf("a third retry: %v", err)
	}
}

func TestPublish(t *testing.T) {
	w := start(t, t.TempDir(), settings{}).lake(t)
	w.define(t, job.Definition{})
	w.end(t, w.begin(t, "do", "publish", "days", "2010-12-01,2010-12-02"))
	const first = "_penstock/runs/RUN/000001.t.copy.json t/day=2010-12-01/RUN-000001-0.snappy.parquet t/day=2010-12-02/RUN-000001-0.snappy.parquet"
	if got := w.keys(t); got != first || w.partitions(t) != 2 {
		t.Errorf("%d partitions, keys %s", w.partitions(t), got)
	}
	if r := w.end(t, w.begin(t, "do", "publish-twice", "run", "OTHER", "days", "2010-12-01")); r.State != job.Succeeded {
		t.Fatalf("%s %s", r.State, r.Error)
	}
	if r := w.end(t, w.begin(t, "do", "publish-die", "gen", "000002", "days", "2010-12-03")); r.State != job.Succeeded {
		t.Errorf("a run whose worker died after its publish is %s %s", r.State, r.Error)
	}
	const second = "t/day=2010-12-01/OTHER-000001-0.snappy.parquet t/day=2010-12-03/RUN-000002-0.snappy.parquet"
	if got := w.keys(t); !strings.HasSuffix(got, second) || strings.Contains(got, "RUN-000001") {
		t.Errorf("the second generation leaves %s", got)
	}
	w.end(t, w.begin(t, "do", "publish", "run", "THIRD", "replace", "table", "days", "2010-12-04"))
	if got := w.keys(t); strings.Count(got, "t/day=") != 1 || !strings.Contains(got, "THIRD") {
		t.Errorf("a recomputed table has %s", got)
	}
	for _, bad := range [][]string{{"link", "yes"}, {"key", "elsewhere/x.parquet"}} {
		before := w.keys(t)
		r := w.end(t, w.begin(t, append(bad, "do", "publish", "run", "BAD", "days", "2010-12-05,2010-12-06")...))
		if r.State != job.Failed || w.keys(t) != before {
			t.Errorf("%v: %s; the bucket has %s", bad, r.State, w.keys(t))
		}
	}
}

// TestServerKill kills a server by SIGKILL at every point of a run and starts another on the same folder: the run ends under its id,
// once, and what it gave is whole.
func TestServerKill(t *testing.T) {
	for _, point := range job.KillPoints {
		if point == "job.put" {
			continue // the manifest step's: see child/worker
		}
		t.Run(point, func(t *testing.T) {
			dir := t.TempDir()
			w := start(t, dir, settings{}).lake(t)
			w.define(t, job.Definition{})
			w.stop()
			cmd := exec.Command(os.Args[0], "server", dir, point)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(err.Error(), "killed") {
				t.Fatalf("the server was not killed: %v %s", err, out)
			}
			w = start(t, dir, settings{})
			runs := must(w.jobs.Runs(t.Context(), "j", "", 10))
			if len(runs) != 1 {
				t.Fatalf("%d runs", len(runs))
			}
			if r := w.end(t, runs[0].ID); r.State != job.Succeeded || r.Published == nil || r.Result.RowsWritten != 2 {
				t.Errorf("the run is %s %s, its result %+v", r.State, r.Error, r.Result)
			}
			const want = "_penstock/runs/RUN/000001.t.copy.json t/day=2010-12-01/RUN-000001-0.snappy.parquet t/day=2010-12-02/RUN-000001-0.snappy.parquet"
			if got := w.keys(t); got != want || w.partitions(t) != 2 {
				t.Errorf("%d partitions, keys %s", w.partitions(t), got)
			}
		})
	}
}

// TestKillPointsAreAll runs a job to its end and compares the points that were passed with the list.
func TestKillPointsAreAll(t *testing.T) {
	var mu sync.Mutex
	passed := map[string]bool{"job.put": true}
	w := start(t, t.TempDir(), settings{kill: func(p string) { mu.Lock(); defer mu.Unlock(); passed[p] = true }}).lake(t)
	w.define(t, job.Definition{})
	w.end(t, w.begin(t, "do", "publish", "days", "2010-12-01"))
	w.stop()
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
