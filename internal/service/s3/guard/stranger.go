package guard

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/object"
	"penstock/internal/object/settings"
	"penstock/internal/policy"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
)

// never is what S3 answers to strangers whatever a bucket's policy says.
func never(op string) error {
	text := ""
	switch op {
	case "CreateBucket", "PutBucketAcl", "PutObjectAcl", "SelectObjectContent":
		text = "Anonymous users cannot invoke this API. Please authenticate."
	case "CreateMultipartUpload":
		text = "Anonymous users cannot initiate multipart uploads. Please authenticate."
	case "CopyObject":
		text = "Anonymous users cannot copy objects. Please authenticate."
	case "GetBucketOwnershipControls":
		text = "s3:GetBucketOwnershipControls does not support Anonymous requests!"
	case "PutBucketOwnershipControls", "DeleteBucketOwnershipControls":
		text = "s3:PutBucketOwnershipControls does not support Anonymous requests!"
	case "UploadPartCopy":
		return denied()
	default:
		return nil
	}
	return fault.New(403, "AccessDenied", text)
}

// gate refuses the calls of strangers that nothing can allow, before their input is read.
func (g *Guard) gate(ctx context.Context, c api.Call) error {
	if err := never(c.Op); err != nil {
		return err
	}
	if !c.Served || c.First == "" {
		return denied()
	}
	r, err := g.rules(ctx, c.First)
	switch {
	case errors.Is(err, object.ErrBucketName), errors.Is(err, object.ErrNoBucket):
		return noBucket(c.First)
	case err != nil:
		return err
	case !r.open():
		return denied()
	}
	return nil
}

// stranger decides for who signed nothing: what a policy or an access list allows everyone, and no policy denies.
func (a *ask) stranger(ctx context.Context) error {
	d, err := a.decision(ctx, a.action, a.resource, a.keys)
	if err != nil {
		return err
	}
	byPolicy := d == policy.Allow && !a.r.restricted
	switch {
	case d == policy.Deny:
		return denied()
	case byPolicy && policyAction(a.action): // which is the owner's alone
		return fault.New(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", "Method", method(a.action),
			"ResourceType", "BUCKETPOLICY")
	}
	for _, part := range readsObject {
		if part == a.action {
			return a.read(ctx, byPolicy)
		}
	}
	if !byPolicy && !(a.r.lists && a.byList()) {
		return denied()
	}
	return a.keeps()
}

func method(action string) string {
	switch action {
	case "s3:GetBucketPolicy":
		return "GET"
	case "s3:PutBucketPolicy":
		return "PUT"
	}
	return "DELETE"
}

// byList reports whether the bucket's list lets everyone do it.
func (a *ask) byList() bool {
	switch a.action {
	case "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads":
		return everyone(a.r.grants, types.PermissionRead)
	case "s3:PutObject":
		return everyone(a.r.grants, types.PermissionWrite)
	case "s3:GetBucketAcl":
		return everyone(a.r.grants, types.PermissionReadAcp)
	}
	return false
}

// read decides about reading an object: an object's list may allow it too, and that it is not there is told to those who may list.
func (a *ask) read(ctx context.Context, byPolicy bool) error {
	if err := a.look(ctx); err != nil {
		return err
	}
	if a.found == nil {
		bucket := "arn:aws:s3:::" + a.bucket
		d, err := a.decision(ctx, "s3:ListBucket", bucket, a.s.keys)
		lists := d == policy.Allow && !a.r.restricted ||
			d != policy.Deny && a.r.lists && everyone(a.r.grants, types.PermissionRead)
		if err == nil && !lists {
			err = denied()
		}
		return err
	}
	if byPolicy {
		return nil
	}
	if !a.r.lists || a.found.ACL == "" {
		return denied()
	}
	grants, err := setting.GrantsOf(settings.Doc{Text: a.found.ACL}, a.s.g.Owner)
	if err != nil {
		return err
	}
	right := types.PermissionReadAcp
	switch a.action {
	case "s3:GetObject", "s3:GetObjectVersion":
		right = types.PermissionRead
	case "s3:GetObjectAcl", "s3:GetObjectVersionAcl":
	default:
		return denied()
	}
	return a.s.unless(everyone(grants, right))
}

// keeps refuses by name what would make an object that is not the account's: where access lists are on, it belongs to who wrote it.
func (a *ask) keeps() error {
	in, ok := a.s.call.In.(*s3.PutObjectInput)
	if !ok || a.action != "s3:PutObject" || a.r.ownership == types.ObjectOwnershipBucketOwnerEnforced {
		return nil
	}
	if a.r.ownership == types.ObjectOwnershipBucketOwnerPreferred && in.ACL == types.ObjectCannedACLBucketOwnerFullControl {
		return nil
	}
	return fault.New(501, "NotImplemented", "Penstock does not support objects that belong to strangers: the bucket must own what is put "+
		"into it (BucketOwnerEnforced, or BucketOwnerPreferred and x-amz-acl: bucket-owner-full-control)")
}

// responseHeaders refuses to let strangers choose the headers of an answer.
func responseHeaders(in any) error {
	v := reflect.ValueOf(in).Elem()
	for _, name := range []string{"ResponseCacheControl", "ResponseContentDisposition", "ResponseContentEncoding", "ResponseContentLanguage",
		"ResponseContentType", "ResponseExpires"} {
		if f := v.FieldByName(name); f.IsValid() && !f.IsNil() {
			return fault.New(400, "InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
		}
	}
	return nil
}
