// Package due is a queue of work that is due at a time: deliveries, actions, calls of targets. An item is added in the transaction of what
// asks for it, so that it is as durable as that, and is carried out at least once, also after a crash: what a kill cuts off after it had
// been carried out and before it was taken off comes again, with the same ID. What is due first begins first; with a concurrency of one the
// items end in that order too. Nothing polls: the queue wakes for a new item, for the end of one and for the time of the next.
//
// It does not know what an item means, and it is no message queue: a service's messages that clients receive are the service's own rows.
package due

import (
	"context"
	"log/slog"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// Schema is the package's part of the metadata database. It stands before the schemas of those who use it, whose migrations may add items.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "due", Migrations: []string{`
CREATE TABLE due_item (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  queue   TEXT NOT NULL,
  due     INTEGER NOT NULL, -- milliseconds since 1970
  attempt INTEGER NOT NULL DEFAULT 0,
  body    TEXT NOT NULL
);
CREATE INDEX due_item_due ON due_item (queue, due, id);
`}}

// An Item is one piece of work.
type Item struct {
	ID      int64 // unique for ever among all queues
	Due     time.Time
	Attempt int // how often it has been tried before
	Body    string
}

// Add puts work on a queue: it begins at the given time, or at once if that has passed, as soon as the transaction is durable.
func Add(tx *meta.Tx, queue string, at time.Time, body string) error {
	if _, err := tx.Exec(`INSERT INTO due_item (queue, due, body) VALUES (?, ?, ?)`, queue, at.UnixMilli(), body); err != nil {
		return err
	}
	tx.Notify(topic(queue))
	return nil
}

// Name is the name of a region's own queue of a kind: each region carries out its own work, also while others are not served.
func Name(kind, region string) string { return kind + "/" + region }

// topic is notified when a queue grows or shrinks.
func topic(queue string) string { return "due/" + queue }

// Backoff says when an item that has failed is tried again. The zero value never tries again.
type Backoff struct {
	Retries int           // after the first try
	First   time.Duration // before the first retry
	Factor  float64       // by which the wait grows each time; below 1 it stays the same
	Max     time.Duration // the longest wait; 0 is no bound
}

// wait is how long to wait before the next try of an item that has failed tries times.
func (b Backoff) wait(tries int) (wait time.Duration, again bool) {
	if tries > b.Retries {
		return 0, false
	}
	w := float64(b.First)
	for i := 1; i < tries && b.Factor > 1 && (b.Max == 0 || w < float64(b.Max)); i++ {
		w *= b.Factor
	}
	if b.Max > 0 {
		w = min(w, float64(b.Max))
	}
	return time.Duration(min(w, float64(longest))), true
}

// longest is a bound for waits without one.
const longest = 24 * time.Hour

// Permanent marks a failure that another try cannot mend; nil stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

type permanent struct{ error }

// Unwrap gives the failure itself.
func (p permanent) Unwrap() error { return p.error }

// Options are what a queue is made of.
type Options struct {
	Name        string
	Concurrency int // items that are carried out at once; 0 is one
	Retry       Backoff
	// Do carries out an item. When ctx has ended and it fails, the item comes again at the next start.
	Do func(ctx context.Context, it Item) error
	// Over, if set, is called in the transaction that takes an item off, with the failure of its last try or nil. An error of it keeps the
	// item, which then comes again.
	Over  func(tx *meta.Tx, it Item, failure error) error
	Clock clock.Clock
	Log   *slog.Logger
}

// A Queue carries out the items of one name.
type Queue struct {
	meta *meta.Store
	o    Options
}

// New returns the queue over a store that was opened with Schema. Run makes it work.
func New(m *meta.Store, o Options) *Queue {
	o.Concurrency = max(o.Concurrency, 1)
	return &Queue{meta: m, o: o}
}
