package redshiftserverless

import (
	"context"

	"penstock/internal/meta/tag"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
)

func tagMap(in []types.Tag) map[string]string {
	return tag.Map(in, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

// TagResource adds tags, or gives them new values.
func (s *Service) TagResource(ctx context.Context, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	arn := aws.ToString(in.ResourceArn)
	return &sdk.TagResourceOutput{}, mapped(s.w.AddTags(ctx, arn, tagMap(in.Tags)), arn)
}

// UntagResource removes tags.
func (s *Service) UntagResource(ctx context.Context, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	arn := aws.ToString(in.ResourceArn)
	return &sdk.UntagResourceOutput{}, mapped(s.w.RemoveTags(ctx, arn, in.TagKeys), arn)
}

// ListTagsForResource lists tags by key.
func (s *Service) ListTagsForResource(ctx context.Context, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	arn := aws.ToString(in.ResourceArn)
	tags, err := s.w.Tags(ctx, arn)
	if err != nil {
		return nil, mapped(err, arn)
	}
	return &sdk.ListTagsForResourceOutput{Tags: tag.List(tags, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} })}, nil
}
