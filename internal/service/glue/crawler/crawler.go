// Package crawler is the operations of the Glue API on crawlers: their definitions, schedules, runs and history. What crawlers do is
// package crawl's.
package crawler

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/crawl"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
)

// A Service is the operations on crawlers.
type Service struct {
	module.Env
	Crawls *crawl.Crawlers
}

// Ops are the operations.
func (s *Service) Ops() []api.Op {
	members := func(o *api.Op) {
		api.Honours(append(targetMembers(), "Classifiers")...)(o)
		api.Honours(
			answer.Words("Name DatabaseName TablePrefix SchemaChangePolicy.UpdateBehavior SchemaChangePolicy.DeleteBehavior " +
				"RecrawlPolicy.RecrawlBehavior Configuration LineageConfiguration.CrawlerLineageSettings Schedule")...)(o)
		answer.Inert("Description")(o)
		api.Inert("Role", "stored and returned; policies are not enforced yet")(o)
	}
	return []api.Op{
		api.Handle(s.CreateCrawler, members, api.Honours("Tags")),
		api.Handle(s.GetCrawler, api.Honours("Name")),
		api.Handle(s.GetCrawlers, api.Honours("MaxResults", "NextToken")),
		api.Handle(s.ListCrawlers, api.Honours("MaxResults", "NextToken", "Tags")),
		api.Handle(s.UpdateCrawler, members),
		api.Handle(s.DeleteCrawler, api.Honours("Name")),
		api.Handle(s.StartCrawler, api.Honours("Name")),
		api.Handle(s.StopCrawler, api.Honours("Name")),
		api.Handle(s.GetCrawlerMetrics, api.Honours("CrawlerNameList", "MaxResults", "NextToken")),
		api.Handle(s.ListCrawls, api.Honours("CrawlerName", "MaxResults", "NextToken"),
			api.Honours(answer.Under("Filters[]", "FieldName", "FilterOperator", "FieldValue")...)),
		api.Handle(s.BatchGetCrawlers, api.Honours("CrawlerNames")),
		api.Handle(s.UpdateCrawlerSchedule, api.Honours("CrawlerName", "Schedule")),
		api.Handle(s.StartCrawlerSchedule, api.Honours("CrawlerName")),
		api.Handle(s.StopCrawlerSchedule, api.Honours("CrawlerName")),
	}
}

func (s *Service) crawlerARN(name string) string {
	return arn.New("glue", s.Region, s.Account, "crawler/"+name).String()
}

// CreateCrawler makes a crawler.
func (s *Service) CreateCrawler(ctx context.Context, in *glue.CreateCrawlerInput) (*glue.CreateCrawlerOutput, error) {
	if err := onlyKnown(in.Targets); err != nil {
		return nil, err
	}
	c := crawl.Crawler{Name: answer.Deref(in.Name), Role: answer.Deref(in.Role), Database: answer.Deref(in.DatabaseName),
		Description: in.Description, Classifiers: in.Classifiers,
		TablePrefix: answer.Deref(in.TablePrefix), Configuration: answer.Deref(in.Configuration)}
	setTargets(&c, in.Targets)
	if err := setPolicies(&c, in.SchemaChangePolicy, in.RecrawlPolicy, in.LineageConfiguration); err != nil {
		return nil, err
	}
	if err := c.Reschedule(answer.Deref(in.Schedule)); err != nil {
		return nil, answer.Error(err)
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.Crawls.CreateTx(tx, c); err != nil {
			return err
		}
		return answer.PutTags(tx, s.crawlerARN(c.Name), in.Tags)
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.CreateCrawlerOutput{}, nil
}

// setPolicies takes over the policies that a request gives.
func setPolicies(c *crawl.Crawler, change *types.SchemaChangePolicy, recrawl *types.RecrawlPolicy,
	lineage *types.LineageConfiguration) error {
	if change != nil {
		c.Update, c.Delete = string(change.UpdateBehavior), string(change.DeleteBehavior)
	}
	if recrawl != nil {
		c.Recrawl = string(recrawl.RecrawlBehavior)
	}
	if c.Recrawl == string(types.RecrawlBehaviorCrawlEventMode) {
		return api.Errorf(answer.Invalid, "Penstock does not support RecrawlPolicy.RecrawlBehavior CRAWL_EVENT_MODE yet")
	}
	if lineage != nil && lineage.CrawlerLineageSettings == types.CrawlerLineageSettingsEnable {
		return api.Errorf(answer.Invalid, "Penstock does not support LineageConfiguration.CrawlerLineageSettings ENABLE yet")
	}
	return nil
}

// UpdateCrawler changes what is given of a crawler.
func (s *Service) UpdateCrawler(ctx context.Context, in *glue.UpdateCrawlerInput) (*glue.UpdateCrawlerOutput, error) {
	if err := onlyKnown(in.Targets); err != nil {
		return nil, err
	}
	var policies crawl.Crawler
	if err := setPolicies(&policies, in.SchemaChangePolicy, in.RecrawlPolicy, in.LineageConfiguration); err != nil {
		return nil, err
	}
	err := s.Crawls.Update(ctx, answer.Deref(in.Name), func(c *crawl.Crawler) error {
		replaceText(&c.Role, in.Role)
		replaceText(&c.Database, in.DatabaseName)
		replaceText(&c.TablePrefix, in.TablePrefix)
		replaceText(&c.Configuration, in.Configuration)
		if in.Description != nil {
			c.Description = in.Description
		}
		if in.Classifiers != nil {
			c.Classifiers = in.Classifiers
		}
		if in.Targets != nil {
			setTargets(c, in.Targets)
		}
		if in.SchemaChangePolicy != nil {
			c.Update, c.Delete = policies.Update, policies.Delete
		}
		if in.RecrawlPolicy != nil {
			c.Recrawl = policies.Recrawl
		}
		if in.Schedule != nil {
			return c.Reschedule(*in.Schedule)
		}
		return nil
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.UpdateCrawlerOutput{}, nil
}

func replaceText(dst *string, src *string) {
	if src != nil {
		*dst = *src
	}
}

// DeleteCrawler removes a crawler that does not run. Its tables stay.
func (s *Service) DeleteCrawler(ctx context.Context, in *glue.DeleteCrawlerInput) (*glue.DeleteCrawlerOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.Crawls.DeleteTx(tx, answer.Deref(in.Name)); err != nil {
			return err
		}
		return tag.Drop(tx, s.crawlerARN(*in.Name))
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.DeleteCrawlerOutput{}, nil
}

// StartCrawler makes a crawler run; it answers at once.
func (s *Service) StartCrawler(ctx context.Context, in *glue.StartCrawlerInput) (*glue.StartCrawlerOutput, error) {
	if _, err := s.Crawls.Start(ctx, answer.Deref(in.Name)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.StartCrawlerOutput{}, nil
}

// StopCrawler makes a crawler stop.
func (s *Service) StopCrawler(ctx context.Context, in *glue.StopCrawlerInput) (*glue.StopCrawlerOutput, error) {
	if err := s.Crawls.Stop(ctx, answer.Deref(in.Name)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.StopCrawlerOutput{}, nil
}
