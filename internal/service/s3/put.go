package s3

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/blob"
	"penstock/internal/object"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/fault"
)

func itoa(n int) string { return strconv.Itoa(n) }

// maxPut is the largest object of one PutObject, in bytes.
const maxPut = 5 << 30

// PutObject stores an object. The answer is given when the bytes and the row are durable.
func (s *Service) PutObject(ctx context.Context, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	opts, err := putOptions(ctx, in)
	if err != nil {
		return nil, err
	}
	list := acl.Request{Word: string(in.ACL), Full: in.GrantFullControl, Read: in.GrantRead, ReadACP: in.GrantReadACP,
		WriteACP: in.GrantWriteACP}
	if opts.ACL, err = s.uploadACL(ctx, in.Bucket, list); err != nil {
		return nil, err
	}
	body, err := bodyOf(in.Body, in.ContentLength, &opts)
	if err != nil {
		return nil, err
	}
	if api.URLOf(ctx, "s3") != "" { // of POST requests only: a browser's form
		opts.Reason = "Post"
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key)}
	v, err := s.objects.Put(ctx, t.bucket, t.key, body, opts)
	if err != nil {
		return nil, t.mapped(err)
	}
	out := &s3.PutObjectOutput{ServerSideEncryption: sse, ETag: quote(v.ETag), VersionId: writtenVersion(v), ChecksumType: sumType(v.Attrs)}
	setSums(out, v.Sums)
	return out, nil
}

func putOptions(ctx context.Context, in *s3.PutObjectInput) (object.PutOptions, error) {
	attrs, err := attrsOf(ctx, in)
	if err != nil {
		return object.PutOptions{}, err
	}
	c, err := putConditions(in.IfMatch, in.IfNoneMatch)
	if err != nil {
		return object.PutOptions{}, err
	}
	a, err := algorithmOf(in.ChecksumAlgorithm)
	if err != nil {
		return object.PutOptions{}, err
	}
	opts := object.PutOptions{Attrs: attrs, Conditions: c, MD5: aws.ToString(in.ContentMD5), Want: announced(in)}
	if err := oneSum(opts.Want); err != nil {
		return object.PutOptions{}, err
	}
	return opts, sameAlgorithm(a, &opts)
}

func putConditions(ifMatch, ifNoneMatch *string) (object.PutConditions, error) {
	if v := aws.ToString(ifNoneMatch); v != "" && v != "*" {
		return object.PutConditions{}, fault.New(501, "NotImplemented", "A header you provided implies functionality that is not implemented",
			"Header", "If-None-Match")
	}
	return object.PutConditions{IfMatch: aws.ToString(ifMatch), IfNoneMatch: aws.ToString(ifNoneMatch)}, nil
}

// bodyOf is the reader of an upload's content. A body that comes over the wire verifies its checksums by itself.
func bodyOf(body io.Reader, length *int64, opts *object.PutOptions) (io.Reader, error) {
	if length != nil && *length > maxPut {
		return nil, fault.New(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", "ProposedSize", fmt.Sprint(*length),
			"MaxSizeAllowed", itoa(maxPut))
	}
	if body == nil {
		body = strings.NewReader("")
	}
	if c, ok := body.(api.Checksummed); ok {
		opts.Verified = func() map[blob.Algorithm]string {
			m := map[blob.Algorithm]string{}
			for a, v := range c.Checksums() {
				m[blob.Algorithm(a)] = v
			}
			return m
		}
	}
	if length == nil {
		return &limited{r: body, left: maxPut}, nil
	}
	return &limited{r: body, left: *length, exact: true}, nil
}

// limited is a body with a known or greatest length.
type limited struct {
	r     io.Reader
	left  int64
	exact bool
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.left -= int64(n)
	switch {
	case err != nil && err != io.EOF:
		return n, err
	case l.left < 0 && l.exact, err == io.EOF && l.exact && l.left > 0:
		return n, fault.New(400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	case l.left < 0:
		return n, fault.New(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", "MaxSizeAllowed", itoa(maxPut))
	}
	return n, err
}
