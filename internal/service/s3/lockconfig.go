package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object/lock"
	"penstock/internal/service/s3/fault"
)

// The longest default retention.
const (
	maxLockDays  = 36500
	maxLockYears = 100
)

// PutObjectLockConfiguration switches object lock on in a bucket with versioning, or replaces the default retention of new versions.
func (s *Service) PutObjectLockConfiguration(
	ctx context.Context, in *s3.PutObjectLockConfigurationInput,
) (*s3.PutObjectLockConfigurationOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	c := in.ObjectLockConfiguration
	if c == nil {
		return nil, fault.New(400, "MissingRequestBodyError", "Request Body is empty")
	}
	if c.ObjectLockEnabled != types.ObjectLockEnabledEnabled {
		return nil, malformedXML()
	}
	d, err := defaultRetention(c.Rule)
	if err != nil {
		return nil, err
	}
	return &s3.PutObjectLockConfigurationOutput{}, target{bucket: b.Name}.mapped(s.objects.SetBucketLock(ctx, b.Name, d))
}

// defaultRetention reads a rule, which has a mode and one period; no rule is no default.
func defaultRetention(rule *types.ObjectLockRule) (lock.Default, error) {
	if rule == nil {
		return lock.Default{}, nil
	}
	r := rule.DefaultRetention
	if r == nil || !isMode(string(r.Mode)) || (r.Days == nil) == (r.Years == nil) {
		return lock.Default{}, malformedXML()
	}
	name, n, most := "Days", r.Days, maxLockDays
	if n == nil {
		name, n, most = "Years", r.Years, maxLockYears
	}
	switch {
	case *n < 1:
		return lock.Default{},
			fault.New(400, "InvalidArgument", "Default retention period must be a positive integer value.", "ArgumentName", name)
	case int(*n) > most:
		return lock.Default{}, fault.New(400, "InvalidArgument", "Default retention period too large.", "ArgumentName", name)
	}
	return lock.Default{Mode: lock.Mode(r.Mode), Days: int(aws.ToInt32(r.Days)), Years: int(aws.ToInt32(r.Years))}, nil
}

// GetObjectLockConfiguration answers that a bucket has object lock, with its default retention.
func (s *Service) GetObjectLockConfiguration(
	ctx context.Context, in *s3.GetObjectLockConfigurationInput,
) (*s3.GetObjectLockConfigurationOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	if !b.Lock.Enabled {
		return nil, fault.New(404, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket",
			"BucketName", b.Name)
	}
	c := &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled}
	if d := b.Lock.Default; d.Mode != "" {
		r := &types.DefaultRetention{Mode: types.ObjectLockRetentionMode(d.Mode)}
		if d.Days > 0 {
			r.Days = aws.Int32(int32(d.Days))
		} else {
			r.Years = aws.Int32(int32(d.Years))
		}
		c.Rule = &types.ObjectLockRule{DefaultRetention: r}
	}
	return &s3.GetObjectLockConfigurationOutput{ObjectLockConfiguration: c}, nil
}
