package apitest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"penstock/internal/api"
)

// Vary runs a file of cases that show, for each honoured member of a service, that its value makes a difference, and fails when the
// file does not cover every Honours path of the service. fresh makes a new service in the same state each time.
//
// A file is made of blocks divided by blank lines; # begins a comment line. A block:
//
//	Op.Path [Op.Path ...]       what the block shows (several members that only make sense together may share one)
//	< OtherOp {json}            calls before; their failure fails the test
//	{json}                      the input of Op; the second differs in the member
//	{json}
//	> OtherOp {json}            calls after, whose answers count as well
//
// A block that begins with "setup" holds calls (<) that come before those of every block. Both inputs run on a service of their own; the
// block holds if the answers (or errors) differ, and if the first input run twice gives the same answer. In any input $Name stands for the
// text value of the member Name, found anywhere in the latest answer that has it; that none has it fails the test.
func Vary(t *testing.T, file string, svc api.Service, fresh func(t *testing.T) (api.Invoker, context.Context)) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var setup []string
	var paths []string
	for _, block := range strings.Split(dropComments(string(text)), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		if lines[0] == "setup" {
			setup = lines[1:]
			continue
		}
		if lines[0] == "" {
			continue
		}
		b := parseBlock(t, lines)
		paths = append(paths, b.paths...)
		t.Run(b.paths[0], func(t *testing.T) {
			run := func(in string) string {
				inv, ctx := fresh(t)
				call := func(op, in string) (any, error) { return inv.Invoke(ctx, svc.Name, op, json.RawMessage(in)) }
				return b.run(t, session{t, call, map[string]string{}}, setup, in)
			}
			a, again, other := run(b.a), run(b.a), run(b.b)
			if a != again {
				t.Errorf("the same input gave two answers:\n%.2000s\n%.2000s", a, again)
			}
			if a == other {
				t.Errorf("no difference between\n  %s\n  %s\nboth gave %.2000s", b.a, b.b, a)
			}
		})
	}
	Covered(t, svc, paths)
}

func dropComments(text string) string {
	var keep []string
	for _, l := range strings.Split(text, "\n") {
		if !strings.HasPrefix(l, "#") {
			keep = append(keep, l)
		}
	}
	return strings.Join(keep, "\n")
}

type block struct {
	paths         []string
	op            string
	before, after []string
	a, b          string
}

func parseBlock(t *testing.T, lines []string) block {
	t.Helper()
	b := block{paths: strings.Fields(lines[0])}
	b.op, _, _ = strings.Cut(b.paths[0], ".")
	for _, l := range lines[1:] {
		switch {
		case strings.HasPrefix(l, "<"):
			b.before = append(b.before, l)
		case strings.HasPrefix(l, ">"):
			b.after = append(b.after, l)
		case b.a == "":
			b.a = l
		case b.b == "":
			b.b = l
		default:
			t.Fatalf("%s: more than two inputs", lines[0])
		}
	}
	if b.b == "" {
		t.Fatalf("%s: two inputs are needed", lines[0])
	}
	return b
}

func (b block) run(t *testing.T, s session, setup []string, in string) string {
	t.Helper()
	for _, l := range append(append([]string{}, setup...), b.before...) {
		if answer, err := s.line(l); err != nil {
			t.Fatalf("%s: %s: %v", b.paths[0], l, answer)
		}
	}
	answer, _ := s.call(b.op, in)
	out := []string{answer}
	for _, l := range b.after {
		answer, _ := s.line(l)
		out = append(out, answer)
	}
	return strings.Join(out, "\n")
}

type session struct {
	t      *testing.T
	invoke func(op, in string) (any, error)
	vars   map[string]string
}

// line runs "< Op {json}" or "> Op {json}".
func (s session) line(l string) (string, error) {
	op, in, _ := strings.Cut(strings.TrimSpace(l[1:]), " ")
	return s.call(op, in)
}

var (
	variable = regexp.MustCompile(`\$[A-Za-z]+`)
	random   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}|\b(AROA|ASIA|ANPA)[A-Z2-7]{12,}`)
)

func (s session) call(op, in string) (string, error) {
	in = variable.ReplaceAllStringFunc(in, func(v string) string {
		x, ok := s.vars[v[1:]]
		if !ok {
			s.t.Errorf("%s %s: no answer before has a %s", op, in, v[1:])
		}
		return x
	})
	out, err := s.invoke(op, in)
	if err != nil {
		return fmt.Sprintf("error %s: %v", api.Code(err), err), err
	}
	raw, ok := out.(json.RawMessage)
	if !ok {
		return "", fmt.Errorf("%s answered %T", op, out)
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return "", fmt.Errorf("%s answered no JSON: %w", op, err)
	}
	s.keep("", doc)
	return random.ReplaceAllString(string(raw), "<random>"), nil
}

// keep remembers every text member of an answer.
func (s session) keep(name string, doc any) {
	switch v := doc.(type) {
	case map[string]any:
		for k, x := range v {
			s.keep(k, x)
		}
	case []any:
		for _, x := range v {
			s.keep(name, x)
		}
	case string:
		s.vars[name] = v
	}
}
