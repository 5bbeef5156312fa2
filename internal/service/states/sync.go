package states

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"penstock/internal/asl"
	"penstock/internal/asl/value"
)

// A waited is a .sync task: what was started, how to look at it, and how to stop it.
type waited struct {
	topic     string
	look      func(context.Context) (o outcome, over bool, err error)
	stopOp    string // of the same service
	stopInput value.Value
}

// follow waits for the end of what a .sync task has started, woken by the store and never by a clock.
func (l *loop) follow(ctx context.Context, t asl.Task, to target, started string) {
	w, err := l.waited(t, to, started)
	if err != nil {
		l.report(ctx, outcome{id: t.ID, failure: &asl.Failure{Error: "States.TaskFailed", Cause: err.Error()}})
		return
	}
	changed, end := l.s.Meta.Watch(w.topic)
	defer end()
	for {
		o, over, err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			f := failureOf(err, to)
			l.report(ctx, outcome{id: t.ID, failure: &f})
			return
		case over:
			o.id = t.ID
			l.report(ctx, o)
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), errAborted) {
				l.halt(ctx, to, w)
			}
			return
		}
	}
}

// stopPatience bounds how long an abort waits for the service to take a stop.
const stopPatience = 30 * time.Second

// halt stops what a .sync task has started, because its state or execution was aborted.
func (l *loop) halt(ctx context.Context, to target, w *waited) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	if _, err := l.invoke(ctx, to.service, w.stopOp, value.Text(w.stopInput)); err != nil {
		l.s.Log.WarnContext(ctx, "an aborted task could not be stopped", "execution", l.e.ARN, "op", w.stopOp, "err", err)
	}
}

func (l *loop) waited(t asl.Task, to target, started string) (*waited, error) {
	params, err := value.Parse(t.Parameters)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	answer, err := value.Parse(started)
	if err != nil {
		return nil, fmt.Errorf("answer of %s: %w", to.op, err)
	}
	if to.service == "states" {
		return l.waitedExecution(to, text(answer, "ExecutionArn")), nil
	}
	job, run := text(params, "JobName"), text(answer, "JobRunId")
	if run == "" {
		return nil, fmt.Errorf("%s answered no JobRunId: %s", to.op, started)
	}
	return &waited{
		topic:     l.s.jobTopic(run),
		stopOp:    "BatchStopJobRun",
		stopInput: value.NewObject("JobName", job, "JobRunIds", []value.Value{run}),
		look: func(ctx context.Context) (outcome, bool, error) {
			out, err := l.invoke(ctx, "glue", "GetJobRun", value.Text(value.NewObject("JobName", job, "RunId", run)))
			if err != nil {
				return outcome{}, false, err
			}
			return jobOutcome(out)
		},
	}, nil
}

// text is a member of an object that is text, "" when there is none.
func text(v value.Value, member string) string {
	if o, ok := v.(*value.Object); ok {
		m, _ := o.Get(member)
		s, _ := m.(string)
		return s
	}
	return ""
}

// jobOutcome turns the answer of GetJobRun into a task's outcome: the JobRun with sorted keys and times in milliseconds.
func jobOutcome(out string) (o outcome, over bool, err error) {
	v, err := value.Parse(out)
	if err != nil {
		return o, false, fmt.Errorf("answer of GetJobRun: %w", err)
	}
	answer, _ := v.(*value.Object)
	if answer == nil {
		return o, false, fmt.Errorf("answer of GetJobRun: %s", out)
	}
	run, _ := answer.Get("JobRun")
	shown := value.Text(value.SortKeys(epochMillis(run)))
	switch state := text(run, "JobRunState"); state {
	case "SUCCEEDED":
		return outcome{output: shown}, true, nil
	case "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED":
		return outcome{failure: &asl.Failure{Error: "States.TaskFailed", Cause: shown}}, true, nil
	}
	return o, false, nil
}

// epochMillis writes the times of a JobRun as .sync does: milliseconds since 1970.
func epochMillis(v value.Value) value.Value {
	o, ok := v.(*value.Object)
	if !ok {
		return v
	}
	for _, k := range []string{"StartedOn", "LastModifiedOn", "CompletedOn"} {
		s := text(o, k)
		if t, err := time.Parse(time.RFC3339Nano, s); s != "" && err == nil {
			o = o.With(k, value.Number(strconv.FormatInt(t.UnixMilli(), 10)))
		}
	}
	return o
}

func (l *loop) waitedExecution(to target, executionARN string) *waited {
	return &waited{
		topic:     Topic(executionARN),
		stopOp:    "StopExecution",
		stopInput: value.NewObject("ExecutionArn", executionARN),
		look: func(ctx context.Context) (outcome, bool, error) {
			out, err := l.invoke(ctx, "states", "DescribeExecution", value.Text(value.NewObject("ExecutionArn", executionARN)))
			if err != nil {
				return outcome{}, false, err
			}
			v, err := value.Parse(out)
			if err != nil {
				return outcome{}, false, fmt.Errorf("answer of DescribeExecution: %w", err)
			}
			switch text(v, "Status") {
			case "RUNNING":
				return outcome{}, false, nil
			case "SUCCEEDED":
				return outcome{output: executionOutput(v, to.pattern)}, true, nil
			}
			return outcome{failure: &asl.Failure{Error: "States.TaskFailed", Cause: value.Text(value.SortKeys(v))}}, true, nil
		},
	}
}

// executionOutput is a nested execution as its task passes it on; .sync:2 gives input and output as JSON, .sync as text.
func executionOutput(v value.Value, pattern string) string {
	o, ok := v.(*value.Object)
	if ok && pattern == ".sync:2" {
		for _, k := range []string{"Input", "Output"} {
			if parsed, err := value.Parse(text(o, k)); err == nil {
				o = o.With(k, parsed)
			}
		}
		v = o
	}
	return value.Text(value.SortKeys(v))
}
