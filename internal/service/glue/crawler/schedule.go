package crawler

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"penstock/internal/api"
	"penstock/internal/service/glue/answer"
)

// UpdateCrawlerSchedule gives a crawler another schedule, also while it runs.
func (s *Service) UpdateCrawlerSchedule(ctx context.Context,
	in *glue.UpdateCrawlerScheduleInput) (*glue.UpdateCrawlerScheduleOutput, error) {
	if answer.Deref(in.Schedule) == "" {
		return nil, api.Errorf(answer.Invalid, "Schedule is required")
	}
	if err := s.Crawls.Reschedule(ctx, answer.Deref(in.CrawlerName), *in.Schedule); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.UpdateCrawlerScheduleOutput{}, nil
}

// StartCrawlerSchedule makes a crawler's schedule start it.
func (s *Service) StartCrawlerSchedule(ctx context.Context,
	in *glue.StartCrawlerScheduleInput) (*glue.StartCrawlerScheduleOutput, error) {
	if err := s.Crawls.StartSchedule(ctx, answer.Deref(in.CrawlerName)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.StartCrawlerScheduleOutput{}, nil
}

// StopCrawlerSchedule keeps a crawler's schedule from starting it.
func (s *Service) StopCrawlerSchedule(ctx context.Context, in *glue.StopCrawlerScheduleInput) (*glue.StopCrawlerScheduleOutput, error) {
	if err := s.Crawls.StopSchedule(ctx, answer.Deref(in.CrawlerName)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.StopCrawlerScheduleOutput{}, nil
}
