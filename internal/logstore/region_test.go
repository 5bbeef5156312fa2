package logstore

import (
	"context"
	"errors"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

// region is that of stores in tests that need no other.
const region = "us-east-1"

// TestRegionsAreApart: what one region's store holds the other's does not find, list, change or delete, under the same names.
func TestRegionsAreApart(t *testing.T) {
	c, ctx := clock.NewManual(t0), t.Context()
	m := metatest.Open(t, t.TempDir(), c, Schema)
	east, west := Open(m, "us-east-1", c), Open(m, "eu-west-1", c)
	must(t, east.Write(ctx, "g", "s", []Event{at(0, "east")}))
	must(t, east.SetRetention(ctx, "g", 1))
	for name, call := range west.calls(ctx) {
		if err := call(); !errors.Is(err, ErrGroupNotFound) {
			t.Errorf("%s in a region without groups: %v", name, err)
		}
	}
	if gs, err := west.Groups(ctx, "", "", "", 10); len(gs) > 0 || err != nil {
		t.Errorf("groups %+v, %v", gs, err)
	}
	must(t, east.whole(ctx, "east", 1))
	must(t, create(ctx, west, "g"))
	must(t, west.Write(ctx, "g", "s", []Event{at(0, "west")}))
	must(t, errors.Join(east.whole(ctx, "east", 1), west.whole(ctx, "west", 0)))

	must(t, west.SetRetention(ctx, "g", 7))
	c.Advance(48 * time.Hour)
	if n, err := west.Expire(ctx); n != 0 || err != nil {
		t.Errorf("the other region's expiry took %d events, %v", n, err)
	}
	must(t, east.SetRetention(ctx, "g", 0))
	must(t, errors.Join(east.whole(ctx, "east", 0), west.whole(ctx, "west", 7)))
	for _, name := range []string{"DeleteStream", "DeleteGroupTx"} {
		must(t, west.calls(ctx)[name]())
		must(t, east.whole(ctx, "east", 0))
	}
	must(t, east.SetRetention(ctx, "g", 1))
	if n, err := east.Expire(ctx); n != 1 || err != nil {
		t.Errorf("its own region's expiry took %d events, %v", n, err)
	}
}

// calls are the operations that name a group.
func (s *Store) calls(ctx context.Context) map[string]func() error {
	return map[string]func() error{
		"Group":         func() error { _, err := s.Group(ctx, "g"); return err },
		"DeleteGroupTx": func() error { return remove(ctx, s, "g") },
		"SetRetention":  func() error { return s.SetRetention(ctx, "g", 3) },
		"CreateStream":  func() error { return s.CreateStream(ctx, "g", "s") },
		"DeleteStream":  func() error { return s.DeleteStream(ctx, "g", "s") },
		"Streams":       func() error { _, err := s.Streams(ctx, StreamQuery{Group: "g", Limit: 9}); return err },
		"Put":           func() error { return s.Put(ctx, "g", "s", []Event{at(0, "x")}) },
		"Get":           func() error { _, err := s.Get(ctx, GetQuery{Group: "g", Stream: "s"}); return err },
		"Filter":        func() error { _, _, err := s.Filter(ctx, FilterQuery{Group: "g"}); return err },
	}
}

// whole tells what is wrong with a region whose only event is message.
func (s *Store) whole(ctx context.Context, message string, retention int) error {
	gs, err := s.Groups(ctx, "", "", "", 10)
	if err != nil || len(gs) != 1 || gs[0].Retention != retention || gs[0].Bytes != int64(len(message)+eventOverhead) {
		return errors.Join(errors.New(s.region+": groups"), err)
	}
	st, err := s.Streams(ctx, StreamQuery{Group: "g", Limit: 9})
	if err != nil || len(st) != 1 {
		return errors.Join(errors.New(s.region+": streams"), err)
	}
	p, err := s.Get(ctx, GetQuery{Group: "g", Stream: "s"})
	found, _, err2 := s.Filter(ctx, FilterQuery{Group: "g"})
	if lines(p.Events) != message || lines(found) != message {
		return errors.Join(errors.New(s.region+": events "+lines(p.Events)+", "+lines(found)), err, err2)
	}
	return nil
}

// TestRowsBeforeRegions opens what a program without regions has left: all of it is us-east-1's, and no id is used again.
func TestRowsBeforeRegions(t *testing.T) {
	dir, c := t.TempDir(), clock.NewManual(t0)
	metatest.Left(t, dir, []meta.Schema{metatest.At(Schema, 1)},
		`INSERT INTO log_groups (id, name, created, bytes, tags) VALUES (4, 'g', 1, 30, '{"team":"a","x y":""}'), (6, 'gone', 1, 0, '{}')`,
		`DELETE FROM log_groups WHERE id = 6`,
		`INSERT INTO log_streams (id, grp, name, created) VALUES (2, 4, 's', 1)`,
		`INSERT INTO log_events (grp, stream, ts, ingest, message) VALUES (4, 2, 1795521600000, 1, 'east')`)
	m := metatest.Open(t, dir, c, Schema)
	east, west := Open(m, "us-east-1", c), Open(m, "eu-west-1", c)
	must(t, east.whole(t.Context(), "east", 0))
	if gs, err := west.Groups(t.Context(), "", "", "", 10); len(gs) > 0 || err != nil {
		t.Errorf("eu-west-1 has %+v, %v", gs, err)
	}
	must(t, create(t.Context(), east, "next"))
	must(t, m.View(t.Context(), func(tx *meta.Tx) error {
		if id, err := east.groupTx(tx, "next"); id != 7 || err != nil {
			t.Errorf("the next group has id %d, want 7: 6 was a group's", id)
		}
		var tags string
		err := tx.QueryRow(`SELECT group_concat(name || ' ' || key || '=' || value) FROM log_group_tags`).Scan(&tags)
		if tags != "g team=a,g x y=" {
			t.Errorf("tags %q", tags)
		}
		return err
	}))
}
