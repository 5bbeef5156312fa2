// Package asltest reads the executions that AWS recorded and compares histories with them, as the corpus's README says. It is used by
// tests only, by those of asl and of service/states.
package asltest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"penstock/internal/testcorpus"
)

// A Recording is one execution that AWS recorded.
type Recording struct {
	ID         string // line number and test name
	Definition string
	Kind       string
	Input      *string
	Expected   struct {
		Events []map[string]any
	}
	Name, Test string
}

// Recordings reads the executions that call no service.
func Recordings(t *testing.T) []Recording {
	t.Helper()
	return read(t, func(r Recording) bool { return r.Kind == "pure" })
}

// TaskRecordings reads the executions with tasks, other than of Lambda functions by their ARN, JSONata and distributed Map.
func TaskRecordings(t *testing.T) []Recording {
	t.Helper()
	return read(t, func(r Recording) bool {
		tasks := 0
		for _, e := range r.Expected.Events {
			if e["type"] == "TaskScheduled" {
				tasks++
			}
			if strings.HasPrefix(fmt.Sprint(e["type"]), "Lambda") {
				return false
			}
		}
		return tasks > 0 && r.Kind != "pure" && !strings.Contains(r.Definition, "JSONata") && !strings.Contains(r.Definition, "DISTRIBUTED")
	})
}

func read(t *testing.T, wanted func(Recording) bool) []Recording {
	t.Helper()
	var out []Recording
	lines(t, "executions.jsonl", func(n int, line []byte) error {
		var r Recording
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		_, test, _ := strings.Cut(r.Test, "::")
		r.ID = fmt.Sprintf("%03d %s %s", n, strings.ReplaceAll(test, " ", "_"), r.Name)
		if wanted(r) {
			out = append(out, r)
		}
		return nil
	})
	return out
}

// lines calls f with each line of a file of the corpus, numbered from 1.
func lines(t *testing.T, name string, f func(n int, line []byte) error) {
	t.Helper()
	file, err := os.Open(filepath.Join(testcorpus.Dir(t), "conformance/stepfunctions", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sc := bufio.NewScanner(file)
	sc.Buffer(nil, 64<<20)
	for n := 1; sc.Scan(); n++ {
		if err := f(n, sc.Bytes()); err != nil {
			t.Fatalf("%s, line %d: %v", name, n, err)
		}
	}
}

// A StateTest is a request of TestState with AWS's answer.
type StateTest struct {
	ID      string // line number and test name
	Test    string
	Request struct {
		Definition, Input, StateName string
		Mock                         any
	}
	Expected struct {
		Status, NextState, Cause string
		Error                    any // of the state, or of the request
		Output                   any
		Message                  string // of the request's error
	}
}

// StateTests reads the recorded requests of TestState.
func StateTests(t *testing.T) []StateTest {
	t.Helper()
	var out []StateTest
	lines(t, "teststate.jsonl", func(n int, line []byte) error {
		var s StateTest
		if err := json.Unmarshal(line, &s); err != nil {
			return err
		}
		s.ID = fmt.Sprintf("%03d %s", n, s.Test[strings.LastIndex(s.Test, "::")+2:])
		out = append(out, s)
		return nil
	})
	return out
}

// Answers are what AWS answered to the requests of one test about machines, by the names that the test gave them.
type Answers struct {
	ID         string // line number and test name
	Test       string // the name alone, with its parameters in brackets
	Definition string
	Expected   map[string]any
}

// MachineAnswers reads the recorded answers of requests about machines.
func MachineAnswers(t *testing.T) []Answers {
	t.Helper()
	var out []Answers
	lines(t, "validation.jsonl", func(n int, line []byte) error {
		var a Answers
		if err := json.Unmarshal(line, &a); err != nil {
			return err
		}
		a.Test = strings.ReplaceAll(a.Test[strings.LastIndex(a.Test, "::")+2:], " ", "_")
		a.ID = fmt.Sprintf("%03d %s", n, a.Test)
		out = append(out, a)
		return nil
	})
	return out
}

// Listed reads a list of cases: cases that are equal, and after a line "# fails" those that are not, each with a reason.
func Listed(t *testing.T, path string) (equal map[string]bool, fails map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
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
				t.Errorf("%s: %q has no reason", path, line)
			}
			fails[id] = reason
		default:
			equal[line] = true
		}
	}
	return equal, fails
}

// Alterations compares a history that equals its recording again with each value of the recording changed, one at a time, and with
// an event missing: none may be equal.
func Alterations(t *testing.T, r Recording, got []map[string]any) {
	t.Helper()
	if shorter := r.Expected.Events[:len(r.Expected.Events)-1]; Difference(shorter, got) == "" {
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
			if Difference(altered, got) == "" {
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

// Difference compares a recorded history with ours as the corpus's README says, "" when they are equal.
func Difference(expected, got []map[string]any) string {
	var want, have []map[string]any
	for _, e := range expected {
		want = append(want, clean(e))
	}
	for _, e := range got {
		if e["type"] != "ParallelStateSucceeded" { // the recordings lost these events
			have = append(have, clean(e))
		}
	}
	lost := 0 // of other events, by the id of the last; the recordings lost exits of Parallel states inside others too
	if last, ok := expected[len(expected)-1]["id"].(float64); ok {
		lost = int(last) - len(expected) - (len(got) - len(have))
	}
	if len(want)+lost != len(have) {
		return fmt.Sprintf("%d events, want %d: %s", len(have), len(want)+lost, types(have))
	}
	for i := 0; i < len(want); i++ {
		if lost > 0 && have[i]["type"] == "ParallelStateExited" && !match(want[i], have[i]) {
			have = slices.Delete(have, i, i+1)
			lost--
		}
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
