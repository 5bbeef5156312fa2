package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
)

// schema moves tags that package logstore kept before package meta/tag did: it does not know the account that their ARNs name.
func (s *Service) schema() meta.Schema {
	return meta.Schema{Name: "log-tags", Migrations: []string{fmt.Sprintf(`
INSERT INTO tag_row (arn, key, value) SELECT 'arn:aws:logs:us-east-1:%s:log-group:' || name, key, value FROM log_group_tags;
DROP TABLE log_group_tags;
`, s.Account)}}
}

// tagged returns the ARN of the group that a request names by its ARN.
func (s *Service) tagged(tx *meta.Tx, resource *string) (string, error) {
	text := aws.ToString(resource)
	if !strings.HasPrefix(text, "arn:") || strings.HasSuffix(text, ":*") { // what DescribeLogGroups calls LogGroupArn is meant, not Arn
		return "", api.Errorf("ValidationException", "Invalid resourceArn")
	}
	name, err := s.nameOfARN(text)
	if err != nil {
		return "", err
	}
	_, err = s.store.GroupTx(tx, name)
	return s.groupARN(name), mapped(err)
}

// addTags gives a group tags, in place of those with the same keys. most is the code of the refusal of too many.
func addTags(tx *meta.Tx, group string, tags map[string]string, most string) error {
	err := tag.Add(tx, group, tags)
	var p *tag.Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.TooMany:
		return api.Errorf(most, "A resource can have no more than %d tags.", tag.Most)
	case p.Reserved:
		return api.Errorf(invalidParameter, "The tag key %s is reserved: keys cannot begin with aws:.", p.Key)
	}
	return api.Errorf(invalidParameter, "The tag key %s or its value has a length or a character that is not allowed.", p.Key)
}

// TagResource adds tags to a group.
func (s *Service) TagResource(ctx context.Context, in *cloudwatchlogs.TagResourceInput) (*cloudwatchlogs.TagResourceOutput, error) {
	return &cloudwatchlogs.TagResourceOutput{}, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		group, err := s.tagged(tx, in.ResourceArn)
		if err != nil {
			return err
		}
		return addTags(tx, group, in.Tags, tooManyTags)
	})
}

// UntagResource removes tags of a group.
func (s *Service) UntagResource(ctx context.Context, in *cloudwatchlogs.UntagResourceInput) (*cloudwatchlogs.UntagResourceOutput, error) {
	return &cloudwatchlogs.UntagResourceOutput{}, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		group, err := s.tagged(tx, in.ResourceArn)
		if err != nil {
			return err
		}
		return tag.Remove(tx, group, in.TagKeys)
	})
}

// ListTagsForResource lists the tags of a group.
func (s *Service) ListTagsForResource(ctx context.Context,
	in *cloudwatchlogs.ListTagsForResourceInput) (*cloudwatchlogs.ListTagsForResourceOutput, error) {
	out := &cloudwatchlogs.ListTagsForResourceOutput{}
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		group, err := s.tagged(tx, in.ResourceArn)
		if err != nil {
			return err
		}
		out.Tags, err = tag.Of(tx, group)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
