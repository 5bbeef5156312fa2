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
	"penstock/internal/meta/tag"
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

// stored reads an execution's history as it lies in the store.
func stored(t *testing.T, b *bench, ex string) (events []*asl.Event) {
	t.Helper()
	if err := b.store.View(b.ctx, func(tx *meta.Tx) error {
		e, err := executionTx(tx, ex)
		if err == nil {
			events, err = eventsTx(tx, e.Seq, 0, 1000, false)
		}
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
		res, err := tx.Exec(`INSERT INTO states_execution (arn, name, machine, revision, input, trace, status, started) VALUES `+
			`(?, ?, ?, ?, '{}', '', 'RUNNING', ?)`,
			ex, name, m, mach.Revision, events[0].Time)
		if err != nil {
			return err
		}
		seq, err := res.LastInsertId()
		if err != nil {
			return err
		}
		packs, err := encode(events)
		if err != nil {
			return err
		}
		return insertEvents(tx, seq, packs)
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
// the services and once not, and lets a new server go on with all of them: what was stored is unchanged, every task has had its effect
// once, and the end is the same.
func TestExecutionContinuesAfterEachEvent(t *testing.T) {
	first := quick(t, answerPipeline)
	ex := first.execute(first.create("m", pipeline), "run", "")
	whole := first.finish(ex)
	if whole.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("%s %s %s", whole.Status, aws.ToString(whole.Error), aws.ToString(whole.Cause))
	}
	events := stored(t, first, ex)
	b := newBench(t, metatest.OpenTemp(t, tag.Schema, Schema), clock.Real{}, newFake(answerPipeline))
	m := b.create("m", pipeline)
	var left []leftBehind
	for cut := 1; cut < len(events); cut++ {
		for _, invoked := range []bool{false, true} {
			l := leftBehind{cut: cut, invoked: invoked}
			l.arn = plant(t, b, fmt.Sprintf("run-%d-%v", cut, invoked), m, events[:cut])
			l.remember(b.fake, first.fake, ex, events)
			left = append(left, l)
		}
	}
	b.start()
	for _, l := range left {
		l.check(t, b, events, aws.ToString(whole.Output))
	}
}

// leftBehind is an execution whose history was cut.
type leftBehind struct {
	arn     string
	cut     int
	invoked bool // the tasks that were started last have had their effect
}

// remember gives the services the tokens of the tasks that they have carried out.
func (l leftBehind) remember(f, first *fake, firstARN string, events []*asl.Event) {
	for i, e := range events[:l.cut] {
		if e.Type != "TaskScheduled" {
			continue
		}
		over := slices.ContainsFunc(events[i:l.cut], func(n *asl.Event) bool {
			return n.Scope == e.Scope && (n.Type == asl.TaskSucceeded || n.Type == asl.TaskSubmitted)
		})
		if over || l.invoked {
			f.answers[fmt.Sprintf("%s#%d", l.arn, e.ID)] = first.answers[fmt.Sprintf("%s#%d", firstARN, e.ID)]
			f.effects[fmt.Sprintf("%s#%d", l.arn, e.ID)] = 1
		}
	}
}

func (l leftBehind) check(t *testing.T, b *bench, events []*asl.Event, output string) {
	t.Helper()
	out := b.finish(l.arn)
	if out.Status != types.ExecutionStatusSucceeded || aws.ToString(out.Output) != output {
		t.Errorf("%s (%s): %s %s %s, want %s", l.arn, events[l.cut-1].Type, out.Status, aws.ToString(out.Output), aws.ToString(out.Cause), output)
	}
	got := stored(t, b, l.arn)
	if rows(got[:l.cut]) != rows(events[:l.cut]) {
		t.Errorf("%s: the events from before have changed", l.arn)
	}
	tasks := 0
	b.fake.mu.Lock()
	defer b.fake.mu.Unlock()
	for _, e := range got {
		if e.Type != "TaskScheduled" {
			continue
		}
		tasks++
		if n := b.fake.effects[fmt.Sprintf("%s#%d", l.arn, e.ID)]; n != 1 {
			t.Errorf("%s: task %d (%s) had %d effects", l.arn, e.ID, e.Resource, n)
		}
	}
	tokens := 0
	for token := range b.fake.effects {
		if strings.HasPrefix(token, l.arn+"#") {
			tokens++
		}
	}
	if tasks != 6 || tokens != 6 {
		t.Errorf("%s: %d tasks, %d tokens with effects, want 6", l.arn, tasks, tokens)
	}
}

// TestExecutionGoesOnWhenTheServerStops ends the loops at the first pass of each kill point, as a kill would, and starts new ones.
func TestExecutionGoesOnWhenTheServerStops(t *testing.T) {
	for _, point := range []string{"states.started", "states.commit", "states.committed", "states.invoked"} {
		dir := t.TempDir()
		f := newFake(answerPipeline)
		b := newBench(t, metatest.Open(t, dir, clock.Real{}, tag.Schema, Schema), clock.Real{}, f)
		ctx, cancel := context.WithCancel(b.ctx)
		passed := make(chan struct{}, 100)
		b.Kill = func(p string) {
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
		before := rows(stored(t, b, ex))
		again := newBench(t, b.store, clock.Real{}, f)
		again.start()
		if out := again.finish(ex); out.Status != types.ExecutionStatusSucceeded {
			t.Errorf("%s: %s %s", point, out.Status, aws.ToString(out.Cause))
		}
		if after := rows(stored(t, b, ex)); !strings.HasPrefix(after, before) {
			t.Errorf("%s: the events from before have changed", point)
		}
		for token, n := range f.effects {
			if n != 1 {
				t.Errorf("%s: %s had %d effects", point, token, n)
			}
		}
	}
}
