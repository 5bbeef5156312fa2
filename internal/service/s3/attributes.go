package s3

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/object"
	"penstock/internal/service/s3/fault"
)

// GetObjectAttributes answers what is known of a version beside its bytes: those of five attributes that are asked for.
func (s *Service) GetObjectAttributes(ctx context.Context, in *s3.GetObjectAttributesInput) (*s3.GetObjectAttributesOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId)}
	want, wrong := attributesOf(in.ObjectAttributes)
	i, err := s.objects.Head(ctx, t.bucket, t.key, t.version, object.Conditions{})
	if wrong != nil && !errors.Is(err, object.ErrNoBucket) { // after the bucket, before the key
		return nil, wrong
	}
	if err != nil {
		return nil, t.mapped(err)
	}
	out := &s3.GetObjectAttributesOutput{LastModified: seconds(i.LastModified), VersionId: versionOf(i)}
	if want[types.ObjectAttributesEtag] {
		out.ETag = aws.String(i.ETag) // without quotes, unlike everywhere else
	}
	if want[types.ObjectAttributesChecksum] && len(i.Sums) > 0 {
		out.Checksum = &types.Checksum{ChecksumType: sumType(i.Attrs)}
		setSums(out.Checksum, i.Sums)
	}
	if want[types.ObjectAttributesObjectSize] {
		out.ObjectSize = aws.Int64(i.Size)
	}
	if want[types.ObjectAttributesStorageClass] {
		out.StorageClass = types.StorageClass(listClass(i.Attrs))
	}
	if want[types.ObjectAttributesObjectParts] && len(i.PartSizes) > 0 {
		out.ObjectParts, err = partsPage(in, i)
	}
	return out, err
}

// attributesOf reads the names of attributes, which clients send as a list or as one text with commas.
func attributesOf(names []types.ObjectAttributes) (map[types.ObjectAttributes]bool, error) {
	want := map[types.ObjectAttributes]bool{}
	for _, list := range names {
		for _, name := range strings.Split(string(list), ",") {
			a := types.ObjectAttributes(strings.TrimSpace(name))
			if !slices.Contains(a.Values(), a) {
				return nil, fault.Argument("x-amz-object-attributes", string(list), "Invalid attribute name specified.")
			}
			want[a] = true
		}
	}
	if len(want) == 0 {
		return nil, fault.New(400, "InvalidRequest",
			"The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	}
	return want, nil
}

// partsPage lists parts after a marker. Parts of an upload that named no checksum are only counted, as on S3.
func partsPage(in *s3.GetObjectAttributesInput, i object.Info) (*types.GetObjectAttributesParts, error) {
	p := &types.GetObjectAttributesParts{TotalPartsCount: aws.Int32(int32(len(i.PartSizes)))}
	if len(i.PartSums) == 0 {
		return p, nil
	}
	limit, _, err := limitOf("max-parts", in.MaxParts)
	if err != nil {
		return nil, err
	}
	marker := 0
	if text := aws.ToString(in.PartNumberMarker); text != "" {
		if marker, err = strconv.Atoi(text); err != nil || marker < 0 {
			return nil, fault.Argument("part-number-marker", text, "Argument part-number-marker must be an integer between 0 and 2147483647")
		}
	}
	from := min(marker, len(i.PartSizes))
	to := min(from+max(limit, 0), len(i.PartSizes))
	p.PartNumberMarker, p.NextPartNumberMarker = aws.String(itoa(marker)), aws.String(itoa(max(to, marker)))
	p.MaxParts, p.IsTruncated = aws.Int32(int32(max(limit, 0))), aws.Bool(to < len(i.PartSizes))
	for n := from; n < to; n++ {
		part := types.ObjectPart{PartNumber: aws.Int32(int32(n + 1)), Size: aws.Int64(i.PartSizes[n])}
		setSums(&part, i.PartSum(n))
		p.Parts = append(p.Parts, part)
	}
	return p, nil
}
