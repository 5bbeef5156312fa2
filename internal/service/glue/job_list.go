package glue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/job"
	"penstock/internal/meta"
)

const maxJobs = 100 // a page of GetJobs and ListJobs

// jobPage reads a page of jobs after a token.
func (a *jobAPI) jobPage(ctx context.Context, op string, token *string, max *int32) (list []job.Definition, next *string, err error) {
	hash, after, limit := meta.FilterHash(op), "", maxJobs
	if token != nil && *token != "" {
		if after, err = meta.ParseToken(*token, hash); err != nil {
			return nil, nil, jobError(err, "")
		}
	}
	if max != nil && *max > 0 && int(*max) < limit {
		limit = int(*max)
	}
	list, err = a.jobs.Definitions(ctx, after, limit+1)
	if err != nil || len(list) <= limit {
		return list, nil, err
	}
	list = list[:limit]
	t := meta.Token(hash, list[limit-1].Name)
	return list, &t, nil
}

// GetJobs shows all jobs by pages.
func (a *jobAPI) GetJobs(ctx context.Context, in *glue.GetJobsInput) (*glue.GetJobsOutput, error) {
	list, next, err := a.jobPage(ctx, "GetJobs", in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &glue.GetJobsOutput{Jobs: []types.Job{}, NextToken: next}
	for _, d := range list {
		j, err := jobType(d)
		if err != nil {
			return nil, err
		}
		out.Jobs = append(out.Jobs, j)
	}
	return out, nil
}

// ListJobs shows the names of all jobs that have the given tags. A page is cut before the tags are looked at, so it may be short.
func (a *jobAPI) ListJobs(ctx context.Context, in *glue.ListJobsInput) (*glue.ListJobsOutput, error) {
	list, next, err := a.jobPage(ctx, "ListJobs", in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &glue.ListJobsOutput{JobNames: []string{}, NextToken: next}
	for _, d := range list {
		if len(in.Tags) > 0 {
			if ok, err := a.tagged(ctx, d.Name, in.Tags); err != nil {
				return nil, err
			} else if !ok {
				continue
			}
		}
		out.JobNames = append(out.JobNames, d.Name)
	}
	return out, nil
}
