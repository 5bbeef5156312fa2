package glue

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/job"
	"penstock/internal/job/bookmark"
	"penstock/internal/service/glue/answer"
)

// mostState is the most bytes of a call that saves a bookmark: that of half a million files, all of the last quarter of an hour.
const mostState = 64 << 20

func (s *Service) bookmarkOps() []api.Op {
	return []api.Op{
		api.Handle(s.GetJobBookmark, api.Honours("JobName", "RunId")),
		api.Handle(s.ResetJobBookmark, api.Changes(), api.Honours("JobName", "RunId")),
		api.Handle(s.PenstockCommitJobBookmark, api.Own(), api.Changes(), api.Body(mostState),
			api.Honours("JobName", "RunId", "Version", "JobBookmark")),
	}
}

// bookmarkError gives the errors of bookmarks their codes, AWS's texts where they are known.
func bookmarkError(ctx context.Context, err error, name, run string) error {
	var c *bookmark.Conflict
	switch {
	case errors.As(err, &c):
		return api.Errorf(answer.Concurrent, "Continuation update failed due to version mismatch. Expected version %d but found version %d",
			c.Began, c.Newest)
	case errors.Is(err, bookmark.ErrNone) && run == "":
		return api.Errorf(answer.NotFound, "Continuation for job %s not found", name)
	case errors.Is(err, bookmark.ErrNone):
		return api.Errorf(answer.NotFound,
			"Continuation for job %s and run %s not found: neither that run nor one before it has saved a bookmark",
			name, run)
	case errors.Is(err, bookmark.ErrForgotten):
		return api.Errorf(answer.NotFound, "Continuation for job %s and run %s not found: it was too long ago, and is no longer kept", name, run)
	case errors.Is(err, job.ErrStateNoObject):
		return api.Errorf(answer.Invalid, "JobBookmark is not a JSON object.")
	case errors.Is(err, job.ErrNotItsKeys):
		p, _ := api.PrincipalOf(ctx)
		return api.Errorf("AccessDeniedException", "User: %s is not authorized to save the bookmark of job %s: only the script of run %s is, "+
			"with its keys, while it goes on", p.ARN, name, run)
	case errors.Is(err, job.ErrNotFound) && run != "":
		return api.Errorf(answer.NotFound, "Entity not found: job %s with run %s", name, run)
	}
	return jobError(err, name)
}

func bookmarkType(name string, e bookmark.Entry) *types.JobBookmarkEntry {
	return &types.JobBookmarkEntry{JobName: &name, Version: e.Version, Run: e.Run, Attempt: e.Attempt, RunId: answer.TextOrNil(e.RunID),
		PreviousRunId: answer.TextOrNil(e.Previous), JobBookmark: answer.TextOrNil(e.State)}
}

// GetJobBookmark shows what a job has read, or had read after one of its runs.
func (s *Service) GetJobBookmark(ctx context.Context, in *glue.GetJobBookmarkInput) (*glue.GetJobBookmarkOutput, error) {
	name, run := aws.ToString(in.JobName), aws.ToString(in.RunId)
	e, err := s.Jobs.Bookmark(ctx, name, run)
	if err != nil {
		return nil, bookmarkError(ctx, err, name, run)
	}
	return &glue.GetJobBookmarkOutput{JobBookmarkEntry: bookmarkType(name, e)}, nil
}

// ResetJobBookmark makes that a job has read nothing, or no more than after one of its runs.
func (s *Service) ResetJobBookmark(ctx context.Context, in *glue.ResetJobBookmarkInput) (*glue.ResetJobBookmarkOutput, error) {
	name, run := aws.ToString(in.JobName), aws.ToString(in.RunId)
	e, err := s.Jobs.ResetBookmark(ctx, name, run)
	if err != nil {
		return nil, bookmarkError(ctx, err, name, run)
	}
	return &glue.ResetJobBookmarkOutput{JobBookmarkEntry: bookmarkType(name, e)}, nil
}

// PenstockCommitJobBookmarkInput is what job.commit() of a script sends. AWS has a call for that too, but has not published it.
type PenstockCommitJobBookmarkInput struct {
	JobName, RunId *string
	Version        int32   // of the bookmark that the run began with, 0 for none
	JobBookmark    *string // a JSON object
}

// PenstockCommitJobBookmarkOutput is the bookmark that is saved now.
type PenstockCommitJobBookmarkOutput struct{ JobBookmarkEntry *types.JobBookmarkEntry }

// PenstockCommitJobBookmark saves what a run has read. Only the run's own keys may, as long as it goes on.
func (s *Service) PenstockCommitJobBookmark(ctx context.Context, in *PenstockCommitJobBookmarkInput) (*PenstockCommitJobBookmarkOutput,
	error) {
	name, run := aws.ToString(in.JobName), aws.ToString(in.RunId)
	if name == "" || run == "" || in.Version < 0 {
		return nil, api.Errorf(answer.Invalid, "JobName and RunId must not be empty, nor Version negative.")
	}
	p, _ := api.PrincipalOf(ctx)
	e, err := s.Jobs.CommitBookmark(ctx, job.BookmarkCommit{Job: name, RunID: run, AccessKey: p.AccessKeyID, Began: in.Version,
		State: aws.ToString(in.JobBookmark)})
	if err != nil {
		return nil, bookmarkError(ctx, err, name, run)
	}
	return &PenstockCommitJobBookmarkOutput{JobBookmarkEntry: bookmarkType(name, e)}, nil
}
