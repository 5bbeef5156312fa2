package metric

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"penstock/internal/meta"
)

// The states of an alarm.
const (
	OK               = "OK"
	Alarming         = "ALARM"
	InsufficientData = "INSUFFICIENT_DATA"
)

// A NoAlarmError says that no alarm has the name.
type NoAlarmError struct{ Name string }

// Error implements error.
func (e *NoAlarmError) Error() string { return fmt.Sprintf("there is no alarm %q", e.Name) }

func isNoAlarm(err error) bool {
	var no *NoAlarmError
	return errors.As(err, &no)
}

// An Alarm watches one metric. Field names and values are those of PutMetricAlarm.
type Alarm struct {
	Name, ARN, Description         string
	ActionsEnabled                 bool
	OKActions, AlarmActions        []string
	InsufficientDataActions        []string
	Namespace, Metric              string
	Dimensions                     []Dimension
	Statistic                      string // SampleCount, Average, Sum, Minimum, Maximum; "" with Percentile
	Percentile                     string // "p99"
	Period                         time.Duration
	Unit                           string
	EvaluationPeriods, Datapoints  int // N, and M (0 means N)
	Threshold                      float64
	Comparison                     string // GreaterThanThreshold, GreaterThanOrEqualToThreshold, LessThan...
	TreatMissing                   string // missing (also ""), ignore, breaching, notBreaching
	EvaluateLowSampleCount         string // kept and returned
	State, Reason, ReasonData      string
	Configured, Updated, Transited time.Time
	EvaluatedTo                    time.Time // the end of the newest range evaluated; the store keeps it
}

// M is how many of the last EvaluationPeriods points must breach.
func (a *Alarm) M() int {
	if a.Datapoints == 0 {
		return a.EvaluationPeriods
	}
	return a.Datapoints
}

// PutAlarmTx makes or replaces an alarm and reports whether it is new. A new one begins as INSUFFICIENT_DATA; a replaced one keeps its
// state until the next evaluation, which follows at once.
func (s *Store) PutAlarmTx(tx *meta.Tx, a Alarm) (made bool, err error) {
	now := s.clock.Now()
	kind, text := "created", fmt.Sprintf("Alarm %q created", a.Name)
	old, err := s.AlarmTx(tx, a.Name)
	switch {
	case isNoAlarm(err):
		made = true
		a.State, a.Reason = InsufficientData, "Unchecked: Initial alarm creation"
		a.Updated, a.Transited = now, now
	case err != nil:
		return false, err
	default:
		kind, text = "updated", fmt.Sprintf("Alarm %q updated", a.Name)
		a.State, a.Reason, a.ReasonData = old.State, old.Reason, old.ReasonData
		a.Updated, a.Transited, a.EvaluatedTo = old.Updated, old.Transited, time.Time{}
	}
	a.Configured = now
	if err := s.saveAlarm(tx, &a); err != nil {
		return made, err
	}
	if err := s.addHistory(tx, a.Name, now, "ConfigurationUpdate", text, map[string]any{"version": "1.0", "type": kind}); err != nil {
		return made, err
	}
	return made, s.evaluate(tx, &a, now, true)
}

// DeleteAlarmTx removes an alarm; the error is a NoAlarmError when there is none.
func (s *Store) DeleteAlarmTx(tx *meta.Tx, name string) error {
	r, err := tx.Exec(`DELETE FROM metric_alarms WHERE region = ? AND name = ?`, s.region, name)
	if err != nil {
		return err
	}
	if c, err := r.RowsAffected(); err != nil || c == 0 {
		return errors.Join(err, &NoAlarmError{name})
	}
	text := fmt.Sprintf("Alarm %q deleted", name)
	return s.addHistory(tx, name, s.clock.Now(), "ConfigurationUpdate", text, map[string]any{"version": "1.0", "type": "deleted"})
}

// ChangeAlarm edits the stored alarm: whether its actions are enabled.
func (s *Store) ChangeAlarm(ctx context.Context, name string, edit func(*Alarm)) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		a, err := s.AlarmTx(tx, name)
		if err != nil {
			return err
		}
		edit(&a)
		return s.saveAlarm(tx, &a)
	})
}

// SetState overrides the state until the next evaluation; actions follow when it changes.
func (s *Store) SetState(ctx context.Context, name, state, reason, reasonData string) error {
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		a, err := s.AlarmTx(tx, name)
		if err != nil {
			return err
		}
		return s.transit(tx, &a, state, reason, reasonData, s.clock.Now())
	})
}

// An AlarmQuery asks for alarms; empty fields match everything.
type AlarmQuery struct {
	Names         []string
	Prefix, State string
	ActionPrefix  string  // one of the alarm's actions begins so
	Metric        *Metric // watches exactly this one
	After         string  // the last name of the page before
	Limit         int
}

// Alarms returns a page of alarms in name order.
func (s *Store) Alarms(ctx context.Context, q AlarmQuery) ([]Alarm, error) {
	query := `SELECT doc FROM metric_alarms WHERE region = ? AND name > ? AND substr(name, 1, length(?)) = ? AND (? = '' OR state = ?)`
	args := []any{s.region, q.After, q.Prefix, q.Prefix, q.State, q.State}
	if len(q.Names) > 0 {
		query += ` AND name IN (?` + strings.Repeat(`, ?`, len(q.Names)-1) + `)`
		for _, n := range q.Names {
			args = append(args, n)
		}
	}
	if q.ActionPrefix != "" {
		query += ` AND EXISTS (SELECT 1 FROM json_each(json_array(json_extract(doc, '$.OKActions'), json_extract(doc, '$.AlarmActions'),
			json_extract(doc, '$.InsufficientDataActions'))) l, json_each(l.value) a WHERE substr(a.value, 1, length(?)) = ?)`
		args = append(args, q.ActionPrefix, q.ActionPrefix)
	}
	if q.Metric != nil {
		query += ` AND namespace = ? AND metric = ? AND dims = ?`
		args = append(args, q.Metric.Namespace, q.Metric.Name, canonical(q.Metric.Dimensions))
	}
	var out []Alarm
	err := s.meta.View(ctx, func(tx *meta.Tx) (err error) {
		out, err = alarmsTx(tx, query+` ORDER BY name LIMIT ?`, append(args, q.Limit)...)
		return err
	})
	return out, err
}

func alarmsTx(tx *meta.Tx, query string, args ...any) ([]Alarm, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Alarm
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		var a Alarm
		if err := json.Unmarshal([]byte(doc), &a); err != nil {
			return nil, fmt.Errorf("stored alarm: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// AlarmTx returns one alarm; the error is a NoAlarmError when there is none.
func (s *Store) AlarmTx(tx *meta.Tx, name string) (a Alarm, err error) {
	var doc string
	err = tx.QueryRow(`SELECT doc FROM metric_alarms WHERE region = ? AND name = ?`, s.region, name).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return a, &NoAlarmError{name}
	}
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal([]byte(doc), &a)
}

func (s *Store) saveAlarm(tx *meta.Tx, a *Alarm) error {
	doc, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode alarm %s: %w", a.Name, err)
	}
	_, err = tx.Exec(`INSERT INTO metric_alarms (region, name, namespace, metric, dims, state, doc) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET namespace = excluded.namespace, metric = excluded.metric, dims = excluded.dims, state = excluded.state,
		doc = excluded.doc`, s.region, a.Name, a.Namespace, a.Metric, canonical(a.Dimensions), a.State, string(doc))
	return err
}
