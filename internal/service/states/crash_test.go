package states

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/asl"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

// pipeline has every kind of state that a pipeline's machine has, and tasks of each pattern.
const pipeline = `{"StartAt": "Prepare", "States": {
	"Prepare": {"Type": "Pass", "Parameters": {"tables.$": "States.StringSplit('orders,items', ',')"}, "Assign": {"id.$": "States.UUID()"}, "Next": "Crawl"},
	"Crawl": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:startCrawler", "Parameters": {"Name": "raw"}, "ResultPath": null,
		"Catch": [{"ErrorEquals": ["Glue.CrawlerRunningException"], "ResultPath": null, "Next": "Each"}], "Next": "Each"},
	"Each": {"Type": "Map", "ItemsPath": "$.tables", "MaxConcurrency": 1, "ItemSelector": {"table.$": "$$.Map.Item.Value"}, "ResultPath": "$.loaded",
		"ItemProcessor": {"StartAt": "Job", "States": {
			"Job": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName.$": "$.table"}, "ResultPath": "$.run",
				"Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}], "Next": "Put"},
			"Put": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "Parameters": {"Bucket": "b", "Key.$": "$.table"}, "ResultPath": null, "Next": "Out"},
			"Out": {"Type": "Pass", "Parameters": {"state.$": "$.run.JobRunState"}, "End": true}}}, "Next": "Enough"},
	"Enough": {"Type": "Choice", "Choices": [{"Variable": "$.loaded[1].state", "StringEquals": "SUCCEEDED", "Next": "Both"}], "Default": "Bad"},
	"Bad": {"Type": "Fail", "Error": "Bad"},
	"Both": {"Type": "Parallel", "Branches": [
		{"StartAt": "Tell", "States": {"Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"Message": {"done": true}}, "End": true}}},
		{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 0, "End": true}}}], "ResultPath": "$.both", "Next": "Done"},
	"Done": {"Type": "Succeed"}}}`

// answerPipeline is what the services answer.
func answerPipeline(_ context.Context, service, op string, in map[string]any) (string, error) {
	switch op {
	case "StartJobRun":
		return fmt.Sprintf(`{"JobRunId": "jr_%v"}`, in["JobName"]), nil
	case "GetJobRun":
		return fmt.Sprintf(`{"JobRun": {"Id": "%v", "JobRunState": "SUCCEEDED"}}`, in["RunId"]), nil
	}
	return fmt.Sprintf(`{"answer": "%s.%s"}`, service, op), nil
}

// stored reads an execution's history as rows.
func stored(t *testing.T, store *meta.Store, ctx context.Context, seq int64) (events []*asl.Event) {
	t.Helper()
	if err := store.View(ctx, func(tx *meta.Tx) (err error) {
		events, err = eventsTx(tx, seq, 0, 1000, false)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return events
}

// plant writes an execution that a server has left behind with a history.
func plant(t *testing.T, b *bench, name string, m string, events []*asl.Event) string {
	t.Helper()
	mach, err := b.machine(b.ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	ex := b.executionARN(mach.Name, name)
	err = b.store.Update(b.ctx, func(tx *meta.Tx) error {
		res, err := tx.Exec(`INSERT INTO states_execution (arn, name, machine, revision, input, trace, status, started) VALUES (?, ?, ?, ?, '{}', '', 'RUNNING', ?)`,
			ex, name, m, mach.Revision, events[0].Time)
		if err != nil {
			return err
		}
		seq, err := res.LastInsertId()
		if err != nil {
			return err
		}
		return insertEvents(tx, seq, events)
	})
	if err != nil {
		t.Fatal(err)
	}
	return ex
}

func rows(events []*asl.Event) string {
	var out strings.Builder
	for _, e := range events {
		body, _ := json.Marshal(e)
		fmt.Fprintf(&out, "%d %d %s %s\n", e.ID, e.Time, e.Type, body)
	}
	return out.String()
}

// TestExecutionContinuesAfterEachEvent leaves an execution behind after each of its events, once with the last tasks carried out by
// the services and once not, and lets a new server go on: what was stored is unchanged, every task has had its effect once, and the
// end is the same.
func TestExecutionContinuesAfterEachEvent(t *testing.T) {
	first := quick(t, answerPipeline)
	m := first.create("m", pipeline)
	ex := first.execute(m, "run", "")
	whole := first.finish(ex)
	if whole.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("%s %s %s", whole.Status, aws.ToString(whole.Error), aws.ToString(whole.Cause))
	}
	events := stored(t, first.store, first.ctx, 1)
	step := 1
	if testing.Short() {
		step = 5
	}
	for cut := 1; cut < len(events); cut += step {
		for _, invoked := range []bool{false, true} {
			resumeAt(t, first, events, cut, invoked, aws.ToString(whole.Output))
		}
	}
}

func resumeAt(t *testing.T, first *bench, events []*asl.Event, cut int, invoked bool, output string) {
	t.Helper()
	f := newFake(answerPipeline)
	b := newBench(t, metatest.OpenTemp(t, Schema), clock.Real{}, f)
	ex := plant(t, b, "run", b.create("m", pipeline), events[:cut])
	for i := cut - 1; i >= 0; i-- {
		e := events[i]
		if e.Type != "TaskScheduled" {
			continue
		}
		token := fmt.Sprintf("%s#%d", ex, e.ID)
		over := slices.ContainsFunc(events[i:cut], func(n *asl.Event) bool {
			return n.Scope == e.Scope && (n.Type == asl.TaskSucceeded || n.Type == asl.TaskSubmitted)
		})
		if over || invoked {
			f.answers[token], f.effects[token] = first.fake.answers[token], 1
		}
	}
	stop := b.start()
	out := b.finish(ex)
	stop()
	if out.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("cut after %d (%s), invoked %v: %s %s %s", cut, events[cut-1].Type, invoked, out.Status, aws.ToString(out.Error), aws.ToString(out.Cause))
	}
	got := stored(t, b.store, b.ctx, 1)
	if rows(got[:cut]) != rows(events[:cut]) {
		t.Errorf("cut after %d: the events from before have changed", cut)
	}
	if aws.ToString(out.Output) != output {
		t.Errorf("cut after %d: output %s, want %s", cut, aws.ToString(out.Output), output)
	}
	tasks := 0
	for _, e := range got {
		if e.Type != "TaskScheduled" {
			continue
		}
		tasks++
		if token := fmt.Sprintf("%s#%d", ex, e.ID); f.effects[token] != 1 {
			t.Errorf("cut after %d, invoked %v: task %d (%s) had %d effects", cut, invoked, e.ID, e.Resource, f.effects[token])
		}
	}
	if tasks != len(f.effects) || tasks != 6 {
		t.Errorf("cut after %d: %d tasks, %d tokens with effects, want 6", cut, tasks, len(f.effects))
	}
}

// TestExecutionGoesOnWhenTheServerStops ends the loops at the first pass of each kill point, as a kill would, and starts new ones.
func TestExecutionGoesOnWhenTheServerStops(t *testing.T) {
	for _, point := range []string{"states.started", "states.commit", "states.committed", "states.invoked"} {
		dir := t.TempDir()
		f := newFake(answerPipeline)
		b := newBench(t, metatest.Open(t, dir, clock.Real{}, Schema), clock.Real{}, f)
		ctx, cancel := context.WithCancel(b.ctx)
		passed := make(chan struct{}, 100)
		b.deps.Kill = func(p string) {
			if p == point {
				cancel()
				passed <- struct{}{}
			}
		}
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx) }()
		ex := b.execute(b.create("m", pipeline), "run", "")
		<-passed
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		before := rows(stored(t, b.store, b.ctx, 1))
		again := newBench(t, b.store, clock.Real{}, f)
		again.start()
		if out := again.finish(ex); out.Status != types.ExecutionStatusSucceeded {
			t.Errorf("%s: %s %s", point, out.Status, aws.ToString(out.Cause))
		}
		if after := rows(stored(t, b.store, b.ctx, 1)); !strings.HasPrefix(after, before) {
			t.Errorf("%s: the events from before have changed", point)
		}
		for token, n := range f.effects {
			if n != 1 {
				t.Errorf("%s: %s had %d effects", point, token, n)
			}
		}
	}
}
