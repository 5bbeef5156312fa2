package flow

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/crawl"
	"penstock/internal/flow"
	"penstock/internal/job"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/service/glue/answer"
)

// StartWorkflowRun starts a workflow.
func (s *Service) StartWorkflowRun(ctx context.Context, in *glue.StartWorkflowRunInput) (*glue.StartWorkflowRunOutput, error) {
	id, err := s.Flows.StartRun(ctx, *in.Name, in.RunProperties)
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.StartWorkflowRunOutput{RunId: &id}, nil
}

// StopWorkflowRun stops a run.
func (s *Service) StopWorkflowRun(ctx context.Context, in *glue.StopWorkflowRunInput) (*glue.StopWorkflowRunOutput, error) {
	if err := s.Flows.StopRun(ctx, *in.Name, *in.RunId); err != nil {
		return nil, refusal(err)
	}
	return &glue.StopWorkflowRunOutput{}, nil
}

// ResumeWorkflowRun starts a run again from some of its nodes.
func (s *Service) ResumeWorkflowRun(ctx context.Context, in *glue.ResumeWorkflowRunInput) (*glue.ResumeWorkflowRunOutput, error) {
	id, nodes, err := s.Flows.Resume(ctx, *in.Name, *in.RunId, in.NodeIds)
	if err != nil {
		return nil, refusal(err)
	}
	return &glue.ResumeWorkflowRunOutput{RunId: &id, NodeIds: nodes}, nil
}

// runType is a run as the API shows it.
func (s *Service) runType(ctx context.Context, r flow.Run, graph *bool) (*types.WorkflowRun, error) {
	waiting, err := s.Flows.Waiting(ctx, r)
	if err != nil {
		return nil, err
	}
	n := r.Statistics(waiting)
	out := &types.WorkflowRun{Name: &r.Workflow, WorkflowRunId: &r.ID, PreviousRunId: answer.TextOrNil(r.Previous),
		WorkflowRunProperties: r.Properties, StartedOn: &r.Started, Status: types.WorkflowRunStatus(r.State),
		ErrorMessage: answer.TextOrNil(r.Error), Statistics: &types.WorkflowRunStatistics{TotalActions: int32(n.Total),
			SucceededActions: int32(n.Succeeded), FailedActions: int32(n.Failed), StoppedActions: int32(n.Stopped),
			TimeoutActions: int32(n.TimedOut), RunningActions: int32(n.Running), ErroredActions: int32(n.Errored),
			WaitingActions: int32(n.Waiting)}}
	if !r.Ended.IsZero() {
		out.CompletedOn = &r.Ended
	}
	if answer.Deref(graph) {
		out.Graph, err = s.graph(ctx, r.ID, r.Triggers, r.Tasks)
	}
	return out, err
}

// graph is the graph of triggers, with what tasks have come to. Scope is the run's id, or the workflow's name.
func (s *Service) graph(ctx context.Context, scope string, triggers []flow.Trigger, tasks []flow.Task) (*types.WorkflowGraph, error) {
	points, edges := flow.Graph(scope, triggers)
	out := &types.WorkflowGraph{Nodes: []types.Node{}, Edges: []types.Edge{}}
	for _, e := range edges {
		out.Edges = append(out.Edges, types.Edge{SourceId: answer.Ptr(e.From), DestinationId: answer.Ptr(e.To)})
	}
	for _, p := range points {
		n := types.Node{Type: types.NodeType(p.Kind), Name: answer.Ptr(p.Name), UniqueId: answer.Ptr(p.ID)}
		if p.Kind == flow.Node {
			for _, t := range triggers {
				if t.Name == p.Name {
					n.TriggerDetails = &types.TriggerNodeDetails{Trigger: triggerType(t)}
				}
			}
		} else if err := s.details(ctx, &n, p, tasks); err != nil {
			return nil, err
		}
		out.Nodes = append(out.Nodes, n)
	}
	return out, nil
}

// details are the job runs or crawls of a node.
func (s *Service) details(ctx context.Context, n *types.Node, p flow.Point, tasks []flow.Task) error {
	if p.Kind == flow.Job {
		n.JobDetails = &types.JobNodeDetails{}
	} else {
		n.CrawlerDetails = &types.CrawlerNodeDetails{}
	}
	for _, t := range tasks {
		if t.Kind != p.Kind || t.Name != p.Name {
			continue
		}
		for _, id := range t.IDs {
			var err error
			if p.Kind == flow.Job {
				err = s.addJobRun(ctx, n.JobDetails, id)
			} else {
				err = s.addCrawl(ctx, n.CrawlerDetails, id)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// addJobRun adds a run, unless it has been deleted with its job.
func (s *Service) addJobRun(ctx context.Context, to *types.JobNodeDetails, id string) error {
	r, err := s.Jobs.Get(ctx, id)
	if errors.Is(err, job.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	shown, err := s.JobRun(r, s.Jobs.Now())
	to.JobRuns = append(to.JobRuns, shown)
	return err
}

// addCrawl adds a crawl, unless it has been deleted with its crawler.
func (s *Service) addCrawl(ctx context.Context, to *types.CrawlerNodeDetails, id string) error {
	return s.Meta.View(ctx, func(tx *meta.Tx) error {
		c, found, err := s.Crawls.CrawlTx(tx, id)
		if err != nil || !found {
			return err
		}
		shown := types.Crawl{State: crawlState(c), StartedOn: &c.Started, ErrorMessage: answer.TextOrNil(c.Error),
			LogGroup: answer.Ptr(crawl.LogGroup), LogStream: &c.Crawler}
		if !c.Ended.IsZero() {
			shown.CompletedOn = &c.Ended
		}
		to.Crawls = append(to.Crawls, shown)
		return nil
	})
}

// GetWorkflowRun shows a run.
func (s *Service) GetWorkflowRun(ctx context.Context, in *glue.GetWorkflowRunInput) (*glue.GetWorkflowRunOutput, error) {
	r, err := s.Flows.RunOf(ctx, *in.Name, *in.RunId)
	if err != nil {
		return nil, refusal(err)
	}
	out, err := s.runType(ctx, r, in.IncludeGraph)
	return &glue.GetWorkflowRunOutput{Run: out}, err
}

const maxRuns = 1000 // a page

// GetWorkflowRuns shows the runs of a workflow, the newest first.
func (s *Service) GetWorkflowRuns(ctx context.Context, in *glue.GetWorkflowRunsInput) (*glue.GetWorkflowRunsOutput, error) {
	p, err := page.Read(in.NextToken, page.Size(in.MaxResults, answer.UsualPage, maxRuns), answer.Error(meta.ErrToken), s.Region,
		"workflow runs", *in.Name)
	if err != nil {
		return nil, err
	}
	list, err := s.Flows.Runs(ctx, *in.Name, p.After, p.Ask())
	if err != nil {
		return nil, refusal(err)
	}
	out := &glue.GetWorkflowRunsOutput{Runs: []types.WorkflowRun{}}
	for _, r := range page.Cut(p, list, func(r flow.Run) string { return r.ID }) {
		shown, err := s.runType(ctx, r, in.IncludeGraph)
		if err != nil {
			return nil, err
		}
		out.Runs = append(out.Runs, *shown)
	}
	out.NextToken = p.Next()
	return out, nil
}

// GetWorkflowRunProperties shows the properties of a run.
func (s *Service) GetWorkflowRunProperties(ctx context.Context,
	in *glue.GetWorkflowRunPropertiesInput) (*glue.GetWorkflowRunPropertiesOutput, error) {
	r, err := s.Flows.RunOf(ctx, *in.Name, *in.RunId)
	if err != nil {
		return nil, refusal(err)
	}
	out := &glue.GetWorkflowRunPropertiesOutput{RunProperties: r.Properties}
	if out.RunProperties == nil {
		out.RunProperties = map[string]string{}
	}
	return out, nil
}

// PutWorkflowRunProperties adds properties to a run, or replaces them.
func (s *Service) PutWorkflowRunProperties(ctx context.Context,
	in *glue.PutWorkflowRunPropertiesInput) (*glue.PutWorkflowRunPropertiesOutput, error) {
	if err := s.Flows.PutProperties(ctx, *in.Name, *in.RunId, in.RunProperties); err != nil {
		return nil, refusal(err)
	}
	return &glue.PutWorkflowRunPropertiesOutput{}, nil
}
