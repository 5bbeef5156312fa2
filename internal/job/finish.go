package job

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"penstock/internal/child/task"
	"penstock/internal/job/script"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/metric"
)

// The log groups of jobs; the stream is the run's id. Below them lie "/output" and "/error".
const (
	LogGroup       = "/aws-glue/jobs"
	PythonLogGroup = "/aws-glue/python-jobs" // of Python shell jobs
	OutputGroup    = LogGroup + "/output"
	ErrorGroup     = LogGroup + "/error"
)

// LogGroup is what the run's log groups begin with.
func (r *Run) LogGroup() string {
	if r.Definition.Command == PythonShell {
		return PythonLogGroup
	}
	return cmp.Or(r.custom("--custom-logGroup-prefix"), LogGroup)
}

// stream is the stream of the run in its groups.
func (r *Run) stream() string {
	if prefix := r.custom("--custom-logStream-prefix"); prefix != "" {
		return prefix + "-driver"
	}
	return r.ID
}

// custom is an argument by which Spark jobs name their logs since Glue 5.0.
func (r *Run) custom(name string) string {
	_, native := r.arguments()["--penstock-step"]
	if r.Definition.Command == PythonShell || native || !script.Since5(r.Definition.GlueVersion) {
		return ""
	}
	return r.arguments()[name]
}

func (r *Run) groups() (output, problems string) {
	return r.LogGroup() + "/output", r.LogGroup() + "/error"
}

// finish records the end of a run: its state, what it did, the last lines of its log, the metrics of its step, and a further attempt
// if the job wants one, all in one transaction. A run whose publish committed has succeeded, however its worker ended.
func (j *Jobs) finish(ctx context.Context, id string, out outcome) error {
	return j.meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := j.changeTx(tx, id, func(r *Run) error {
			if r.State.Final() {
				return errNotOngoing
			}
			r.Completed = j.clock.Now()
			r.State, r.Error, r.Detail = out.state, out.message, out.detail
			if r.Published != nil {
				r.State, r.Error, r.Detail = Succeeded, "", ""
			} else {
				r.Result = out.result
			}
			if r.Result != nil {
				if r.Began.IsZero() {
					r.Began = r.Completed
				}
				r.Result.Seconds = r.Completed.Sub(r.Began).Seconds()
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := j.report(tx, r, out.told); err != nil {
			return err
		}
		next, err := j.retry(tx, r)
		if err != nil {
			return err
		}
		return j.overTx(tx, r, next)
	})
}

func (j *Jobs) report(tx *meta.Tx, r Run, told bool) error {
	if r.Error != "" && !told {
		_, problems := r.groups()
		if err := j.logs.WriteTx(tx, problems, r.stream(), j.lines(r.Error)); err != nil {
			return err
		}
	}
	if r.Result == nil {
		return nil
	}
	text, err := json.Marshal(r.Result)
	if err != nil {
		return fmt.Errorf("result of %s: %w", r.ID, err)
	}
	if err := j.logs.WriteTx(tx, OutputGroup, r.ID, j.lines("penstock-result "+string(text))); err != nil {
		return err
	}
	return j.measure(tx, r)
}

func (j *Jobs) lines(text string) []logstore.Event {
	var list []logstore.Event
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			list = append(list, logstore.Event{Time: j.clock.Now(), Message: line})
		}
	}
	return list
}

// measure puts the step's figures as metrics if the run belongs to a pipeline.
func (j *Jobs) measure(tx *meta.Tx, r Run) error {
	pipeline := r.arguments()["--penstock-pipeline"]
	if pipeline == "" {
		return nil
	}
	dims := []metric.Dimension{{Name: "Pipeline", Value: pipeline}, {Name: "Step", Value: stepName(r.Result)}}
	var data []metric.Datum
	for _, m := range []struct {
		name, unit string
		value      float64
	}{
		{"RowsRead", "Count", float64(r.Result.RowsRead)}, {"RowsWritten", "Count", float64(r.Result.RowsWritten)},
		{"RowsRejected", "Count", float64(r.Result.RowsRejected)}, {"RowsFiltered", "Count", float64(r.Result.RowsFiltered)},
		{"RowsBad", "Count", float64(r.Result.BadValues)}, {"FilesQuarantined", "Count", float64(r.Result.Quarantined)},
		{"Bytes", "Bytes", float64(r.Result.Bytes)}, {"Seconds", "Seconds", r.Result.Seconds},
	} {
		data = append(data, metric.Datum{Name: m.name, Unit: m.unit, Value: m.value, Count: 1, Dimensions: dims, Time: r.Completed})
	}
	return j.metrics.PutTx(tx, "Penstock", data)
}

// stepName is the value of the dimension Step: the table of a check or a transform, "manifest" for the listing.
func stepName(r *task.Result) string {
	switch {
	case r.Table == "":
		return r.Step
	case r.Step == "check":
		return "check " + r.Table
	}
	return r.Table
}

// retry starts the next attempt of a run that failed, as a run of its own; nil when there is none.
func (j *Jobs) retry(tx *meta.Tx, r Run) (*Run, error) {
	if r.State != Failed || r.Attempt >= r.Definition.MaxRetries {
		return nil, nil
	}
	first, _, _ := strings.Cut(r.ID, "_attempt_")
	next := r
	next.Attempt, next.Previous = r.Attempt+1, r.ID
	next.ID = fmt.Sprintf("%s_attempt_%d", first, next.Attempt)
	next.State, next.Error, next.Result = Starting, "", nil
	next.Started = j.clock.Now()
	next.Modified, next.Began, next.Completed = next.Started, time.Time{}, time.Time{}
	next.Delayed = false
	return &next, j.insertRun(tx, next)
}
