package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/pipeline/compile"
)

// A StepResult is what a step did, as far as it is known; a count that does not apply is -1.
type StepResult struct {
	RowsRead, RowsWritten, Filtered int64
	Files, Bytes                    int64
	Bad                             Bad
	Took                            time.Duration
	Quality                         string // "3/3" when rules were evaluated
}

// A follower turns the history of an execution into steps.
type follower struct {
	runner *Runner
	last   int64 // id of the last event seen
	open   map[string]bool
	began  map[string]time.Time
	runs   []string
	jobs   map[string]string // state -> output of its task
	states map[int64]string  // event -> the state that it belongs to: events of tasks name none, they follow the one that entered it
	fill   Filled            // what the states that fill work on
	fills  []Filled
}

// read handles the events since the last call and reports whether there were any.
func (f *follower) read(ctx context.Context, execution string) (bool, error) {
	if f.began == nil {
		f.began, f.jobs, f.states = map[string]time.Time{}, map[string]string{}, map[int64]string{}
	}
	events, err := f.since(ctx, execution)
	if err != nil {
		return false, err
	}
	for _, e := range events {
		if err := f.event(ctx, e); err != nil {
			return false, err
		}
		f.last = e.Id
	}
	return len(events) > 0, nil
}

// since reads the history backwards until it meets what was seen.
func (f *follower) since(ctx context.Context, execution string) ([]types.HistoryEvent, error) {
	var events []types.HistoryEvent
	size := int32(50)
	pages := sfn.NewGetExecutionHistoryPaginator(f.runner.states, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &execution, ReverseOrder: true, MaxResults: size, IncludeExecutionData: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the execution's history: %w", err)
		}
		for _, e := range page.Events {
			if e.Id <= f.last {
				slices.Reverse(events)
				return events, nil
			}
			events = append(events, e)
		}
	}
	slices.Reverse(events)
	return events, nil
}

func (f *follower) event(ctx context.Context, e types.HistoryEvent) error {
	at := aws.ToTime(e.Timestamp)
	f.states[e.Id] = f.states[e.PreviousEventId]
	if d := e.StateEnteredEventDetails; d != nil {
		f.states[e.Id] = aws.ToString(d.Name)
	}
	inside := f.states[e.Id]
	switch e.Type {
	case types.HistoryEventTypeTaskStateEntered:
		delete(f.jobs, inside)
		f.entered(aws.ToString(e.StateEnteredEventDetails.Name), aws.ToString(e.StateEnteredEventDetails.Input), at)
	case types.HistoryEventTypeTaskSucceeded:
		f.jobs[inside] = aws.ToString(e.TaskSucceededEventDetails.Output)
	case types.HistoryEventTypeTaskFailed:
		return f.failed(inside, at, aws.ToString(e.TaskFailedEventDetails.Error), aws.ToString(e.TaskFailedEventDetails.Cause))
	case types.HistoryEventTypeTaskStateExited:
		return f.exited(ctx, aws.ToString(e.StateExitedEventDetails.Name), aws.ToString(e.StateExitedEventDetails.Output), at)
	}
	return nil
}

func (f *follower) entered(state, input string, at time.Time) {
	f.run(input)
	for _, s := range f.runner.Plan.Steps {
		if s.Begin == state && !f.open[s.Begin] {
			if s.Name == "" || s.Kind == "glue" {
				f.filling(input)
			}
			f.open[s.Begin] = true
			f.began[s.Begin] = at
			f.runner.Progress.Began(f.named(s))
		}
	}
}

// run notices that the work goes on to another run of the plan.
func (f *follower) run(input string) {
	if run := runOf(input); run != "" && (len(f.runs) == 0 || f.runs[len(f.runs)-1] != run) {
		f.runs = append(f.runs, run)
		f.runner.Progress.Run(run)
	}
}

// runOf is the run that a state works on, by its input; "" for none.
func runOf(input string) string {
	var in struct{ Run, Gen, Manifest string }
	if json.Unmarshal([]byte(input), &in) != nil || in.Manifest == "" {
		return ""
	}
	return in.Run
}

// failed tells of a task that failed. Its step stays open: a retry may follow and end well.
func (f *follower) failed(inside string, at time.Time, code, cause string) error {
	for _, s := range f.runner.Plan.Steps {
		if (s.Begin == inside || s.End == inside) && f.open[s.Begin] {
			if strings.HasPrefix(code, "Glue.CrawlerRunning") {
				return nil
			}
			err := Outcome{Error: code, Cause: cause}.Failure()
			f.runner.Progress.Ended(f.named(s), StepResult{Took: at.Sub(f.began[s.Begin]), RowsRead: -1, RowsWritten: -1}, err)
		}
	}
	return nil
}

func (f *follower) exited(ctx context.Context, state, output string, at time.Time) error {
	for _, s := range f.runner.Plan.Steps {
		if s.End != state {
			continue
		}
		result, err := f.result(ctx, s, state, output)
		if err != nil {
			return err
		}
		if result == nil {
			continue // the awaited thing has not ended yet
		}
		result.Took = at.Sub(f.began[s.Begin])
		if f.open[s.Begin] {
			f.runner.Progress.Ended(f.named(s), *result, nil)
		}
		f.open[s.Begin] = false
	}
	return nil
}

// result reads what a step did from its task's answer and, for a job, from the last line of its log.
func (f *follower) result(ctx context.Context, s compile.Step, state, output string) (*StepResult, error) {
	switch s.Kind {
	case "crawl":
		var out struct {
			Crawl struct{ Crawler struct{ State string } }
		}
		if json.Unmarshal([]byte(output), &out) == nil && out.Crawl.Crawler.State != "" && out.Crawl.Crawler.State != "READY" {
			return nil, nil
		}
		return &StepResult{RowsRead: -1, RowsWritten: -1}, nil
	case "load":
		var out struct {
			Statement struct {
				Status        string
				Error         string
				SubStatements []struct {
					QueryString string
					ResultRows  int64
				}
			}
		}
		if err := json.Unmarshal([]byte(output), &out); err != nil {
			return nil, fmt.Errorf("read the answer of %s: %w", state, err)
		}
		switch out.Statement.Status {
		case "FINISHED":
			rows := int64(-1)
			for _, sub := range out.Statement.SubStatements {
				if strings.HasPrefix(sub.QueryString, "COPY ") {
					rows = sub.ResultRows
				}
			}
			return &StepResult{RowsRead: -1, RowsWritten: rows}, nil
		case "FAILED", "ABORTED":
			f.runner.Progress.Ended(f.named(s), StepResult{RowsRead: -1, RowsWritten: -1}, errors.New(out.Statement.Error))
			f.open[s.Begin] = false
		}
		return nil, nil
	}
	if s.Kind == "glue" { // how many rows a script has written only it knows
		return &StepResult{RowsRead: -1, RowsWritten: -1}, nil
	}
	var job struct{ Id string }
	if json.Unmarshal([]byte(f.jobs[state]), &job) != nil || !strings.HasPrefix(job.Id, "jr_") {
		return nil, nil // its failure was caught
	}
	return f.runner.jobResult(ctx, job.Id)
}

// resultMark begins the last line of the log of a job step.
const resultMark = "penstock-result "

// jobResult reads the figures that a job run logged.
func (r *Runner) jobResult(ctx context.Context, run string) (*StepResult, error) {
	none := &StepResult{RowsRead: -1, RowsWritten: -1}
	out, err := r.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("/aws-glue/jobs/output"), LogStreamName: &run, Limit: aws.Int32(20), StartFromHead: aws.Bool(false),
	})
	if err != nil {
		r.log.Warn("the log of a job run cannot be read", "run", run, "error", err)
		return none, nil
	}
	for i := len(out.Events) - 1; i >= 0; i-- {
		text, ok := strings.CutPrefix(aws.ToString(out.Events[i].Message), resultMark)
		if !ok {
			continue
		}
		result, err := stepResult(text)
		if err != nil {
			return nil, fmt.Errorf("the result of job run %s is not readable: %w", run, err)
		}
		return result, nil
	}
	return none, nil
}
