package job_test

import (
	"errors"
	"testing"
	"time"

	"penstock/internal/child"
	"penstock/internal/job"
	"penstock/internal/job/bookmark"
	"penstock/internal/job/jobtest"
)

// TestBookmarkOutlivesItsRun: what a script has saved stays when the server ends before the script, and when the run is stopped; the next
// attempt begins there.
func TestBookmarkOutlivesItsRun(t *testing.T) {
	dir, d := t.TempDir(), &keyDesk{}
	open := func() *world {
		w := start(t, dir, jobtest.Settings{Lend: d.lend, Return: d.giveBack})
		w.Jobs.SparkIs(child.Program{Path: "/bin/sh", Args: []string{"-c", "sleep 1000"}, Env: []string{"PATH=/bin:/usr/bin"}})
		return w
	}
	w := open()
	id := w.program(t, job.Definition{Role: "loader", Timeout: time.Hour, MaxRetries: 1})
	r := w.Until(t, id, job.Running)
	c := job.BookmarkCommit{Job: "p", RunID: id, AccessKey: r.AccessKey, State: `{"a": 1}`}
	if _, err := w.Jobs.CommitBookmark(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	w.Stop()
	w = open()
	if r := w.End(t, id); r.State != job.Failed {
		t.Fatalf("%s %s", r.State, r.Error)
	}
	c.Began, c.State = 1, `{"a": 2}`
	if _, err := w.Jobs.CommitBookmark(t.Context(), c); !errors.Is(err, job.ErrNotItsKeys) {
		t.Errorf("saved by a run that is over: %v", err)
	}
	again := w.Until(t, id+"_attempt_1", job.Running)
	if again.AccessKey == r.AccessKey {
		t.Fatal("two attempts with the same key")
	}
	c.RunID = again.ID
	if _, err := w.Jobs.CommitBookmark(t.Context(), c); !errors.Is(err, job.ErrNotItsKeys) {
		t.Errorf("saved with another attempt's keys: %v", err)
	}
	c.AccessKey = again.AccessKey
	want := bookmark.Entry{Version: 2, Run: 2, Attempt: 1, RunID: again.ID, Previous: id, State: `{"a": 2}`}
	if e, err := w.Jobs.CommitBookmark(t.Context(), c); err != nil || e != want {
		t.Errorf("%+v, %v; want %+v", e, err, want)
	}
	if err := w.Jobs.Stop(t.Context(), "p", again.ID); err != nil {
		t.Fatal(err)
	}
	w.Until(t, again.ID, job.Stopped)
	if e, err := w.Jobs.Bookmark(t.Context(), "p", ""); err != nil || e != want {
		t.Errorf("after the stop: %+v, %v", e, err)
	}
	if e, err := w.Jobs.Bookmark(t.Context(), "p", id); err != nil || e.State != `{"a": 1}` {
		t.Errorf("after the first attempt: %+v, %v", e, err)
	}
	if _, err := w.inOther(new(int)).Bookmark(t.Context(), "p", ""); !errors.Is(err, job.ErrNotFound) {
		t.Errorf("in another region: %v", err)
	}
}
