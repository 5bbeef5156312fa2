package metric

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

// region is that of stores in tests that need no other.
const region = "us-east-1"

// measure puts one value of the metric that failureAlarm watches.
func measure(ctx context.Context, s *Store, value float64, at time.Time) error {
	a := failureAlarm()
	return s.Put(ctx, a.Namespace, []Datum{{Name: a.Metric, Dimensions: a.Dimensions, Value: value, Time: at}})
}

// whole tells what is wrong with a region that has the one alarm in a state, over one sample of a value.
func (s *Store) whole(ctx context.Context, state string, value float64) error {
	a := failureAlarm()
	as, err := s.Alarms(ctx, AlarmQuery{Limit: 9})
	of, err2 := s.Alarms(ctx, AlarmQuery{Metric: &Metric{a.Namespace, a.Metric, a.Dimensions}, Limit: 9})
	ms, err3 := s.List(ctx, ListQuery{Limit: 9})
	ps, err4 := s.Statistics(ctx, Query{Namespace: a.Namespace, Name: a.Metric, Dimensions: a.Dimensions, Start: t0.Add(-time.Hour),
		End: t0.Add(time.Hour), Period: 2 * time.Hour, Percentiles: []string{"p100"}})
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	if len(as) != 1 || as[0].State != state || len(of) != 1 || len(ms) != 1 || len(ps) != 1 || ps[0].Sum != value ||
		ps[0].Percentiles["p100"] != value {
		return fmt.Errorf("%s: alarms %+v, metrics %+v, points %+v", s.region, as, ms, ps)
	}
	return nil
}

// TestRegionsAreApart: what one region's store holds the other's does not find, list, evaluate, change or delete, under the same names.
func TestRegionsAreApart(t *testing.T) {
	c, ctx := clock.NewManual(t0), t.Context()
	m := metatest.Open(t, t.TempDir(), c, due.Schema, tag.Schema, Schema)
	east, west := Open(m, "us-east-1", c), Open(m, "eu-west-1", c)
	must(t, putAlarm(ctx, east, failureAlarm()))
	must(t, measure(ctx, east, 5, t0))
	must(t, east.whole(ctx, Alarming, 5))
	for name, err := range map[string]error{
		"SetState":    west.SetState(ctx, "failed", OK, "r", ""),
		"ChangeAlarm": west.ChangeAlarm(ctx, "failed", func(*Alarm) {}),
		"Delete":      deleteAlarm(ctx, west, "failed"),
	} {
		if !isNoAlarm(err) {
			t.Errorf("%s in a region without alarms: %v", name, err)
		}
	}
	as, err := west.Alarms(ctx, AlarmQuery{Limit: 9})
	ms, err2 := west.List(ctx, ListQuery{Limit: 9})
	hs, err3 := west.History(ctx, HistoryQuery{Limit: 9})
	up, err4 := west.History(ctx, HistoryQuery{Limit: 9, Ascending: true})
	if err := errors.Join(err, err2, err3, err4); err != nil || len(as)+len(ms)+len(hs)+len(up) > 0 {
		t.Errorf("eu-west-1 shows %+v %+v %+v %+v, %v", as, ms, hs, up, err)
	}
	must(t, putAlarm(ctx, west, failureAlarm()))
	must(t, measure(ctx, west, 0.5, t0))
	must(t, errors.Join(east.whole(ctx, Alarming, 5), west.whole(ctx, OK, 0.5)))
	if e, w := waiting(t, east), waiting(t, west); len(e) != 1 || len(w) != 0 {
		t.Errorf("actions %+v and %+v", e, w)
	}

	// Two minutes without data: each region's evaluation changes its own alarm only.
	c.Advance(5 * time.Minute)
	must(t, west.EvaluateAll(ctx))
	must(t, errors.Join(east.whole(ctx, Alarming, 5), west.whole(ctx, OK, 0.5)))
	must(t, east.EvaluateAll(ctx))
	must(t, east.whole(ctx, OK, 5))

	// A second sample off the 5 minute step is merged by its own region's compaction only.
	must(t, errors.Join(measure(ctx, east, 1, t0.Add(time.Minute)), measure(ctx, west, 1, t0.Add(time.Minute))))
	c.Advance(16 * 24 * time.Hour)
	must(t, west.Compact(ctx))
	if e, w := stamps(t, east), stamps(t, west); len(e) != 2 || len(w) != 1 {
		t.Errorf("samples %v and %v", e, w)
	}
	c.Advance(maxAge)
	must(t, west.Compact(ctx))
	if e, w := stamps(t, east), stamps(t, west); len(e) != 2 || len(w) != 0 {
		t.Errorf("samples %v and %v after their age", e, w)
	}
	must(t, deleteAlarm(ctx, west, "failed"))
	if as, err := east.Alarms(ctx, AlarmQuery{Limit: 9}); len(as) != 1 || err != nil {
		t.Errorf("alarms of us-east-1 %+v, %v", as, err)
	}
	if hs, err := east.History(ctx, HistoryQuery{Limit: 9}); len(hs) == 0 || err != nil {
		t.Errorf("the other region's clean-up took the history: %+v, %v", hs, err)
	}
}

// stamps are the instants of the region's samples.
func stamps(t *testing.T, s *Store) (out []int64) {
	t.Helper()
	must(t, s.meta.View(t.Context(), func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT DISTINCT m.ts FROM metric_samples m JOIN metric_series s ON s.id = m.series WHERE s.region = ?", s.region)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var ts int64
			if err := rows.Scan(&ts); err != nil {
				return err
			}
			out = append(out, ts)
		}
		return rows.Err()
	}))
	return out
}

// TestRowsBeforeRegions opens what a program without regions has left: all of it is us-east-1's, and no id is used again.
func TestRowsBeforeRegions(t *testing.T) {
	dir, c, ctx := t.TempDir(), clock.NewManual(t0), t.Context()
	const arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:failed"
	metatest.Left(t, dir, []meta.Schema{due.Schema, tag.Schema, metatest.At(Schema, 2)},
		`INSERT INTO metric_series VALUES (4, 'Penstock', 'RunsFailed', '[["Pipeline","retail"]]', 'None', 1795521600),
			(6, 'gone', 'm', '[]', 'None', 0)`,
		`DELETE FROM metric_series WHERE id = 6`,
		`INSERT INTO metric_samples VALUES (4, 1795521600, 5, 5, 5, 1)`,
		`INSERT INTO metric_alarms VALUES ('failed', 'Penstock', 'RunsFailed', '[["Pipeline","retail"]]', 'ALARM',
			'{"Name":"failed","ARN":"`+arn+`","State":"ALARM","Threshold":0.5,"Reason":"1 \u003e 0","Tags":{"team":"a","b":""}}')`,
		`INSERT INTO metric_alarm_history (alarm, ts, kind, text, data) VALUES ('failed', 1795521600000, 'StateUpdate', 't', '{}')`,
		`INSERT INTO due_item (queue, due, body) VALUES ('alarms', 0, '{"ARN":"topic"}')`)
	m := metatest.Open(t, dir, c, due.Schema, tag.Schema, Schema)
	east, west := Open(m, "us-east-1", c), Open(m, "eu-west-1", c)
	must(t, east.whole(ctx, Alarming, 5))
	as, err := east.Alarms(ctx, AlarmQuery{Names: []string{"failed"}, Limit: 1})
	must(t, err)
	if as[0].Threshold != 0.5 || as[0].Reason != "1 > 0" || as[0].ARN != arn {
		t.Errorf("alarm %+v", as[0])
	}
	if hs, err := east.History(ctx, HistoryQuery{Alarm: "failed", Limit: 9}); len(hs) != 1 || err != nil {
		t.Errorf("history %+v, %v", hs, err)
	}
	if e, w := waiting(t, east), waiting(t, west); len(e) != 1 || e[0].ARN != "topic" || len(w) != 0 {
		t.Errorf("actions %+v and %+v", e, w)
	}
	if as, err := west.Alarms(ctx, AlarmQuery{Limit: 9}); len(as) > 0 || err != nil {
		t.Errorf("eu-west-1 has %+v, %v", as, err)
	}
	must(t, east.Put(ctx, "next", []Datum{{Name: "m"}}))
	must(t, m.View(ctx, func(tx *meta.Tx) error {
		var id int
		if err := tx.QueryRow("SELECT id FROM metric_series WHERE namespace = 'next'").Scan(&id); id != 7 || err != nil {
			t.Errorf("the next series has id %d, want 7: 6 was a series' (%v)", id, err)
		}
		tags, err := tag.Of(tx, arn)
		if len(tags) != 2 || tags["team"] != "a" {
			t.Errorf("tags %v", tags)
		}
		return err
	}))
}
