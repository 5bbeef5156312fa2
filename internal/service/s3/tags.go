package s3

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
)

// Limits of tags: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html.
const (
	maxBucketTags = 50
	maxObjectTags = 10
	maxTagKey     = 128
	maxTagValue   = 256
)

// systemTag begins the keys of tags that AWS gives itself.
const systemTag = "aws:"

// firstTags checks the tags that a bucket is made with, whose system keys have words of their own.
func firstTags(tags []types.Tag) (map[string]string, error) {
	if slices.ContainsFunc(tags, func(t types.Tag) bool { return strings.HasPrefix(aws.ToString(t.Key), systemTag) }) {
		return nil, fail(400, "InvalidTag",
			`User-defined tag keys can't start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.`)
	}
	return tagMap(tags, maxBucketTags)
}

// tagMap checks a tag set.
func tagMap(tags []types.Tag, limit int) (map[string]string, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	if len(tags) > limit {
		if limit == maxObjectTags {
			return nil, fail(400, "BadRequest", "Object tags cannot be greater than 10")
		}
		return nil, fail(400, "BadRequest", "Bucket tag count cannot be greater than 50")
	}
	m := map[string]string{}
	for _, t := range tags {
		k, v := aws.ToString(t.Key), aws.ToString(t.Value)
		if limit == maxObjectTags && strings.HasPrefix(k, systemTag) {
			return nil, fail(400, "InvalidTag", "Your TagKey cannot be prefixed with aws:", "TagKey", k)
		}
		if err := checkTag(k, v); err != nil {
			return nil, err
		}
		if _, twice := m[k]; twice {
			return nil, fail(400, "InvalidTag", "Cannot provide multiple Tags with the same key", "TagKey", k)
		}
		m[k] = v
	}
	return m, nil
}

func checkTag(key, value string) error {
	if strings.HasPrefix(key, systemTag) {
		return fail(400, "InvalidTag", "System tags cannot be added/updated by requester", "TagKey", key)
	}
	if n := utf8.RuneCountInString(key); n < 1 || n > maxTagKey || !tagText(key) {
		return fail(400, "InvalidTag", "The TagKey you have provided is invalid", "TagKey", key)
	}
	if utf8.RuneCountInString(value) > maxTagValue || !tagText(value) {
		return fail(400, "InvalidTag", "The TagValue you have provided is invalid", "TagKey", key, "TagValue", value)
	}
	return nil
}

// tagText reports whether a text has only the characters of tags: letters, digits, spaces and _ . : / = + - @.
func tagText(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool {
		return !unicode.In(c, unicode.L, unicode.N, unicode.Z) && !strings.ContainsRune("_.:/=+-@", c)
	})
}

// headerTags reads the x-amz-tagging header: tags as a query string.
func headerTags(text *string) (map[string]string, error) {
	if aws.ToString(text) == "" {
		return nil, nil
	}
	q, err := url.ParseQuery(*text)
	var tags []types.Tag
	for k, vs := range q {
		tags = append(tags, types.Tag{Key: aws.String(k), Value: aws.String(vs[0])})
		if k == "" || len(vs) > 1 {
			err = errors.Join(err, errors.New("no name, or one twice"))
		}
	}
	if err != nil {
		return nil, invalid("x-amz-tagging", *text,
			"The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	return tagMap(tags, maxObjectTags)
}

func tagSet(m map[string]string) []types.Tag {
	out := []types.Tag{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(m[k])})
	}
	return out
}

// PutBucketTagging replaces a bucket's tags.
func (s *Service) PutBucketTagging(ctx context.Context, in *s3.PutBucketTaggingInput) (*s3.PutBucketTaggingOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	var set []types.Tag
	if in.Tagging != nil {
		set = in.Tagging.TagSet
	}
	tags, err := tagMap(set, maxBucketTags)
	if err != nil {
		return nil, err
	}
	err = s.objects.SetTags(ctx, aws.ToString(in.Bucket), tags)
	return &s3.PutBucketTaggingOutput{}, target{bucket: aws.ToString(in.Bucket)}.mapped(err)
}

// GetBucketTagging answers a bucket's tags.
func (s *Service) GetBucketTagging(ctx context.Context, in *s3.GetBucketTaggingInput) (*s3.GetBucketTaggingOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	if len(b.Tags) == 0 {
		return nil, fail(404, "NoSuchTagSet", "The TagSet does not exist", "BucketName", b.Name)
	}
	return &s3.GetBucketTaggingOutput{TagSet: tagSet(b.Tags)}, nil
}

// DeleteBucketTagging removes a bucket's tags.
func (s *Service) DeleteBucketTagging(ctx context.Context, in *s3.DeleteBucketTaggingInput) (*s3.DeleteBucketTaggingOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	err := s.objects.SetTags(ctx, aws.ToString(in.Bucket), nil)
	return &s3.DeleteBucketTaggingOutput{}, target{bucket: aws.ToString(in.Bucket)}.mapped(err)
}

// PutObjectTagging replaces the tags of a version.
func (s *Service) PutObjectTagging(ctx context.Context, in *s3.PutObjectTaggingInput) (*s3.PutObjectTaggingOutput, error) {
	var set []types.Tag
	if in.Tagging != nil {
		set = in.Tagging.TagSet
	}
	tags, err := tagMap(set, maxObjectTags)
	if err != nil {
		return nil, err
	}
	i, err := s.setTags(ctx, in.Bucket, in.Key, in.VersionId, in.ExpectedBucketOwner, tags)
	return &s3.PutObjectTaggingOutput{VersionId: versionOf(i)}, err
}

// DeleteObjectTagging removes the tags of a version.
func (s *Service) DeleteObjectTagging(ctx context.Context, in *s3.DeleteObjectTaggingInput) (*s3.DeleteObjectTaggingOutput, error) {
	i, err := s.setTags(ctx, in.Bucket, in.Key, in.VersionId, in.ExpectedBucketOwner, nil)
	return &s3.DeleteObjectTaggingOutput{VersionId: versionOf(i)}, err
}

func (s *Service) setTags(ctx context.Context, bucket, key, version, owner *string, tags map[string]string) (object.Info, error) {
	if err := s.expect(owner); err != nil {
		return object.Info{}, err
	}
	t := target{bucket: aws.ToString(bucket), key: aws.ToString(key), version: aws.ToString(version)}
	i, err := s.objects.SetObjectTags(ctx, t.bucket, t.key, t.version, tags)
	return i, t.mapped(err)
}

// GetObjectTagging answers the tags of a version; none is an empty set.
func (s *Service) GetObjectTagging(ctx context.Context, in *s3.GetObjectTaggingInput) (*s3.GetObjectTaggingOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId)}
	i, err := s.objects.Head(ctx, t.bucket, t.key, t.version, object.Conditions{})
	if err != nil {
		return nil, t.mapped(err)
	}
	return &s3.GetObjectTaggingOutput{TagSet: tagSet(i.Tags), VersionId: versionOf(i)}, nil
}
