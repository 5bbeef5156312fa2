package metric

import (
	"context"
	"fmt"
	"time"

	"penstock/internal/meta"
)

// Put stores data and evaluates the alarms over their series. Both are durable when it returns.
func (s *Store) Put(ctx context.Context, namespace string, data []Datum) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error { return s.PutTx(tx, namespace, data) })
}

// PutTx is Put inside a transaction, for services that measure what the same transaction records.
func (s *Store) PutTx(tx *meta.Tx, namespace string, data []Datum) error {
	now := s.clock.Now()
	touched := map[seriesKey]bool{}
	for _, d := range data {
		key := seriesKey{namespace, d.Name, canonical(d.Dimensions)}
		if err := s.putOne(tx, key, d, now); err != nil {
			return fmt.Errorf("store metric %s/%s: %w", namespace, d.Name, err)
		}
		touched[key] = true
	}
	for key := range touched {
		if err := s.evaluateSeries(tx, key, now); err != nil {
			return fmt.Errorf("evaluate alarms of %s/%s: %w", namespace, key.name, err)
		}
	}
	return nil
}

type seriesKey struct{ namespace, name, dims string }

func (s *Store) putOne(tx *meta.Tx, key seriesKey, d Datum, now time.Time) error {
	at := d.Time
	if at.IsZero() {
		at = now
	}
	if d.HighRes {
		at = at.Truncate(time.Second)
	} else {
		at = at.Truncate(time.Minute)
	}
	var series int64
	err := tx.QueryRow(`INSERT INTO metric_series (region, namespace, name, dims, unit, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT DO UPDATE SET last = max(last, ?6) RETURNING id`,
		s.region, key.namespace, key.name, key.dims, unitOf(d.Unit), at.Unix()).Scan(&series)
	if err != nil {
		return err
	}
	set := Set{1, d.Value, d.Value, d.Value}
	if d.Count > 0 {
		set.Count, set.Sum = d.Count, d.Value*d.Count
	}
	if d.Set != nil {
		set = *d.Set
	}
	_, err = tx.Exec(`INSERT INTO metric_samples (series, ts, lo, hi, sum, n) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET sum = sum + excluded.sum, n = n + excluded.n`, series, at.Unix(), set.Min, set.Max, set.Sum, set.Count)
	return err
}

// The tiers of retention: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention.
// Samples older than age are kept by the step only.
var tiers = []struct{ age, step time.Duration }{
	{3 * time.Hour, time.Minute},
	{15 * 24 * time.Hour, 5 * time.Minute},
	{63 * 24 * time.Hour, time.Hour},
}

const maxAge = 455 * 24 * time.Hour

// ofRegion selects the samples of the region ?3.
const ofRegion = `series IN (SELECT id FROM metric_series WHERE region = ?3)`

// Compact merges samples by age as AWS does and removes what is older than 455 days.
func (s *Store) Compact(ctx context.Context) error {
	now := s.clock.Now()
	for _, t := range tiers {
		before, step := now.Add(-t.age).Truncate(t.step).Unix(), int64(t.step/time.Second)
		err := s.meta.Update(ctx, func(tx *meta.Tx) error {
			// Rows on the step already stay; the others are added to them and removed.
			_, err := tx.Exec(`INSERT INTO metric_samples (series, ts, lo, hi, sum, n)
				SELECT series, ts / ?2 * ?2, lo, hi, sum(sum), sum(n) FROM metric_samples
				WHERE ts < ?1 AND ts % ?2 <> 0 AND `+ofRegion+` GROUP BY 1, 2, 3, 4
				ON CONFLICT DO UPDATE SET sum = sum + excluded.sum, n = n + excluded.n`, before, step, s.region)
			if err != nil {
				return err
			}
			_, err = tx.Exec(`DELETE FROM metric_samples WHERE ts < ?1 AND ts % ?2 <> 0 AND `+ofRegion, before, step, s.region)
			return err
		})
		if err != nil {
			return fmt.Errorf("compact metrics: %w", err)
		}
	}
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := tx.Exec(`DELETE FROM metric_samples WHERE ts < ?1 AND `+ofRegion, now.Add(-maxAge).Unix(), 0, s.region); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM metric_series WHERE region = ? AND last < ?`, s.region, now.Add(-maxAge).Unix())
		return err
	})
}
