// Package flow is the operations of the Glue API on triggers and workflows, and what joins jobs and crawlers to them. What triggers and
// workflows do is the noun's, package internal/flow. Triggers of the type EVENT come with EventBridge; blueprints are not there.
package flow

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/crawl"
	"penstock/internal/flow"
	"penstock/internal/job"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
)

// A Service is the operations on triggers and workflows.
type Service struct {
	module.Env
	Flows  *flow.Flows
	Jobs   *job.Jobs
	Crawls *crawl.Crawlers
	// JobRun is a run as the API shows it.
	JobRun func(job.Run, time.Time) (types.JobRun, error)
}

// Bind lets the triggers start jobs and crawlers.
func (s *Service) Bind() { s.Flows.Bind(work{s.Jobs, s.Crawls}) }

// Ops are the operations.
func (s *Service) Ops() []api.Op {
	graph := api.Honours("IncludeGraph")
	paged := api.Honours("MaxResults", "NextToken")
	return []api.Op{
		api.Handle(s.CreateTrigger, api.Honours(answer.Words("Name WorkflowName Type Schedule StartOnCreation Tags Description")...),
			triggerMembers("")),
		api.Handle(s.GetTrigger, api.Honours("Name")),
		api.Handle(s.GetTriggers, api.Honours("DependentJobName"), paged),
		api.Handle(s.BatchGetTriggers, api.Honours("TriggerNames")),
		api.Handle(s.ListTriggers, api.Honours("DependentJobName", "Tags"), paged),
		api.Handle(s.UpdateTrigger, api.Honours("Name", "TriggerUpdate.Schedule", "TriggerUpdate.Description"),
			api.Inert("TriggerUpdate.Name", "AWS reserves it for future use"), triggerMembers("TriggerUpdate.")),
		api.Handle(s.DeleteTrigger, api.Honours("Name")),
		api.Handle(s.StartTrigger, api.Honours("Name"), api.Changes()),
		api.Handle(s.StopTrigger, api.Honours("Name"), api.Changes()),

		api.Handle(s.CreateWorkflow, api.Honours(answer.Words("Name Description DefaultRunProperties MaxConcurrentRuns Tags")...)),
		api.Handle(s.GetWorkflow, api.Honours("Name"), graph),
		api.Handle(s.BatchGetWorkflows, api.Honours("Names"), graph),
		api.Handle(s.ListWorkflows, paged),
		api.Handle(s.UpdateWorkflow, api.Honours(answer.Words("Name Description DefaultRunProperties MaxConcurrentRuns")...)),
		api.Handle(s.DeleteWorkflow, api.Honours("Name")),
		api.Handle(s.StartWorkflowRun, api.Honours("Name", "RunProperties"), api.Changes()),
		api.Handle(s.StopWorkflowRun, api.Honours("Name", "RunId"), api.Changes()),
		api.Handle(s.ResumeWorkflowRun, api.Honours("Name", "RunId", "NodeIds"), api.Changes()),
		api.Handle(s.GetWorkflowRun, api.Honours("Name", "RunId"), graph),
		api.Handle(s.GetWorkflowRuns, api.Honours("Name"), graph, paged),
		api.Handle(s.GetWorkflowRunProperties, api.Honours("Name", "RunId")),
		api.Handle(s.PutWorkflowRunProperties, api.Honours("Name", "RunId", "RunProperties")),
	}
}

// triggerMembers are those that CreateTrigger and UpdateTrigger share.
func triggerMembers(prefix string) api.Option {
	return func(o *api.Op) {
		for _, m := range []string{"Predicate.Logical", "Predicate.Conditions[].LogicalOperator", "Predicate.Conditions[].JobName",
			"Predicate.Conditions[].State", "Predicate.Conditions[].CrawlerName", "Predicate.Conditions[].CrawlState", "Actions[].JobName",
			"Actions[].CrawlerName", "Actions[].Arguments", "Actions[].Timeout", "Actions[].NotificationProperty.NotifyDelayAfter"} {
			api.Honours(prefix + m)(o)
		}
	}
}

func (s *Service) arn(resource string) string {
	return arn.New("glue", s.Region, s.Account, resource).String()
}

func (s *Service) triggerARN(name string) string { return s.arn("trigger/" + name) }

func (s *Service) workflowARN(name string) string { return s.arn("workflow/" + name) }

// refusal gives the errors of the noun their AWS codes.
func refusal(err error) error {
	var no *flow.Error
	if !errors.As(err, &no) {
		return answer.Error(err)
	}
	code := map[flow.Reason]string{flow.NotFound: answer.NotFound, flow.Exists: answer.Exists, flow.Invalid: answer.Invalid,
		flow.Concurrent: "ConcurrentRunsExceededException", flow.Illegal: "IllegalWorkflowStateException"}[no.Reason]
	return &api.Error{Code: code, Message: no.Text, Err: err}
}

// Exists refuses a trigger or a workflow that is not there.
func (s *Service) Exists(ctx context.Context, kind, name string) (err error) {
	if kind == "trigger" {
		_, err = s.Flows.Trigger(ctx, name)
	} else {
		_, _, _, err = s.Flows.Workflow(ctx, name)
	}
	return refusal(err)
}
