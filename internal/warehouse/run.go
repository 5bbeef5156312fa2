package warehouse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/meta"
)

// retries is how many further children a statement is offered to that found the first one dead.
const retries = 3

// run brings a submitted statement to its end.
func (w *Warehouses) run(ctx context.Context, st *Statement) {
	select {
	case <-w.ready:
	case <-ctx.Done():
		return // as below
	}
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return // the next server settles it
	}
	err := w.execute(ctx, st)
	for range retries {
		// A child says that it starts a statement before it does. One that it never said that of was not run: it goes to the next child.
		if !errors.Is(err, child.ErrGone) || st.Status != Submitted || ctx.Err() != nil {
			break
		}
		err = w.execute(ctx, st)
	}
	if ctx.Err() != nil && !Ended(st.Status) {
		return
	}
	if err != nil {
		w.cut(ctx, st, err)
	}
}

func (w *Warehouses) endpoint(name string) (*endpoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.running[name]
	if g == nil {
		return nil, ErrNoWorkgroup
	}
	return g, nil
}

// execute sends the statement to the child and follows its events.
func (w *Warehouses) execute(ctx context.Context, st *Statement) error {
	g, err := w.endpoint(st.Workgroup)
	if err != nil {
		return err
	}
	c, err := g.current(ctx)
	if err != nil {
		return err
	}
	if now, _, err := w.Statement(ctx, st.ID); err != nil || Ended(now.Status) {
		return err // cancelled while it waited
	}
	in := calls.Execute{ID: st.ID, Database: st.Database, User: st.User, Label: st.Name, Together: st.Together || !st.Batch, Ledger: true}
	for _, s := range st.Subs {
		in.SQLs = append(in.SQLs, calls.Statement{ID: s.ID, SQL: s.SQL, Params: st.Params})
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := c.Post(ctx, calls.PathExecute, bytes.NewReader(body))
	if err == nil {
		defer resp.Body.Close()
		err = w.follow(ctx, st, json.NewDecoder(resp.Body))
	}
	if errors.Is(err, child.ErrGone) {
		select {
		case <-c.Done():
		case <-ctx.Done():
		}
	}
	return err
}

// follow reads events until the statement has ended.
func (w *Warehouses) follow(ctx context.Context, st *Statement, events *json.Decoder) error {
	r := &recorder{w: w, st: st}
	for {
		var ev calls.Event
		if err := events.Decode(&ev); errors.Is(err, io.EOF) {
			return r.finish(ctx)
		} else if err != nil {
			return fmt.Errorf("%w (%w)", child.ErrGone, err)
		}
		if ev.N < 0 || ev.N >= len(st.Subs) {
			return fmt.Errorf("event of statement %d of %d", ev.N, len(st.Subs))
		}
		if err := r.take(ctx, ev); err != nil {
			return err
		}
	}
}

// A recorder turns events into stored state.
type recorder struct {
	w       *Warehouses
	st      *Statement
	pages   []storedPage
	pending int
}

type storedPage struct {
	id   string
	page int
	rows []byte
}

// flushPages is how many bytes of pages are held until they are stored before the statement's end.
const flushPages = 4 << 20

func (r *recorder) take(ctx context.Context, ev calls.Event) error {
	sub := &r.st.Subs[ev.N]
	now := r.w.o.Clock.Now()
	switch {
	case ev.Start != nil:
		sub.Status, sub.UpdatedAt, r.st.PID, r.st.UpdatedAt = Started, now, ev.Start.PID, now
		if ev.N > 0 {
			return nil // the whole has been STARTED since its first
		}
		r.st.Status = Started
		err := r.store(ctx)
		r.w.o.Kill.At("statement.started")
		return err
	case ev.Rows != nil:
		return r.page(ctx, sub, ev.Rows)
	case ev.End != nil:
		r.end(sub, ev.End)
		sub.UpdatedAt, r.st.UpdatedAt = now, now
	}
	return nil
}

func (r *recorder) page(ctx context.Context, sub *Sub, p *calls.Page) error {
	if p.Columns != nil {
		sub.Columns = p.Columns
	}
	rows, err := json.Marshal(p.Rows)
	if err != nil {
		return err
	}
	r.pages = append(r.pages, storedPage{sub.ID, sub.Pages, rows})
	r.pending += len(rows)
	sub.Pages++
	if r.pending > flushPages {
		return r.store(ctx)
	}
	return nil
}

func (r *recorder) end(sub *Sub, e *calls.Result) {
	sub.Loaded = e.Loaded
	sub.Nanos, sub.Rows, sub.Bytes, sub.QueryID, sub.HasResult, r.st.PID = e.Nanos, e.Rows, e.Bytes, e.QueryID, e.HasResult, e.PID
	r.st.Nanos += e.Nanos
	switch {
	case e.Error == "":
		sub.Status = Finished
	case e.Canceled:
		sub.Status, sub.Error, sub.HasResult = Aborted, "Query was canceled by user request", false
	default:
		sub.Status, sub.Error, sub.HasResult = Failed, e.Error, false
	}
}

// finish settles the whole by its parts.
func (r *recorder) finish(ctx context.Context) error {
	st := r.st
	r.w.o.Kill.At("statement.ended") // the child has committed, meta does not know it yet
	defer r.w.o.Kill.At("statement.recorded")
	st.Status = Finished
	for i := range st.Subs {
		s := &st.Subs[i]
		if s.Status == Failed || s.Status == Aborted {
			st.Status, st.Error = s.Status, s.Error
			if st.Batch && s.Status == Failed {
				st.Error = fmt.Sprintf("Query #%d failed with %s", i+1, s.Error)
			}
			break
		}
	}
	if st.Status != Finished && st.Together {
		r.undo()
	}
	if st.Status == Finished {
		return r.store(ctx, r.w.metrics(st))
	}
	return r.store(ctx)
}

// undo marks the parts of a transaction that was rolled back: what ran has no effect, what did not run never will.
func (r *recorder) undo() {
	for i := range r.st.Subs {
		s := &r.st.Subs[i]
		if s.Status != Failed && s.Status != Aborted {
			s.Status, s.HasResult = Aborted, false
		}
	}
}

func (r *recorder) store(ctx context.Context, more ...func(*meta.Tx) error) error {
	pages := r.pages
	r.pages, r.pending = nil, 0
	return r.w.o.Meta.Update(ctx, func(tx *meta.Tx) error {
		for _, p := range pages {
			if _, err := tx.Exec("INSERT OR REPLACE INTO warehouse_page(id, page, rows) VALUES (?,?,?)", p.id, p.page, p.rows); err != nil {
				return err
			}
		}
		for _, fn := range more {
			if err := fn(tx); err != nil {
				return err
			}
		}
		return save(tx, r.st)
	})
}

// Cancel asks a running statement to stop. It ends as ABORTED unless it has ended before.
func (w *Warehouses) Cancel(ctx context.Context, id string) error {
	st, _, err := w.Statement(ctx, id)
	if err != nil {
		return err
	}
	if Ended(st.Status) {
		return ErrNotRunning
	}
	g, err := w.endpoint(st.Workgroup)
	if err != nil {
		return err
	}
	var out calls.CancelAnswer
	if err := g.call(ctx, calls.PathCancel, calls.Cancel{ID: st.ID}, &out); err != nil || out.Running {
		return err
	}
	if st.Status != Submitted {
		return nil // between its last event and its end
	}
	st.Status, st.Error, st.UpdatedAt = Aborted, "Query was canceled by user request", w.o.Clock.Now()
	for i := range st.Subs {
		st.Subs[i].Status, st.Subs[i].UpdatedAt = Aborted, st.UpdatedAt
	}
	return w.o.Meta.Update(ctx, func(tx *meta.Tx) error { return save(tx, st) })
}

// splitName cuts the name of a pipeline's statement, "<pipeline>/<step>".
func splitName(name string) (pipeline, step string, ok bool) {
	pipeline, step, ok = strings.Cut(name, "/")
	return pipeline, step, ok && pipeline != "" && step != "" && !strings.Contains(step, "/")
}
