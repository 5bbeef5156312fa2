package job

import (
	"encoding/json"
	"errors"

	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// source is that of the events of jobs.
const source = "aws.glue"

// overTx tells of the end of a run, of which next is the next attempt, or nil.
func (j *Jobs) overTx(tx *meta.Tx, r Run, next *Run) error {
	if err := j.tellEnd(tx, r); err != nil || j.ended == nil {
		return err
	}
	return j.ended(tx, r, next)
}

// tellEnd is the event "Glue Job State Change".
func (j *Jobs) tellEnd(tx *meta.Tx, r Run) error {
	said := map[State][2]string{Succeeded: {"INFO", "Job run succeeded"}, Failed: {"ERROR", r.Error}, TimedOut: {"WARN", "Job run timed out"},
		Stopped: {"INFO", "Job run stopped"}}[r.State]
	return j.events.PutTx(tx, source, "Glue Job State Change", nil, struct {
		JobName  string `json:"jobName"`
		Severity string `json:"severity"`
		State    State  `json:"state"`
		JobRunID string `json:"jobRunId"`
		Message  string `json:"message"`
	}{r.Job, said[0], r.State, r.ID, said[1]})
}

// delayQueue is the queue of the instants at which runs have taken as long as their NotifyDelayAfter says.
func (j *Jobs) delayQueue() string { return due.Name("job/delay", j.region) }

// notifyDelay is the minutes of the NotifyDelayAfter that the first of some texts has: what StartJobRun said, the job's. 0 when none has.
func notifyDelay(said ...json.RawMessage) float64 {
	for _, raw := range said {
		var p struct {
			NotificationProperty struct{ NotifyDelayAfter float64 }
		}
		if len(raw) == 0 || json.Unmarshal(raw, &p) != nil { // what cannot be read here is told where it is shown
			continue
		}
		if n := p.NotificationProperty.NotifyDelayAfter; n > 0 {
			return n
		}
	}
	return 0
}

// delayedTx marks a run that takes long, and tells of it.
func (j *Jobs) delayedTx(tx *meta.Tx, run string) error {
	r, err := j.runTx(tx, run)
	if errors.Is(err, ErrNotFound) || err == nil && r.State.Final() {
		return nil
	}
	if err != nil {
		return err
	}
	if r, err = j.changeTx(tx, run, func(r *Run) error { r.Delayed = true; return nil }); err != nil {
		return err
	}
	return j.tellDelay(tx, r)
}

// tellDelay is the event "Glue Job Run Status": once for each of the states in which a run is that takes long.
func (j *Jobs) tellDelay(tx *meta.Tx, r Run) error {
	if r.State != Starting && r.State != Running && r.State != Stopping {
		return nil
	}
	type condition struct{ NotifyDelayAfter float64 }
	return j.events.PutTx(tx, source, "Glue Job Run Status", nil, struct {
		JobName   string    `json:"jobName"`
		Severity  string    `json:"severity"`
		Condition condition `json:"notificationCondition"`
		State     State     `json:"state"`
		JobRunID  string    `json:"jobRunId"`
		Message   string    `json:"message"`
		Started   string    `json:"startedOn"`
	}{r.Job, "INFO", condition{r.Notify}, r.State, r.ID, "Job is in " + string(r.State) + " state",
		r.Started.UTC().Format("2006-01-02T15:04:05.000Z")})
}
