package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/clock"
	"penstock/internal/event"
	"penstock/internal/job/script"
	"penstock/internal/killpoint"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/metric"
	"penstock/internal/object"
)

// Options are what jobs stand on.
type Options struct {
	Meta     *meta.Store
	Objects  *object.Store
	Catalog  *catalog.Catalog
	Logs     *logstore.Store
	Metrics  *metric.Store
	Children *child.Supervisor
	Needs    child.Budget // of a worker whose job asks for no size
	Most     child.Budget // of a worker whose job asks for one, at most
	Clock    clock.Clock
	Log      *slog.Logger
	Account  string
	Region   string        // that of the jobs, of Catalog, Logs and Metrics
	Endpoint func() string // where a program finds the services; called from Run only
	Trust    string        // a file of certificates by which its AWS clients know the endpoint; "" when they know it anyway
	// JavaTrust is Trust with what the system trusts: Java knows one file only.
	JavaTrust string
	Lend      Lend // nil refuses programs
	Return    func(ctx context.Context, accessKeyID string) error
	Invoker   api.Invoker // how a worker calls the services; called from Run only
	Host      script.Host // what of the user's machine scripts are run with
	Kill      killpoint.Hook
	Events    *event.Log // where changes of runs are told; nil: nowhere
	// Ended, if set, is called in the transaction in which a run ends, with the next attempt that is made in it, or nil.
	Ended func(tx *meta.Tx, r Run, next *Run) error
}

// KillPoints are the points of this package that crash tests kill at, in the order in which a run passes them.
var KillPoints = []string{"job.started", "job.taken", "job.running", "job.resolved", "job.put", "publish.begin", "publish.staged",
	"publish.in-transaction", "publish.committed", "job.answered", "job.finished"}

// Jobs is the jobs of the account in one region.
type Jobs struct {
	meta     *meta.Store
	objects  *object.Store
	catalog  *catalog.Catalog
	logs     *logstore.Store
	metrics  *metric.Store
	children *child.Supervisor
	needs    child.Budget
	most     child.Budget
	clock    clock.Clock
	log      *slog.Logger
	account  string
	region   string
	loan     loan
	engines  []engine
	host     script.Host
	venvs    keyed
	invoker  api.Invoker
	kill     killpoint.Hook
	events   *event.Log
	ended    func(*meta.Tx, Run, *Run) error
	delays   *due.Queue

	mu     sync.Mutex
	active map[string]context.CancelCauseFunc // runs with a goroutine
}

// New returns the jobs; Run executes their runs.
func New(o Options) *Jobs {
	j := &Jobs{meta: o.Meta, objects: o.Objects, catalog: o.Catalog, logs: o.Logs, metrics: o.Metrics, children: o.Children,
		needs: o.Needs, most: o.Most, clock: o.Clock, log: o.Log, account: o.Account, region: o.Region,
		loan: loan{o.Lend, o.Return, o.Endpoint, o.Region, o.Trust, o.JavaTrust},
		host: o.Host, invoker: o.Invoker, kill: o.Kill, events: o.Events, ended: o.Ended,
		active: map[string]context.CancelCauseFunc{}}
	j.delays = due.New(o.Meta, due.Options{Name: j.delayQueue(), Do: func(context.Context, due.Item) error { return nil },
		Over: func(tx *meta.Tx, it due.Item, _ error) error { return j.delayedTx(tx, it.Body) }, Clock: o.Clock, Log: o.Log})
	j.engines = engines(j)
	return j
}

// Run executes runs until ctx ends. Runs that an earlier server left are taken over first. When ctx ends the workers are killed and
// their runs stay as they are, for the next server.
func (j *Jobs) Run(ctx context.Context) error {
	wake, stop := j.meta.Watch(j.startTopic())
	defer stop()
	if err := j.takeOver(ctx); err != nil {
		return fmt.Errorf("take over job runs: %w", err)
	}
	var work sync.WaitGroup
	defer work.Wait()
	delays, end := context.WithCancel(ctx)
	defer end()
	work.Go(func() { _ = j.delays.Run(delays) }) // it ends without an error
	for {
		runs, err := j.startable(ctx)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("find job runs to start: %w", err)
		}
		for _, r := range runs {
			runCtx, cancel := context.WithCancelCause(ctx)
			j.register(r.ID, cancel)
			work.Go(func() {
				defer j.unregister(r.ID)
				j.execute(runCtx, r)
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		}
	}
}

// GetTx gives a run.
func (j *Jobs) GetTx(tx *meta.Tx, id string) (Run, error) { return j.runTx(tx, id) }

// HasTx reports whether there is a job of the name.
func (j *Jobs) HasTx(tx *meta.Tx, name string) (bool, error) {
	_, err := j.definitionTx(tx, name)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (j *Jobs) register(id string, cancel context.CancelCauseFunc) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.active[id] = cancel
}

func (j *Jobs) unregister(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.active[id](nil)
	delete(j.active, id)
}

func (j *Jobs) isActive(id string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.active[id] != nil
}

// cancel ends a run's work, if it has begun.
func (j *Jobs) cancel(id string, why error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c := j.active[id]; c != nil {
		c(why)
	}
}

// cutOff is the end of a run whose script was going on when the server was killed. Another time it might do again what it has done, such as
// appending rows, so whether there is another time is the job's MaxRetries to say.
const cutOff = "The server was ended while the run's script was going on, and the script with it. It is not started again by itself, " +
	"since it may have done a part of its work."

// takeOver settles what an earlier server left: published runs are done, stopping ones stopped, all others start again.
func (j *Jobs) takeOver(ctx context.Context) error {
	runs, err := j.ongoingRuns(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		switch {
		case r.Queued:
			continue
		case r.Published != nil:
			err = j.finish(ctx, r.ID, outcome{state: Succeeded, result: r.Result})
		case r.State == Stopping:
			err = j.finish(ctx, r.ID, outcome{state: Stopped})
		case !r.Began.IsZero() && !j.engineOf(r, r.arguments()).again:
			if r.AccessKey != "" {
				child.EndMarked(keyVariable + r.AccessKey) // what had left the group that ended with the server
			}
			j.abortUploads(ctx, r.AccessKey)
			err = j.finish(ctx, r.ID, outcome{state: Failed, message: cutOff})
		default:
			_, err = j.change(ctx, r.ID, func(r *Run) error {
				r.State, r.Detail = Starting, "started again: the server was restarted while the run was going on"
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (j *Jobs) ongoingRuns(ctx context.Context) (runs []Run, err error) {
	err = j.meta.View(ctx, func(tx *meta.Tx) error {
		runs, err = queryRuns(tx, `SELECT body FROM job_runs WHERE region = ? AND over = 0 ORDER BY seq LIMIT 1000`, j.region)
		return err
	})
	return runs, err
}

// startable gives the runs that nobody works on yet and that may start, the oldest first.
func (j *Jobs) startable(ctx context.Context) (list []Run, err error) {
	runs, err := j.ongoingRuns(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if j.isActive(r.ID) {
			continue
		}
		if r.Queued {
			if r, err = j.promote(ctx, r.ID); errors.Is(err, ErrConcurrent) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// promote takes a run out of its job's queue if the job may have one more.
func (j *Jobs) promote(ctx context.Context, id string) (r Run, err error) {
	err = j.meta.Update(ctx, func(tx *meta.Tx) error {
		r, err = j.changeTx(tx, id, func(r *Run) error {
			n, err := j.ongoing(tx, r.Job)
			if err == nil && n >= max(r.Definition.MaxConcurrent, 1) {
				err = ErrConcurrent
			}
			r.State, r.Queued, r.Detail = Starting, false, ""
			return err
		})
		return err
	})
	return r, err
}
