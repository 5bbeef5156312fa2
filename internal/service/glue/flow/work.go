package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/crawl"
	"penstock/internal/flow"
	"penstock/internal/job"
	"penstock/internal/meta"
)

// JobEnded is what jobs call when a run ends.
func JobEnded(f *flow.Flows) func(*meta.Tx, job.Run, *job.Run) error {
	return func(tx *meta.Tx, r job.Run, next *job.Run) error {
		if next != nil {
			return f.EndedTx(tx, r.ID, string(r.State), next.ID)
		}
		return f.EndedTx(tx, r.ID, string(r.State), "")
	}
}

// CrawlEnded is what crawlers call when a crawl ends.
func CrawlEnded(f *flow.Flows) func(*meta.Tx, crawl.Crawl) error {
	return func(tx *meta.Tx, c crawl.Crawl) error { return f.EndedTx(tx, c.ID, string(crawlState(c)), "") }
}

// crawlState is a crawl's state as conditions and graphs name it.
func crawlState(c crawl.Crawl) types.CrawlState {
	switch c.State {
	case crawl.CrawlCompleted:
		return types.CrawlStateSucceeded
	case crawl.CrawlFailed:
		return types.CrawlStateFailed
	case crawl.CrawlStopped:
		return types.CrawlStateCancelled
	}
	return types.CrawlStateRunning
}

// A work is the jobs and crawlers of a region, as triggers start them.
type work struct {
	jobs   *job.Jobs
	crawls *crawl.Crawlers
}

// Has implements flow.Work.
func (w work) Has(tx *meta.Tx, k flow.Kind, name string) (bool, error) {
	if k == flow.Job {
		return w.jobs.HasTx(tx, name)
	}
	_, err := w.crawls.CrawlerTx(tx, name)
	var refused *crawl.Error
	if errors.As(err, &refused) {
		return false, nil
	}
	return err == nil, err
}

// Start implements flow.Work.
func (w work) Start(tx *meta.Tx, s flow.Start) (id, refused string, err error) {
	if s.Kind == flow.Job {
		return w.startJob(tx, s)
	}
	id, err = w.crawls.StartTx(tx, s.Name)
	var no *crawl.Error
	if errors.As(err, &no) {
		return "", no.Text, nil
	}
	return id, "", err
}

func (w work) startJob(tx *meta.Tx, s flow.Start) (id, refused string, err error) {
	start := job.Start{Job: s.Name, Arguments: s.Arguments, Timeout: time.Duration(s.Timeout) * time.Minute, Trigger: s.Trigger}
	if s.Notify > 0 {
		raw := types.JobRun{NotificationProperty: &types.NotificationProperty{NotifyDelayAfter: &s.Notify}}
		if start.Raw, err = json.Marshal(raw); err != nil {
			return "", "", fmt.Errorf("start job %s: %w", s.Name, err)
		}
	}
	for _, p := range s.Predecessors {
		if p.Kind == flow.Job {
			start.Predecessors = append(start.Predecessors, job.Predecessor{Job: p.Name, Run: p.ID})
		}
	}
	r, err := w.jobs.StartTx(tx, start)
	switch {
	case errors.Is(err, job.ErrNotFound):
		return "", "Entity not found: " + s.Name, nil
	case errors.Is(err, job.ErrConcurrent):
		why := "Concurrent runs exceeded for " + s.Name
		r, err = w.jobs.RefuseTx(tx, start, why)
		return r.ID, why, err
	}
	return r.ID, "", err
}

// Stop implements flow.Work.
func (w work) Stop(tx *meta.Tx, r flow.Ref) error {
	if r.Kind == flow.Crawler {
		c, err := w.crawls.CrawlerTx(tx, r.Name)
		var no *crawl.Error
		if errors.As(err, &no) || err == nil && (c.Running == nil || c.Running.ID != r.ID || c.State != crawl.StateRunning) {
			return nil
		}
		if err != nil {
			return err
		}
		return w.crawls.StopTx(tx, r.Name)
	}
	run, err := w.jobs.GetTx(tx, r.ID)
	if errors.Is(err, job.ErrNotFound) || err == nil && run.State.Final() {
		return nil
	}
	if err != nil {
		return err
	}
	return w.jobs.StopTx(tx, r.Name, r.ID)
}

// Waits implements flow.Work.
func (w work) Waits(tx *meta.Tx, r flow.Ref) (bool, error) {
	if r.Kind == flow.Crawler {
		return false, nil
	}
	run, err := w.jobs.GetTx(tx, r.ID)
	if errors.Is(err, job.ErrNotFound) {
		return false, nil
	}
	return run.State == job.Waiting, err
}
