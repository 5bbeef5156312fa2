package flow

import (
	"fmt"
	"log/slog"
	"time"

	"penstock/internal/clock"
	"penstock/internal/killpoint"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// A Kind is that of a node of a workflow.
type Kind string

// The kinds.
const (
	Job     Kind = "JOB"
	Crawler Kind = "CRAWLER"
	Node    Kind = "TRIGGER"
)

// Types of triggers.
const (
	OnDemand    = "ON_DEMAND"
	Scheduled   = "SCHEDULED"
	Conditional = "CONDITIONAL"
)

// States of triggers. The others of AWS last here no time that anybody could see.
const (
	Created     = "CREATED"
	Activated   = "ACTIVATED"
	Deactivated = "DEACTIVATED"
)

// A Trigger starts jobs and crawlers.
type Trigger struct {
	Name        string      `json:"name"`
	Workflow    string      `json:"workflow,omitempty"`
	Type        string      `json:"type"`
	State       string      `json:"state"`
	Description string      `json:"description,omitempty"`
	Schedule    string      `json:"schedule,omitempty"`
	Logical     string      `json:"logical,omitempty"` // "AND", "ANY", or "" with one condition
	Conditions  []Condition `json:"conditions,omitempty"`
	Actions     []Action    `json:"actions"`
	// Generation counts the changes that make what waits in the queue of schedules void.
	Generation int64 `json:"generation"`
}

// A Condition holds when a job's run or a crawl has ended in a state, as the API names it: SUCCEEDED, FAILED, STOPPED, TIMEOUT; CANCELLED.
type Condition struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// An Action is what a trigger starts. Of a crawler it has the name only.
type Action struct {
	Kind      Kind              `json:"kind"`
	Name      string            `json:"name"`
	Arguments map[string]string `json:"arguments,omitempty"`
	Timeout   int32             `json:"timeout,omitempty"` // minutes
	Notify    int32             `json:"notify,omitempty"`  // NotifyDelayAfter, in minutes
}

// A Workflow is triggers that belong together; they name it.
type Workflow struct {
	Name          string            `json:"name"`
	Description   string            `json:"description,omitempty"`
	Properties    map[string]string `json:"properties,omitempty"`    // that its runs begin with
	MaxConcurrent int32             `json:"maxConcurrent,omitempty"` // 0 is no bound
	Created       time.Time         `json:"created"`
	Modified      time.Time         `json:"modified"`
}

// States of runs.
const (
	Running   = "RUNNING"
	Completed = "COMPLETED"
	Stopping  = "STOPPING"
	Stopped   = "STOPPED"
	Errored   = "ERROR" // of a run that could not be started, and of a task
)

// A Run is what one firing has led to.
type Run struct {
	ID         string            `json:"id"`
	Workflow   string            `json:"workflow,omitempty"` // "": nobody sees it
	Previous   string            `json:"previous,omitempty"` // that it has resumed
	State      string            `json:"state"`
	Error      string            `json:"error,omitempty"` // why it could not be started
	Started    time.Time         `json:"started"`
	Ended      time.Time         `json:"ended,omitzero"`
	Properties map[string]string `json:"properties,omitempty"`
	Triggers   []Trigger         `json:"triggers,omitempty"` // of the workflow, as they were when it began
	Fired      []string          `json:"fired,omitempty"`    // names of the triggers that have
	Tasks      []Task            `json:"tasks,omitempty"`
}

// A Task is what an action has started in a run.
type Task struct {
	Kind    Kind     `json:"kind"`
	Name    string   `json:"name"`
	Trigger string   `json:"trigger"`
	IDs     []string `json:"ids,omitempty"`     // of the job run and its further attempts, of the crawl; none when it could not be started
	State   string   `json:"state,omitempty"`   // at its end: a Condition's, or Errored when it could not be started
	Error   string   `json:"error,omitempty"`   // why it could not
	Earlier bool     `json:"earlier,omitempty"` // it was the task of the run that this one resumes
}

// A Start asks Work for a job run or a crawl.
type Start struct {
	Action
	Trigger      string
	Predecessors []Ref
}

// A Ref is a job run or a crawl.
type Ref struct {
	Kind     Kind
	Name, ID string
}

// Work is what triggers start. Its methods are called in transactions.
type Work interface {
	// Has reports whether there is a job or a crawler of the name.
	Has(tx *meta.Tx, k Kind, name string) (bool, error)
	// Start starts. What cannot be started is no error: refused says why, and id is that of the record of it, if there is one.
	Start(tx *meta.Tx, s Start) (id, refused string, err error)
	// Stop asks a run to stop; one that is over is no error.
	Stop(tx *meta.Tx, r Ref) error
	// Waits reports whether a job run that is not over waits for its job's MaxConcurrentRuns or the machine.
	Waits(tx *meta.Tx, r Ref) (bool, error)
}

// Options are what flows stand on.
type Options struct {
	Meta   *meta.Store
	Region string
	Clock  clock.Clock
	Log    *slog.Logger
	Kill   killpoint.Hook
}

// KillPoints are the points of this package that crash tests kill at.
var KillPoints = []string{"flow.in-transaction"}

// Flows are the triggers and workflows of the account in one region.
type Flows struct {
	o     Options
	work  Work
	queue *due.Queue
}

// New returns the flows. Bind must be called before anything is started, and Run makes schedules fire.
func New(o Options) *Flows {
	f := &Flows{o: o}
	f.queue = due.New(o.Meta, f.schedules())
	return f
}

// Bind says what triggers start: jobs and crawlers, which themselves are told whom to tell of their ends.
func (f *Flows) Bind(w Work) { f.work = w }

// A Reason is why an operation is refused.
type Reason int

// The reasons.
const (
	NotFound Reason = iota + 1
	Exists
	Invalid
	Concurrent // too many runs of a workflow
	Illegal    // not in this state of a run
)

// An Error is a refusal; Text is for the caller.
type Error struct {
	Reason Reason
	Text   string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

func errorf(r Reason, format string, args ...any) *Error {
	return &Error{r, fmt.Sprintf(format, args...)}
}
