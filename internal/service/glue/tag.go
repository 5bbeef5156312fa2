package glue

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

func (s *Service) tagOps() []api.Op {
	return []api.Op{
		api.Handle(s.GetTags, api.Honours("ResourceArn")),
		api.Handle(s.TagResource, api.Honours("ResourceArn", "TagsToAdd")),
		api.Handle(s.UntagResource, api.Honours("ResourceArn", "TagsToRemove")),
	}
}

// taggable finds the resource that an ARN names and answers the ARN in full.
func (s *Service) taggable(ctx context.Context, text string) (string, error) {
	a, err := arn.Parse(text)
	a = a.In(s.Region, s.Account)
	if err != nil || a.Service != "glue" || a.Account != s.Account || a.Region != s.Region {
		return "", api.Errorf(answer.Invalid, "Resource ARN %s is not one of this account and region", text)
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "database":
		_, err = s.Catalog.Database(ctx, name)
	case "table":
		database, table, _ := strings.Cut(name, "/")
		_, err = s.Catalog.Table(ctx, database, table)
	case "crawler":
		_, err = s.Crawls.Crawler(ctx, name)
	case "connection":
		err = s.connectionExists(ctx, name)
	case "dataQualityRuleset":
		_, err = s.ruleset(ctx, name)
	case "job":
		err = s.jobExists(ctx, name)
	case "trigger", "workflow":
		err = s.flows.Exists(ctx, kind, name)
	default:
		err = api.Errorf(answer.Invalid, "Penstock does not support tags of %s resources yet", kind)
	}
	return a.String(), answer.Error(err)
}

// jobExists says whether there is a job of the name.
func (s *Service) jobExists(ctx context.Context, name string) error {
	_, err := s.Jobs.Definition(ctx, name)
	return jobError(err, name)
}

// GetTags shows the tags of a resource.
func (s *Service) GetTags(ctx context.Context, in *glue.GetTagsInput) (*glue.GetTagsOutput, error) {
	arn, err := s.taggable(ctx, answer.Deref(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	out := &glue.GetTagsOutput{}
	err = s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		out.Tags, err = tag.Of(tx, arn)
		return err
	})
	return out, err
}

// TagResource adds or replaces tags.
func (s *Service) TagResource(ctx context.Context, in *glue.TagResourceInput) (*glue.TagResourceOutput, error) {
	arn, err := s.taggable(ctx, answer.Deref(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	if err := s.Meta.Update(ctx, func(tx *meta.Tx) error { return answer.PutTags(tx, arn, in.TagsToAdd) }); err != nil {
		return nil, err
	}
	return &glue.TagResourceOutput{}, nil
}

// UntagResource removes tags; keys that are not there do not matter.
func (s *Service) UntagResource(ctx context.Context, in *glue.UntagResourceInput) (*glue.UntagResourceOutput, error) {
	arn, err := s.taggable(ctx, answer.Deref(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error { return tag.Remove(tx, arn, in.TagsToRemove) })
	if err != nil {
		return nil, err
	}
	return &glue.UntagResourceOutput{}, nil
}
