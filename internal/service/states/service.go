// Package states is AWS Step Functions with STANDARD state machines: machines, executions and their histories, and the loop that
// drives executions. What a definition means is package asl; this package keeps histories in the metadata store, runs tasks through
// api.Invoker, and continues after a kill.
//
// The order is: the events of a step are durable before a task of theirs starts, and each call for a task carries the execution's ARN and
// the task's event id as its token, so that a repeat after a crash is given the first answer (docs/design/0003-tokens.md). Nothing polls at
// a fixed interval: a loop wakes for a result, for the time that a Wait, a retry or a timeout names, or for a stop.
//
// Kill points: states.started (StartExecution is durable), states.commit and states.committed (before and after the events of a step
// are durable), states.invoked (a task's call has answered and nothing of it is stored).
//
// Not here, and refused by name: EXPRESS machines, making versions and aliases, activities, task tokens, map runs, redrive, TestState,
// JSONata.
package states

import (
	"context"
	"maps"
	"sync"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/asl"
	"penstock/internal/meta"
	"penstock/internal/meta/hot"
	"penstock/internal/module"
)

// A Service is the Step Functions API and the loops of its executions.
type Service struct {
	module.Env
	topics map[string]func(id string) string
	calls  chan struct{} // one token for each call of a task that may run at once

	mu    sync.Mutex
	live  map[int64]*loop // executions whose loop runs or waits for Run
	fresh []*loop         // those that wait for Run to begin their loop
	wake  chan struct{}   // Run looks at fresh

	machines map[string]*asl.Machine // parsed definitions by revision

	hotMachines   *hot.Map[string, machine]   // by ARN
	hotExecutions *hot.Map[string, execution] // by ARN
}

const (
	// hotBytes is what machines and executions may take of memory, each.
	hotBytes = 16 << 20
	// maxRunning is how many executions may run at once; one more is refused with ExecutionLimitExceeded.
	maxRunning = 10000
	// maxCalls is how many tasks call a service at once; the others wait for a place.
	maxCalls = 256
)

// New makes the service; Run drives its executions. topics name the watch topic in Env.Meta that fires when what a .sync task has started,
// by the operation that starts it ("glue.StartJobRun"), changes its state. When Env.Invoker has the method Op of api.Table,
// CreateStateMachine asks it whether the operation of each task is served.
func New(env module.Env, topics map[string]func(id string) string) *Service {
	all := map[string]func(string) string{"states.StartExecution": Topic}
	maps.Copy(all, topics)
	return &Service{Env: env, topics: all, calls: make(chan struct{}, maxCalls), live: map[int64]*loop{}, machines: map[string]*asl.Machine{},
		wake:          make(chan struct{}, 1),
		hotMachines:   hot.New(env.Meta, hotBytes, func(_ string, m machine) int { return 500 + len(m.Definition) }),
		hotExecutions: hot.New(env.Meta, hotBytes, func(_ string, e execution) int { return 700 + len(e.Input) + len(e.Output) + len(e.Cause) })}
}

// Module is what the server runs.
func (s *Service) Module() module.Module {
	return module.Module{API: s.API(), Schema: Schema, Run: s.Run}
}

// API is the service's operations.
func (s *Service) API() api.Service {
	return api.Service{Name: "states", Access: access(), SDK: "Sfn", Ops: []api.Op{
		api.Handle(s.CreateStateMachine, api.Honours("Definition", "Name", "RoleArn", "Type", "Tags[].Key", "Tags[].Value",
			"LoggingConfiguration.Level", "TracingConfiguration.Enabled"), api.Holds("EncryptionConfiguration.Type", "AWS_OWNED_KEY"),
			api.Inert("LoggingConfiguration.IncludeExecutionData", "stored and returned; logging is off")),
		api.Handle(s.DescribeStateMachine, api.Honours("StateMachineArn", "IncludedData")),
		api.Handle(s.UpdateStateMachine,
			api.Honours("StateMachineArn", "Definition", "RoleArn", "LoggingConfiguration.Level", "TracingConfiguration.Enabled"),
			api.Holds("EncryptionConfiguration.Type", "AWS_OWNED_KEY"),
			api.Inert("LoggingConfiguration.IncludeExecutionData", "stored and returned; logging is off")),
		api.Handle(s.DeleteStateMachine, api.Honours("StateMachineArn")),
		api.Handle(s.ListStateMachines, api.Honours("MaxResults", "NextToken")),
		api.Handle(s.ListStateMachineVersions, api.Honours("StateMachineArn", "NextToken"), api.Inert("MaxResults", "no machine has versions")),
		api.Handle(s.ValidateStateMachineDefinition, api.Honours("Definition", "Type", "MaxResults", "Severity")),
		api.Handle(s.TagResource, api.Honours("ResourceArn", "Tags[].Key", "Tags[].Value")),
		api.Handle(s.UntagResource, api.Honours("ResourceArn", "TagKeys[]")),
		api.Handle(s.ListTagsForResource, api.Honours("ResourceArn")),
		api.Handle(s.StartExecution, api.Honours("StateMachineArn", "Name", "Input"),
			api.Inert("TraceHeader", "stored and returned; nothing is traced")),
		api.Handle(s.DescribeExecution, api.Honours("ExecutionArn", "IncludedData")),
		api.Handle(s.ListExecutions, api.Honours("StateMachineArn", "StatusFilter", "MaxResults", "NextToken"),
			api.Holds("RedriveFilter", "NOT_REDRIVEN")),
		api.Handle(s.GetExecutionHistory, api.Honours("ExecutionArn", "MaxResults", "NextToken", "ReverseOrder", "IncludeExecutionData")),
		api.Handle(s.StopExecution, api.Honours("ExecutionArn", "Error", "Cause")),
		api.Handle(s.DescribeStateMachineForExecution, api.Honours("ExecutionArn", "IncludedData")),
	}}
}

func (s *Service) machineARN(name string) string {
	return arn.New("states", s.Region, s.Account, "stateMachine:"+name).String()
}

func (s *Service) executionARN(machine, name string) string {
	return arn.New("states", s.Region, s.Account, "execution:"+machine+":"+name).String()
}

// view and update shorten the two calls of the metadata store.
func (s *Service) view(ctx context.Context, fn func(*meta.Tx) error) error {
	return s.Meta.View(ctx, fn)
}

func (s *Service) update(ctx context.Context, fn func(*meta.Tx) error) error {
	return s.Meta.Update(ctx, fn)
}

// KillPoints are the points of this package that crash tests kill at.
var KillPoints = []string{"states.started", "states.commit", "states.committed", "states.invoked"}
