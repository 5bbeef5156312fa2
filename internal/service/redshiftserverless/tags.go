package redshiftserverless

import (
	"context"
	"maps"

	"penstock/internal/api"
	"penstock/internal/meta/tag"
	"penstock/internal/warehouse"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless/types"
)

func tagMap(in []types.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range in {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// change edits the tags of the resource with this ARN.
func (s *Service) change(ctx context.Context, resource *string, edit func(map[string]string)) error {
	namespaces, err := s.w.Namespaces(ctx, "", 1000)
	if err != nil {
		return err
	}
	for _, n := range namespaces {
		if n.ARN == aws.ToString(resource) {
			_, err := s.w.ChangeNamespace(ctx, n.Name, "", func(n *warehouse.Namespace) { n.Tags = edited(n.Tags, edit) })
			return mapped(err, n.Name)
		}
	}
	groups, err := s.w.Workgroups(ctx, "", 1000)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.ARN == aws.ToString(resource) {
			_, err := s.w.ChangeWorkgroup(ctx, g.Name, func(g *warehouse.Workgroup) { g.Tags = edited(g.Tags, edit) })
			return mapped(err, g.Name)
		}
	}
	return api.Errorf(notFound, "The resource %s was not found.", aws.ToString(resource))
}

func edited(tags map[string]string, edit func(map[string]string)) map[string]string {
	if tags == nil {
		tags = map[string]string{}
	}
	edit(tags)
	return tags
}

// TagResource adds tags, or gives them new values.
func (s *Service) TagResource(ctx context.Context, in *redshiftserverless.TagResourceInput) (*redshiftserverless.TagResourceOutput, error) {
	return &redshiftserverless.TagResourceOutput{}, s.change(ctx, in.ResourceArn, func(t map[string]string) { maps.Copy(t, tagMap(in.Tags)) })
}

// UntagResource removes tags.
func (s *Service) UntagResource(ctx context.Context, in *redshiftserverless.UntagResourceInput) (*redshiftserverless.UntagResourceOutput, error) {
	return &redshiftserverless.UntagResourceOutput{}, s.change(ctx, in.ResourceArn, func(t map[string]string) {
		for _, k := range in.TagKeys {
			delete(t, k)
		}
	})
}

// ListTagsForResource lists tags by key.
func (s *Service) ListTagsForResource(ctx context.Context, in *redshiftserverless.ListTagsForResourceInput) (*redshiftserverless.ListTagsForResourceOutput, error) {
	tags, err := s.tagsOf(ctx, aws.ToString(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	return &redshiftserverless.ListTagsForResourceOutput{Tags: tag.List(tags, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} })}, nil
}

func (s *Service) tagsOf(ctx context.Context, resource string) (map[string]string, error) {
	namespaces, err := s.w.Namespaces(ctx, "", 1000)
	if err != nil {
		return nil, err
	}
	for _, n := range namespaces {
		if n.ARN == resource {
			return n.Tags, nil
		}
	}
	groups, err := s.w.Workgroups(ctx, "", 1000)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if g.ARN == resource {
			return g.Tags, nil
		}
	}
	return nil, api.Errorf(notFound, "The resource %s was not found.", resource)
}
