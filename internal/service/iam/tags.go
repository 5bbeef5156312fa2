package iam

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"penstock/internal/meta"
)

func tagMap(tags []types.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

func sdkTags(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return out
}

// TagRole adds tags to a role.
func (s *Service) TagRole(ctx context.Context, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	err := s.editRole(ctx, in.RoleName, func(_ *meta.Tx, r *role) error {
		maps.Copy(r.Tags, tagMap(in.Tags))
		return nil
	})
	return &iam.TagRoleOutput{}, err
}

// UntagRole removes tags of a role.
func (s *Service) UntagRole(ctx context.Context, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	err := s.editRole(ctx, in.RoleName, func(_ *meta.Tx, r *role) error {
		for _, k := range in.TagKeys {
			delete(r.Tags, k)
		}
		return nil
	})
	return &iam.UntagRoleOutput{}, err
}

// ListRoleTags lists the tags of a role by key.
func (s *Service) ListRoleTags(ctx context.Context, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	p, err := newPage(in.Marker, in.MaxItems, "tags", aws.ToString(in.RoleName))
	if err != nil {
		return nil, err
	}
	r, err := s.viewRole(ctx, in.RoleName)
	out := &iam.ListRoleTagsOutput{Tags: []types.Tag{}}
	for _, t := range sdkTags(r.Tags) {
		if *t.Key <= p.After && p.After != "" {
			continue
		}
		if !p.Take(*t.Key) {
			break
		}
		out.Tags = append(out.Tags, t)
	}
	out.IsTruncated, out.Marker = p.More(), p.Next()
	return out, err
}
