package run

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestTrimZeros(t *testing.T) {
	for in, want := range map[string]string{
		"1509496.330": "1509496.33", "10.000": "10", "100": "100", "-0.50": "-0.5", "2011-11": "2011-11", "1.2.0": "1.2.0", "none": "none",
	} {
		if got := TrimZeros(in); got != want {
			t.Errorf("TrimZeros(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestFailureIsForPeople finds the message of the job, statement or crawl in the cause that a state machine carries.
func TestFailureIsForPeople(t *testing.T) {
	for cause, want := range map[string]string{
		`{"JobName":"retail-sales","ErrorMessage":"broken","Id":"jr_1"}`: "retail-sales: broken",
		`{"Error":"ERROR: no such table","Status":"FAILED"}`:             "ERROR: no such table",
		`{"Status":"FAILED","ErrorMessage":"cannot list"}`:               "cannot list",
		`plain text`: "plain text",
		``:           "States.Timeout",
	} {
		o := Outcome{Status: types.ExecutionStatusFailed, Error: "States.Timeout", Cause: cause}
		if got := o.Failure(); got == nil || got.Error() != want {
			t.Errorf("%s: %v, want %s", cause, got, want)
		}
	}
	if err := (Outcome{Status: types.ExecutionStatusSucceeded}).Failure(); err != nil {
		t.Errorf("a success failed: %v", err)
	}
}

func TestReportLabels(t *testing.T) {
	s := func(v string) *string { return &v }
	got := Table{Columns: []string{"a", "b", "c"}, Rows: [][]*string{{s("revenue"), s("France "), s("1.50")}, {s("rows"), nil, nil}}}.figures()
	want := []Figure{{"revenue France", "1.5"}, {"rows", "none"}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
}
