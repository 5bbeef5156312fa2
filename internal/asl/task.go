package asl

import (
	"strings"

	"penstock/internal/asl/value"
)

// split cuts "arn:aws:states:::aws-sdk:s3:getObject" into AWS's resourceType and resource.
func split(resource string) (service, op string) {
	rest, _ := strings.CutPrefix(resource, "arn:aws:states:::")
	i := strings.Index(rest, ":")
	if strings.HasPrefix(rest, "aws-sdk:") {
		if j := strings.Index(rest[len("aws-sdk:"):], ":"); j >= 0 {
			i = len("aws-sdk:") + j
		}
	}
	if i < 0 {
		return "", rest
	}
	return rest[:i], rest[i+1:]
}

// schedule appends TaskScheduled.
func (x *Execution) schedule(s *strand, sc *scope) *Failure {
	st := s.state
	timeout, f := seconds(sc, st.TimeoutPath, "TimeoutSecondsPath", st.Timeout)
	if f != nil {
		return f
	}
	heartbeat, f := seconds(sc, st.HeartbeatPath, "HeartbeatSecondsPath", st.Heartbeat)
	if f != nil {
		return f
	}
	params := sc.input
	if st.Parameters != nil {
		if params, f = sc.fill(st.Parameters); f != nil {
			return f
		}
	}
	text := value.Append(nil, params)
	if f := limit(st.Name, text); f != nil {
		return f
	}
	service, op := split(st.Resource)
	x.add(&Event{Type: "TaskScheduled", Scope: s.id, Service: service, Resource: op, Parameters: string(text),
		Timeout: timeout, Heartbeat: heartbeat, Retrier: s.by})
	return nil
}

// finish passes on the result of a Task, Map or Parallel state.
func (x *Execution) finish(s *strand) {
	sc := x.scope(s)
	in, f := sc.effective(s.state)
	if f == nil {
		sc.input = in
		result := s.result
		if s.phase == gathered {
			result = s.gather()
		}
		if sel := s.state.Selector; sel != nil {
			result, f = sc.with(result).fill(sel)
		}
		if f == nil {
			f = x.conclude(s, sc, result)
		}
	}
	if f != nil {
		s.phase, s.fail = broken, f
	}
}

// gather is the array of the children's outputs.
func (s *strand) gather() value.Value {
	out := make([]value.Value, len(s.children))
	for i, c := range s.children {
		out[i] = c.input
	}
	return out
}
