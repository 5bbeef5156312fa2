// Package logstore keeps log groups, their streams and their events: what job runs, crawls and executions write and what the Logs
// service reads. Events are durable when Put returns. It is not the program's own log (that is a slog.Logger), and it knows no wire
// format and no AWS error code.
//
// The model is that of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/: a group has a retention in days, a stream belongs to
// one group, an event is a millisecond timestamp with a message. Within a stream events are read in the order (timestamp, arrival).
package logstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// Schema is the store's part of the metadata database. Groups are of a region; streams and events are of their group's.
var Schema = meta.Schema{Name: "logs", Migrations: []string{`
CREATE TABLE log_groups (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  name      TEXT NOT NULL UNIQUE,
  created   INTEGER NOT NULL,
  retention INTEGER NOT NULL DEFAULT 0,
  bytes     INTEGER NOT NULL DEFAULT 0,
  tags      TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE log_streams (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  grp         INTEGER NOT NULL REFERENCES log_groups(id),
  name        TEXT NOT NULL,
  created     INTEGER NOT NULL,
  first_event INTEGER NOT NULL DEFAULT 0,
  last_event  INTEGER NOT NULL DEFAULT 0,
  last_ingest INTEGER NOT NULL DEFAULT 0,
  UNIQUE (grp, name)
);
CREATE TABLE log_events (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  grp     INTEGER NOT NULL,
  stream  INTEGER NOT NULL,
  ts      INTEGER NOT NULL,
  ingest  INTEGER NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX log_events_stream ON log_events (stream, ts, id);
CREATE INDEX log_events_group ON log_events (grp, ts, id);
`, `
CREATE TABLE log_groups_2 (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  region    TEXT NOT NULL,
  name      TEXT NOT NULL,
  created   INTEGER NOT NULL,
  retention INTEGER NOT NULL DEFAULT 0,
  bytes     INTEGER NOT NULL DEFAULT 0,
  UNIQUE (region, name)
);
INSERT INTO sqlite_sequence (name, seq) -- no id is used twice
  SELECT 'log_groups_2', seq FROM sqlite_sequence WHERE name = 'log_groups';
INSERT INTO log_groups_2 (id, region, name, created, retention, bytes)
  SELECT id, 'us-east-1', name, created, retention, bytes FROM log_groups;
CREATE TABLE log_group_tags (name TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL); -- until service/logs takes them
INSERT INTO log_group_tags (name, key, value) SELECT g.name, t.key, t.value FROM log_groups g, json_each(g.tags) t
  WHERE json_type(g.tags) = 'object'; -- null is one row without a key
DROP TABLE log_groups;
ALTER TABLE log_groups_2 RENAME TO log_groups;
`}}

// Errors that callers tell apart with errors.Is.
var (
	ErrGroupNotFound  = errors.New("the specified log group does not exist")
	ErrStreamNotFound = errors.New("the specified log stream does not exist")
	ErrGroupExists    = errors.New("the specified log group already exists")
	ErrStreamExists   = errors.New("the specified log stream already exists")
	ErrBadToken       = errors.New("the specified nextToken is invalid")
)

// A Store holds all groups of the account in one region.
type Store struct {
	meta   *meta.Store
	region string
	clock  clock.Clock
}

// Open returns the store of a region over m, whose schemas must include Schema.
func Open(m *meta.Store, region string, c clock.Clock) *Store {
	return &Store{meta: m, region: region, clock: c}
}

// A Group is a log group.
type Group struct {
	Name      string
	Created   time.Time
	Retention int // days; 0 keeps events for ever
	Bytes     int64
}

// A Stream is a log stream; the event times are zero while it is empty.
type Stream struct {
	Name                              string
	Created                           time.Time
	FirstEvent, LastEvent, LastIngest time.Time
}

// An Event is one line of a log.
type Event struct {
	Time    time.Time // millisecond precision
	Message string
}

// CreateGroupTx makes an empty group.
func (s *Store) CreateGroupTx(tx *meta.Tx, name string) error {
	r, err := tx.Exec(`INSERT INTO log_groups (region, name, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		s.region, name, s.clock.Now().UnixMilli())
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrGroupExists)
	}
	return nil
}

// CreateStream makes an empty stream in an existing group.
func (s *Store) CreateStream(ctx context.Context, group, stream string) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		g, err := s.groupTx(tx, group)
		if err != nil {
			return err
		}
		if _, err := streamTx(tx, g, stream); err == nil {
			return ErrStreamExists
		}
		_, err = s.addStream(tx, g, stream)
		return err
	})
}

// DeleteGroupTx removes a group with its streams and events.
func (s *Store) DeleteGroupTx(tx *meta.Tx, name string) error {
	g, err := s.groupTx(tx, name)
	if err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM log_events WHERE grp = ?`,
		`DELETE FROM log_streams WHERE grp = ?`,
		`DELETE FROM log_groups WHERE id = ?`,
	} {
		if _, err := tx.Exec(q, g); err != nil {
			return err
		}
	}
	return nil
}

// DeleteStream removes a stream with its events.
func (s *Store) DeleteStream(ctx context.Context, group, stream string) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		g, err := s.groupTx(tx, group)
		if err != nil {
			return err
		}
		id, err := streamTx(tx, g, stream)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM log_events WHERE stream = ?`, id); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM log_streams WHERE id = ?`, id)
		return err
	})
}

// SetRetention sets how many days the group keeps its events; 0 keeps them for ever.
func (s *Store) SetRetention(ctx context.Context, group string, days int) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		g, err := s.groupTx(tx, group)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE log_groups SET retention = ? WHERE id = ?`, days, g)
		return err
	})
}

func (s *Store) groupTx(tx *meta.Tx, name string) (int64, error) {
	var id int64
	err := tx.QueryRow(`SELECT id FROM log_groups WHERE region = ? AND name = ?`, s.region, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrGroupNotFound
	}
	return id, err
}

func streamTx(tx *meta.Tx, group int64, name string) (int64, error) {
	var id int64
	err := tx.QueryRow(`SELECT id FROM log_streams WHERE grp = ? AND name = ?`, group, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrStreamNotFound
	}
	return id, err
}

func (s *Store) addStream(tx *meta.Tx, group int64, name string) (int64, error) {
	r, err := tx.Exec(`INSERT INTO log_streams (grp, name, created) VALUES (?, ?, ?)`, group, name, s.clock.Now().UnixMilli())
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func millis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
