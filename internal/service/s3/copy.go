package s3

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
	"penstock/internal/service/s3/access"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/fault"
)

// CopyObject makes an object of another one.
func (s *Service) CopyObject(ctx context.Context, in *s3.CopyObjectInput) (*s3.CopyObjectOutput, error) {
	if err := errors.Join(s.expect(in.ExpectedBucketOwner), s.expect(in.ExpectedSourceBucketOwner)); err != nil {
		return nil, err
	}
	src, err := access.Source(in.CopySource)
	if err != nil {
		return nil, err
	}
	src.Conditions = object.Conditions{IfMatch: aws.ToString(in.CopySourceIfMatch), IfNoneMatch: aws.ToString(in.CopySourceIfNoneMatch),
		IfModifiedSince: aws.ToTime(in.CopySourceIfModifiedSince), IfUnmodifiedSince: aws.ToTime(in.CopySourceIfUnmodifiedSince)}
	opts, err := s.copyOptions(ctx, in, src)
	if err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key)}
	v, from, err := s.objects.Copy(ctx, t.bucket, t.key, src, opts)
	if err != nil {
		return nil, t.copied(src, err)
	}
	out := &s3.CopyObjectOutput{ServerSideEncryption: sse, VersionId: writtenVersion(v), CopySourceVersionId: versionOf(from),
		CopyObjectResult: &types.CopyObjectResult{ETag: quote(v.ETag), LastModified: aws.Time(v.LastModified), ChecksumType: sumType(v.Attrs)}}
	setSums(out.CopyObjectResult, v.Sums)
	return out, nil
}

// copyOptions reads what is to be different in the copy.
func (s *Service) copyOptions(ctx context.Context, in *s3.CopyObjectInput, src object.Source) (object.CopyOptions, error) {
	var opts object.CopyOptions
	if d := in.MetadataDirective; d != "" && d != types.MetadataDirectiveCopy && d != types.MetadataDirectiveReplace {
		return opts, fault.Argument("x-amz-metadata-directive", string(d), "Unknown metadata directive.")
	}
	if d := in.TaggingDirective; d != "" && d != types.TaggingDirectiveCopy && d != types.TaggingDirectiveReplace {
		return opts, fault.Argument("x-amz-tagging-directive", string(d), "Unknown tagging directive.")
	}
	var err error
	if opts.Algorithm, err = algorithmOf(in.ChecksumAlgorithm); err != nil {
		return opts, err
	}
	itself := src.Bucket == aws.ToString(in.Bucket) && src.Key == aws.ToString(in.Key) && src.VersionID == ""
	if itself && in.MetadataDirective != types.MetadataDirectiveReplace && in.StorageClass == "" &&
		in.WebsiteRedirectLocation == nil && in.ServerSideEncryption == "" {
		return opts, fault.New(400, "InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself "+
			"without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	asked, err := attrsOf(ctx, putOfCopy(in))
	if err == nil {
		list := acl.Request{Word: string(in.ACL), Full: in.GrantFullControl, Read: in.GrantRead, ReadACP: in.GrantReadACP,
			WriteACP: in.GrantWriteACP}
		asked.ACL, err = s.uploadACL(ctx, in.Bucket, list)
	}
	if err == nil {
		opts.Conditions, err = putConditions(in.IfMatch, in.IfNoneMatch)
	}
	opts.Attrs = func(from object.Info) (object.Attrs, error) { return mixed(in, asked, from.Attrs), nil }
	return opts, err
}

// putOfCopy is the copy's own attributes as an upload would set them. They are checked even where a directive takes the source's.
func putOfCopy(in *s3.CopyObjectInput) *s3.PutObjectInput {
	return &s3.PutObjectInput{
		StorageClass: in.StorageClass, WebsiteRedirectLocation: in.WebsiteRedirectLocation, Tagging: in.Tagging,
		CacheControl: in.CacheControl, ContentDisposition: in.ContentDisposition, ContentEncoding: in.ContentEncoding,
		ContentLanguage: in.ContentLanguage, ContentType: in.ContentType, Expires: in.Expires, Metadata: in.Metadata,
		ObjectLockMode: in.ObjectLockMode, ObjectLockRetainUntilDate: in.ObjectLockRetainUntilDate,
		ObjectLockLegalHoldStatus: in.ObjectLockLegalHoldStatus,
	}
}

// mixed takes from the source what the directives leave to it. Storage class, redirect, lock and access list are never the source's.
func mixed(in *s3.CopyObjectInput, asked, source object.Attrs) object.Attrs {
	out := asked
	if in.MetadataDirective != types.MetadataDirectiveReplace {
		out = source
		out.StorageClass, out.Redirect, out.Lock, out.ACL = asked.StorageClass, asked.Redirect, asked.Lock, asked.ACL
	}
	out.Tags = source.Tags
	if in.TaggingDirective == types.TaggingDirectiveReplace {
		out.Tags = asked.Tags
	}
	return out
}

// copied maps the error of a copy; what is about the source names the source.
func (t target) copied(src object.Source, err error) error {
	var s *object.SourceError
	if !errors.As(err, &s) {
		if errors.Is(err, object.ErrBusy) {
			return fault.New(409, "OperationAborted",
				"A conflicting conditional operation is currently in progress against this resource. Please try again.")
		}
		return t.mapped(err)
	}
	var marker *object.MarkerError
	var condition *object.PreconditionError
	e := target{bucket: src.Bucket, key: src.Key, version: src.VersionID}
	switch {
	case errors.As(err, &marker) && marker.Named:
		return fault.New(400, "InvalidRequest", "The source of a copy request may not specifically refer to a delete marker by version id.")
	case errors.Is(err, object.ErrCopySize):
		return fault.New(400, "InvalidRequest",
			"The specified copy source is larger than the maximum allowable size for a copy source: "+strconv.Itoa(object.MaxCopy))
	case errors.As(err, &condition):
		e := target{}.condition(err)
		e.Fields["Condition"] = "x-amz-copy-source-" + condition.Condition
		return e
	}
	return e.mapped(s.Err)
}

// UploadPartCopy stores a part that is an object or a range of one.
func (s *Service) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (*s3.UploadPartCopyOutput, error) {
	if err := errors.Join(s.expect(in.ExpectedBucketOwner), s.expect(in.ExpectedSourceBucketOwner)); err != nil {
		return nil, err
	}
	src, err := access.Source(in.CopySource)
	if err != nil {
		return nil, err
	}
	src.Conditions = object.Conditions{IfMatch: aws.ToString(in.CopySourceIfMatch), IfNoneMatch: aws.ToString(in.CopySourceIfNoneMatch),
		IfModifiedSince: aws.ToTime(in.CopySourceIfModifiedSince), IfUnmodifiedSince: aws.ToTime(in.CopySourceIfUnmodifiedSince)}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), upload: aws.ToString(in.UploadId)}
	span := func(size int64) (start, length int64, err error) { return copyRange(in.CopySourceRange, size) }
	t.part = int(aws.ToInt32(in.PartNumber))
	p, from, err := s.objects.CopyPart(ctx, t.bucket, t.key, t.upload, t.part, src, span)
	if err != nil {
		return nil, t.copied(src, err)
	}
	result := &types.CopyPartResult{ETag: quote(p.ETag), LastModified: aws.Time(p.LastModified)}
	setSums(result, p.Sums)
	return &s3.UploadPartCopyOutput{ServerSideEncryption: sse, CopySourceVersionId: versionOf(from), CopyPartResult: result}, nil
}

// copyRange reads x-amz-copy-source-range, which unlike Range has one form and must lie inside the source.
func copyRange(text *string, size int64) (start, length int64, err error) {
	if text == nil {
		return 0, size, nil
	}
	const name = "x-amz-copy-source-range"
	wrong := fault.Argument(name, *text,
		"The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "+
			"zero-based offsets of the first and last bytes to copy")
	spec, ok := strings.CutPrefix(*text, "bytes=")
	from, to, two := strings.Cut(spec, "-")
	first, err1 := strconv.ParseUint(from, 10, 62)
	last, err2 := strconv.ParseUint(to, 10, 62)
	if !ok || !two || err1 != nil || err2 != nil || last < first {
		return 0, 0, wrong
	}
	if last >= uint64(size) {
		return 0, 0, fault.Argument(name, *text, "Range specified is not valid for source object of size: "+strconv.FormatInt(size, 10))
	}
	return int64(first), int64(last-first) + 1, nil
}
