package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/id"
)

// A LogLine is one line of the merged log of an execution.
type LogLine struct {
	At      time.Time
	Step    string // the state whose work wrote it
	Message string
}

// Executions lists the latest executions, newest first.
func (r *Runner) Executions(ctx context.Context, most int32) ([]types.ExecutionListItem, error) {
	out, err := r.states.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &r.Machine, MaxResults: most})
	if err != nil {
		return nil, fmt.Errorf("list executions: %w", err)
	}
	return out.Executions, nil
}

// FindExecution finds an execution by its name or ARN, or by the id of a run: the latest that worked on it. It returns its ARN, "" for
// none.
func (r *Runner) FindExecution(ctx context.Context, name string) (string, error) {
	arn := name
	if !strings.HasPrefix(name, "arn:") {
		arn = strings.Replace(r.Machine, ":stateMachine:", ":execution:", 1) + ":" + name
	}
	out, err := r.states.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	switch c := code(err); {
	case err == nil && aws.ToString(out.StateMachineArn) == r.Machine:
		return arn, nil
	case err != nil && c != "ExecutionDoesNotExist" && c != "InvalidArn" && c != "ValidationException":
		return "", fmt.Errorf("describe the execution: %w", err)
	case !id.IsRun(name):
		return "", nil
	}
	return r.workedOn(ctx, name)
}

// workedOn finds the latest execution that worked on a run.
func (r *Runner) workedOn(ctx context.Context, run string) (string, error) {
	made, err := id.Time(run)
	if err != nil {
		return "", err
	}
	pages := sfn.NewListExecutionsPaginator(r.states, &sfn.ListExecutionsInput{StateMachineArn: &r.Machine})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("list executions: %w", err)
		}
		for _, e := range page.Executions {
			if e.StopDate != nil && e.StopDate.Before(made.Truncate(time.Second)) {
				continue // the run was not yet made
			}
			events, err := (&follower{runner: r}).since(ctx, aws.ToString(e.ExecutionArn))
			if err != nil {
				return "", err
			}
			if slices.ContainsFunc(events, func(e types.HistoryEvent) bool {
				return e.StateEnteredEventDetails != nil && runOf(aws.ToString(e.StateEnteredEventDetails.Input)) == run
			}) {
				return aws.ToString(e.ExecutionArn), nil
			}
		}
	}
	return "", nil
}

// Describe is how an execution stands.
func (r *Runner) Describe(ctx context.Context, execution string) (Outcome, error) {
	out, err := r.states.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
	if err != nil {
		return Outcome{}, fmt.Errorf("describe the execution: %w", err)
	}
	return Outcome{Execution: execution, Status: out.Status, Error: aws.ToString(out.Error), Cause: aws.ToString(out.Cause)}, nil
}

// Logs merges what every step of an execution logged with the states it went through, in the order of time.
func (r *Runner) Logs(ctx context.Context, execution string) ([]LogLine, error) {
	f := &follower{runner: r}
	events, err := f.since(ctx, execution)
	if err != nil {
		return nil, err
	}
	var lines []LogLine
	states := map[int64]string{} // by event: those of a task follow the one that entered its state
	jobs := map[string]string{}  // job run -> state
	for _, e := range events {
		states[e.Id] = states[e.PreviousEventId]
		if d := e.StateEnteredEventDetails; d != nil {
			states[e.Id] = aws.ToString(d.Name)
		}
		state := states[e.Id]
		lines = append(lines, LogLine{aws.ToTime(e.Timestamp), state, eventText(e)})
		if id := jobRunOf(e); id != "" && jobs[id] == "" {
			jobs[id] = state
		}
	}
	for id, state := range jobs {
		for _, group := range []string{"/aws-glue/jobs/output", "/aws-glue/jobs/error"} {
			more, err := r.stream(ctx, group, id, state)
			if err != nil {
				return nil, err
			}
			lines = append(lines, more...)
		}
	}
	if len(events) > 0 {
		more, err := r.crawls(ctx, aws.ToTime(events[0].Timestamp), aws.ToTime(events[len(events)-1].Timestamp))
		if err != nil {
			return nil, err
		}
		lines = append(lines, more...)
	}
	slices.SortStableFunc(lines, func(a, b LogLine) int { return a.At.Compare(b.At) })
	return lines, nil
}

// eventText says in words what a history event is.
func eventText(e types.HistoryEvent) string {
	text := string(e.Type)
	switch {
	case e.TaskFailedEventDetails != nil:
		text += ": " + aws.ToString(e.TaskFailedEventDetails.Error) + ": " +
			Outcome{Cause: aws.ToString(e.TaskFailedEventDetails.Cause)}.Failure().Error()
	case e.ExecutionFailedEventDetails != nil:
		text += ": " + aws.ToString(e.ExecutionFailedEventDetails.Error)
	}
	return text
}

// jobRunOf finds the id of a job run in what a task answered.
func jobRunOf(e types.HistoryEvent) string {
	var text *string
	switch {
	case e.TaskSubmittedEventDetails != nil:
		text = e.TaskSubmittedEventDetails.Output
	case e.TaskSucceededEventDetails != nil:
		text = e.TaskSucceededEventDetails.Output
	case e.TaskFailedEventDetails != nil:
		text = e.TaskFailedEventDetails.Cause
	}
	var run struct{ JobRunId, Id string }
	if text == nil || json.Unmarshal([]byte(*text), &run) != nil {
		return ""
	}
	for _, id := range []string{run.JobRunId, run.Id} {
		if strings.HasPrefix(id, "jr_") {
			return id
		}
	}
	return ""
}

// stream reads a whole log stream; one that does not exist is empty.
func (r *Runner) stream(ctx context.Context, group, stream, state string) ([]LogLine, error) {
	var lines []LogLine
	var token *string
	for {
		out, err := r.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: &group, LogStreamName: &stream, StartFromHead: aws.Bool(true), NextToken: token,
		})
		if err != nil {
			if code(err) == "ResourceNotFoundException" {
				return nil, nil
			}
			return nil, fmt.Errorf("read the log %s of %s: %w", group, stream, err)
		}
		for _, e := range out.Events {
			lines = append(lines, LogLine{time.UnixMilli(aws.ToInt64(e.Timestamp)).UTC(), state, aws.ToString(e.Message)})
		}
		if len(out.Events) == 0 || aws.ToString(out.NextForwardToken) == aws.ToString(token) {
			return lines, nil
		}
		token = out.NextForwardToken
	}
}

// crawls reads what the pipeline's crawlers logged in a stretch of time.
func (r *Runner) crawls(ctx context.Context, from, to time.Time) ([]LogLine, error) {
	var lines []LogLine
	var names []string
	for _, s := range r.Spec.Sources {
		if s.Crawl != nil {
			names = append(names, s.Name)
		}
	}
	for _, t := range r.Spec.Transforms {
		if t.Script != nil && len(t.PartitionBy) > 0 {
			names = append(names, t.Name)
		}
	}
	for _, name := range names {
		all, err := r.stream(ctx, "/aws-glue/crawlers", r.Spec.Name+"-"+name, "Crawl "+name)
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			if !l.At.Before(from.Add(-time.Second)) && !l.At.After(to.Add(time.Second)) {
				lines = append(lines, l)
			}
		}
	}
	return lines, nil
}
