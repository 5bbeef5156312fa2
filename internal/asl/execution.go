package asl

import (
	"fmt"
	"strings"
	"time"

	"penstock/internal/asl/value"
)

// Info is what the context object says of an execution and its machine.
type Info struct {
	ARN, Name, RoleARN      string
	MachineARN, MachineName string
}

// Env gives the stepper what is random.
type Env struct {
	UUID   func() string
	Random func(n int64) int64 // in [0, n)
}

// A Status is the state of an execution as AWS names it.
type Status string

// The states of an execution.
const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// An Execution is the state that a history leads to. It is not safe for concurrent use.
type Execution struct {
	Status  Status
	Output  string  // JSON, when SUCCEEDED
	Failure Failure // when FAILED, TIMED_OUT or ABORTED

	machine *Machine
	info    Info
	env     Env
	last    int64 // id of the last event
	started time.Time
	input   value.Value
	// inputText is the input as it was given; the first state shows it unchanged.
	inputText string
	root      *strand
	strands   map[string]*strand
	now       time.Time
	until     int64 // Advance appends no event behind this id
	pending   bool
	fresh     []*Event // appended since the caller last took them
}

// New returns an execution without events. Start it with Start, or Apply the events of its history.
func New(m *Machine, info Info, env Env) *Execution {
	return &Execution{Status: Running, machine: m, info: info, env: env, strands: map[string]*strand{}}
}

// Start appends ExecutionStarted. input is JSON text and kept as it is.
func (x *Execution) Start(input string, now time.Time) error {
	if _, err := value.Parse(input); err != nil {
		return fmt.Errorf("execution input: %w", err)
	}
	x.now = now
	x.add(&Event{Type: ExecutionStarted, Input: input})
	return nil
}

// A phase is where a strand stands.
type phase int

const (
	ready    phase = iota // next is to be entered
	entered               // a state was entered and nothing else has happened
	waiting               // a Wait state waits for until
	sched                 // TaskScheduled
	running               // TaskStarted: the answer comes from outside
	answered              // TaskSucceeded: result is to be passed on
	compound              // Map or Parallel: children run
	gathered              // Map or ParallelStateSucceeded
	broken                // failure is to be retried, caught or passed up
	paused                // a retry waits for until
	givenUp               // Map or ParallelStateFailed: failure is to be caught or passed up
	ended                 // the block is done: input holds its output
	failed                // the failure went up to the parent
)

// A strand is one line of states: the execution's own, a branch, or an iteration.
type strand struct {
	id     string
	parent *strand
	index  int
	block  *Block
	vars   map[string]value.Value // never changed, only replaced
	item   value.Value            // of an iteration

	phase   phase
	next    string
	state   *State
	entered int64
	at      time.Time   // when the state was entered
	input   value.Value // raw input of the state, or of the next one
	prev    int64       // the event that the next one follows
	lastAt  time.Time   // of the strand's last event
	until   time.Time

	fail    *Failure
	tried   []int // attempts by retrier, since the state was entered
	retries int64
	by      int // 1 + the retrier that asks for the next start

	task     task
	result   value.Value
	items    []value.Value
	children []*strand
	limit    int
	running  int
	done     int
	// childBroke says that fail came from a branch or an iteration and not from the state's own evaluation.
	childBroke bool
	counted    bool  // of an iteration: its end has its event
	begun      int64 // MapStateStarted or ParallelStateStarted
	free       int64 // the event before the last end of an iteration: a slot that it freed is filled after it
}

// A task is what a Task state has scheduled.
type task struct {
	event     Event // TaskScheduled
	submitted bool
	output    string // of TaskSubmitted
	deadline  time.Time
}

// A Task is a task that was started and has not ended.
type Task struct {
	ID         int64 // of the TaskScheduled event: the task's identity
	Service    string
	Resource   string
	Parameters string // JSON
	Submitted  string // output of TaskSubmitted as JSON, or ""
	Deadline   time.Time
}

// Tasks lists the tasks that wait for an answer, in the order in which they were scheduled.
func (x *Execution) Tasks() []Task {
	var out []Task
	if x.Status != Running || x.root == nil {
		return nil
	}
	x.root.each(func(s *strand) {
		if s.phase == running {
			e := &s.task.event
			out = append(out, Task{e.ID, e.Service, e.Resource, e.Parameters, s.task.output, s.task.deadline})
		}
	})
	return out
}

// each visits the living strands, parents first.
func (s *strand) each(f func(*strand)) {
	if s.phase == ended || s.phase == failed {
		return
	}
	f(s)
	if s.phase == compound {
		for _, c := range s.children {
			if c != nil {
				c.each(f)
			}
		}
	}
}

// Wake is when Advance has something to do without an event from outside; ok is false when only one can go on.
func (x *Execution) Wake() (t time.Time, ok bool) {
	if x.Status != Running || x.root == nil {
		return t, false
	}
	earliest := func(c time.Time) {
		if !c.IsZero() && (!ok || c.Before(t)) {
			t, ok = c, true
		}
	}
	if x.machine.Timeout > 0 {
		earliest(x.started.Add(x.machine.Timeout))
	}
	x.root.each(func(s *strand) {
		switch s.phase {
		case waiting, paused:
			earliest(s.until)
		case running:
			earliest(s.task.deadline)
		}
	})
	return t, ok
}

// Take returns the events that were appended since the last call; the caller makes them durable before it starts a task.
func (x *Execution) Take() []*Event {
	e := x.fresh
	x.fresh = nil
	return e
}

// Now is the time of the last step.
func (x *Execution) Now() time.Time { return x.now }

// Last is the id of the last event.
func (x *Execution) Last() int64 { return x.last }

// find returns the strand whose task was scheduled with the event id, while it waits for an answer.
func (x *Execution) find(id int64) *strand {
	var out *strand
	if x.Status == Running && x.root != nil {
		x.root.each(func(s *strand) {
			if s.phase == running && s.task.event.ID == id {
				out = s
			}
		})
	}
	return out
}

// Submit says that the service took the task and answered output; the task goes on.
func (x *Execution) Submit(id int64, output string, now time.Time) {
	if s := x.find(id); s != nil && !s.task.submitted {
		x.now = now
		x.add(&Event{Type: TaskSubmitted, Scope: s.id, Output: output, Service: s.task.event.Service, Resource: s.task.event.Resource})
	}
}

// Succeed ends a task with its result as JSON. A task that waits no longer (timed out, aborted) is left alone.
func (x *Execution) Succeed(id int64, output string, now time.Time) {
	s := x.find(id)
	if s == nil {
		return
	}
	x.now = now
	if _, err := value.Parse(output); err != nil {
		x.Fail(id, Failure{errTaskFailed, fmt.Sprintf("the result is not JSON: %v", err)}, now)
		return
	}
	if f := limit(s.task.event.Service, []byte(output)); f != nil {
		x.Fail(id, *f, now)
		return
	}
	x.add(&Event{Type: TaskSucceeded, Scope: s.id, Output: output, Service: s.task.event.Service, Resource: s.task.event.Resource})
}

// maxError and maxCause are how much of an error AWS keeps, in bytes.
const (
	maxError = 256
	maxCause = 32768
)

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// Fail ends a task with an error.
func (x *Execution) Fail(id int64, f Failure, now time.Time) {
	if s := x.find(id); s != nil {
		x.now = now
		f.Error, f.Cause = cut(f.Error, maxError), cut(f.Cause, maxCause)
		x.add(&Event{Type: TaskFailed, Scope: s.id, Error: f.Error, Cause: f.Cause, Service: s.task.event.Service,
			Resource: s.task.event.Resource})
	}
}

// Abort ends the execution, as StopExecution does.
func (x *Execution) Abort(f Failure, now time.Time) {
	if x.Status == Running {
		x.now = now
		x.add(&Event{Type: ExecutionAborted, Error: f.Error, Cause: f.Cause})
	}
}
