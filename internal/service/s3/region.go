package s3

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"penstock/internal/api"
	"penstock/internal/api/sigv4"
	"penstock/internal/service/s3/fault"
)

// Buckets are the account's and their names are of no region, but each lies in one, and its requests are signed for that. A bucket of a
// region that the server does not serve is reached through all that it serves.

// elsewhere refuses a bucket of another region as S3 does, which tells the client where to ask: by the region of its signature where the
// request has one, and otherwise as the endpoint of a region does, at which services call.
func (s *Service) elsewhere(ctx context.Context, bucket string) error {
	scope, signed := api.ScopeOf(ctx, "s3")
	if signed && scope.Region == "" {
		return nil
	}
	b, err := s.objects.HeadBucket(ctx, bucket)
	if err != nil || b.Region == s.Region || !slices.Contains(s.Regions.Names(), b.Region) {
		return nil // what is wrong with the bucket itself the operation says
	}
	e := fault.New(301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint. "+
		"Please send all future requests to this endpoint.", "Endpoint", bucket+".s3."+b.Region+".amazonaws.com", "Bucket", bucket)
	if signed {
		wrong := &sigv4.Fault{Kind: sigv4.WrongRegion, Text: s.Region, Want: b.Region}
		e = wrong.For(api.ObjectWords)
		e.Err = wrong
	}
	e.Header = map[string]string{"x-amz-bucket-region": b.Region}
	return e
}

// atHome makes operations on a bucket look where it lies. CreateBucket has words of its own for one that is there, and us-east-1 knows the
// location of every bucket.
func (s *Service) atHome(ops []api.Op) []api.Op {
	if len(s.Regions) < 2 {
		return ops
	}
	for i, op := range ops {
		field, ok := op.In.FieldByName("Bucket")
		if !ok || op.Name == "CreateBucket" || op.Name == "GetBucketLocation" && s.Region == "us-east-1" {
			continue
		}
		ops[i] = op.Before(func(ctx context.Context, in any) error {
			name, _ := reflect.ValueOf(in).Elem().FieldByIndex(field.Index).Interface().(*string)
			return s.elsewhere(ctx, aws.ToString(name))
		})
	}
	return ops
}

// plain is the short way. With several regions it leaves buckets of others to the general one.
func (s *Service) plain() *api.Plain {
	p := &api.Plain{Get: s.plainGet, Put: s.plainPut, List: s.plainList}
	if len(s.Regions) < 2 {
		return p
	}
	return &api.Plain{
		Get: func(ctx context.Context, bucket, key string, sums bool, h http.Header) ([]byte, bool) {
			if s.elsewhere(ctx, bucket) != nil {
				return nil, false
			}
			return p.Get(ctx, bucket, key, sums, h)
		},
		Put: func(ctx context.Context, bucket, key, contentType string, body []byte, h http.Header) bool {
			return s.elsewhere(ctx, bucket) == nil && p.Put(ctx, bucket, key, contentType, body, h)
		},
		List: func(ctx context.Context, bucket, query string, send func([]byte)) bool {
			return s.elsewhere(ctx, bucket) == nil && p.List(ctx, bucket, query, send)
		},
	}
}
