// Package asl is the Amazon States Language with JSONPath: it parses and checks definitions and steps executions. It is pure: no
// I/O, no clock, no goroutines. An Execution is a fold over the events of its history: Apply changes its state by one event, Advance
// appends the events that follow without waiting for anything, and what comes from outside (a task's result, an abort) is one event
// too. So a history cut at any event is a complete state from which another process goes on.
//
// Specification: https://states-language.net; texts and event order as AWS Step Functions records them. Not here: JSONata,
// distributed Map, activities and task tokens (refused by name when a definition is parsed or its resources are checked), and how a
// task is run (package service/states).
package asl

import (
	"time"

	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// MaxData is the largest input, output or result in bytes of UTF-8.
const MaxData = 262144

// MaxEvents is the largest number of events in one history.
const MaxEvents = 25000

// A Machine is a parsed definition.
type Machine struct {
	Block
	Comment string
	Timeout time.Duration // 0: none
	// Variables are the variables that states refer to, by state, sorted.
	Variables map[string][]string
}

// A Block is a set of states with a start: a machine, a branch of a Parallel state, or the item processor of a Map state.
type Block struct {
	StartAt string
	States  map[string]*State
	Names   []string // in the order of the definition
}

// A State is one state; which members are set depends on Type.
type State struct {
	Name, Type string
	Next       string // "" when the state ends its block
	Input      field  // InputPath
	Output     field  // OutputPath
	Result     field  // ResultPath, a reference path
	Parameters *template
	Selector   *template // ResultSelector
	Assign     *template

	Fixed    value.Value // Pass: Result
	HasFixed bool

	Resource                   string
	Timeout, Heartbeat         int64 // seconds; 0: none
	TimeoutPath, HeartbeatPath *jsonpath.Path
	Choices                    []choice
	Default                    string
	Seconds                    int64
	Timestamp                  time.Time
	hasSeconds                 bool
	SecondsPath, TimestampPath *jsonpath.Path
	Error, Cause               string
	ErrorExpr, CauseExpr       *expr
	ItemsPath                  *jsonpath.Path
	ItemSelector               *template
	MaxConcurrency             int64
	MaxConcurrencyPath         *jsonpath.Path
	Processor                  *Block
	Branches                   []*Block
	Retry                      []retrier
	Catch                      []catcher
}

// A field is InputPath, OutputPath or ResultPath: a path, null, or absent.
type field struct {
	path *jsonpath.Path
	null bool
}

type retrier struct {
	errors                     []string
	interval, attempts, maxGap int64
	backoff                    float64
	jitter                     bool
}

type catcher struct {
	errors []string
	next   string
	result field
	assign *template
}

// A Failure is the error that a state, a branch or an execution ended with.
type Failure struct {
	Error, Cause string
}

// A Diagnostic is a mistake in a definition.
type Diagnostic struct {
	Code     string // "SCHEMA_VALIDATION_FAILED"
	Message  string
	Location string // "/States/A/Next"
	Warning  bool
}

// String is the diagnostic as AWS writes it into InvalidDefinition, where one without a location is at null.
func (d Diagnostic) String() string {
	s := d.Code
	if d.Message != "" {
		s += ": " + d.Message
	}
	switch {
	case d.Location != "":
		return s + " at " + d.Location
	case d.Code == invalidJSON:
		return s // its text says where
	}
	return s + " at null"
}
