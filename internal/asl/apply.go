package asl

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"penstock/internal/asl/value"
)

// add appends an event: gives it its id and time, applies it, and keeps it for Take.
func (x *Execution) add(e *Event) {
	e.ID, e.Time = x.last+1, x.now.UnixMilli()
	if s := x.strands[e.Scope]; s != nil && e.Prev == 0 {
		e.Prev = s.prev
	}
	if e.Type == ExecutionAborted || e.Type == "ExecutionTimedOut" {
		e.Prev = 0
	}
	x.fresh = append(x.fresh, e)
	if err := x.Apply(e); err != nil { // only a history from elsewhere can hold what does not fit
		x.Status, x.Failure = Failed, Failure{errRuntime, err.Error()}
	}
}

// Apply changes the state by one event of the history. Events come in order, from the first. An error says that the history does
// not fit the machine.
func (x *Execution) Apply(e *Event) error {
	if e.ID != x.last+1 {
		return fmt.Errorf("event %d follows event %d", e.ID, x.last)
	}
	x.last = e.ID
	if strings.HasPrefix(e.Type, "Execution") {
		return x.applyExecution(e)
	}
	s := x.strands[e.Scope]
	if s == nil {
		return fmt.Errorf("event %d (%s): there is no strand %q", e.ID, e.Type, e.Scope)
	}
	if !s.fits(e) {
		return fmt.Errorf("event %d (%s) does not fit where strand %q stands", e.ID, e.Type, e.Scope)
	}
	s.lastAt = e.At()
	var err error
	switch {
	case strings.HasSuffix(e.Type, "StateEntered"):
		err = s.applyEntered(e)
	case strings.HasSuffix(e.Type, "StateExited"):
		err = s.applyExited(e)
	case strings.HasSuffix(e.Type, "StateAborted"):
		s.phase = failed
		return nil
	case strings.HasPrefix(e.Type, "MapIteration"):
		return x.applyIteration(s, e)
	case strings.HasPrefix(e.Type, "MapState"), strings.HasPrefix(e.Type, "ParallelState"):
		return x.applyCompound(s, e)
	default:
		err = s.applyTask(e)
	}
	s.prev = e.ID
	return err
}

// fits reports whether an event can be one of the state in which s stands.
func (s *strand) fits(e *Event) bool {
	if strings.HasSuffix(e.Type, "StateEntered") {
		return true
	}
	return s.state != nil && strings.HasPrefix(e.Type, s.state.Type)
}

func (x *Execution) applyExecution(e *Event) error {
	switch e.Type {
	case ExecutionStarted:
		v, err := e.parsed(e.Input)
		if err != nil {
			return fmt.Errorf("event %d: %w", e.ID, err)
		}
		x.started, x.input, x.inputText = e.At(), v, e.Input
		x.root = &strand{block: &x.machine.Block, next: x.machine.StartAt, input: v, lastAt: e.At()}
		x.strands[""] = x.root
	case "ExecutionSucceeded":
		x.Status, x.Output = Succeeded, e.Output
	case "ExecutionFailed":
		x.Status, x.Failure = Failed, Failure{e.Error, e.Cause}
	case "ExecutionTimedOut":
		x.Status, x.Failure = TimedOut, Failure{e.Error, e.Cause}
	case ExecutionAborted:
		x.Status, x.Failure = Aborted, Failure{e.Error, e.Cause}
	default:
		return fmt.Errorf("event %d: unknown type %s", e.ID, e.Type)
	}
	return nil
}

func (s *strand) applyEntered(e *Event) error {
	st := s.block.States[e.Name]
	if st == nil {
		return fmt.Errorf("event %d: there is no state %q", e.ID, e.Name)
	}
	v, err := e.parsed(e.Input)
	if err != nil {
		return fmt.Errorf("event %d: %w", e.ID, err)
	}
	s.state, s.entered, s.at, s.input = st, e.ID, e.At(), v
	s.phase, s.fail, s.result, s.retries, s.by = entered, nil, nil, 0, 0
	s.childBroke = false
	s.tried = make([]int, len(st.Retry))
	return nil
}

func (s *strand) applyExited(e *Event) error {
	v, err := e.parsed(e.Output)
	if err != nil {
		return fmt.Errorf("event %d: %w", e.ID, err)
	}
	if len(e.Assigned) > 0 {
		vars := maps.Clone(s.vars)
		if vars == nil {
			vars = map[string]value.Value{}
		}
		for k, text := range e.Assigned {
			a, ok := e.vars[k]
			if !ok {
				if a, err = value.Parse(text); err != nil {
					return fmt.Errorf("event %d: variable %s: %w", e.ID, k, err)
				}
			}
			vars[k] = a
		}
		s.vars = vars
	}
	s.input, s.next, s.children, s.items = v, e.Next, nil, nil
	s.phase = ready
	if s.next == "" {
		s.phase = ended
	}
	return nil
}

func (s *strand) applyTask(e *Event) error {
	switch e.Type {
	case "TaskScheduled":
		s.attempt(e)
		s.phase, s.task = sched, task{event: *e}
	case "TaskStarted":
		s.phase = running
		if t := s.task.event.Timeout; t > 0 {
			s.task.deadline = e.At().Add(time.Duration(t) * time.Second)
		}
	case TaskSubmitted:
		s.task.submitted, s.task.output = true, e.Output
	case TaskSucceeded:
		v, err := e.parsed(e.Output)
		if err != nil {
			return fmt.Errorf("event %d: %w", e.ID, err)
		}
		s.phase, s.result = answered, v
	case TaskFailed, "TaskTimedOut":
		s.phase, s.fail = broken, &Failure{e.Error, e.Cause}
	default:
		return fmt.Errorf("event %d: unknown type %s", e.ID, e.Type)
	}
	return nil
}

// attempt counts a start that a retrier asked for.
func (s *strand) attempt(e *Event) {
	if e.Retrier > 0 && e.Retrier <= len(s.tried) {
		s.tried[e.Retrier-1]++
		s.retries++
	}
	s.fail, s.by, s.childBroke = nil, 0, false
}

func (x *Execution) applyCompound(s *strand, e *Event) error {
	switch {
	case strings.HasSuffix(e.Type, "Started"):
		s.attempt(e)
		if f := x.spread(s, e); f != nil {
			return fmt.Errorf("event %d: %s", e.ID, f.Cause)
		}
		s.phase, s.prev, s.begun = compound, e.ID, e.ID
	case strings.HasSuffix(e.Type, "Succeeded"):
		s.phase, s.prev = gathered, e.Prev // the exit follows the same event as this one
	case strings.HasSuffix(e.Type, "Failed"):
		s.phase, s.fail, s.prev = givenUp, &Failure{e.Error, e.Cause}, e.ID
	default:
		return fmt.Errorf("event %d: unknown type %s", e.ID, e.Type)
	}
	return nil
}

// spread makes the children of a Map or Parallel state that starts.
func (x *Execution) spread(s *strand, e *Event) *Failure {
	s.running, s.done = 0, 0
	if s.state.Type == "Parallel" {
		in, f := x.branchInput(s)
		if f != nil {
			return f
		}
		s.children = make([]*strand, len(s.state.Branches))
		for i, b := range s.state.Branches {
			s.children[i] = x.child(s, e.ID, i, b, in)
		}
		return nil
	}
	var f *Failure
	if s.items, s.limit, f = x.itemsOf(s); f != nil {
		return f
	}
	s.children = make([]*strand, len(s.items))
	return nil
}

// child makes a strand below s. prev is the event that its first one follows.
func (x *Execution) child(s *strand, prev int64, i int, b *Block, in value.Value) *strand {
	c := &strand{id: fmt.Sprintf("%s/%d.%d", s.id, prev, i), parent: s, index: i, block: b, vars: s.vars, next: b.StartAt, input: in,
		prev: prev, lastAt: s.lastAt}
	x.strands[c.id] = c
	return c
}

func (x *Execution) applyIteration(s *strand, e *Event) error {
	if e.Index < 0 || e.Index >= len(s.children) {
		return fmt.Errorf("event %d: the Map state has no item %d", e.ID, e.Index)
	}
	if strings.HasSuffix(e.Type, "Started") {
		c := x.child(s, e.ID, e.Index, s.state.Processor, nil)
		c.item, c.lastAt = s.items[e.Index], e.At()
		s.children[e.Index] = c
		s.running++
		return nil
	}
	c := s.children[e.Index]
	if c == nil {
		return fmt.Errorf("event %d: item %d of the Map state was not started", e.ID, e.Index)
	}
	s.running--
	c.counted = true
	switch e.Type {
	case "MapIterationSucceeded":
		s.done++
		s.prev, s.free = e.ID, c.prev
	case "MapIterationFailed":
		c.phase = failed
		s.phase, s.fail, s.prev, s.childBroke = broken, &Failure{e.Error, e.Cause}, c.prev, true
	case "MapIterationAborted":
		c.phase = failed
	}
	return nil
}
