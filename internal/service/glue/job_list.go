package glue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/job"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
)

const maxJobs = 100 // a page of GetJobs and ListJobs

// jobPage reads a page of jobs after a token.
func (s *Service) jobPage(ctx context.Context, op string, token *string, max *int32) (list []job.Definition, next *string, err error) {
	p, err := page.Read(token, page.Size(max, maxJobs, maxJobs), jobError(meta.ErrToken, ""), s.Region, op)
	if err != nil {
		return nil, nil, err
	}
	list, err = s.Jobs.Definitions(ctx, p.After, p.Ask())
	list = page.Cut(p, list, func(d job.Definition) string { return d.Name })
	return list, p.Next(), err
}

// GetJobs shows all jobs by pages.
func (s *Service) GetJobs(ctx context.Context, in *glue.GetJobsInput) (*glue.GetJobsOutput, error) {
	list, next, err := s.jobPage(ctx, "GetJobs", in.NextToken, in.MaxResults)
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
func (s *Service) ListJobs(ctx context.Context, in *glue.ListJobsInput) (*glue.ListJobsOutput, error) {
	list, next, err := s.jobPage(ctx, "ListJobs", in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &glue.ListJobsOutput{JobNames: []string{}, NextToken: next}
	for _, d := range list {
		if len(in.Tags) > 0 {
			if ok, err := s.jobTagged(ctx, d.Name, in.Tags); err != nil {
				return nil, err
			} else if !ok {
				continue
			}
		}
		out.JobNames = append(out.JobNames, d.Name)
	}
	return out, nil
}
