package s3

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for Amazon S3", and the permissions that the
// API reference names for each operation.
func access() api.Access {
	return api.Access{Prefix: "s3", ARN: "arn:aws:s3:::", Grants: append(bucketAccess(), objectAccess()...)}
}

func bucketAccess() []api.Grant {
	bucket := []string{"arn:aws:s3:::{Bucket}"}
	grants := []api.Grant{
		{Ops: "ListBuckets", Action: "ListAllMyBuckets"},
		{Ops: "CreateBucket", On: bucket, Keys: api.Keys{"s3:x-amz-acl": "{ACL}",
			"s3:locationconstraint": "{CreateBucketConfiguration.LocationConstraint}", "s3:x-amz-object-ownership": "{ObjectOwnership}",
			"aws:RequestTag/": "{CreateBucketConfiguration.Tags}"}},
		{Ops: "CreateBucket", Action: "PutBucketAcl", If: "ACL", On: bucket, Keys: api.Keys{"s3:x-amz-acl": "{ACL}"}},
		{Ops: "CreateBucket", Action: "PutBucketOwnershipControls", If: "ObjectOwnership", On: bucket},
		{Ops: "CreateBucket", Action: "PutBucketObjectLockConfiguration", If: "ObjectLockEnabledForBucket", On: bucket},
		{Ops: "CreateBucket", Action: "PutBucketVersioning", If: "ObjectLockEnabledForBucket", On: bucket},
		{Ops: "CreateBucket", Action: "TagResource", If: "CreateBucketConfiguration.Tags", On: bucket,
			Keys: api.Keys{"aws:RequestTag/": "{CreateBucketConfiguration.Tags}"}},
		{Ops: "ListObjects ListObjectsV2", Action: "ListBucket", On: bucket, Keys: listing()},
		{Ops: "ListObjectVersions", Action: "ListBucketVersions", On: bucket, Keys: listing()},
		{Ops: "ListMultipartUploads", Action: "ListBucketMultipartUploads", On: bucket},
		{Ops: "DeleteBucket GetBucketAcl GetBucketLocation GetBucketLogging GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus " +
			"GetBucketRequestPayment " +
			"GetBucketTagging GetBucketVersioning GetBucketWebsite PutBucketOwnershipControls PutBucketTagging PutBucketVersioning", On: bucket},
		{Ops: "DeleteBucketPolicy DeleteBucketWebsite PutBucketLogging PutBucketRequestPayment", On: bucket},
		{Ops: "PutBucketAcl", On: bucket, Keys: api.Keys{"s3:x-amz-acl": "{ACL}"}},
	}
	for _, other := range [][2]string{
		{"HeadBucket", "ListBucket"},
		{"DeleteBucketTagging", "PutBucketTagging"},
		{"DeleteBucketCors PutBucketCors", "PutBucketCORS"},
		{"DeleteBucketEncryption PutBucketEncryption", "PutEncryptionConfiguration"},
		{"DeleteBucketOwnershipControls", "PutBucketOwnershipControls"},
		{"DeletePublicAccessBlock PutPublicAccessBlock", "PutBucketPublicAccessBlock"},
		{"DeleteBucketLifecycle", "PutLifecycleConfiguration"},
		{"DeleteBucketReplication", "PutReplicationConfiguration"},
		{"PutBucketNotificationConfiguration", "PutBucketNotification"},
		{"GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"},
		{"PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"},
		{"GetBucketCors", "GetBucketCORS"},
		{"GetBucketEncryption", "GetEncryptionConfiguration"},
		{"GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"},
		{"GetBucketNotificationConfiguration", "GetBucketNotification"},
		{"GetBucketReplication", "GetReplicationConfiguration"},
		{"GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"},
		{"PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"},
		{"GetPublicAccessBlock", "GetBucketPublicAccessBlock"},
	} {
		grants = append(grants, api.Grant{Ops: other[0], Action: other[1], On: bucket})
	}
	return grants
}

func listing() api.Keys {
	return api.Keys{"s3:prefix": "{Prefix}", "s3:delimiter": "{Delimiter}", "s3:max-keys": "{MaxKeys}"}
}

func objectAccess() []api.Grant {
	object := []string{"arn:aws:s3:::{Bucket}/{Key}"}
	version := api.Keys{"s3:versionid": "{VersionId}"}
	written := api.Keys{"s3:x-amz-acl": "{ACL}", "s3:x-amz-storage-class": "{StorageClass}",
		"s3:x-amz-server-side-encryption": "{ServerSideEncryption}", "s3:x-amz-website-redirect-location": "{WebsiteRedirectLocation}",
		"s3:RequestObjectTag/": "{Tagging}"}
	ofCopy := func(in *s3.CopyObjectInput) *string { return in.CopySource }
	ofPart := func(in *s3.UploadPartCopyInput) *string { return in.CopySource }
	copied := api.Keys{"s3:x-amz-copy-source": "{CopySource}", "s3:x-amz-metadata-directive": "{MetadataDirective}"}
	maps.Copy(copied, written)
	grants := []api.Grant{
		{Ops: "PutObject CreateMultipartUpload", Action: "PutObject", On: object, Keys: written},
		{Ops: "CopyObject", Action: "PutObject", On: object, Keys: copied},
		{Ops: "UploadPartCopy", Action: "PutObject", On: object, Keys: api.Keys{"s3:x-amz-copy-source": "{CopySource}"}},
		{Ops: "CopyObject", Action: "GetObject", From: api.From(copiedFrom(false, ofCopy))},
		{Ops: "CopyObject", Action: "GetObjectVersion", From: api.From(copiedFrom(true, ofCopy))},
		{Ops: "UploadPartCopy", Action: "GetObject", From: api.From(copiedFrom(false, ofPart))},
		{Ops: "UploadPartCopy", Action: "GetObjectVersion", From: api.From(copiedFrom(true, ofPart))},
		{Ops: "PutObject CreateMultipartUpload CopyObject", Action: "PutObjectAcl", If: "ACL", On: object,
			Keys: api.Keys{"s3:x-amz-acl": "{ACL}"}},
		{Ops: "PutObject CreateMultipartUpload CopyObject", Action: "PutObjectTagging", If: "Tagging", On: object,
			Keys: api.Keys{"s3:RequestObjectTag/": "{Tagging}"}},
		{Ops: "PutObject CreateMultipartUpload CopyObject", Action: "PutObjectRetention", If: "ObjectLockMode", On: object,
			Keys: api.Keys{"s3:object-lock-mode": "{ObjectLockMode}", "s3:object-lock-retain-until-date": "{ObjectLockRetainUntilDate}"}},
		{Ops: "PutObject CreateMultipartUpload CopyObject", Action: "PutObjectLegalHold", If: "ObjectLockLegalHoldStatus", On: object,
			Keys: api.Keys{"s3:object-lock-legal-hold": "{ObjectLockLegalHoldStatus}"}},
		{Ops: "PutObjectRetention", On: object, Keys: api.Keys{"s3:object-lock-mode": "{Retention.Mode}",
			"s3:object-lock-retain-until-date": "{Retention.RetainUntilDate}"}},
		{Ops: "PutObjectRetention", Action: "BypassGovernanceRetention", If: "BypassGovernanceRetention", On: object},
		{Ops: "PutObjectLegalHold", On: object, Keys: api.Keys{"s3:object-lock-legal-hold": "{LegalHold.Status}"}},
		{Ops: "GetObjectRetention GetObjectLegalHold", On: object},
		{Ops: "UploadPart", Action: "PutObject", On: object},
		{Ops: "CompleteMultipartUpload", Action: "PutObject", On: object,
			Keys: api.Keys{"s3:if-match": "{IfMatch}", "s3:if-none-match": "{IfNoneMatch}"}},
		{Ops: "AbortMultipartUpload", On: object},
		{Ops: "ListParts", Action: "ListMultipartUploadParts", On: object},
		{Ops: "GetObject HeadObject", Action: "GetObject", Unless: "VersionId", On: object},
		{Ops: "GetObject HeadObject", Action: "GetObjectVersion", If: "VersionId", On: object, Keys: version},
		{Ops: "GetObjectAttributes", Unless: "VersionId", On: object},
		{Ops: "GetObjectAttributes", Action: "GetObject", Unless: "VersionId", On: object},
		{Ops: "GetObjectAttributes", Action: "GetObjectVersionAttributes", If: "VersionId", On: object, Keys: version},
		{Ops: "GetObjectAttributes", Action: "GetObjectVersion", If: "VersionId", On: object, Keys: version},
		{Ops: "DeleteObject", Unless: "VersionId", On: object, Keys: api.Keys{"s3:if-match": "{IfMatch}"}},
		{Ops: "DeleteObject", Action: "DeleteObjectVersion", If: "VersionId", On: object, Keys: version},
		{Ops: "DeleteObject", Action: "BypassGovernanceRetention", If: "BypassGovernanceRetention", On: object},
		{Ops: "DeleteObjects", Action: "DeleteObject", From: deleted(false)},
		{Ops: "DeleteObjects", Action: "DeleteObjectVersion", From: deleted(true)},
		{Ops: "DeleteObjects", Action: "BypassGovernanceRetention", If: "BypassGovernanceRetention",
			On: []string{"arn:aws:s3:::{Bucket}/{Delete.Objects[].Key}"}},
		{Ops: "PutObjectTagging", Unless: "VersionId", On: object, Keys: api.Keys{"s3:RequestObjectTag/": "{Tagging.TagSet}"}},
		{Ops: "PutObjectTagging", Action: "PutObjectVersionTagging", If: "VersionId", On: object,
			Keys: api.Keys{"s3:RequestObjectTag/": "{Tagging.TagSet}", "s3:versionid": "{VersionId}"}},
	}
	grants = append(grants, listAccess(object, version)...)
	for _, op := range []string{"GetObjectTagging", "DeleteObjectTagging"} {
		versioned := map[string]string{"GetObjectTagging": "GetObjectVersionTagging", "DeleteObjectTagging": "DeleteObjectVersionTagging"}[op]
		grants = append(grants, api.Grant{Ops: op, Unless: "VersionId", On: object},
			api.Grant{Ops: op, Action: versioned, If: "VersionId", On: object, Keys: version})
	}
	return grants
}

// listAccess is what the access lists of objects ask for.
func listAccess(object []string, version api.Keys) []api.Grant {
	grants := []api.Grant{
		{Ops: "GetObjectAcl", Unless: "VersionId", On: object},
		{Ops: "GetObjectAcl", Action: "GetObjectVersionAcl", If: "VersionId", On: object, Keys: version},
		{Ops: "PutObjectAcl", Unless: "VersionId", On: object, Keys: api.Keys{"s3:x-amz-acl": "{ACL}"}},
		{Ops: "PutObjectAcl", Action: "PutObjectVersionAcl", If: "VersionId", On: object, Keys: api.Keys{"s3:versionid": "{VersionId}",
			"s3:x-amz-acl": "{ACL}"}},
	}
	for _, g := range [][2]string{{"GrantFullControl", "s3:x-amz-grant-full-control"}, {"GrantRead", "s3:x-amz-grant-read"},
		{"GrantReadACP", "s3:x-amz-grant-read-acp"}, {"GrantWriteACP", "s3:x-amz-grant-write-acp"}} {
		grants = append(grants, api.Grant{Ops: "PutObject CreateMultipartUpload CopyObject", Action: "PutObjectAcl", If: g[0], On: object,
			Keys: api.Keys{g[1]: "{" + g[0] + "}"}})
	}
	return grants
}

// copiedFrom is the source of a copy, when it is named by version or when it is not. One that cannot be read is the handler's to refuse.
func copiedFrom[I any](byVersion bool, source func(*I) *string) func(context.Context, api.Place, *I) []string {
	return func(_ context.Context, _ api.Place, in *I) []string {
		src, err := copySource(source(in))
		if err != nil || (src.VersionID != "") != byVersion {
			return nil
		}
		return []string{"arn:aws:s3:::" + src.Bucket + "/" + src.Key}
	}
}

// deleted are the objects of a batch that are deleted by version, or those that are not.
func deleted(byVersion bool) func(context.Context, api.Place, any) []string {
	return api.From(func(_ context.Context, _ api.Place, in *s3.DeleteObjectsInput) (out []string) {
		if in.Delete == nil {
			return nil
		}
		for _, o := range in.Delete.Objects {
			if (aws.ToString(o.VersionId) != "") == byVersion {
				out = append(out, "arn:aws:s3:::"+aws.ToString(in.Bucket)+"/"+aws.ToString(o.Key))
			}
		}
		return out
	})
}
