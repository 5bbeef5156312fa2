package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/service/s3/fault"
)

// absentOps are reads of settings that no bucket here can have: Terraform, CloudFormation and the console ask for them all. The
// operations that would make such a setting are not served.
func (s *Service) absentOps() []api.Op {
	owner := api.Honours("Bucket", "ExpectedBucketOwner")
	return []api.Op{
		api.Handle(s.GetBucketWebsite, owner),
		api.Handle(s.GetBucketLifecycleConfiguration, owner),
		api.Handle(s.GetBucketReplication, owner),
		api.Handle(s.GetBucketLogging, owner),
		api.Handle(s.GetBucketNotificationConfiguration, owner),
		api.Handle(s.GetBucketRequestPayment, owner),
	}
}

// absent answers 404 with the code of a setting that a bucket does not have.
func (s *Service) absent(ctx context.Context, bucket, owner *string, code, message string) error {
	if _, err := s.bucket(ctx, bucket, owner); err != nil {
		return err
	}
	return fault.New(404, code, message, "BucketName", aws.ToString(bucket))
}

// GetBucketWebsite answers that there is none.
func (s *Service) GetBucketWebsite(ctx context.Context, in *s3.GetBucketWebsiteInput) (*s3.GetBucketWebsiteOutput, error) {
	return nil, s.absent(ctx, in.Bucket, in.ExpectedBucketOwner, "NoSuchWebsiteConfiguration",
		"The specified bucket does not have a website configuration")
}

// GetBucketLifecycleConfiguration answers that there is none.
func (s *Service) GetBucketLifecycleConfiguration(
	ctx context.Context, in *s3.GetBucketLifecycleConfigurationInput,
) (*s3.GetBucketLifecycleConfigurationOutput, error) {
	return nil, s.absent(ctx, in.Bucket, in.ExpectedBucketOwner, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
}

// GetBucketReplication answers that there is none.
func (s *Service) GetBucketReplication(ctx context.Context, in *s3.GetBucketReplicationInput) (*s3.GetBucketReplicationOutput, error) {
	return nil, s.absent(ctx, in.Bucket, in.ExpectedBucketOwner, "ReplicationConfigurationNotFoundError",
		"The replication configuration was not found")
}

// GetBucketLogging answers that there is none.
func (s *Service) GetBucketLogging(ctx context.Context, in *s3.GetBucketLoggingInput) (*s3.GetBucketLoggingOutput, error) {
	_, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	return &s3.GetBucketLoggingOutput{}, err
}

// GetBucketNotificationConfiguration answers that there is none.
func (s *Service) GetBucketNotificationConfiguration(
	ctx context.Context, in *s3.GetBucketNotificationConfigurationInput,
) (*s3.GetBucketNotificationConfigurationOutput, error) {
	_, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	return &s3.GetBucketNotificationConfigurationOutput{}, err
}

// GetBucketRequestPayment answers that the owner pays.
func (s *Service) GetBucketRequestPayment(
	ctx context.Context, in *s3.GetBucketRequestPaymentInput,
) (*s3.GetBucketRequestPaymentOutput, error) {
	_, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	return &s3.GetBucketRequestPaymentOutput{Payer: types.PayerBucketOwner}, err
}
