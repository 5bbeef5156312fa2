package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"penstock/internal/api"
	"penstock/internal/object/settings"
	"penstock/internal/service/s3/setting"
)

// body is the integrity of a request's document.
func body(o *api.Op) {
	api.Inert("ChecksumAlgorithm", integrityNow)(o)
	api.Inert("ContentMD5", integrityNow)(o)
}

// settingOps are the operations of what a bucket can be set to beside versioning and tags.
func (s *Service) settingOps() []api.Op {
	owner := api.Honours("Bucket", "ExpectedBucketOwner")
	const block, rule, acl = "PublicAccessBlockConfiguration.", "ServerSideEncryptionConfiguration.Rules[].", "AccessControlPolicy."
	const cors = "CORSConfiguration.CORSRules[]."
	const display = "S3 answers no display names since 2025"
	return []api.Op{
		api.Handle(s.GetPublicAccessBlock, owner),
		api.Handle(s.PutPublicAccessBlock, owner, body,
			api.Honours(block+"BlockPublicAcls", block+"IgnorePublicAcls", block+"BlockPublicPolicy", block+"RestrictPublicBuckets")),
		api.Handle(s.DeletePublicAccessBlock, owner),
		api.Handle(s.GetBucketOwnershipControls, owner),
		api.Handle(s.PutBucketOwnershipControls, owner, body, api.Honours("OwnershipControls.Rules[].ObjectOwnership")),
		api.Handle(s.DeleteBucketOwnershipControls, owner),
		api.Handle(s.GetBucketAcl, owner),
		api.Handle(s.PutBucketAcl, owner, body, api.Honours("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP",
			acl+"Owner.ID", acl+"Grants[].Permission", acl+"Grants[].Grantee.Type", acl+"Grants[].Grantee.ID", acl+"Grants[].Grantee.URI",
			acl+"Grants[].Grantee.EmailAddress"),
			api.Inert(acl+"Owner.DisplayName", display), api.Inert(acl+"Grants[].Grantee.DisplayName", display)),
		api.Handle(s.GetObjectAcl, owner, requester(), api.Honours("Key", "VersionId")),
		api.Handle(s.PutObjectAcl, owner, requester(), body,
			api.Honours("Key", "VersionId", "ACL", "GrantFullControl", "GrantRead", "GrantReadACP",
				"GrantWrite", "GrantWriteACP", acl+"Owner.ID", acl+"Grants[].Permission", acl+"Grants[].Grantee.Type", acl+"Grants[].Grantee.ID",
				acl+"Grants[].Grantee.URI", acl+"Grants[].Grantee.EmailAddress"),
			api.Inert(acl+"Owner.DisplayName", display), api.Inert(acl+"Grants[].Grantee.DisplayName", display)),
		api.Handle(s.GetBucketAccelerateConfiguration, owner, requester()),
		api.Handle(s.PutBucketAccelerateConfiguration, owner, api.Inert("ChecksumAlgorithm", integrityNow),
			api.Honours("AccelerateConfiguration.Status")),
		api.Handle(s.GetBucketCors, owner),
		api.Handle(s.PutBucketCors, owner, body, api.Honours(cors+"ID", cors+"AllowedHeaders[]", cors+"AllowedMethods[]", cors+"AllowedOrigins[]",
			cors+"ExposeHeaders[]", cors+"MaxAgeSeconds")),
		api.Handle(s.DeleteBucketCors, owner),
		api.Handle(s.GetBucketEncryption, owner),
		api.Handle(s.PutBucketEncryption, owner, body, api.Honours(rule+"ApplyServerSideEncryptionByDefault.SSEAlgorithm",
			rule+"ApplyServerSideEncryptionByDefault.KMSMasterKeyID", rule+"BucketKeyEnabled")),
		api.Handle(s.DeleteBucketEncryption, owner),
	}
}

// setting reads a bucket's document into v (nil: not at all), and says whether it is there (Text), was removed, or never written (not Set).
func (s *Service) setting(ctx context.Context, bucket, owner *string, name string, v any) (settings.Doc, error) {
	if err := s.expect(owner); err != nil {
		return settings.Doc{}, err
	}
	doc, err := s.objects.Setting(ctx, aws.ToString(bucket), name)
	if err != nil {
		return doc, target{bucket: aws.ToString(bucket)}.mapped(err)
	}
	return doc, setting.Read(doc, name, v)
}

// set replaces a bucket's document; nil removes it.
func (s *Service) set(ctx context.Context, bucket, owner *string, name string, v any, check settings.Check) error {
	if err := s.expect(owner); err != nil {
		return err
	}
	text, err := setting.Text(v)
	if err != nil {
		return err
	}
	err = s.objects.SetSetting(ctx, aws.ToString(bucket), name, text, check)
	return target{bucket: aws.ToString(bucket)}.mapped(err)
}
