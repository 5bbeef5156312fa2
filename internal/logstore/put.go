package logstore

import (
	"context"
	"errors"
	"time"

	"penstock/internal/meta"
)

// eventOverhead is what AWS counts for an event beside its message, in bytes.
const eventOverhead = 26

// Put appends events to an existing stream. They are durable when it returns.
func (s *Store) Put(ctx context.Context, group, stream string, events []Event) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		g, err := s.groupTx(tx, group)
		if err != nil {
			return err
		}
		id, err := streamTx(tx, g, stream)
		if err != nil {
			return err
		}
		return s.insert(tx, g, id, events)
	})
}

// Write is Put for the runtime's own writers: it makes the group and the stream when they are absent.
func (s *Store) Write(ctx context.Context, group, stream string, events []Event) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error { return s.WriteTx(tx, group, stream, events) })
}

// WriteTx is Write inside a transaction, for lines that must appear together with the state that they tell of.
func (s *Store) WriteTx(tx *meta.Tx, group, stream string, events []Event) error {
	g, err := s.groupTx(tx, group)
	if errors.Is(err, ErrGroupNotFound) {
		r, err := tx.Exec(`INSERT INTO log_groups (region, name, created) VALUES (?, ?, ?)`, s.region, group, s.clock.Now().UnixMilli())
		if err != nil {
			return err
		}
		if g, err = r.LastInsertId(); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	id, err := streamTx(tx, g, stream)
	if errors.Is(err, ErrStreamNotFound) {
		id, err = s.addStream(tx, g, stream)
	}
	if err != nil {
		return err
	}
	return s.insert(tx, g, id, events)
}

func (s *Store) insert(tx *meta.Tx, group, stream int64, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	now := s.clock.Now().UnixMilli()
	first, last, bytes := events[0].Time.UnixMilli(), events[0].Time.UnixMilli(), 0
	for _, e := range events {
		ts := e.Time.UnixMilli()
		first, last = min(first, ts), max(last, ts)
		bytes += len(e.Message) + eventOverhead
		_, err := tx.Exec(`INSERT INTO log_events (grp, stream, ts, ingest, message) VALUES (?, ?, ?, ?, ?)`, group, stream, ts, now, e.Message)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE log_streams SET last_ingest = ?1, last_event = max(last_event, ?2),
		first_event = CASE WHEN first_event = 0 THEN ?3 ELSE min(first_event, ?3) END WHERE id = ?4`, now, last, first, stream)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(`UPDATE log_groups SET bytes = bytes + ? WHERE id = ?`, bytes, group); err != nil {
		return err
	}
	tx.Notify(Topic)
	return nil
}

// Topic is what meta.Store.Watch is given to be woken by new events.
const Topic = "logs"

// Expire removes the events that are older than their group's retention and says how many they were.
func (s *Store) Expire(ctx context.Context) (int64, error) {
	now := s.clock.Now()
	var n int64
	err := s.meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := tx.Exec(`DELETE FROM log_events WHERE id IN (SELECT e.id FROM log_groups g JOIN log_events e ON e.grp = g.id
			WHERE g.region = ?1 AND g.retention > 0 AND e.ts < ?2 - g.retention * ?3 LIMIT 10000)`,
			s.region, now.UnixMilli(), (24 * time.Hour).Milliseconds())
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return n, err
}
