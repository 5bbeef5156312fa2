package cloudformation

import (
	"context"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// maxTries is how often a phase is tried, in about half a minute, before the stack is told that it has failed.
const maxTries = 6

// pursue works on a stack until nothing is left to do or ctx ends. What fails for another reason than a resource's is tried again, and
// again; then the phase ends in a status that says so. While not even that can be written, as on a full disk, all is tried each minute.
func (s *Service) pursue(ctx context.Context, id string) {
	for tries := 1; ; tries++ {
		err := s.operate(ctx, id)
		if err == nil || ctx.Err() != nil {
			return
		}
		s.Log.ErrorContext(ctx, "work on stack", "stack", id, "try", tries, "err", err)
		if tries >= maxTries {
			if err = s.giveUp(ctx, id, err); err == nil {
				tries = 0 // a rollback may follow
				continue
			}
			s.Log.ErrorContext(ctx, "end the work on stack", "stack", id, "err", err)
		}
		if clock.Sleep(ctx, s.Clock, min(time.Minute, time.Second<<min(tries-1, 10))) != nil {
			return
		}
	}
}

// giveUp ends the phase that a stack's work does not get through, as a resource that fails would.
func (s *Service) giveUp(ctx context.Context, id string, cause error) error {
	st, err := s.stack(ctx, id)
	if err != nil || st.Op == nil {
		return err
	}
	j, op, why := &job{Service: s, st: st}, st.Op, reason(cause)
	if op.Kind != "delete" && op.Phase == "forward" {
		return j.fail(ctx, why+". ")
	}
	return j.finish(ctx, func(tx *meta.Tx, st *record) error {
		switch {
		case op.Kind == "update" && op.Phase == "cleanup":
			if err := forget(tx, id, op, false); err != nil {
				return err
			}
			return j.conclude(tx, st, "UPDATE_COMPLETE", leftOver+" "+why)
		case op.Kind == "update":
			st.Stuck = st.Op
			return j.conclude(tx, st, "UPDATE_ROLLBACK_FAILED", why)
		case op.Kind == "delete" || op.OnFail == "DELETE":
			return j.conclude(tx, st, "DELETE_FAILED", why)
		}
		return j.conclude(tx, st, "ROLLBACK_FAILED", why)
	})
}
