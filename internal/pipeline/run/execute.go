package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/clock"
	"penstock/internal/pipeline"
)

// An Outcome is how an execution ended.
type Outcome struct {
	Execution string // ARN
	Status    types.ExecutionStatus
	Error     string
	Cause     string
	Runs      []string // ids of the runs that were worked on, in order
	Filled    []Filled // tables that were made from earlier runs, in order
	Took      time.Duration
}

// Execute brings the warehouse up to date with what has landed, and does what is asked. While an execution runs it attaches to it, and then
// starts another one if something landed that it did not see, or something is asked.
func (r *Runner) Execute(ctx context.Context, ask Ask) (Outcome, error) {
	running, err := r.running(ctx)
	if err != nil {
		return Outcome{}, err
	}
	if running != "" {
		r.Progress.Attached(running)
		out, err := r.follow(ctx, running)
		if err != nil || out.Status != types.ExecutionStatusSucceeded {
			return out, err
		}
		seen, err := r.sawAll(ctx)
		if err != nil || seen && len(ask.Full) == 0 && !r.Changed {
			return out, err
		}
	}
	input, err := ask.input()
	if err != nil {
		return Outcome{}, err
	}
	started, err := r.states.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &r.Machine, Input: &input})
	if err != nil {
		return Outcome{}, fmt.Errorf("start the state machine: %w", err)
	}
	r.Asked = true
	return r.follow(ctx, aws.ToString(started.ExecutionArn))
}

// running is the ARN of an execution of the machine that has not ended, or "".
func (r *Runner) running(ctx context.Context) (string, error) {
	out, err := r.states.ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &r.Machine, StatusFilter: types.ExecutionStatusRunning, MaxResults: 1,
	})
	if err != nil {
		return "", fmt.Errorf("list executions: %w", err)
	}
	if len(out.Executions) == 0 {
		return "", nil
	}
	return aws.ToString(out.Executions[0].ExecutionArn), nil
}

// sawAll reports whether every landed file is, in its present version, in the manifest of a run that is done. A manifest alone says
// little: the execution that wrote it may have been cut off, and its plan be an older one.
func (r *Runner) sawAll(ctx context.Context) (bool, error) {
	curated, err := r.bucketName(ctx, "curated")
	if err != nil {
		return false, err
	}
	seen, err := r.manifests(ctx, curated)
	if err != nil {
		return false, err
	}
	for _, source := range r.Spec.Sources {
		ok, err := r.sourceSeen(ctx, source, seen)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// manifests collects key and ETag of every input of every run that is done, as its last generation that is done has them.
func (r *Runner) manifests(ctx context.Context, bucket string) (map[string]bool, error) {
	prefix := "_penstock/runs/"
	last := map[string]string{} // run -> the generation
	pages := s3.NewListObjectsV2Paginator(r.s3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the manifests: %w", err)
		}
		for _, o := range page.Contents {
			if done, ok := strings.CutSuffix(aws.ToString(o.Key), ".done.json"); ok { // keys come in order
				last[path.Dir(done)] = done
			}
		}
	}
	seen := map[string]bool{}
	for _, done := range last {
		if err := r.manifest(ctx, bucket, done+".json", seen); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func (r *Runner) manifest(ctx context.Context, bucket, key string, seen map[string]bool) error {
	out, err := r.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return fmt.Errorf("read the manifest %s: %w", key, err)
	}
	defer out.Body.Close()
	var m struct {
		Sources map[string][]struct{ Key, ETag string }
	}
	if err := json.NewDecoder(out.Body).Decode(&m); err != nil {
		return fmt.Errorf("read the manifest %s: %w", key, err)
	}
	for source, inputs := range m.Sources {
		for _, in := range inputs {
			seen[source+"\x00"+in.Key+"\x00"+strings.Trim(in.ETag, `"`)] = true
		}
	}
	return nil
}

func (r *Runner) sourceSeen(ctx context.Context, source pipeline.Source, seen map[string]bool) (bool, error) {
	bucket, err := r.bucketName(ctx, source.To.Bucket)
	if err != nil {
		return false, err
	}
	there, err := r.etags(ctx, bucket, source.To.Prefix)
	if err != nil {
		return false, err
	}
	for key, etag := range there {
		if !seen[source.Name+"\x00"+key+"\x00"+etag] {
			return false, nil
		}
	}
	return true, nil
}

// follow reports the steps of an execution until it ends.
func (r *Runner) follow(ctx context.Context, execution string) (Outcome, error) {
	began := r.clock.Now()
	f := &follower{runner: r, open: map[string]bool{}}
	for wait := 15 * time.Millisecond; ; wait = min(wait*5/4, time.Second) {
		state, err := r.states.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
		if err != nil {
			return Outcome{}, fmt.Errorf("describe the execution: %w", err)
		}
		moved, err := f.read(ctx, execution)
		if err != nil {
			return Outcome{}, err
		}
		if state.Status != types.ExecutionStatusRunning {
			return Outcome{
				Execution: execution, Status: state.Status, Error: aws.ToString(state.Error), Cause: aws.ToString(state.Cause),
				Runs: f.runs, Filled: f.fills, Took: r.clock.Now().Sub(began),
			}, nil
		}
		if moved {
			wait = 15 * time.Millisecond
		}
		if err := clock.Sleep(ctx, r.clock, wait); err != nil {
			return Outcome{}, err
		}
	}
}

// Failure turns a failed outcome into the error that a person reads: the message of the job or load that failed, not its JSON.
func (o Outcome) Failure() error {
	if o.Status == types.ExecutionStatusSucceeded {
		return nil
	}
	cause := o.Cause
	var job struct{ ErrorMessage, JobName string }
	var statement struct{ Error string }
	var crawl struct{ ErrorMessage string }
	switch {
	case json.Unmarshal([]byte(cause), &job) == nil && job.ErrorMessage != "" && job.JobName != "":
		cause = job.JobName + ": " + job.ErrorMessage
	case json.Unmarshal([]byte(cause), &statement) == nil && statement.Error != "":
		cause = statement.Error
	case json.Unmarshal([]byte(cause), &crawl) == nil && crawl.ErrorMessage != "":
		cause = crawl.ErrorMessage
	}
	if cause == "" {
		cause = o.Error
	}
	if cause == "" {
		cause = "the execution is " + string(o.Status)
	}
	return errors.New(cause)
}
