package s3

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object/settings"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
)

// ownership reads it after the caller's expectation of the bucket's owner.
func (s *Service) ownership(ctx context.Context, bucket, owner *string) (types.ObjectOwnership, error) {
	doc, err := s.setting(ctx, bucket, owner, setting.Ownership, nil)
	if err != nil {
		return "", err
	}
	return setting.OwnershipOf(doc)
}

// GetBucketOwnershipControls answers who owns a bucket's objects.
func (s *Service) GetBucketOwnershipControls(
	ctx context.Context, in *s3.GetBucketOwnershipControlsInput,
) (*s3.GetBucketOwnershipControlsOutput, error) {
	doc, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Ownership, nil)
	if err != nil {
		return nil, err
	}
	if doc.Set && doc.Text == "" {
		return nil, fault.New(404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found",
			"BucketName", aws.ToString(in.Bucket))
	}
	o, err := setting.OwnershipOf(doc)
	if err != nil {
		return nil, err
	}
	rules := []types.OwnershipControlsRule{{ObjectOwnership: o}}
	return &s3.GetBucketOwnershipControlsOutput{OwnershipControls: &types.OwnershipControls{Rules: rules}}, nil
}

// PutBucketOwnershipControls sets it. Access lists cannot be switched off while the bucket's own gives rights to others.
func (s *Service) PutBucketOwnershipControls(
	ctx context.Context, in *s3.PutBucketOwnershipControlsInput,
) (*s3.PutBucketOwnershipControlsOutput, error) {
	if in.OwnershipControls == nil || len(in.OwnershipControls.Rules) != 1 {
		return nil, malformedXML()
	}
	o := in.OwnershipControls.Rules[0].ObjectOwnership
	if !slices.Contains(o.Values(), o) {
		return nil, malformedXML()
	}
	var check settings.Check
	if o == types.ObjectOwnershipBucketOwnerEnforced {
		check = s.ownersListOnly
	}
	return &s3.PutBucketOwnershipControlsOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Ownership, o, check)
}

// DeleteBucketOwnershipControls removes the setting.
func (s *Service) DeleteBucketOwnershipControls(
	ctx context.Context, in *s3.DeleteBucketOwnershipControlsInput,
) (*s3.DeleteBucketOwnershipControlsOutput, error) {
	return &s3.DeleteBucketOwnershipControlsOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Ownership, nil, nil)
}
