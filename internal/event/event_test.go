package event

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

func put(t *testing.T, m *meta.Store, l *Log, n int) {
	t.Helper()
	err := m.Update(t.Context(), func(tx *meta.Tx) error {
		return l.PutTx(tx, "aws.glue", "Glue Job State Change", nil, map[string]int{"n": n})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func numbers(t *testing.T, l *Log, after int64) string {
	t.Helper()
	list, err := l.After(t.Context(), after, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, string(e.Detail))
	}
	return strings.Join(out, "")
}

// TestEvents: an event has EventBridge's form, is there exactly when its transaction is, stays through a restart, and is its region's own.
func TestEvents(t *testing.T) {
	dir := t.TempDir()
	now := clock.NewManual(time.Date(2017, 9, 7, 18, 57, 21, 5e8, time.UTC))
	m := metatest.Open(t, dir, now, Schema)
	l := Open(m, now, "123456789012", "us-east-1")
	put(t, m, l, 1)
	undone := errors.New("undone")
	err := m.Update(t.Context(), func(tx *meta.Tx) error {
		return errors.Join(l.PutTx(tx, "aws.glue", "x", nil, 2), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	put(t, m, Open(m, now, "123456789012", "eu-west-1"), 3)
	put(t, m, nil, 4)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = metatest.Open(t, dir, now, Schema)
	l = Open(m, now, "123456789012", "us-east-1")
	list, err := l.After(t.Context(), 0, 10)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	text, err := json.Marshal(list[0])
	want := `{"version":"0","id":"` + list[0].ID + `","detail-type":"Glue Job State Change","source":"aws.glue","account":"123456789012",` +
		`"time":"2017-09-07T18:57:21Z","region":"us-east-1","resources":[],"detail":{"n":1}}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v\nwant %s", text, err, want)
	}
	put(t, m, l, 5)
	if got := numbers(t, l, list[0].Seq); got != `{"n":5}` {
		t.Error(got)
	}
}

// TestRetention: what is older than a day is not shown, and goes as new ones come.
func TestRetention(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	m := metatest.OpenTemp(t, Schema)
	l := Open(m, now, "a", "r")
	for i := range 30 {
		put(t, m, l, i)
	}
	now.Advance(Retention + time.Millisecond)
	if got := numbers(t, l, 0); got != "" {
		t.Error(got)
	}
	put(t, m, l, 100)
	put(t, m, l, 101)
	var left int
	err := m.View(t.Context(), func(tx *meta.Tx) error { return tx.QueryRow(`SELECT count(*) FROM event_row`).Scan(&left) })
	if got := numbers(t, l, 0); err != nil || left != 2 || got != `{"n":100}{"n":101}` {
		t.Error(got, left, err)
	}
}
