// Package events is the outbox of the lake: a change of an object in a bucket that somebody listens to leaves an event in the transaction
// of the change, so that there is an event exactly when there is the change. A listener takes its events off in their order, at least
// once; one that needs each exactly once takes it off in the transaction of what it makes of it. A bucket without a listener costs one
// look into a map. What an event becomes (a notification, an EventBridge event) is its listener's business.
package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/object"
)

// Schema is the package's tables: who listens to which bucket, and what a listener has not taken off.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "object/events", Migrations: []string{`
CREATE TABLE object_listener (bucket TEXT NOT NULL, listener TEXT NOT NULL, PRIMARY KEY (bucket, listener)) WITHOUT ROWID;
CREATE TABLE object_event (id INTEGER PRIMARY KEY AUTOINCREMENT, listener TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX object_event_listener ON object_event (listener, id);
`}}

// An Event is a change of an object.
type Event struct {
	ID          int64  `json:"-"` // its place in the listener's order
	Name        string // as S3 names it: "ObjectCreated:Put", "ObjectRemoved:DeleteMarkerCreated"
	Bucket, Key string
	VersionID   string // "null" without versioning
	ETag        string `json:",omitempty"`
	Size        int64
	Marker      bool `json:",omitempty"` // the version is a delete marker
	Time        time.Time
	Seq         int64 // grows with each change of a key
}

// An Outbox writes events and hands them out.
type Outbox struct {
	meta  *meta.Store
	clock clock.Clock
	log   *slog.Logger

	listeners atomic.Pointer[map[string][]string] // by bucket; replaced, never changed
}

// Open returns the outbox over m, which Load reads.
func Open(m *meta.Store, c clock.Clock, log *slog.Logger) *Outbox {
	o := &Outbox{meta: m, clock: c, log: log}
	o.listeners.Store(&map[string][]string{})
	return o
}

// Load reads who listens, once, before the first change.
func (o *Outbox) Load(ctx context.Context) error {
	return o.meta.View(ctx, func(tx *meta.Tx) error {
		all, err := listenersTx(tx)
		if err == nil {
			o.listeners.Store(&all)
		}
		return err
	})
}

func listenersTx(tx *meta.Tx) (map[string][]string, error) {
	rows, err := tx.Query(`SELECT bucket, listener FROM object_listener ORDER BY bucket, listener`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string][]string{}
	for rows.Next() {
		var bucket, listener string
		if err := rows.Scan(&bucket, &listener); err != nil {
			return nil, err
		}
		all[bucket] = append(all[bucket], listener)
	}
	return all, rows.Err()
}

// Listen gives a listener the events of a bucket from the transaction's end on.
func (o *Outbox) Listen(tx *meta.Tx, bucket, listener string) error {
	_, err := tx.Exec(`INSERT INTO object_listener (bucket, listener) VALUES (?, ?) ON CONFLICT DO NOTHING`, bucket, listener)
	return o.changed(tx, err)
}

// Unlisten ends it. What has been written for the listener stays until it is taken off.
func (o *Outbox) Unlisten(tx *meta.Tx, bucket, listener string) error {
	_, err := tx.Exec(`DELETE FROM object_listener WHERE bucket = ? AND listener = ?`, bucket, listener)
	return o.changed(tx, err)
}

// Forget is what object.Store.OnDelete is set to: nobody listens to a bucket that is gone, also when one of its name is made again. What
// has been written stays until it is taken off.
func (o *Outbox) Forget(tx *meta.Tx, bucket string) error {
	res, err := tx.Exec(`DELETE FROM object_listener WHERE bucket = ?`, bucket)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return o.changed(tx, nil)
}

// changed puts the listeners as they are now in place once the transaction is durable. A change of an object that shares the commit is not
// after this one for anybody, and may be told or not.
func (o *Outbox) changed(tx *meta.Tx, err error) error {
	if err != nil {
		return err
	}
	all, err := listenersTx(tx)
	if err == nil {
		tx.AfterCommit(func() { o.listeners.Store(&all) })
	}
	return err
}

// Write is what object.Store.OnEvent is set to: it leaves the event with each listener of the bucket.
func (o *Outbox) Write(tx *meta.Tx, e object.Event) error {
	listeners := (*o.listeners.Load())[e.Info.Bucket]
	if len(listeners) == 0 {
		return nil
	}
	i := e.Info
	body, err := json.Marshal(Event{Name: e.Name, Bucket: i.Bucket, Key: i.Key, VersionID: i.VersionID, ETag: i.ETag, Size: i.Size,
		Marker: i.DeleteMarker, Time: e.Time, Seq: e.Seq})
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	for _, l := range listeners {
		if _, err := tx.Exec(`INSERT INTO object_event (listener, body) VALUES (?, ?)`, l, string(body)); err != nil {
			return err
		}
		tx.Notify(Topic(l))
	}
	return nil
}

// Topic is notified when a listener has a new event.
func Topic(listener string) string { return "object/events/" + listener }

// Next are the oldest events that a listener has not taken off, at most n.
func (o *Outbox) Next(ctx context.Context, listener string, n int) (out []Event, err error) {
	err = o.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT id, body FROM object_event WHERE listener = ? ORDER BY id LIMIT ?`, listener, n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e Event
			var body string
			if err := rows.Scan(&e.ID, &body); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				return fmt.Errorf("stored event %d: %w", e.ID, err)
			}
			out = append(out, e)
		}
		return rows.Err()
	})
	return out, err
}

// Done takes the events of a listener off, up to an ID.
func (o *Outbox) Done(tx *meta.Tx, listener string, id int64) error {
	_, err := tx.Exec(`DELETE FROM object_event WHERE listener = ? AND id <= ?`, listener, id)
	return err
}

const (
	batch    = 100
	patience = time.Second // before events that were not taken are given again; it doubles
	longest  = time.Minute
)

// errNotTaken says that a listener has done nothing with its events and does not say why.
var errNotTaken = errors.New("the listener has not taken its events off")

// Run gives a listener its events, some at a time, until ctx ends. do takes them off by Done in its own transaction, or leaves that to Run
// by reporting true; after an error, after a crash before that, and when it takes off none, they come again.
func (o *Outbox) Run(ctx context.Context, listener string, do func(ctx context.Context, events []Event) (takeOff bool, err error)) error {
	wake, end := o.meta.Watch(Topic(listener))
	defer end()
	pause := patience
	for {
		n, err := o.once(ctx, listener, do)
		if err != nil && ctx.Err() == nil {
			o.log.ErrorContext(ctx, "hand out events of objects", "listener", listener, "err", err)
			if clock.Sleep(ctx, o.clock, pause) != nil {
				return nil
			}
			pause = min(2*pause, longest)
			continue
		}
		if pause = patience; n > 0 && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		}
	}
}

func (o *Outbox) once(ctx context.Context, listener string, do func(context.Context, []Event) (bool, error)) (n int, err error) {
	events, err := o.Next(ctx, listener, batch)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	takeOff, err := do(ctx, events)
	switch {
	case err != nil:
	case takeOff:
		err = o.meta.Update(context.WithoutCancel(ctx), func(tx *meta.Tx) error { return o.Done(tx, listener, events[len(events)-1].ID) })
	default:
		err = o.taken(ctx, events[0])
	}
	return len(events), err
}

// taken checks that an event is not there any more.
func (o *Outbox) taken(ctx context.Context, e Event) error {
	return o.meta.View(ctx, func(tx *meta.Tx) error {
		var there bool
		err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM object_event WHERE id = ?)`, e.ID).Scan(&there)
		if err == nil && there {
			err = errNotTaken
		}
		return err
	})
}
