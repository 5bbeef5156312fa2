package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// GetBucketAcl answers who has which rights on a bucket.
func (s *Service) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) (*s3.GetBucketAclOutput, error) {
	doc, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, aclSetting, &[]types.Grant{})
	if err != nil {
		return nil, err
	}
	grants, err := s.stored(doc)
	return &s3.GetBucketAclOutput{Owner: s.owner(), Grants: grants}, err
}

// PutBucketAcl replaces a bucket's access list, where its ownership leaves access lists on.
func (s *Service) PutBucketAcl(ctx context.Context, in *s3.PutBucketAclInput) (*s3.PutBucketAclOutput, error) {
	r := aclRequest{word: string(in.ACL), full: in.GrantFullControl, read: in.GrantRead, readACP: in.GrantReadACP, write: in.GrantWrite,
		writeACP: in.GrantWriteACP, document: in.AccessControlPolicy}
	if !r.given() {
		return nil, noACL()
	}
	grants, err := s.grants(r)
	if err != nil {
		return nil, err
	}
	return &s3.PutBucketAclOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, aclSetting, grants, admit(grants))
}
