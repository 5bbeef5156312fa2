package asl

import (
	"fmt"

	"penstock/internal/asl/intrinsic"
	"penstock/internal/asl/jsonpath"
	"penstock/internal/asl/value"
)

// Names of errors that the language defines.
const (
	errRuntime    = "States.Runtime"
	errNoChoice   = "States.NoChoiceMatched"
	errDataLimit  = "States.DataLimitExceeded"
	errResultPath = "States.ResultPathMatchFailure"
	errTimeout    = "States.Timeout"
	errTaskFailed = "States.TaskFailed"
	errAll        = "States.ALL"
)

// A scope is what the expressions of one state can see.
type scope struct {
	state   string
	entered int64 // the event with which the state was entered
	input   value.Value
	context func() value.Value
	vars    map[string]value.Value
	env     Env
}

// fail makes a Failure with the text that AWS puts before every error of a state's own evaluation.
func (s *scope) fail(name, format string, a ...any) *Failure {
	return &Failure{name, fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s",
		s.state, s.entered, fmt.Sprintf(format, a...))}
}

func (s *scope) runtime(format string, a ...any) *Failure { return s.fail(errRuntime, format, a...) }

// lookup evaluates a path; ok is false when it leads nowhere.
func (s *scope) lookup(p *jsonpath.Path) (value.Value, bool) {
	switch p.Root {
	case jsonpath.Context:
		return p.Get(s.context())
	case jsonpath.Variable:
		v, ok := s.vars[p.Var]
		if !ok {
			return nil, false
		}
		return p.Get(v)
	}
	return p.Get(s.input)
}

// at evaluates a path of a field such as InputPath.
func (s *scope) at(p *jsonpath.Path) (value.Value, *Failure) {
	v, ok := s.lookup(p)
	if !ok {
		return nil, s.runtime("Invalid path '%s' : No results for path: %s", p.Text, p.Normalized())
	}
	return v, nil
}

// A causeText is a part of a cause in AWS's words.
type causeText string

func (c causeText) Error() string { return string(c) }

// eval evaluates an expression that stands in the named field. What an intrinsic function cannot do is a States.Runtime on AWS, which no
// retrier or catcher takes, although the language has a name of its own for it; the cause names the whole expression.
func (s *scope) eval(e *expr, field string) (value.Value, *Failure) {
	if e.path != nil {
		v, ok := s.lookup(e.path)
		if !ok {
			return nil, s.runtime("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
				e.path.Text, field, value.Text(s.input))
		}
		return v, nil
	}
	v, err := e.call.Eval(intrinsic.Env{UUID: s.env.UUID, Random: s.env.Random, Path: func(p *jsonpath.Path) (value.Value, error) {
		v, ok := s.lookup(p)
		if !ok {
			return nil, causeText(fmt.Sprintf("The JsonPath argument for the field '%s' could not be found in the input '%s'",
				p.Text, value.Text(s.input)))
		}
		return v, nil
	}})
	if err != nil {
		return nil, s.runtime("The function '%s' had the following error: %v", e.call.Text, err)
	}
	return v, nil
}

// fill evaluates a payload template.
func (s *scope) fill(t *template) (value.Value, *Failure) {
	switch {
	case t.expr != nil:
		return s.eval(t.expr, t.field)
	case t.items == nil:
		return t.fixed, nil
	case t.array:
		out := make([]value.Value, len(t.items))
		for i, e := range t.items {
			v, err := s.fill(e)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	}
	o := &value.Object{}
	for i, e := range t.items {
		v, err := s.fill(e)
		if err != nil {
			return nil, err
		}
		o.Set(t.keys[i], v)
	}
	return o, nil
}

// with is the scope with another input.
func (s *scope) with(input value.Value) *scope {
	c := *s
	c.input = input
	return &c
}

// effective applies InputPath to the raw input.
func (s *scope) effective(st *State) (value.Value, *Failure) {
	switch {
	case st.Input.null:
		return value.NewObject(), nil
	case st.Input.path == nil:
		return s.input, nil
	}
	return s.at(st.Input.path)
}

// place puts a result where ResultPath says, into the raw input.
func (s *scope) place(f field, raw, result value.Value) (value.Value, *Failure) {
	switch {
	case f.null:
		return raw, nil
	case f.path == nil || f.path.WholeRoot():
		return result, nil
	}
	v, ok := f.path.Put(raw, result)
	if !ok {
		return nil, s.fail(errResultPath, "Unable to apply ReferencePath %s to input %s", f.path.Text, value.Text(raw))
	}
	return v, nil
}

// outputOf applies OutputPath.
func (s *scope) outputOf(st *State, v value.Value) (value.Value, *Failure) {
	switch {
	case st.Output.null:
		return value.NewObject(), nil
	case st.Output.path == nil:
		return v, nil
	}
	return s.with(v).at(st.Output.path)
}

// limit refuses a value that is larger than MaxData.
func limit(what string, text []byte) *Failure {
	if len(text) <= MaxData {
		return nil
	}
	return &Failure{errDataLimit,
		fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", what)}
}
