package states

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/module"
)

const passTaskSucceed = `{"StartAt": "Prepare", "States": {
	"Prepare": {"Type": "Pass", "Parameters": {"Bucket": "b", "Key.$": "$.key"}, "Next": "Read"},
	"Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "ResultSelector": {"plan.$": "States.StringToJson($.Body)"}, "Next": "Done"},
	"Done": {"Type": "Succeed"}}}`

func TestExecutionRunsItsTask(t *testing.T) {
	b := quick(t, func(_ context.Context, service, op string, in map[string]any) (string, error) {
		return fmt.Sprintf(`{"Body": %q, "ContentLength": 12}`, fmt.Sprintf(`{"of": "%s.%s %v/%v"}`, service, op, in["Bucket"], in["Key"])), nil
	})
	ex := b.execute(b.create("m", passTaskSucceed), "one", `{"key": "plan.json"}`)
	out := b.finish(ex)
	if out.Status != types.ExecutionStatusSucceeded || aws.ToString(out.Output) != `{"plan":{"of":"s3.GetObject b/plan.json"}}` {
		t.Errorf("%s: %s %s", out.Status, aws.ToString(out.Output), aws.ToString(out.Cause))
	}
	want := "ExecutionStarted PassStateEntered PassStateExited TaskStateEntered TaskScheduled TaskStarted TaskSucceeded TaskStateExited " +
		"SucceedStateEntered SucceedStateExited ExecutionSucceeded"
	if got := strings.Join(eventTypes(b.history(ex)), " "); got != want {
		t.Errorf("history: %s, want %s", got, want)
	}
	if b.fake.effects[ex+"#5"] != 1 {
		t.Errorf("tokens: %v, want %s#5", b.fake.effects, ex)
	}
	if b.fake.callers[0] != "arn:aws:sts::000000000000:assumed-role/machine/one" {
		t.Errorf("caller: %s", b.fake.callers[0])
	}
}

func TestErrorsOfServicesAreNamedAsAWSDoes(t *testing.T) {
	for _, c := range []struct{ resource, code, want, cause string }{
		{"aws-sdk:s3:getObject", "NoSuchKey", "S3.NoSuchKeyException", "not there (Service: S3, Status Code: 404, Request ID: "},
		{"aws-sdk:s3:putObject", "PreconditionFailed", "S3.S3Exception", "not there (Service: S3, Status Code: 404, Request ID: "},
		{"aws-sdk:glue:startCrawler", "CrawlerRunningException", "Glue.CrawlerRunningException", "not there (Service: Glue, Status Code: 404"},
		{"aws-sdk:redshiftdata:executeStatement", "ValidationException", "RedshiftData.ValidationException", "not there (Service: RedshiftData"},
		{"aws-sdk:sfn:describeExecution", "ExecutionDoesNotExist", "Sfn.ExecutionDoesNotExistException", "not there (Service: Sfn"},
		{"glue:startJobRun", "EntityNotFoundException", "Glue.EntityNotFoundException",
			"not there (Service: AWSGlue; Status Code: 404; Error Code: EntityNotFoundException; Request ID: "},
	} {
		b := quick(t, func(context.Context, string, string, map[string]any) (string, error) {
			return "", &api.Error{Code: c.code, Message: "not there", Status: 404}
		})
		def := fmt.Sprintf(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::%s", "End": true,
			"Catch": [{"ErrorEquals": ["%s"], "Next": "Caught"}]}, "Caught": {"Type": "Pass", "End": true}}}`, c.resource, c.want)
		out := b.finish(b.execute(b.create("m", def), "", `{"JobName": "j"}`))
		if out.Status != types.ExecutionStatusSucceeded || !strings.Contains(aws.ToString(out.Output), c.cause) {
			t.Errorf("%s: %s %s %s, want %s with %s", c.resource, out.Status, aws.ToString(out.Error), aws.ToString(out.Output), c.want, c.cause)
		}
	}
}

const jobMachine = `{"StartAt": "Job", "States": {"Job": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
	"Parameters": {"JobName": "orders", "Arguments": {"--x.$": "$.x"}}, "End": true}}}`

// jobs is a Glue with one job run whose state the test sets.
func jobs(state *atomic.Value) func(context.Context, string, string, map[string]any) (string, error) {
	return func(_ context.Context, _, op string, in map[string]any) (string, error) {
		switch op {
		case "StartJobRun":
			return `{"JobRunId": "jr_1"}`, nil
		case "GetJobRun":
			return fmt.Sprintf(`{"JobRun": {"Id": "%v", "JobName": "%v", "JobRunState": "%v", "Attempt": 0, `+
				`"StartedOn": "2026-01-02T03:04:05.678Z"}}`, in["RunId"], in["JobName"], state.Load()), nil
		case "BatchStopJobRun":
			state.Store("STOPPED")
			return `{}`, nil
		}
		return "", api.Errorf("UnknownOperationException", "%s", op)
	}
}

func TestJobRunSync(t *testing.T) {
	for end, want := range map[string]types.ExecutionStatus{"SUCCEEDED": types.ExecutionStatusSucceeded, "FAILED": types.ExecutionStatusFailed,
		"TIMEOUT": types.ExecutionStatusFailed} {
		var state atomic.Value
		state.Store("RUNNING")
		b := quick(t, jobs(&state))
		ex := b.execute(b.create("m", jobMachine), "", `{"x": "1"}`)
		b.waitFor(ex, "TaskSubmitted")
		state.Store(end)
		b.notify("jobrun/jr_1")
		out := b.finish(ex)
		shown := `{"Attempt":0,"Id":"jr_1","JobName":"orders","JobRunState":"` + end + `","StartedOn":1767323045678}`
		if got := aws.ToString(out.Output) + aws.ToString(out.Cause); out.Status != want || got != shown {
			t.Errorf("%s: %s %s, want %s", end, out.Status, got, shown)
		}
		if want == types.ExecutionStatusFailed && aws.ToString(out.Error) != "States.TaskFailed" {
			t.Errorf("error %s", aws.ToString(out.Error))
		}
	}
}

// waitFor waits until the history of an execution has an event of the type.
func (b *bench) waitFor(execution, eventType string) {
	b.t.Helper()
	b.until(eventsTopic(execution), func() bool { return slices.Contains(eventTypes(b.history(execution)), eventType) })
}

func (b *bench) notify(topic string) {
	b.t.Helper()
	if err := b.store.Update(b.ctx, func(tx *meta.Tx) error { tx.Notify(topic); return nil }); err != nil {
		b.t.Fatal(err)
	}
}

func TestStopExecutionStopsTheJobRun(t *testing.T) {
	var state atomic.Value
	state.Store("RUNNING")
	b := quick(t, jobs(&state))
	ex := b.execute(b.create("m", jobMachine), "", `{"x": "1"}`)
	b.waitFor(ex, "TaskSubmitted")
	if _, err := b.StopExecution(b.ctx,
		&sfn.StopExecutionInput{ExecutionArn: &ex, Error: aws.String("Enough"), Cause: aws.String("of this")}); err != nil {
		t.Fatal(err)
	}
	if state.Load() != "STOPPED" {
		t.Error("the job run goes on")
	}
	out := b.finish(ex)
	if out.Status != types.ExecutionStatusAborted || aws.ToString(out.Error) != "Enough" ||
		aws.ToString(out.Cause) != "of this" || out.StopDate == nil {
		t.Errorf("%+v", out)
	}
	again, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &ex})
	if err != nil || !again.StopDate.Equal(*out.StopDate) {
		t.Errorf("stopped again: %v %v", again, err)
	}
}

func TestStartExecutionIsIdempotent(t *testing.T) {
	b := quick(t, nil)
	m := b.create("m", `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": true}}}`)
	one := b.execute(m, "one", `{"a": 1}`)
	if again := b.execute(m, "one", `{"a": 1}`); again != one {
		t.Errorf("%s, want %s", again, one)
	}
	if _, err := b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("one"),
		Input: aws.String(`{"a": 2}`)}); api.Code(err) != "ExecutionAlreadyExists" {
		t.Errorf("other input: %v", err)
	}
	if _, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &one}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("one"),
		Input: aws.String(`{"a": 1}`)}); api.Code(err) != "ExecutionAlreadyExists" {
		t.Errorf("after its end: %v", err)
	}
}

func TestNestedExecution(t *testing.T) {
	b := quick(t, nil)
	table := api.NewTable([]api.Service{b.API()}, nil)
	b.Invoker = table
	inner := b.create("inner", `{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"got.$": "$.n"}, "End": true}}}`)
	for pattern, want := range map[string]string{".sync:2": `{"got":7}`, ".sync": `"{\"got\":7}"`} {
		def := fmt.Sprintf(`{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution%s",
			"Parameters": {"StateMachineArn": "%s", "Input": {"n": 7}}, "OutputPath": "$.Output", "End": true}}}`, pattern, inner)
		out := b.finish(b.execute(b.create("outer"+strings.Trim(strings.ReplaceAll(pattern, ":", ""), "."), def), "", ""))
		if aws.ToString(out.Output) != want {
			t.Errorf("%s: %s %s, want %s", pattern, out.Status, aws.ToString(out.Output)+aws.ToString(out.Cause), want)
		}
	}
}

func TestDefinitionsThatCannotRunAreRefusedByName(t *testing.T) {
	b := quick(t, nil)
	table := api.NewTable([]api.Service{b.API(), {Name: "glue", SDK: "Glue"}}, nil)
	b.Invoker = table
	for resource, want := range map[string]string{
		"arn:aws:states:::sqs:sendMessage.waitForTaskToken":           "waitForTaskToken",
		"arn:aws:states:::dynamodb:query":                             "arn:aws:states:::dynamodb:query",
		"arn:aws:states:us-east-1:000000000000:activity:x":            "activities",
		"arn:aws:lambda:us-east-1:000000000000:function:f":            "Lambda",
		"arn:aws:states:::aws-sdk:glue:startWorkflowRun":              "StartWorkflowRun",
		"arn:aws:states:::aws-sdk:dynamodb:query":                     "dynamodb",
		"arn:aws:states:::aws-sdk:redshiftdata:executeStatement.sync": "not recognized",
		"arn:aws:states:::glue:startCrawler.sync": "The resource provided " +
			"arn:aws:states:::glue:startCrawler.sync is not recognized.",
		"arn:aws:states:::glue:startJobRun.sync:2": "The resource provided " +
			"arn:aws:states:::glue:startJobRun.sync:2 is not recognized.",
		"arn:aws:states:::sns:publish.sync": "The resource provided " +
			"arn:aws:states:::sns:publish.sync is not recognized.",
		"arn:aws:states:::athena:startQueryExecution.sync": "Penstock does not support the integration " +
			"arn:aws:states:::athena:startQueryExecution.sync",
		"nonsense": "not recognized",
	} {
		def := fmt.Sprintf(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "%s", "End": true}}}`, resource)
		_, err := b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{Name: aws.String("m"), RoleArn: aws.String(role), Definition: &def})
		if api.Code(err) != "InvalidDefinition" || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "at /States/T/Resource") {
			t.Errorf("%s: %v, want %s", resource, err, want)
		}
	}
}

func TestManyExecutionsAtOnce(t *testing.T) {
	b := quick(t, func(context.Context, string, string, map[string]any) (string, error) { return `{"Body": "{}"}`, nil })
	m := b.create("m", passTaskSucceed)
	var all []string
	for i := range 300 {
		all = append(all, b.execute(m, fmt.Sprintf("e%d", i), `{"key": "k"}`))
	}
	for _, ex := range all {
		if out := b.finish(ex); out.Status != types.ExecutionStatusSucceeded {
			t.Fatalf("%s: %s", ex, out.Status)
		}
	}
	for token, n := range b.fake.effects {
		if n != 1 {
			t.Errorf("%s had %d effects", token, n)
		}
	}
	if len(b.fake.effects) != 300 {
		t.Errorf("%d tasks had effects, want 300", len(b.fake.effects))
	}
}

func TestTable(t *testing.T) {
	apitest.Check(t, New(module.Env{}, nil).API())
}

func TestHistoryPages(t *testing.T) {
	b := quick(t, func(context.Context, string, string, map[string]any) (string, error) { return `{"Body": "{}"}`, nil })
	ex := b.execute(b.create("m", passTaskSucceed), "", `{"key": "k"}`)
	b.finish(ex)
	whole := b.history(ex)
	for _, reverse := range []bool{false, true} {
		var got []types.HistoryEvent
		in := &sfn.GetExecutionHistoryInput{ExecutionArn: &ex, MaxResults: 3, ReverseOrder: reverse}
		for {
			out, err := b.GetExecutionHistory(b.ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Events) > 3 {
				t.Fatalf("a page of %d", len(out.Events))
			}
			got = append(got, out.Events...)
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		if reverse {
			slices.Reverse(got)
		}
		a, _ := json.Marshal(whole)
		c, _ := json.Marshal(got)
		if string(a) != string(c) {
			t.Errorf("reverse %v: pages give %s, want %s", reverse, c, a)
		}
	}
	out, err := b.GetExecutionHistory(b.ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &ex, IncludeExecutionData: aws.Bool(false)})
	if err != nil || out.Events[0].ExecutionStartedEventDetails.Input != nil {
		t.Errorf("IncludeExecutionData false: %v %v", out.Events[0], err)
	}
	if _, err := b.GetExecutionHistory(b.ctx,
		&sfn.GetExecutionHistoryInput{ExecutionArn: &ex, NextToken: aws.String("x")}); api.Code(err) != "InvalidToken" {
		t.Errorf("a foreign token: %v", err)
	}
}

func TestMachineThatIsDeletedWhileItRuns(t *testing.T) {
	b := quick(t, nil)
	m := b.create("m", `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "Next": "P"}, "P": {"Type": "Pass", "End": true}}}`)
	ex := b.execute(m, "one", "")
	if _, err := b.UpdateStateMachine(b.ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &m, Definition: aws.String(passOnly)}); err != nil {
		t.Fatal(err)
	}
	used, err := b.DescribeStateMachineForExecution(b.ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &ex})
	if err != nil || !strings.Contains(*used.Definition, "Wait") {
		t.Errorf("after an update the execution runs with %s (%v)", aws.ToString(used.Definition), err)
	}
	if _, err := b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &m}); err != nil {
		t.Fatal(err)
	}
	out, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &m})
	if err != nil || out.Status != types.StateMachineStatusDeleting {
		t.Errorf("%v %v, want DELETING", out, err)
	}
	if _, err := b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &m}); api.Code(err) != "StateMachineDeleting" {
		t.Errorf("start: %v", err)
	}
	if _, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &ex}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DescribeStateMachine(b.ctx,
		&sfn.DescribeStateMachineInput{StateMachineArn: &m}); api.Code(err) != "StateMachineDoesNotExist" {
		t.Errorf("after its last execution: %v", err)
	}
	if out := b.finish(ex); out.Status != types.ExecutionStatusAborted {
		t.Errorf("the execution is %s", out.Status)
	}
}

func TestEndlessExecutionCanBeStopped(t *testing.T) {
	b := quick(t, nil)
	m := b.create("m", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, `+
		`"B": {"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": true, "Next": "A"}], "Default": "C"}, "C": {"Type": "Succeed"}}}`)
	ex := b.execute(m, "one", "")
	if _, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &ex}); err != nil {
		t.Fatal(err)
	}
	if out := b.finish(ex); out.Status != types.ExecutionStatusAborted && out.Status != types.ExecutionStatusFailed {
		t.Errorf("%s", out.Status)
	}
}

func TestCallsAreBounded(t *testing.T) {
	var now, most atomic.Int64
	gate := make(chan struct{})
	b := newBench(t, metatest.OpenTemp(t, tag.Schema, Schema), clock.Real{},
		newFake(func(context.Context, string, string, map[string]any) (string, error) {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-gate
			now.Add(-1)
			return `{"Body": "{}"}`, nil
		}))
	b.calls = make(chan struct{}, 3)
	b.start()
	m := b.create("m", passTaskSucceed)
	var all []string
	for i := range 20 {
		all = append(all, b.execute(m, fmt.Sprintf("e%d", i), `{"key": "k"}`))
	}
	for range all {
		gate <- struct{}{}
	}
	for _, ex := range all {
		b.finish(ex)
	}
	if most.Load() > 3 {
		t.Errorf("%d calls at once, want 3 at most", most.Load())
	}
}

func TestStopDoesNotWaitForASlowCall(t *testing.T) {
	called, release := make(chan struct{}), make(chan struct{})
	b := quick(t, func(context.Context, string, string, map[string]any) (string, error) {
		close(called)
		<-release // a service that does not look at its context
		return `{"Body": "{}"}`, nil
	})
	ex := b.execute(b.create("m", passTaskSucceed), "", `{"key": "k"}`)
	<-called
	if _, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &ex}); err != nil {
		t.Fatal(err)
	}
	if out := b.finish(ex); out.Status != types.ExecutionStatusAborted {
		t.Errorf("%s", out.Status)
	}
	close(release)
}

// TestEverySyncHasItsLine compares the integrations that wait with the table of what can be waited for and with the topics.
func TestEverySyncHasItsLine(t *testing.T) {
	b := quick(t, nil)
	used := map[string]bool{}
	for name, to := range optimized {
		if to.pattern == "" {
			continue
		}
		op := to.service + "." + to.op
		w, ok := waitables()[op]
		if used[op] = true; !ok || w.id == "" || w.ask == nil || w.halt == nil || w.show == nil || len(w.bad) == 0 || b.topics[op] == nil {
			t.Errorf("%s: the line of %s is not whole: %+v", name, op, w)
		}
	}
	if len(used) != len(waitables()) || len(used) != len(b.topics) {
		t.Errorf("used %v of %d lines and %d topics", used, len(waitables()), len(b.topics))
	}
}
