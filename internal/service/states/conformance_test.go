package states

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/asl/asltest"
	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

// atLeast is how many recorded executions come out equal through the service; it may only grow.
const atLeast = 135

// notHere are cases of asl's list that the service answers otherwise.
var notHere = map[string]string{
	"231 TestBaseScenarios::test_invalid_jsonpath[ST.INVALID_JSONPATH_IN_HEARTBEATSECONDSPATH] " +
		"get_execution_history": ".waitForTaskToken is " +
		"refused when the machine is created",
	"019 TestSfnWait::test_timestamp_too_far_in_future_boundary[24855] get_execution_history": "it waits for 68 years",
}

// TestRecordedExecutions runs what asl runs through CreateStateMachine, StartExecution and GetExecutionHistory, on a clock that the
// test moves.
func TestRecordedExecutions(t *testing.T) {
	equal, _ := asltest.Listed(t, "../../asl/testdata/executions.txt")
	recordings := asltest.Recordings(t)
	c := clock.NewManual(time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC))
	b := newBench(t, metatest.OpenTemp(t, tag.Schema, Schema), c, newFake(nil))
	b.Account = "111111111111" // the recordings'
	b.start()
	n := 0
	for _, r := range recordings {
		if !equal[r.ID] || notHere[r.ID] != "" {
			continue
		}
		got := b.record(c, r)
		if diff := asltest.Difference(r.Expected.Events, got); diff != "" {
			t.Errorf("%s: %s", r.ID, diff)
			continue
		}
		n++
		asltest.Alterations(t, r, got)
	}
	if n < atLeast {
		t.Errorf("%d recorded executions are equal, want at least %d", n, atLeast)
	}
}

// record executes a recording's machine and gives its history in AWS's form.
func (b *bench) record(c *clock.Manual, r asltest.Recording) []map[string]any {
	m := b.create("case-"+r.ID[:3], r.Definition)
	in := &sfn.StartExecutionInput{StateMachineArn: &m, Input: r.Input}
	started, err := b.StartExecution(b.ctx, in)
	if err != nil {
		b.t.Fatalf("%s: %v", r.ID, err)
	}
	ex := *started.ExecutionArn
	if last := r.Expected.Events[len(r.Expected.Events)-1]; last["type"] == "ExecutionAborted" {
		if _, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &ex}); err != nil {
			b.t.Fatal(err)
		}
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &ex})
		if err != nil {
			b.t.Fatal(err)
		}
		if out.Status != types.ExecutionStatusRunning {
			break
		}
		if c.Waiters() > 0 {
			c.Advance(time.Minute)
		}
	}
	var got []map[string]any
	for _, e := range b.history(ex) {
		got = append(got, wire(b.t, e))
	}
	return got
}

// wire is an event with the names of the JSON protocol.
func wire(t testing.TB, e types.HistoryEvent) map[string]any {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return lower(m)
}

func lower(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if v == nil {
			continue
		}
		if in, ok := v.(map[string]any); ok && k != "AssignedVariables" {
			v = lower(in)
		}
		out[string(k[0]+'a'-'A')+k[1:]] = v
	}
	return out
}

// TestRecordedRefusals are the answers that AWS gave to wrong requests.
func TestRecordedRefusals(t *testing.T) {
	b := quick(t, nil)
	missing := "arn:aws:states:us-east-1:000000000000:stateMachine:none"
	_, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &missing})
	want(t, err, "StateMachineDoesNotExist: State Machine Does Not Exist: '"+missing+"'")
	_, err = b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &missing})
	want(t, err, "StateMachineDoesNotExist: State Machine Does Not Exist: '"+missing+"'")
	m := b.create("m", passOnly)
	_, err = b.UpdateStateMachine(b.ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &m})
	want(t, err,
		"MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
	ex := b.execute(m, "one", "{}")
	b.finish(ex)
	_, err = b.StartExecution(b.ctx, &sfn.StartExecutionInput{StateMachineArn: &m, Name: aws.String("one")})
	want(t, err, "ExecutionAlreadyExists: Execution Already Exists: '"+ex+"'")
	_, err = b.TagResource(b.ctx, &sfn.TagResourceInput{ResourceArn: aws.String(m + ":1"), Tags: []types.Tag{{Key: aws.String("k")}}})
	want(t, err, "ResourceNotFound: Resource not found: '"+m+":1'")
	_, err = b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{Name: aws.String("w"), RoleArn: aws.String(role),
		Definition: aws.String(`{"StartAt": "WaitUntil", ` +
			`"States": {"WaitUntil": {"Type": "Wait", "Timestamp": "05-12-2016T21:29:29Z", "End": true}}}`)})
	want(t, err, "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: "+
		"String does not match RFC3339 timestamp at /States/WaitUntil/Timestamp'")
}

func want(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || err.Error() != text {
		t.Errorf("got %v, want %s", err, text)
	}
}

const passOnly = `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`

// wireAny shows any answer by its values, not by its pointers.
func wireAny(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
