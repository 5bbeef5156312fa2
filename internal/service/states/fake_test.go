package states

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/module/moduletest"
)

const role = "arn:aws:iam::000000000000:role/machine"

// A fake answers the calls of tasks as services with a token store do: a repeat is answered with the first result.
type fake struct {
	mu      sync.Mutex
	answers map[string]json.RawMessage // by token
	effects map[string]int             // how often a token had an effect
	calls   []string                   // service.Op
	callers []string
	do      func(ctx context.Context, service, op string, in map[string]any) (string, error)
}

func newFake(do func(ctx context.Context, service, op string, in map[string]any) (string, error)) *fake {
	return &fake{answers: map[string]json.RawMessage{}, effects: map[string]int{}, do: do}
}

// Invoke implements api.Invoker.
func (f *fake) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	p, ok := api.PrincipalOf(ctx)
	if !ok {
		return nil, fmt.Errorf("no principal")
	}
	token := api.TokenOf(ctx)
	read := op == "GetJobRun" || op == "DescribeExecution" || op == "BatchStopJobRun"
	f.mu.Lock()
	f.calls = append(f.calls, service+"."+op)
	f.callers = append(f.callers, p.ARN)
	old, repeated := f.answers[token]
	f.mu.Unlock()
	if repeated && !read {
		return old, nil
	}
	var params map[string]any
	if err := json.Unmarshal(in.(json.RawMessage), &params); err != nil {
		return nil, err
	}
	out, err := f.do(ctx, service, op, params)
	if err != nil {
		return nil, err
	}
	if !read {
		f.mu.Lock()
		f.answers[token] = json.RawMessage(out)
		f.effects[token]++
		f.mu.Unlock()
	}
	return json.RawMessage(out), nil
}

// A bench is a service under test.
type bench struct {
	*Service
	t     testing.TB
	ctx   context.Context
	store *meta.Store
	fake  *fake
	clock clock.Clock
}

// newBench makes a service on a store; start begins its loops.
func newBench(t testing.TB, store *meta.Store, c clock.Clock, f *fake) *bench {
	t.Helper()
	env := moduletest.On(store, c)
	env.Invoker = f
	s := New(env, map[string]func(string) string{"glue.StartJobRun": func(run string) string { return "jobrun/" + run }})
	return &bench{s, t, apitest.Context(t), store, f, c}
}

// start runs the loops until the returned function is called.
func (b *bench) start() (stop func()) {
	ctx, cancel := context.WithCancel(b.ctx)
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				b.t.Errorf("Run: %v", err)
			}
		})
	}
	b.t.Cleanup(stop)
	return stop
}

func quick(t testing.TB, do func(ctx context.Context, service, op string, in map[string]any) (string, error)) *bench {
	t.Helper()
	b := newBench(t, metatest.OpenTemp(t, tag.Schema, Schema), clock.Real{}, newFake(do))
	b.start()
	return b
}

func (b *bench) create(name, definition string) string {
	b.t.Helper()
	out, err := b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{Name: &name, RoleArn: aws.String(role), Definition: &definition})
	if err != nil {
		b.t.Fatal(err)
	}
	return *out.StateMachineArn
}

func (b *bench) execute(machine, name, input string) string {
	b.t.Helper()
	in := &sfn.StartExecutionInput{StateMachineArn: &machine}
	if name != "" {
		in.Name = &name
	}
	if input != "" {
		in.Input = &input
	}
	out, err := b.StartExecution(b.ctx, in)
	if err != nil {
		b.t.Fatal(err)
	}
	return *out.ExecutionArn
}

// finish waits for the end of an execution.
func (b *bench) finish(execution string) *sfn.DescribeExecutionOutput {
	b.t.Helper()
	changed, end := b.store.Watch(Topic(execution))
	defer end()
	for {
		out, err := b.DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
		if err != nil {
			b.t.Fatal(err)
		}
		if out.Status != types.ExecutionStatusRunning {
			return out
		}
		select {
		case <-changed:
		case <-time.After(2 * time.Minute):
			b.t.Fatalf("%s still runs: %v", execution, eventTypes(b.history(execution)))
		}
	}
}

func (b *bench) history(execution string) []types.HistoryEvent {
	b.t.Helper()
	out, err := b.GetExecutionHistory(b.ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &execution, MaxResults: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.Events
}

func eventTypes(events []types.HistoryEvent) []string {
	var out []string
	for _, e := range events {
		out = append(out, string(e.Type))
	}
	return out
}

// until polls nothing: it waits until cond holds after a wake-up of the topic.
func (b *bench) until(topic string, cond func() bool) {
	b.t.Helper()
	changed, end := b.store.Watch(topic)
	defer end()
	for !cond() {
		select {
		case <-changed:
		case <-time.After(2 * time.Minute):
			b.t.Fatal("waited too long")
		}
	}
}

// SDK implements directory.
func (f *fake) SDK(name string) (api.Service, bool) {
	s, ok := map[string]api.Service{
		"cloudwatch": {Name: "monitoring", SDK: "CloudWatch"}, "cloudwatchlogs": {Name: "logs", SDK: "CloudWatchLogs"},
		"glue": {Name: "glue", SDK: "Glue"}, "redshiftdata": {Name: "redshift-data", SDK: "RedshiftData"},
		"s3": {Name: "s3", SDK: "S3", SecondID: true}, "sfn": {Name: "states", SDK: "Sfn"}, "sns": {Name: "sns", SDK: "Sns"},
		"sts": {Name: "sts", SDK: "Sts"}, "iam": {Name: "iam", SDK: "Iam"}, "cloudformation": {Name: "cloudformation", SDK: "CloudFormation"},
		"redshiftserverless": {Name: "redshift-serverless", SDK: "RedshiftServerless"},
	}[name]
	return s, ok
}
