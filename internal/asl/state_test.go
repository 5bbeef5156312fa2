package asl_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/asl"
	"penstock/internal/asl/asltest"
)

// stateTestsAtLeast may only grow.
const stateTestsAtLeast = 16

// TestRecordedStates runs the states that AWS ran in TestState, an operation that is not here: what goes in and what comes out is the
// language's. Those with a mock, a service or JSONata are left out.
func TestRecordedStates(t *testing.T) {
	n := 0
	for _, s := range asltest.StateTests(t) {
		invalid := strings.HasPrefix(s.Expected.Message, "Invalid State Machine Definition")
		if s.Request.Mock != nil && !invalid || strings.Contains(s.Request.Definition, "JSONata") ||
			strings.Contains(s.Request.Definition, `"Task"`) {
			continue
		}
		if got, ok := stateOutcome(t, s); ok {
			n++
			if want := expectedOutcome(s); got != want {
				t.Errorf("%s: %s, want %s", s.ID, got, want)
			}
		}
	}
	if n < stateTestsAtLeast {
		t.Errorf("%d states, want at least %d", n, stateTestsAtLeast)
	}
}

func expectedOutcome(s asltest.StateTest) string {
	if e, ok := s.Expected.Error.(map[string]any); ok {
		return fmt.Sprintf("%v: %s", e["Code"], s.Expected.Message)
	}
	out := s.Expected.Output
	if text, ok := out.(string); ok {
		_ = json.Unmarshal([]byte(text), &out)
	}
	text, _ := json.Marshal(out)
	return fmt.Sprintf("%s %s -> %q %v %q", s.Expected.Status, text, s.Expected.NextState, s.Expected.Error, s.Expected.Cause)
}

// stateOutcome runs a single state, or the named one of a machine. It is false for requests that only TestState itself can refuse.
func stateOutcome(t *testing.T, s asltest.StateTest) (string, bool) {
	t.Helper()
	var state map[string]any
	name := s.Request.StateName
	if err := json.Unmarshal([]byte(s.Request.Definition), &state); err != nil {
		t.Fatal(err)
	}
	if states, ok := state["States"].(map[string]any); ok {
		if state, ok = states[name].(map[string]any); !ok {
			return "", false
		}
	}
	if name == "" {
		name = "StateName"
	}
	if branches, ok := state["Branches"].([]any); ok && len(branches) > 0 || state["Type"] == "Map" {
		return "", false
	}
	m, diags := asl.Parse(around(name, state), nil)
	if m == nil {
		return fmt.Sprintf("InvalidDefinition: Invalid State Machine Definition: '%s'", diags[0]), true
	}
	events := runScenario(t, m, s.Request.Input, nil)
	for _, e := range events {
		if strings.HasSuffix(e.Type, "StateExited") && e.Name == name {
			var out any
			_ = json.Unmarshal([]byte(e.Output), &out)
			text, _ := json.Marshal(out)
			return fmt.Sprintf("SUCCEEDED %s -> %q %v %q", text, e.Next, nil, ""), true
		}
	}
	last := events[len(events)-1]
	return fmt.Sprintf("FAILED null -> %q %v %q", "", last.Error, last.Cause), true
}

// around makes a machine of a state, in which the states that it leads to end.
func around(name string, state map[string]any) string {
	states := map[string]any{name: state}
	end := func(next any) {
		if n, ok := next.(string); ok {
			states[n] = map[string]any{"Type": "Succeed"}
		}
	}
	end(state["Next"])
	end(state["Default"])
	choices, _ := state["Choices"].([]any)
	for _, c := range choices {
		end(c.(map[string]any)["Next"])
	}
	text, _ := json.Marshal(map[string]any{"StartAt": name, "States": states})
	return string(text)
}
