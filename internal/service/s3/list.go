package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
)

// limitOf reads a page size; the store's pages have at most MaxPage entries, and -1 asks for none.
func limitOf(name string, n *int32) (limit int, shown *int32, err error) {
	switch {
	case n == nil || *n > object.MaxPage:
		return object.MaxPage, aws.Int32(object.MaxPage), nil
	case *n < 0:
		return 0, nil, fault.Argument(name, itoa(int(*n)), "Argument "+name+" must be an integer between 0 and 2147483647")
	case *n == 0:
		return -1, n, nil
	}
	return int(*n), n, nil
}

// A coder writes names in a listing: as they are, or URL-encoded on request, since XML cannot carry every character.
type coder func(string) string

func coderOf(t types.EncodingType) (coder, error) {
	switch t {
	case "":
		return func(s string) string { return s }, nil
	case types.EncodingTypeUrl:
		return urlEncode, nil
	}
	return nil, fault.Argument("encoding-type", string(t), "Invalid Encoding Method specified in Request")
}

// urlEncode leaves what S3 leaves. A space becomes %20, which every decoder reads.
func urlEncode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.*/~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// opt encodes a name that may be absent.
func (c coder) opt(s *string) *string {
	if s == nil {
		return nil
	}
	return aws.String(c(*s))
}

// some is an empty text's absence: S3 does not repeat an empty delimiter.
func some(s *string) *string { return optional(aws.ToString(s)) }

func (c coder) prefixes(list []string) []types.CommonPrefix {
	var out []types.CommonPrefix
	for _, p := range list {
		out = append(out, types.CommonPrefix{Prefix: aws.String(c(p))})
	}
	return out
}

func (c coder) objects(list []object.Info, owner *types.Owner) []types.Object {
	var out []types.Object
	for _, i := range list {
		out = append(out, types.Object{Key: aws.String(c(i.Key)), ETag: quote(i.ETag), Size: aws.Int64(i.Size),
			LastModified: seconds(i.LastModified), StorageClass: types.ObjectStorageClass(listClass(i.Attrs)), Owner: owner,
			ChecksumAlgorithm: algorithmsOf(i.Sums), ChecksumType: listSumType(i.Attrs)})
	}
	return out
}

// ListObjectsV2 lists current objects.
func (s *Service) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	limit, shown, err := limitOf("maxKeys", in.MaxKeys)
	if err != nil {
		return nil, err
	}
	enc, err := coderOf(in.EncodingType)
	if err != nil {
		return nil, err
	}
	if in.ContinuationToken != nil && *in.ContinuationToken == "" {
		return nil, fault.Argument("continuation-token", "", "The continuation token provided is incorrect")
	}
	q := object.ListQuery{Bucket: aws.ToString(in.Bucket), Prefix: aws.ToString(in.Prefix), Delimiter: aws.ToString(in.Delimiter),
		After: aws.ToString(in.StartAfter), Token: aws.ToString(in.ContinuationToken), Limit: limit}
	p, err := s.objects.List(ctx, q)
	if err != nil {
		return nil, target{bucket: q.Bucket}.mapped(err)
	}
	startAfter := in.StartAfter
	if in.ContinuationToken != nil { // the token says where the page starts
		startAfter = nil
	}
	var owner *types.Owner
	if aws.ToBool(in.FetchOwner) {
		owner = s.owner()
	}
	return &s3.ListObjectsV2Output{
		Name: in.Bucket, Prefix: aws.String(enc(q.Prefix)), Delimiter: enc.opt(some(in.Delimiter)), StartAfter: enc.opt(startAfter),
		EncodingType: in.EncodingType, ContinuationToken: in.ContinuationToken, NextContinuationToken: optional(p.Token), MaxKeys: shown,
		IsTruncated: aws.Bool(p.Truncated), KeyCount: aws.Int32(int32(len(p.Objects) + len(p.Prefixes))), Contents: enc.objects(p.Objects, owner),
		CommonPrefixes: enc.prefixes(p.Prefixes),
	}, nil
}

// ListObjects is the older listing, which pages by a marker.
func (s *Service) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (*s3.ListObjectsOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	limit, shown, err := limitOf("maxKeys", in.MaxKeys)
	if err != nil {
		return nil, err
	}
	enc, err := coderOf(in.EncodingType)
	if err != nil {
		return nil, err
	}
	q := object.ListQuery{Bucket: aws.ToString(in.Bucket), Prefix: aws.ToString(in.Prefix), Delimiter: aws.ToString(in.Delimiter),
		After: aws.ToString(in.Marker), SkipPrefix: true, Limit: limit}
	p, err := s.objects.List(ctx, q)
	if err != nil {
		return nil, target{bucket: q.Bucket}.mapped(err)
	}
	out := &s3.ListObjectsOutput{
		Name: in.Bucket, Prefix: aws.String(enc(q.Prefix)), Delimiter: enc.opt(some(in.Delimiter)), Marker: aws.String(enc(q.After)),
		EncodingType: in.EncodingType, MaxKeys: shown, IsTruncated: aws.Bool(p.Truncated), Contents: enc.objects(p.Objects, s.owner()),
		CommonPrefixes: enc.prefixes(p.Prefixes),
	}
	if p.Truncated && q.Delimiter != "" { // otherwise the last key is the marker, and S3 says nothing
		out.NextMarker = aws.String(enc(p.Last))
	}
	return out, nil
}

// ListObjectVersions lists all versions and delete markers.
func (s *Service) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (*s3.ListObjectVersionsOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	limit, shown, err := limitOf("maxKeys", in.MaxKeys)
	if err != nil {
		return nil, err
	}
	enc, err := coderOf(in.EncodingType)
	if err != nil {
		return nil, err
	}
	if aws.ToString(in.VersionIdMarker) != "" && aws.ToString(in.KeyMarker) == "" {
		return nil, fault.Argument("version-id-marker", *in.VersionIdMarker, "A version-id marker cannot be specified without a key marker.")
	}
	if err := checkVersion("version-id-marker", aws.ToString(in.VersionIdMarker)); err != nil {
		return nil, err
	}
	q := object.VersionQuery{Bucket: aws.ToString(in.Bucket), Prefix: aws.ToString(in.Prefix), Delimiter: aws.ToString(in.Delimiter),
		KeyMarker: aws.ToString(in.KeyMarker), VersionMarker: aws.ToString(in.VersionIdMarker), Limit: limit}
	p, err := s.objects.ListVersions(ctx, q)
	if err != nil {
		return nil, target{bucket: q.Bucket}.mapped(err)
	}
	out := &s3.ListObjectVersionsOutput{
		Name: in.Bucket, Prefix: aws.String(enc(q.Prefix)), Delimiter: enc.opt(some(in.Delimiter)), KeyMarker: aws.String(enc(q.KeyMarker)),
		VersionIdMarker: aws.String(q.VersionMarker), EncodingType: in.EncodingType, MaxKeys: shown, IsTruncated: aws.Bool(p.Truncated),
		CommonPrefixes: enc.prefixes(p.Prefixes),
	}
	out.Versions, out.DeleteMarkers = enc.versions(p.Objects, s.owner())
	if p.Truncated {
		out.NextKeyMarker, out.NextVersionIdMarker = aws.String(enc(p.Last)), optional(p.LastVersion)
	}
	return out, nil
}

func (c coder) versions(list []object.Info, owner *types.Owner) (versions []types.ObjectVersion, markers []types.DeleteMarkerEntry) {
	for _, i := range list {
		if i.DeleteMarker {
			markers = append(markers, types.DeleteMarkerEntry{Key: aws.String(c(i.Key)), VersionId: aws.String(i.VersionID),
				IsLatest:     aws.Bool(i.Latest),
				LastModified: seconds(i.LastModified), Owner: owner})
			continue
		}
		versions = append(versions, types.ObjectVersion{Key: aws.String(c(i.Key)), VersionId: aws.String(i.VersionID),
			IsLatest: aws.Bool(i.Latest), ETag: quote(i.ETag), Size: aws.Int64(i.Size), LastModified: seconds(i.LastModified),
			StorageClass: types.ObjectVersionStorageClass(listClass(i.Attrs)), Owner: owner, ChecksumAlgorithm: algorithmsOf(i.Sums),
			ChecksumType: listSumType(i.Attrs)})
	}
	return versions, markers
}
