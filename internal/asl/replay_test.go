package asl_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"penstock/internal/asl"
	"penstock/internal/asl/asltest"
)

var update = flag.Bool("update", false, "write the histories of testdata/histories anew")

// A script answers tasks: the nth line of an operation answers the nth task that was scheduled for it. A line is
// "op ok JSON", "op fail ERROR CAUSE", "op submit JSON ok JSON" or "op hang".
type script map[string][]string

func parseScript(text string) script {
	s := script{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if op, answer, ok := strings.Cut(line, " "); ok {
			s[op] = append(s[op], answer)
		}
	}
	return s
}

// answer is the line for the task with an event id, given all events so far.
func (s script) answer(events []*asl.Event, t asl.Task) string {
	n := 0
	for _, e := range events {
		if e.ID == t.ID {
			break
		}
		if e.Type == "TaskScheduled" && e.Resource == t.Resource {
			n++
		}
	}
	if n >= len(s[t.Resource]) {
		return "fail Script.Exhausted " + t.Resource
	}
	return s[t.Resource][n]
}

// drive goes on from events to the end of an execution, on a clock that jumps.
func drive(x *asl.Execution, events []*asl.Event, s script, now time.Time) []*asl.Event {
	for range 10000 {
		x.Advance(now)
		events = append(events, x.Take()...)
		if x.Status != asl.Running {
			break
		}
		if x.Pending() {
			continue
		}
		if s.step(x, events, now) {
			events = append(events, x.Take()...)
			continue
		}
		wake, ok := x.Wake()
		if !ok {
			break
		}
		now = wake
	}
	return events
}

// step answers the first task that has an answer.
func (s script) step(x *asl.Execution, events []*asl.Event, now time.Time) bool {
	for _, t := range x.Tasks() {
		kind, rest, _ := strings.Cut(s.answer(events, t), " ")
		if kind == "submit" {
			submitted, after, _ := strings.Cut(rest, " ok ")
			if t.Submitted == "" {
				x.Submit(t.ID, submitted, now)
				return true
			}
			kind, rest = "ok", after
		}
		switch kind {
		case "ok":
			x.Succeed(t.ID, rest, now)
			return true
		case "fail":
			name, cause, _ := strings.Cut(rest, " ")
			x.Fail(t.ID, asl.Failure{Error: name, Cause: cause}, now)
			return true
		}
	}
	return false
}

var start = time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)

func newExecution(m *asl.Machine) *asl.Execution {
	info := asl.Info{ARN: "arn:aws:states:us-east-1:000000000000:execution:m:run", Name: "run", RoleARN: "arn:aws:iam::000000000000:role/r",
		MachineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", MachineName: "m"}
	return asl.New(m, info, asl.Env{UUID: func() string { return "00000000-0000-4000-8000-000000000000" },
		Random: func(n int64) int64 { return n / 2 }})
}

// lines shows a history, one event a line.
func lines(events []*asl.Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%d<%d +%g %s", e.ID, e.Prev, e.At().Sub(start).Seconds(), e.Type)
		if e.Scope != "" {
			fmt.Fprintf(&b, " [%s]", e.Scope)
		}
		for _, part := range []string{e.Name, e.Service, e.Resource, e.Input, e.Output, e.Parameters, e.Error, e.Cause} {
			if part != "" {
				b.WriteString(" " + part)
			}
		}
		if strings.HasPrefix(e.Type, "MapIteration") {
			fmt.Fprintf(&b, " #%d", e.Index)
		}
		if len(e.Assigned) > 0 {
			text, _ := json.Marshal(e.Assigned)
			b.WriteString(" vars " + string(text))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// scenarios are the files of testdata/histories: a definition, an input, a script, and the history that they give.
func scenarios(t *testing.T, f func(t *testing.T, path string, a *txtar.Archive, m *asl.Machine, input string, s script)) {
	files, err := filepath.Glob("testdata/histories/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m, diags := asl.Parse(section(a, "definition"), nil)
			if m == nil {
				t.Fatal(diags)
			}
			input := strings.TrimSpace(section(a, "input"))
			if input == "" {
				input = "{}"
			}
			f(t, path, a, m, input, parseScript(section(a, "tasks")))
		})
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func runScenario(t *testing.T, m *asl.Machine, input string, s script) []*asl.Event {
	t.Helper()
	x := newExecution(m)
	if err := x.Start(input, start); err != nil {
		t.Fatal(err)
	}
	return drive(x, nil, s, start)
}

func TestHistories(t *testing.T) {
	scenarios(t, func(t *testing.T, path string, a *txtar.Archive, m *asl.Machine, input string, s script) {
		got := lines(runScenario(t, m, input, s))
		if *update {
			set(a, "history", got)
			if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := section(a, "history"); got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	})
}

func set(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}

// stored is a history as a store gives it back: by its JSON, without what the stepper kept in memory.
func stored(t *testing.T, events []*asl.Event) []*asl.Event {
	t.Helper()
	out := make([]*asl.Event, len(events))
	for i, e := range events {
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = &asl.Event{ID: e.ID, Time: e.Time, Type: e.Type}
		if err := json.Unmarshal(body, out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestCutAnywhere folds each prefix of each history into a new execution, as after a crash, and expects the rest to come out the same.
func TestCutAnywhere(t *testing.T) {
	scenarios(t, func(t *testing.T, _ string, _ *txtar.Archive, m *asl.Machine, input string, s script) {
		whole := runScenario(t, m, input, s)
		want := lines(whole)
		for cut := 1; cut <= len(whole); cut++ {
			x := newExecution(m)
			prefix := stored(t, whole[:cut])
			for _, e := range prefix {
				if err := x.Apply(e); err != nil {
					t.Fatalf("cut after %d: %v", cut, err)
				}
			}
			if got := lines(drive(x, prefix, s, prefix[cut-1].At())); got != want {
				t.Fatalf("cut after event %d:\n%s\nwant:\n%s", cut, got, want)
			}
		}
	})
}

// TestRecordedExecutionsCutAnywhere does the same with the executions that AWS recorded.
func TestRecordedExecutionsCutAnywhere(t *testing.T) {
	equal, _ := asltest.Listed(t, "testdata/executions.txt")
	for _, r := range asltest.Recordings(t) {
		if !equal[r.ID] || strings.Contains(r.ID, "test_stop_execution") {
			continue
		}
		m, diags := asl.Parse(r.Definition, nil)
		if m == nil {
			t.Fatal(diags)
		}
		input := "{}"
		if r.Input != nil {
			input = *r.Input
		}
		whole := runScenario(t, m, input, nil)
		want := lines(whole)
		for cut := 1; cut <= len(whole); cut++ {
			x := newExecution(m)
			prefix := stored(t, whole[:cut])
			for _, e := range prefix {
				if err := x.Apply(e); err != nil {
					t.Fatalf("%s: cut after %d: %v", r.ID, cut, err)
				}
			}
			if got := lines(drive(x, prefix, nil, prefix[cut-1].At())); got != want {
				t.Fatalf("%s: cut after event %d:\n%s\nwant:\n%s", r.ID, cut, got, want)
			}
		}
	}
}

func TestEndlessMachineEnds(t *testing.T) {
	m, diags := asl.Parse(`{"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Choice", `+
		`"Choices": [{"Variable": "$", "IsPresent": true, "Next": "P"}], "Default": "Z"}, "Z": {"Type": "Succeed"}}}`, nil)
	if m == nil {
		t.Fatal(diags)
	}
	x := newExecution(m)
	if err := x.Start("{}", start); err != nil {
		t.Fatal(err)
	}
	x.Advance(start)
	if n := len(x.Take()); n > 500 || !x.Pending() {
		t.Errorf("one Advance appended %d events, pending %v", n, x.Pending())
	}
	drive(x, nil, nil, start)
	if x.Status != asl.Failed || x.Last() != asl.MaxEvents || !strings.Contains(x.Failure.Cause, "25000") {
		t.Errorf("%s after %d events: %s", x.Status, x.Last(), x.Failure.Cause)
	}
}

func TestHistoryThatDoesNotFitIsRefused(t *testing.T) {
	m, _ := asl.Parse(`{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`, nil)
	for _, events := range [][]*asl.Event{
		{{ID: 2, Type: "ExecutionStarted", Input: "{}"}},
		{{ID: 1, Type: "PassStateEntered", Name: "P", Input: "{}"}},
		{{ID: 1, Type: "ExecutionStarted", Input: "{"}},
		{{ID: 1, Type: "ExecutionStarted", Input: "{}"}, {ID: 2, Type: "PassStateEntered", Name: "Q", Input: "{}"}},
		{{ID: 1, Type: "ExecutionStarted", Input: "{}"}, {ID: 2, Type: "Nonsense"}},
		{{ID: 1, Type: "ExecutionStarted", Input: "{}"}, {ID: 2, Type: "MapIterationStarted", Index: 3}},
		{{ID: 1, Type: "ExecutionStarted", Input: "{}"}, {ID: 2, Type: "MapStateStarted"}},
	} {
		x := newExecution(m)
		var err error
		for _, e := range events {
			if err == nil {
				err = x.Apply(e)
			}
		}
		if err == nil {
			t.Errorf("%v was taken", *events[len(events)-1])
		}
	}
}
