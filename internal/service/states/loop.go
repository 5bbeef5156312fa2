package states

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"penstock/internal/arn"
	"penstock/internal/asl"
	"penstock/internal/id"
	"penstock/internal/meta"
)

// A loop drives one execution. Only its own goroutine touches x.
type loop struct {
	s       *Service
	e       execution
	role    string
	x       *asl.Execution
	results chan outcome
	stops   chan stop
	done    chan struct{}
	tasks   map[int64]*call // that were started and have not ended, by event id
	over    []int64         // tasks that have ended in the history, until their tokens are forgotten
	strays  []*call         // that nobody waits for any more
}

// An outcome is what came of a task: submitted, or its end.
type outcome struct {
	id        int64
	submitted bool
	output    string
	failure   *asl.Failure
}

// A stop asks the loop to abort the execution.
type stop struct {
	failure asl.Failure
	done    chan error
}

// A call is a task that runs.
type call struct {
	cancel context.CancelCauseFunc
	ended  chan struct{}
	sync   bool // its end stops what it has started
	told   bool // its outcome is known
}

// errAborted is the cause with which a task is cancelled whose state or execution has ended.
var errAborted = errors.New("the task was aborted")

func nameIn(machineARN string) string {
	a, err := arn.Parse(machineARN)
	if err != nil {
		return ""
	}
	name, _ := a.ResourceAfter("stateMachine:")
	return name
}

func (s *Service) newLoop(m machine, e execution, def *asl.Machine) *loop {
	info := asl.Info{ARN: e.ARN, Name: e.Name, RoleARN: m.Role, MachineARN: m.ARN, MachineName: m.Name}
	return &loop{s: s, e: e, role: m.Role, x: asl.New(def, info, asl.Env{UUID: id.UUID, Random: random}),
		results: make(chan outcome), stops: make(chan stop), done: make(chan struct{}), tasks: map[int64]*call{}}
}

// random draws a number in [0, n).
func random(n int64) int64 {
	if n <= 1 {
		return 0
	}
	var v uint64
	for _, b := range id.Bytes(8) {
		v = v<<8 | uint64(b)
	}
	return int64(v % uint64(n))
}

// enlist hands a loop to Run.
func (s *Service) enlist(l *loop) {
	if l.x.Status != asl.Running {
		return
	}
	s.mu.Lock()
	s.live[l.e.Seq] = l
	s.fresh = append(s.fresh, l)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) find(seq int64) *loop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[seq]
}

// running is how many executions run.
func (s *Service) running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.live)
}

func (s *Service) forget(l *loop) {
	s.mu.Lock()
	delete(s.live, l.e.Seq)
	s.mu.Unlock()
	close(l.done)
}

// Run takes up the executions that were running when the process ended, and drives these and all new ones until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	if err := s.resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	for {
		s.mu.Lock()
		fresh := s.fresh
		s.fresh = nil
		s.mu.Unlock()
		for _, l := range fresh {
			wg.Go(func() { l.run(ctx) })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		}
	}
}

// resumeBatch is how many executions are read from the store at once.
const resumeBatch = 500

// resume enlists the executions of the region that the store knows as running and no loop drives.
func (s *Service) resume(ctx context.Context) error {
	from, to := arn.Bounds("states", s.Region)
	err := s.update(ctx, func(tx *meta.Tx) error {
		return tx.KeepCalls(from, `SELECT arn FROM states_execution WHERE status = 'RUNNING'`)
	})
	if err != nil {
		return fmt.Errorf("forget the calls of executions that have ended: %w", err)
	}
	last := int64(0)
	for {
		var batch []execution
		err := s.view(ctx, func(tx *meta.Tx) error {
			rows, err := tx.Query(selectExecution+` WHERE status = 'RUNNING' AND seq > ? AND arn > ? AND arn < ? ORDER BY seq LIMIT ?`,
				last, from, to, resumeBatch)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				e, err := scanExecution(rows)
				if err != nil {
					return err
				}
				batch = append(batch, e)
			}
			return rows.Err()
		})
		if err != nil {
			return fmt.Errorf("resume executions: %w", err)
		}
		for _, e := range batch {
			last = e.Seq
			if s.find(e.Seq) != nil {
				continue
			}
			if err := s.revive(ctx, e); err != nil {
				return fmt.Errorf("resume %s: %w", e.ARN, err)
			}
		}
		if len(batch) < resumeBatch {
			return nil
		}
	}
}

// revive folds an execution's history and enlists it. A definition that is read no longer (after a change of the program) ends the
// execution with an error instead of the server's start.
func (s *Service) revive(ctx context.Context, e execution) error {
	var m machine
	err := s.view(ctx, func(tx *meta.Tx) (err error) {
		m, err = revisionTx(tx, e.Revision)
		return err
	})
	if err != nil {
		return err
	}
	def, err := s.parsed(m)
	if err != nil {
		s.Log.ErrorContext(ctx, "execution cannot go on: its definition is refused", "execution", e.ARN, "err", err)
		return s.giveUp(ctx, e, err.Error())
	}
	l := s.newLoop(m, e, def)
	for from := int64(0); ; {
		var events []*asl.Event
		err := s.view(ctx, func(tx *meta.Tx) (err error) {
			events, err = eventsTx(tx, e.Seq, from, largestPage, false)
			return err
		})
		if err != nil {
			return err
		}
		for _, ev := range events {
			from = ev.ID
			if err := l.x.Apply(ev); err != nil {
				s.Log.ErrorContext(ctx, "execution cannot go on: its history does not fit its definition", "execution", e.ARN, "err", err)
				return s.giveUp(ctx, e, err.Error())
			}
		}
		if len(events) < largestPage {
			break
		}
	}
	s.enlist(l)
	return nil
}

// giveUp ends an execution whose history cannot be continued.
func (s *Service) giveUp(ctx context.Context, e execution, why string) error {
	return s.update(ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec(`UPDATE states_execution SET status = 'FAILED', stopped = ?, error = 'States.Runtime', cause = ? WHERE seq = ?`,
			s.now().UnixMilli(), why, e.Seq)
		s.hotExecutions.Drop(tx, e.ARN)
		tx.Notify(Topic(e.ARN))
		return err
	})
}

// run drives the execution to its end, or until ctx ends.
func (l *loop) run(ctx context.Context) {
	defer l.s.forget(l)
	defer l.forgetStrays(ctx)
	defer l.cancelAll(context.Canceled)
	for {
		now := l.s.now()
		l.x.Advance(now)
		if err := l.persist(ctx); err != nil {
			if ctx.Err() == nil {
				l.s.Log.ErrorContext(ctx, "execution stands still: its history cannot be stored", "execution", l.e.ARN, "err", err)
			}
			return
		}
		if l.x.Status != asl.Running {
			return
		}
		l.launch(ctx)
		if !l.wait(ctx, now) {
			return
		}
	}
}

// wait blocks until something happens to the execution; false when ctx ends.
func (l *loop) wait(ctx context.Context, now time.Time) bool {
	var timer <-chan time.Time
	if l.x.Pending() {
		timer = l.s.Clock.After(0)
	} else if t, ok := l.x.Wake(); ok {
		timer = l.s.Clock.After(t.Sub(now))
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
	case o := <-l.results:
		l.take(o)
	case st := <-l.stops:
		l.x.Abort(st.failure, l.s.now())
		st.done <- l.persist(ctx)
	}
	return true
}

// take applies the outcome of a task.
func (l *loop) take(o outcome) {
	now := l.s.now()
	if c := l.tasks[o.id]; c != nil && !o.submitted {
		c.told = true
	}
	switch {
	case o.submitted:
		l.x.Submit(o.id, o.output, now)
	case o.failure != nil:
		l.x.Fail(o.id, *o.failure, now)
	default:
		l.x.Succeed(o.id, o.output, now)
	}
}

// persist makes the events that the stepper has appended durable. Tasks that no longer wait for an answer are ended first: a job run
// that goes on after its execution was acknowledged as stopped would be a lie, one that stopped a moment too early is not.
func (l *loop) persist(ctx context.Context) error {
	l.reap()
	events := l.x.Take()
	if len(events) == 0 {
		return nil
	}
	packs, err := encode(events)
	if err != nil {
		return err
	}
	l.s.Kill.At("states.commit")
	err = l.s.update(ctx, func(tx *meta.Tx) error {
		if err := insertEvents(tx, l.e.Seq, packs); err != nil {
			return err
		}
		for _, id := range l.over { // their outcome is in the history now: they are not called again
			if err := tx.ForgetCall(l.token(id)); err != nil {
				return err
			}
		}
		tx.Notify(eventsTopic(l.e.ARN))
		return l.s.settle(tx, l)
	})
	if err == nil {
		l.over = nil
		l.s.Kill.At("states.committed")
	}
	return err
}

// reap cancels the calls of tasks that have ended in the history (timed out, aborted) and waits for those that stop something.
func (l *loop) reap() {
	waiting := map[int64]bool{}
	for _, t := range l.x.Tasks() {
		waiting[t.ID] = true
	}
	for id, c := range l.tasks {
		if waiting[id] {
			continue
		}
		delete(l.tasks, id)
		l.over = append(l.over, id)
		c.cancel(errAborted)
		switch {
		case c.sync:
			<-c.ended
		case !c.told:
			l.strays = append(l.strays, c)
		}
	}
}

// cancelAll ends every call when the loop ends.
func (l *loop) cancelAll(cause error) {
	for id, c := range l.tasks {
		delete(l.tasks, id)
		c.cancel(cause)
		<-c.ended
	}
}

// forgetStrays drops what calls have left in the store that ended after their task had.
func (l *loop) forgetStrays(ctx context.Context) {
	if len(l.strays) == 0 || l.x.Status == asl.Running { // what runs goes on at the next start, and needs its answers
		return
	}
	for _, c := range l.strays {
		<-c.ended
	}
	err := l.s.update(ctx, func(tx *meta.Tx) error { return tx.ForgetCalls(l.e.ARN) })
	if err != nil && ctx.Err() == nil {
		l.s.Log.WarnContext(ctx, "the answers of an execution's last calls stay until the next start", "execution", l.e.ARN, "err", err)
	}
}

// launch starts the calls of tasks that have none.
func (l *loop) launch(ctx context.Context) {
	for _, t := range l.x.Tasks() {
		if l.tasks[t.ID] != nil {
			continue
		}
		callCtx, cancel := context.WithCancelCause(ctx)
		c := &call{cancel: cancel, ended: make(chan struct{}), sync: strings.Contains(t.Resource, ".sync")}
		l.tasks[t.ID] = c
		go func() {
			defer close(c.ended)
			defer cancel(nil)
			l.perform(callCtx, t)
		}()
	}
}

// report gives an outcome to the loop, unless the task was cancelled meanwhile.
func (l *loop) report(ctx context.Context, o outcome) bool {
	select {
	case l.results <- o:
		return true
	case <-ctx.Done():
		return false
	}
}

// abort stops the execution and returns once that is durable. An execution that ends by itself meanwhile is left as it is.
func (l *loop) abort(ctx context.Context, f asl.Failure) error {
	st := stop{f, make(chan error, 1)}
	select {
	case l.stops <- st:
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-st.done
}
