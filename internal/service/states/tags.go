package states

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/internal/meta"
)

func putTags(tx *meta.Tx, resource string, tags []types.Tag) error {
	for _, t := range tags {
		if _, err := tx.Exec(`INSERT INTO states_tag (arn, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
			resource, aws.ToString(t.Key), aws.ToString(t.Value)); err != nil {
			return err
		}
	}
	return nil
}

// tagged checks that a resource with tags exists.
func tagged(tx *meta.Tx, resource string) error {
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
		if err := tagged(tx, resource); err != nil {
			return err
		}
		if err := putTags(tx, resource, in.Tags); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(`SELECT count(*) FROM states_tag WHERE arn = ?`, resource).Scan(&n); err != nil {
			return err
		}
		if n > maxTags {
			return tooManyTags(resource)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sfn.TagResourceOutput{}, nil
}

// UntagResource removes tags of a machine.
func (s *Service) UntagResource(ctx context.Context, in *sfn.UntagResourceInput) (*sfn.UntagResourceOutput, error) {
	resource := aws.ToString(in.ResourceArn)
	err := s.update(ctx, func(tx *meta.Tx) error {
		if err := tagged(tx, resource); err != nil {
			return err
		}
		for _, k := range in.TagKeys {
			if _, err := tx.Exec(`DELETE FROM states_tag WHERE arn = ? AND key = ?`, resource, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sfn.UntagResourceOutput{}, nil
}

// ListTagsForResource lists the tags of a machine by key.
func (s *Service) ListTagsForResource(ctx context.Context, in *sfn.ListTagsForResourceInput) (*sfn.ListTagsForResourceOutput, error) {
	resource := aws.ToString(in.ResourceArn)
	out := &sfn.ListTagsForResourceOutput{Tags: []types.Tag{}}
	err := s.view(ctx, func(tx *meta.Tx) error {
		if err := tagged(tx, resource); err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT key, value FROM states_tag WHERE arn = ? ORDER BY key`, resource)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k, v string
			if err := rows.Scan(&k, &v); err != nil {
				return err
			}
			out.Tags = append(out.Tags, types.Tag{Key: &k, Value: &v})
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
