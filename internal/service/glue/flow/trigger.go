package flow

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/flow"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

// actions turns what a trigger starts into the noun's form.
func actions(in []types.Action) ([]flow.Action, error) {
	var out []flow.Action
	for _, a := range in {
		if (answer.Deref(a.JobName) == "") == (answer.Deref(a.CrawlerName) == "") {
			return nil, api.Errorf(answer.Invalid, "Each action must name either a job or a crawler")
		}
		if a.CrawlerName != nil {
			if a.Arguments != nil || a.Timeout != nil || a.NotificationProperty != nil {
				return nil, api.Errorf(answer.Invalid, "Arguments, Timeout and NotificationProperty are of actions that start jobs")
			}
			out = append(out, flow.Action{Kind: flow.Crawler, Name: *a.CrawlerName})
			continue
		}
		if t := a.Timeout; t != nil && *t > 10080 {
			return nil, api.Errorf(answer.Invalid, "Timeout not supported for the given arguments: it must be between 1 and 10080 minutes.")
		}
		x := flow.Action{Kind: flow.Job, Name: *a.JobName, Arguments: a.Arguments, Timeout: answer.Deref(a.Timeout)}
		if n := a.NotificationProperty; n != nil {
			x.Notify = answer.Deref(n.NotifyDelayAfter)
		}
		out = append(out, x)
	}
	return out, nil
}

// conditions turns what a trigger waits for into the noun's form.
func conditions(in *types.Predicate) ([]flow.Condition, error) {
	if in == nil {
		return nil, nil
	}
	var out []flow.Condition
	for _, c := range in.Conditions {
		if (answer.Deref(c.JobName) == "") == (answer.Deref(c.CrawlerName) == "") {
			return nil, api.Errorf(answer.Invalid, "Each condition must name either a job or a crawler")
		}
		if c.LogicalOperator == "" {
			return nil, api.Errorf(answer.Invalid, "Logical operator cannot be null or empty")
		}
		x := flow.Condition{Kind: flow.Job, Name: answer.Deref(c.JobName), State: string(c.State)}
		other := string(c.CrawlState)
		if c.CrawlerName != nil {
			x, other = flow.Condition{Kind: flow.Crawler, Name: *c.CrawlerName, State: other}, string(c.State)
		}
		if other != "" && x.State != "" {
			return nil, api.Errorf(answer.Invalid, "State is of conditions of jobs, CrawlState of those of crawlers")
		}
		out = append(out, x)
	}
	return out, nil
}

// triggerType is a trigger as the API shows it.
func triggerType(t flow.Trigger) *types.Trigger {
	out := &types.Trigger{Name: &t.Name, WorkflowName: answer.TextOrNil(t.Workflow), Type: types.TriggerType(t.Type),
		State: types.TriggerState(t.State), Description: answer.TextOrNil(t.Description), Schedule: answer.TextOrNil(t.Schedule),
		Actions: []types.Action{}}
	for _, a := range t.Actions {
		if a.Kind == flow.Crawler {
			out.Actions = append(out.Actions, types.Action{CrawlerName: answer.Ptr(a.Name)})
			continue
		}
		x := types.Action{JobName: answer.Ptr(a.Name), Arguments: a.Arguments}
		if a.Timeout > 0 {
			x.Timeout = answer.Ptr(a.Timeout)
		}
		if a.Notify > 0 {
			x.NotificationProperty = &types.NotificationProperty{NotifyDelayAfter: answer.Ptr(a.Notify)}
		}
		out.Actions = append(out.Actions, x)
	}
	if len(t.Conditions) == 0 {
		return out
	}
	out.Predicate = &types.Predicate{Logical: types.Logical(t.Logical)}
	for _, c := range t.Conditions {
		x := types.Condition{LogicalOperator: types.LogicalOperatorEquals}
		if c.Kind == flow.Crawler {
			x.CrawlerName, x.CrawlState = answer.Ptr(c.Name), types.CrawlState(c.State)
		} else {
			x.JobName, x.State = answer.Ptr(c.Name), types.JobRunState(c.State)
		}
		out.Predicate.Conditions = append(out.Predicate.Conditions, x)
	}
	return out
}

// CreateTrigger makes a trigger.
func (s *Service) CreateTrigger(ctx context.Context, in *glue.CreateTriggerInput) (*glue.CreateTriggerOutput, error) {
	if in.Type == types.TriggerTypeEvent {
		return nil, api.Errorf(answer.Invalid, "Penstock does not support triggers of type EVENT yet")
	}
	does, err := actions(in.Actions)
	if err != nil {
		return nil, err
	}
	waits, err := conditions(in.Predicate)
	if err != nil {
		return nil, err
	}
	t := flow.Trigger{Name: *in.Name, Workflow: answer.Deref(in.WorkflowName), Type: string(in.Type),
		Description: answer.Deref(in.Description), Schedule: answer.Deref(in.Schedule), Conditions: waits, Actions: does}
	if in.Predicate != nil {
		t.Logical = string(in.Predicate.Logical)
	}
	err = s.Flows.CreateTrigger(ctx, t, in.StartOnCreation, func(tx *meta.Tx) error {
		return answer.PutTags(tx, s.triggerARN(t.Name), in.Tags)
	})
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.CreateTriggerOutput{Name: in.Name}, nil
}

// UpdateTrigger changes a trigger.
func (s *Service) UpdateTrigger(ctx context.Context, in *glue.UpdateTriggerInput) (*glue.UpdateTriggerOutput, error) {
	u := in.TriggerUpdate
	does, err := actions(u.Actions)
	if err != nil {
		return nil, err
	}
	waits, err := conditions(u.Predicate)
	if err != nil {
		return nil, err
	}
	change := flow.Update{Description: answer.Deref(u.Description), Actions: does, Conditions: waits, Predicate: u.Predicate != nil}
	if u.Predicate != nil {
		change.Logical = string(u.Predicate.Logical)
	}
	if answer.Deref(u.Schedule) != "" {
		change.Schedule = u.Schedule
	}
	t, err := s.Flows.UpdateTrigger(ctx, *in.Name, change)
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.UpdateTriggerOutput{Trigger: triggerType(t)}, nil
}

// DeleteTrigger removes a trigger; one that does not exist is answered like one that did.
func (s *Service) DeleteTrigger(ctx context.Context, in *glue.DeleteTriggerInput) (*glue.DeleteTriggerOutput, error) {
	err := s.Flows.DeleteTrigger(ctx, *in.Name, func(tx *meta.Tx) error { return tag.Drop(tx, s.triggerARN(*in.Name)) })
	return &glue.DeleteTriggerOutput{Name: in.Name}, err
}

// StartTrigger fires a trigger, or lets it fire.
func (s *Service) StartTrigger(ctx context.Context, in *glue.StartTriggerInput) (*glue.StartTriggerOutput, error) {
	if err := s.Flows.StartTrigger(ctx, *in.Name); err != nil {
		return nil, refusal(err)
	}
	return &glue.StartTriggerOutput{Name: in.Name}, nil
}

// StopTrigger keeps a trigger from firing.
func (s *Service) StopTrigger(ctx context.Context, in *glue.StopTriggerInput) (*glue.StopTriggerOutput, error) {
	if err := s.Flows.StopTrigger(ctx, *in.Name); err != nil {
		return nil, refusal(err)
	}
	return &glue.StopTriggerOutput{Name: in.Name}, nil
}

// GetTrigger shows a trigger.
func (s *Service) GetTrigger(ctx context.Context, in *glue.GetTriggerInput) (*glue.GetTriggerOutput, error) {
	t, err := s.Flows.Trigger(ctx, *in.Name)
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.GetTriggerOutput{Trigger: triggerType(t)}, nil
}

// BatchGetTriggers shows triggers by their names.
func (s *Service) BatchGetTriggers(ctx context.Context, in *glue.BatchGetTriggersInput) (*glue.BatchGetTriggersOutput, error) {
	out := &glue.BatchGetTriggersOutput{Triggers: []types.Trigger{}, TriggersNotFound: []string{}}
	for _, name := range in.TriggerNames {
		t, err := s.Flows.Trigger(ctx, name)
		var no *flow.Error
		switch {
		case errors.As(err, &no):
			out.TriggersNotFound = append(out.TriggersNotFound, name)
		case err != nil:
			return nil, err
		default:
			out.Triggers = append(out.Triggers, *triggerType(t))
		}
	}
	return out, nil
}

const maxTriggers = 200 // a page

// triggers reads a page.
func (s *Service) triggers(ctx context.Context, job, token *string, most *int32, tags map[string]string) ([]flow.Trigger, *string, error) {
	filter := []string{"triggers", answer.Deref(job)}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		filter = append(filter, k, tags[k])
	}
	p, err := page.Read(token, page.Size(most, maxTriggers, maxTriggers), answer.Error(meta.ErrToken), s.Region, filter...)
	if err != nil {
		return nil, nil, err
	}
	list, err := s.Flows.Triggers(ctx, flow.Query{After: p.After, Limit: p.Ask(), Job: answer.Deref(job), Tags: tags, ARN: s.triggerARN("")})
	list = page.Cut(p, list, func(t flow.Trigger) string { return t.Name })
	return list, p.Next(), err
}

// GetTriggers shows the triggers that start a job, or all.
func (s *Service) GetTriggers(ctx context.Context, in *glue.GetTriggersInput) (*glue.GetTriggersOutput, error) {
	list, next, err := s.triggers(ctx, in.DependentJobName, in.NextToken, in.MaxResults, nil)
	if err != nil {
		return nil, err
	}
	out := &glue.GetTriggersOutput{Triggers: []types.Trigger{}, NextToken: next}
	for _, t := range list {
		out.Triggers = append(out.Triggers, *triggerType(t))
	}
	return out, nil
}

// ListTriggers shows the names of the triggers that start a job, or of all.
func (s *Service) ListTriggers(ctx context.Context, in *glue.ListTriggersInput) (*glue.ListTriggersOutput, error) {
	list, next, err := s.triggers(ctx, in.DependentJobName, in.NextToken, in.MaxResults, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &glue.ListTriggersOutput{TriggerNames: []string{}, NextToken: next}
	for _, t := range list {
		out.TriggerNames = append(out.TriggerNames, t.Name)
	}
	return out, nil
}
