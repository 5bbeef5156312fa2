package flow

import (
	"slices"

	"penstock/internal/cron"
	"penstock/internal/meta"
)

// The states that conditions may wait for.
func jobStates() []string     { return []string{"SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT"} }
func crawlerStates() []string { return []string{"SUCCEEDED", "FAILED", "CANCELLED"} }

// mostCrawlers is how many crawlers one trigger starts, on AWS and here.
const mostCrawlers = 2

// check refuses a trigger that could never fire, or fire nothing.
func (t *Trigger) check() error {
	if len(t.Actions) == 0 {
		return errorf(Invalid, "Actions cannot be null or empty")
	}
	crawlers := 0
	for _, a := range t.Actions {
		if a.Name == "" {
			return errorf(Invalid, "Each action must name either a job or a crawler")
		}
		if a.Kind == Crawler {
			crawlers++
		}
	}
	if crawlers > mostCrawlers {
		return errorf(Invalid, "A trigger can start at most %d crawlers", mostCrawlers)
	}
	if (t.Type == Scheduled) != (t.Schedule != "") {
		return errorf(Invalid, "Schedule is for triggers of type SCHEDULED, which cannot be without one")
	}
	if (t.Type == Conditional) != (len(t.Conditions) > 0) {
		return errorf(Invalid, "Predicate is for triggers of type CONDITIONAL, which cannot be without conditions")
	}
	if t.Type == Scheduled {
		if _, err := cron.Glue(t.Schedule); err != nil {
			return errorf(Invalid, "Invalid schedule expression: %s", err)
		}
	}
	return t.checkPredicate()
}

func (t *Trigger) checkPredicate() error {
	if len(t.Conditions) > 1 && t.Logical == "" {
		return errorf(Invalid, "Logical cannot be null or empty when there are several conditions")
	}
	for _, c := range t.Conditions {
		states := jobStates()
		if c.Kind == Crawler {
			states = crawlerStates()
		}
		switch {
		case c.Name == "":
			return errorf(Invalid, "Each condition must name either a job or a crawler")
		case c.State == "":
			return errorf(Invalid, "State cannot be null or empty")
		case !slices.Contains(states, c.State):
			return errorf(Invalid, "State %s cannot be waited for: %s %s ends as one of %v", c.State, c.Kind, c.Name, states)
		case slices.ContainsFunc(t.Actions, func(a Action) bool { return a.Kind == c.Kind && a.Name == c.Name }) && c.Kind == Job:
			return errorf(Invalid, "Job cannot be a Predicate and Action for Conditional Trigger.")
		case slices.ContainsFunc(t.Actions, func(a Action) bool { return a.Kind == c.Kind && a.Name == c.Name }):
			return errorf(Invalid, "Crawler cannot be a Predicate and Action for Conditional Trigger.")
		}
	}
	return nil
}

// checkNames refuses a trigger of jobs, crawlers or a workflow that are not there.
func (f *Flows) checkNames(tx *meta.Tx, t Trigger) error {
	has := func(k Kind, name string) error {
		ok, err := f.work.Has(tx, k, name)
		switch {
		case err != nil || ok:
			return err
		case k == Crawler:
			return errorf(NotFound, "Crawler entry with name %s does not exist", name)
		}
		return errorf(NotFound, "Job with name: %s not found.", name)
	}
	for _, a := range t.Actions {
		if err := has(a.Kind, a.Name); err != nil {
			return err
		}
	}
	for _, c := range t.Conditions {
		if err := has(c.Kind, c.Name); err != nil {
			return err
		}
	}
	if t.Workflow == "" {
		return nil
	}
	if _, err := f.workflowTx(tx, t.Workflow); err != nil {
		return err
	}
	if t.Type == Conditional {
		return nil
	}
	others, err := f.triggersOf(tx, t.Workflow)
	for _, o := range others {
		if o.Type != Conditional && o.Name != t.Name {
			return errorf(Invalid, "Workflow already has a starting trigger")
		}
	}
	return err
}
