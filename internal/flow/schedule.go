package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/cron"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// A planned firing is an item of the queue of schedules.
type planned struct {
	Trigger    string
	Generation int64
}

// schedules is the queue: its items are taken off in the transaction in which they fire. What was missed while no server ran is past by
// then, and fires once.
func (f *Flows) schedules() due.Options {
	return due.Options{Name: due.Name("flow/schedule", f.o.Region), Clock: f.o.Clock, Log: f.o.Log,
		Do:   func(context.Context, due.Item) error { return nil },
		Over: func(tx *meta.Tx, it due.Item, _ error) error { return f.dueTx(tx, it.Body) }}
}

// Run lets schedules fire until ctx ends.
func (f *Flows) Run(ctx context.Context) error { return f.queue.Run(ctx) }

// Drain waits until what is due has fired, or until ctx ends. Run must be running.
func (f *Flows) Drain(ctx context.Context) error { return f.queue.Drain(ctx) }

// plan puts the next firing of a trigger on the queue.
func (f *Flows) plan(tx *meta.Tx, t Trigger) error {
	s, err := cron.Parse(t.Schedule)
	if err != nil {
		return fmt.Errorf("trigger %q: %w", t.Name, err)
	}
	next, ok := s.Next(f.o.Clock.Now())
	if !ok {
		return nil
	}
	body, err := json.Marshal(planned{t.Name, t.Generation})
	if err != nil {
		return fmt.Errorf("trigger %q: %w", t.Name, err)
	}
	return due.Add(tx, f.schedules().Name, next, string(body))
}

// dueTx fires what was planned, unless the trigger has changed since, and plans the next time.
func (f *Flows) dueTx(tx *meta.Tx, body string) error {
	var p planned
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return fmt.Errorf("queue of schedules: %w", err)
	}
	t, err := f.triggerTx(tx, p.Trigger)
	var gone *Error
	if errors.As(err, &gone) || err == nil && (t.State != Activated || t.Generation != p.Generation) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.plan(tx, t); err != nil {
		return err
	}
	if t.Workflow == "" {
		return f.fireAlone(tx, t)
	}
	_, err = f.startRun(tx, t.Workflow, nil)
	if !errors.As(err, &gone) {
		return err
	}
	if gone.Reason == Concurrent {
		return f.refuseRun(tx, t.Workflow, gone.Text)
	}
	f.o.Log.Warn("a scheduled workflow cannot be started", "workflow", t.Workflow, "trigger", t.Name, "err", err)
	return nil
}
