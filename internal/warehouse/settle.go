package warehouse

import (
	"context"
	"errors"
	"slices"
	"time"

	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/clock"
	"penstock/internal/meta"
)

// errDown is why a statement failed that no child has begun.
var errDown = errors.New("the warehouse does not start; the server's log says why. The statement was not run")

// cut settles a statement whose child ended, or could not be reached, before it said how the statement ended: it is FINISHED if the
// file's ledger has its id, else FAILED. One that no child has begun is in no ledger, and there may be none to ask.
func (w *Warehouses) cut(ctx context.Context, st *Statement, cause error) {
	var err error
	if errors.Is(cause, child.ErrGone) && st.Status == Submitted {
		err = w.close(ctx, st, errDown, nil)
	} else {
		err = w.settleOne(ctx, st, cause)
	}
	if err != nil && ctx.Err() == nil {
		w.o.Log.ErrorContext(ctx, "settle a statement", "id", st.ID, "err", err)
	}
}

func (w *Warehouses) settleOne(ctx context.Context, st *Statement, cause error) error {
	if errors.Is(cause, child.ErrGone) {
		cause = errGone
	}
	done, err := w.inLedger(ctx, st)
	if err != nil {
		return err
	}
	return w.close(ctx, st, cause, done)
}

// CutCode stands at the beginning of the error of a statement that the end of its process cut off, and undid: PostgreSQL's code for a
// crash, for who has to tell that from a failure of the statement's own.
const CutCode = "57P02"

var (
	errGone    = errors.New(CutCode + ": the warehouse ended while the statement ran; what it had not committed is undone. Run it again")
	errRestart = errors.New(CutCode + ": the server ended while the statement ran; what it had not committed is undone. Run it again")
)

// close ends a statement: what is in done has committed, the rest failed for the cause.
func (w *Warehouses) close(ctx context.Context, st *Statement, cause error, done []string) error {
	text := "ERROR: " + cause.Error()
	now := w.o.Clock.Now()
	whole := Finished
	for i := range st.Subs {
		s := &st.Subs[i]
		s.UpdatedAt, s.HasResult = now, false
		if slices.Contains(done, s.ID) || (st.Together || !st.Batch) && slices.Contains(done, st.ID) {
			s.Status = Finished
			continue
		}
		s.Status, s.Error, whole = Failed, text, Failed
	}
	st.Status, st.UpdatedAt = whole, now
	if whole == Failed {
		st.Error = text
	}
	return w.o.Meta.Update(ctx, func(tx *meta.Tx) error { return save(tx, st) })
}

// inLedger asks the workgroup's files which of the statement's ids have committed.
func (w *Warehouses) inLedger(ctx context.Context, st *Statement) ([]string, error) {
	g, err := w.endpoint(st.Workgroup)
	if errors.Is(err, ErrNoWorkgroup) {
		return nil, nil
	}
	ids := []string{st.ID}
	for _, s := range st.Subs {
		ids = append(ids, s.ID)
	}
	var out calls.FinishedAnswer
	err = g.call(ctx, calls.PathFinished, calls.Finished{IDs: ids}, &out)
	return out.IDs, err
}

// settle brings the statements that the last server left unfinished to an end, and from then on forgets old results.
func (w *Warehouses) settle(ctx context.Context) {
	var open []Statement
	err := w.o.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		open, err = listDocs[Statement](tx, `SELECT doc FROM warehouse_statement
			WHERE status IN ('SUBMITTED','PICKED','STARTED') AND region = ? AND created < ? ORDER BY seq LIMIT 1000`, w.o.Region, w.born)
		return err
	})
	if err != nil && ctx.Err() == nil {
		w.o.Log.ErrorContext(ctx, "settle statements", "err", err)
	}
	for i := range open {
		w.wg.Go(func() {
			if open[i].Status == Submitted { // it was never begun, so it is not cut: it runs now
				w.run(ctx, &open[i])
			} else {
				w.cut(ctx, &open[i], errRestart)
			}
		})
	}
	w.forget(ctx)
}

// keepResults is how long statements and their results stay.
const keepResults = 24 * time.Hour

// forget removes old statements, each hour.
func (w *Warehouses) forget(ctx context.Context) {
	for {
		before := w.o.Clock.Now().Add(-keepResults).UnixMilli()
		err := w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
			const old = " FROM warehouse_statement WHERE region = ? AND created < ? AND status IN ('FINISHED','FAILED','ABORTED')"
			if _, err := tx.Exec("DELETE FROM warehouse_page WHERE substr(id, 1, 36) IN (SELECT id"+old+")", w.o.Region, before); err != nil {
				return err
			}
			_, err := tx.Exec("DELETE"+old, w.o.Region, before)
			return err
		})
		if err != nil && ctx.Err() == nil {
			w.o.Log.ErrorContext(ctx, "forget old statements", "err", err)
		}
		if clock.Sleep(ctx, w.o.Clock, time.Hour) != nil {
			return
		}
	}
}
