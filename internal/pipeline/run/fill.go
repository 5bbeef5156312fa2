package run

import (
	"encoding/json"

	"penstock/internal/pipeline/compile"
)

// Filled is a table that was made from earlier runs.
type Filled struct {
	Name string `json:"name"`
	Why  string `json:"why"` // "is new", ...
	Runs int    `json:"runs"`
}

// An Ask is what an execution is to do beside what has landed. The zero Ask is for nothing.
type Ask struct {
	Full     []string `json:"full,omitempty"` // transforms and warehouse tables to be made again from earlier runs; "*" is all
	From, To string   // "", a run's id or a time (RFC 3339)
}

// input is what the state machine is started with.
func (a Ask) input() (string, error) {
	if len(a.Full) == 0 {
		return "{}", nil
	}
	in := struct {
		Penstock struct {
			Full []string `json:"full"`
			From string   `json:"from,omitempty"`
			To   string   `json:"to,omitempty"`
		} `json:"penstock"`
	}{}
	in.Penstock.Full, in.Penstock.From, in.Penstock.To = a.Full, a.From, a.To
	b, err := json.Marshal(in)
	return string(b), err
}

// filling notices that the work goes on to another table that is filled. Such steps have no name of their own: it is that of the table.
func (f *follower) filling(input string) {
	f.fill = Filled{}
	if json.Unmarshal([]byte(input), &f.fill) != nil || f.fill.Name == "" {
		return
	}
	f.fills = append(f.fills, f.fill)
	f.runner.Progress.Filling(f.fill)
}

// named gives a step of a table that is filled the table's name.
func (f *follower) named(s compile.Step) compile.Step {
	if s.Name == "" {
		s.Name = f.fill.Name
	}
	return s
}
