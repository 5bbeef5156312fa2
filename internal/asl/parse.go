package asl

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"penstock/internal/asl/value"
)

// maxNameLength is the longest name of a state, in characters.
const maxNameLength = 80

// maxTimeout is the largest number of seconds in a definition (AWS: 99999999).
const maxTimeout = 99999999

const invalidJSON = "INVALID_JSON_DESCRIPTION"

// Parse reads a definition. resource, when given, says what is wrong with the Resource of a Task ("" = nothing); its text becomes
// the message of a diagnostic. The machine is nil when a diagnostic is an error.
func Parse(definition string, resource func(string) string) (*Machine, []Diagnostic) {
	p := &parsing{resource: resource, names: map[string]bool{}, vars: map[string][]string{}}
	v, err := value.Parse(definition)
	if err != nil {
		p.add(invalidJSON, "", "%v", err)
		return nil, p.diags
	}
	if _, ok := v.(*value.Object); !ok {
		p.add(invalidJSON, "", "The definition must be a JSON object")
		return nil, p.diags
	}
	r := p.object(v, "")
	m := &Machine{Comment: r.str("Comment")}
	r.language()
	r.word("Version", "1.0")
	m.Timeout = time.Duration(r.integer("TimeoutSeconds", 0, 1, maxTimeout)) * time.Second
	m.Block = p.block(r)
	r.rest()
	for _, d := range p.diags {
		if !d.Warning {
			return nil, p.diags
		}
	}
	m.Variables = p.vars
	return m, p.diags
}

// language refuses query languages other than JSONPath.
func (r *reader) language() {
	if r.word("QueryLanguage", "JSONPath", "JSONata") == "JSONata" {
		r.fail("QueryLanguage", "Penstock does not support the QueryLanguage 'JSONata' yet")
	}
}

// block reads StartAt and States of r and checks the transitions between them.
func (p *parsing) block(r *reader) Block {
	b := Block{StartAt: r.required("StartAt"), States: map[string]*State{}}
	if !r.needs("States") {
		return b
	}
	v, _ := r.get("States")
	states := p.object(v, r.at+"/States")
	if states.o.Len() == 0 {
		states.fail("", "Value cannot be empty")
		return b
	}
	for i := range states.o.Len() {
		name, def := states.o.At(i)
		at := states.at + "/" + name
		if n := utf8.RuneCountInString(name); n == 0 || n > maxNameLength ||
			strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
			p.add("INVALID_STATE_NAME", at, "The name of a state must have 1 to %d characters and no control characters", maxNameLength)
		}
		if p.names[name] {
			p.add("DUPLICATE_STATE_NAME", at, "Duplicate State name: %s", name)
		}
		p.names[name] = true
		b.Names = append(b.Names, name)
		b.States[name] = p.state(name, p.object(def, at))
	}
	p.transitions(b, r.at)
	return b
}

// transitions checks that every target exists, every state can be reached and the block can end.
func (p *parsing) transitions(b Block, at string) {
	if b.States[b.StartAt] == nil {
		if b.StartAt != "" {
			p.add("MISSING_TRANSITION_TARGET", at+"/StartAt", "Missing 'Next' target: %s", b.StartAt)
		}
		return
	}
	reached, ends, missing := map[string]bool{}, false, false
	var visit func(name string)
	visit = func(name string) {
		s := b.States[name]
		if s == nil || reached[name] {
			return
		}
		reached[name] = true
		for _, t := range s.targets() {
			if b.States[t.state] == nil {
				missing = true
			}
			visit(t.state)
		}
	}
	visit(b.StartAt)
	for _, name := range b.Names {
		ends = ends || b.States[name].ends() // AWS asks for one anywhere; that it can be reached is the other rule
		for _, t := range b.States[name].targets() {
			if b.States[t.state] == nil {
				p.add("MISSING_TRANSITION_TARGET", at+"/States/"+name+t.at, "Missing '%s' target: %s", t.field, t.state)
			}
		}
		if !reached[name] {
			p.add("MISSING_TRANSITION_TARGET", at+"/States/"+name, "State \"%s\" is not reachable.", name)
		}
	}
	if !ends && !missing && len(b.States) > 0 {
		p.add("MISSING_END_STATE", at, "Workflow has no terminal state")
	}
}

type target struct{ state, at, field string }

// targets are the states to which s can go. One that is not given is reported where it is read.
func (s *State) targets() []target {
	out := []target{{s.Next, "/Next", "Next"}}
	for i, c := range s.Choices {
		out = append(out, target{c.next, fmt.Sprintf("/Choices[%d]/Next", i), "Next"})
	}
	out = append(out, target{s.Default, "/Default", "Default"})
	for i, c := range s.Catch {
		out = append(out, target{c.next, fmt.Sprintf("/Catch[%d]/Next", i), "Next"})
	}
	return slices.DeleteFunc(out, func(t target) bool { return t.state == "" })
}

// ends reports whether the block can end with s.
func (s *State) ends() bool {
	return s.Type == "Fail" || s.Type == "Succeed" || s.Next == "" && s.Type != "Choice"
}
