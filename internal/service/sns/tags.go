package sns

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

func tagMap(tags []types.Tag) map[string]string {
	return tag.Map(tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// noResource turns an absent topic into the error of the tag operations.
func noResource(err error) error {
	if api.Code(err) == "NotFound" {
		return &api.Error{Code: "ResourceNotFound", Message: "Resource does not exist", Status: 404}
	}
	return badTag(err)
}

// badTag words a tag that the rules refuse.
func badTag(err error) error {
	var p *tag.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.TooMany:
		return api.Errorf("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
	case p.Reserved:
		return invalid("Tags Reason: The tag key %s is reserved: keys cannot start with aws:", p.Key)
	}
	return invalid("Tags Reason: The tag key %s or its value has a length or a character that is not allowed", p.Key)
}

// TagResource adds tags to a topic.
func (s *Service) TagResource(ctx context.Context, in *sns.TagResourceInput) (*sns.TagResourceOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		t, err := topicTx(tx, aws.ToString(in.ResourceArn))
		if err != nil {
			return err
		}
		return tag.Add(tx, t.arn, tagMap(in.Tags))
	})
	return &sns.TagResourceOutput{}, noResource(err)
}

// UntagResource removes tags of a topic.
func (s *Service) UntagResource(ctx context.Context, in *sns.UntagResourceInput) (*sns.UntagResourceOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		t, err := topicTx(tx, aws.ToString(in.ResourceArn))
		if err != nil {
			return err
		}
		return tag.Remove(tx, t.arn, in.TagKeys)
	})
	return &sns.UntagResourceOutput{}, noResource(err)
}

// ListTagsForResource lists the tags of a topic.
func (s *Service) ListTagsForResource(ctx context.Context, in *sns.ListTagsForResourceInput) (*sns.ListTagsForResourceOutput, error) {
	out := &sns.ListTagsForResourceOutput{}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		t, err := topicTx(tx, aws.ToString(in.ResourceArn))
		if err != nil {
			return err
		}
		has, err := tag.Of(tx, t.arn)
		out.Tags = tag.List(has, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} })
		return err
	})
	return out, noResource(err)
}
