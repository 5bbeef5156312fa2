package s3

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/blob"
	"penstock/internal/object"
	"penstock/internal/service/s3/acl"
	"penstock/internal/service/s3/fault"
)

// CreateMultipartUpload begins an upload in parts.
func (s *Service) CreateMultipartUpload(ctx context.Context, in *s3.CreateMultipartUploadInput) (*s3.CreateMultipartUploadOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	attrs, err := uploadAttrs(ctx, in)
	if err != nil {
		return nil, err
	}
	list := acl.Request{Word: string(in.ACL), Full: in.GrantFullControl, Read: in.GrantRead, ReadACP: in.GrantReadACP,
		WriteACP: in.GrantWriteACP}
	if attrs.ACL, err = s.uploadACL(ctx, in.Bucket, list); err != nil {
		return nil, err
	}
	a, err := algorithmOf(in.ChecksumAlgorithm)
	if err != nil {
		return nil, err
	}
	composite, err := compositeOf(a, in.ChecksumType)
	if err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key)}
	p, _ := api.PrincipalOf(ctx)
	u, err := s.objects.CreateUpload(ctx, object.Upload{Bucket: t.bucket, Key: t.key, Attrs: attrs, Algorithm: a, Composite: composite,
		Initiator: p.AccessKeyID})
	if err != nil {
		return nil, t.mapped(err)
	}
	out := &s3.CreateMultipartUploadOutput{ServerSideEncryption: sse, Bucket: in.Bucket, Key: in.Key, UploadId: aws.String(u.ID)}
	if a != "" {
		out.ChecksumAlgorithm, out.ChecksumType = types.ChecksumAlgorithm(a), uploadSumType(u)
	}
	return out, nil
}

// UploadPart stores a part.
func (s *Service) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	a, err := algorithmOf(in.ChecksumAlgorithm)
	if err != nil {
		return nil, err
	}
	opts := object.PutOptions{MD5: aws.ToString(in.ContentMD5), Want: announced(in)}
	if err := oneSum(opts.Want); err != nil {
		return nil, err
	}
	if err := sameAlgorithm(a, &opts); err != nil {
		return nil, err
	}
	body, err := bodyOf(in.Body, in.ContentLength, &opts)
	if err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), upload: aws.ToString(in.UploadId)}
	t.part = int(aws.ToInt32(in.PartNumber))
	p, err := s.objects.PutPart(ctx, t.bucket, t.key, t.upload, t.part, body, opts)
	if err != nil {
		return nil, t.mapped(err)
	}
	out := &s3.UploadPartOutput{ServerSideEncryption: sse, ETag: quote(p.ETag)}
	setSums(out, p.Sums)
	return out, nil
}

// CompleteMultipartUpload makes an object of the parts.
func (s *Service) CompleteMultipartUpload(ctx context.Context,
	in *s3.CompleteMultipartUploadInput) (*s3.CompleteMultipartUploadOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	c, err := putConditions(in.IfMatch, in.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), upload: aws.ToString(in.UploadId)}
	opts := object.CompleteOptions{Conditions: c, Size: aws.ToInt64(in.MpuObjectSize), Type: string(in.ChecksumType), Want: announced(in)}
	if err := checkCompletion(in, opts.Want); err != nil {
		return nil, err
	}
	parts, err := completedParts(in.MultipartUpload)
	if err != nil {
		return nil, err
	}
	v, err := s.objects.Complete(ctx, t.bucket, t.key, t.upload, parts, opts)
	if err != nil {
		return nil, t.mapped(err)
	}
	out := &s3.CompleteMultipartUploadOutput{ServerSideEncryption: sse, Bucket: in.Bucket, Key: in.Key, ETag: quote(v.ETag),
		VersionId: writtenVersion(v), Location: aws.String(or(api.URLOf(ctx, "s3"), "/"+t.bucket+"/"+urlEncode(t.key))),
		ChecksumType: sumType(v.Attrs)}
	setSums(out, v.Sums)
	return out, nil
}

// checkCompletion refuses headers of a completion that cannot be met.
func checkCompletion(in *s3.CompleteMultipartUploadInput, want map[blob.Algorithm]string) error {
	if err := oneSum(want); err != nil {
		return err
	}
	for a, text := range want {
		if !sumForm(a, text, true) {
			return badSumHeader("x-amz-checksum-" + strings.ToLower(string(a)))
		}
	}
	if t := in.ChecksumType; t != "" && !slices.Contains(t.Values(), t) {
		return badSumHeader("x-amz-checksum-type")
	}
	if n := aws.ToInt64(in.MpuObjectSize); n < 0 {
		return fault.New(400, "InvalidRequest", fmt.Sprintf("Value for x-amz-mp-object-size header is less than zero: '%d'", n))
	}
	return nil
}

func completedParts(m *types.CompletedMultipartUpload) ([]object.CompletedPart, error) {
	if m == nil {
		return nil, nil
	}
	if len(m.Parts) == 0 {
		return nil, malformedXML()
	}
	out := make([]object.CompletedPart, len(m.Parts))
	for i, p := range m.Parts {
		if p.ETag == nil || p.PartNumber == nil {
			return nil, malformedXML()
		}
		if *p.PartNumber < 1 {
			return nil, fault.Argument("PartNumber", itoa(int(*p.PartNumber)), "PartNumber must be >= 1")
		}
		out[i] = object.CompletedPart{Number: int(*p.PartNumber), ETag: *p.ETag, Sums: announced(&p)}
		if err := partSums(out[i].Sums); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// partSums refuses checksums of a part that are none, or more than one.
func partSums(sums map[blob.Algorithm]string) error {
	const text = "Invalid Base64 or multiple checksums present in request"
	if len(sums) > 1 {
		var all strings.Builder
		for _, a := range blob.Algorithms() {
			if sums[a] != "" {
				fmt.Fprintf(&all, "%s:%s;", a, sums[a])
			}
		}
		return fault.Argument("Checksum", all.String(), text)
	}
	for a, sum := range sums {
		if !sumForm(a, sum, false) {
			return fault.Argument("Checksum", sum, text)
		}
	}
	return nil
}

// AbortMultipartUpload ends an upload and drops its parts.
func (s *Service) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) (*s3.AbortMultipartUploadOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), upload: aws.ToString(in.UploadId)}
	return &s3.AbortMultipartUploadOutput{}, t.mapped(s.objects.Abort(ctx, t.bucket, t.key, t.upload))
}

// ListParts lists the parts of an upload.
func (s *Service) ListParts(ctx context.Context, in *s3.ListPartsInput) (*s3.ListPartsOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	limit, shown, err := limitOf("max-parts", in.MaxParts)
	if err != nil {
		return nil, err
	}
	after, err := strconv.Atoi(or(aws.ToString(in.PartNumberMarker), "0"))
	if err != nil || after < 0 {
		return nil, fault.Argument("part-number-marker", aws.ToString(in.PartNumberMarker),
			"Provided part-number-marker not an integer or within integer range")
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), upload: aws.ToString(in.UploadId)}
	u, parts, more, err := s.objects.Parts(ctx, t.bucket, t.key, t.upload, after, limit)
	if err != nil {
		return nil, t.mapped(err)
	}
	out := &s3.ListPartsOutput{Bucket: in.Bucket, Key: in.Key, UploadId: in.UploadId, PartNumberMarker: aws.String(itoa(after)),
		MaxParts: shown, IsTruncated: aws.Bool(more), StorageClass: types.StorageClass(listClass(u.Attrs)), Owner: s.owner(),
		Initiator: s.initiator(), NextPartNumberMarker: aws.String("0")}
	if u.Algorithm != "" {
		out.ChecksumAlgorithm, out.ChecksumType = types.ChecksumAlgorithm(u.Algorithm), uploadSumType(u)
	}
	for _, p := range parts {
		out.NextPartNumberMarker = aws.String(itoa(p.Number))
		part := types.Part{PartNumber: aws.Int32(int32(p.Number)), ETag: quote(p.ETag), Size: aws.Int64(p.Size),
			LastModified: seconds(p.LastModified)}
		if u.Algorithm != "" {
			setSums(&part, p.Sums)
		}
		out.Parts = append(out.Parts, part)
	}
	return out, nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (s *Service) initiator() *types.Initiator {
	return &types.Initiator{ID: aws.String("arn:aws:iam::" + s.Account + ":root"), DisplayName: aws.String("root")}
}

// ListMultipartUploads lists uploads in progress.
func (s *Service) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (*s3.ListMultipartUploadsOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	limit, shown, err := limitOf("max-uploads", in.MaxUploads)
	if err != nil {
		return nil, err
	}
	enc, err := coderOf(in.EncodingType)
	if err != nil {
		return nil, err
	}
	idMarker := aws.ToString(in.UploadIdMarker)
	if aws.ToString(in.KeyMarker) == "" {
		idMarker = "" // says nothing alone
	}
	if raw, err := hex.DecodeString(idMarker); err != nil || len(raw) != 32 && idMarker != "" {
		return nil, fault.Argument("upload-id-marker", idMarker, "Invalid uploadId marker")
	}
	q := object.UploadQuery{Bucket: aws.ToString(in.Bucket), Prefix: aws.ToString(in.Prefix), Delimiter: aws.ToString(in.Delimiter),
		KeyMarker: aws.ToString(in.KeyMarker), IDMarker: idMarker, Limit: limit}
	p, err := s.objects.Uploads(ctx, q)
	if errors.Is(err, object.ErrNoUpload) {
		return nil, fault.Argument("upload-id-marker", idMarker, "Invalid uploadId marker")
	}
	if err != nil {
		return nil, target{bucket: q.Bucket}.mapped(err)
	}
	out := &s3.ListMultipartUploadsOutput{Bucket: in.Bucket, Prefix: enc.opt(in.Prefix), Delimiter: enc.opt(some(in.Delimiter)),
		KeyMarker: aws.String(enc(q.KeyMarker)), UploadIdMarker: aws.String(aws.ToString(in.UploadIdMarker)), EncodingType: in.EncodingType,
		MaxUploads: shown, IsTruncated: aws.Bool(p.Truncated), CommonPrefixes: enc.prefixes(p.Prefixes)}
	// S3 tells the last upload of the page, be there more or not. Where it ends with a prefix S3 tells nothing, so that nobody can go on:
	// here the prefix is told if there is more.
	if out.NextKeyMarker, out.NextUploadIdMarker = aws.String(""), aws.String(""); p.Truncated || p.LastID != "" {
		out.NextKeyMarker, out.NextUploadIdMarker = aws.String(enc(p.LastKey)), aws.String(p.LastID)
	}
	for _, u := range p.Uploads {
		m := types.MultipartUpload{Key: aws.String(enc(u.Key)), UploadId: aws.String(u.ID), Initiated: seconds(u.Created),
			StorageClass: types.StorageClass(listClass(u.Attrs)), Owner: s.owner(), Initiator: s.initiator()}
		if u.Algorithm != "" {
			m.ChecksumAlgorithm, m.ChecksumType = types.ChecksumAlgorithm(u.Algorithm), uploadSumType(u)
		}
		out.Uploads = append(out.Uploads, m)
	}
	return out, nil
}
