package asl

import (
	"math"
	"slices"
	"time"

	"penstock/internal/asl/value"
)

// handles reports whether a retrier or catcher for names takes the error. States.TaskFailed stands for every error but a timeout;
// neither it nor States.ALL takes States.Runtime.
func handles(names []string, err string) bool {
	if slices.Contains(names, err) && err != "" {
		return true
	}
	if err == errRuntime {
		return false
	}
	return slices.Contains(names, errAll) || slices.Contains(names, errTaskFailed) && err != errTimeout
}

// recover decides what follows a failure: a retry, a catcher, or the end of the strand.
func (x *Execution) recover(s *strand) {
	if s.state == nil { // an iteration that could not be entered
		s.phase = failed
		return
	}
	if s.childBroke {
		x.abortOthers(s)
	}
	for i, r := range s.state.Retry {
		if !handles(r.errors, s.fail.Error) {
			continue
		}
		if int64(s.tried[i]) >= r.attempts {
			break
		}
		s.by = i + 1
		s.until = s.lastAt.Add(x.delay(r, s.tried[i]))
		s.phase = paused
		return
	}
	if s.childBroke {
		x.add(&Event{Type: s.state.Type + "StateFailed", Scope: s.id, Error: s.fail.Error, Cause: s.fail.Cause})
		return
	}
	x.catch(s)
}

// delay is the wait before attempt n (from 0) of a retrier.
func (x *Execution) delay(r retrier, n int) time.Duration {
	sec := float64(r.interval) * math.Pow(r.backoff, float64(n))
	if r.maxGap > 0 {
		sec = min(sec, float64(r.maxGap))
	}
	d := time.Duration(min(sec, maxTimeout) * float64(time.Second))
	if r.jitter && d > 0 {
		d = time.Duration(x.env.Random(int64(d) + 1))
	}
	return d.Truncate(time.Millisecond)
}

// again starts the work of a state anew after a retry's wait.
func (x *Execution) again(s *strand) bool {
	by, before := s.by, x.last
	x.drop(s)
	s.phase = entered
	if f := x.do(s); f != nil {
		s.phase, s.fail = broken, f
		if x.last == before { // no event counts this attempt
			s.tried[by-1]++
			s.retries++
			s.by, s.lastAt = 0, x.now
		}
	}
	return true
}

// catch gives the failure to a catcher, or up.
func (x *Execution) catch(s *strand) {
	f := *s.fail
	for _, c := range s.state.Catch {
		if !handles(c.errors, f.Error) {
			continue
		}
		out := value.NewObject("Error", f.Error, "Cause", f.Cause)
		sc := x.scope(s)
		vars, bad := x.assigned(sc.with(out), c.assign)
		if bad == nil {
			var placed value.Value
			if placed, bad = sc.place(c.result, s.input, out); bad == nil {
				bad = x.exit(s, placed, c.next, vars)
			}
		}
		if bad != nil {
			f = *bad
			break
		}
		return
	}
	if s.parent == nil {
		x.add(&Event{Type: "ExecutionFailed", Error: f.Error, Cause: f.Cause})
		return
	}
	s.fail, s.phase = &f, failed
}
