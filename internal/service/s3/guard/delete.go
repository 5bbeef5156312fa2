package guard

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
)

type contextKey int

const refusedKey contextKey = 0

// A version names one of a batch.
type version struct{ key, id string }

// deleteObjects decides about each object of a batch by itself: what is refused is a result like others.
func (s *subject) deleteObjects(ctx context.Context) (context.Context, error) {
	in, ok := s.call.In.(*s3.DeleteObjectsInput)
	if !ok || in.Delete == nil {
		return ctx, s.unless(!s.call.Principal.Anonymous)
	}
	refused := map[version]error{}
	for _, o := range in.Delete.Objects {
		v := version{aws.ToString(o.Key), aws.ToString(o.VersionId)}
		actions, given := []string{"s3:DeleteObject"}, map[string][]string{}
		if v.id != "" {
			actions[0], given[versionKey] = "s3:DeleteObjectVersion", []string{v.id}
		} else if o.ETag != nil {
			given["s3:if-match"] = []string{*o.ETag}
		}
		if aws.ToBool(in.BypassGovernanceRetention) {
			actions = append(actions, "s3:BypassGovernanceRetention")
		}
		for _, action := range actions {
			err := s.decide(ctx, action, "arn:aws:s3:::"+aws.ToString(in.Bucket)+"/"+v.key, given)
			if code := api.Code(err); err != nil && code != "AccessDenied" {
				return ctx, err
			} else if err != nil {
				refused[v] = err
			}
		}
	}
	return context.WithValue(ctx, refusedKey, refused), nil
}

// Refused is the error of an object of a batch that the caller may not delete, or nil.
func Refused(ctx context.Context, key, id string) error {
	refused, _ := ctx.Value(refusedKey).(map[version]error)
	return refused[version{key, id}]
}

func copySource(in any) *string {
	switch in := in.(type) {
	case *s3.CopyObjectInput:
		return in.CopySource
	case *s3.UploadPartCopyInput:
		return in.CopySource
	}
	return nil
}
