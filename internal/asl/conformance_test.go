package asl_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"penstock/internal/asl"
	"penstock/internal/asl/asltest"
)

// atLeast may only grow.
const atLeast = 137

func TestRecordedExecutions(t *testing.T) {
	equal, fails := asltest.Listed(t, "testdata/executions.txt")
	if len(equal) < atLeast {
		t.Errorf("%d cases are listed as equal, want at least %d", len(equal), atLeast)
	}
	for _, r := range asltest.Recordings(t) {
		diff := compare(r)
		switch {
		case equal[r.ID] && diff != "":
			t.Errorf("%s: %s", r.ID, diff)
		case !equal[r.ID] && fails[r.ID] == "":
			t.Errorf("%s is not in testdata/executions.txt (%s)", r.ID, diff)
		case fails[r.ID] != "" && diff == "":
			t.Errorf("%s is equal now: move it in testdata/executions.txt", r.ID)
		}
		if diff == "" {
			asltest.Alterations(t, r, shapes(run(r)))
		}
	}
}

func TestListNamesRealCases(t *testing.T) {
	equal, fails := asltest.Listed(t, "testdata/executions.txt")
	ids := map[string]bool{}
	for _, r := range asltest.Recordings(t) {
		ids[r.ID] = true
	}
	for id := range equal {
		if !ids[id] {
			t.Errorf("%s is no case", id)
		}
	}
	for id := range fails {
		if !ids[id] {
			t.Errorf("%s is no case", id)
		}
	}
}

// run executes a recording's machine on a clock that jumps to the next wait, and stops where the recording stops: at a wait of more
// than a year, or at the first wait when the recording ends with an abort.
func run(r asltest.Recording) []*asl.Event {
	m, diags := asl.Parse(r.Definition, nil)
	if m == nil {
		return []*asl.Event{{Type: fmt.Sprint(diags)}}
	}
	info := asl.Info{ARN: "arn:aws:states:us-east-1:111111111111:execution:machine:run", Name: "run", RoleARN: "snf_role_arn",
		MachineARN: "arn:aws:states:us-east-1:111111111111:stateMachine:machine", MachineName: "machine"}
	x := asl.New(m, info, asl.Env{UUID: func() string { return "00000000-0000-4000-8000-000000000000" },
		Random: func(n int64) int64 { return n / 2 }})
	now := time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)
	input := "{}"
	if r.Input != nil {
		input = *r.Input
	}
	if err := x.Start(input, now); err != nil {
		return []*asl.Event{{Type: err.Error()}}
	}
	last := r.Expected.Events[len(r.Expected.Events)-1]["type"]
	for range 1000 {
		x.Advance(now)
		wake, ok := x.Wake()
		if !ok || wake.Sub(now) > 365*24*time.Hour {
			break
		}
		if last == asl.ExecutionAborted {
			x.Abort(asl.Failure{}, now)
			break
		}
		now = wake
	}
	return x.Take()
}

func compare(r asltest.Recording) string {
	if len(r.Expected.Events) == 0 {
		return "the recording has no history"
	}
	return asltest.Difference(r.Expected.Events, shapes(run(r)))
}

// TestRecordedLinks compares what the corpus's README leaves out: the numbers by which events follow one another, where the
// recording kept them.
func TestRecordedLinks(t *testing.T) {
	equal, _ := asltest.Listed(t, "testdata/executions.txt")
	n := 0
	for _, r := range asltest.Recordings(t) {
		if !equal[r.ID] {
			continue
		}
		got := run(r)
		for _, e := range r.Expected.Events {
			id, ok := e["id"].(float64)
			if !ok || strings.Contains(r.Definition, `"Parallel"`) {
				continue
			}
			n++
			if o := got[int(id)-1]; o.Type != e["type"] || float64(o.Prev) != e["previousEventId"] {
				t.Errorf("%s: event %v (%s) follows event %d, want %v (%v)", r.ID, id, o.Type, o.Prev, e["previousEventId"], e["type"])
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d events compared", n)
	}
}

func shapes(events []*asl.Event) []map[string]any {
	var out []map[string]any
	for _, e := range events {
		out = append(out, shape(e))
	}
	return out
}
