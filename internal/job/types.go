package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"penstock/internal/child/task"
	"penstock/internal/job/script"
)

// A Definition is a job: what the runtime reads of it, and Raw, what CreateJob or UpdateJob said, word for word.
type Definition struct {
	Name             string            `json:"name"`
	Raw              json.RawMessage   `json:"raw"`
	Created          time.Time         `json:"created"`
	Modified         time.Time         `json:"modified"`
	Role             string            `json:"role"`
	Command          string            `json:"command"`                 // glueetl, pythonshell, ...
	Script           string            `json:"script,omitempty"`        // s3://
	PythonVersion    string            `json:"pythonVersion,omitempty"` // that the job asks for: 3, 3.9
	GlueVersion      string            `json:"glueVersion,omitempty"`
	DefaultArguments map[string]string `json:"defaultArguments,omitempty"`
	FixedArguments   map[string]string `json:"fixedArguments,omitempty"` // NonOverridableArguments
	MaxConcurrent    int               `json:"maxConcurrent"`            // 0 means 1
	MaxRetries       int               `json:"maxRetries"`
	Timeout          time.Duration     `json:"timeout"` // 0: see TimeLimit
	Queuing          bool              `json:"queuing"`
	Flex             bool              `json:"flex,omitempty"` // its ExecutionClass is FLEX
	Size             Size              `json:"size,omitzero"`
}

// PythonShell is the command of a job whose script is plain Python.
const PythonShell = "pythonshell"

// The time limits of jobs that name none: Spark jobs since Glue 5.0, and all others.
const (
	newTimeout = 480 * time.Minute
	oldTimeout = 2880 * time.Minute
)

// TimeLimit is how long a run of the job may take.
func (d *Definition) TimeLimit() time.Duration {
	switch {
	case d.Timeout != 0:
		return d.Timeout
	case d.Command != PythonShell && script.Since5(d.GlueVersion):
		return newTimeout
	}
	return oldTimeout
}

// A State is a job run's.
type State string

// The states of Glue. EXPIRED is never reached here; ERROR is that of a run that a trigger could not start.
const (
	Starting  State = "STARTING"
	Waiting   State = "WAITING"
	Running   State = "RUNNING"
	Stopping  State = "STOPPING"
	Stopped   State = "STOPPED"
	Succeeded State = "SUCCEEDED"
	Failed    State = "FAILED"
	TimedOut  State = "TIMEOUT"
	Errored   State = "ERROR"
)

// WorkerLost is the detail of a run that FAILED because its worker died: a code for who has to tell that from a failure of the run's own.
const WorkerLost = "WORKER_LOST"

// Final reports whether a run in this state is over.
func (s State) Final() bool {
	return s == Stopped || s == Succeeded || s == Failed || s == TimedOut || s == Errored
}

// A Run is a run of a job.
type Run struct {
	ID         string            `json:"id"`
	Job        string            `json:"job"`
	Attempt    int               `json:"attempt"`
	Previous   string            `json:"previous,omitempty"`
	State      State             `json:"state"`
	Detail     string            `json:"detail,omitempty"` // why it waits, or WorkerLost
	Started    time.Time         `json:"started"`
	Modified   time.Time         `json:"modified"`
	Completed  time.Time         `json:"completed,omitzero"`
	Began      time.Time         `json:"began,omitzero"` // first RUNNING
	Arguments  map[string]string `json:"arguments,omitempty"`
	Raw        json.RawMessage   `json:"raw,omitempty"` // what else StartJobRun said
	Timeout    time.Duration     `json:"timeout"`
	Definition Definition        `json:"definition"` // as it was when the run was started
	Error      string            `json:"error,omitempty"`
	Result     *task.Result      `json:"result,omitempty"`
	// Published is set by the publish transaction; the run's output is then visible, whatever happens after.
	Published *task.Published `json:"published,omitempty"`
	Queued    bool            `json:"queued,omitempty"` // waits for MaxConcurrent, not for the machine
	// AccessKey is the temporary key that the run's script has, or had.
	AccessKey string `json:"accessKey,omitempty"`
	// Trigger has started the run, when Predecessors had ended.
	Trigger      string        `json:"trigger,omitempty"`
	Predecessors []Predecessor `json:"predecessors,omitempty"`
	Delayed      bool          `json:"delayed,omitempty"` // it takes longer than NotifyDelayAfter
	Notify       float64       `json:"notify,omitempty"`  // NotifyDelayAfter, in minutes
}

// A Predecessor is a run of a job whose end has made a trigger start another.
type Predecessor struct {
	Job string `json:"job"`
	Run string `json:"run"`
}

// Seconds is how long the run executed, up to now if it still does.
func (r *Run) Seconds(now time.Time) int32 {
	if r.Began.IsZero() {
		return 0
	}
	if !r.Completed.IsZero() {
		now = r.Completed
	}
	return int32(now.Sub(r.Began).Seconds())
}

// DPUSeconds is what a run is billed by on AWS whose workers may be fewer than it asks for (class FLEX, auto scaling), and whether it is
// such a run. Here it is the time times what the run asks for, which is the most that AWS would say.
func (r *Run) DPUSeconds(now time.Time) (float64, bool) {
	if r.Began.IsZero() || !r.Definition.Flex && r.arguments()["--enable-auto-scaling"] != "true" {
		return 0, false
	}
	return float64(r.Seconds(now)) * r.Definition.Capacity(), true
}

// Topic is the watch topic that fires when the run changes its state.
func Topic(runID string) string { return "jobrun/" + runID }

// Errors that callers tell apart.
var (
	ErrNotFound    = errors.New("not found")
	ErrExists      = errors.New("already exists")
	ErrConcurrent  = errors.New("concurrent runs exceeded")
	errStopped     = errors.New("stopped by BatchStopJobRun")
	errTimedOut    = errors.New("timed out")
	errStaleEpoch  = errors.New("the server that started this worker has ended")
	errNotOngoing  = errors.New("the job run is over")
	errNotStopping = errors.New("the job run cannot be stopped in its state")
)

func noJob(name string) error { return fmt.Errorf("job %q: %w", name, ErrNotFound) }

func noRun(id string) error { return fmt.Errorf("job run %q: %w", id, ErrNotFound) }
