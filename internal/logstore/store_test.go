package logstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

var t0 = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) (*Store, *clock.Manual) {
	c := clock.NewManual(t0)
	return Open(metatest.OpenTemp(t, Schema), region, c), c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(ctx context.Context, s *Store, group string) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error { return s.CreateGroupTx(tx, group) })
}

func remove(ctx context.Context, s *Store, group string) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error { return s.DeleteGroupTx(tx, group) })
}

func lines(events []Stored) string {
	var out []string
	for _, e := range events {
		out = append(out, e.Message)
	}
	return strings.Join(out, " ")
}

func at(seconds int, message string) Event {
	return Event{t0.Add(time.Duration(seconds) * time.Second), message}
}

func TestGetPagesBothWaysAndPolls(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.Write(ctx, "g", "s", []Event{at(1, "a"), at(2, "b"), at(2, "c"), at(3, "d"), at(4, "e")}))
	q := GetQuery{Group: "g", Stream: "s", Limit: 2, FromHead: true}
	p, err := s.Get(ctx, q)
	must(t, err)
	var got []string
	for {
		got = append(got, lines(p.Events))
		q.Token = p.Forward
		next, err := s.Get(ctx, q)
		must(t, err)
		if next.Forward == p.Forward {
			break
		}
		p = next
	}
	if g := strings.Join(got, "|"); g != "a b|c d|e" {
		t.Errorf("forward pages %s", g)
	}
	must(t, s.Write(ctx, "g", "s", []Event{at(5, "f")}))
	p, err = s.Get(ctx, q)
	must(t, err)
	if lines(p.Events) != "f" {
		t.Errorf("the end token gave %q after a further event", lines(p.Events))
	}
	q = GetQuery{Group: "g", Stream: "s", Limit: 4}
	p, err = s.Get(ctx, q)
	must(t, err)
	q.Token = p.Backward
	older, err := s.Get(ctx, q)
	must(t, err)
	if lines(p.Events)+"|"+lines(older.Events) != "c d e f|a b" {
		t.Errorf("backward pages %q then %q", lines(p.Events), lines(older.Events))
	}
	if _, err := s.Get(ctx, GetQuery{Group: "g", Stream: "s", Start: t0, Token: p.Forward}); !errors.Is(err, ErrBadToken) {
		t.Errorf("a token of another query: %v", err)
	}
}

func TestGetStopsAtOneMegabyte(t *testing.T) {
	s, _ := open(t)
	var events []Event
	for i := range 12 {
		events = append(events, at(i, strings.Repeat("x", 100_000)))
	}
	must(t, s.Write(t.Context(), "g", "s", events))
	p, err := s.Get(t.Context(), GetQuery{Group: "g", Stream: "s", FromHead: true})
	must(t, err)
	if len(p.Events) != 10 {
		t.Errorf("%d events in a page, want 10 of 100,000 bytes each", len(p.Events))
	}
}

func TestFilterReadsAcrossStreams(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.Write(ctx, "g", "a1", []Event{at(1, "ERROR one"), at(4, "fine")}))
	must(t, s.Write(ctx, "g", "a2", []Event{at(2, "ERROR two")}))
	must(t, s.Write(ctx, "g", "b", []Event{at(3, "ERROR three")}))
	for _, c := range []struct {
		q    FilterQuery
		want string
	}{
		{FilterQuery{}, "ERROR one ERROR two ERROR three fine"},
		{FilterQuery{Pattern: "ERROR"}, "ERROR one ERROR two ERROR three"},
		{FilterQuery{Streams: []string{"b"}}, "ERROR three"},
		{FilterQuery{StreamPrefix: "a"}, "ERROR one ERROR two fine"},
		{FilterQuery{Start: t0.Add(2 * time.Second), End: t0.Add(4 * time.Second)}, "ERROR two ERROR three"},
	} {
		c.q.Group, c.q.Limit = "g", 1
		var got []Stored
		for range 10 {
			page, next, err := s.Filter(ctx, c.q)
			must(t, err)
			if got = append(got, page...); next == "" {
				break
			}
			c.q.Token = next
		}
		if lines(got) != c.want {
			t.Errorf("%+v gave %q, want %q", c.q, lines(got), c.want)
		}
	}
}

func TestRetentionHidesAndExpires(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	must(t, s.Write(ctx, "g", "s", []Event{at(0, "old"), at(3600*30, "new")}))
	must(t, s.SetRetention(ctx, "g", 1))
	c.Advance(31 * time.Hour)
	p, err := s.Get(ctx, GetQuery{Group: "g", Stream: "s"})
	must(t, err)
	if lines(p.Events) != "new" {
		t.Errorf("with a day of retention: %q", lines(p.Events))
	}
	n, err := s.Expire(ctx)
	must(t, err)
	must(t, s.SetRetention(ctx, "g", 0))
	p, _ = s.Get(ctx, GetQuery{Group: "g", Stream: "s"})
	if n != 1 || lines(p.Events) != "new" {
		t.Errorf("expired %d, left %q", n, lines(p.Events))
	}
}

func TestGroupsAndStreams(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	must(t, create(ctx, s, "/a"))
	if err := create(ctx, s, "/a"); !errors.Is(err, ErrGroupExists) {
		t.Errorf("second CreateGroup: %v", err)
	}
	if err := s.Put(ctx, "/a", "s", []Event{at(0, "x")}); !errors.Is(err, ErrStreamNotFound) {
		t.Errorf("Put without a stream: %v", err)
	}
	must(t, s.CreateStream(ctx, "/a", "s"))
	if err := s.CreateStream(ctx, "/a", "s"); !errors.Is(err, ErrStreamExists) {
		t.Errorf("second CreateStream: %v", err)
	}
	c.Advance(time.Minute)
	must(t, s.Put(ctx, "/a", "s", []Event{at(5, "xyz")}))
	must(t, s.Write(ctx, "/a", "r", []Event{at(9, "xyz")}))
	g, err := s.Group(ctx, "/a")
	must(t, err)
	if g.Bytes != 2*(3+eventOverhead) || !g.Created.Equal(t0) {
		t.Errorf("group %+v", g)
	}
	st, err := s.Streams(ctx, StreamQuery{Group: "/a", ByLastEvent: true, Descending: true, Limit: 1})
	must(t, err)
	rest, err := s.Streams(ctx, StreamQuery{Group: "/a", ByLastEvent: true, Descending: true, Limit: 9, AfterName: st[0].Name,
		AfterTime: st[0].LastEvent.UnixMilli()})
	must(t, err)
	if st[0].Name != "r" || len(rest) != 1 || rest[0].Name != "s" || !rest[0].FirstEvent.Equal(t0.Add(5*time.Second)) {
		t.Errorf("streams %+v then %+v", st, rest)
	}
	must(t, s.DeleteStream(ctx, "/a", "r"))
	must(t, remove(ctx, s, "/a"))
	if _, err := s.Group(ctx, "/a"); !errors.Is(err, ErrGroupNotFound) {
		t.Errorf("a deleted group: %v", err)
	}
	for i := range 3 {
		must(t, create(ctx, s, fmt.Sprintf("/b%d", i)))
	}
	gs, err := s.Groups(ctx, "/b", "", "/b0", 10)
	must(t, err)
	if len(gs) != 2 || gs[0].Name != "/b1" {
		t.Errorf("groups %+v", gs)
	}
}

func TestWritesSurviveReopening(t *testing.T) {
	dir := t.TempDir()
	c := clock.NewManual(t0)
	m := metatest.Open(t, dir, c, Schema)
	must(t, Open(m, region, c).Write(t.Context(), "g", "s", []Event{at(0, "kept")}))
	must(t, m.Close())
	p, err := Open(metatest.Open(t, dir, c, Schema), region, c).Get(context.Background(), GetQuery{Group: "g", Stream: "s"})
	must(t, err)
	if lines(p.Events) != "kept" {
		t.Errorf("after reopening: %q", lines(p.Events))
	}
}
