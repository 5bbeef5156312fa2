package asl

import (
	"time"

	"penstock/internal/asl/value"
)

// An Event is one entry of an execution's history. Scope, Next, Retrier and, for events that do not show them, Error and Cause are
// what the fold needs beyond what AWS answers in GetExecutionHistory.
type Event struct {
	ID   int64  `json:"-"`
	Prev int64  `json:"p,omitempty"`
	Time int64  `json:"-"` // milliseconds since 1970, UTC
	Type string `json:"-"`

	Scope   string `json:"s,omitempty"` // "" is the execution's own strand
	Next    string `json:"x,omitempty"` // of exits: the state that follows
	Retrier int    `json:"r,omitempty"` // of starts: 1 + index of the retrier that asked for it; 0: the first start

	Name       string            `json:"n,omitempty"` // of the state
	Input      string            `json:"i,omitempty"` // JSON
	Output     string            `json:"o,omitempty"` // JSON
	Assigned   map[string]string `json:"v,omitempty"` // variables as JSON
	Index      int               `json:"k,omitempty"`
	Length     int               `json:"l,omitempty"`
	Error      string            `json:"e,omitempty"`
	Cause      string            `json:"c,omitempty"`
	Resource   string            `json:"u,omitempty"` // "startJobRun.sync"
	Service    string            `json:"t,omitempty"` // resourceType: "glue", "aws-sdk:s3"
	Parameters string            `json:"a,omitempty"` // JSON
	Timeout    int64             `json:"d,omitempty"` // seconds
	Heartbeat  int64             `json:"h,omitempty"` // seconds

	val  value.Value            // Input or Output or Parameters, when the event was made here
	vars map[string]value.Value // Assigned, likewise
}

// Types of events that come from outside the stepper.
const (
	ExecutionStarted = "ExecutionStarted"
	ExecutionAborted = "ExecutionAborted"
	TaskSubmitted    = "TaskSubmitted"
	TaskSucceeded    = "TaskSucceeded"
	TaskFailed       = "TaskFailed"
)

// At is the time of the event.
func (e *Event) At() time.Time { return time.UnixMilli(e.Time).UTC() }

// parsed is the value of a member of the event that holds JSON.
func (e *Event) parsed(text string) (value.Value, error) {
	if e.val != nil {
		return e.val, nil
	}
	return value.Parse(text)
}
