package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// A Point is a node of a graph: a trigger, a job or a crawler.
type Point struct {
	ID   string
	Kind Kind
	Name string
}

// An Edge leads from what starts or ends to what follows.
type Edge struct{ From, To string }

// PointID is the id of a node. Scope is the run or the workflow whose graph it is in.
func PointID(scope string, k Kind, name string) string {
	sum := sha256.Sum256([]byte(scope + "\x00" + string(k) + "\x00" + name))
	return "wnode_" + hex.EncodeToString(sum[:])
}

// Graph is the nodes and edges of triggers: a job is one node, however many triggers start it or wait for it.
func Graph(scope string, triggers []Trigger) (points []Point, edges []Edge) {
	add := func(k Kind, name string) string {
		p := Point{PointID(scope, k, name), k, name}
		if !slices.Contains(points, p) {
			points = append(points, p)
		}
		return p.ID
	}
	lead := func(from, to string) {
		if e := (Edge{from, to}); !slices.Contains(edges, e) {
			edges = append(edges, e)
		}
	}
	for _, t := range triggers {
		at := add(Node, t.Name)
		for _, c := range t.Conditions {
			lead(add(c.Kind, c.Name), at)
		}
		for _, a := range t.Actions {
			lead(at, add(a.Kind, a.Name))
		}
	}
	return points, edges
}

// Statistics count the actions of a run.
type Statistics struct {
	Total, Succeeded, Failed, Stopped, TimedOut, Running, Errored, Waiting int
}

// Statistics counts what a run's tasks have come to; waiting is how many of those that are not over wait for their start. Total are the
// jobs and crawlers that its triggers start, also those that have not been started.
func (r *Run) Statistics(waiting int) Statistics {
	s := Statistics{Waiting: waiting, Running: -waiting}
	points, _ := Graph("", r.Triggers)
	for _, p := range points {
		if p.Kind != Node && slices.ContainsFunc(r.Triggers, func(t Trigger) bool { return t.starts(p.Kind, p.Name) }) {
			s.Total++
		}
	}
	for _, t := range r.Tasks {
		switch t.State {
		case "":
			s.Running++
		case "SUCCEEDED":
			s.Succeeded++
		case "FAILED":
			s.Failed++
		case "STOPPED", "CANCELLED":
			s.Stopped++
		case "TIMEOUT":
			s.TimedOut++
		default:
			s.Errored++
		}
	}
	return s
}

func (t *Trigger) starts(k Kind, name string) bool {
	return slices.ContainsFunc(t.Actions, func(a Action) bool { return a.Kind == k && a.Name == name })
}
