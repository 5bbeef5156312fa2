package logs

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// TagResource adds tags to a group.
func (s *Service) TagResource(ctx context.Context, in *cloudwatchlogs.TagResourceInput) (*cloudwatchlogs.TagResourceOutput, error) {
	name, err := nameOfARN(aws.ToString(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	err = s.store.SetTags(ctx, name, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
	return &cloudwatchlogs.TagResourceOutput{}, mapped(err)
}

// UntagResource removes tags of a group.
func (s *Service) UntagResource(ctx context.Context, in *cloudwatchlogs.UntagResourceInput) (*cloudwatchlogs.UntagResourceOutput, error) {
	name, err := nameOfARN(aws.ToString(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	err = s.store.SetTags(ctx, name, func(tags map[string]string) {
		for _, k := range in.TagKeys {
			delete(tags, k)
		}
	})
	return &cloudwatchlogs.UntagResourceOutput{}, mapped(err)
}

// ListTagsForResource lists the tags of a group.
func (s *Service) ListTagsForResource(ctx context.Context, in *cloudwatchlogs.ListTagsForResourceInput) (*cloudwatchlogs.ListTagsForResourceOutput, error) {
	name, err := nameOfARN(aws.ToString(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	g, err := s.store.Group(ctx, name)
	if err != nil {
		return nil, mapped(err)
	}
	return &cloudwatchlogs.ListTagsForResourceOutput{Tags: g.Tags}, nil
}
