package s3

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/object"
	"penstock/internal/object/lock"
	"penstock/internal/service/s3/fault"
)

// lockMembers are the members that lock a new version.
func lockMembers(o *api.Op) {
	api.Honours("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")(o)
	api.Holds("ObjectLockEventHold", "OFF")(o)
}

// lockOps are the operations of object lock.
func (s *Service) lockOps() []api.Op {
	bucket, key := api.Honours("Bucket", "ExpectedBucketOwner"), api.Honours("Bucket", "Key", "VersionId", "ExpectedBucketOwner")
	const rule = "ObjectLockConfiguration.Rule.DefaultRetention."
	return []api.Op{
		api.Handle(s.PutObjectLockConfiguration, bucket, requester(), body,
			api.Honours("ObjectLockConfiguration.ObjectLockEnabled", rule+"Mode", rule+"Days", rule+"Years"),
			api.Inert("Token", "S3 asks for none since buckets that exist can be given object lock")),
		api.Handle(s.GetObjectLockConfiguration, bucket),
		api.Handle(s.PutObjectRetention, key, requester(), body,
			api.Honours("Retention.Mode", "Retention.RetainUntilDate", "BypassGovernanceRetention"), api.Holds("Retention.EventHold", "OFF")),
		api.Handle(s.GetObjectRetention, key, requester()),
		api.Handle(s.PutObjectLegalHold, key, requester(), body, api.Honours("LegalHold.Status")),
		api.Handle(s.GetObjectLegalHold, key, requester()),
	}
}

// lockOf reads the lock that a request asks for a new version.
func lockOf(mode types.ObjectLockMode, until *time.Time, hold types.ObjectLockLegalHoldStatus) (lock.Lock, error) {
	const modeName, untilName = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"
	const both = untilName + " and " + modeName + " must both be supplied"
	switch {
	case mode == "" && until != nil:
		return lock.Lock{}, fault.New(400, "InvalidArgument", both, "ArgumentName", modeName)
	case mode != "" && until == nil:
		return lock.Lock{}, fault.New(400, "InvalidArgument", both, "ArgumentName", untilName)
	case mode != "" && !isMode(string(mode)):
		return lock.Lock{}, fault.Argument(modeName, string(mode), "Unknown wormMode directive.")
	case hold != "" && hold != types.ObjectLockLegalHoldStatusOn && hold != types.ObjectLockLegalHoldStatusOff:
		return lock.Lock{}, fault.Argument("x-amz-object-lock-legal-hold", string(hold), "Legal Hold must be either of 'ON' or 'OFF'")
	}
	l := lock.Lock{Mode: lock.Mode(mode), Hold: string(hold)}
	if until != nil {
		l.Until = until.UnixMilli()
	}
	return l, nil
}

func isMode(text string) bool {
	return text == string(lock.Governance) || text == string(lock.Compliance)
}

// showLock sets what answers tell of a version's lock, also of one whose time is over.
func showLock(o *s3.GetObjectOutput, l lock.Lock) {
	if l.Mode != "" {
		o.ObjectLockMode, o.ObjectLockRetainUntilDate = types.ObjectLockMode(l.Mode), aws.Time(l.RetainUntil())
	}
	o.ObjectLockLegalHoldStatus = types.ObjectLockLegalHoldStatus(l.Hold)
}

// PutObjectRetention sets until when a version is kept, or with an empty retention that it is not.
func (s *Service) PutObjectRetention(ctx context.Context, in *s3.PutObjectRetentionInput) (*s3.PutObjectRetentionOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	r := in.Retention
	if r == nil || (r.Mode == "") != (r.RetainUntilDate == nil) || r.Mode != "" && !isMode(string(r.Mode)) {
		return nil, malformedXML()
	}
	until := aws.ToTime(r.RetainUntilDate)
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId), method: "PUT"}
	mode, bypass := lock.Mode(r.Mode), aws.ToBool(in.BypassGovernanceRetention)
	err := s.objects.SetRetention(ctx, t.bucket, t.key, t.version, mode, until, bypass)
	var past *lock.PastError
	if errors.As(err, &past) {
		return nil, pastDate("RetainUntilDate", past)
	}
	return &s3.PutObjectRetentionOutput{}, t.lockless(err)
}

// GetObjectRetention answers until when a version is, or was, kept.
func (s *Service) GetObjectRetention(ctx context.Context, in *s3.GetObjectRetentionInput) (*s3.GetObjectRetentionOutput, error) {
	l, err := s.lockAt(ctx, in.Bucket, in.Key, in.VersionId, in.ExpectedBucketOwner)
	if err == nil && l.Mode == "" {
		err = noObjectLock()
	}
	if err != nil {
		return nil, err
	}
	return &s3.GetObjectRetentionOutput{Retention: &types.ObjectLockRetention{
		Mode: types.ObjectLockRetentionMode(l.Mode), RetainUntilDate: aws.Time(l.RetainUntil())}}, nil
}

// PutObjectLegalHold keeps a version until the hold is taken off, or takes it off.
func (s *Service) PutObjectLegalHold(ctx context.Context, in *s3.PutObjectLegalHoldInput) (*s3.PutObjectLegalHoldOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	on := in.LegalHold != nil && in.LegalHold.Status == types.ObjectLockLegalHoldStatusOn
	if in.LegalHold == nil || !on && in.LegalHold.Status != types.ObjectLockLegalHoldStatusOff {
		return nil, malformedXML()
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId), method: "PUT"}
	return &s3.PutObjectLegalHoldOutput{}, t.lockless(s.objects.SetHold(ctx, t.bucket, t.key, t.version, on))
}

// GetObjectLegalHold answers whether a version has a legal hold; one that never had any has no answer.
func (s *Service) GetObjectLegalHold(ctx context.Context, in *s3.GetObjectLegalHoldInput) (*s3.GetObjectLegalHoldOutput, error) {
	l, err := s.lockAt(ctx, in.Bucket, in.Key, in.VersionId, in.ExpectedBucketOwner)
	if err == nil && l.Hold == "" {
		err = noObjectLock()
	}
	if err != nil {
		return nil, err
	}
	return &s3.GetObjectLegalHoldOutput{LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatus(l.Hold)}}, nil
}

// lockAt reads the lock of a version of a bucket that has object lock. What is not there is told first.
func (s *Service) lockAt(ctx context.Context, bucket, key, version, owner *string) (lock.Lock, error) {
	b, err := s.bucket(ctx, bucket, owner)
	if err != nil {
		return lock.Lock{}, err
	}
	t := target{bucket: b.Name, key: aws.ToString(key), version: aws.ToString(version)}
	i, err := s.objects.Head(ctx, t.bucket, t.key, t.version, object.Conditions{})
	if err == nil && !b.Lock.Enabled {
		err = lock.ErrNone
	}
	return i.Lock, t.lockless(err)
}

func noObjectLock() error {
	return fault.New(404, "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration")
}

// pastDate quotes the date as S3 does.
func pastDate(name string, e *lock.PastError) *api.Error {
	return fault.Argument(name, e.Until.Format("Mon Jan 02 15:04:05 MST 2006"), "The retain until date must be in the future!")
}

// lockless maps an error of the operations on a version's lock; they word a bucket without object lock with spaces.
func (t target) lockless(err error) error {
	if errors.Is(err, lock.ErrNone) {
		return fault.New(400, "InvalidRequest", "Bucket is missing Object Lock Configuration")
	}
	return t.mapped(err)
}

// locks words what object lock refuses.
func (t target) locks(err error) *api.Error {
	var past *lock.PastError
	switch {
	case errors.Is(err, lock.ErrLocked):
		return fault.New(403, "AccessDenied", "Access Denied because object protected by object lock.")
	case errors.Is(err, lock.ErrNone):
		return fault.New(400, "InvalidRequest", "Bucket is missing ObjectLockConfiguration")
	case errors.As(err, &past):
		return pastDate("x-amz-object-lock-retain-until-date", past)
	case errors.Is(err, object.ErrUnproven):
		what := "Put Object"
		if t.part > 0 {
			what = "Put Part"
		}
		return fault.New(400, "InvalidRequest",
			"Content-MD5 OR x-amz-checksum- HTTP header is required for "+what+" requests with Object Lock parameters")
	case errors.Is(err, object.ErrLockUnversioned):
		return fault.New(409, "InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
	case errors.Is(err, object.ErrLockVersioning):
		return fault.New(409, "InvalidBucketState",
			"An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
	}
	return nil
}
