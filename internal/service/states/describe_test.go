package states

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
)

// TestRevisions: the first revision has no id, and only what changes something makes another.
func TestRevisions(t *testing.T) {
	b := quick(t, nil)
	m := b.create("m", passOnly)
	first := b.execute(m, "first", "{}")
	b.finish(first)
	update := func(in sfn.UpdateStateMachineInput) string {
		t.Helper()
		in.StateMachineArn = &m
		out, err := b.UpdateStateMachine(b.ctx, &in)
		if err != nil {
			t.Fatal(err)
		}
		described, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &m})
		if err != nil || aws.ToString(described.RevisionId) != aws.ToString(out.RevisionId) {
			t.Errorf("the machine has the revision %q, the update answered %q (%v)", aws.ToString(described.RevisionId),
				aws.ToString(out.RevisionId), err)
		}
		return aws.ToString(out.RevisionId)
	}
	same := "\n" + `{"States": {"P": {"End": true, "Type": "Pass"}}, "StartAt": "P"}`
	if got := update(sfn.UpdateStateMachineInput{Definition: &same, RoleArn: aws.String(role)}); got != "" {
		t.Errorf("the same again makes the revision %s", got)
	}
	one := update(sfn.UpdateStateMachineInput{RoleArn: aws.String(role + "2")})
	two := update(sfn.UpdateStateMachineInput{LoggingConfiguration: &types.LoggingConfiguration{IncludeExecutionData: true}})
	again := update(sfn.UpdateStateMachineInput{Definition: aws.String(passOnly), RoleArn: aws.String(role + "2"),
		LoggingConfiguration: &types.LoggingConfiguration{IncludeExecutionData: true}})
	if one == "" || two == "" || one == two || again != two {
		t.Errorf("revisions %q, %q, %q", one, two, again)
	}
	second := b.execute(m, "second", "{}")
	b.finish(second)
	for ex, want := range map[string]string{first: "", second: two} {
		out, err := b.DescribeStateMachineForExecution(b.ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &ex})
		if err != nil || aws.ToString(out.RevisionId) != want {
			t.Errorf("%s ran the revision %q, want %q (%v)", ex, aws.ToString(out.RevisionId), want, err)
		}
	}
}

// TestVariableReferences: the variables that each state refers to, wherever it does.
func TestVariableReferences(t *testing.T) {
	b := quick(t, nil)
	m := b.create("m", `{"StartAt": "Set", "States": {
		"Set": {"Type": "Pass", "Assign": {"a": 1, "list": [1, 2], "n.$": "$.n"}, "Next": "Use"},
		"Use": {"Type": "Pass", "InputPath": "$list[0]", "Parameters": {"z.$": "$n", "deep": [{"x.$": "States.Array($a, States.Format('{}', $list[0]), $.k)"}], "text": "$no"}, "Next": "Pick"},
		"Pick": {"Type": "Choice", "Choices": [{"And": [{"Variable": "$a", "NumericEqualsPath": "$n"}, {"Not": {"Variable": "$.x", "IsNull": true}}], "Next": "Each"}], "Default": "Bad"},
		"Each": {"Type": "Map", "ItemsPath": "$list", "MaxConcurrencyPath": "$n", "Next": "Wait", "ItemProcessor": {"StartAt": "In",
			"States": {"In": {"Type": "Pass", "OutputPath": "$a", "End": true}}}, "ItemSelector": {"v.$": "$a"}},
		"Wait": {"Type": "Wait", "SecondsPath": "$a", "End": true},
		"Bad": {"Type": "Fail", "ErrorPath": "States.Format('{}', $n)", "CausePath": "$a"}}}`)
	out, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &m})
	want := `{"Bad":["a","n"],"Each":["a","list","n"],"In":["a"],"Pick":["a","n"],"Use":["a","list","n"],"Wait":["a"]}`
	if err != nil || wireAny(out.VariableReferences) != want {
		t.Errorf("%s, want %s (%v)", wireAny(out.VariableReferences), want, err)
	}
	ex := b.execute(m, "", `{"n": 0}`)
	b.finish(ex)
	of, err := b.DescribeStateMachineForExecution(b.ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &ex})
	if err != nil || wireAny(of.VariableReferences) != want {
		t.Errorf("of the execution: %s, want %s (%v)", wireAny(of.VariableReferences), want, err)
	}
	plain := b.create("plain", passOnly)
	if out, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &plain}); err != nil ||
		out.VariableReferences != nil {
		t.Errorf("a machine without variables has %v (%v)", out.VariableReferences, err)
	}
}

// TestRedriveStatus has AWS's reasons.
func TestRedriveStatus(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC))
	b := newBench(t, metatest.OpenTemp(t, tag.Schema, Schema), c, newFake(nil))
	b.start()
	failing := b.create("failing", `{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}`)
	failed, succeeded := b.execute(failing, "", ""), b.execute(b.create("passing", passOnly), "", "")
	running := b.execute(b.create("waiting", `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9999999, "End": true}}}`), "", "")
	b.finish(failed)
	b.finish(succeeded)
	check := func(ex, want string) {
		t.Helper()
		out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &ex})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(out.RedriveStatus) + " " + aws.ToString(out.RedriveStatusReason); got != want ||
			out.RedriveCount == nil || *out.RedriveCount != 0 {
			t.Errorf("%s, want %s", got, want)
		}
	}
	check(failed, "REDRIVABLE ")
	check(succeeded, "NOT_REDRIVABLE Execution is SUCCEEDED and cannot be redriven")
	check(running, "NOT_REDRIVABLE Execution is RUNNING and cannot be redriven")
	list, err := b.ListExecutions(b.ctx, &sfn.ListExecutionsInput{StateMachineArn: &failing})
	if err != nil || len(list.Executions) != 1 || list.Executions[0].RedriveCount == nil {
		t.Errorf("the list shows no redriveCount: %s %v", wireAny(list), err)
	}
	c.Advance(15 * 24 * time.Hour)
	check(failed, "NOT_REDRIVABLE Execution redrivable period exceeded")
	if _, err := b.DeleteStateMachine(b.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &failing}); err != nil {
		t.Fatal(err)
	}
	check(failed, "NOT_REDRIVABLE State machine is in DELETING status")
}

// TestOldStoreKnowsItsFirstRevisions opens a store that was written before revisions said whether they are the first.
func TestOldStoreKnowsItsFirstRevisions(t *testing.T) {
	dir := t.TempDir()
	before := meta.Schema{Name: Schema.Name, Migrations: Schema.Migrations[:1]}
	store := metatest.Open(t, dir, clock.Real{}, before)
	err := store.Update(t.Context(), func(tx *meta.Tx) error {
		for _, q := range []string{
			`INSERT INTO states_machine VALUES ('arn:aws:states:us-east-1:000000000000:stateMachine:new', 'new', 'r1', 5, 0, 0)`,
			`INSERT INTO states_machine VALUES ('arn:aws:states:us-east-1:000000000000:stateMachine:old', 'old', 'r3', 5, 0, 0)`,
			`INSERT INTO states_revision VALUES ('r1', 'arn:aws:states:us-east-1:000000000000:stateMachine:new', '` + passOnly + `', 'r', 5)`,
			`INSERT INTO states_revision VALUES ('r2', 'arn:aws:states:us-east-1:000000000000:stateMachine:old', '` + passOnly + `', 'r', 5)`,
			`INSERT INTO states_revision VALUES ('r3', 'arn:aws:states:us-east-1:000000000000:stateMachine:old', '` + passOnly + `', 'r', 6)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, metatest.Open(t, dir, clock.Real{}, tag.Schema, Schema), clock.Real{}, newFake(nil))
	for name, want := range map[string]string{"new": "", "old": "r3"} {
		machine := "arn:aws:states:us-east-1:000000000000:stateMachine:" + name
		out, err := b.DescribeStateMachine(b.ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
		if err != nil || aws.ToString(out.RevisionId) != want {
			t.Errorf("%s has the revision %q, want %q (%v)", name, aws.ToString(out.RevisionId), want, err)
		}
	}
}
