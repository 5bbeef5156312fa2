package states

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/asl"
)

// writer puts events into the form of GetExecutionHistory.
type writer struct {
	role, region string
	data         bool // IncludeExecutionData
}

func (w writer) text(s string) *string {
	if !w.data {
		return nil
	}
	return &s
}

func (w writer) details() *types.HistoryEventExecutionDataDetails {
	if !w.data {
		return nil
	}
	return &types.HistoryEventExecutionDataDetails{Truncated: false}
}

func (w writer) event(e *asl.Event) types.HistoryEvent {
	out := types.HistoryEvent{Id: e.ID, PreviousEventId: e.Prev, Timestamp: aws.Time(e.At()), Type: types.HistoryEventType(e.Type)}
	switch {
	case strings.HasSuffix(e.Type, "StateEntered"):
		out.StateEnteredEventDetails = &types.StateEnteredEventDetails{Name: &e.Name, Input: w.text(e.Input), InputDetails: w.details()}
	case strings.HasSuffix(e.Type, "StateExited"):
		d := &types.StateExitedEventDetails{Name: &e.Name, Output: w.text(e.Output), OutputDetails: w.details()}
		if len(e.Assigned) > 0 && w.data {
			d.AssignedVariables = e.Assigned
			d.AssignedVariablesDetails = &types.AssignedVariablesDetails{Truncated: false}
		}
		out.StateExitedEventDetails = d
	case strings.HasPrefix(e.Type, "Execution"):
		w.execution(e, &out)
	case strings.HasPrefix(e.Type, "MapIteration"):
		w.iteration(e, &out)
	case e.Type == "MapStateStarted":
		out.MapStateStartedEventDetails = &types.MapStateStartedEventDetails{Length: int32(e.Length)}
	case strings.HasPrefix(e.Type, "Task"):
		w.task(e, &out)
	}
	return out
}

func (w writer) execution(e *asl.Event, out *types.HistoryEvent) {
	switch e.Type {
	case asl.ExecutionStarted:
		out.ExecutionStartedEventDetails = &types.ExecutionStartedEventDetails{Input: w.text(e.Input),
			InputDetails: w.details(), RoleArn: &w.role}
	case "ExecutionSucceeded":
		out.ExecutionSucceededEventDetails = &types.ExecutionSucceededEventDetails{Output: w.text(e.Output), OutputDetails: w.details()}
	case "ExecutionFailed":
		out.ExecutionFailedEventDetails = &types.ExecutionFailedEventDetails{Error: optional(e.Error), Cause: optional(e.Cause)}
	case "ExecutionTimedOut":
		out.ExecutionTimedOutEventDetails = &types.ExecutionTimedOutEventDetails{Error: optional(e.Error), Cause: optional(e.Cause)}
	case asl.ExecutionAborted:
		out.ExecutionAbortedEventDetails = &types.ExecutionAbortedEventDetails{Error: optional(e.Error), Cause: optional(e.Cause)}
	}
}

func (w writer) iteration(e *asl.Event, out *types.HistoryEvent) {
	d := &types.MapIterationEventDetails{Name: &e.Name, Index: int32(e.Index)}
	switch e.Type {
	case "MapIterationStarted":
		out.MapIterationStartedEventDetails = d
	case "MapIterationSucceeded":
		out.MapIterationSucceededEventDetails = d
	case "MapIterationFailed":
		out.MapIterationFailedEventDetails = d
	case "MapIterationAborted":
		out.MapIterationAbortedEventDetails = d
	}
}

func (w writer) task(e *asl.Event, out *types.HistoryEvent) {
	switch e.Type {
	case "TaskScheduled":
		d := &types.TaskScheduledEventDetails{Resource: &e.Resource, ResourceType: &e.Service, Region: &w.region,
			Parameters: w.text(e.Parameters)}
		if e.Timeout > 0 {
			d.TimeoutInSeconds = &e.Timeout
		}
		if e.Heartbeat > 0 {
			d.HeartbeatInSeconds = &e.Heartbeat
		}
		out.TaskScheduledEventDetails = d
	case "TaskStarted":
		out.TaskStartedEventDetails = &types.TaskStartedEventDetails{Resource: &e.Resource, ResourceType: &e.Service}
	case asl.TaskSubmitted:
		out.TaskSubmittedEventDetails = &types.TaskSubmittedEventDetails{Resource: &e.Resource, ResourceType: &e.Service,
			Output: w.text(e.Output), OutputDetails: w.details()}
	case asl.TaskSucceeded:
		out.TaskSucceededEventDetails = &types.TaskSucceededEventDetails{Resource: &e.Resource, ResourceType: &e.Service,
			Output: w.text(e.Output), OutputDetails: w.details()}
	case asl.TaskFailed:
		out.TaskFailedEventDetails = &types.TaskFailedEventDetails{Resource: &e.Resource, ResourceType: &e.Service,
			Error: optional(e.Error), Cause: optional(e.Cause)}
	case "TaskTimedOut":
		out.TaskTimedOutEventDetails = &types.TaskTimedOutEventDetails{Resource: &e.Resource, ResourceType: &e.Service,
			Error: optional(e.Error), Cause: optional(e.Cause)}
	}
}
