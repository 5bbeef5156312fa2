package metric

import (
	"context"
	"fmt"
	"slices"
	"time"

	"penstock/internal/meta"
)

// lookBack is how many points beyond EvaluationPeriods are looked at for real data before missing ones are filled in. AWS says only that
// its range is somewhat larger than N (5 for N = 3 in its examples); 2 for every N is Penstock's choice.
const lookBack = 2

// A point of an alarm's range: real or missing, breaching or not.
type sample struct {
	real, breaching bool
	value, count    float64
	time            time.Time
}

// EvaluateAll looks at every alarm, as AWS does once a minute: only whole minutes count. A datum is looked at when it arrives (PutTx), so
// this finds what follows from data that stay away.
func (s *Store) EvaluateAll(ctx context.Context) error {
	for after := ""; ; {
		page, err := s.Alarms(ctx, AlarmQuery{After: after, Limit: 100})
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := s.evaluateOne(ctx, &page[i]); err != nil {
				return fmt.Errorf("evaluate alarm %s: %w", page[i].Name, err)
			}
		}
		after = page[len(page)-1].Name
	}
}

// evaluateOne writes only when the state changes, so that a quiet system stays quiet.
func (s *Store) evaluateOne(ctx context.Context, a *Alarm) error {
	var v outcome
	now := s.clock.Now()
	err := s.meta.View(ctx, func(tx *meta.Tx) (err error) {
		v, err = s.decide(tx, a, now, false)
		return err
	})
	if err != nil || v.state == a.State {
		return err
	}
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		fresh, err := s.AlarmTx(tx, a.Name)
		if err != nil {
			return err
		}
		return s.evaluate(tx, &fresh, now, false)
	})
}

// evaluateSeries evaluates the alarms over a metric that has just got a datum.
func (s *Store) evaluateSeries(tx *meta.Tx, key seriesKey, now time.Time) error {
	alarms, err := alarmsTx(tx,
		`SELECT doc FROM metric_alarms WHERE region = ? AND namespace = ? AND metric = ? AND dims = ? ORDER BY name LIMIT 1000`,
		s.region, key.namespace, key.name, key.dims)
	if err != nil {
		return err
	}
	for i := range alarms {
		if err := s.evaluate(tx, &alarms[i], now, true); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) evaluate(tx *meta.Tx, a *Alarm, now time.Time, arrival bool) error {
	v, err := s.decide(tx, a, now, arrival)
	if err != nil {
		return err
	}
	if v.to.After(a.EvaluatedTo) {
		a.EvaluatedTo = v.to
	}
	if v.state != a.State {
		return s.transit(tx, a, v.state, v.reason, v.data, now)
	}
	if arrival {
		return s.saveAlarm(tx, a)
	}
	return nil
}

// An outcome is what an evaluation says.
type outcome struct {
	state, reason, data string
	to                  time.Time // the end of the range
}

// decide evaluates the alarm over the range that ends with the last whole step or, on arrival of a datum, with the one under way. A
// range that ends before one that has been evaluated already changes nothing: the tick after an arrival must not take it back.
func (s *Store) decide(tx *meta.Tx, a *Alarm, now time.Time, arrival bool) (outcome, error) {
	step := min(a.Period, time.Minute)
	end := now.Truncate(step)
	if arrival && a.earlyIsFinal() {
		end = end.Add(step)
	}
	if end.Before(a.EvaluatedTo) {
		return outcome{state: a.State, to: a.EvaluatedTo}, nil
	}
	n := a.EvaluationPeriods + lookBack
	q := Query{Namespace: a.Namespace, Name: a.Metric, Dimensions: a.Dimensions, Unit: a.Unit,
		Start: end.Add(-time.Duration(n) * a.Period), End: end, Period: a.Period}
	if a.Percentile != "" {
		q.Percentiles = []string{a.Percentile}
	}
	points, err := s.statisticsTx(tx, q)
	if err != nil {
		return outcome{}, err
	}
	span := make([]sample, n)
	for _, p := range points {
		v, ok := a.value(p)
		if !ok {
			continue
		}
		span[int(p.Time.Sub(q.Start)/a.Period)] = sample{true, a.breaches(v), v, p.Count, p.Time}
	}
	v := outcome{state: judge(a, span), to: end}
	v.reason, v.data = explain(a, v.state, span, now, q.Start)
	return v, nil
}

// earlyIsFinal reports whether a breach seen in a period that is not over can no longer be undone by later data of that period. For
// Average and percentiles it can, and AWS's own early evaluations have the same weakness.
func (a *Alarm) earlyIsFinal() bool {
	less := a.comparison().less
	switch a.Statistic {
	case "Sum", "SampleCount", "Maximum":
		return !less
	case "Minimum":
		return less
	}
	return true
}

func (a *Alarm) value(p Point) (float64, bool) {
	switch a.Statistic {
	case "SampleCount":
		return p.Count, true
	case "Sum":
		return p.Sum, true
	case "Average":
		return p.Average(), true
	case "Minimum":
		return p.Min, true
	case "Maximum":
		return p.Max, true
	}
	v, ok := p.Percentiles[a.Percentile]
	return v, ok
}

func (a *Alarm) breaches(v float64) bool { return a.comparison().breaches(v, a.Threshold) }

// judge gives the state for a range, oldest point first. The most recent real points count first; only what is then lacking of N is
// filled in by TreatMissing: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
func judge(a *Alarm, span []sample) string {
	reals := recent(span, a.EvaluationPeriods)
	breaching, missing := 0, a.EvaluationPeriods-len(reals)
	for _, p := range reals {
		if p.breaching {
			breaching++
		}
	}
	if missing > 0 && a.TreatMissing == "breaching" {
		breaching += missing
	}
	fill := missing > 0 && (a.TreatMissing == "" || a.TreatMissing == "missing" || a.TreatMissing == "ignore")
	switch {
	case breaching >= a.M():
		return Alarming
	case !fill || breaching < len(reals):
		return OK
	case len(reals) == 0 && a.TreatMissing != "ignore":
		return InsufficientData
	case len(reals) > 0 && a.TreatMissing != "ignore" && oldest(span) >= a.M():
		// Every point that there is breaches, and the oldest lies M back: waiting longer cannot bring M points.
		return Alarming
	}
	return a.State
}

// recent are the newest n real points, oldest first.
func recent(span []sample, n int) []sample {
	var out []sample
	for _, p := range slices.Backward(span) {
		if p.real && len(out) < n {
			out = append(out, p)
		}
	}
	slices.Reverse(out)
	return out
}

// oldest is how many points back the oldest real point lies; the newest point of the range is 1 back.
func oldest(span []sample) int {
	for i, p := range span {
		if p.real {
			return len(span) - i
		}
	}
	return 0
}
