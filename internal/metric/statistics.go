package metric

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"penstock/internal/meta"
)

// A Query asks for statistics of one metric. The periods are laid from Start on.
type Query struct {
	Namespace, Name string
	Dimensions      []Dimension // exactly these
	Unit            string      // "" gives every unit its own points
	Start, End      time.Time   // Start <= sample < End
	Period          time.Duration
	Percentiles     []string // "p99", "p99.9"
}

// A Point is the statistics of one period that has at least one sample.
type Point struct {
	Time                 time.Time // the period's start
	Unit                 string
	Count, Sum, Min, Max float64
	Percentiles          map[string]float64 // absent where a period holds statistic sets whose values are not known
}

// Average is Sum / Count.
func (p Point) Average() float64 { return p.Sum / p.Count }

// Statistics reads points in the order of time, then unit.
func (s *Store) Statistics(ctx context.Context, q Query) ([]Point, error) {
	var out []Point
	err := s.meta.View(ctx, func(tx *meta.Tx) (err error) {
		out, err = s.statisticsTx(tx, q)
		return err
	})
	return out, err
}

func (s *Store) statisticsTx(tx *meta.Tx, q Query) ([]Point, error) {
	rows, err := tx.Query(`SELECT (m.ts - ?4) / ?6 AS slot, s.unit, sum(m.n), sum(m.sum), min(m.lo), max(m.hi)
		FROM metric_series s JOIN metric_samples m ON m.series = s.id
		WHERE s.region = ?8 AND s.namespace = ?1 AND s.name = ?2 AND s.dims = ?3 AND m.ts >= ?4 AND m.ts < ?5 AND (?7 = '' OR s.unit = ?7)
		GROUP BY slot, s.unit ORDER BY slot, s.unit`,
		q.Namespace, q.Name, canonical(q.Dimensions), q.Start.Unix(), q.End.Unix(), int64(q.Period/time.Second), q.Unit, s.region)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Point
	for rows.Next() {
		var p Point
		var slot int64
		if err := rows.Scan(&slot, &p.Unit, &p.Count, &p.Sum, &p.Min, &p.Max); err != nil {
			return nil, err
		}
		p.Time = q.Start.Truncate(time.Second).Add(time.Duration(slot) * q.Period).UTC()
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for i := range out {
		if err := s.percentilesTx(tx, q, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Store) percentilesTx(tx *meta.Tx, q Query, p *Point) error {
	if len(q.Percentiles) == 0 {
		return nil
	}
	rows, err := tx.Query(`SELECT m.lo, m.hi, sum(m.n) FROM metric_series s JOIN metric_samples m ON m.series = s.id
		WHERE s.region = ?7 AND s.namespace = ?1 AND s.name = ?2 AND s.dims = ?3 AND m.ts >= ?4 AND m.ts < ?5 AND s.unit = ?6
		GROUP BY 1, 2 ORDER BY 1`,
		q.Namespace, q.Name, canonical(q.Dimensions), p.Time.Unix(), min(p.Time.Add(q.Period).Unix(), q.End.Unix()), p.Unit, s.region)
	if err != nil {
		return err
	}
	defer rows.Close()
	var values []weighted
	for rows.Next() {
		var lo, hi, n float64
		if err := rows.Scan(&lo, &hi, &n); err != nil {
			return err
		}
		if lo != hi {
			return rows.Err() // a statistic set: its values are not known
		}
		values = append(values, weighted{lo, n})
	}
	p.Percentiles = map[string]float64{}
	for _, name := range q.Percentiles {
		pct, err := ParsePercentile(name)
		if err != nil {
			return err
		}
		p.Percentiles[name] = percentile(values, p.Count, pct)
	}
	return rows.Err()
}

type weighted struct{ value, n float64 }

// percentile is the smallest value at or below which at least pct percent of the weight lies; values are in rising order.
func percentile(values []weighted, total, pct float64) float64 {
	need, seen := math.Ceil(total*pct/100), 0.0
	i := slices.IndexFunc(values, func(w weighted) bool {
		seen += w.n
		return seen >= need
	})
	if i < 0 {
		i = len(values) - 1
	}
	return values[i].value
}

// ParsePercentile reads "p0" to "p100" with up to ten decimals.
func ParsePercentile(s string) (float64, error) {
	digits, ok := strings.CutPrefix(s, "p")
	f, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || f < 0 || f > 100 || strings.ContainsAny(digits, "eExX+-_") {
		return 0, fmt.Errorf("%q is not a percentile (p0 to p100)", s)
	}
	return f, nil
}

// A Metric is the identity of series that differ in their unit only.
type Metric struct {
	Namespace, Name string
	Dimensions      []Dimension
}

// A ListQuery asks for metrics; empty fields match everything.
type ListQuery struct {
	Namespace, Name string
	Dimensions      []DimensionFilter
	Since           time.Time // with a sample at or after it
	After           *Metric   // the last one of the page before
	Limit           int
}

// A DimensionFilter matches a metric that has the dimension, with Value if that is not nil.
type DimensionFilter struct {
	Name  string
	Value *string
}

// List returns a page of metrics in the order namespace, name, dimensions.
func (s *Store) List(ctx context.Context, q ListQuery) ([]Metric, error) {
	query := `SELECT DISTINCT namespace, name, dims FROM metric_series
		WHERE region = ? AND last >= ? AND (? = '' OR namespace = ?) AND (? = '' OR name = ?)`
	args := []any{s.region, q.Since.Unix(), q.Namespace, q.Namespace, q.Name, q.Name}
	for _, d := range q.Dimensions {
		query += ` AND EXISTS (SELECT 1 FROM json_each(dims) WHERE json_extract(value, '$[0]') = ?`
		args = append(args, d.Name)
		if d.Value != nil {
			query, args = query+` AND json_extract(value, '$[1]') = ?`, append(args, *d.Value)
		}
		query += `)`
	}
	if q.After != nil {
		query += ` AND (namespace, name, dims) > (?, ?, ?)`
		args = append(args, q.After.Namespace, q.After.Name, canonical(q.After.Dimensions))
	}
	query += ` ORDER BY namespace, name, dims LIMIT ?`
	var out []Metric
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(query, append(args, q.Limit)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m Metric
			var dims string
			if err := rows.Scan(&m.Namespace, &m.Name, &dims); err != nil {
				return err
			}
			if m.Dimensions, err = parseDims(dims); err != nil {
				return err
			}
			out = append(out, m)
		}
		return rows.Err()
	})
	return out, err
}
