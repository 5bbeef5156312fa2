package s3

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta/page"
	"penstock/internal/object"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
	"penstock/internal/service/s3/tagging"
)

// CreateBucket makes a bucket. In us-east-1 making one's own bucket of that region again succeeds, as on AWS.
func (s *Service) CreateBucket(ctx context.Context, in *s3.CreateBucketInput) (*s3.CreateBucketOutput, error) {
	settings, err := s.firstSettings(in)
	if err != nil {
		return nil, err
	}
	var wish types.BucketLocationConstraint
	var tags map[string]string
	if c := in.CreateBucketConfiguration; c != nil {
		wish = c.LocationConstraint
		if tags, err = tagging.First(c.Tags); err != nil {
			return nil, err
		}
	}
	region, err := s.constraint(wish)
	if err != nil {
		return nil, err
	}
	if wish == types.BucketLocationConstraintEu { // which is answered as it was asked
		if settings[setting.Location], err = setting.Text(wish); err != nil {
			return nil, err
		}
	}
	name := aws.ToString(in.Bucket)
	lock := aws.ToBool(in.ObjectLockEnabledForBucket)
	b, err := s.objects.CreateBucketWith(ctx, object.NewBucket{Name: name, Region: region, Tags: tags, Settings: settings, Lock: lock})
	if errors.Is(err, object.ErrBucketExists) && region == "us-east-1" {
		if old, herr := s.objects.HeadBucket(ctx, name); herr == nil && old.Region == region && (old.Lock.Enabled || !lock) {
			b, err = old, nil
		}
	}
	if err != nil {
		return nil, target{bucket: name}.mapped(err)
	}
	return &s3.CreateBucketOutput{Location: aws.String("/" + name), BucketArn: bucketARN(b)}, nil
}

// firstSettings are what a bucket is made with: its ownership and access list. All of its public access is blocked.
func (s *Service) firstSettings(in *s3.CreateBucketInput) (map[string]string, error) {
	o := in.ObjectOwnership
	if o != "" && !slices.Contains(o.Values(), o) {
		return nil, fault.Argument("x-amz-object-ownership", string(o), "Invalid x-amz-object-ownership header: "+string(o))
	}
	settings := map[string]string{}
	r := acl.Request{Word: string(in.ACL), Full: in.GrantFullControl, Read: in.GrantRead, ReadACP: in.GrantReadACP, Write: in.GrantWrite,
		WriteACP: in.GrantWriteACP}
	if r.Word != "" {
		if _, err := acl.Canned(*s.owner().ID, r.Word); err != nil {
			return nil, err
		}
	}
	if o == "" || o == types.ObjectOwnershipBucketOwnerEnforced {
		if !r.Harmless() {
			return nil, aclWithOwnership()
		}
		return settings, nil
	}
	var err error
	if settings[setting.Ownership], err = setting.Text(o); err != nil || !r.Given() {
		return settings, err
	}
	grants, err := r.Grants(*s.owner().ID)
	if err != nil {
		return nil, err
	}
	if acl.Public(grants) {
		return nil, fault.New(400, "InvalidBucketAclWithBlockPublicAccessError",
			"Bucket cannot have public ACLs set with BlockPublicAccess enabled")
	}
	settings[setting.ACL], err = setting.Text(grants)
	return settings, err
}

func bucketARN(b object.Bucket) *string {
	if b.Name == "" {
		return nil
	}
	return aws.String("arn:aws:s3:::" + b.Name)
}

// constraint is the region that a location constraint names; "EU" is an old name of eu-west-1. The endpoint of us-east-1 makes buckets
// of every region that is served, any other one those of its own, which must be named.
func (s *Service) constraint(c types.BucketLocationConstraint) (string, error) {
	if s.Region != "us-east-1" && string(c) != s.Region && !(c == types.BucketLocationConstraintEu && s.Region == "eu-west-1") {
		name := string(c)
		if c == "" {
			name = "unspecified"
		}
		return "", fault.New(400, "IllegalLocationConstraintException",
			"The "+name+" location constraint is incompatible for the region specific endpoint this request was sent to.")
	}
	region, served := string(c), s.Regions.Names()
	switch {
	case c == "":
		return s.Region, nil
	case c == types.BucketLocationConstraintEu:
		region = "eu-west-1"
	}
	if slices.Contains(c.Values(), c) && (region == s.Region || slices.Contains(served, region)) {
		return region, nil
	}
	text := "The specified location-constraint is not valid"
	if _, known := arn.RegionName(region); known && !slices.Contains(served, region) {
		text += ": this server serves " + strings.Join(served, ", ")
	}
	return "", fault.New(400, "InvalidLocationConstraint", text, "LocationConstraint", string(c))
}

// bucket reads a bucket after the caller's expectation of its owner.
func (s *Service) bucket(ctx context.Context, name, owner *string) (object.Bucket, error) {
	if err := s.expect(owner); err != nil {
		return object.Bucket{}, err
	}
	b, err := s.objects.HeadBucket(ctx, aws.ToString(name))
	return b, target{bucket: aws.ToString(name)}.mapped(err)
}

// HeadBucket says whether a bucket exists, and where.
func (s *Service) HeadBucket(ctx context.Context, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	return &s3.HeadBucketOutput{BucketRegion: aws.String(b.Region), BucketArn: bucketARN(b), AccessPointAlias: aws.Bool(false)}, nil
}

// DeleteBucket removes an empty bucket.
func (s *Service) DeleteBucket(ctx context.Context, in *s3.DeleteBucketInput) (*s3.DeleteBucketOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	name := aws.ToString(in.Bucket)
	if err := s.objects.DeleteBucket(ctx, name); err != nil {
		return nil, s.notDeleted(ctx, name, err)
	}
	return &s3.DeleteBucketOutput{}, nil
}

// notDeleted words why a bucket is not deleted: of one with versions, S3 says so.
func (s *Service) notDeleted(ctx context.Context, name string, err error) error {
	err = target{bucket: name}.mapped(err)
	var e *api.Error
	if errors.As(err, &e) && e.Code == "BucketNotEmpty" {
		e.Fields = map[string]string{"BucketName": name}
		if b, err := s.objects.HeadBucket(ctx, name); err == nil && b.Versioning != object.Unversioned {
			e.Message += ". You must delete all versions in the bucket."
		}
	}
	return err
}

// mostBuckets is the most buckets of a page, and of an account.
const mostBuckets = 10000

// ListBuckets lists buckets by name.
func (s *Service) ListBuckets(ctx context.Context, in *s3.ListBucketsInput) (*s3.ListBucketsOutput, error) {
	prefix, region := aws.ToString(in.Prefix), aws.ToString(in.BucketRegion)
	limit := int(aws.ToInt32(in.MaxBuckets))
	if in.MaxBuckets != nil && (limit < 1 || limit > mostBuckets) {
		return nil, fault.Argument("max-buckets", itoa(limit), "Argument max-buckets must be an integer between 1 and 10000")
	}
	p, err := page.Read(in.ContinuationToken, page.Size(in.MaxBuckets, mostBuckets, mostBuckets),
		fault.Argument("continuation-token", aws.ToString(in.ContinuationToken), "The continuation token provided is incorrect"),
		"", "buckets", prefix, region)
	if err != nil {
		return nil, err
	}
	out := &s3.ListBucketsOutput{Owner: s.owner(), Prefix: in.Prefix, Buckets: []types.Bucket{}}
	for after, more := p.After, true; more && !p.More(); {
		some, err := s.objects.Buckets(ctx, prefix, after, p.Ask())
		if err != nil {
			return nil, err
		}
		more = len(some) == p.Ask()
		for _, b := range some {
			after = b.Name
			if region != "" && b.Region != region {
				continue
			}
			if !p.Take(b.Name) {
				break
			}
			out.Buckets = append(out.Buckets, types.Bucket{Name: aws.String(b.Name), BucketArn: bucketARN(b), BucketRegion: aws.String(b.Region),
				CreationDate: aws.Time(b.Created)})
		}
	}
	out.ContinuationToken = p.Next()
	return out, nil
}

// GetBucketLocation answers a bucket's region; us-east-1 is the empty text, and "EU" stays what it was made with.
func (s *Service) GetBucketLocation(ctx context.Context, in *s3.GetBucketLocationInput) (*s3.GetBucketLocationOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	out := &s3.GetBucketLocationOutput{}
	if b.Region != "us-east-1" {
		out.LocationConstraint = types.BucketLocationConstraint(b.Region)
	}
	_, err = s.setting(ctx, in.Bucket, nil, setting.Location, &out.LocationConstraint)
	return out, err
}

// PutBucketVersioning switches versioning on or suspends it.
func (s *Service) PutBucketVersioning(ctx context.Context, in *s3.PutBucketVersioningInput) (*s3.PutBucketVersioningOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	var to object.Versioning
	if c := in.VersioningConfiguration; c != nil {
		to = object.Versioning(c.Status)
	}
	switch to {
	case object.Enabled, object.Suspended:
	case "":
		return nil, fault.New(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	default:
		return nil, malformedXML()
	}
	err := s.objects.SetVersioning(ctx, aws.ToString(in.Bucket), to)
	return &s3.PutBucketVersioningOutput{}, target{bucket: aws.ToString(in.Bucket)}.mapped(err)
}

// GetBucketVersioning answers the state of versioning; a bucket that never had it has none.
func (s *Service) GetBucketVersioning(ctx context.Context, in *s3.GetBucketVersioningInput) (*s3.GetBucketVersioningOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	return &s3.GetBucketVersioningOutput{Status: types.BucketVersioningStatus(b.Versioning)}, nil
}
