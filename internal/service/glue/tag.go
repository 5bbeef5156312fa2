package glue

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
)

func (s *Service) tagOps() []api.Op {
	return []api.Op{
		api.Handle(s.GetTags, api.Honours("ResourceArn")),
		api.Handle(s.TagResource, api.Honours("ResourceArn", "TagsToAdd")),
		api.Handle(s.UntagResource, api.Honours("ResourceArn", "TagsToRemove")),
	}
}

// maxTags is how many tags a resource may have.
const maxTags = 50

// putTags adds tags to a resource in the transaction that makes or changes it.
func putTags(tx *meta.Tx, arn string, tags map[string]string) error {
	for k, v := range tags {
		if strings.HasPrefix(k, "aws:") {
			return api.Errorf(codeInvalid, "Tag key %s is reserved: keys cannot start with aws:", k)
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO glue_tag (arn, key, value) VALUES (?, ?, ?)", arn, k, v); err != nil {
			return err
		}
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM glue_tag WHERE arn = ?", arn).Scan(&n); err != nil {
		return err
	}
	if n > maxTags {
		return api.Errorf("ResourceNumberLimitExceededException", "A resource can have at most %d tags", maxTags)
	}
	return nil
}

// dropTags removes all tags of a resource that is deleted.
func dropTags(tx *meta.Tx, arn string) error {
	_, err := tx.Exec("DELETE FROM glue_tag WHERE arn = ?", arn)
	return err
}

// dropTagsBelow removes the tags of all resources whose ARNs begin with prefix, which ends in "/".
func dropTagsBelow(tx *meta.Tx, prefix string) error {
	_, err := tx.Exec("DELETE FROM glue_tag WHERE arn >= ? AND arn < ?", prefix, strings.TrimSuffix(prefix, "/")+"0")
	return err
}

func tagsTx(tx *meta.Tx, arn string) (map[string]string, error) {
	rows, err := tx.Query("SELECT key, value FROM glue_tag WHERE arn = ?", arn)
	if err != nil {
		return nil, err
	}
	return scanTags(rows)
}

func scanTags(rows *sql.Rows) (map[string]string, error) {
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out[k] = v
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// taggable says whether an ARN names a resource that exists here.
func (s *Service) taggable(ctx context.Context, text string) error {
	a, err := arn.Parse(text)
	if err != nil || a.Service != "glue" || a.Account != s.Account || a.Region != s.Region {
		return api.Errorf(codeInvalid, "Resource ARN %s is not one of this account and region", text)
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "database":
		_, err = s.Catalog.Database(ctx, name)
	case "table":
		database, table, _ := strings.Cut(name, "/")
		_, err = s.Catalog.Table(ctx, database, table)
	case "crawler":
		_, err = s.Crawls.Crawler(ctx, name)
	case "dataQualityRuleset":
		_, err = s.ruleset(ctx, name)
	case "job":
		err = s.jobExists(ctx, name)
	default:
		err = api.Errorf(codeInvalid, "Penstock does not support tags of %s resources yet", kind)
	}
	return awsError(err)
}

// jobExists says whether there is a job of the name.
func (s *Service) jobExists(ctx context.Context, name string) error {
	_, err := s.Jobs.Definition(ctx, name)
	return jobError(err, name)
}

// GetTags shows the tags of a resource.
func (s *Service) GetTags(ctx context.Context, in *glue.GetTagsInput) (*glue.GetTagsOutput, error) {
	if err := s.taggable(ctx, deref(in.ResourceArn)); err != nil {
		return nil, err
	}
	out := &glue.GetTagsOutput{}
	err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		out.Tags, err = tagsTx(tx, *in.ResourceArn)
		return err
	})
	return out, err
}

// TagResource adds or replaces tags.
func (s *Service) TagResource(ctx context.Context, in *glue.TagResourceInput) (*glue.TagResourceOutput, error) {
	if err := s.taggable(ctx, deref(in.ResourceArn)); err != nil {
		return nil, err
	}
	if err := s.Meta.Update(ctx, func(tx *meta.Tx) error { return putTags(tx, *in.ResourceArn, in.TagsToAdd) }); err != nil {
		return nil, err
	}
	return &glue.TagResourceOutput{}, nil
}

// UntagResource removes tags; keys that are not there do not matter.
func (s *Service) UntagResource(ctx context.Context, in *glue.UntagResourceInput) (*glue.UntagResourceOutput, error) {
	if err := s.taggable(ctx, deref(in.ResourceArn)); err != nil {
		return nil, err
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		for _, k := range in.TagsToRemove {
			if _, err := tx.Exec("DELETE FROM glue_tag WHERE arn = ? AND key = ?", *in.ResourceArn, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &glue.UntagResourceOutput{}, nil
}
