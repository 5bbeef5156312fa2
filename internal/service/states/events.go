package states

import (
	"encoding/json"
	"fmt"

	"penstock/internal/asl"
	"penstock/internal/meta"
)

// The events of one commit are one row of states_event: its id is the last event's, its type is empty and its body the list. Rows of
// earlier programs hold one event each, with its type.

// A packed event is an element of such a list.
type packed struct {
	ID   int64  `json:"#"`
	Time int64  `json:"@"`
	Type string `json:"y"`
	asl.Event
}

// A pack is a row to be: the events of a commit in their stored form.
type pack struct {
	last, time int64
	body       string
}

// What a row holds at most: a history is read by pages, and a commit may have thousands of events.
const (
	packEvents = 200
	packBytes  = 512 << 10
)

// encode puts events into their stored form, which needs no transaction.
func encode(events []*asl.Event) (packs []pack, err error) {
	for len(events) > 0 {
		n, size := 0, 0
		for n < len(events) && n < packEvents && (n == 0 || size < packBytes) {
			e := events[n]
			size += len(e.Input) + len(e.Output) + len(e.Parameters) + len(e.Cause)
			n++
		}
		list := make([]packed, n)
		for i, e := range events[:n] {
			list[i] = packed{e.ID, e.Time, e.Type, *e}
		}
		body, err := json.Marshal(list)
		if err != nil {
			return nil, fmt.Errorf("events from %d on: %w", events[0].ID, err)
		}
		packs = append(packs, pack{events[n-1].ID, events[0].Time, string(body)})
		events = events[n:]
	}
	return packs, nil
}

// insertEvents appends events to an execution's history.
func insertEvents(tx *meta.Tx, seq int64, packs []pack) error {
	for _, p := range packs {
		_, err := tx.Exec(`INSERT INTO states_event (execution, id, time, type, body) VALUES (?, ?, ?, '', ?)`, seq, p.last, p.time, p.body)
		if err != nil {
			return fmt.Errorf("events up to %d: %w", p.last, err)
		}
	}
	return nil
}

const (
	eventsForward = `SELECT id, time, type, body FROM states_event WHERE execution = ?1 AND id > ?2 ORDER BY id LIMIT ?3`
	// A list that ends at or after the bound may begin before it.
	eventsBackward = `SELECT id, time, type, body FROM states_event WHERE execution = ?1
		AND id <= coalesce((SELECT min(id) FROM states_event WHERE execution = ?1 AND id >= ?2), ?2) ORDER BY id DESC LIMIT ?3 + 1`
)

// eventsTx reads up to limit events of an execution from the id after from on, or before it when reverse is set.
func eventsTx(tx *meta.Tx, seq, from int64, limit int, reverse bool) (out []*asl.Event, err error) {
	query := eventsForward
	if reverse {
		query = eventsBackward
	}
	rows, err := tx.Query(query, seq, from, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() && len(out) < limit {
		var e asl.Event
		var body string
		if err := rows.Scan(&e.ID, &e.Time, &e.Type, &body); err != nil {
			return nil, err
		}
		events, err := decode(e, body)
		if err != nil {
			return nil, fmt.Errorf("events up to %d: %w", e.ID, err)
		}
		out = choose(out, events, from, limit, reverse)
	}
	return out, rows.Err()
}

// decode reads a row: row has its columns.
func decode(row asl.Event, body string) ([]*asl.Event, error) {
	if row.Type != "" {
		return []*asl.Event{&row}, json.Unmarshal([]byte(body), &row)
	}
	var list []packed
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		return nil, err
	}
	events := make([]*asl.Event, len(list))
	for i := range list {
		p := &list[i]
		p.Event.ID, p.Event.Time, p.Event.Type = p.ID, p.Time, p.Type
		events[i] = &p.Event
	}
	return events, nil
}

// choose appends those of a row's events that a page wants.
func choose(out, events []*asl.Event, from int64, limit int, reverse bool) []*asl.Event {
	for i := range events {
		e := events[i]
		if reverse {
			e = events[len(events)-1-i]
		}
		if len(out) < limit && (e.ID > from) != reverse && e.ID != from {
			out = append(out, e)
		}
	}
	return out
}
