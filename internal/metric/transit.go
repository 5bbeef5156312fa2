package metric

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"penstock/internal/id"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// Actions is the name of the due-queue of what the region's alarms ask for. Its items are texts that ParseAction reads.
func (s *Store) Actions() string { return due.Name("alarms", s.region) }

// A Transition is a change of an alarm's state.
type Transition struct {
	Alarm Alarm // after the change
	Old   string
	Time  time.Time
}

// An Action is a transition that ARN has asked to be told of.
type Action struct {
	Token string // names the call that carries the action out (api.WithToken)
	ARN   string
	Transition
}

// ParseAction reads an item of the queue.
func ParseAction(body string) (a Action, err error) {
	if err = json.Unmarshal([]byte(body), &a); err != nil {
		err = fmt.Errorf("stored action: %w", err)
	}
	return a, err
}

// transit changes the state, writes the history and puts the actions on the list; all in the transaction of what caused it.
func (s *Store) transit(tx *meta.Tx, a *Alarm, state, reason, data string, now time.Time) error {
	old := *a
	a.State, a.Reason, a.ReasonData, a.Updated = state, reason, data, now
	if old.State == state {
		return s.saveAlarm(tx, a)
	}
	a.Transited = now
	if err := s.saveAlarm(tx, a); err != nil {
		return err
	}
	text := fmt.Sprintf("Alarm updated from %s to %s", old.State, state)
	half := func(a *Alarm) map[string]any {
		h := map[string]any{"stateValue": a.State, "stateReason": a.Reason}
		if json.Valid([]byte(a.ReasonData)) {
			h["stateReasonData"] = json.RawMessage(a.ReasonData)
		}
		return h
	}
	doc := map[string]any{"version": "1.0", "oldState": half(&old), "newState": half(a)}
	if err := s.addHistory(tx, a.Name, now, "StateUpdate", text, doc); err != nil {
		return err
	}
	return s.enqueue(tx, Transition{*a, old.State, now})
}

func (s *Store) enqueue(tx *meta.Tx, t Transition) error {
	arns := map[string][]string{OK: t.Alarm.OKActions, Alarming: t.Alarm.AlarmActions,
		InsufficientData: t.Alarm.InsufficientDataActions}[t.Alarm.State]
	if !t.Alarm.ActionsEnabled || len(arns) == 0 {
		return nil
	}
	for _, arn := range arns {
		body, err := json.Marshal(Action{Token: "alarm-action#" + id.UUID(), ARN: arn, Transition: t})
		if err != nil {
			return fmt.Errorf("encode action: %w", err)
		}
		if err := due.Add(tx, s.Actions(), t.Time, string(body)); err != nil {
			return err
		}
	}
	return nil
}

// ActionOver writes to the alarm's history how an action went, in the transaction that takes it off the queue.
func (s *Store) ActionOver(tx *meta.Tx, a Action, failure error) error {
	if err := tx.ForgetCall(a.Token); err != nil {
		return err
	}
	text, doc := fmt.Sprintf("Successfully executed action %s", a.ARN),
		map[string]any{"actionState": "Succeeded", "notificationResource": a.ARN}
	if failure != nil {
		text = fmt.Sprintf("Failed to execute action %s. Received error: %q", a.ARN, failure.Error())
		doc["actionState"], doc["error"] = "Failed", failure.Error()
	}
	return s.addHistory(tx, a.Alarm.Name, s.clock.Now(), "Action", text, doc)
}

// A HistoryItem is a line of an alarm's history.
type HistoryItem struct {
	ID          int64
	Alarm, Kind string // Kind: ConfigurationUpdate, StateUpdate, Action
	Time        time.Time
	Text, Data  string
}

// keepHistory is how long AWS keeps an alarm's history.
const keepHistory = 30 * 24 * time.Hour

func (s *Store) addHistory(tx *meta.Tx, alarm string, at time.Time, kind, text string, doc map[string]any) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encode alarm history: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO metric_alarm_history (region, alarm, ts, kind, text, data) VALUES (?, ?, ?, ?, ?, ?)`,
		s.region, alarm, at.UnixMilli(), kind, text, string(data))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM metric_alarm_history WHERE region = ? AND ts < ?`, s.region, at.Add(-keepHistory).UnixMilli())
	return err
}

// A HistoryQuery asks for history; empty fields match everything.
type HistoryQuery struct {
	Alarm, Kind string
	Start, End  time.Time // Start <= item <= End; zero is open
	Ascending   bool
	After       int64 // the last ID of the page before
	Limit       int
}

// History returns a page, newest first unless Ascending.
func (s *Store) History(ctx context.Context, q HistoryQuery) ([]HistoryItem, error) {
	from, to := int64(0), int64(1)<<62
	if !q.Start.IsZero() {
		from = q.Start.UnixMilli()
	}
	if !q.End.IsZero() {
		to = q.End.UnixMilli()
	}
	query := `SELECT id, alarm, kind, ts, text, data FROM metric_alarm_history
		WHERE region = ?7 AND (?1 = '' OR alarm = ?1) AND (?2 = '' OR kind = ?2) AND ts >= ?3 AND ts <= ?4 AND (?5 = 0 OR id < ?5)
		ORDER BY id DESC LIMIT ?6`
	if q.Ascending {
		query = `SELECT id, alarm, kind, ts, text, data FROM metric_alarm_history
		WHERE region = ?7 AND (?1 = '' OR alarm = ?1) AND (?2 = '' OR kind = ?2) AND ts >= ?3 AND ts <= ?4 AND id > ?5 ORDER BY id LIMIT ?6`
	}
	var out []HistoryItem
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(query, q.Alarm, q.Kind, from, to, q.After, q.Limit, s.region)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h HistoryItem
			var ts int64
			if err := rows.Scan(&h.ID, &h.Alarm, &h.Kind, &ts, &h.Text, &h.Data); err != nil {
				return err
			}
			h.Time = time.UnixMilli(ts).UTC()
			out = append(out, h)
		}
		return rows.Err()
	})
	return out, err
}
