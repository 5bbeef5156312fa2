package flow

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

// endForEver fires a trigger again and again, ends what it starts, and ends what starts then. It says the id of each end that was
// acknowledged.
func endForEver(dir string) error {
	ctx := context.Background()
	if err := os.MkdirAll(filepath.Join(dir, "meta"), 0o700); err != nil {
		return err
	}
	schemas := []meta.Schema{due.Schema, tag.Schema, Schema, factorySchema}
	m, err := meta.Open(ctx, filepath.Join(dir, "meta"), schemas, meta.Options{Clock: clock.Real{}})
	if err != nil {
		return err
	}
	f := New(Options{Meta: m, Region: "r", Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler)})
	f.Bind(&factory{flows: f})
	for _, t := range []Trigger{
		{Name: "go", Type: OnDemand, Actions: []Action{{Kind: Job, Name: "a"}}},
		{Name: "then", Type: Conditional, Conditions: []Condition{{Job, "a", "SUCCEEDED"}}, Actions: []Action{{Kind: Job, Name: "b"}}},
	} {
		if err := f.CreateTrigger(ctx, t, t.Type == Conditional, nothing); err != nil && !strings.Contains(err.Error(), "already exists") {
			return err
		}
	}
	for {
		if err := f.StartTrigger(ctx, "go"); err != nil {
			return err
		}
		var id string
		err := m.Update(ctx, func(tx *meta.Tx) error {
			if err := tx.QueryRow(`SELECT id FROM started WHERE name = 'a' ORDER BY seq DESC LIMIT 1`).Scan(&id); err != nil {
				return err
			}
			return f.EndedTx(tx, id, "SUCCEEDED", "")
		})
		if err != nil {
			return err
		}
		os.Stdout.WriteString("ended " + id + "\n")
	}
}

// TestKillMinusNine kills a process between the ends of jobs and what fires then: after each end that was acknowledged the trigger has
// fired once, and after one that was not, once or not yet, when it then does.
func TestKillMinusNine(t *testing.T) {
	dir := t.TempDir()
	ended := map[string]bool{}
	rounds := 3
	if brokenBuild {
		rounds = 60
	}
	for round := range rounds {
		metatest.Kill(t, dir, time.Duration(50+70*round%400)*time.Millisecond, func(w []string) { ended[w[1]] = true })
	}
	m := metatest.Open(t, filepath.Join(dir, "meta"), clock.Real{}, due.Schema, tag.Schema, Schema, factorySchema)
	f := New(Options{Meta: m, Region: "r", Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler)})
	f.Bind(&factory{flows: f})
	read := func(query string) (out []string) {
		t.Helper()
		err := m.View(t.Context(), func(tx *meta.Tx) error {
			rows, err := tx.Query(query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					return err
				}
				out = append(out, s)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	count := func() map[string]int {
		fired := map[string]int{}
		for _, after := range read(`SELECT after FROM started WHERE name = 'b'`) {
			fired[strings.TrimPrefix(after, "a=")]++
		}
		return fired
	}
	fired, lost := count(), 0
	for id := range ended {
		if fired[id] != 1 {
			lost++
		}
	}
	if (lost > 0) != brokenBuild {
		t.Errorf("after %d ends the trigger has not fired once; a broken build: %v", lost, brokenBuild)
	}
	if brokenBuild {
		return
	}
	all := read(`SELECT id FROM started WHERE name = 'a'`)
	for _, id := range all { // what a restarted server ends again
		if err := m.Update(t.Context(), func(tx *meta.Tx) error { return f.EndedTx(tx, id, "SUCCEEDED", "") }); err != nil {
			t.Fatal(err)
		}
	}
	fired = count()
	for _, id := range all {
		if fired[id] != 1 {
			t.Errorf("%s: the trigger has fired %d times", id, fired[id])
		}
	}
	t.Logf("%d ends acknowledged, %d runs, %d firings", len(ended), len(all), len(fired))
}
