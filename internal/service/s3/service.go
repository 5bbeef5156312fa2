// Package s3 is Amazon S3 over package object: buckets, objects, versions, uploads in parts and listings, in AWS's operations, error
// codes and words. When an operation runs package guard has let its caller pass, who may be a stranger. Keys of KMS, replication,
// notification and lifecycle are not served, and what asks for them is refused by name.
// API: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html.
package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/module"
	"penstock/internal/object"
	"penstock/internal/service/s3/access"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/guard"
)

// A Service answers the operations.
type Service struct {
	module.Env
	objects *object.Store
	guard   *guard.Guard
	pages   sync.Pool // of *pageWriter
}

// New returns the service.
func New(env module.Env, objects *object.Store) *Service {
	s := &Service{Env: env, objects: objects}
	s.guard = s.newGuard()
	return s
}

// Module is what the server runs.
func (s *Service) Module() module.Module { return module.Module{API: s.API()} }

const (
	noRequester  = "nobody pays for requests here"
	integrityNow = "the body's integrity is verified before the operation begins"
)

// requester is accepted everywhere: it says that the caller agrees to pay.
func requester() api.Option { return api.Inert("RequestPayer", noRequester) }

// headers are the attributes that an object keeps.
func headers() []string {
	return []string{"CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires", "Metadata",
		"StorageClass", "Tagging", "WebsiteRedirectLocation"}
}

// grantMembers give rights on an object.
func grantMembers() []string {
	return []string{"ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"}
}

// sourceMembers name the source of a copy.
func sourceMembers() []string {
	return []string{"CopySource", "CopySourceIfMatch", "CopySourceIfModifiedSince", "CopySourceIfNoneMatch", "CopySourceIfUnmodifiedSince",
		"ExpectedSourceBucketOwner"}
}

// API lists the operations.
func (s *Service) API() api.Service {
	var ops []api.Op
	for _, group := range [][]api.Op{s.bucketOps(), s.objectOps(), s.readOps(), s.listOps(), s.uploadOps(), s.absentOps(), s.settingOps(),
		s.lockOps(), s.policyOps(), s.nothingOps()} {
		ops = append(ops, group...)
	}
	s.guard.Know(ops)
	return api.Service{Name: "s3", Guard: s.guard.Decide, Access: access.Of(), SDK: "S3",
		Hosts: []string{".s3.localhost", ".localhost"}, Form: "PutObject",
		SecondID: true, Unsigned: true, Cross: s.Cross, Misroute: Misroute, Plain: s.plain(), Ops: s.atHome(ops)}
}

func (s *Service) bucketOps() []api.Op {
	owner := api.Honours("Bucket", "ExpectedBucketOwner")
	return []api.Op{
		api.Handle(s.CreateBucket, api.Honours("Bucket", "ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite",
			"GrantWriteACP", "ObjectOwnership",
			"ObjectLockEnabledForBucket",
			"CreateBucketConfiguration.LocationConstraint", "CreateBucketConfiguration.Tags[].Key", "CreateBucketConfiguration.Tags[].Value"),
			api.Holds("BucketNamespace", "global")),
		api.Handle(s.HeadBucket, owner),
		api.Handle(s.DeleteBucket, owner),
		api.Handle(s.ListBuckets, api.Honours("BucketRegion", "ContinuationToken", "MaxBuckets", "Prefix")),
		api.Handle(s.GetBucketLocation, owner),
		api.Handle(s.PutBucketVersioning, owner, api.Honours("VersioningConfiguration.Status"),
			api.Holds("VersioningConfiguration.MFADelete", "Disabled"),
			api.Inert("ChecksumAlgorithm", integrityNow), api.Inert("ContentMD5", integrityNow)),
		api.Handle(s.GetBucketVersioning, owner),
		api.Handle(s.PutBucketTagging, owner, api.Honours("Tagging.TagSet[].Key", "Tagging.TagSet[].Value"),
			api.Inert("ChecksumAlgorithm", integrityNow), api.Inert("ContentMD5", integrityNow)),
		api.Handle(s.GetBucketTagging, owner),
		api.Handle(s.DeleteBucketTagging, owner),
	}
}

func (s *Service) objectOps() []api.Op {
	object := api.Honours("Bucket", "Key", "ExpectedBucketOwner")
	return []api.Op{
		api.Handle(s.PutObject, object, requester(), api.Honours(headers()...), api.Honours(sumMembers("")...),
			api.Honours(grantMembers()...), api.Honours("Body", "ChecksumAlgorithm", "ContentLength", "ContentMD5", "IfMatch", "IfNoneMatch"),
			lockMembers, api.Holds("ServerSideEncryption", "AES256"), api.Asks("WriteOffsetBytes"), api.Body(maxPut)),
		api.Handle(s.CopyObject, object, requester(), api.Changes(), api.Honours(headers()...), api.Honours(sourceMembers()...),
			api.Honours(grantMembers()...), api.Honours("ChecksumAlgorithm", "IfMatch", "IfNoneMatch", "MetadataDirective", "TaggingDirective"),
			lockMembers, api.Holds("ServerSideEncryption", "AES256")),
		api.Handle(s.DeleteObject, object, requester(), api.Honours("VersionId", "IfMatch", "BypassGovernanceRetention"),
			api.Asks("IfMatchSize")),
		api.Handle(s.DeleteObjects, requester(), api.Honours("Bucket", "ExpectedBucketOwner", "Delete.Objects[].Key",
			"Delete.Objects[].VersionId", "Delete.Objects[].ETag", "Delete.Quiet"),
			api.Honours("BypassGovernanceRetention"), api.Asks("Delete.Objects[].Size"), api.Inert("ChecksumAlgorithm", integrityNow)),
		api.Handle(s.PutObjectTagging, object, requester(), api.Honours("VersionId", "Tagging.TagSet[].Key", "Tagging.TagSet[].Value"),
			api.Inert("ChecksumAlgorithm", integrityNow), api.Inert("ContentMD5", integrityNow)),
		api.Handle(s.GetObjectTagging, object, requester(), api.Honours("VersionId")),
		api.Handle(s.DeleteObjectTagging, object, api.Honours("VersionId")),
	}
}

func (s *Service) readOps() []api.Op {
	read := api.Honours("Bucket", "Key", "ExpectedBucketOwner", "ChecksumMode", "IfMatch", "IfNoneMatch", "IfModifiedSince",
		"IfUnmodifiedSince", "PartNumber", "Range", "VersionId",
		"ResponseCacheControl", "ResponseContentDisposition", "ResponseContentEncoding", "ResponseContentLanguage",
		"ResponseContentType", "ResponseExpires")
	return []api.Op{
		api.Handle(s.GetObject, read, requester()),
		api.Handle(s.HeadObject, read, requester()),
		api.Handle(s.GetObjectAttributes, requester(),
			api.Honours("Bucket", "Key", "VersionId", "ExpectedBucketOwner", "ObjectAttributes[]", "MaxParts", "PartNumberMarker")),
	}
}

func (s *Service) listOps() []api.Op {
	common := api.Honours("Bucket", "ExpectedBucketOwner", "Prefix", "Delimiter", "EncodingType", "MaxKeys")
	restore := api.Inert("OptionalObjectAttributes", "RestoreStatus is absent for objects that are not archived, and none is")
	return []api.Op{
		api.Handle(s.ListObjectsV2, common, requester(), restore, api.Honours("ContinuationToken", "StartAfter", "FetchOwner")),
		api.Handle(s.ListObjects, common, requester(), restore, api.Honours("Marker")),
		api.Handle(s.ListObjectVersions, common, requester(), restore, api.Honours("KeyMarker", "VersionIdMarker")),
	}
}

func (s *Service) uploadOps() []api.Op {
	upload := api.Honours("Bucket", "Key", "UploadId", "ExpectedBucketOwner")
	return []api.Op{
		api.Handle(s.CreateMultipartUpload, requester(), api.Honours(headers()...), api.Honours(grantMembers()...),
			api.Honours("Bucket", "Key", "ExpectedBucketOwner", "ChecksumAlgorithm", "ChecksumType"),
			lockMembers, api.Holds("ServerSideEncryption", "AES256")),
		api.Handle(s.UploadPart, upload, requester(), api.Honours(sumMembers("")...),
			api.Honours("Body", "ChecksumAlgorithm", "ContentLength", "ContentMD5", "PartNumber"), api.Body(maxPut)),
		api.Handle(s.UploadPartCopy, upload, requester(), api.Honours(sourceMembers()...), api.Honours("PartNumber", "CopySourceRange")),
		api.Handle(s.CompleteMultipartUpload, upload, requester(), api.Honours(sumMembers("")...),
			api.Honours("ChecksumType", "IfMatch", "IfNoneMatch", "MpuObjectSize",
				"MultipartUpload.Parts[].ETag", "MultipartUpload.Parts[].PartNumber"), api.Honours(sumMembers("MultipartUpload.Parts[].")...)),
		api.Handle(s.AbortMultipartUpload, upload, requester()),
		api.Handle(s.ListParts, upload, requester(), api.Honours("MaxParts", "PartNumberMarker")),
		api.Handle(s.ListMultipartUploads, requester(),
			api.Honours("Bucket", "ExpectedBucketOwner", "Prefix", "Delimiter", "EncodingType", "KeyMarker", "UploadIdMarker", "MaxUploads")),
	}
}

// owner is the account as S3 names owners: a canonical user id of 64 hexadecimal digits.
func (s *Service) owner() *types.Owner {
	sum := sha256.Sum256([]byte(s.Account))
	return &types.Owner{ID: aws.String(hex.EncodeToString(sum[:]))}
}

// expect refuses a caller who believes that the bucket is somebody else's.
func (s *Service) expect(owner *string) error {
	switch {
	case owner == nil || *owner == s.Account:
		return nil
	case len(*owner) != len(s.Account) || strings.ContainsFunc(*owner, func(c rune) bool { return c < '0' || c > '9' }):
		return fault.New(400, "InvalidBucketOwnerAWSAccountID",
			"The value of the expected bucket owner parameter must be an AWS Account ID... ["+*owner+"]")
	}
	return fault.New(403, "AccessDenied", "Access Denied")
}
