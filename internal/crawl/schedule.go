package crawl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"penstock/internal/cron"
	"penstock/internal/id"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// States of a schedule. Ours change at once, so that none is ever TRANSITIONING.
const (
	Scheduled    = "SCHEDULED"
	NotScheduled = "NOT_SCHEDULED"
)

// A Schedule says when a crawler is started.
type Schedule struct {
	Expression string `json:"expression"` // "cron(15 12 * * ? *)", in UTC
	State      string `json:"state"`      // Scheduled or NotScheduled
	// Version is another one whenever the schedule changes: what an older version has put on the queue does nothing.
	Version string `json:"version"`
}

// newSchedule reads an expression; "" is no schedule.
func newSchedule(expression string) (*Schedule, error) {
	if expression == "" {
		return nil, nil
	}
	if _, err := cron.Glue(expression); err != nil {
		return nil, errorf(Invalid, "Invalid cron expression: %v", err)
	}
	return &Schedule{Expression: expression, State: Scheduled, Version: id.UUID()}, nil
}

// A tick is a time at which a crawler is to be started, on its way.
type tick struct {
	Crawler string `json:"crawler"`
	Version string `json:"version"`
}

func (w *Crawlers) ticks() string { return due.Name("crawl/schedule", w.d.Region) }

// tickTx puts the next time of a crawler's schedule on the queue.
func (w *Crawlers) tickTx(tx *meta.Tx, c *Crawler) error {
	if c.Schedule == nil || c.Schedule.State != Scheduled {
		return nil
	}
	s, err := cron.Parse(c.Schedule.Expression)
	if err != nil {
		return err
	}
	next, ok := s.Next(w.d.Clock.Now())
	if !ok {
		return nil
	}
	body, err := json.Marshal(tick{c.Name, c.Schedule.Version})
	if err != nil {
		return fmt.Errorf("encode tick: %w", err)
	}
	return due.Add(tx, w.ticks(), next, string(body))
}

// tickedTx starts a crawler whose time has come, and waits for the next. A time that passed while no server ran is made up for once. A
// crawler that still runs is left alone, as on AWS; its log says so.
func (w *Crawlers) tickedTx(tx *meta.Tx, it due.Item) error {
	var t tick
	if err := json.Unmarshal([]byte(it.Body), &t); err != nil {
		return fmt.Errorf("decode tick: %w", err)
	}
	c, err := w.CrawlerTx(tx, t.Crawler)
	var refused *Error
	if errors.As(err, &refused) {
		return nil // it is deleted
	}
	if err != nil || c.Schedule == nil || c.Schedule.Version != t.Version {
		return err
	}
	if _, err = w.StartTx(tx, t.Crawler); errors.As(err, &refused) {
		err = w.d.Logs.WriteTx(tx, LogGroup, t.Crawler, []logstore.Event{{Time: w.d.Clock.Now(),
			Message: fmt.Sprintf("WARN : The start scheduled for %s is left out: %s", it.Due.UTC().Format("2006-01-02T15:04:05Z"), refused.Text)}})
	}
	if err != nil {
		return err
	}
	return w.tickTx(tx, c)
}

// schedules is the queue of the times at which crawlers are started.
func (w *Crawlers) schedules() *due.Queue {
	return due.New(w.d.Meta, due.Options{Name: w.ticks(), Do: func(context.Context, due.Item) error { return nil },
		Over: func(tx *meta.Tx, it due.Item, _ error) error { return w.tickedTx(tx, it) }, Clock: w.d.Clock, Log: w.d.Log})
}

// Reschedule gives a crawler another schedule, also while it runs; one that was stopped stays stopped.
func (w *Crawlers) Reschedule(ctx context.Context, name, expression string) error {
	return w.change(ctx, name, func(c *Crawler) error { return c.Reschedule(expression) })
}

// Reschedule gives the definition another schedule, "" for none; one that was stopped stays stopped.
func (c *Crawler) Reschedule(expression string) error {
	next, err := newSchedule(expression)
	if err != nil {
		return err
	}
	if next != nil && c.Schedule != nil {
		next.State = c.Schedule.State
	}
	c.Schedule = next
	return nil
}

// StartSchedule makes a crawler's schedule start it.
func (w *Crawlers) StartSchedule(ctx context.Context, name string) error {
	return w.change(ctx, name, func(c *Crawler) error {
		switch {
		case c.Schedule == nil:
			return errorf(NoSchedule, "Crawler with name %s has no schedule", name)
		case c.Schedule.State == Scheduled:
			return errorf(ScheduleRunning, "The schedule of the crawler with name %s is already running", name)
		}
		c.Schedule.State, c.Schedule.Version = Scheduled, id.UUID()
		return nil
	})
}

// StopSchedule keeps a crawler's schedule from starting it. A crawl that runs goes on.
func (w *Crawlers) StopSchedule(ctx context.Context, name string) error {
	return w.change(ctx, name, func(c *Crawler) error {
		if c.Schedule == nil || c.Schedule.State != Scheduled {
			return errorf(ScheduleNotRunning, "The schedule of the crawler with name %s isn't running", name)
		}
		c.Schedule.State, c.Schedule.Version = NotScheduled, id.UUID()
		return nil
	})
}

// change changes a crawler's definition, whether it runs or not.
func (w *Crawlers) change(ctx context.Context, name string, change func(*Crawler) error) error {
	return w.d.Meta.Update(ctx, func(tx *meta.Tx) error {
		c, err := w.CrawlerTx(tx, name)
		if err != nil {
			return err
		}
		return w.replaceTx(tx, c, change)
	})
}

// replaceTx stores a crawler that change has changed.
func (w *Crawlers) replaceTx(tx *meta.Tx, c *Crawler, change func(*Crawler) error) error {
	before := ""
	if c.Schedule != nil {
		before = c.Schedule.Version
	}
	known := slices.Clone(c.Classifiers)
	if err := change(c); err != nil {
		return err
	}
	if !slices.Equal(known, c.Classifiers) {
		if err := w.checkClassifiers(tx, c.Classifiers); err != nil {
			return err
		}
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode crawler: %w", err)
	}
	_, err = tx.Exec("UPDATE crawl_crawler SET version = version + 1, updated = ?, doc = ? WHERE region = ? AND name = ?",
		w.now(), string(doc), w.d.Region, c.Name)
	if err != nil || c.Schedule == nil || c.Schedule.Version == before {
		return err
	}
	return w.tickTx(tx, c)
}
