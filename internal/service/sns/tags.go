package sns

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"penstock/internal/api"
	"penstock/internal/meta"
)

func tagMap(tags []types.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// noResource turns an absent topic into the error of the tag operations.
func noResource(err error) error {
	if api.Code(err) == "NotFound" {
		return &api.Error{Code: "ResourceNotFound", Message: "Resource does not exist", Status: 404}
	}
	return err
}

// TagResource adds tags to a topic.
func (s *Service) TagResource(ctx context.Context, in *sns.TagResourceInput) (*sns.TagResourceOutput, error) {
	err := s.editTopic(ctx, in.ResourceArn, func(t *topic) error {
		maps.Copy(t.tags, tagMap(in.Tags))
		return nil
	})
	return &sns.TagResourceOutput{}, noResource(err)
}

// UntagResource removes tags of a topic.
func (s *Service) UntagResource(ctx context.Context, in *sns.UntagResourceInput) (*sns.UntagResourceOutput, error) {
	err := s.editTopic(ctx, in.ResourceArn, func(t *topic) error {
		for _, k := range in.TagKeys {
			delete(t.tags, k)
		}
		return nil
	})
	return &sns.UntagResourceOutput{}, noResource(err)
}

// ListTagsForResource lists the tags of a topic.
func (s *Service) ListTagsForResource(ctx context.Context, in *sns.ListTagsForResourceInput) (*sns.ListTagsForResourceOutput, error) {
	out := &sns.ListTagsForResourceOutput{Tags: []types.Tag{}}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		t, err := topicTx(tx, aws.ToString(in.ResourceArn))
		if err != nil {
			return err
		}
		for _, k := range slices.Sorted(maps.Keys(t.tags)) {
			out.Tags = append(out.Tags, types.Tag{Key: aws.String(k), Value: aws.String(t.tags[k])})
		}
		return nil
	})
	return out, noResource(err)
}
