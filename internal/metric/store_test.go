package metric

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

var t0 = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) (*Store, *clock.Manual) {
	c := clock.NewManual(t0)
	return Open(metatest.OpenTemp(t, due.Schema, tag.Schema, Schema), region, c), c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func show(points []Point) string {
	var out []string
	for _, p := range points {
		out = append(out, fmt.Sprintf("%s n=%g sum=%g min=%g max=%g %s", p.Time.Format("15:04"), p.Count, p.Sum, p.Min, p.Max, p.Unit))
	}
	return strings.Join(out, "\n")
}

func TestSeriesAreExact(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	a, b := []Dimension{{"Step", "x"}, {"Pipeline", "p"}}, []Dimension{{"Pipeline", "p"}}
	must(t, s.Put(ctx, "N", []Datum{
		{Name: "Rows", Dimensions: a, Value: 3}, {Name: "Rows", Dimensions: a, Value: 3}, {Name: "Rows", Dimensions: a, Value: 5, Count: 2},
		{Name: "Rows", Dimensions: b, Value: 100},
		{Name: "Rows", Dimensions: a, Value: 7, Unit: "Count"},
		{Name: "Rows", Dimensions: a, Time: t0.Add(-5 * time.Minute), Set: &Set{Count: 4, Sum: 10, Min: 1, Max: 6}},
	}))
	q := Query{Namespace: "N", Name: "Rows", Dimensions: []Dimension{a[1], a[0]}, Start: t0.Add(-10 * time.Minute),
		End: t0.Add(time.Minute), Period: 5 * time.Minute}
	points, err := s.Statistics(ctx, q)
	must(t, err)
	want := "11:55 n=4 sum=10 min=1 max=6 None\n12:00 n=1 sum=7 min=7 max=7 Count\n12:00 n=4 sum=16 min=3 max=5 None"
	if got := show(points); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	q.Unit, q.Percentiles = "None", []string{"p50", "p100"}
	points, err = s.Statistics(ctx, q)
	must(t, err)
	if points[0].Percentiles != nil || points[1].Percentiles["p50"] != 3 || points[1].Percentiles["p100"] != 5 {
		t.Errorf("percentiles %v, %v", points[0].Percentiles, points[1].Percentiles)
	}
	ms, err := s.List(ctx, ListQuery{Dimensions: []DimensionFilter{{Name: "Step"}}, Limit: 10})
	must(t, err)
	if len(ms) != 1 || len(ms[0].Dimensions) != 2 || ms[0].Dimensions[0].Name != "Pipeline" {
		t.Errorf("listed %+v", ms)
	}
	other := "y"
	if ms, _ = s.List(ctx, ListQuery{Dimensions: []DimensionFilter{{"Step", &other}}, Limit: 10}); len(ms) != 0 {
		t.Errorf("listed %+v for a value that no metric has", ms)
	}
}

func failureAlarm() Alarm {
	return Alarm{Name: "failed", Namespace: "Penstock", Metric: "RunsFailed", Dimensions: []Dimension{{"Pipeline", "retail"}},
		Statistic: "Sum", Period: time.Minute, EvaluationPeriods: 1, Threshold: 1, Comparison: "GreaterThanOrEqualToThreshold",
		TreatMissing: "notBreaching", ActionsEnabled: true, AlarmActions: []string{"arn:aws:sns:us-east-1:000000000000:t"}}
}

func putAlarm(ctx context.Context, s *Store, a Alarm) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error { _, err := s.PutAlarmTx(tx, a); return err })
}

func deleteAlarm(ctx context.Context, s *Store, name string) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error { return s.DeleteAlarmTx(tx, name) })
}

func stateOf(t *testing.T, s *Store) Alarm {
	t.Helper()
	as, err := s.Alarms(t.Context(), AlarmQuery{Limit: 1})
	must(t, err)
	return as[0]
}

// waiting is what lies in the queue of actions.
func waiting(t *testing.T, s *Store) (out []Action) {
	t.Helper()
	must(t, s.meta.View(t.Context(), func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT body FROM due_item WHERE queue = ? ORDER BY id", s.Actions())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var body string
			if err := rows.Scan(&body); err != nil {
				return err
			}
			a, err := ParseAction(body)
			if err != nil {
				return err
			}
			out = append(out, a)
		}
		return rows.Err()
	}))
	return out
}

func TestAlarmFiresOnArrivalAndEndsByMissingData(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	must(t, putAlarm(ctx, s, failureAlarm()))
	if a := stateOf(t, s); a.State != OK {
		t.Errorf("state after creation %s (%s)", a.State, a.Reason)
	}
	c.Advance(30 * time.Second)
	fail := []Datum{{Name: "RunsFailed", Dimensions: []Dimension{{"Pipeline", "retail"}}, Value: 1}}
	must(t, s.Put(ctx, "Penstock", fail))
	a := stateOf(t, s)
	want := "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (24/11/26 12:00:00)] was greater than or equal to the threshold (1.0) " +
		"(minimum 1 datapoint for OK -> ALARM transition)."
	if a.State != Alarming || a.Reason != want {
		t.Errorf("state %s, reason %q", a.State, a.Reason)
	}
	must(t, s.EvaluateAll(ctx)) // a tick within the same minute must not take it back
	if a = stateOf(t, s); a.State != Alarming {
		t.Errorf("a tick in the minute of the datum made it %s", a.State)
	}
	acts := waiting(t, s)
	if len(acts) != 1 || acts[0].Old != OK || acts[0].Alarm.State != Alarming || acts[0].ARN != a.AlarmActions[0] {
		t.Fatalf("actions %+v", acts)
	}
	must(t, s.Put(ctx, "Penstock", fail)) // no second action while it stays in ALARM
	must(t, s.meta.Update(ctx, func(tx *meta.Tx) error { return s.ActionOver(tx, acts[0], errors.New("no topic")) }))
	if acts = waiting(t, s); len(acts) != 1 {
		t.Errorf("actions: %+v", acts)
	}
	for range 5 {
		c.Advance(time.Minute)
		must(t, s.EvaluateAll(ctx))
	}
	if a = stateOf(t, s); a.State != OK ||
		!strings.Contains(a.Reason, "no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]") {
		t.Errorf("state %s, reason %q", a.State, a.Reason)
	}
	var kinds []string
	items, err := s.History(ctx, HistoryQuery{Alarm: "failed", Ascending: true, Limit: 100})
	must(t, err)
	for _, h := range items {
		kinds = append(kinds, h.Kind+": "+h.Text)
	}
	got := strings.Join(kinds, "\n")
	if got != `ConfigurationUpdate: Alarm "failed" created
StateUpdate: Alarm updated from INSUFFICIENT_DATA to OK
StateUpdate: Alarm updated from OK to ALARM
Action: Failed to execute action arn:aws:sns:us-east-1:000000000000:t. Received error: "no topic"
StateUpdate: Alarm updated from ALARM to OK` {
		t.Errorf("history\n%s", got)
	}
}

func TestPartialSumDoesNotBreachLow(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	a := failureAlarm()
	a.Comparison, a.Threshold, a.TreatMissing = "LessThanThreshold", 10, "ignore"
	must(t, putAlarm(ctx, s, a))
	put := func() {
		must(t, s.Put(ctx, "Penstock", []Datum{{Name: "RunsFailed", Dimensions: a.Dimensions, Value: 6}}))
	}
	put()
	if got := stateOf(t, s).State; got != InsufficientData {
		t.Errorf("half a minute's sum made it %s", got)
	}
	put()
	c.Advance(time.Minute)
	must(t, s.EvaluateAll(ctx))
	if got := stateOf(t, s).State; got != OK {
		t.Errorf("the whole minute's sum of 12 made it %s", got)
	}
}

func TestOtherDimensionsDoNotFire(t *testing.T) {
	s, _ := open(t)
	must(t, putAlarm(t.Context(), s, failureAlarm()))
	must(t, s.Put(t.Context(), "Penstock", []Datum{{Name: "RunsFailed", Dimensions: []Dimension{{"Pipeline", "other"}}, Value: 1}}))
	if got := stateOf(t, s).State; got != OK {
		t.Errorf("another pipeline's failure made it %s", got)
	}
}

func TestSetStateLastsUntilEvaluation(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	must(t, putAlarm(ctx, s, failureAlarm()))
	must(t, s.SetState(ctx, "failed", Alarming, "by hand", ""))
	if a := stateOf(t, s); a.State != Alarming || a.Reason != "by hand" {
		t.Errorf("%s %s", a.State, a.Reason)
	}
	c.Advance(2 * time.Minute)
	must(t, s.EvaluateAll(ctx))
	if got := stateOf(t, s).State; got != OK {
		t.Errorf("after an evaluation %s", got)
	}
	if err := s.SetState(ctx, "none", OK, "", ""); !isNoAlarm(err) {
		t.Errorf("unknown alarm: %v", err)
	}
	must(t, deleteAlarm(ctx, s, "failed"))
	if err := deleteAlarm(ctx, s, "failed"); !isNoAlarm(err) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestCompactKeepsSumsByAge(t *testing.T) {
	s, c := open(t)
	ctx := t.Context()
	for i := range 10 {
		must(t, s.Put(ctx, "N", []Datum{{Name: "M", Value: float64(i), HighRes: true, Time: t0.Add(time.Duration(i) * time.Second)}}))
	}
	rows := func() (n int) {
		must(t, s.meta.View(ctx, func(tx *meta.Tx) error {
			return tx.QueryRow(`SELECT count(DISTINCT ts) FROM metric_samples`).Scan(&n)
		}))
		return n
	}
	sum := func() string {
		p, err := s.Statistics(ctx, Query{Namespace: "N", Name: "M", Start: t0, End: t0.Add(time.Hour), Period: time.Hour})
		must(t, err)
		return show(p)
	}
	want := "12:00 n=10 sum=45 min=0 max=9 None"
	if rows() != 10 || sum() != want {
		t.Errorf("before: %d times, %s", rows(), sum())
	}
	c.Advance(4 * time.Hour)
	must(t, s.Compact(ctx))
	must(t, s.Compact(ctx))
	if rows() != 1 || sum() != want {
		t.Errorf("after 4 hours: %d times, %s", rows(), sum())
	}
	c.Advance(456 * 24 * time.Hour)
	must(t, s.Compact(ctx))
	if rows() != 0 {
		t.Errorf("after 456 days: %d times", rows())
	}
}

func TestPercentileText(t *testing.T) {
	for text, ok := range map[string]bool{"p0": true, "p99.9": true, "p100": true, "p101": false, "99": false,
		"p1e1": false, "p": false, "p-1": false} {
		if _, err := ParsePercentile(text); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
