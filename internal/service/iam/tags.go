package iam

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/meta/tag"
)

// roleTags reads the tags of a request for a role, whose keys are the same in any size of letters.
func roleTags(list []types.Tag) (map[string]string, error) {
	return distinct(list, strings.ToLower, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

func policyTags(list []types.Tag) (map[string]string, error) {
	return distinct(list, strings.Clone, "Duplicate tag keys found.")
}

func distinct(list []types.Tag, same func(string) string, refusal string) (map[string]string, error) {
	tags, seen := tag.Map(list, func(t types.Tag) (key, value *string) { return t.Key, t.Value }), map[string]bool{}
	for k := range tags {
		seen[same(k)] = true
	}
	if len(seen) < len(list) {
		return nil, input(refusal)
	}
	return tags, nil
}

func sdkTags(tags map[string]string) []types.Tag {
	if len(tags) == 0 {
		return nil
	}
	return tag.List(tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
}

// addTags gives a resource tags, or refuses them in IAM's words. Lengths and characters have been checked by the members' constraints.
func addTags(tx *meta.Tx, arn string, tags map[string]string) error {
	err := tag.Add(tx, arn, tags)
	var p *tag.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.TooMany:
		return limit("The number of tags has reached the maximum limit.")
	case p.Reserved:
		return input("aws: prefixed tag key names are not allowed for external use.")
	}
	return input(p.Error())
}

// dropTags takes the tags of a role away that have one of the keys, in any size of letters.
func dropTags(tx *meta.Tx, arn string, keys []string) error {
	have, err := tag.Of(tx, arn)
	if err != nil {
		return err
	}
	var gone []string
	for k := range have {
		for _, want := range keys {
			if strings.EqualFold(k, want) {
				gone = append(gone, k)
			}
		}
	}
	return tag.Remove(tx, arn, gone)
}

// TagRole adds tags to a role, in place of those with the same keys.
func (s *Service) TagRole(ctx context.Context, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	tags, err := roleTags(in.Tags)
	if err != nil {
		return nil, err
	}
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := s.role(tx, in.RoleName)
		if err != nil {
			return err
		}
		var keys []string
		for k := range tags {
			keys = append(keys, k)
		}
		if err := dropTags(tx, r.ARN, keys); err != nil {
			return err
		}
		return addTags(tx, r.ARN, tags)
	})
	return &iam.TagRoleOutput{}, err
}

// UntagRole removes tags of a role.
func (s *Service) UntagRole(ctx context.Context, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		r, err := s.role(tx, in.RoleName)
		if err != nil {
			return err
		}
		return dropTags(tx, r.ARN, in.TagKeys)
	})
	return &iam.UntagRoleOutput{}, err
}

// ListRoleTags lists the tags of a role by key.
func (s *Service) ListRoleTags(ctx context.Context, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	p, err := newPage(in.Marker, in.MaxItems, "tags", aws.ToString(in.RoleName))
	if err != nil {
		return nil, err
	}
	out := &iam.ListRoleTagsOutput{Tags: []types.Tag{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		r, err := s.role(tx, in.RoleName)
		if err != nil {
			return err
		}
		tags, err := tag.Of(tx, r.ARN)
		out.Tags = append(out.Tags, page.Of(p, sdkTags(tags), func(t types.Tag) string { return *t.Key })...)
		return err
	})
	out.IsTruncated, out.Marker = p.More(), p.Next()
	return out, err
}
