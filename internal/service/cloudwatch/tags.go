package cloudwatch

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

// alarmTx returns the ARN of the alarm that a request names by its ARN, provided that it is one of this account and region.
func (s *Service) alarmTx(tx *meta.Tx, resource *string) (string, error) {
	a, err := arn.Parse(aws.ToString(resource))
	if err != nil {
		return "", api.Errorf(invalidValue, "%s", err)
	}
	name, ok := a.ResourceAfter("alarm:")
	if !ok {
		return "", api.Errorf(invalidValue, "%s is not the ARN of an alarm", a)
	}
	own := s.alarmARN(name)
	if a.In(s.Region, s.Account).String() != own {
		return "", unknown(resource)
	}
	_, err = s.metrics.AlarmTx(tx, name)
	if api.Code(noAlarm(err)) == resourceNotFound {
		return "", unknown(resource)
	}
	return own, err
}

func unknown(resource *string) error {
	return &api.Error{Code: notFoundException, Message: "Unknown resource: " + aws.ToString(resource), Status: 404}
}

// addTags gives an alarm tags, in place of those with the same keys.
func addTags(tx *meta.Tx, alarm string, tags []types.Tag) error {
	err := tag.Add(tx, alarm, tag.Map(tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value }))
	var p *tag.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.TooMany:
		return api.Errorf(invalidValue, "An alarm can have at most %d tags.", tag.Most)
	case p.Reserved:
		return api.Errorf(invalidValue, "The tag key %s is reserved: keys cannot begin with aws:.", p.Key)
	}
	return api.Errorf(invalidValue, "The tag key %s or its value has a length or a character that is not allowed.", p.Key)
}

// TagResource adds tags to an alarm.
func (s *Service) TagResource(ctx context.Context, in *cloudwatch.TagResourceInput) (*cloudwatch.TagResourceOutput, error) {
	return &cloudwatch.TagResourceOutput{}, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		alarm, err := s.alarmTx(tx, in.ResourceARN)
		if err != nil {
			return err
		}
		return addTags(tx, alarm, in.Tags)
	})
}

// UntagResource removes tags of an alarm.
func (s *Service) UntagResource(ctx context.Context, in *cloudwatch.UntagResourceInput) (*cloudwatch.UntagResourceOutput, error) {
	return &cloudwatch.UntagResourceOutput{}, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		alarm, err := s.alarmTx(tx, in.ResourceARN)
		if err != nil {
			return err
		}
		return tag.Remove(tx, alarm, in.TagKeys)
	})
}

// ListTagsForResource lists the tags of an alarm.
func (s *Service) ListTagsForResource(ctx context.Context,
	in *cloudwatch.ListTagsForResourceInput) (*cloudwatch.ListTagsForResourceOutput, error) {
	out := &cloudwatch.ListTagsForResourceOutput{}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		alarm, err := s.alarmTx(tx, in.ResourceARN)
		if err != nil {
			return err
		}
		tags, err := tag.Of(tx, alarm)
		out.Tags = tag.List(tags, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} })
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
