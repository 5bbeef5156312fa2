package policy

import (
	"slices"
	"strings"
	"sync"
)

// What S3's actions are about, and which of them have a condition key, is AWS's service authorization reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html. TestReference compares it.

// onBucket and onObject are what an action is about; onOther is neither, an account for one, so that no bucket's policy grants it.
const (
	onOther = iota
	onBucket
	onObject
)

type action struct {
	name string // without s3:
	on   int
}

// named are the actions that a word of a policy stands for; none where it is not of S3.
func named(word string) []action {
	prefix, name, ok := strings.Cut(word, ":")
	if word == "*" {
		prefix, name, ok = "s3", "*", true
	}
	if !ok || !strings.EqualFold(prefix, "s3") {
		return nil
	}
	var out []action
	for _, a := range actions() {
		if matchName(name, a.name, true) {
			out = append(out, a)
		}
	}
	return out
}

// keyActions reports whether S3 knows a condition key, and the actions that have it, nil where all have.
func keyActions(key string) (known bool, on map[string]bool) {
	key = strings.ToLower(key)
	if before, after, ok := strings.Cut(key, "/"); ok && after != "" {
		key = before + "/"
	}
	on, known = keys()[key]
	return known, on
}

// KeysOf are the condition keys, in small letters, that S3 has with an action and not with every one; "s3:existingobjecttag/" is that of
// tags.
func KeysOf(action string) []string {
	var out []string
	for key, on := range keys() {
		if on[strings.TrimPrefix(action, "s3:")] {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// EveryKey are the condition keys, in small letters, that every action has.
func EveryKey() []string { return strings.Fields(strings.ToLower(everyKey)) }

var actions = sync.OnceValue(func() []action {
	var out []action
	for on, list := range [...]string{onOther: otherActions, onBucket: bucketActions, onObject: objectActions} {
		for _, name := range strings.Fields(list) {
			out = append(out, action{name, on})
		}
	}
	return out
})

var keys = sync.OnceValue(func() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, key := range strings.Fields(everyKey) {
		out[strings.ToLower(key)] = nil
	}
	for _, line := range strings.Split(strings.TrimSpace(someKeys), "\n") {
		key, names, _ := strings.Cut(line, ": ")
		key = strings.ToLower(key)
		if out[key] == nil {
			out[key] = map[string]bool{}
		}
		for _, name := range strings.Fields(names) {
			out[key][name] = true
		}
	}
	return out
})

const bucketActions = `
	AllowVendedLogDeliveryForResource CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket
	DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration
	GetAnalyticsConfiguration GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging
	GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls
	GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning
	GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
	GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket ListBucketMultipartUploads
	ListBucketVersions ListTagsForResource PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac
	PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls
	PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
	PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration
	PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource UpdateBucketMetadataAnnotationTableConfiguration
	UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
`

const objectActions = `
	AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersion
	DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes
	GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl
	GetObjectVersionAnnotation GetObjectVersionAnnotationForReplication GetObjectVersionAttributes GetObjectVersionForReplication
	GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts ListObjectAnnotations
	ListObjectVersionAnnotations ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectAnnotation PutObjectLegalHold
	PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging ReplicateDelete
	ReplicateObject ReplicateObjectAnnotation ReplicateTags RestoreObject UpdateObjectEncryption
`

const otherActions = `
	AssociateAccessGrantsIdentityCenter CreateAccessGrant CreateAccessGrantsInstance CreateAccessGrantsLocation CreateAccessPoint
	CreateAccessPointForObjectLambda CreateJob CreateMultiRegionAccessPoint CreateStorageLensGroup DeleteAccessGrant
	DeleteAccessGrantsInstance DeleteAccessGrantsInstanceResourcePolicy DeleteAccessGrantsLocation DeleteAccessPoint
	DeleteAccessPointForObjectLambda DeleteAccessPointPolicy DeleteAccessPointPolicyForObjectLambda DeleteJobTagging
	DeleteMultiRegionAccessPoint DeleteStorageLensConfiguration DeleteStorageLensConfigurationTagging DeleteStorageLensGroup
	DescribeJob DescribeMultiRegionAccessPointOperation DissociateAccessGrantsIdentityCenter GetAccessGrant GetAccessGrantsInstance
	GetAccessGrantsInstanceForPrefix GetAccessGrantsInstanceResourcePolicy GetAccessGrantsLocation GetAccessPoint
	GetAccessPointConfigurationForObjectLambda GetAccessPointForObjectLambda GetAccessPointPolicy GetAccessPointPolicyForObjectLambda
	GetAccessPointPolicyStatus GetAccessPointPolicyStatusForObjectLambda GetAccountPublicAccessBlock GetDataAccess GetJobTagging
	GetMultiRegionAccessPoint GetMultiRegionAccessPointPolicy GetMultiRegionAccessPointPolicyStatus GetMultiRegionAccessPointRoutes
	GetStorageLensConfiguration GetStorageLensConfigurationTagging GetStorageLensDashboard GetStorageLensGroup ListAccessGrants
	ListAccessGrantsInstances ListAccessGrantsLocations ListAccessPoints ListAccessPointsForObjectLambda ListAllMyBuckets
	ListCallerAccessGrants ListJobs ListMultiRegionAccessPoints ListStorageLensConfigurations ListStorageLensGroups
	PutAccessGrantsInstanceResourcePolicy PutAccessPointConfigurationForObjectLambda PutAccessPointPolicy
	PutAccessPointPolicyForObjectLambda PutAccessPointPublicAccessBlock PutAccountPublicAccessBlock PutJobTagging
	PutMultiRegionAccessPointPolicy PutStorageLensConfiguration PutStorageLensConfigurationTagging SubmitMultiRegionAccessPointRoutes
	UpdateAccessGrantsLocation UpdateJobPriority UpdateJobStatus UpdateStorageLensGroup
`

// everyKey has the keys of every request: the global ones, by
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, and those that S3 has with each action.
// A name that ends in / goes on with a tag's key.
const everyKey = `
	aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc
	aws:EpochTime aws:FederatedProvider aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn
	aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName aws:PrincipalServiceNamesList
	aws:PrincipalTag/ aws:PrincipalType aws:Referer aws:RequestTag/ aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID
	aws:ResourceOrgPaths aws:ResourceTag/ aws:SecureTransport aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp
	aws:SourceOrgID aws:SourceOrgPaths aws:SourceOwner aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:TagKeys aws:TokenIssueTime
	aws:UserAgent aws:ViaAWSService aws:VpcSourceIp aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths aws:userid aws:username
	ec2:SourceInstanceArn lambda:SourceFunctionArn s3:AccessGrantsInstanceArn s3:AccessPointNetworkOrigin s3:AccessPointTag/
	s3:DataAccessPointAccount s3:DataAccessPointArn s3:ResourceAccount s3:TlsVersion s3:authType s3:signatureAge s3:signatureversion
	s3:x-amz-content-sha256
`

// someKeys has the keys that only some actions have, on as many lines as it takes.
const someKeys = `
s3:ExistingObjectTag/: DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject
s3:ExistingObjectTag/: GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectTagging GetObjectVersion GetObjectVersionAcl
s3:ExistingObjectTag/: GetObjectVersionAnnotation GetObjectVersionAttributes GetObjectVersionTagging ListObjectAnnotations
s3:ExistingObjectTag/: ListObjectVersionAnnotations PutObjectAcl PutObjectAnnotation PutObjectTagging PutObjectVersionAcl
s3:ExistingObjectTag/: PutObjectVersionAnnotation PutObjectVersionTagging UpdateObjectEncryption
s3:InventoryAccessibleOptionalFields: PutInventoryConfiguration
s3:ObjectCreationOperation: PutObject
s3:if-none-match: PutObject
s3:x-amz-object-annotation-directive: PutObject
s3:RequestObjectTag/: BypassGovernanceRetention PutObject PutObjectTagging PutObjectVersionTagging
s3:RequestObjectTagKeys: BypassGovernanceRetention PutObject PutObjectTagging PutObjectVersionTagging
s3:annotation-prefix: ListObjectAnnotations ListObjectVersionAnnotations
s3:max-annotation-results: ListObjectAnnotations ListObjectVersionAnnotations
s3:delimiter: ListBucket ListBucketVersions
s3:max-keys: ListBucket ListBucketVersions
s3:prefix: ListBucket ListBucketVersions
s3:deliverySourceArn: AllowVendedLogDeliveryForResource
s3:logType: AllowVendedLogDeliveryForResource
s3:resourceArnBeingAuthorized: AllowVendedLogDeliveryForResource
s3:destinationRegion: PauseReplication
s3:if-match: DeleteObject PutObject
s3:isReplicationPauseRequest: PutReplicationConfiguration
s3:locationconstraint: CreateBucket
s3:x-amz-bucket-namespace: CreateBucket
s3:x-amz-object-ownership: CreateBucket
s3:object-lock-event-hold: PutObject PutObjectRetention ReplicateObject
s3:object-lock-event-hold-duration-days: PutObject PutObjectRetention ReplicateObject
s3:object-lock-legal-hold: PutObject PutObjectLegalHold
s3:object-lock-mode: PutObject PutObjectRetention
s3:object-lock-remaining-retention-days: PutObject PutObjectRetention
s3:object-lock-retain-until-date: PutObject PutObjectRetention
s3:versionid: DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObjectVersion GetObjectVersionAcl
s3:versionid: GetObjectVersionAnnotation GetObjectVersionAttributes GetObjectVersionTagging GetObjectVersionTorrent
s3:versionid: ListObjectVersionAnnotations PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging
s3:x-amz-acl: BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
s3:x-amz-grant-full-control: BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
s3:x-amz-grant-read: BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
s3:x-amz-grant-read-acp: BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
s3:x-amz-grant-write: BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
s3:x-amz-grant-write-acp: BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
s3:x-amz-copy-source: BypassGovernanceRetention PutObject
s3:x-amz-metadata-directive: BypassGovernanceRetention PutObject
s3:x-amz-website-redirect-location: BypassGovernanceRetention PutObject
s3:x-amz-object-if-match: DeleteObjectAnnotation DeleteObjectVersionAnnotation PutObjectAnnotation PutObjectVersionAnnotation
s3:x-amz-server-side-encryption: BypassGovernanceRetention PutObject ReplicateObject UpdateObjectEncryption
s3:x-amz-server-side-encryption-aws-kms-key-id: BypassGovernanceRetention PutObject ReplicateObject UpdateObjectEncryption
s3:x-amz-server-side-encryption-customer-algorithm: BypassGovernanceRetention PutObject ReplicateObject
s3:x-amz-storage-class: BypassGovernanceRetention PutObject PutObjectAcl PutObjectVersionAcl
`
