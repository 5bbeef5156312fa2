package asl_test

import (
	"strings"

	"penstock/internal/asl"
)

// shape is one of our events in the form of GetExecutionHistory.
func shape(e *asl.Event) map[string]any {
	truncated := map[string]any{"truncated": false}
	d := map[string]any{}
	key := e.Type
	switch {
	case e.Type == "ExecutionStarted":
		d["input"], d["inputDetails"] = e.Input, truncated
	case strings.HasSuffix(e.Type, "StateEntered"):
		key = "StateEntered"
		d["name"], d["input"], d["inputDetails"] = e.Name, e.Input, truncated
	case strings.HasSuffix(e.Type, "StateExited"):
		key = "StateExited"
		d["name"], d["output"], d["outputDetails"] = e.Name, e.Output, truncated
		if len(e.Assigned) > 0 {
			vars := map[string]any{}
			for k, v := range e.Assigned {
				vars[k] = v
			}
			d["assignedVariables"], d["assignedVariablesDetails"] = vars, truncated
		}
	case e.Type == "ExecutionSucceeded":
		d["output"], d["outputDetails"] = e.Output, truncated
	case e.Type == "ExecutionFailed", e.Type == "ExecutionAborted":
		if e.Error != "" {
			d["error"] = e.Error
		}
		if e.Cause != "" {
			d["cause"] = e.Cause
		}
	case e.Type == "MapStateStarted":
		d["length"] = float64(e.Length)
	case strings.HasPrefix(e.Type, "Task"):
		taskShape(e, d)
	case strings.HasPrefix(e.Type, "MapIteration"):
		d["name"], d["index"] = e.Name, float64(e.Index)
	default:
		return map[string]any{"type": e.Type}
	}
	return map[string]any{"type": e.Type, strings.ToLower(key[:1]) + key[1:] + "EventDetails": d}
}

func taskShape(e *asl.Event, d map[string]any) {
	d["resource"], d["resourceType"] = e.Resource, e.Service
	switch e.Type {
	case "TaskScheduled":
		d["parameters"], d["region"] = e.Parameters, "us-east-1"
		if e.Timeout > 0 {
			d["timeoutInSeconds"] = float64(e.Timeout)
		}
		if e.Heartbeat > 0 {
			d["heartbeatInSeconds"] = float64(e.Heartbeat)
		}
	case asl.TaskSubmitted, asl.TaskSucceeded:
		d["output"], d["outputDetails"] = e.Output, map[string]any{"truncated": false}
	case asl.TaskFailed, "TaskTimedOut":
		if e.Error != "" {
			d["error"] = e.Error
		}
		if e.Cause != "" {
			d["cause"] = e.Cause
		}
	}
}
