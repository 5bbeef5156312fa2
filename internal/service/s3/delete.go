package s3

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/object"
	"penstock/internal/service/s3/guard"
)

// DeleteObject deletes a key, as the bucket's versioning says, or a version for good. S3 refuses x-amz-bypass-governance-retention in a
// bucket without object lock; here, where nothing is locked, it asks for nothing.
func (s *Service) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	t := target{bucket: aws.ToString(in.Bucket), key: aws.ToString(in.Key), version: aws.ToString(in.VersionId)}
	if err := checkVersion("versionId", t.version); err != nil {
		return nil, err
	}
	d, err := s.objects.Delete(ctx, t.bucket, object.Deletion{Key: t.key, VersionID: t.version, IfMatch: aws.ToString(in.IfMatch),
		Bypass: aws.ToBool(in.BypassGovernanceRetention)})
	if err != nil {
		return nil, t.mapped(err)
	}
	out := &s3.DeleteObjectOutput{VersionId: optional(d.VersionID)}
	if d.Marker {
		out.DeleteMarker = aws.Bool(true)
	}
	return out, nil
}

// DeleteObjects deletes up to 1000 keys or versions in one transaction; each has its own result.
func (s *Service) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (*s3.DeleteObjectsOutput, error) {
	if err := s.expect(in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	if in.Delete == nil || len(in.Delete.Objects) == 0 || len(in.Delete.Objects) > object.MaxPage {
		return nil, malformedXML()
	}
	var deletions []object.Deletion
	out := &s3.DeleteObjectsOutput{}
	for _, o := range in.Delete.Objects {
		d := object.Deletion{Key: aws.ToString(o.Key), VersionID: aws.ToString(o.VersionId), IfMatch: aws.ToString(o.ETag),
			Bypass: aws.ToBool(in.BypassGovernanceRetention)}
		if err := guard.Refused(ctx, d.Key, d.VersionID); err != nil {
			out.Errors = append(out.Errors, deleteError(aws.ToString(in.Bucket), d, err))
			continue
		}
		deletions = append(deletions, d)
	}
	bucket := aws.ToString(in.Bucket)
	done, errs, err := s.objects.DeleteMany(ctx, bucket, deletions)
	if err != nil {
		return nil, target{bucket: bucket}.mapped(err)
	}
	for i, d := range done {
		if errs[i] != nil {
			out.Errors = append(out.Errors, deleteError(bucket, deletions[i], errs[i]))
		} else if !aws.ToBool(in.Delete.Quiet) {
			out.Deleted = append(out.Deleted, deletedObject(deletions[i], d))
		}
	}
	return out, nil
}

func deletedObject(asked object.Deletion, d object.Deleted) types.DeletedObject {
	o := types.DeletedObject{Key: aws.String(asked.Key), VersionId: optional(asked.VersionID)}
	if d.Marker {
		o.DeleteMarker, o.DeleteMarkerVersionId = aws.Bool(true), aws.String(d.VersionID)
	}
	return o
}

func deleteError(bucket string, d object.Deletion, err error) types.Error {
	e := types.Error{Key: aws.String(d.Key), VersionId: optional(d.VersionID), Code: aws.String("InternalError"),
		Message: aws.String(err.Error())}
	var a *api.Error
	if errors.As(target{bucket: bucket, key: d.Key, version: d.VersionID}.mapped(err), &a) {
		e.Code, e.Message = &a.Code, &a.Message
	}
	return e
}
