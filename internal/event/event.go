// Package event keeps what services tell of changes of state: an event is written in the transaction of the change, so that there is one
// exactly when there is the change, in the form in which EventBridge shows it to rules and targets. Events are kept for a day, and the
// newest million of them at most; readers hold the number of the last that they have read and wait on Topic for more.
//
// It delivers nothing and knows no rules: that is EventBridge's business, which reads here. Changes of objects are of package
// object/events.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"penstock/internal/clock"
	"penstock/internal/id"
	"penstock/internal/meta"
)

// Schema is the package's table.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "event", Migrations: []string{`
CREATE TABLE event_row (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  region TEXT NOT NULL,
  at     INTEGER NOT NULL, -- milliseconds since 1970
  body   TEXT NOT NULL     -- JSON, an Event
);
CREATE INDEX event_region ON event_row (region, seq);
CREATE INDEX event_at ON event_row (at);
`}}

// What is kept.
const (
	Retention = 24 * time.Hour
	Most      = 1_000_000
	sweep     = 20 // rows that a new event removes at most: more than it adds, so that old ones go
)

// An Event is one change, as EventBridge has it.
type Event struct {
	Version   string          `json:"version"` // "0"
	ID        string          `json:"id"`
	Type      string          `json:"detail-type"` // "Glue Job State Change"
	Source    string          `json:"source"`      // "aws.glue"
	Account   string          `json:"account"`
	Time      Time            `json:"time"`
	Region    string          `json:"region"`
	Resources []string        `json:"resources"`
	Detail    json.RawMessage `json:"detail"`
	Seq       int64           `json:"-"` // its place in the order of all events
}

// A Time is written in whole seconds of UTC.
type Time struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().Truncate(time.Second).AppendFormat(nil, `"`+time.RFC3339+`"`), nil
}

// A Log is the events of an account in one region. A nil Log keeps nothing.
type Log struct {
	meta            *meta.Store
	clock           clock.Clock
	account, region string
}

// Open returns the log over m, which was opened with Schema.
func Open(m *meta.Store, c clock.Clock, account, region string) *Log {
	return &Log{m, c, account, region}
}

// Topic is notified when there is a new event of a region.
func Topic(region string) string { return "event/" + region }

// PutTx keeps an event in the transaction of what it tells of. detail is its JSON.
func (l *Log) PutTx(tx *meta.Tx, source, kind string, resources []string, detail any) error {
	if l == nil {
		return nil
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("event %q: %w", kind, err)
	}
	now := l.clock.Now()
	e := Event{Version: "0", ID: id.UUID(), Type: kind, Source: source, Account: l.account, Time: Time{now}, Region: l.region,
		Resources: append([]string{}, resources...), Detail: text}
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %q: %w", kind, err)
	}
	res, err := tx.Exec(`INSERT INTO event_row (region, at, body) VALUES (?, ?, ?)`, l.region, now.UnixMilli(), string(body))
	if err != nil {
		return err
	}
	seq, err := res.LastInsertId()
	if err != nil {
		return err
	}
	tx.Notify(Topic(l.region))
	_, err = tx.Exec(`DELETE FROM event_row WHERE seq IN (SELECT seq FROM event_row WHERE at < ? ORDER BY at LIMIT ?)
		OR seq IN (SELECT seq FROM event_row WHERE seq <= ? ORDER BY seq LIMIT ?)`,
		now.Add(-Retention).UnixMilli(), sweep, seq-Most, sweep)
	return err
}

// After gives up to limit events of the region that came after the one numbered seq, in their order. What the retention has passed is
// not shown.
func (l *Log) After(ctx context.Context, seq int64, limit int) (list []Event, err error) {
	err = l.meta.View(ctx, func(tx *meta.Tx) error {
		list, err = l.AfterTx(tx, seq, limit)
		return err
	})
	return list, err
}

// AfterTx is After in a transaction: who keeps the number of the last event that it took there takes each exactly once.
func (l *Log) AfterTx(tx *meta.Tx, seq int64, limit int) (list []Event, err error) {
	rows, err := tx.Query(`SELECT seq, body FROM event_row WHERE region = ? AND seq > ? AND at >= ? ORDER BY seq LIMIT ?`,
		l.region, seq, l.clock.Now().Add(-Retention).UnixMilli(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		var body string
		if err := rows.Scan(&e.Seq, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			return nil, fmt.Errorf("stored event %d: %w", e.Seq, err)
		}
		list = append(list, e)
	}
	return list, rows.Err()
}
