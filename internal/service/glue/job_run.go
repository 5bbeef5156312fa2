package glue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/job"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

func runMembers(o *api.Op) {
	for _, m := range sizeMembers() {
		api.Honours(m)(o)
	}
	api.Honours("ExecutionClass", "NotificationProperty.NotifyDelayAfter")(o)
	api.Inert("SecurityConfiguration", storedOnly)(o)
}

// StartJobRun starts a run.
func (s *Service) StartJobRun(ctx context.Context, in *glue.StartJobRunInput) (*glue.StartJobRunOutput, error) {
	name := aws.ToString(in.JobName)
	raw, err := json.Marshal(types.JobRun{AllocatedCapacity: in.AllocatedCapacity, MaxCapacity: in.MaxCapacity, WorkerType: in.WorkerType,
		NumberOfWorkers: in.NumberOfWorkers, ExecutionClass: in.ExecutionClass, NotificationProperty: in.NotificationProperty,
		SecurityConfiguration: in.SecurityConfiguration})
	if err != nil {
		return nil, fmt.Errorf("start job %s: %w", name, err)
	}
	if t := in.Timeout; t != nil && (*t < 1 || *t > 10080) {
		return nil, api.Errorf("InvalidInputException", "Timeout not supported for the given arguments: it must be between 1 and 10080 minutes.")
	}
	if err := s.checkSize(ctx, name, in); err != nil {
		return nil, err
	}
	id, err := s.Jobs.Start(ctx, job.Start{Job: name, Arguments: in.Arguments, Queuing: in.JobRunQueuingEnabled, Raw: raw,
		Timeout: time.Duration(aws.ToInt32(in.Timeout)) * time.Minute, Flex: flex(in.ExecutionClass),
		Size: size(in.WorkerType, in.NumberOfWorkers, in.MaxCapacity, in.AllocatedCapacity)})
	if err != nil {
		return nil, jobError(err, name)
	}
	return &glue.StartJobRunOutput{JobRunId: &id}, nil
}

// checkSize refuses what the job's command cannot have. Workers of no type are of the job's.
func (s *Service) checkSize(ctx context.Context, name string, in *glue.StartJobRunInput) error {
	if in.MaxCapacity == nil && in.AllocatedCapacity == 0 && in.NumberOfWorkers == nil && in.ExecutionClass == "" {
		return nil
	}
	d, err := s.Jobs.Definition(ctx, name)
	if err != nil {
		return jobError(err, name)
	}
	if err := checkClass(d.Command, d.GlueVersion, in.ExecutionClass); err != nil {
		return err
	}
	if err := checkWorkers(cmp.Or(in.WorkerType, types.WorkerType(d.Size.WorkerType)), in.NumberOfWorkers); err != nil {
		return err
	}
	return checkCapacity(d.Command, in.MaxCapacity, in.AllocatedCapacity)
}

// jobRunType is a run as the API shows it.
func (s *Service) jobRunType(r job.Run, now time.Time) (types.JobRun, error) {
	var out types.JobRun
	if len(r.Raw) > 0 {
		if err := json.Unmarshal(r.Raw, &out); err != nil {
			return out, fmt.Errorf("job run %s: %w", r.ID, err)
		}
	}
	out.Id, out.JobName, out.Attempt = aws.String(r.ID), aws.String(r.Job), int32(r.Attempt)
	out.JobRunState, out.Arguments = types.JobRunState(r.State), r.Arguments
	out.StartedOn, out.LastModifiedOn = aws.Time(r.Started), aws.Time(r.Modified)
	out.ExecutionTime, out.Timeout = r.Seconds(now), aws.Int32(int32(r.Timeout/time.Minute))
	out.LogGroupName, out.PredecessorRuns = aws.String(r.LogGroup()), []types.Predecessor{}
	out.JobRunQueuingEnabled = aws.Bool(r.Definition.Queuing)
	showSize(&out, r, now)
	if r.Previous != "" {
		out.PreviousRunId = aws.String(r.Previous)
	}
	if r.Trigger != "" {
		out.TriggerName = aws.String(r.Trigger)
	}
	for _, p := range r.Predecessors {
		out.PredecessorRuns = append(out.PredecessorRuns, types.Predecessor{JobName: aws.String(p.Job), RunId: aws.String(p.Run)})
	}
	if r.Error != "" {
		out.ErrorMessage = aws.String(r.Error)
	}
	if r.Detail != "" {
		out.StateDetail = aws.String(r.Detail)
	}
	if !r.Completed.IsZero() {
		out.CompletedOn = aws.Time(r.Completed)
	}
	return out, nil
}

// flex is the execution class as package job takes it.
func flex(class types.ExecutionClass) *bool {
	if class == "" {
		return nil
	}
	return aws.Bool(class == types.ExecutionClassFlex)
}

// showSize shows what a run asks for, the job's settings among them. What it is given on this machine is in its log.
func showSize(out *types.JobRun, r job.Run, now time.Time) {
	d := r.Definition
	out.GlueVersion = aws.String(cmp.Or(d.GlueVersion, "5.1"))
	out.WorkerType, out.NumberOfWorkers = types.WorkerType(d.Size.WorkerType), nil
	if d.Size.Workers > 0 {
		out.NumberOfWorkers = aws.Int32(int32(d.Size.Workers))
	}
	out.MaxCapacity, out.AllocatedCapacity = aws.Float64(d.Capacity()), int32(d.Capacity())
	if d.Command == "glueetl" {
		out.ExecutionClass = types.ExecutionClassStandard
	}
	if d.Flex {
		out.ExecutionClass = types.ExecutionClassFlex
	}
	if used, ok := r.DPUSeconds(now); ok {
		out.DPUSeconds = aws.Float64(used)
	}
}

// GetJobRun shows a run of a job.
func (s *Service) GetJobRun(ctx context.Context, in *glue.GetJobRunInput) (*glue.GetJobRunOutput, error) {
	r, err := s.Jobs.Get(ctx, aws.ToString(in.RunId))
	if err == nil && r.Job != aws.ToString(in.JobName) {
		err = job.ErrNotFound
	}
	if err != nil {
		return nil, jobError(err, aws.ToString(in.RunId))
	}
	out, err := s.jobRunType(r, s.Jobs.Now())
	if !in.PredecessorsIncluded {
		out.PredecessorRuns = []types.Predecessor{}
	}
	return &glue.GetJobRunOutput{JobRun: &out}, err
}

const maxJobRuns = 200

// GetJobRuns shows the runs of a job, the newest first.
func (s *Service) GetJobRuns(ctx context.Context, in *glue.GetJobRunsInput) (*glue.GetJobRunsOutput, error) {
	name := aws.ToString(in.JobName)
	p, err := page.Read(in.NextToken, page.Size(in.MaxResults, maxJobRuns, maxJobRuns), jobError(meta.ErrToken, name), s.Region,
		"GetJobRuns", name)
	if err != nil {
		return nil, err
	}
	list, err := s.Jobs.Runs(ctx, name, p.After, p.Ask())
	if err != nil {
		return nil, jobError(err, name)
	}
	out := &glue.GetJobRunsOutput{JobRuns: []types.JobRun{}}
	for _, r := range page.Cut(p, list, func(r job.Run) string { return r.ID }) {
		t, err := s.jobRunType(r, s.Jobs.Now())
		if err != nil {
			return nil, err
		}
		out.JobRuns = append(out.JobRuns, t)
	}
	out.NextToken = p.Next()
	return out, nil
}

// BatchStopJobRun asks runs to stop; each is answered by itself.
func (s *Service) BatchStopJobRun(ctx context.Context, in *glue.BatchStopJobRunInput) (*glue.BatchStopJobRunOutput, error) {
	name := aws.ToString(in.JobName)
	out := &glue.BatchStopJobRunOutput{Errors: []types.BatchStopJobRunError{},
		SuccessfulSubmissions: []types.BatchStopJobRunSuccessfulSubmission{}}
	for _, id := range in.JobRunIds {
		err := s.Jobs.Stop(ctx, name, id)
		if err == nil {
			out.SuccessfulSubmissions = append(out.SuccessfulSubmissions,
				types.BatchStopJobRunSuccessfulSubmission{JobName: &name, JobRunId: aws.String(id)})
			continue
		}
		code := api.Code(jobError(err, id))
		if code == "" {
			code = "InvalidInputException"
		}
		out.Errors = append(out.Errors, types.BatchStopJobRunError{JobName: &name, JobRunId: aws.String(id),
			ErrorDetail: &types.ErrorDetail{ErrorCode: &code, ErrorMessage: aws.String(err.Error())}})
	}
	return out, nil
}
