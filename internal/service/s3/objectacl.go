package s3

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
	"penstock/internal/object/settings"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
)

// uploadACL is the access list that an upload gives its object, as it is stored: "" leaves all rights to the owner. Where a bucket's owner
// owns its objects there are no other lists.
func (s *Service) uploadACL(ctx context.Context, bucket *string, r acl.Request) (string, error) {
	if r.Harmless() {
		return "", nil
	}
	grants, err := s.objectGrants(r)
	if err != nil {
		return "", err
	}
	o, err := s.ownership(ctx, bucket, nil)
	if err != nil {
		return "", err
	}
	if o == types.ObjectOwnershipBucketOwnerEnforced {
		return "", aclsOff()
	}
	doc, err := s.setting(ctx, bucket, nil, setting.Block, nil)
	if err != nil {
		return "", err
	}
	block, err := setting.BlockOf(doc)
	if err == nil {
		err = acl.Allowed(grants, block)
	}
	if err != nil {
		return "", err
	}
	return setting.Text(grants)
}

// objectGrants reads the list of an object, which has other words than a bucket's.
func (s *Service) objectGrants(r acl.Request) ([]types.Grant, error) {
	if word := types.ObjectCannedACL(r.Word); r.Word != "" && !slices.Contains(word.Values(), word) {
		return nil, fault.Argument("x-amz-acl", r.Word, "")
	}
	return r.Grants(*s.owner().ID)
}

// GetObjectAcl answers who has which rights on an object.
func (s *Service) GetObjectAcl(ctx context.Context, in *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	o, err := s.ownership(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId)}
	i, err := s.objects.Head(ctx, t.bucket, t.key, t.version, object.Conditions{})
	if err != nil {
		return nil, t.mapped(err)
	}
	doc := settings.Doc{Text: i.ACL}
	if o == types.ObjectOwnershipBucketOwnerEnforced {
		doc.Text = ""
	}
	grants, err := setting.GrantsOf(doc, *s.owner().ID)
	return &s3.GetObjectAclOutput{Owner: s.owner(), Grants: grants}, err
}

// PutObjectAcl replaces an object's access list, where the bucket's ownership leaves access lists on.
func (s *Service) PutObjectAcl(ctx context.Context, in *s3.PutObjectAclInput) (*s3.PutObjectAclOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	r := acl.Request{Word: string(in.ACL), Full: in.GrantFullControl, Read: in.GrantRead, ReadACP: in.GrantReadACP, Write: in.GrantWrite,
		WriteACP: in.GrantWriteACP, Document: in.AccessControlPolicy}
	if !r.Given() {
		return nil, acl.None()
	}
	grants, err := s.objectGrants(r)
	if err != nil {
		return nil, err
	}
	text, err := setting.Text(grants)
	if err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId)}
	var marker *object.MarkerError
	if err = s.objects.SetObjectACL(ctx, t.bucket, t.key, t.version, text, admit(grants)); errors.As(err, &marker) {
		return nil, notAllowed("PUT", "DeleteMarker")
	}
	return &s3.PutObjectAclOutput{}, t.mapped(err)
}
