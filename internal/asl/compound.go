package asl

import (
	"strconv"

	"penstock/internal/asl/value"
)

// inlineLimit is how many iterations of an inline Map state run at once when MaxConcurrency is 0.
const inlineLimit = 40

// itemsOf evaluates what a Map state runs over, and how many iterations at once.
func (x *Execution) itemsOf(s *strand) ([]value.Value, int, *Failure) {
	sc := x.scope(s)
	in, f := sc.effective(s.state)
	if f != nil {
		return nil, 0, f
	}
	sc.input = in
	n := s.state.MaxConcurrency
	if p := s.state.MaxConcurrencyPath; p != nil {
		v, f := sc.at(p)
		if f != nil {
			return nil, 0, f
		}
		i, ok := value.AsInt(v)
		if text, isText := v.(string); isText {
			parsed, err := strconv.ParseInt(text, 10, 64)
			i, ok = parsed, err == nil
		}
		if !ok {
			return nil, 0, sc.runtime("The MaxConcurrencyPath field refers to value \"%s\" which is not a valid integer: %s",
				value.Display(v), p.Text)
		}
		if i < 0 {
			return nil, 0, sc.runtime("The MaxConcurrencyPath field refers to value \"%d\" which is negative: %s", i, p.Text)
		}
		n = i
	}
	if n == 0 || n > inlineLimit {
		n = inlineLimit
	}
	v, text := in, "$"
	if p := s.state.ItemsPath; p != nil {
		text = p.Text
		if v, f = sc.at(p); f != nil {
			return nil, 0, f
		}
	}
	items, ok := v.([]value.Value)
	if !ok {
		return nil, 0, sc.runtime("Reference path \"%s\" must point to array.", text)
	}
	return items, int(n), nil
}

// itemInput is the input of an iteration's first state.
func (x *Execution) itemInput(c *strand) (value.Value, *Failure) {
	s := c.parent
	if s.state.ItemSelector == nil {
		return c.item, nil
	}
	sc := x.scope(s)
	in, f := sc.effective(s.state)
	if f != nil {
		return nil, f
	}
	sc.input = in
	sc.context = func() value.Value { return x.context(s, c) }
	return sc.fill(s.state.ItemSelector)
}

// branchInput is the input of every branch.
func (x *Execution) branchInput(s *strand) (value.Value, *Failure) {
	sc := x.scope(s)
	in, f := sc.effective(s.state)
	if f != nil || s.state.Parameters == nil {
		return in, f
	}
	sc.input = in
	return sc.fill(s.state.Parameters)
}

func (x *Execution) startMap(s *strand, _ *scope) *Failure {
	items, _, f := x.itemsOf(s)
	if f == nil {
		x.add(&Event{Type: "MapStateStarted", Scope: s.id, Length: len(items), Retrier: s.by})
	}
	return f
}

func (x *Execution) startParallel(s *strand) *Failure {
	_, f := x.branchInput(s)
	if f == nil {
		x.add(&Event{Type: "ParallelStateStarted", Scope: s.id, Retrier: s.by})
	}
	return f
}

// children moves the branches or iterations of s on.
func (x *Execution) children(s *strand) bool {
	isMap := s.state.Type == "Map"
	moved := isMap && x.fill(s)
	for _, c := range s.children {
		if c == nil || !x.room() {
			continue
		}
		moved = x.step(c) || moved
		switch {
		case c.phase == failed && c.fail != nil && s.phase == compound:
			x.childFailed(s, c)
			return true
		case isMap && c.phase == ended && !c.counted:
			c.counted = true
			x.add(&Event{Type: "MapIterationSucceeded", Scope: s.id, Prev: c.prev, Name: s.state.Name, Index: c.index})
			delete(x.strands, c.id)
			moved = true
			x.fill(s)
		}
	}
	if s.phase != compound || !s.complete() {
		return moved
	}
	if isMap {
		x.add(&Event{Type: "MapStateSucceeded", Scope: s.id})
		return true
	}
	for _, c := range s.children {
		s.prev = max(s.prev, c.prev)
	}
	x.add(&Event{Type: "ParallelStateSucceeded", Scope: s.id})
	return true
}

func (s *strand) complete() bool {
	if s.state.Type == "Map" {
		return s.done == len(s.children)
	}
	for _, c := range s.children {
		if c.phase != ended {
			return false
		}
	}
	return true
}

// fill starts iterations while there are items and free slots.
func (x *Execution) fill(s *strand) bool {
	moved := false
	for i, c := range s.children {
		if s.running >= s.limit {
			break
		}
		if c != nil {
			continue
		}
		prev := s.begun
		if s.done > 0 {
			prev = s.free
		}
		x.add(&Event{Type: "MapIterationStarted", Scope: s.id, Prev: prev, Name: s.state.Name, Index: i})
		moved = true
	}
	return moved
}

// childFailed breaks a Map or Parallel state whose child c has failed.
func (x *Execution) childFailed(s, c *strand) {
	f := *c.fail
	if s.state.Type == "Map" {
		x.add(&Event{Type: "MapIterationFailed", Scope: s.id, Prev: c.prev, Name: s.state.Name, Index: c.index, Error: f.Error, Cause: f.Cause})
		return
	}
	s.phase, s.fail, s.prev, s.lastAt, s.childBroke = broken, &f, c.prev, c.lastAt, true
}

// abortOthers ends the children that still run when one has failed.
func (x *Execution) abortOthers(s *strand) {
	for _, o := range s.children {
		if o == nil || o.phase == ended {
			continue
		}
		if o.phase != failed {
			x.abort(o, s.prev)
		}
		if s.state.Type == "Map" && !o.counted {
			x.add(&Event{Type: "MapIterationAborted", Scope: s.id, Prev: s.prev, Name: s.state.Name, Index: o.index})
		}
	}
}

// abort ends what runs in a strand. Only states that take time leave an event.
func (x *Execution) abort(s *strand, prev int64) {
	if s.phase == compound {
		for _, c := range s.children {
			if c != nil && c.phase != ended && c.phase != failed {
				x.abort(c, prev)
			}
		}
	}
	if s.state != nil && s.phase != ready {
		switch s.state.Type {
		case "Task", "Wait", "Map", "Parallel":
			x.add(&Event{Type: s.state.Type + "StateAborted", Scope: s.id, Prev: prev})
		}
	}
	s.phase = failed
}
