package asl

import (
	"penstock/internal/asl/value"
)

const timeLayout = "2006-01-02T15:04:05.000Z"

// scope is what expressions of the state in which s stands can see; its input is the raw input.
func (x *Execution) scope(s *strand) *scope {
	return &scope{state: s.state.Name, entered: s.entered, input: s.input, vars: s.vars, env: x.env,
		context: func() value.Value { return x.context(s, s) }}
}

// context is the context object ($$) in the state of s; item is the strand from which Map.Item is searched upwards.
func (x *Execution) context(s, item *strand) value.Value {
	st := value.NewObject("Name", s.state.Name, "EnteredTime", s.at.Format(timeLayout))
	if t := s.state.Type; t == "Task" || t == "Map" || t == "Parallel" {
		n := s.retries
		if s.by > 0 { // the attempt that is being prepared
			n++
		}
		st.Set("RetryCount", value.Int(n))
	}
	c := value.NewObject(
		"Execution", value.NewObject("Id", x.info.ARN, "Input", x.input, "StartTime", x.started.Format(timeLayout), "Name", x.info.Name,
			"RoleArn", x.info.RoleARN, "RedriveCount", value.Int(0)),
		"StateMachine", value.NewObject("Id", x.info.MachineARN, "Name", x.info.MachineName),
		"State", st)
	for ; item != nil && item.parent != nil; item = item.parent {
		if item.parent.state.Type == "Map" {
			c.Set("Map", value.NewObject("Item", value.NewObject("Index", value.Int(int64(item.index)), "Value", item.item)))
			break
		}
	}
	return c
}
