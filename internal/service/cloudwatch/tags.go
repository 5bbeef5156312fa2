package cloudwatch

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/metric"
)

func (s *Service) tagged(ctx context.Context, resource *string, edit func(map[string]string)) error {
	a, err := arn.Parse(aws.ToString(resource))
	if err != nil {
		return api.Errorf(invalidValue, "%s", err)
	}
	name, ok := a.ResourceAfter("alarm:")
	if !ok {
		return api.Errorf(invalidValue, "%s is not the ARN of an alarm", a)
	}
	err = s.metrics.ChangeAlarm(ctx, name, func(a *metric.Alarm) {
		if a.Tags == nil {
			a.Tags = map[string]string{}
		}
		edit(a.Tags)
	})
	if api.Code(noAlarm(err)) == resourceNotFound {
		return &api.Error{Code: notFoundException, Message: "Unknown resource: " + a.String(), Status: 404}
	}
	return err
}

// TagResource adds tags to an alarm.
func (s *Service) TagResource(ctx context.Context, in *cloudwatch.TagResourceInput) (*cloudwatch.TagResourceOutput, error) {
	err := s.tagged(ctx, in.ResourceARN, func(tags map[string]string) { maps.Copy(tags, tagMap(in.Tags)) })
	return &cloudwatch.TagResourceOutput{}, err
}

// UntagResource removes tags of an alarm.
func (s *Service) UntagResource(ctx context.Context, in *cloudwatch.UntagResourceInput) (*cloudwatch.UntagResourceOutput, error) {
	err := s.tagged(ctx, in.ResourceARN, func(tags map[string]string) {
		for _, k := range in.TagKeys {
			delete(tags, k)
		}
	})
	return &cloudwatch.UntagResourceOutput{}, err
}

// ListTagsForResource lists the tags of an alarm.
func (s *Service) ListTagsForResource(ctx context.Context, in *cloudwatch.ListTagsForResourceInput) (*cloudwatch.ListTagsForResourceOutput, error) {
	out := &cloudwatch.ListTagsForResourceOutput{Tags: []types.Tag{}}
	err := s.tagged(ctx, in.ResourceARN, func(tags map[string]string) {
		for _, k := range slices.Sorted(maps.Keys(tags)) {
			out.Tags = append(out.Tags, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
		}
	})
	return out, err
}
