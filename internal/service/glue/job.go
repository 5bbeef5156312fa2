package glue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/job"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

func (s *Service) putJobTags(tx *meta.Tx, name string, tags map[string]string) error {
	return answer.PutTags(tx, s.arn("job/"+name), tags)
}

func (s *Service) dropJobTags(tx *meta.Tx, name string) error {
	return tag.Drop(tx, s.arn("job/"+name))
}

// jobTagged reports whether a job has all the given tags.
func (s *Service) jobTagged(ctx context.Context, name string, want map[string]string) (ok bool, err error) {
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		have, err := tag.Of(tx, s.arn("job/"+name))
		ok = true
		for k, v := range want {
			got, has := have[k]
			ok = ok && has && got == v
		}
		return err
	})
	return ok, err
}

const storedOnly = "stored and returned"

// sizeMembers are what a job or a run asks for: package job gives it as much, within what the machine has.
func sizeMembers() []string {
	return []string{"AllocatedCapacity", "MaxCapacity", "WorkerType", "NumberOfWorkers"}
}

// size is what is asked for. AllocatedCapacity is MaxCapacity's older name.
func size(workerType types.WorkerType, workers *int32, capacity *float64, allocated int32) job.Size {
	s := job.Size{WorkerType: string(workerType), Workers: int(aws.ToInt32(workers)), Capacity: aws.ToFloat64(capacity)}
	if capacity == nil {
		s.Capacity = float64(allocated)
	}
	return s
}

func jobMembers(prefix string) api.Option {
	return func(o *api.Op) {
		for _, m := range []string{"Role", "Command.Name", "Command.ScriptLocation", "DefaultArguments", "NonOverridableArguments",
			"ExecutionProperty.MaxConcurrentRuns", "Timeout", "MaxRetries", "JobRunQueuingEnabled", "NotificationProperty.NotifyDelayAfter"} {
			api.Honours(prefix + m)(o)
		}
		for _, m := range sizeMembers() {
			api.Honours(prefix + m)(o)
		}
		for _, m := range []string{"GlueVersion", "ExecutionClass"} {
			api.Honours(prefix + m)(o)
		}
		api.Inert(prefix+"JobMode", storedOnly)(o)
		for _, m := range []string{"Description", "LogUri", "Connections.Connections[]", "SecurityConfiguration", "MaintenanceWindow",
			"Command.PythonVersion", "Command.Runtime", "SourceControlDetails.*"} {
			api.Inert(prefix+m, "stored and returned")(o)
		}
	}
}

func (s *Service) jobOps() []api.Op {
	return []api.Op{
		api.Handle(s.CreateJob, api.Honours("Name", "Tags"), jobMembers("")),
		api.Handle(s.GetJob, api.Honours("JobName")),
		api.Handle(s.GetJobs, api.Honours("MaxResults", "NextToken")),
		api.Handle(s.UpdateJob, api.Honours("JobName"), jobMembers("JobUpdate.")),
		api.Handle(s.DeleteJob, api.Honours("JobName")),
		api.Handle(s.ListJobs, api.Honours("MaxResults", "NextToken", "Tags")),
		api.Handle(s.StartJobRun, api.Honours("JobName", "Arguments", "Timeout", "JobRunQueuingEnabled"), runMembers),
		api.Handle(s.GetJobRun, api.Honours("JobName", "RunId", "PredecessorsIncluded")),
		api.Handle(s.GetJobRuns, api.Honours("JobName", "MaxResults", "NextToken")),
		api.Handle(s.BatchStopJobRun, api.Honours("JobName", "JobRunIds[]")),
	}
}

// jobError gives the errors of package job their AWS codes.
func jobError(err error, name string) error {
	switch {
	case errors.Is(err, job.ErrNotFound):
		return api.Errorf("EntityNotFoundException", "Entity not found: %s", name)
	case errors.Is(err, job.ErrConcurrent):
		return api.Errorf("ConcurrentRunsExceededException", "Concurrent runs exceeded for %s", name)
	case errors.Is(err, meta.ErrToken):
		return api.Errorf("InvalidInputException", "The NextToken is not valid for this request.")
	}
	return err
}

// definition turns a job as the API has it into what package job keeps.
func definition(j types.Job) (job.Definition, error) {
	raw, err := json.Marshal(j)
	if err != nil {
		return job.Definition{}, fmt.Errorf("job %s: %w", aws.ToString(j.Name), err)
	}
	d := job.Definition{Name: aws.ToString(j.Name), Raw: raw, Role: aws.ToString(j.Role), DefaultArguments: j.DefaultArguments,
		FixedArguments: j.NonOverridableArguments, MaxRetries: int(j.MaxRetries), Queuing: aws.ToBool(j.JobRunQueuingEnabled),
		Size: size(j.WorkerType, j.NumberOfWorkers, j.MaxCapacity, j.AllocatedCapacity)}
	if c := j.Command; c != nil {
		d.Command, d.Script, d.PythonVersion = aws.ToString(c.Name), aws.ToString(c.ScriptLocation), aws.ToString(c.PythonVersion)
	}
	d.GlueVersion, d.Flex = aws.ToString(j.GlueVersion), j.ExecutionClass == types.ExecutionClassFlex
	if j.ExecutionProperty != nil {
		d.MaxConcurrent = int(j.ExecutionProperty.MaxConcurrentRuns)
	}
	if j.Timeout != nil {
		d.Timeout = time.Duration(*j.Timeout) * time.Minute
	}
	return d, checkJob(j)
}

// checkJob refuses what Glue refuses.
func checkJob(j types.Job) error {
	switch {
	case j.Command == nil || aws.ToString(j.Command.Name) == "":
		return api.Errorf("InvalidInputException", "Command name should not be null or empty.")
	case j.MaxCapacity != nil && (j.WorkerType != "" || j.NumberOfWorkers != nil):
		return api.Errorf("InvalidInputException", "Please do not set Max Capacity if using Worker Type and Number of Workers.")
	case j.Timeout != nil && (*j.Timeout < 1 || *j.Timeout > 10080):
		return api.Errorf("InvalidInputException", "Timeout not supported for the given arguments: it must be between 1 and 10080 minutes.")
	case j.ExecutionProperty != nil && j.ExecutionProperty.MaxConcurrentRuns < 0:
		return api.Errorf("InvalidInputException", "Maximum concurrent runs should not be negative.")
	}
	if given := aws.ToInt32(j.NumberOfWorkers) != 0; given != (j.WorkerType != "") {
		return api.Errorf("InvalidInputException", "Please set both Worker Type and Number of Workers.")
	}
	if err := checkWorkers(j.WorkerType, j.NumberOfWorkers); err != nil {
		return err
	}
	if err := checkClass(aws.ToString(j.Command.Name), aws.ToString(j.GlueVersion), j.ExecutionClass); err != nil {
		return err
	}
	return checkCapacity(aws.ToString(j.Command.Name), j.MaxCapacity, j.AllocatedCapacity)
}

// checkWorkers refuses too few workers: Spark's types have one for the driver, of which Standard and Ray's know nothing.
func checkWorkers(kind types.WorkerType, n *int32) error {
	fewest := int32(2)
	if kind == "" || kind == types.WorkerTypeStandard || kind == types.WorkerTypeZ2x {
		fewest = 1
	}
	if n == nil || *n >= fewest || *n == 0 && kind == "" {
		return nil
	}
	return api.Errorf("InvalidInputException", "To use Worker Type %s, minimum allowed value of Number of Workers is %d.",
		cmp.Or(kind, types.WorkerTypeStandard), fewest)
}

// checkClass refuses FLEX where AWS has it not: it is for Spark jobs since Glue 3.0. AWS's texts are not recorded.
func checkClass(command, glue string, class types.ExecutionClass) error {
	if class != types.ExecutionClassFlex {
		return nil
	}
	if command != "glueetl" {
		return api.Errorf("InvalidInputException", "ExecutionClass FLEX is not valid for command %s: only jobs of glueetl can have it.", command)
	}
	if glue != "" && glue < "3.0" {
		return api.Errorf("InvalidInputException", "ExecutionClass FLEX is not valid for GlueVersion %s: the minimum is 3.0.", glue)
	}
	return nil
}

// checkCapacity refuses DPUs that a command cannot have; 0 asks for none. The limits are those of AWS's documentation, their texts are not
// recorded.
func checkCapacity(command string, most *float64, older int32) error {
	dpus := aws.ToFloat64(most)
	if most == nil {
		dpus = float64(older)
	}
	switch {
	case dpus == 0:
	case command == "pythonshell" && dpus != 0.0625 && dpus != 1:
		return api.Errorf("InvalidInputException", "Max Capacity %v is not valid for a Python shell job: it must be 0.0625 or 1.", dpus)
	case command != "pythonshell" && dpus < 2:
		return api.Errorf("InvalidInputException", "Max Capacity %v is not valid for command %s: the minimum is 2.", dpus, command)
	case command != "pythonshell" && dpus != math.Trunc(dpus):
		return api.Errorf("InvalidInputException", "Max Capacity %v is not valid for command %s: it must be a whole number.", dpus, command)
	}
	return nil
}

// jobType is a job as the API shows it, with the defaults of what was left out.
func jobType(d job.Definition) (types.Job, error) {
	var j types.Job
	if err := json.Unmarshal(d.Raw, &j); err != nil {
		return j, fmt.Errorf("job %s: %w", d.Name, err)
	}
	j.Name, j.CreatedOn, j.LastModifiedOn = aws.String(d.Name), aws.Time(d.Created), aws.Time(d.Modified)
	if j.Timeout == nil {
		j.Timeout = aws.Int32(int32(d.TimeLimit() / time.Minute))
	}
	if j.GlueVersion == nil {
		j.GlueVersion = aws.String("5.1")
	}
	j.MaxCapacity, j.AllocatedCapacity = aws.Float64(d.Capacity()), int32(d.Capacity())
	if j.ExecutionProperty == nil {
		j.ExecutionProperty = &types.ExecutionProperty{MaxConcurrentRuns: 1}
	}
	return j, nil
}

// CreateJob keeps a job. The same job once more is no error, another of the same name is.
func (s *Service) CreateJob(ctx context.Context, in *glue.CreateJobInput) (*glue.CreateJobOutput, error) {
	j := types.Job{AllocatedCapacity: in.AllocatedCapacity, Command: in.Command, Connections: in.Connections,
		DefaultArguments: in.DefaultArguments, Description: in.Description, ExecutionClass: in.ExecutionClass,
		ExecutionProperty: in.ExecutionProperty, GlueVersion: in.GlueVersion, JobMode: in.JobMode, JobRunQueuingEnabled: in.JobRunQueuingEnabled,
		LogUri: in.LogUri, MaintenanceWindow: in.MaintenanceWindow, MaxCapacity: in.MaxCapacity, MaxRetries: in.MaxRetries, Name: in.Name,
		NonOverridableArguments: in.NonOverridableArguments, NotificationProperty: in.NotificationProperty, NumberOfWorkers: in.NumberOfWorkers,
		Role: in.Role, SecurityConfiguration: in.SecurityConfiguration, SourceControlDetails: in.SourceControlDetails, Timeout: in.Timeout,
		WorkerType: in.WorkerType}
	d, err := definition(j)
	if err != nil {
		return nil, err
	}
	err = s.Jobs.Create(ctx, d, func(tx *meta.Tx) error { return s.putJobTags(tx, d.Name, in.Tags) })
	if errors.Is(err, job.ErrExists) {
		old, e := s.Jobs.Definition(ctx, d.Name)
		if e != nil || string(old.Raw) != string(d.Raw) {
			return nil, api.Errorf("IdempotentParameterMismatchException",
				"Job with name: %s already submitted with different configuration.", d.Name)
		}
		err = nil
	}
	if err != nil {
		return nil, jobError(err, d.Name)
	}
	return &glue.CreateJobOutput{Name: in.Name}, nil
}

// UpdateJob replaces a job: what is not said gets its default.
func (s *Service) UpdateJob(ctx context.Context, in *glue.UpdateJobInput) (*glue.UpdateJobOutput, error) {
	u := in.JobUpdate
	d, err := definition(types.Job{AllocatedCapacity: u.AllocatedCapacity, Command: u.Command, Connections: u.Connections,
		DefaultArguments: u.DefaultArguments, Description: u.Description, ExecutionClass: u.ExecutionClass,
		ExecutionProperty: u.ExecutionProperty, GlueVersion: u.GlueVersion, JobMode: u.JobMode, JobRunQueuingEnabled: u.JobRunQueuingEnabled,
		LogUri: u.LogUri, MaintenanceWindow: u.MaintenanceWindow, MaxCapacity: u.MaxCapacity, MaxRetries: u.MaxRetries, Name: in.JobName,
		NonOverridableArguments: u.NonOverridableArguments, NotificationProperty: u.NotificationProperty, NumberOfWorkers: u.NumberOfWorkers,
		Role: u.Role, SecurityConfiguration: u.SecurityConfiguration, SourceControlDetails: u.SourceControlDetails, Timeout: u.Timeout,
		WorkerType: u.WorkerType})
	if err != nil {
		return nil, err
	}
	if err := s.Jobs.Update(ctx, d); err != nil {
		return nil, jobError(err, d.Name)
	}
	return &glue.UpdateJobOutput{JobName: in.JobName}, nil
}

// GetJob shows a job.
func (s *Service) GetJob(ctx context.Context, in *glue.GetJobInput) (*glue.GetJobOutput, error) {
	d, err := s.Jobs.Definition(ctx, aws.ToString(in.JobName))
	if err != nil {
		return nil, jobError(err, aws.ToString(in.JobName))
	}
	j, err := jobType(d)
	return &glue.GetJobOutput{Job: &j}, err
}

// DeleteJob removes a job; one that does not exist is answered like one that did.
func (s *Service) DeleteJob(ctx context.Context, in *glue.DeleteJobInput) (*glue.DeleteJobOutput, error) {
	name := aws.ToString(in.JobName)
	if err := s.Jobs.Delete(ctx, name, func(tx *meta.Tx) error { return s.dropJobTags(tx, name) }); err != nil {
		return nil, err
	}
	return &glue.DeleteJobOutput{JobName: in.JobName}, nil
}
