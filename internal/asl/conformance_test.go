package asl_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/internal/asl"
	"penstock/internal/testcorpus"
)

// A recorded is one execution that AWS recorded.
type recorded struct {
	ID         string // line number and test name
	Definition string
	Kind       string
	Input      *string
	Expected   struct {
		Events []map[string]any
	}
	Name, Test string
}

func recordings(t *testing.T) []recorded {
	t.Helper()
	f, err := os.Open(filepath.Join(testcorpus.Dir(t), "conformance/stepfunctions/executions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []recorded
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for n := 1; sc.Scan(); n++ {
		var r recorded
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		_, test, _ := strings.Cut(r.Test, "::")
		r.ID = fmt.Sprintf("%03d %s %s", n, strings.ReplaceAll(test, " ", "_"), r.Name)
		if r.Kind == "pure" {
			out = append(out, r)
		}
	}
	return out
}

// listed reads testdata/executions.txt: cases that are equal, and after a line "# fails" those that are not, each with a reason.
func listed(t *testing.T) (equal map[string]bool, fails map[string]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/executions.txt")
	if err != nil {
		t.Fatal(err)
	}
	equal, fails = map[string]bool{}, map[string]string{}
	failing := false
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		switch {
		case line == "# fails":
			failing = true
		case line == "" || line[0] == '#':
		case failing:
			id, reason, ok := strings.Cut(line, " : ")
			if !ok || reason == "" {
				t.Errorf("testdata/executions.txt: %q has no reason", line)
			}
			fails[id] = reason
		default:
			equal[line] = true
		}
	}
	return equal, fails
}

// atLeast may only grow.
const atLeast = 136

func TestRecordedExecutions(t *testing.T) {
	equal, fails := listed(t)
	if len(equal) < atLeast {
		t.Errorf("%d cases are listed as equal, want at least %d", len(equal), atLeast)
	}
	for _, r := range recordings(t) {
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
			alterations(t, r)
		}
	}
}

// alterations runs a case again with each value of its expectation changed, one at a time, and with an event missing: all must fail.
func alterations(t *testing.T, r recorded) {
	t.Helper()
	got := run(r)
	if shorter := r.Expected.Events[:len(r.Expected.Events)-1]; difference(shorter, got) == "" {
		t.Errorf("%s: the comparison does not see that the last event is missing", r.ID)
	}
	n := 0
	for i := range r.Expected.Events {
		for k := range r.Expected.Events[i] {
			text, _ := json.Marshal(r.Expected.Events)
			var altered []map[string]any
			if err := json.Unmarshal(text, &altered); err != nil {
				t.Fatal(err)
			}
			if !alter(altered[i], k) {
				continue
			}
			n++
			if difference(altered, got) == "" {
				t.Errorf("%s: the comparison does not see a change of %s in event %d", r.ID, k, i+1)
			}
		}
	}
	if n == 0 {
		t.Errorf("%s: nothing to alter", r.ID)
	}
}

// alter changes one value below m[k] that takes part in the comparison.
func alter(m map[string]any, k string) bool {
	if dropped[k] {
		return false
	}
	switch v := m[k].(type) {
	case string:
		if wild(v) != nil || words[v] {
			return false
		}
		m[k] = v + "?"
		return true
	case float64:
		m[k] = v + 1
		return true
	case bool:
		m[k] = !v
		return true
	case map[string]any:
		for in := range v {
			if alter(v, in) {
				return true
			}
		}
	}
	return false
}

func TestListNamesRealCases(t *testing.T) {
	equal, fails := listed(t)
	ids := map[string]bool{}
	for _, r := range recordings(t) {
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
func run(r recorded) []*asl.Event {
	m, diags := asl.Parse(r.Definition, nil)
	if m == nil {
		return []*asl.Event{{Type: fmt.Sprint(diags)}}
	}
	info := asl.Info{ARN: "arn:aws:states:us-east-1:111111111111:execution:machine:run", Name: "run", RoleARN: "snf_role_arn",
		MachineARN: "arn:aws:states:us-east-1:111111111111:stateMachine:machine", MachineName: "machine"}
	x := asl.New(m, info, asl.Env{UUID: func() string { return "00000000-0000-4000-8000-000000000000" }, Random: func(n int64) int64 { return n / 2 }})
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

func compare(r recorded) string {
	if len(r.Expected.Events) == 0 {
		return "the recording has no history"
	}
	return difference(r.Expected.Events, run(r))
}

// difference compares a recorded history with ours as the corpus's README says, "" when they are equal.
func difference(expected []map[string]any, got []*asl.Event) string {
	var want, have []map[string]any
	for _, e := range expected {
		want = append(want, clean(e))
	}
	for _, e := range got {
		if e.Type != "ParallelStateSucceeded" { // the recordings lost these events
			have = append(have, clean(shape(e)))
		}
	}
	if len(want) != len(have) {
		return fmt.Sprintf("%d events, want %d: %s", len(have), len(want), types(have))
	}
	for i := 0; i < len(want); i++ {
		if want[i]["type"] == "ParallelStateStarted" {
			n := i + 1
			for n < len(want) && !strings.HasPrefix(fmt.Sprint(want[n]["type"]), "ParallelState") {
				n++
			}
			if d := sets(want[i+1:n], have[i+1:n]); d != "" {
				return d
			}
			if want[i]["type"] != have[i]["type"] {
				return fmt.Sprintf("event %d: %v, want %v", i+1, have[i]["type"], want[i]["type"])
			}
			i = n - 1
			continue
		}
		if !match(want[i], have[i]) {
			return fmt.Sprintf("event %d: %s, want %s", i+1, text(have[i]), text(want[i]))
		}
	}
	return ""
}

// sets compares the events inside a Parallel state, whose order is free.
func sets(want, have []map[string]any) string {
	left := slices.Clone(have)
	for _, w := range want {
		i := slices.IndexFunc(left, func(h map[string]any) bool { return match(w, h) })
		if i < 0 {
			return fmt.Sprintf("inside the Parallel state there is no %s", text(w))
		}
		left = slices.Delete(left, i, i+1)
	}
	return ""
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b[:min(len(b), 600)])
}

func types(events []map[string]any) string {
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprint(e["type"]))
	}
	return strings.Join(out, " ")
}

// TestRecordedLinks compares what the corpus's README leaves out: the numbers by which events follow one another, where the
// recording kept them.
func TestRecordedLinks(t *testing.T) {
	equal, _ := listed(t)
	n := 0
	for _, r := range recordings(t) {
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
