package s3

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
)

// Every object is answered as encrypted with S3's own keys, as AWS does for each object since 2023. Penstock does not encrypt by itself:
// at rest the bytes are as safe as the disk of the data directory, which README says and `penstock status` shows.
const sse = types.ServerSideEncryptionAes256

// checkSSE refuses keys of KMS by name, and what S3 does not know.
func checkSSE(a types.ServerSideEncryption) error {
	switch {
	case a == "" || a == sse:
		return nil
	case slices.Contains(a.Values(), a):
		return fault.New(501, "NotImplemented", "Penstock does not support the server-side encryption "+string(a)+" yet")
	}
	return fault.New(400, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256.",
		"ArgumentName", "x-amz-server-side-encryption", "ArgumentValue", string(a))
}

// GetBucketEncryption answers how new objects are encrypted.
func (s *Service) GetBucketEncryption(ctx context.Context, in *s3.GetBucketEncryptionInput) (*s3.GetBucketEncryptionOutput, error) {
	c := defaultEncryption(false)
	_, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Encryption, c)
	return &s3.GetBucketEncryptionOutput{ServerSideEncryptionConfiguration: c}, err
}

func defaultEncryption(bucketKey bool) *types.ServerSideEncryptionConfiguration {
	return &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: sse}, BucketKeyEnabled: aws.Bool(bucketKey)}}}
}

// PutBucketEncryption accepts the encryption that there is, and keeps the switch of bucket keys, which only KMS would use.
func (s *Service) PutBucketEncryption(ctx context.Context, in *s3.PutBucketEncryptionInput) (*s3.PutBucketEncryptionOutput, error) {
	c := in.ServerSideEncryptionConfiguration
	if c == nil || len(c.Rules) != 1 {
		return nil, malformedXML()
	}
	rule := c.Rules[0]
	if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
		if !slices.Contains(d.SSEAlgorithm.Values(), d.SSEAlgorithm) {
			return nil, malformedXML()
		}
		if err := checkSSE(d.SSEAlgorithm); err != nil {
			return nil, err
		}
		if d.KMSMasterKeyID != nil {
			return nil, fault.Argument("ApplyServerSideEncryptionByDefault", "",
				"a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
		}
	}
	doc := defaultEncryption(aws.ToBool(rule.BucketKeyEnabled))
	return &s3.PutBucketEncryptionOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Encryption, doc, nil)
}

// DeleteBucketEncryption goes back to the default, which is the same encryption.
func (s *Service) DeleteBucketEncryption(
	ctx context.Context, in *s3.DeleteBucketEncryptionInput,
) (*s3.DeleteBucketEncryptionOutput, error) {
	return &s3.DeleteBucketEncryptionOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Encryption, nil, nil)
}
