package cloudwatch

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
)

// alarmOf is the name of the alarm with this ARN.
func alarmOf(resource *string) (string, error) {
	a, err := arn.Parse(aws.ToString(resource))
	if err != nil {
		return "", api.Errorf(invalidValue, "%s", err)
	}
	name, ok := a.ResourceAfter("alarm:")
	if !ok {
		return "", api.Errorf(invalidValue, "%s is not the ARN of an alarm", a)
	}
	return name, nil
}

func unknown(resource *string) error {
	return &api.Error{Code: notFoundException, Message: "Unknown resource: " + aws.ToString(resource), Status: 404}
}

func (s *Service) tagged(ctx context.Context, resource *string, edit func(map[string]string)) error {
	name, err := alarmOf(resource)
	if err != nil {
		return err
	}
	err = s.metrics.ChangeAlarm(ctx, name, func(a *metric.Alarm) {
		if a.Tags == nil {
			a.Tags = map[string]string{}
		}
		edit(a.Tags)
	})
	if api.Code(noAlarm(err)) == resourceNotFound {
		return unknown(resource)
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
	name, err := alarmOf(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	found, err := s.metrics.Alarms(ctx, metric.AlarmQuery{Names: []string{name}, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, unknown(in.ResourceARN)
	}
	return &cloudwatch.ListTagsForResourceOutput{Tags: tag.List(found[0].Tags, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} })}, nil
}
