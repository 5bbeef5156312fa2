package flow

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/flow"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

func checkConcurrent(n *int32) error {
	if n != nil && *n < 1 {
		return api.Errorf(answer.Invalid, "MaxConcurrentRuns must be at least 1")
	}
	return nil
}

// CreateWorkflow makes a workflow.
func (s *Service) CreateWorkflow(ctx context.Context, in *glue.CreateWorkflowInput) (*glue.CreateWorkflowOutput, error) {
	if err := checkConcurrent(in.MaxConcurrentRuns); err != nil {
		return nil, err
	}
	w := flow.Workflow{Name: *in.Name, Description: answer.Deref(in.Description), Properties: in.DefaultRunProperties,
		MaxConcurrent: answer.Deref(in.MaxConcurrentRuns)}
	err := s.Flows.CreateWorkflow(ctx, w, func(tx *meta.Tx) error { return answer.PutTags(tx, s.workflowARN(w.Name), in.Tags) })
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.CreateWorkflowOutput{Name: in.Name}, nil
}

// UpdateWorkflow changes what is given of a workflow.
func (s *Service) UpdateWorkflow(ctx context.Context, in *glue.UpdateWorkflowInput) (*glue.UpdateWorkflowOutput, error) {
	if err := checkConcurrent(in.MaxConcurrentRuns); err != nil {
		return nil, err
	}
	err := s.Flows.UpdateWorkflow(ctx, *in.Name, func(w *flow.Workflow) {
		if in.Description != nil {
			w.Description = *in.Description
		}
		if in.DefaultRunProperties != nil {
			w.Properties = in.DefaultRunProperties
		}
		if in.MaxConcurrentRuns != nil {
			w.MaxConcurrent = *in.MaxConcurrentRuns
		}
	})
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.UpdateWorkflowOutput{Name: in.Name}, nil
}

// DeleteWorkflow removes a workflow and its triggers; one that does not exist is answered like one that did.
func (s *Service) DeleteWorkflow(ctx context.Context, in *glue.DeleteWorkflowInput) (*glue.DeleteWorkflowOutput, error) {
	err := s.Flows.DeleteWorkflow(ctx, *in.Name, func(tx *meta.Tx, triggers []string) error {
		for _, name := range triggers {
			if err := tag.Drop(tx, s.triggerARN(name)); err != nil {
				return err
			}
		}
		return tag.Drop(tx, s.workflowARN(*in.Name))
	})
	return &glue.DeleteWorkflowOutput{Name: in.Name}, err
}

// workflowType is a workflow as the API shows it.
func (s *Service) workflowType(ctx context.Context, name string, graph *bool) (*types.Workflow, error) {
	w, triggers, last, err := s.Flows.Workflow(ctx, name)
	if err != nil {
		return nil, err
	}
	out := &types.Workflow{Name: &w.Name, Description: answer.TextOrNil(w.Description), DefaultRunProperties: w.Properties,
		CreatedOn: &w.Created, LastModifiedOn: &w.Modified}
	if w.MaxConcurrent > 0 {
		out.MaxConcurrentRuns = &w.MaxConcurrent
	}
	if last != nil {
		if out.LastRun, err = s.runType(ctx, *last, graph); err != nil {
			return nil, err
		}
	}
	if answer.Deref(graph) {
		out.Graph, err = s.graph(ctx, w.Name, triggers, nil)
	}
	return out, err
}

// GetWorkflow shows a workflow.
func (s *Service) GetWorkflow(ctx context.Context, in *glue.GetWorkflowInput) (*glue.GetWorkflowOutput, error) {
	w, err := s.workflowType(ctx, *in.Name, in.IncludeGraph)
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.GetWorkflowOutput{Workflow: w}, nil
}

// BatchGetWorkflows shows workflows by their names.
func (s *Service) BatchGetWorkflows(ctx context.Context, in *glue.BatchGetWorkflowsInput) (*glue.BatchGetWorkflowsOutput, error) {
	out := &glue.BatchGetWorkflowsOutput{Workflows: []types.Workflow{}}
	for _, name := range in.Names {
		w, err := s.workflowType(ctx, name, in.IncludeGraph)
		var no *flow.Error
		switch {
		case errors.As(err, &no):
			out.MissingWorkflows = append(out.MissingWorkflows, name)
		case err != nil:
			return nil, err
		default:
			out.Workflows = append(out.Workflows, *w)
		}
	}
	return out, nil
}

const maxWorkflows = 25 // a page

// ListWorkflows shows the names of all workflows.
func (s *Service) ListWorkflows(ctx context.Context, in *glue.ListWorkflowsInput) (*glue.ListWorkflowsOutput, error) {
	p, err := page.Read(in.NextToken, page.Size(in.MaxResults, maxWorkflows, maxWorkflows), answer.Error(meta.ErrToken), s.Region, "workflows")
	if err != nil {
		return nil, err
	}
	list, err := s.Flows.Workflows(ctx, p.After, p.Ask())
	names := append([]string{}, page.Cut(p, list, func(name string) string { return name })...)
	return &glue.ListWorkflowsOutput{Workflows: names, NextToken: p.Next()}, err
}
