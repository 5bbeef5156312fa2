package ssm

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

func tagMap(tags []types.Tag) map[string]string {
	return tag.Map(tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
}

// tagged words what the rules of tags refuse.
func tagged(err error) error {
	var p *tag.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.TooMany:
		return api.Errorf("TooManyTagsError", "The Targets parameter includes too many tags. Remove one or more tags and try the command again.")
	case p.Reserved:
		return invalid("Tag keys cannot start with 'aws:'.")
	}
	return invalid("The tag %s is not valid.", p.Key)
}

// resource reads the parameter whose tags are meant and returns its ARN.
func (s *Service) resource(tx *meta.Tx, kind types.ResourceTypeForTagging, id *string) (string, error) {
	if kind != types.ResourceTypeForTaggingParameter {
		return "", api.Errorf("InvalidResourceType", "Penstock does not support tags of the resource type %s yet", kind)
	}
	sel := selector{key: keyOf(aws.ToString(id)), shown: aws.ToString(id)}
	if _, err := s.find(tx, sel); api.Code(err) == "ParameterNotFound" {
		return "", api.Errorf("InvalidResourceId", "The resource ID is not valid. Verify that you entered the correct ID and try again.")
	} else if err != nil {
		return "", err
	}
	return s.arn(sel.key), nil
}

// AddTagsToResource adds tags to a parameter, or gives them new values.
func (s *Service) AddTagsToResource(ctx context.Context, in *ssm.AddTagsToResourceInput) (*ssm.AddTagsToResourceOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		arn, err := s.resource(tx, in.ResourceType, in.ResourceId)
		if err != nil {
			return err
		}
		return tagged(tag.Add(tx, arn, tagMap(in.Tags)))
	})
	return &ssm.AddTagsToResourceOutput{}, err
}

// RemoveTagsFromResource removes tags of a parameter.
func (s *Service) RemoveTagsFromResource(
	ctx context.Context, in *ssm.RemoveTagsFromResourceInput,
) (*ssm.RemoveTagsFromResourceOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		arn, err := s.resource(tx, in.ResourceType, in.ResourceId)
		if err != nil {
			return err
		}
		return tag.Remove(tx, arn, in.TagKeys)
	})
	return &ssm.RemoveTagsFromResourceOutput{}, err
}

// ListTagsForResource lists the tags of a parameter by key.
func (s *Service) ListTagsForResource(ctx context.Context, in *ssm.ListTagsForResourceInput) (*ssm.ListTagsForResourceOutput, error) {
	out := &ssm.ListTagsForResourceOutput{}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		arn, err := s.resource(tx, in.ResourceType, in.ResourceId)
		if err != nil {
			return err
		}
		tags, err := tag.Of(tx, arn)
		out.TagList = tag.List(tags, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} })
		return err
	})
	return out, err
}
