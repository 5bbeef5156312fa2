package asl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"penstock/internal/asl"
)

// one wraps the members of a state S into a machine.
func one(members string) string {
	return fmt.Sprintf(`{"StartAt": "S", "States": {"S": {%s}, "T": {"Type": "Succeed"}}}`, members)
}

// TestDefinitionErrors has AWS's texts where they are known (recorded, documented, or reported by those who asked AWS); each case has
// exactly these diagnostics.
func TestDefinitionErrors(t *testing.T) {
	for _, c := range []struct{ definition, want string }{
		{`{"StartAt": `, "INVALID_JSON_DESCRIPTION: unexpected end of JSON at byte 12"},
		{`[]`, "INVALID_JSON_DESCRIPTION: The definition must be a JSON object"},
		{`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "pass3"}, "pass2": {"Type": "Pass", "End": true}}}`,
			"MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/A/Next; MISSING_TRANSITION_TARGET: " +
				"State \"pass2\" is not reachable. at /States/pass2"},
		{`{"StartAt": "Z", "States": {"A": {"Type": "Succeed"}}}`, "MISSING_TRANSITION_TARGET: Missing 'Next' target: Z at /StartAt"},
		{`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}`, "MISSING_END_STATE: Workflow has no terminal state at null"},
		{`{"States": {"A": {"Type": "Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt] at /"},
		{`{"StartAt": "", "States": {"A": {"Type": "Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: The field 'StartAt' must not be empty at /StartAt"},
		{`{"StartAt": "A", "States": {"A": {"Type": ""}}}`, "SCHEMA_VALIDATION_FAILED: The field 'Type' must not be empty at /States/A/Type"},
		{`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": ""}}}`,
			"SCHEMA_VALIDATION_FAILED: The field 'Next' must not be empty at /States/A/Next"},
		{`{}`, "SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt, States] at /"},
		{`{"StartAt": "A", "States": {}}`, "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States"},
		{`{"StartAt": "A", "Version": "1.1", "States": {"A": {"Type": "Succeed"}}}`,
			"SCHEMA_VALIDATION_FAILED: Value should be one of the following: [1.0] at /Version"},
		{`{"StartAt": "A", "Timeout": 5, "States": {"A": {"Type": "Succeed"}}}`,
			"SCHEMA_VALIDATION_FAILED: Field 'Timeout' is not supported at /"},
		{`{"StartAt": "A", "States": {"A": {"Next": "B"}, "B": {"Type": "Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: These fields are required: " +
			"[Type] at /States/A; MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B"},
		{`{"StartAt": "A"}`, "SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /"},
		{`{"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": {"Type": "Succeed"}}}`,
			"SCHEMA_VALIDATION_FAILED: Penstock does not support the QueryLanguage 'JSONata' yet at /QueryLanguage"},
		{`{"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true, ` +
			`"Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}]}}}`,
			"DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A"},
		{one(`"Type": "Wait", "Timestamp": "2016-12-05 21:29:29Z", "Next": "T"`),
			"SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/S/Timestamp"},
		{one(`"Type": "Wait", "Timestamp": "2016-12-05T25:29:29Z", "Next": "T"`),
			"SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/S/Timestamp"},
		{one(`"Type": "Wait", "Next": "T"`), "SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: " +
			"[SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S"},
		{one(`"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "Next": "T"`), "SCHEMA_VALIDATION_FAILED: " +
			"There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S"},
		{one(`"Type": "Pass", "Next": "T", "End": true`),
			"SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [Next, End] at /States/S"},
		{one(`"Type": "Parallel", "Next": "T", "Branches": []`), "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/S/Branches"},
		{one(`"Type": "Parallel", "Next": "T"`), "SCHEMA_VALIDATION_FAILED: These fields are required: [Branches] at /States/S"},
		{one(`"Type": "Task", "Resource": "r", "Next": "T", "Catch": [{"ErrorEquals": []}]`), "SCHEMA_VALIDATION_FAILED: Value cannot be empty " +
			"at /States/S/Catch[0]/ErrorEquals; SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/S/Catch[0]"},
		{one(`"Type": "Task", "Resource": "r", "Next": "T", "Retry": [{"ErrorEquals": ["A"], "JitterStrategy": "SOME"}]`),
			"SCHEMA_VALIDATION_FAILED: Value should be one of the following: [NONE, FULL] at /States/S/Retry[0]/JitterStrategy"},
		{one(`"Type": "Pass", "Next": "T", "InputPath": "x"`),
			"SCHEMA_VALIDATION_FAILED: Value must be a valid JSONPath. at /States/S/InputPath"},
		{one(`"Type": "Pass", "Next": "T", "Assign": {"states": 1, "a-b": 2, "c.$": "$.c"}`),
			"RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign; INVALID_VARIABLE_NAME: " +
				"Invalid variable name 'a-b': the variable name contains invalid characters. at /States/S/Assign"},
		{one(`"Type": "Choice", "Choices": []`), "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/S/Choices; " +
			"MISSING_TRANSITION_TARGET: State \"T\" is not reachable. at /States/T"},
		{one(`"Type": "Choice", "Choices": [{"Next": "T"}]`),
			"SCHEMA_VALIDATION_FAILED: The object must have only one of the following fields, " +
				"[And, Or, Not, Variable, Condition] at /States/S/Choices[0]"},
		{one(`"Type": "Choice", "Choices": [{"Variable": "a", "IsNull": true, "Next": "T"}]`),
			"SCHEMA_VALIDATION_FAILED: Value is not a Reference Path: Reference path didn't start with '$' at /States/S/Choices[0]/Variable"},
		{one(`"Type": "Wait", "Seconds": "5", "Next": "T"`), "SCHEMA_VALIDATION_FAILED: Expected value of type Integer at /States/S/Seconds"},
		{one(`"Type": "Pass", "Paramaters": {}, "Next": "T"`), "SCHEMA_VALIDATION_FAILED: Field 'Paramaters' is not supported at /States/S"},
		{one(`"Type": "Pass", "Parameters": {"a": {"b.$": "x"}}, "Next": "T"`), "SCHEMA_VALIDATION_FAILED: " +
			"The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters/a"},
		{one(`"Type": "Pass", "ResultPath": "$.a[*]", "Next": "T"`),
			"SCHEMA_VALIDATION_FAILED: Value is not a Reference Path at /States/S/ResultPath"},
		{one(`"Type": "Task", "Resource": "r", "Credentials": {"InvalidField": "x"}, "Next": "T"`),
			"SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at /States/S/Credentials"},
		{one(`"Type": "Task", "Resource": "r", "TimeoutSeconds": 5, "HeartbeatSeconds": 5, "Next": "T"`),
			"SCHEMA_VALIDATION_FAILED: HeartbeatSeconds must be smaller than TimeoutSeconds at /States/S/HeartbeatSeconds"},
		{one(`"Type": "Task", "Resource": "r", "Next": "T", "Retry": [{"ErrorEquals": ["States.ALL", "A"]}]`),
			"SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals"},
		{one(`"Type": "Task", "Resource": "r", "Next": "T", "Catch": [{"ErrorEquals": ["A"], "Next": "Q"}]`),
			"MISSING_TRANSITION_TARGET: Missing 'Next' target: Q at /States/S/Catch[0]/Next"},
		{one(`"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": 1, "Next": "T"}]`),
			"SCHEMA_VALIDATION_FAILED: Expected value of type String at /States/S/Choices[0]/StringEquals"},
		{one(`"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "T"}]`),
			"SCHEMA_VALIDATION_FAILED: Exactly one comparison operator is required at /States/S/Choices[0]"},
		{one(`"Type": "Map", "Next": "T"`),
			"SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/S"},
		{one(`"Type": "Map", "Next": "T", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, ` +
			`"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}`),
			"SCHEMA_VALIDATION_FAILED: Penstock does not support the Mode 'DISTRIBUTED' of Map states yet at " +
				"/States/S/ItemProcessor/ProcessorConfig/Mode"},
		{one(`"Type": "Step", "Next": "T"`), "SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: [Task, Wait, Pass, " +
			"Succeed, Fail, Choice, Parallel, Map] at /States/S/Type; MISSING_TRANSITION_TARGET: State \"T\" is not reachable. at /States/T"},
	} {
		m, diags := asl.Parse(c.definition, nil)
		var got []string
		for _, d := range diags {
			got = append(got, d.String())
		}
		if m != nil || strings.Join(got, "; ") != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.definition, strings.Join(got, "; "), c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	m, diags := asl.Parse(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"x": ["$.y"]}, "Next": "B"}, `+
		`"B": {"Type": "Pass", "Parameters": {"p": "$.q", "price": "$5"}, "End": true}}}`, nil)
	if m == nil || len(diags) != 2 || diags[0].Code != "PASS_RESULT_IS_STATIC" || diags[0].Location != "/States/A/Result" ||
		diags[1].Code != "NO_DOLLAR" || diags[1].Location != "/States/B/Parameters" {
		t.Errorf("%v", diags)
	}
}

func TestResourceIsAsked(t *testing.T) {
	_, diags := asl.Parse(one(`"Type": "Task", "Resource": "arn:aws:states:::dynamodb:query", "Next": "T"`),
		func(r string) string { return "not " + r })
	if len(diags) != 1 || diags[0].String() != "SCHEMA_VALIDATION_FAILED: not arn:aws:states:::dynamodb:query at /States/S/Resource" {
		t.Errorf("%v", diags)
	}
}

// choose runs a Choice state on an input and answers which of yes, no, or an error it led to.
func choose(t *testing.T, rule, input string) string {
	t.Helper()
	m, diags := asl.Parse(fmt.Sprintf(`{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{%s, "Next": "yes"}], "Default": "no"},
		"yes": {"Type": "Pass", "End": true}, "no": {"Type": "Pass", "End": true}}}`, rule), nil)
	if m == nil {
		t.Fatalf("%s: %v", rule, diags)
	}
	events := runScenario(t, m, input, nil)
	if last := events[len(events)-1]; last.Error != "" {
		return last.Error
	}
	return events[len(events)-2].Name
}

func TestChoiceRules(t *testing.T) {
	for _, c := range []struct{ rule, input, want string }{
		{`"Variable": "$.a", "StringEquals": "x"`, `{"a": "x"}`, "yes"},
		{`"Variable": "$.a", "StringEquals": "x"`, `{"a": 1}`, "no"},
		{`"Variable": "$.a", "StringEqualsPath": "$.b"`, `{"a": "x", "b": "x"}`, "yes"},
		{`"Variable": "$.a", "StringLessThan": "b"`, `{"a": "a"}`, "yes"},
		{`"Variable": "$.a", "StringGreaterThanEquals": "b"`, `{"a": "a"}`, "no"},
		{`"Variable": "$.a", "StringMatches": "log-*.txt"`, `{"a": "log-2026.txt"}`, "yes"},
		{`"Variable": "$.a", "StringMatches": "log-*.txt"`, `{"a": "log-2026.txt.gz"}`, "no"},
		{`"Variable": "$.a", "StringMatches": "*\\*"`, `{"a": "abc*"}`, "yes"},
		{`"Variable": "$.a", "StringMatches": "*\\*"`, `{"a": "abc"}`, "no"},
		{`"Variable": "$.a", "StringMatches": "*"`, `{"a": ""}`, "yes"},
		{`"Variable": "$.a", "NumericEquals": 1.0`, `{"a": 1}`, "yes"},
		{`"Variable": "$.a", "NumericEquals": 0.1`, `{"a": 0.10000000000000000001}`, "no"},
		{`"Variable": "$.a", "NumericLessThan": 9007199254740993`, `{"a": 9007199254740992}`, "yes"},
		{`"Variable": "$.a", "NumericGreaterThanPath": "$.b"`, `{"a": 1e2, "b": 99}`, "yes"},
		{`"Variable": "$.a", "NumericEquals": 1`, `{"a": "1"}`, "no"},
		{`"Variable": "$.a", "BooleanEquals": true`, `{"a": true}`, "yes"},
		{`"Variable": "$.a", "BooleanEqualsPath": "$.b"`, `{"a": true, "b": false}`, "no"},
		{`"Variable": "$.a", "TimestampLessThan": "2026-01-01T00:00:00Z"`, `{"a": "2025-12-31T23:59:59+00:00"}`, "yes"},
		{`"Variable": "$.a", "TimestampEquals": "2026-01-01T00:00:00Z"`, `{"a": "2026-01-01T01:00:00+01:00"}`, "yes"},
		{`"Variable": "$.a", "TimestampEqualsPath": "$.b"`, `{"a": "2026-01-01T01:00:00+01:00", "b": "no time"}`, "no"},
		{`"Variable": "$.a", "IsNull": true`, `{"a": null}`, "yes"},
		{`"Variable": "$.a", "IsPresent": false`, `{}`, "yes"},
		{`"Variable": "$.a", "IsNumeric": true`, `{"a": 1.5}`, "yes"},
		{`"Variable": "$.a", "IsString": false`, `{"a": 1.5}`, "yes"},
		{`"Variable": "$.a", "IsBoolean": true`, `{"a": "true"}`, "no"},
		{`"Variable": "$.a", "IsTimestamp": true`, `{"a": "2026-01-01T00:00:00Z"}`, "yes"},
		{`"Variable": "$.a", "StringEquals": "x"`, `{}`, "States.Runtime"},
		{`"And": [{"Variable": "$.a", "IsPresent": true}, {"Variable": "$.a", "NumericEquals": 1}]`, `{}`, "no"},
		{`"Or": [{"Variable": "$.a", "NumericEquals": 1}, {"Variable": "$.b", "NumericEquals": 1}]`, `{"a": 1}`, "yes"},
		{`"Not": {"Variable": "$.a", "NumericEquals": 1}`, `{"a": 2}`, "yes"},
	} {
		if got := choose(t, c.rule, c.input); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.rule, c.input, got, c.want)
		}
	}
}

// TestWaitFailures has AWS's texts for what a Wait state cannot wait for.
func TestWaitFailures(t *testing.T) {
	for _, c := range []struct{ field, input, want string }{
		{`"SecondsPath": "$.s"`, `{"s": -1}`, "The SecondsPath parameter references a negative value: $.s == -1"},
		{`"SecondsPath": "$.s"`, `{"s": -1.5}`, "The SecondsPath parameter cannot be parsed as a long value: $.s == -1.5"},
		{`"SecondsPath": "$.s"`, `{"s": "1"}`, "The SecondsPath parameter cannot be parsed as a long value: $.s == 1"},
		{`"SecondsPath": "$.s"`, `{}`, "The SecondsPath parameter does not reference an input value: $.s"},
		{`"SecondsPath": "$.s"`, `{"s": 100000000}`, "The SecondsPath parameter references a value above 99999999: $.s == 100000000"},
		{`"TimestampPath": "$.t"`, `{"t": "2026-11-22T10:30:00"}`,
			"The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == 2026-11-22T10:30:00"},
		{`"TimestampPath": "$.t"`, `{"t": "2094-12-11T10:30:00Z"}`,
			"The TimestampPath parameter references a time more than 2147483647 seconds ahead: $.t == 2094-12-11T10:30:00Z"},
		{`"Timestamp": "2094-12-11T10:30:00Z"`, `{}`,
			"The Timestamp parameter is a time more than 2147483647 seconds ahead: 2094-12-11T10:30:00Z"},
	} {
		m, diags := asl.Parse(fmt.Sprintf(`{"StartAt": "W", "States": {"W": {"Type": "Wait", %s, "End": true}}}`, c.field), nil)
		if m == nil {
			t.Fatal(diags)
		}
		events := runScenario(t, m, c.input, nil)
		want := "An error occurred while executing the state 'W' (entered at the event id #2). " + c.want
		if last := events[len(events)-1]; last.Error != "States.Runtime" || last.Cause != want {
			t.Errorf("%s on %s: %s %s, want %s", c.field, c.input, last.Error, last.Cause, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"a.$": "States.Format('{}', $.x[?(@.y > 1)])"}, "End": true}}}`)
	f.Add(one(`"Type": "Choice", "Choices": [{"And": [{"Variable": "$$.a", "IsNull": true}], "Next": "T"}]`))
	f.Add(
		one(`"Type": "Map", "Next": "T", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Wait", "SecondsPath": "$", "End": true}}}`))
	f.Add(one(`"Type": "Parallel", "Next": "T", "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Fail", "ErrorPath": "$.e"}}}], ` +
		`"Retry": [{"ErrorEquals": ["X"]}]`))
	f.Add(`{"StartAt":"","States":{"0":{"Type":""}}}`)
	f.Fuzz(func(t *testing.T, definition string) {
		m, diags := asl.Parse(definition, nil)
		errors := slices.ContainsFunc(diags, func(d asl.Diagnostic) bool { return !d.Warning })
		if (m == nil) != errors {
			t.Fatalf("machine %v, diagnostics %v", m, diags)
		}
		if m == nil {
			return
		}
		x := newExecution(m)
		if err := x.Start(`{"x": [1, {"y": 2}]}`, start); err != nil {
			t.Fatal(err)
		}
		now := start
		for range 20 { // a machine may loop for ever; a fuzz run must not
			x.Advance(now)
			wake, ok := x.Wake()
			if !ok {
				break
			}
			now = wake
		}
	})
}
