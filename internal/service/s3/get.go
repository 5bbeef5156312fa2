package s3

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
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
	//lint:ignore SA1019 deprecated for readers; calls that did not come by HTTP answer it
	out.ExpiresString, out.Expires = o.ExpiresString, o.Expires
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
	if len(t.key) > object.MaxKey {
		return object.Info{}, span{}, t.mapped(object.ErrKey)
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
	if !sameAsBefore(ctx, i) {
		return i, span{0, i.Size, false}, nil
	}
	part, err := parseRange(aws.ToString(in.Range), i.Size)
	return i, part, err
}

// sameAsBefore reports whether a version is the one of which the client has a part, by the header If-Range: an entity tag, compared
// strongly, or the very time of Last-Modified (RFC 9110, 13.1.5). Without the header it is.
func sameAsBefore(ctx context.Context, i object.Info) bool {
	w := api.WireOf(ctx)
	if w == nil || len(w.Input["If-Range"]) == 0 {
		return true
	}
	had := strings.Join(w.Input["If-Range"], ",")
	if had == *quote(i.ETag) {
		return true
	}
	t, err := http.ParseTime(had)
	return err == nil && t.Equal(*seconds(i.LastModified))
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
	//lint:ignore SA1019 deprecated for readers; calls that did not come by HTTP answer it
	o.ExpiresString, o.Expires = expires(in, i)
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

// expires is the header Expires as it was stored, and its time if it is one.
func expires(in *s3.GetObjectInput, i object.Info) (*string, *time.Time) {
	if in.ResponseExpires != nil {
		return aws.String(in.ResponseExpires.UTC().Format(httpTime)), in.ResponseExpires
	}
	if t, err := http.ParseTime(i.Expires); err == nil {
		return &i.Expires, &t
	}
	return optional(i.Expires), nil
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
