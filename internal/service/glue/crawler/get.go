package crawler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/crawl"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

// crawlerType is a crawler as the API shows it.
func (s *Service) crawlerType(c *crawl.Crawler) *types.Crawler {
	out := &types.Crawler{Name: answer.Ptr(c.Name), Role: answer.Ptr(c.Role),
		DatabaseName: answer.TextOrNil(c.Database), Description: c.Description,
		TablePrefix:   answer.TextOrNil(c.TablePrefix),
		Configuration: answer.TextOrNil(c.Configuration), State: types.CrawlerState(c.State), Version: c.Version,
		CreationTime: answer.Ptr(c.Created),
		LastUpdated:  answer.Ptr(c.Updated),
		Classifiers:  append([]string{}, c.Classifiers...),
		SchemaChangePolicy: &types.SchemaChangePolicy{UpdateBehavior: types.UpdateBehavior(c.Update),
			DeleteBehavior: types.DeleteBehavior(c.Delete)},
		RecrawlPolicy:        &types.RecrawlPolicy{RecrawlBehavior: types.RecrawlBehavior(c.Recrawl)},
		LineageConfiguration: &types.LineageConfiguration{CrawlerLineageSettings: types.CrawlerLineageSettingsDisable},
		Targets:              shownTargets(c)}
	if c.Schedule != nil {
		out.Schedule = &types.Schedule{ScheduleExpression: answer.Ptr(c.Schedule.Expression), State: types.ScheduleState(c.Schedule.State)}
	}
	if c.Running != nil {
		out.CrawlElapsedTime = s.Clock.Now().Sub(c.Running.Started).Milliseconds()
	}
	if l := c.Last; l != nil {
		out.LastCrawl = &types.LastCrawlInfo{Status: lastStatus(l.State), ErrorMessage: answer.TextOrNil(l.Error),
			StartTime: answer.Ptr(l.Started),
			LogGroup:  answer.Ptr(crawl.LogGroup), LogStream: answer.Ptr(c.Name), MessagePrefix: answer.Ptr(l.ID)}
	}
	return out
}

func lastStatus(state string) types.LastCrawlStatus {
	switch state {
	case crawl.CrawlCompleted:
		return types.LastCrawlStatusSucceeded
	case crawl.CrawlStopped:
		return types.LastCrawlStatusCancelled
	}
	return types.LastCrawlStatusFailed
}

// GetCrawler shows a crawler.
func (s *Service) GetCrawler(ctx context.Context, in *glue.GetCrawlerInput) (*glue.GetCrawlerOutput, error) {
	c, err := s.Crawls.Crawler(ctx, answer.Deref(in.Name))
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.GetCrawlerOutput{Crawler: s.crawlerType(c)}, nil
}

// BatchGetCrawlers shows the crawlers of a list of names, and says which there are not.
func (s *Service) BatchGetCrawlers(ctx context.Context, in *glue.BatchGetCrawlersInput) (*glue.BatchGetCrawlersOutput, error) {
	out := &glue.BatchGetCrawlersOutput{Crawlers: []types.Crawler{}, CrawlersNotFound: []string{}}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		for _, name := range in.CrawlerNames {
			c, err := s.Crawls.CrawlerTx(tx, name)
			var refused *crawl.Error
			switch {
			case errors.As(err, &refused):
				out.CrawlersNotFound = append(out.CrawlersNotFound, name)
			case err != nil:
				return err
			default:
				out.Crawlers = append(out.Crawlers, *s.crawlerType(c))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// crawlers reads one page of crawlers.
func (s *Service) crawlers(ctx context.Context, token *string, max *int32, filter ...string) ([]crawl.Crawler, *string, error) {
	p, err := answer.Page(s.Region, token, max, filter...)
	if err != nil {
		return nil, nil, err
	}
	list, more, err := s.Crawls.List(ctx, p.After, p.Limit)
	if err != nil {
		return nil, nil, answer.Error(err)
	}
	if more {
		p.Break(list[len(list)-1].Name)
	}
	return list, p.Next(), nil
}

// GetCrawlers lists crawlers by name.
func (s *Service) GetCrawlers(ctx context.Context, in *glue.GetCrawlersInput) (*glue.GetCrawlersOutput, error) {
	list, next, err := s.crawlers(ctx, in.NextToken, in.MaxResults, "crawlers")
	if err != nil {
		return nil, err
	}
	out := &glue.GetCrawlersOutput{Crawlers: []types.Crawler{}, NextToken: next}
	for i := range list {
		out.Crawlers = append(out.Crawlers, *s.crawlerType(&list[i]))
	}
	return out, nil
}

// ListCrawlers lists the names of crawlers that have all the given tags.
func (s *Service) ListCrawlers(ctx context.Context, in *glue.ListCrawlersInput) (*glue.ListCrawlersOutput, error) {
	list, next, err := s.crawlers(ctx, in.NextToken, in.MaxResults, "crawler names", fmt.Sprint(in.Tags))
	if err != nil {
		return nil, err
	}
	out := &glue.ListCrawlersOutput{CrawlerNames: []string{}, NextToken: next}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		for i := range list {
			tags, err := tag.Of(tx, s.crawlerARN(list[i].Name))
			if err != nil {
				return err
			}
			if hasTags(tags, in.Tags) {
				out.CrawlerNames = append(out.CrawlerNames, list[i].Name)
			}
		}
		return nil
	})
	return out, err
}

func hasTags(have, want map[string]string) bool {
	for k, v := range want {
		if x, ok := have[k]; !ok || x != v {
			return false
		}
	}
	return true
}

// GetCrawlerMetrics tells how long crawlers took and what they changed, over their last 100 crawls.
func (s *Service) GetCrawlerMetrics(ctx context.Context, in *glue.GetCrawlerMetricsInput) (*glue.GetCrawlerMetricsOutput, error) {
	names, next := in.CrawlerNameList, (*string)(nil)
	if len(names) == 0 {
		list, token, err := s.crawlers(ctx, in.NextToken, in.MaxResults, "crawler metrics")
		if err != nil {
			return nil, err
		}
		next = token
		for i := range list {
			names = append(names, list[i].Name)
		}
	}
	out := &glue.GetCrawlerMetricsOutput{CrawlerMetricsList: []types.CrawlerMetrics{}, NextToken: next}
	for _, name := range names {
		crawls, _, _, err := s.Crawls.Crawls(ctx, name, nil, 0, 100)
		if err != nil {
			return nil, answer.Error(err)
		}
		out.CrawlerMetricsList = append(out.CrawlerMetricsList, metricsOf(name, crawls, s.Clock.Now()))
	}
	return out, nil
}

// metricsOf sums up crawls, newest first.
func metricsOf(name string, crawls []crawl.Crawl, now time.Time) types.CrawlerMetrics {
	m := types.CrawlerMetrics{CrawlerName: answer.Ptr(name)}
	var runtimes []float64
	var running *crawl.Crawl
	for i := range crawls {
		c := &crawls[i]
		if c.State == crawl.CrawlRunning {
			running = c
			continue
		}
		runtimes = append(runtimes, c.Ended.Sub(c.Started).Seconds())
		m.TablesCreated += int32(c.Summary.TablesAdded)
		m.TablesUpdated += int32(c.Summary.TablesUpdated)
		m.TablesDeleted += int32(c.Summary.TablesDeleted)
	}
	if len(runtimes) > 0 {
		m.LastRuntimeSeconds = runtimes[0]
		slices.Sort(runtimes)
		m.MedianRuntimeSeconds = runtimes[len(runtimes)/2]
	}
	if running != nil {
		m.StillEstimating = len(runtimes) == 0
		m.TimeLeftSeconds = max(0, m.MedianRuntimeSeconds-now.Sub(running.Started).Seconds())
	}
	return m
}
