package flow

import (
	"context"
	"slices"

	"penstock/internal/meta"
)

// A spot is a job or a crawler of a graph.
type spot struct {
	kind Kind
	name string
}

// Resume starts a run that has ended again from some of its nodes: they and all that follows from them are done again in a new run, with
// the triggers of the old one, and all others keep what they have come to. It gives the new run and its nodes that it has started: of the
// asked ones those that follow from no other.
func (f *Flows) Resume(ctx context.Context, workflow, runID string, nodes []string) (newID string, started []string, err error) {
	err = f.update(ctx, func(tx *meta.Tx) error {
		started = nil
		if _, err := f.workflowTx(tx, workflow); err != nil {
			return err
		}
		old, err := f.runTx(tx, workflow, runID)
		if err != nil {
			return err
		}
		if old.Ended.IsZero() {
			return errorf(Illegal, "The workflow run is in state: %s", old.State)
		}
		asked, err := old.spots(nodes)
		if err != nil {
			return err
		}
		r, err := f.newRun(tx, workflow)
		if err != nil {
			return err
		}
		newID = r.ID
		r.Previous, r.Properties, r.Triggers = old.ID, old.Properties, old.Triggers
		again, fires := old.downstream(asked)
		r.Fired = slices.DeleteFunc(slices.Clone(old.Fired), func(name string) bool { return fires[name] })
		for _, t := range old.Tasks {
			if at := (spot{t.Kind, t.Name}); again[at] {
				continue
			}
			t.Earlier = true
			r.Tasks = append(r.Tasks, t)
		}
		roots := slices.DeleteFunc(slices.Clone(asked), func(at spot) bool { return fires[old.task(at).Trigger] })
		if len(roots) == 0 { // all are in a circle
			roots = asked
		}
		for _, at := range roots {
			t := old.task(at)
			if err := f.begin(tx, &r, old.action(t), t.Trigger, nil); err != nil {
				return err
			}
			started = append(started, PointID(r.ID, at.kind, at.name))
		}
		return f.settle(tx, &r)
	})
	return newID, started, err
}

// spots are the jobs and crawlers of node ids, which must have run.
func (r *Run) spots(nodes []string) (list []spot, err error) {
	if len(nodes) == 0 {
		return nil, errorf(Invalid, "NodeIds cannot be empty")
	}
	points, _ := Graph(r.ID, r.Triggers)
	for _, id := range nodes {
		i := slices.IndexFunc(points, func(p Point) bool { return p.ID == id })
		if i < 0 {
			return nil, errorf(Invalid, "Node %s is not in the graph of the workflow run", id)
		}
		at := spot{points[i].Kind, points[i].Name}
		if t := r.task(at); t == nil || len(t.IDs) == 0 {
			return nil, errorf(Invalid, "Node %s (%s %s) has no run attempt in the workflow run", id, at.kind, at.name)
		}
		if !slices.Contains(list, at) {
			list = append(list, at)
		}
	}
	return list, nil
}

func (r *Run) task(at spot) *Task {
	i := slices.IndexFunc(r.Tasks, func(t Task) bool { return t.Kind == at.kind && t.Name == at.name })
	if i < 0 {
		return nil
	}
	return &r.Tasks[i]
}

// action is what started a task.
func (r *Run) action(task *Task) Action {
	for _, t := range r.Triggers {
		for _, a := range t.Actions {
			if t.Name == task.Trigger && a.Kind == task.Kind && a.Name == task.Name {
				return a
			}
		}
	}
	return Action{Kind: task.Kind, Name: task.Name}
}

// downstream is what follows from jobs and crawlers, themselves included, and the triggers by which it does.
func (r *Run) downstream(from []spot) (again map[spot]bool, fires map[string]bool) {
	again, fires = map[spot]bool{}, map[string]bool{}
	for _, at := range from {
		again[at] = true
	}
	for grown := true; grown; {
		grown = false
		for _, t := range r.Triggers {
			waits := slices.ContainsFunc(t.Conditions, func(c Condition) bool { return again[spot{c.Kind, c.Name}] })
			if !waits || fires[t.Name] {
				continue
			}
			fires[t.Name], grown = true, true
			for _, a := range t.Actions {
				again[spot{a.Kind, a.Name}] = true
			}
		}
	}
	return again, fires
}
