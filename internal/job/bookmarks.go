package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/job/bookmark"
	"penstock/internal/meta"
)

// Errors of bookmarks that callers tell apart.
var (
	ErrNotItsKeys    = errors.New("only the keys of a run that goes on may save its job's bookmark")
	ErrStateNoObject = errors.New("the state of a bookmark is a JSON object")
)

func (j *Jobs) bookmarkOf(job string) bookmark.Job { return bookmark.Job{Region: j.region, Name: job} }

// Bookmark returns a job's bookmark, or, of a run, the state after it: what it saved, or the last run before it that did. What no run has
// saved is bookmark.ErrNone.
func (j *Jobs) Bookmark(ctx context.Context, job, runID string) (e bookmark.Entry, err error) {
	err = j.meta.View(ctx, func(tx *meta.Tx) error {
		e, err = j.atRun(tx, job, runID, bookmark.Latest, bookmark.After)
		return err
	})
	return e, err
}

// ResetBookmark makes that nothing counts as read by a job, or, of a run, what was read up to it.
func (j *Jobs) ResetBookmark(ctx context.Context, job, runID string) (e bookmark.Entry, err error) {
	err = j.meta.Update(ctx, func(tx *meta.Tx) error {
		e, err = j.atRun(tx, job, runID, bookmark.Reset, bookmark.Rewind)
		return err
	})
	return e, err
}

// atRun does something with a job's bookmark, or, when a run is named, with its history.
func (j *Jobs) atRun(tx *meta.Tx, job, runID string, whole func(*meta.Tx, bookmark.Job) (bookmark.Entry, error),
	run func(*meta.Tx, bookmark.Job, int64) (bookmark.Entry, error)) (bookmark.Entry, error) {
	if _, err := j.definitionTx(tx, job); err != nil {
		return bookmark.Entry{}, err
	}
	if runID == "" {
		return whole(tx, j.bookmarkOf(job))
	}
	seq, err := j.seqOf(tx, job, runID)
	if err != nil {
		return bookmark.Entry{}, err
	}
	return run(tx, j.bookmarkOf(job), seq)
}

// seqOf is the place of a job's run among all runs.
func (j *Jobs) seqOf(tx *meta.Tx, job, runID string) (seq int64, err error) {
	err = tx.QueryRow(`SELECT seq FROM job_runs WHERE id = ? AND region = ? AND job = ?`, runID, j.region, job).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, noRun(runID)
	}
	return seq, err
}

// A BookmarkCommit is what a run's script saves when it calls job.commit().
type BookmarkCommit struct {
	Job, RunID string
	AccessKey  string // that the call was signed with
	Began      int32  // the version of the bookmark that the run began with, 0 for none
	State      string // a JSON object
}

// CommitBookmark saves a bookmark for a run that goes on. It is durable when it returns, whatever becomes of the run.
func (j *Jobs) CommitBookmark(ctx context.Context, c BookmarkCommit) (e bookmark.Entry, err error) {
	if !isObject(c.State) {
		return e, ErrStateNoObject
	}
	err = j.meta.Update(ctx, func(tx *meta.Tx) error {
		d, err := j.definitionTx(tx, c.Job)
		if err != nil {
			return err
		}
		seq, err := j.seqOf(tx, c.Job, c.RunID)
		if err != nil {
			return err
		}
		r, err := j.runTx(tx, c.RunID)
		switch {
		case err != nil:
			return err
		case r.AccessKey == "" || r.AccessKey != c.AccessKey || r.State.Final():
			return ErrNotItsKeys
		case !r.Definition.Created.Equal(d.Created): // the job was deleted and made again, and has not read anything yet
			return fmt.Errorf("the job of the run %s was deleted: %w", c.RunID, ErrNotFound)
		}
		e, err = bookmark.Commit(tx, j.bookmarkOf(c.Job), bookmark.Run{ID: r.ID, Seq: seq, Attempt: r.Attempt}, c.Began, c.State)
		return err
	})
	return e, err
}

func isObject(text string) bool {
	var o map[string]json.RawMessage
	return json.Unmarshal([]byte(text), &o) == nil && o != nil
}
