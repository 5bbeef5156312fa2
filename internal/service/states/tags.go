package states

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

func tagMap(tags []types.Tag) map[string]string {
	return tag.Map(tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// tagged checks that a resource with tags exists in this region.
func (s *Service) tagged(tx *meta.Tx, resource string) error {
	if a, err := arn.Parse(resource); err == nil && a.Region != s.Region {
		return otherRegion(a.Region)
	}
	_, err := machineTx(tx, resource)
	if isNoMachine(err) {
		return noResource(resource)
	}
	return err
}

// TagResource adds tags to a machine.
func (s *Service) TagResource(ctx context.Context, in *sfn.TagResourceInput) (*sfn.TagResourceOutput, error) {
	resource := aws.ToString(in.ResourceArn)
	err := s.update(ctx, func(tx *meta.Tx) error {
		if err := s.tagged(tx, resource); err != nil {
			return err
		}
		return tag.Add(tx, resource, tagMap(in.Tags))
	})
	if err != nil {
		return nil, badTag(resource, err)
	}
	return &sfn.TagResourceOutput{}, nil
}

// UntagResource removes tags of a machine.
func (s *Service) UntagResource(ctx context.Context, in *sfn.UntagResourceInput) (*sfn.UntagResourceOutput, error) {
	resource := aws.ToString(in.ResourceArn)
	err := s.update(ctx, func(tx *meta.Tx) error {
		if err := s.tagged(tx, resource); err != nil {
			return err
		}
		return tag.Remove(tx, resource, in.TagKeys)
	})
	if err != nil {
		return nil, err
	}
	return &sfn.UntagResourceOutput{}, nil
}

// ListTagsForResource lists the tags of a machine by key.
func (s *Service) ListTagsForResource(ctx context.Context, in *sfn.ListTagsForResourceInput) (*sfn.ListTagsForResourceOutput, error) {
	resource := aws.ToString(in.ResourceArn)
	out := &sfn.ListTagsForResourceOutput{}
	err := s.view(ctx, func(tx *meta.Tx) error {
		if err := s.tagged(tx, resource); err != nil {
			return err
		}
		has, err := tag.Of(tx, resource)
		out.Tags = tag.List(has, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} })
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
