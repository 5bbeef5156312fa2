package s3

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
)

// maxRules is the most rules of a CORS configuration.
const maxRules = 100

// GetBucketCors answers from where a bucket may be asked by browsers.
func (s *Service) GetBucketCors(ctx context.Context, in *s3.GetBucketCorsInput) (*s3.GetBucketCorsOutput, error) {
	var c types.CORSConfiguration
	doc, err := s.setting(ctx, in.Bucket, in.ExpectedBucketOwner, corsSetting, &c)
	if err == nil && doc.Text == "" {
		err = fail(404, "NoSuchCORSConfiguration", "The CORS configuration does not exist", "BucketName", aws.ToString(in.Bucket))
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
		if err := checkRule(r); err != nil {
			return nil, err
		}
	}
	return &s3.PutBucketCorsOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, corsSetting, c, nil)
}

// DeleteBucketCors removes it.
func (s *Service) DeleteBucketCors(ctx context.Context, in *s3.DeleteBucketCorsInput) (*s3.DeleteBucketCorsOutput, error) {
	return &s3.DeleteBucketCorsOutput{}, s.set(ctx, in.Bucket, in.ExpectedBucketOwner, corsSetting, nil, nil)
}

func corsMethods() []string { return []string{"GET", "PUT", "POST", "DELETE", "HEAD"} }

func checkRule(r types.CORSRule) error {
	if len(r.AllowedOrigins) == 0 || len(r.AllowedMethods) == 0 || len(aws.ToString(r.ID)) > 255 {
		return malformedXML()
	}
	for _, m := range r.AllowedMethods {
		if !slices.Contains(corsMethods(), m) {
			return fail(400, "InvalidRequest", "Found unsupported HTTP method in CORS config. Unsupported method is "+m)
		}
	}
	for _, o := range r.AllowedOrigins {
		if strings.Count(o, "*") > 1 {
			return fail(400, "InvalidRequest", fmt.Sprintf("AllowedOrigin %q can not have more than one wildcard.", o))
		}
	}
	for _, h := range r.AllowedHeaders {
		if strings.Count(h, "*") > 1 {
			return fail(400, "InvalidRequest", fmt.Sprintf("AllowedHeader %q can not have more than one wildcard.", h))
		}
	}
	for _, h := range slices.Concat(r.AllowedHeaders, r.ExposeHeaders) {
		if !headerName(h) {
			return fail(400, "InvalidRequest", `AllowedHeader "`+h+`" contains invalid character.`)
		}
	}
	return nil
}

// headerName reports whether a text may be the name of a header, with a wildcard among it.
func headerName(h string) bool {
	return h != "" && !strings.ContainsFunc(h, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	})
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
	doc, err := s.setting(ctx, &bucket, nil, corsSetting, &c)
	if err != nil || doc.Text == "" {
		return nil, corsOff(preflight, method, err)
	}
	for _, rule := range c.CORSRules {
		if matches(rule, origin, method, wanted) {
			return corsHeaders(rule, origin, wanted), nil
		}
	}
	if !preflight {
		return nil, nil
	}
	return nil, fail(403, "AccessForbidden", "CORSResponse: This CORS request is not allowed. "+
		"This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
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
		if !headerName(name) && err == nil {
			err = fail(400, "BadRequest", `Access-Control-Request-Headers "`+h+`" contains invalid character.`)
		}
		out = append(out, strings.ToLower(name))
	}
	return out, err
}

func checkPreflight(origin, method string, headers error) error {
	switch {
	case origin == "":
		return fail(400, "BadRequest", "Insufficient information. Origin request header needed.")
	case !slices.Contains(corsMethods(), method):
		if method == "" {
			method = "null"
		}
		return fail(400, "BadRequest", "Invalid Access-Control-Request-Method: "+method)
	}
	return headers
}

// corsOff is the answer where the bucket has no configuration, or where there is no bucket.
func corsOff(preflight bool, method string, err error) error {
	switch code := api.Code(err); {
	case !preflight:
		return nil
	case code == "NoSuchBucket" || code == "InvalidBucketName":
		return fail(403, "AccessForbidden", "CORSResponse: Bucket not found", "Method", method, "ResourceType", "BUCKET")
	case err != nil:
		return err
	}
	return fail(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.", "Method", method, "ResourceType", "BUCKET")
}

// matches applies https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html: origin, method and each wanted header must be allowed.
func matches(r types.CORSRule, origin, method string, wanted []string) bool {
	if !slices.Contains(r.AllowedMethods, method) || !slices.ContainsFunc(r.AllowedOrigins, func(p string) bool { return like(p, origin) }) {
		return false
	}
	for _, h := range wanted {
		if !slices.ContainsFunc(r.AllowedHeaders, func(p string) bool { return like(strings.ToLower(p), h) }) {
			return false
		}
	}
	return true
}

// like holds a text against a pattern with at most one "*".
func like(pattern, text string) bool {
	before, after, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	return len(text) >= len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
}

func corsHeaders(r types.CORSRule, origin string, wanted []string) http.Header {
	h := http.Header{}
	h.Set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
	h.Set("Access-Control-Allow-Methods", strings.Join(r.AllowedMethods, ", "))
	if slices.Contains(r.AllowedOrigins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(wanted) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(wanted, ", "))
	}
	if len(r.ExposeHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(r.ExposeHeaders, ", "))
	}
	if r.MaxAgeSeconds != nil {
		h.Set("Access-Control-Max-Age", itoa(int(*r.MaxAgeSeconds)))
	}
	return h
}
