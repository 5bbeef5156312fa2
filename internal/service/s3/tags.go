package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/tagging"
)

// PutBucketTagging replaces a bucket's tags.
func (s *Service) PutBucketTagging(ctx context.Context, in *s3.PutBucketTaggingInput) (*s3.PutBucketTaggingOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	var set []types.Tag
	if in.Tagging != nil {
		set = in.Tagging.TagSet
	}
	tags, err := tagging.Map(set, tagging.MaxBucket)
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
		return nil, fault.New(404, "NoSuchTagSet", "The TagSet does not exist", "BucketName", b.Name)
	}
	return &s3.GetBucketTaggingOutput{TagSet: tagging.Set(b.Tags)}, nil
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
	tags, err := tagging.Map(set, tagging.MaxObject)
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
	return &s3.GetObjectTaggingOutput{TagSet: tagging.Set(i.Tags), VersionId: versionOf(i)}, nil
}
