package asl_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"penstock/internal/asl"
	"penstock/internal/asl/asltest"
)

// tasksAtLeast may only grow.
const tasksAtLeast = 39

// TestRecordedTasks runs the recorded executions that call services. What a service answered is taken from the recording; what the
// states make of it is ours.
func TestRecordedTasks(t *testing.T) {
	equal, fails := asltest.Listed(t, "testdata/tasks.txt")
	if len(equal) < tasksAtLeast {
		t.Errorf("%d cases are listed as equal, want at least %d", len(equal), tasksAtLeast)
	}
	for _, r := range asltest.TaskRecordings(t) {
		got := shapes(runTasks(r))
		diff := asltest.Difference(r.Expected.Events, got)
		switch {
		case equal[r.ID] && diff != "":
			t.Errorf("%s: %s", r.ID, diff)
		case !equal[r.ID] && fails[r.ID] == "":
			t.Errorf("%s is not in testdata/tasks.txt (%s)", r.ID, diff)
		case fails[r.ID] != "" && diff == "":
			t.Errorf("%s is equal now: move it in testdata/tasks.txt", r.ID)
		case diff == "":
			asltest.Alterations(t, r, got)
		}
	}
}

func runTasks(r asltest.Recording) []*asl.Event {
	m, diags := asl.Parse(r.Definition, nil)
	if m == nil {
		return []*asl.Event{{Type: fmt.Sprint(diags)}}
	}
	// The recordings put words of their own for names; with their input these come out where AWS passed the names on.
	input := jsonOf(r.Expected.Events[0]["executionStartedEventDetails"], "input")
	x := newExecution(m)
	if err := x.Start(input, start); err != nil {
		return []*asl.Event{{Type: err.Error()}}
	}
	return drive(x, nil, recordedAnswers(r.Expected.Events), start)
}

// recordedAnswers makes a script of what the services answered.
func recordedAnswers(events []map[string]any) script {
	s := script{}
	after := map[string][]map[string]any{}
	for _, e := range events {
		prev := fmt.Sprint(e["previousEventId"])
		after[prev] = append(after[prev], e)
	}
	for _, e := range events {
		if e["type"] != "TaskScheduled" {
			continue
		}
		op := fmt.Sprint(e["taskScheduledEventDetails"].(map[string]any)["resource"])
		line := "hang"
		for next := after[fmt.Sprint(e["id"])]; len(next) > 0; next = after[fmt.Sprint(next[0]["id"])] {
			switch n := next[0]; n["type"] {
			case "TaskSubmitted":
				line = "submit " + jsonOf(n["taskSubmittedEventDetails"], "output") + " ok "
			case "TaskSucceeded":
				if line == "hang" {
					line = "ok "
				}
				line += jsonOf(n["taskSucceededEventDetails"], "output")
			case "TaskFailed":
				d := n["taskFailedEventDetails"].(map[string]any)
				line = fmt.Sprintf("fail %v %s", d["error"], textOf(d["cause"]))
			}
			if next[0]["type"] == "TaskStateExited" {
				break
			}
		}
		s[op] = append(s[op], line)
	}
	return s
}

// jsonOf is a member that the recording may have parsed, as JSON text.
func jsonOf(details any, member string) string {
	return textOf(details.(map[string]any)[member])
}

func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, _ := json.Marshal(v)
	return string(b)
}
