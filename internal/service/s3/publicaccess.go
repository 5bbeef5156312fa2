package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
)

// GetPublicAccessBlock answers what of a bucket may not be public.
func (s *Service) GetPublicAccessBlock(ctx context.Context, in *s3.GetPublicAccessBlockInput) (*s3.GetPublicAccessBlockOutput, error) {
	doc, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Block, nil)
	if err != nil {
		return nil, err
	}
	if doc.Set && doc.Text == "" {
		return nil, fault.New(404, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found",
			"BucketName", aws.ToString(in.Bucket))
	}
	c, err := setting.BlockOf(doc)
	return &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: &c}, err
}

// PutPublicAccessBlock replaces it. What is not named is off.
func (s *Service) PutPublicAccessBlock(ctx context.Context, in *s3.PutPublicAccessBlockInput) (*s3.PutPublicAccessBlockOutput, error) {
	c := in.PublicAccessBlockConfiguration
	if c == nil {
		return nil, malformedXML()
	}
	full := types.PublicAccessBlockConfiguration{BlockPublicAcls: sure(c.BlockPublicAcls), IgnorePublicAcls: sure(c.IgnorePublicAcls),
		BlockPublicPolicy: sure(c.BlockPublicPolicy), RestrictPublicBuckets: sure(c.RestrictPublicBuckets)}
	return &s3.PutPublicAccessBlockOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Block, full, nil)
}

func sure(b *bool) *bool { return aws.Bool(aws.ToBool(b)) }

// DeletePublicAccessBlock removes it.
func (s *Service) DeletePublicAccessBlock(
	ctx context.Context, in *s3.DeletePublicAccessBlockInput,
) (*s3.DeletePublicAccessBlockOutput, error) {
	return &s3.DeletePublicAccessBlockOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Block, nil, nil)
}
