package s3

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/service/s3/setting"
)

// GetBucketAccelerateConfiguration answers whether transfers are accelerated; a bucket that was never asked to has no status.
func (s *Service) GetBucketAccelerateConfiguration(
	ctx context.Context, in *s3.GetBucketAccelerateConfigurationInput,
) (*s3.GetBucketAccelerateConfigurationOutput, error) {
	out := &s3.GetBucketAccelerateConfigurationOutput{}
	_, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Accelerate, &out.Status)
	return out, err
}

// PutBucketAccelerateConfiguration keeps that transfers are not accelerated; there is no other network here to accelerate them by.
func (s *Service) PutBucketAccelerateConfiguration(
	ctx context.Context, in *s3.PutBucketAccelerateConfigurationInput,
) (*s3.PutBucketAccelerateConfigurationOutput, error) {
	var status types.BucketAccelerateStatus
	if c := in.AccelerateConfiguration; c != nil {
		status = c.Status
	}
	switch {
	case !slices.Contains(status.Values(), status):
		return nil, malformedXML()
	case status == types.BucketAccelerateStatusEnabled:
		return nil, notYet("transfer acceleration")
	}
	return &s3.PutBucketAccelerateConfigurationOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Accelerate, status, nil)
}
