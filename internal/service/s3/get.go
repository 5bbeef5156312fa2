package s3

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
	"penstock/internal/vfs"
)

// GetObject answers a version's content, whole or a part of it.
func (s *Service) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	i, part, err := s.find(ctx, in)
	if err != nil {
		return nil, err
	}
	body, err := s.open(i, part)
	if err != nil {
		return nil, err
	}
	out := describe(in, i, part)
	out.Body = body
	return out, nil
}

// open opens the bytes that are asked for: all of them are verified on the way.
func (s *Service) open(i object.Info, part span) (io.ReadCloser, error) {
	if part.length == i.Size {
		return s.objects.OpenWhole(i)
	}
	f, err := s.objects.OpenBlob(i)
	if err != nil {
		return nil, err
	}
	body, err := section(f, part)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return body, nil
}

// HeadObject answers the same without the content.
func (s *Service) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	get := &s3.GetObjectInput{Bucket: in.Bucket, Key: in.Key, VersionId: in.VersionId, ExpectedBucketOwner: in.ExpectedBucketOwner,
		ChecksumMode: in.ChecksumMode, IfMatch: in.IfMatch, IfNoneMatch: in.IfNoneMatch, IfModifiedSince: in.IfModifiedSince,
		IfUnmodifiedSince: in.IfUnmodifiedSince, PartNumber: in.PartNumber, Range: in.Range, ResponseCacheControl: in.ResponseCacheControl,
		ResponseContentDisposition: in.ResponseContentDisposition, ResponseContentEncoding: in.ResponseContentEncoding,
		ResponseContentLanguage: in.ResponseContentLanguage, ResponseContentType: in.ResponseContentType, ResponseExpires: in.ResponseExpires}
	i, part, err := s.find(ctx, get)
	if err != nil {
		return nil, err
	}
	o := describe(get, i, part)
	out := &s3.HeadObjectOutput{ServerSideEncryption: o.ServerSideEncryption, AcceptRanges: o.AcceptRanges, CacheControl: o.CacheControl,
		ChecksumType: o.ChecksumType, ContentDisposition: o.ContentDisposition, ContentEncoding: o.ContentEncoding,
		ContentLanguage: o.ContentLanguage, ContentLength: o.ContentLength, ContentRange: o.ContentRange, ContentType: o.ContentType,
		ETag: o.ETag, LastModified: o.LastModified, Metadata: o.Metadata, PartsCount: o.PartsCount, StorageClass: o.StorageClass,
		TagCount: o.TagCount, VersionId: o.VersionId, WebsiteRedirectLocation: o.WebsiteRedirectLocation}
	out.ObjectLockMode, out.ObjectLockRetainUntilDate = o.ObjectLockMode, o.ObjectLockRetainUntilDate
	out.ObjectLockLegalHoldStatus = o.ObjectLockLegalHoldStatus
	setSums(out, announced(o))
	//lint:ignore SA1019 deprecated for readers; it is the member that the header is written from
	out.Expires = o.Expires
	return out, nil
}

// find reads the version that a request means, under its conditions, and the bytes of it that are asked for.
func (s *Service) find(ctx context.Context, in *s3.GetObjectInput) (object.Info, span, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return object.Info{}, span{}, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId)}
	if n := aws.ToInt32(in.PartNumber); in.PartNumber != nil && (n < 1 || n > object.MaxParts) { // told before a missing key is
		return object.Info{}, span{}, badPartNumber(int(n))
	}
	c := object.Conditions{IfMatch: aws.ToString(in.IfMatch), IfNoneMatch: aws.ToString(in.IfNoneMatch),
		IfModifiedSince: aws.ToTime(in.IfModifiedSince), IfUnmodifiedSince: aws.ToTime(in.IfUnmodifiedSince)}
	i, err := s.objects.Head(ctx, t.bucket, t.key, t.version, c)
	if errors.Is(err, object.ErrNotModified) {
		e := t.condition(err)
		e.Header = map[string]string{"ETag": *quote(i.ETag), "Last-Modified": i.LastModified.Format(httpTime)}
		return object.Info{}, span{}, e
	}
	if err != nil {
		return object.Info{}, span{}, t.mapped(err)
	}
	if in.PartNumber != nil {
		if in.Range != nil {
			return object.Info{}, span{}, fault.New(400, "InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
		}
		part, err := partSpan(i, int(*in.PartNumber))
		return i, part, err
	}
	part, err := parseRange(aws.ToString(in.Range), i.Size)
	return i, part, err
}

// describe is the answer's headers.
func describe(in *s3.GetObjectInput, i object.Info, part span) *s3.GetObjectOutput {
	o := &s3.GetObjectOutput{
		ServerSideEncryption: sse, AcceptRanges: aws.String("bytes"), ETag: quote(i.ETag), LastModified: seconds(i.LastModified),
		ContentLength: aws.Int64(part.length), Metadata: i.Metadata, StorageClass: classOf(i.Attrs), VersionId: versionOf(i),
		WebsiteRedirectLocation: optional(i.Redirect), CacheControl: override(in.ResponseCacheControl, i.CacheControl),
		ContentDisposition: override(in.ResponseContentDisposition, i.ContentDisposition),
		ContentEncoding:    override(in.ResponseContentEncoding, i.ContentEncoding),
		ContentLanguage:    override(in.ResponseContentLanguage, i.ContentLanguage), ContentType: override(in.ResponseContentType, i.ContentType),
	}
	//lint:ignore SA1019 deprecated for readers; it is the member that the header is written from
	o.Expires = expires(in, i)
	if len(i.Tags) > 0 {
		o.TagCount = aws.Int32(int32(len(i.Tags)))
	}
	showLock(o, i.Lock)
	if part.partial {
		o.ContentRange = aws.String(part.text(i.Size))
	}
	if in.PartNumber != nil && len(i.PartSizes) > 0 {
		o.PartsCount = aws.Int32(int32(len(i.PartSizes)))
	}
	if in.ChecksumMode == types.ChecksumModeEnabled && part.length == i.Size {
		o.ChecksumType = sumType(i.Attrs)
		setSums(o, i.Sums)
	}
	return o
}

func expires(in *s3.GetObjectInput, i object.Info) *time.Time {
	if in.ResponseExpires != nil {
		return in.ResponseExpires
	}
	if t, err := time.Parse(httpTime, i.Expires); err == nil {
		return &t
	}
	return nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func override(wish *string, stored string) *string {
	if wish != nil {
		return wish
	}
	return optional(stored)
}

// content is a part of a file. WriteTo hands the file itself on, so that a socket can use sendfile.
type content struct {
	io.LimitedReader
	f vfs.File
}

func section(f vfs.File, part span) (io.ReadCloser, error) {
	if _, err := f.Seek(part.start, io.SeekStart); err != nil {
		return nil, err
	}
	return &content{io.LimitedReader{R: f, N: part.length}, f}, nil
}

// WriteTo implements io.WriterTo.
func (c *content) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, &c.LimitedReader) }

// Close implements io.Closer.
func (c *content) Close() error { return c.f.Close() }
