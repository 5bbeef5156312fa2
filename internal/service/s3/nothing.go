package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/service/s3/fault"
)

// nothingOps are changes of settings that no bucket here can have, where the change leaves it so: a removal, an empty document, the value
// that holds anyway. All else is refused by name.
func (s *Service) nothingOps() []api.Op {
	owner := api.Honours("Bucket", "ExpectedBucketOwner")
	return []api.Op{
		api.Handle(s.DeleteBucketWebsite, owner),
		api.Handle(s.DeleteBucketReplication, owner),
		api.Handle(s.DeleteBucketLifecycle, owner),
		api.Handle(s.PutBucketNotificationConfiguration, owner,
			api.Inert("SkipDestinationValidation", "there is no destination"), api.Honours("NotificationConfiguration")),
		api.Handle(s.PutBucketRequestPayment, owner, body, api.Honours("RequestPaymentConfiguration.Payer")),
		api.Handle(s.PutBucketLogging, owner, body, api.Honours("BucketLoggingStatus")),
	}
}

func (s *Service) found(ctx context.Context, bucket, owner *string) error {
	_, err := s.bucket(ctx, bucket, owner)
	return err
}

// DeleteBucketWebsite removes none.
func (s *Service) DeleteBucketWebsite(ctx context.Context, in *s3.DeleteBucketWebsiteInput) (*s3.DeleteBucketWebsiteOutput, error) {
	return &s3.DeleteBucketWebsiteOutput{}, s.found(ctx, in.Bucket, in.ExpectedBucketOwner)
}

// DeleteBucketReplication removes none.
func (s *Service) DeleteBucketReplication(
	ctx context.Context, in *s3.DeleteBucketReplicationInput,
) (*s3.DeleteBucketReplicationOutput, error) {
	return &s3.DeleteBucketReplicationOutput{}, s.found(ctx, in.Bucket, in.ExpectedBucketOwner)
}

// DeleteBucketLifecycle removes none.
func (s *Service) DeleteBucketLifecycle(ctx context.Context, in *s3.DeleteBucketLifecycleInput) (*s3.DeleteBucketLifecycleOutput, error) {
	return &s3.DeleteBucketLifecycleOutput{}, s.found(ctx, in.Bucket, in.ExpectedBucketOwner)
}

// PutBucketNotificationConfiguration accepts an empty configuration.
func (s *Service) PutBucketNotificationConfiguration(
	ctx context.Context, in *s3.PutBucketNotificationConfigurationInput,
) (*s3.PutBucketNotificationConfigurationOutput, error) {
	var asks []string
	if c := in.NotificationConfiguration; c != nil {
		for name, set := range map[string]bool{"EventBridgeConfiguration": c.EventBridgeConfiguration != nil,
			"LambdaFunctionConfigurations": len(c.LambdaFunctionConfigurations) > 0,
			"QueueConfigurations":          len(c.QueueConfigurations) > 0, "TopicConfigurations": len(c.TopicConfigurations) > 0} {
			if set {
				asks = append(asks, name)
			}
		}
	}
	if len(asks) > 0 {
		return nil, notYet("PutBucketNotificationConfiguration with " + strings.Join(asks, ", "))
	}
	return &s3.PutBucketNotificationConfigurationOutput{}, s.found(ctx, in.Bucket, in.ExpectedBucketOwner)
}

func notYet(what string) error {
	return fault.New(501, "NotImplemented", "Penstock does not support "+what+" yet")
}

// PutBucketRequestPayment accepts that the owner pays.
func (s *Service) PutBucketRequestPayment(
	ctx context.Context, in *s3.PutBucketRequestPaymentInput,
) (*s3.PutBucketRequestPaymentOutput, error) {
	if in.RequestPaymentConfiguration == nil || in.RequestPaymentConfiguration.Payer == "" {
		return nil, malformedXML()
	}
	if p := in.RequestPaymentConfiguration.Payer; p != types.PayerBucketOwner {
		return nil, notYet("the payer " + string(p))
	}
	return &s3.PutBucketRequestPaymentOutput{}, s.found(ctx, in.Bucket, in.ExpectedBucketOwner)
}

// PutBucketLogging accepts that nothing is logged.
func (s *Service) PutBucketLogging(ctx context.Context, in *s3.PutBucketLoggingInput) (*s3.PutBucketLoggingOutput, error) {
	if in.BucketLoggingStatus == nil {
		return nil, malformedXML()
	}
	if in.BucketLoggingStatus.LoggingEnabled != nil {
		return nil, notYet("PutBucketLogging with a target")
	}
	return &s3.PutBucketLoggingOutput{}, s.found(ctx, in.Bucket, in.ExpectedBucketOwner)
}
