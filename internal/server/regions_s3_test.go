package server

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskeys "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func (w *world) s3(region string) *s3.Client {
	return s3.NewFromConfig(aws.Config{Region: region, BaseEndpoint: aws.String(w.Endpoint()), RetryMaxAttempts: 1,
		Credentials: awskeys.NewStaticCredentialsProvider(w.creds.AccessKeyID, w.creds.SecretAccessKey, ""), HTTPClient: w.client},
		func(o *s3.Options) { o.UsePathStyle = true })
}

// told is the code and text of a refusal, and the region that it names in x-amz-bucket-region.
func told(err error) string {
	var e smithy.APIError
	var r *smithyhttp.ResponseError
	if !errors.As(err, &e) || !errors.As(err, &r) {
		return errText(err)
	}
	return e.ErrorCode() + ": " + e.ErrorMessage() + " " + r.Response.Header.Get("X-Amz-Bucket-Region")
}

func errText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// TestBucketsLieInRegions: the account's buckets are listed everywhere, and each is reached by requests that are signed for its region, on
// the short way, on the general one and by presigned URLs.
func TestBucketsLieInRegions(t *testing.T) {
	w := serveRegions(t, t.TempDir(), "us-east-1", "eu-west-1")
	east, west, ctx := w.s3("us-east-1"), w.s3("eu-west-1"), t.Context()
	constraint := &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}
	for _, c := range []struct {
		client *s3.Client
		in     s3.CreateBucketInput
		want   string
	}{
		{east, s3.CreateBucketInput{Bucket: aws.String("east")}, "no error"},
		// us-east-1 makes buckets of every region
		{east, s3.CreateBucketInput{Bucket: aws.String("west"), CreateBucketConfiguration: constraint}, "no error"},
		{west, s3.CreateBucketInput{Bucket: aws.String("west-2"), CreateBucketConfiguration: constraint}, "no error"},
		{west, s3.CreateBucketInput{Bucket: aws.String("x-east")}, "IllegalLocationConstraintException: The unspecified location constraint"},
		{west, s3.CreateBucketInput{Bucket: aws.String("east"), CreateBucketConfiguration: constraint}, "BucketAlreadyOwnedByYou"},
		{east, s3.CreateBucketInput{Bucket: aws.String("far"),
			CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "sa-east-1"}},
			"InvalidLocationConstraint: The specified location-constraint is not valid: this server serves us-east-1, eu-west-1"},
	} {
		if _, err := c.client.CreateBucket(ctx, &c.in); !strings.HasPrefix(told(err), c.want) {
			t.Errorf("%s in %s: %s", *c.in.Bucket, c.client.Options().Region, told(err))
		}
	}
	if _, err := w.stores.objects.CreateBucket(ctx, "far", "sa-east-1", nil); err != nil { // when that was served
		t.Fatal(err)
	}
	const wrong = "AuthorizationHeaderMalformed: The authorization header is malformed; the region 'us-east-1' is wrong; " +
		"expecting 'eu-west-1' eu-west-1"
	put := func(c *s3.Client, bucket string) error {
		_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("k"), Body: strings.NewReader("body")})
		return err
	}
	get := func(c *s3.Client, bucket string) error {
		out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("k")})
		if err == nil {
			err = out.Body.Close()
		}
		return err
	}
	list := func(c *s3.Client, bucket string) error {
		_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
		return err
	}
	for name, do := range map[string]func(*s3.Client, string) error{"put": put, "get": get, "list": list} {
		if err := put(west, "west"); err != nil { // which keeps it in memory
			t.Fatal(err)
		}
		if got := told(do(east, "west")); got != wrong {
			t.Errorf("%s: %s", name, got)
		}
		for c, bucket := range map[*s3.Client]string{west: "west-2", east: "east"} {
			if err := errors.Join(put(c, bucket), do(c, bucket)); err != nil {
				t.Errorf("%s of %s: %v", name, bucket, err)
			}
		}
	}
	if _, err := east.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("west")}); !strings.HasSuffix(told(err), " eu-west-1") {
		t.Errorf("HeadBucket: %s", told(err))
	}
	for _, c := range []*s3.Client{east, west} {
		if err := errors.Join(put(c, "far"), get(c, "far")); err != nil { // of a region that is not served
			t.Error(err)
		}
		out, err := c.ListBuckets(ctx, &s3.ListBucketsInput{})
		if err != nil || len(out.Buckets) != 4 {
			t.Errorf("%+v %v", out, err)
		}
	}
	out, err := east.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: aws.String("west")})
	if err != nil || out.LocationConstraint != "eu-west-1" {
		t.Errorf("%+v %v", out, err)
	}
	w.presigned(east, "west", "the region 'us-east-1' is wrong; expecting 'eu-west-1'", 400)
	w.presigned(west, "west", "body", 200)
	w.version2("west") // which names no region
	w.presigned(w.s3("ap-south-1"), "west", "the region 'ap-south-1' is wrong; expecting 'us-east-1' or 'eu-west-1'", 400)
}

func (w *world) presigned(c *s3.Client, bucket, want string, status int) {
	w.t.Helper()
	r, err := s3.NewPresignClient(c).PresignGetObject(w.ctx, &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("k")})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fetch(r.URL, want, status)
}

// version2 fetches an object by a URL with a signature of version 2.
func (w *world) version2(bucket string) {
	w.t.Helper()
	end := strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
	h := hmac.New(sha1.New, []byte(w.creds.SecretAccessKey))
	h.Write([]byte("GET\n\n\n" + end + "\n/" + bucket + "/k"))
	q := url.Values{"AWSAccessKeyId": {w.creds.AccessKeyID}, "Expires": {end}, "Signature": {base64.StdEncoding.EncodeToString(h.Sum(nil))}}
	w.fetch(w.Endpoint()+"/"+bucket+"/k?"+q.Encode(), "body", 200)
}

func (w *world) fetch(at, want string, status int) {
	w.t.Helper()
	resp, err := w.client.Get(at)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	text := strings.ReplaceAll(string(b), "&#39;", "'")
	coded := status == 200 || strings.Contains(text, "<Code>AuthorizationQueryParametersError</Code>")
	if err != nil || resp.StatusCode != status || !strings.Contains(text, want) || !coded {
		w.t.Errorf("%d %s", resp.StatusCode, text)
	}
}
