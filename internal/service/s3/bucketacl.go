package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/setting"
)

// GetBucketAcl answers who has which rights on a bucket.
func (s *Service) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) (*s3.GetBucketAclOutput, error) {
	doc, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, setting.ACL, &[]types.Grant{})
	if err != nil {
		return nil, err
	}
	grants, err := setting.GrantsOf(doc, *s.owner().ID)
	return &s3.GetBucketAclOutput{Owner: s.owner(), Grants: grants}, err
}

// PutBucketAcl replaces a bucket's access list, where its ownership leaves access lists on.
func (s *Service) PutBucketAcl(ctx context.Context, in *s3.PutBucketAclInput) (*s3.PutBucketAclOutput, error) {
	r := acl.Request{Word: string(in.ACL), Full: in.GrantFullControl, Read: in.GrantRead, ReadACP: in.GrantReadACP, Write: in.GrantWrite,
		WriteACP: in.GrantWriteACP, Document: in.AccessControlPolicy}
	if !r.Given() {
		return nil, acl.None()
	}
	grants, err := r.Grants(*s.owner().ID)
	if err != nil {
		return nil, err
	}
	return &s3.PutBucketAclOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.ACL, grants, admit(grants))
}
