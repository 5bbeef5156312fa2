package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/pattern"
)

// The longest templates in bytes, by how they come:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html.
const (
	maxInline = 51200
	maxStored = 1000000
)

// source is the template that a request gives itself: inline, or as an object of a bucket.
func (s *Service) source(ctx context.Context, body, at *string) (*string, error) {
	switch {
	case body != nil && at != nil:
		return nil, invalid("You cannot specify both Template URL and Template Body.")
	case at != nil:
		text, err := s.fetch(ctx, *at)
		return &text, err
	case body != nil && len(*body) > maxInline:
		return nil, invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", maxInline)
	}
	return body, nil
}

// fetch reads the object that a TemplateURL names, as the caller. Its bucket may lie in another region than the stack.
func (s *Service) fetch(ctx context.Context, at string) (string, error) {
	in, err := templateObject(at, api.URLOf(ctx, "cloudformation"))
	if err != nil {
		return "", err
	}
	out, err := s.Invoker.Invoke(ctx, "s3", "GetObject", in)
	var e *api.Error
	if errors.As(err, &e) && e.Header["x-amz-bucket-region"] != "" {
		there, none := s.In(e.Header["x-amz-bucket-region"])
		if none != nil {
			return "", none
		}
		out, err = there.Invoke(ctx, "s3", "GetObject", in)
	}
	if err != nil {
		return "", storedError(err)
	}
	object, ok := out.(*s3.GetObjectOutput)
	if !ok {
		return "", fmt.Errorf("GetObject answered %T", out)
	}
	defer object.Body.Close()
	text, err := io.ReadAll(io.LimitReader(object.Body, maxStored+1))
	if err != nil {
		return "", fmt.Errorf("read the template %s: %w", at, err)
	}
	if len(text) > maxStored {
		return "", invalid("Template may not exceed %d bytes in size.", maxStored)
	}
	return string(text), nil
}

// storedError is S3's refusal in CloudFormation's words.
func storedError(err error) error {
	var e *api.Error
	if !errors.As(err, &e) || e.Status >= 500 && e.Status != 501 {
		return err
	}
	return invalid("S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", e.Message)
}

// templateObject is the object that a TemplateURL names: by a host of S3's, or by this server's as the caller of the operation reaches it
// (server is the address of the request). Its bucket stands in the host or first in the path.
func templateObject(at, server string) (*s3.GetObjectInput, error) {
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return nil, invalid("TemplateURL must be a supported URL.")
	}
	if u.Scheme == "s3" {
		return nil, invalid("S3 error: Domain name specified in %s is not a valid S3 domain", u.Host)
	}
	bucket, known := bucketOfHost(u, server)
	if u.Scheme != "https" && u.Scheme != "http" || !known {
		return nil, invalid("TemplateURL must be a supported URL. %s://%s is neither Amazon S3 nor this server.", u.Scheme, u.Host)
	}
	key := strings.TrimPrefix(u.Path, "/")
	if bucket == "" {
		bucket, key, _ = strings.Cut(key, "/")
	}
	if bucket == "" || key == "" {
		return nil, invalid("TemplateURL must reference a valid S3 object to which you have access.")
	}
	in := &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)}
	if v := u.Query().Get("versionId"); v != "" {
		in.VersionId = aws.String(v)
	}
	return in, nil
}

// s3Host is a host of S3's: s3.amazonaws.com, that of a region, of dual-stack; each with or without a bucket before it. Websites are none.
var s3Host = pattern.Lazy(`^(?:(.+)\.)?s3(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-[0-9])?\.amazonaws\.com$`)

// bucketOfHost takes the bucket from a host of S3's or of this server; "" where the path has it. known is false for any other host.
func bucketOfHost(u *url.URL, server string) (bucket string, known bool) {
	host := strings.ToLower(u.Hostname())
	if m := s3Host().FindStringSubmatch(host); m != nil {
		return m[1], true
	}
	own, err := url.Parse(server)
	if err != nil || own.Host == "" || u.Port() != own.Port() {
		return "", false
	}
	if host == strings.ToLower(own.Hostname()) || loopback(host) && loopback(own.Hostname()) {
		return "", true
	}
	for _, end := range []string{".s3.localhost", ".localhost"} {
		if bucket, ok := strings.CutSuffix(host, end); ok && loopback(own.Hostname()) {
			return bucket, true
		}
	}
	return "", false
}

// loopback reports whether a host is a name of this machine that has no bucket in it.
func loopback(host string) bool {
	return host == "localhost" || host == "s3.localhost" || net.ParseIP(host).IsLoopback()
}
