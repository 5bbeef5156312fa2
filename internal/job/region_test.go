package job_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"penstock/internal/catalog"
	"penstock/internal/clock"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
	"penstock/internal/object"
)

const other = "eu-west-1"

// inOther is the jobs of another region over the world's stores. They start no workers; taken counts the runs that they have taken.
func (w *world) inOther(taken *int) *job.Jobs {
	c := clock.Real{}
	return job.New(job.Options{Meta: w.Meta, Region: other, Objects: w.Objects, Catalog: catalog.Open(w.Meta, other, c),
		Logs: logstore.Open(w.Meta, other, c), Metrics: metric.Open(w.Meta, other, c), Clock: c,
		Log: slog.New(slog.DiscardHandler), Account: "000000000000", Kill: func(point string) {
			if point == "job.taken" {
				*taken++
			}
		}})
}

// run runs jobs until a run of theirs is over.
func run(t *testing.T, w *world, jobs *job.Jobs, id string) job.Run {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	wake, stop := w.Meta.Watch(job.Topic(id))
	defer stop()
	go func() { done <- jobs.Run(ctx) }()
	for {
		r, err := jobs.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if r.State.Final() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			return r
		}
		<-wake
	}
}

// TestRegionsAreApart: jobs of the same name in two regions do not see each other or each other's runs, and each run is taken once, by
// its own region's loop.
func TestRegionsAreApart(t *testing.T) {
	ctx, taken := t.Context(), 0
	w := start(t, t.TempDir(), jobtest.Settings{}).lake(t)
	w.define(t, job.Definition{})
	first := w.End(t, w.begin(t)).ID
	west := w.inOther(&taken)
	for name, err := range calls(ctx, west, first) {
		if !errors.Is(err, job.ErrNotFound) {
			t.Errorf("%s in a region without jobs: %v", name, err)
		}
	}
	if list, err := west.Definitions(ctx, "", 10); len(list) > 0 || err != nil {
		t.Errorf("jobs %+v, %v", list, err)
	}
	if err := west.Delete(ctx, "j", nil); err != nil {
		t.Error(err)
	}
	if err := west.Create(ctx, job.Definition{Name: "j", Command: "glueetl"}, nil); err != nil {
		t.Fatal(err)
	}

	// The one run that each job may have at a time is its region's.
	hanging := w.begin(t, "do", "hang")
	w.Until(t, hanging, job.Running)
	id, err := west.Start(ctx, job.Start{Job: "j"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Jobs.Stop(ctx, "j", id); !errors.Is(err, job.ErrNotFound) {
		t.Errorf("stopped from another region: %v", err)
	}
	if err := w.Jobs.Stop(ctx, "j", hanging); err != nil {
		t.Fatal(err)
	}
	w.Until(t, hanging, job.Stopped)
	w.End(t, w.begin(t)) // by then the loop has looked at what is ongoing
	if r, err := west.Get(ctx, id); err != nil || r.State != job.Starting || taken != 0 {
		t.Errorf("the other region's run: %+v, %v", r, err)
	}
	if r := run(t, w, west, id); r.State != job.Failed || taken != 1 {
		t.Errorf("%+v, taken %d times", r, taken)
	}
	for jobs, n := range map[*job.Jobs]int{w.Jobs: 3, west: 1} {
		if runs, err := jobs.Runs(ctx, "j", "", 10); len(runs) != n || err != nil {
			t.Errorf("%d runs, %v; want %d", len(runs), err, n)
		}
	}
	_, here := w.Logs.Get(ctx, logstore.GetQuery{Group: job.ErrorGroup, Stream: id})
	_, there := logstore.Open(w.Meta, other, clock.Real{}).Get(ctx, logstore.GetQuery{Group: job.ErrorGroup, Stream: id})
	if here == nil || there != nil {
		t.Errorf("the failure's lines: %v here, %v in its region", here, there)
	}
	if err := west.Delete(ctx, "j", nil); err != nil {
		t.Fatal(err)
	}
	if runs, err := w.Jobs.Runs(ctx, "j", "", 10); len(runs) != 3 || err != nil {
		t.Errorf("%d runs after the other region's deletion, %v", len(runs), err)
	}
}

// calls are the answers of the operations that name a job or a run.
func calls(ctx context.Context, jobs *job.Jobs, run string) map[string]error {
	_, definition := jobs.Definition(ctx, "j")
	_, start := jobs.Start(ctx, job.Start{Job: "j"})
	_, get := jobs.Get(ctx, run)
	_, runs := jobs.Runs(ctx, "j", "", 10)
	return map[string]error{"Definition": definition, "Start": start, "Get": get, "Runs": runs, "Stop": jobs.Stop(ctx, "j", run),
		"Update": jobs.Update(ctx, job.Definition{Name: "j"})}
}

// TestTakeOverKeepsToItsRegion: a server that starts takes over the runs of the regions that it serves, and of no others.
func TestTakeOverKeepsToItsRegion(t *testing.T) {
	dir, taken := t.TempDir(), 0
	w := start(t, dir, jobtest.Settings{})
	west := w.inOther(&taken)
	if err := west.Create(t.Context(), job.Definition{Name: "j", Command: "glueetl"}, nil); err != nil {
		t.Fatal(err)
	}
	id, err := west.Start(t.Context(), job.Start{Job: "j"})
	if err != nil {
		t.Fatal(err)
	}
	w.Stop()
	w = start(t, dir, jobtest.Settings{})
	w.define(t, job.Definition{})
	w.End(t, w.begin(t))
	west = w.inOther(&taken)
	if r, err := west.Get(t.Context(), id); err != nil || r.State != job.Starting || r.Detail != "" {
		t.Errorf("%+v, %v", r, err)
	}
	if r := run(t, w, west, id); r.State != job.Failed || taken != 1 {
		t.Errorf("%+v, taken %d times", r, taken)
	}
}

// TestRowsBeforeRegions opens what a program without regions has left: all of it is us-east-1's, and its ongoing run goes on there.
func TestRowsBeforeRegions(t *testing.T) {
	dir, taken := t.TempDir(), 0
	if err := os.Mkdir(filepath.Join(dir, "meta"), 0o700); err != nil {
		t.Fatal(err)
	}
	metatest.Left(t, filepath.Join(dir, "meta"), []meta.Schema{due.Schema, tag.Schema, object.Schema, metatest.At(catalog.Schema, 1),
		metatest.At(logstore.Schema, 1), metatest.At(metric.Schema, 2), metatest.At(job.Schema, 2)},
		`INSERT INTO jobs VALUES ('j', '{"name":"j","role":"r","maxConcurrent":1}')`,
		`INSERT INTO job_runs (seq, id, job, over, body) VALUES (3, 'jr_1', 'j', 1, '{"id":"jr_1","job":"j","state":"SUCCEEDED"}'),
			(4, 'jr_2', 'j', 0, '{"id":"jr_2","job":"j","state":"RUNNING","definition":{"name":"j","command":"glueetl"}}')`,
		`INSERT INTO job_outputs VALUES ('s3://curated/t/', 'RUN', 't/1.parquet')`)
	w := start(t, dir, jobtest.Settings{})
	if r := w.Until(t, "jr_2", job.Failed); r.Job != "j" {
		t.Errorf("%+v", r)
	}
	runs, err := w.Jobs.Runs(t.Context(), "j", "", 10)
	if err != nil || len(runs) != 2 || runs[0].ID != "jr_2" || runs[1].State != job.Succeeded {
		t.Errorf("runs %+v, %v", runs, err)
	}
	if list, err := w.inOther(&taken).Definitions(t.Context(), "", 10); len(list) > 0 || err != nil {
		t.Errorf("%s has %+v, %v", other, list, err)
	}
}
