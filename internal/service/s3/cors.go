package s3

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/service/s3/cors"
	"penstock/internal/service/s3/fault"
	"penstock/internal/service/s3/setting"
)

// maxRules is the most rules of a CORS configuration.
const maxRules = 100

// GetBucketCors answers from where a bucket may be asked by browsers.
func (s *Service) GetBucketCors(ctx context.Context, in *s3.GetBucketCorsInput) (*s3.GetBucketCorsOutput, error) {
	var c types.CORSConfiguration
	doc, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, setting.CORS, &c)
	if err == nil && doc.Text == "" {
		err = fault.New(404, "NoSuchCORSConfiguration", "The CORS configuration does not exist", "BucketName", aws.ToString(in.Bucket))
	}
	return &s3.GetBucketCorsOutput{CORSRules: c.CORSRules}, err
}

// PutBucketCors replaces the configuration.
func (s *Service) PutBucketCors(ctx context.Context, in *s3.PutBucketCorsInput) (*s3.PutBucketCorsOutput, error) {
	c := in.CORSConfiguration
	if c == nil || len(c.CORSRules) == 0 || len(c.CORSRules) > maxRules {
		return nil, malformedXML()
	}
	for _, r := range c.CORSRules {
		if cors.Malformed(r) {
			return nil, malformedXML()
		}
		if err := cors.Check(r); err != nil {
			return nil, err
		}
	}
	return &s3.PutBucketCorsOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.CORS, c, nil)
}

// DeleteBucketCors removes it.
func (s *Service) DeleteBucketCors(ctx context.Context, in *s3.DeleteBucketCorsInput) (*s3.DeleteBucketCorsOutput, error) {
	return &s3.DeleteBucketCorsOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, setting.CORS, nil, nil)
}

// Cross is what browsers are told of a request from another origin: the headers of the answer to any request, and of a preflight, an
// OPTIONS request, its refusal too. bucket is "" for requests without one, which no origin may make.
func (s *Service) Cross(ctx context.Context, r *http.Request, bucket string) (http.Header, error) {
	origin, preflight := r.Header.Get("Origin"), r.Method == http.MethodOptions
	if !preflight && (origin == "" || bucket == "") {
		return nil, nil
	}
	method := r.Method
	if preflight {
		method = r.Header.Get("Access-Control-Request-Method")
	}
	wanted, err := requestedHeaders(r)
	if preflight {
		if err = checkPreflight(origin, method, err); err != nil {
			return nil, err
		}
	}
	var c types.CORSConfiguration
	doc, err := s.setting(ctx, &bucket, nil, setting.CORS, &c)
	if err != nil || doc.Text == "" {
		return nil, corsOff(preflight, method, err)
	}
	for _, rule := range c.CORSRules {
		if cors.Matches(rule, origin, method, wanted) {
			return cors.Headers(rule, origin, wanted), nil
		}
	}
	if !preflight {
		return nil, nil
	}
	return nil, fault.New(403, "AccessForbidden", "CORSResponse: This CORS request is not allowed. "+
		"This is usually because the evalution of Origin, "+
		"request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
		"Method", method, "ResourceType", "OBJECT")
}

// requestedHeaders are the headers that a browser wants to send, in small letters.
func requestedHeaders(r *http.Request) (out []string, err error) {
	text := r.Header.Get("Access-Control-Request-Headers")
	if text == "" {
		return nil, nil
	}
	for _, h := range strings.Split(text, ",") {
		name := strings.TrimSpace(h)
		if !cors.HeaderName(name) && err == nil {
			err = fault.New(400, "BadRequest", `Access-Control-Request-Headers "`+h+`" contains invalid character.`)
		}
		out = append(out, strings.ToLower(name))
	}
	return out, err
}

func checkPreflight(origin, method string, headers error) error {
	switch {
	case origin == "":
		return fault.New(400, "BadRequest", "Insufficient information. Origin request header needed.")
	case !slices.Contains(cors.Methods(), method):
		if method == "" {
			method = "null"
		}
		return fault.New(400, "BadRequest", "Invalid Access-Control-Request-Method: "+method)
	}
	return headers
}

// corsOff is the answer where the bucket has no configuration, or where there is no bucket.
func corsOff(preflight bool, method string, err error) error {
	switch code := api.Code(err); {
	case !preflight:
		return nil
	case code == "NoSuchBucket" || code == "InvalidBucketName":
		return fault.New(403, "AccessForbidden", "CORSResponse: Bucket not found", "Method", method, "ResourceType", "BUCKET")
	case err != nil:
		return err
	}
	return fault.New(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.", "Method", method, "ResourceType", "BUCKET")
}
