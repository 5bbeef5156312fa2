package asl

import (
	"fmt"
	"time"

	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// maxBatch is about how many events one Advance appends, so that a machine that runs in circles cannot make one endless transaction.
const maxBatch = 400

// Advance appends every event that follows from the state at time now, until each strand waits: for a task's answer, for a time, or
// for a sibling. It stops early after many events; Pending then says that it must be called again. The new events are taken with Take.
func (x *Execution) Advance(now time.Time) {
	x.pending = false
	if x.Status != Running || x.root == nil {
		return
	}
	x.now, x.until = now, x.last+maxBatch
	if t := x.machine.Timeout; t > 0 && !now.Before(x.started.Add(t)) {
		x.add(&Event{Type: "ExecutionTimedOut", Error: errTimeout})
		return
	}
	for x.room() && x.step(x.root) {
	}
	if x.Status == Running && x.last >= MaxEvents-1 {
		x.add(&Event{Type: "ExecutionFailed", Error: errRuntime,
			Cause: fmt.Sprintf("The execution reached the maximum number of history events (%d).", MaxEvents)})
	}
	x.pending = x.Status == Running && x.last >= x.until
}

// room reports whether this Advance may append another event.
func (x *Execution) room() bool {
	return x.Status == Running && x.last < MaxEvents-1 && x.last < x.until
}

// Pending reports whether Advance has more to append at once.
func (x *Execution) Pending() bool { return x.pending }

// step moves a strand on and answers whether anything happened.
func (x *Execution) step(s *strand) bool {
	moved := false
	for x.room() && x.once(s) {
		moved = true
	}
	return moved
}

func (x *Execution) once(s *strand) bool {
	switch s.phase {
	case ready:
		return x.enter(s)
	case entered:
		return x.begin(s)
	case waiting, paused:
		if x.now.Before(s.until) {
			return false
		}
		if s.phase == waiting {
			x.leave(s)
			return true
		}
		return x.again(s)
	case sched:
		x.add(&Event{Type: "TaskStarted", Scope: s.id, Service: s.task.event.Service, Resource: s.task.event.Resource})
	case running:
		if d := s.task.deadline; d.IsZero() || x.now.Before(d) {
			return false
		}
		x.add(&Event{Type: "TaskTimedOut", Scope: s.id, Error: errTimeout, Service: s.task.event.Service, Resource: s.task.event.Resource})
	case answered, gathered:
		x.finish(s)
	case compound:
		return x.children(s)
	case broken:
		x.recover(s)
	case givenUp:
		x.catch(s)
	case ended:
		if s.parent == nil {
			x.add(&Event{Type: "ExecutionSucceeded", Output: value.Text(s.input)})
			return true
		}
		return false
	default:
		return false
	}
	return true
}

// enter appends StateEntered for the strand's next state.
func (x *Execution) enter(s *strand) bool {
	st := s.block.States[s.next]
	in := s.input
	text := ""
	if s.entered == 0 {
		switch {
		case s.parent == nil:
			text = x.inputText
		case s.parent.state.Type == "Map":
			var f *Failure
			if in, f = x.itemInput(s); f != nil {
				s.phase, s.fail, s.state = broken, f, nil
				return true
			}
		}
	}
	if text == "" {
		text = value.Text(in)
	}
	x.add(&Event{Type: st.Type + "StateEntered", Scope: s.id, Name: st.Name, Input: text, val: in})
	return true
}

// begin does what a state does when it is entered.
func (x *Execution) begin(s *strand) bool {
	if f := x.do(s); f != nil {
		s.phase, s.fail = broken, f
	}
	return true
}

func (x *Execution) do(s *strand) *Failure {
	sc := x.scope(s)
	in, f := sc.effective(s.state)
	if f != nil {
		return f
	}
	sc.input = in
	switch s.state.Type {
	case "Pass":
		return x.pass(s, sc)
	case "Succeed":
		out, f := sc.outputOf(s.state, in)
		if f == nil {
			f = x.exit(s, out, "", nil)
		}
		return f
	case "Fail":
		return failState(s, sc)
	case "Choice":
		return x.choose(s, sc)
	case "Wait":
		return x.wait(s, sc)
	case "Task":
		return x.schedule(s, sc)
	case "Map":
		return x.startMap(s, sc)
	}
	return x.startParallel(s)
}

func (x *Execution) pass(s *strand, sc *scope) *Failure {
	result := sc.input
	var f *Failure
	if p := s.state.Parameters; p != nil {
		if result, f = sc.fill(p); f != nil {
			return f
		}
	}
	if s.state.HasFixed {
		result = s.state.Fixed
	}
	return x.conclude(s, sc, result)
}

// conclude places a result, applies OutputPath and leaves the state.
func (x *Execution) conclude(s *strand, sc *scope, result value.Value) *Failure {
	vars, f := x.assigned(sc.with(result), s.state.Assign)
	if f != nil {
		return f
	}
	out, f := sc.place(s.state.Result, s.input, result)
	if f != nil {
		return f
	}
	if out, f = sc.outputOf(s.state, out); f != nil {
		return f
	}
	return x.exit(s, out, s.state.Next, vars)
}

func (x *Execution) assigned(sc *scope, t *template) (map[string]value.Value, *Failure) {
	if t == nil {
		return nil, nil
	}
	v, f := sc.fill(t)
	if f != nil {
		return nil, f
	}
	o, ok := v.(*value.Object)
	if !ok {
		return nil, sc.runtime("The Assign field must be an object")
	}
	vars := make(map[string]value.Value, o.Len())
	for i := range o.Len() {
		k, e := o.At(i)
		vars[k] = e
	}
	return vars, nil
}

// exit appends the StateExited event.
func (x *Execution) exit(s *strand, out value.Value, next string, vars map[string]value.Value) *Failure {
	text := value.Append(nil, out)
	if f := limit(s.state.Name, text); f != nil {
		return f
	}
	e := &Event{Type: s.state.Type + "StateExited", Scope: s.id, Name: s.state.Name, Output: string(text), Next: next, val: out, vars: vars}
	if len(vars) > 0 {
		e.Assigned = make(map[string]string, len(vars))
		for k, v := range vars {
			e.Assigned[k] = value.Text(v)
		}
	}
	x.drop(s)
	x.add(e)
	return nil
}

// drop forgets the children of a Map or Parallel state that has ended or starts anew.
func (x *Execution) drop(s *strand) {
	for _, c := range s.children {
		if c != nil {
			delete(x.strands, c.id)
		}
	}
	s.children, s.items = nil, nil
}

// leave applies OutputPath to the effective input and exits: what Wait does when its time has come.
func (x *Execution) leave(s *strand) {
	sc := x.scope(s)
	in, f := sc.effective(s.state)
	if f == nil {
		var vars map[string]value.Value
		if vars, f = x.assigned(sc.with(in), s.state.Assign); f == nil {
			if in, f = sc.outputOf(s.state, in); f == nil {
				f = x.exit(s, in, s.state.Next, vars)
			}
		}
	}
	if f != nil {
		s.phase, s.fail = broken, f
	}
}

func failState(s *strand, sc *scope) *Failure {
	out := &Failure{s.state.Error, s.state.Cause}
	for _, e := range []struct {
		expr  *expr
		field string
		to    *string
	}{{s.state.ErrorExpr, "ErrorPath", &out.Error}, {s.state.CauseExpr, "CausePath", &out.Cause}} {
		if e.expr == nil {
			continue
		}
		v, f := sc.eval(e.expr, e.field)
		if f != nil {
			return f
		}
		text, ok := v.(string)
		if !ok {
			return sc.runtime("The field '%s' must refer to a string, not to %s", e.field, value.Kind(v))
		}
		*e.to = text
	}
	return out
}

func (x *Execution) choose(s *strand, sc *scope) *Failure {
	next, assign := s.state.Default, s.state.Assign
	for i := range s.state.Choices {
		c := &s.state.Choices[i]
		ok, f := c.rule.holds(sc)
		if f != nil {
			return f
		}
		if ok {
			next, assign = c.next, c.assign
			break
		}
	}
	if next == "" {
		return sc.fail(errNoChoice, "Failed to transition out of the state. No choice rule matched and the state has no Default.")
	}
	vars, f := x.assigned(sc, assign)
	if f != nil {
		return f
	}
	out, f := sc.outputOf(s.state, sc.input)
	if f != nil {
		return f
	}
	return x.exit(s, out, next, vars)
}

func (x *Execution) wait(s *strand, sc *scope) *Failure {
	st := s.state
	switch {
	case st.SecondsPath != nil:
		v, ok := sc.lookup(st.SecondsPath)
		if !ok {
			return sc.runtime("The SecondsPath parameter does not reference an input value: %s", st.SecondsPath.Text)
		}
		n, ok := value.AsInt(v)
		if !ok {
			return sc.runtime("The SecondsPath parameter cannot be parsed as a long value: %s == %s", st.SecondsPath.Text, value.Display(v))
		}
		if n < 0 {
			return sc.runtime("The SecondsPath parameter references a negative value: %s == %d", st.SecondsPath.Text, n)
		}
		if n > maxTimeout {
			return sc.runtime("The SecondsPath parameter references a value above %d: %s == %d", maxTimeout, st.SecondsPath.Text, n)
		}
		s.until = s.at.Add(time.Duration(n) * time.Second)
	case st.TimestampPath != nil:
		v, ok := sc.lookup(st.TimestampPath)
		if !ok {
			return sc.runtime("The TimestampPath parameter does not reference an input value: %s", st.TimestampPath.Text)
		}
		text, _ := v.(string)
		if s.until, ok = timestamp(text); !ok {
			return sc.runtime("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s",
				st.TimestampPath.Text, value.Display(v))
		}
		if s.until.Sub(s.at) > maxWait {
			return sc.runtime("The TimestampPath parameter references a time more than %d seconds ahead: %s == %s", int64(maxWait.Seconds()),
				st.TimestampPath.Text, text)
		}
	case st.hasSeconds:
		s.until = s.at.Add(time.Duration(st.Seconds) * time.Second)
	default:
		if s.until = st.Timestamp; s.until.Sub(s.at) > maxWait {
			return sc.runtime("The Timestamp parameter is a time more than %d seconds ahead: %s", int64(maxWait.Seconds()),
				st.Timestamp.Format(time.RFC3339))
		}
	}
	s.phase = waiting
	return nil
}

// maxWait is how far ahead the time of a Wait state may be: recorded, 24855 days are taken and
// 24856 are not, so AWS counts seconds in 32 bits.
const maxWait = (1<<31 - 1) * time.Second

// seconds reads a TimeoutSecondsPath or HeartbeatSecondsPath.
func seconds(sc *scope, p *jsonpath.Path, field string, fixed int64) (int64, *Failure) {
	if p == nil {
		return fixed, nil
	}
	v, f := sc.at(p)
	if f != nil {
		return 0, f
	}
	n, ok := value.AsInt(v)
	if !ok || n <= 0 || n > maxTimeout {
		return 0, sc.runtime("The %s parameter must reference a positive whole number: %s == %s", field, p.Text, value.Display(v))
	}
	return n, nil
}
