package s3

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/object/settings"
	"penstock/internal/policy"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/guard"
	"penstock/internal/service/s3/setting"
)

// policyBody is the most bytes of a policy with its white space.
const policyBody = 1 << 20

// policyOps are the operations of a bucket's policy.
func (s *Service) policyOps() []api.Op {
	owner := api.Honours("Bucket", "ExpectedBucketOwner")
	return []api.Op{
		api.Handle(s.PutBucketPolicy, owner, body, api.Honours("Policy"), api.Body(policyBody),
			api.Inert("ConfirmRemoveSelfBucketAccess", "a policy is taken though it denies the caller to change it; the account's root always can")),
		api.Handle(s.GetBucketPolicy, owner),
		api.Handle(s.GetBucketPolicyStatus, owner),
		api.Handle(s.DeleteBucketPolicy, owner),
	}
}

// newGuard makes what decides the calls. It is told the operations when all are known.
func (s *Service) newGuard() *guard.Guard {
	return &guard.Guard{Objects: s.objects, Clock: s.Clock, Account: s.Account, Region: s.Region, Owner: *s.owner().ID, Invoker: s.Invoker}
}

// PutBucketPolicy replaces a bucket's policy.
func (s *Service) PutBucketPolicy(ctx context.Context, in *s3.PutBucketPolicyInput) (*s3.PutBucketPolicyOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	doc, err := s.policy(ctx, aws.ToString(in.Bucket), aws.ToString(in.Policy))
	if err != nil {
		return nil, err
	}
	var small bytes.Buffer
	if err := json.Compact(&small, []byte(*in.Policy)); err != nil {
		return nil, err
	}
	check := func(other func(string) (settings.Doc, error)) error {
		text, err := other(setting.Block)
		if err != nil {
			return err
		}
		block, err := setting.BlockOf(text)
		if err == nil && aws.ToBool(block.BlockPublicPolicy) && doc.Public() {
			err = s.publicPolicy(ctx, aws.ToString(in.Bucket))
		}
		return err
	}
	err = s.objects.SetSetting(ctx, aws.ToString(in.Bucket), setting.Policy, small.String(), check)
	return &s3.PutBucketPolicyOutput{}, target{bucket: aws.ToString(in.Bucket)}.mapped(err)
}

// policy checks a policy as S3 does, and refuses by name what cannot be decided here.
func (s *Service) policy(ctx context.Context, bucket, text string) (*policy.Document, error) {
	malformed := func(err error) error { return fault.New(400, "MalformedPolicy", err.Error()) }
	doc, err := policy.Parse([]byte(text), guard.MaxPolicy)
	if err == nil {
		err = doc.CheckBucket(bucket)
	}
	if err != nil {
		return nil, malformed(err)
	}
	for _, name := range doc.Identities() {
		found, err := s.guard.Exists(ctx, name)
		if err != nil {
			return nil, err
		}
		if !found {
			e := fault.New(400, "MalformedPolicy", "Invalid principal in policy", "Detail", name)
			return nil, e
		}
	}
	if key := guard.Unfilled(doc); key != "" {
		return nil, notYet("the condition key " + key)
	}
	return doc, nil
}

func (s *Service) publicPolicy(ctx context.Context, bucket string) error {
	p, _ := api.PrincipalOf(ctx)
	return fault.New(403, "AccessDenied", "User: "+p.ARN+" is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::"+
		bucket+"\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
}

// held reads a bucket's policy.
func (s *Service) held(ctx context.Context, bucket, owner *string) (string, error) {
	doc, err := s.setting(ctx, bucket, owner, setting.Policy, nil)
	if err == nil && doc.Text == "" {
		err = fault.New(404, "NoSuchBucketPolicy", "The bucket policy does not exist", "BucketName", aws.ToString(bucket))
	}
	return doc.Text, err
}

// GetBucketPolicy answers a bucket's policy, without the white space that it was put with.
func (s *Service) GetBucketPolicy(ctx context.Context, in *s3.GetBucketPolicyInput) (*s3.GetBucketPolicyOutput, error) {
	text, err := s.held(ctx, in.Bucket, in.ExpectedBucketOwner)
	return &s3.GetBucketPolicyOutput{Policy: aws.String(text)}, err
}

// GetBucketPolicyStatus answers whether a bucket's policy is public.
func (s *Service) GetBucketPolicyStatus(ctx context.Context, in *s3.GetBucketPolicyStatusInput) (*s3.GetBucketPolicyStatusOutput, error) {
	text, err := s.held(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	doc, err := policy.Parse([]byte(text), guard.MaxPolicy)
	if err != nil {
		return nil, err
	}
	return &s3.GetBucketPolicyStatusOutput{PolicyStatus: &types.PolicyStatus{IsPublic: aws.Bool(doc.Public())}}, nil
}

// DeleteBucketPolicy removes a bucket's policy, if it has one.
func (s *Service) DeleteBucketPolicy(ctx context.Context, in *s3.DeleteBucketPolicyInput) (*s3.DeleteBucketPolicyOutput, error) {
	return &s3.DeleteBucketPolicyOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.Policy, nil, nil)
}
