// Package access says what S3's operations ask of IAM: actions, resources and condition keys. It decides nothing. Source: "Actions,
// resources, and condition keys for Amazon S3", and the permissions that the API reference names for each operation.
package access

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
)

// Of is what all operations ask.
func Of() api.Access {
	return api.Access{Prefix: "s3", ARN: "arn:aws:s3:::", Grants: append(bucketAccess(), objectAccess()...)}
}

func bucketAccess() []api.Grant {
	bucket := []string{"arn:aws:s3:::{Bucket}"}
	list := union(givenRights(), api.Keys{"s3:x-amz-acl": "{ACL}", "s3:x-amz-grant-write": "{GrantWrite}"})
	made := union(list, api.Keys{"s3:locationconstraint": "{CreateBucketConfiguration.LocationConstraint}",
		"s3:x-amz-object-ownership": "{ObjectOwnership}", "s3:x-amz-bucket-namespace": "{BucketNamespace}",
		"aws:RequestTag/": "{CreateBucketConfiguration.Tags}"})
	grants := []api.Grant{
		{Ops: "ListBuckets", Action: "ListAllMyBuckets"},
		{Ops: "CreateBucket", On: bucket, Keys: made},
		{Ops: "CreateBucket", Action: "PutBucketAcl", If: "ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP", On: bucket,
			Keys: list},
		{Ops: "CreateBucket", Action: "PutBucketOwnershipControls", If: "ObjectOwnership", On: bucket},
		{Ops: "CreateBucket", Action: "PutBucketObjectLockConfiguration", If: "ObjectLockEnabledForBucket", On: bucket},
		{Ops: "CreateBucket", Action: "PutBucketVersioning", If: "ObjectLockEnabledForBucket", On: bucket},
		{Ops: "CreateBucket", Action: "TagResource", If: "CreateBucketConfiguration.Tags", On: bucket,
			Keys: api.Keys{"aws:RequestTag/": "{CreateBucketConfiguration.Tags}"}},
		{Ops: "ListObjects ListObjectsV2", Action: "ListBucket", On: bucket, Keys: listing()},
		{Ops: "ListObjectVersions", Action: "ListBucketVersions", On: bucket, Keys: listing()},
		{Ops: "ListMultipartUploads", Action: "ListBucketMultipartUploads", On: bucket},
		{Ops: "DeleteBucket GetBucketAcl GetBucketLocation GetBucketLogging GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus " +
			"GetBucketRequestPayment PutBucketPolicy " +
			"GetBucketTagging GetBucketVersioning GetBucketWebsite PutBucketOwnershipControls PutBucketTagging PutBucketVersioning", On: bucket},
		{Ops: "DeleteBucketPolicy DeleteBucketWebsite PutBucketLogging PutBucketRequestPayment", On: bucket},
		{Ops: "PutBucketAcl", On: bucket, Keys: list},
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

// givenRights are the headers that give rights on a bucket or an object.
func givenRights() api.Keys {
	return api.Keys{"s3:x-amz-grant-full-control": "{GrantFullControl}", "s3:x-amz-grant-read": "{GrantRead}",
		"s3:x-amz-grant-read-acp": "{GrantReadACP}", "s3:x-amz-grant-write-acp": "{GrantWriteACP}"}
}

// union puts keys together.
func union(all ...api.Keys) api.Keys {
	out := api.Keys{}
	for _, keys := range all {
		maps.Copy(out, keys)
	}
	return out
}

func objectAccess() []api.Grant {
	object := []string{"arn:aws:s3:::{Bucket}/{Key}"}
	version := api.Keys{"s3:versionid": "{VersionId}"}
	grants := append(writeAccess(object), readAccess(object, version)...)
	return append(append(grants, deleteAccess(object, version)...), listAccess(object, version)...)
}

// writeAccess is what making objects asks for.
func writeAccess(object []string) []api.Grant {
	const made = "PutObject CreateMultipartUpload CopyObject"
	const rights = "ACL GrantFullControl GrantRead GrantReadACP GrantWriteACP"
	list := union(givenRights(), api.Keys{"s3:x-amz-acl": "{ACL}"})
	kept := api.Keys{"s3:object-lock-mode": "{ObjectLockMode}", "s3:object-lock-retain-until-date": "{ObjectLockRetainUntilDate}"}
	hold := api.Keys{"s3:object-lock-legal-hold": "{ObjectLockLegalHoldStatus}"}
	written := union(list, kept, hold, api.Keys{"s3:x-amz-storage-class": "{StorageClass}",
		"s3:x-amz-server-side-encryption": "{ServerSideEncryption}", "s3:x-amz-website-redirect-location": "{WebsiteRedirectLocation}",
		"s3:RequestObjectTag/": "{Tagging}", "s3:object-lock-event-hold": "{ObjectLockEventHold}"})
	creates, part := api.Keys{"s3:ObjectCreationOperation": "true"}, api.Keys{"s3:ObjectCreationOperation": "false"}
	conditions := api.Keys{"s3:if-match": "{IfMatch}", "s3:if-none-match": "{IfNoneMatch}"}
	source := api.Keys{"s3:x-amz-copy-source": "{CopySource}"}
	ofCopy := func(in *s3.CopyObjectInput) *string { return in.CopySource }
	ofPart := func(in *s3.UploadPartCopyInput) *string { return in.CopySource }
	return []api.Grant{
		{Ops: "PutObject", On: object, Keys: union(written, conditions, creates)},
		{Ops: "CreateMultipartUpload", Action: "PutObject", On: object, Keys: union(written, part)},
		{Ops: "CopyObject", Action: "PutObject", On: object, Keys: union(written, conditions, creates, source,
			api.Keys{"s3:x-amz-metadata-directive": "{MetadataDirective}"})},
		{Ops: "UploadPartCopy", Action: "PutObject", On: object, Keys: union(part, source)},
		{Ops: "UploadPart", Action: "PutObject", On: object, Keys: part},
		{Ops: "CompleteMultipartUpload", Action: "PutObject", On: object, Keys: union(conditions, creates)},
		{Ops: "AbortMultipartUpload", On: object},
		{Ops: "ListParts", Action: "ListMultipartUploadParts", On: object},
		{Ops: "CopyObject", Action: "GetObject", From: api.From(copiedFrom(false, ofCopy))},
		{Ops: "CopyObject", Action: "GetObjectVersion", From: api.From(copiedFrom(true, ofCopy))},
		{Ops: "UploadPartCopy", Action: "GetObject", From: api.From(copiedFrom(false, ofPart))},
		{Ops: "UploadPartCopy", Action: "GetObjectVersion", From: api.From(copiedFrom(true, ofPart))},
		{Ops: made, Action: "PutObjectAcl", If: rights, On: object, Keys: list},
		{Ops: made, Action: "PutObjectTagging", If: "Tagging", On: object, Keys: api.Keys{"s3:RequestObjectTag/": "{Tagging}"}},
		{Ops: made, Action: "PutObjectRetention", If: "ObjectLockMode", On: object, Keys: kept},
		{Ops: made, Action: "PutObjectLegalHold", If: "ObjectLockLegalHoldStatus", On: object, Keys: hold},
		{Ops: "PutObjectRetention", On: object, Keys: api.Keys{"s3:object-lock-mode": "{Retention.Mode}",
			"s3:object-lock-retain-until-date": "{Retention.RetainUntilDate}"}},
		{Ops: "PutObjectRetention", Action: "BypassGovernanceRetention", If: "BypassGovernanceRetention", On: object},
		{Ops: "PutObjectLegalHold", On: object, Keys: api.Keys{"s3:object-lock-legal-hold": "{LegalHold.Status}"}},
		{Ops: "PutObjectTagging", Unless: "VersionId", On: object, Keys: api.Keys{"s3:RequestObjectTag/": "{Tagging.TagSet}"}},
		{Ops: "PutObjectTagging", Action: "PutObjectVersionTagging", If: "VersionId", On: object,
			Keys: api.Keys{"s3:RequestObjectTag/": "{Tagging.TagSet}", "s3:versionid": "{VersionId}"}},
	}
}

// readAccess is what reading an object asks for.
func readAccess(object []string, version api.Keys) []api.Grant {
	return []api.Grant{
		{Ops: "GetObjectRetention GetObjectLegalHold", On: object},
		{Ops: "GetObject HeadObject", Action: "GetObject", Unless: "VersionId", On: object},
		{Ops: "GetObject HeadObject", Action: "GetObjectVersion", If: "VersionId", On: object, Keys: version},
		{Ops: "GetObjectAttributes", Unless: "VersionId", On: object},
		{Ops: "GetObjectAttributes", Action: "GetObject", Unless: "VersionId", On: object},
		{Ops: "GetObjectAttributes", Action: "GetObjectVersionAttributes", If: "VersionId", On: object, Keys: version},
		{Ops: "GetObjectAttributes", Action: "GetObjectVersion", If: "VersionId", On: object, Keys: version},
		{Ops: "GetObjectTagging", Unless: "VersionId", On: object},
		{Ops: "GetObjectTagging", Action: "GetObjectVersionTagging", If: "VersionId", On: object, Keys: version},
	}
}

// deleteAccess is what deleting asks for. The guard asks of a batch object by object, with the keys of each.
func deleteAccess(object []string, version api.Keys) []api.Grant {
	return []api.Grant{
		{Ops: "DeleteObject", Unless: "VersionId", On: object, Keys: api.Keys{"s3:if-match": "{IfMatch}"}},
		{Ops: "DeleteObject", Action: "DeleteObjectVersion", If: "VersionId", On: object, Keys: version},
		{Ops: "DeleteObject", Action: "BypassGovernanceRetention", If: "BypassGovernanceRetention", On: object},
		{Ops: "DeleteObjects", Action: "DeleteObject", From: deleted(false)},
		{Ops: "DeleteObjects", Action: "DeleteObjectVersion", From: deleted(true)},
		{Ops: "DeleteObjects", Action: "BypassGovernanceRetention", If: "BypassGovernanceRetention",
			On: []string{"arn:aws:s3:::{Bucket}/{Delete.Objects[].Key}"}},
		{Ops: "DeleteObjectTagging", Unless: "VersionId", On: object},
		{Ops: "DeleteObjectTagging", Action: "DeleteObjectVersionTagging", If: "VersionId", On: object, Keys: version},
	}
}

// listAccess is what the access lists of objects ask for.
func listAccess(object []string, version api.Keys) []api.Grant {
	list := union(givenRights(), api.Keys{"s3:x-amz-acl": "{ACL}", "s3:x-amz-grant-write": "{GrantWrite}"})
	return []api.Grant{
		{Ops: "GetObjectAcl", Unless: "VersionId", On: object},
		{Ops: "GetObjectAcl", Action: "GetObjectVersionAcl", If: "VersionId", On: object, Keys: version},
		{Ops: "PutObjectAcl", Unless: "VersionId", On: object, Keys: list},
		{Ops: "PutObjectAcl", Action: "PutObjectVersionAcl", If: "VersionId", On: object, Keys: union(list, version)},
	}
}

// copiedFrom is the source of a copy, when it is named by version or when it is not. One that cannot be read is the handler's to refuse.
func copiedFrom[I any](byVersion bool, source func(*I) *string) func(context.Context, api.Place, *I) []string {
	return func(_ context.Context, _ api.Place, in *I) []string {
		src, err := Source(source(in))
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
