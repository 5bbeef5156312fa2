package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta/metatest"
	"penstock/internal/module/moduletest"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

const (
	testKey    = "AKIATESTTESTTESTTEST"
	testSecret = "secretsecretsecretsecretsecretsecretsecr"
)

// serve is the service behind the door, on fsys.
func serve(t testing.TB, fsys vfs.FS, dir string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(handler(t, fsys, dir))
	t.Cleanup(srv.Close)
	return srv
}

func handler(t testing.TB, fsys vfs.FS, dir string) http.Handler {
	t.Helper()
	m := metatest.OpenTemp(t, object.Schema)
	b, err := blob.Open(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	s := New(moduletest.On(m, clock.Real{}), object.Open(m, b, object.Options{}))
	quiet := slog.New(slog.DiscardHandler)
	keys := func(id string) (string, api.Principal, bool) {
		return testSecret, api.Principal{ARN: "arn:aws:iam::000000000000:root", Account: "000000000000", AccessKeyID: id}, id == testKey
	}
	return door.New(api.Only("us-east-1", api.NewTable([]api.Service{s.API()}, quiet)), keys, clock.Real{}, quiet)
}

func client(srv *httptest.Server) *awss3.Client {
	return awss3.New(awss3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(srv.URL), UsePathStyle: true, RetryMaxAttempts: 1,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret}, nil
		}),
	})
}

func code(err error) string {
	var a smithy.APIError
	if errors.As(err, &a) {
		return a.ErrorCode()
	}
	return fmt.Sprint(err)
}

// must ends the test on an error; the value goes on.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestSDKRoundTrip(t *testing.T) {
	c, ctx := client(serve(t, vfs.NewMem(), "/blobs")), t.Context()
	must(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	body := strings.Repeat("0123456789", 100_000)
	put := must(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("a b/ü+%.txt"),
		Body: strings.NewReader(body), ContentType: aws.String("text/plain"), Metadata: map[string]string{"Owner": "me"},
		CacheControl: aws.String("no-cache"), Expires: aws.Time(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))}))(t)
	if put.ChecksumCRC32 == nil || put.VersionId != nil {
		t.Errorf("put answered %+v", put)
	}
	got := must(c.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a b/ü+%.txt")}))(t)
	b, err := io.ReadAll(got.Body)
	if err != nil || string(b) != body {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
	if *got.ContentType != "text/plain" || got.Metadata["owner"] != "me" || *got.CacheControl != "no-cache" || *got.ETag != *put.ETag ||
		got.ExpiresString == nil || *got.ExpiresString != "Wed, 02 Jan 2030 03:04:05 GMT" {
		t.Errorf("headers %+v", got)
	}
	part := must(c.GetObject(ctx,
		&awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a b/ü+%.txt"), Range: aws.String("bytes=5-14")}))(t)
	if b, _ := io.ReadAll(part.Body); string(b) != "5678901234" || *part.ContentRange != "bytes 5-14/1000000" {
		t.Errorf("range %q %s", b, *part.ContentRange)
	}
	head := must(c.HeadObject(ctx,
		&awss3.HeadObjectInput{Bucket: aws.String("lake"), Key: aws.String("a b/ü+%.txt"), ChecksumMode: types.ChecksumModeEnabled}))(t)
	if *head.ContentLength != 1_000_000 || *head.ChecksumCRC32 != *put.ChecksumCRC32 {
		t.Errorf("head %+v", head)
	}
}

func TestSDKErrors(t *testing.T) {
	c, ctx := client(serve(t, vfs.NewMem(), "/blobs")), t.Context()
	must(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	must(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("k"), Body: strings.NewReader("abc")}))(t)
	etag := `"900150983cd24fb0d6963f7d28e17f72"`
	for want, call := range map[string]func() error{
		"NoSuchBucket": func() error {
			_, err := c.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: aws.String("absent")})
			return err
		},
		"NoSuchKey": func() error {
			_, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("absent")})
			return err
		},
		"NotFound": func() error {
			_, err := c.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: aws.String("lake"), Key: aws.String("absent")})
			return err
		},
		"NotModified": func() error {
			_, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("k"), IfNoneMatch: aws.String(etag)})
			return err
		},
		"PreconditionFailed": func() error {
			_, err := c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("k"), IfNoneMatch: aws.String("*"),
				Body: strings.NewReader("")})
			return err
		},
		"InvalidRange": func() error {
			_, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("k"), Range: aws.String("bytes=3-")})
			return err
		},
		"BadDigest": func() error {
			_, err := c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("bad"),
				ContentMD5: aws.String("AAAAAAAAAAAAAAAAAAAAAA=="), Body: strings.NewReader("x")})
			return err
		},
		"NotImplemented": func() error {
			_, err := c.RestoreObject(ctx, &awss3.RestoreObjectInput{Bucket: aws.String("lake"), Key: aws.String("k")})
			if err != nil && !strings.Contains(err.Error(), "RestoreObject") {
				t.Errorf("the refusal does not name the operation: %v", err)
			}
			return err
		},
		"BucketNotEmpty": func() error {
			_, err := c.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: aws.String("lake")})
			return err
		},
	} {
		if got := code(call()); got != want && !strings.Contains(got, "304") {
			t.Errorf("error %q, want %q", got, want)
		}
	}
	if l := must(c.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: aws.String("lake")}))(t); len(l.Contents) != 1 {
		t.Errorf("a refused request left %d objects", len(l.Contents))
	}
}

// TestWrongChoices sends values outside of their lists: S3 has a code for each.
func TestWrongChoices(t *testing.T) {
	c, ctx := client(serve(t, vfs.NewMem(), "/blobs")), t.Context()
	lake := aws.String("lake")
	must(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: lake}))(t)
	for want, call := range map[string]func() error{
		"InvalidLocationConstraint": func() error {
			_, err := c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("other"),
				CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "us-east-1"}})
			return err
		},
		"InvalidStorageClass": func() error {
			_, err := c.PutObject(ctx, &awss3.PutObjectInput{Bucket: lake, Key: aws.String("k"), StorageClass: "COLD", Body: strings.NewReader("")})
			return err
		},
		"InvalidArgument": func() error {
			_, err := c.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: lake, EncodingType: "base64"})
			return err
		},
		"MalformedXML": func() error {
			_, err := c.PutBucketVersioning(ctx,
				&awss3.PutBucketVersioningInput{Bucket: lake, VersioningConfiguration: &types.VersioningConfiguration{Status: "Disabled"}})
			return err
		},
		"InvalidURI": func() error {
			_, err := c.PutObject(ctx, &awss3.PutObjectInput{Bucket: lake, Key: aws.String("\xff"), Body: strings.NewReader("")})
			return err
		},
	} {
		if err := call(); code(err) != want || strings.Contains(err.Error(), "validation error") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestDeleteMarkerHeaders reads what the SDK does not show: the headers of a 404.
func TestDeleteMarkerHeaders(t *testing.T) {
	srv := serve(t, vfs.NewMem(), "/blobs")
	c, ctx := client(srv), t.Context()
	must(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	must(c.PutBucketVersioning(ctx, &awss3.PutBucketVersioningInput{Bucket: aws.String("lake"),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}}))(t)
	must(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("k"), Body: strings.NewReader("x")}))(t)
	d := must(c.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: aws.String("lake"), Key: aws.String("k")}))(t)
	sign := awss3.NewPresignClient(c)
	for version, want := range map[string]int{"": 404, *d.VersionId: 405} {
		in := &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("k")}
		if version != "" {
			in.VersionId = aws.String(version)
		}
		u := must(sign.PresignGetObject(ctx, in))(t)
		res := must(http.Get(u.URL))(t)
		res.Body.Close()
		if res.StatusCode != want || res.Header.Get("X-Amz-Delete-Marker") != "true" || res.Header.Get("X-Amz-Version-Id") != *d.VersionId {
			t.Errorf("version %q: %d %v", version, res.StatusCode, res.Header)
		}
	}
}

func TestSDKMultipart(t *testing.T) {
	c, ctx := client(serve(t, vfs.OS{}, filepath.Join(t.TempDir(), "blobs"))), t.Context()
	must(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	u := must(c.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: aws.String("lake"), Key: aws.String("big"),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32}))(t)
	var want bytes.Buffer
	done := &types.CompletedMultipartUpload{}
	for n, size := range []int{5 << 20, 5 << 20, 10} {
		body := bytes.Repeat([]byte{byte('a' + n)}, size)
		want.Write(body)
		p := must(c.UploadPart(ctx, &awss3.UploadPartInput{Bucket: u.Bucket, Key: u.Key, UploadId: u.UploadId,
			PartNumber: aws.Int32(int32(n + 1)), Body: bytes.NewReader(body), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32}))(t)
		done.Parts = append(done.Parts, types.CompletedPart{PartNumber: aws.Int32(int32(n + 1)), ETag: p.ETag, ChecksumCRC32: p.ChecksumCRC32})
	}
	v := must(c.CompleteMultipartUpload(ctx,
		&awss3.CompleteMultipartUploadInput{Bucket: u.Bucket, Key: u.Key, UploadId: u.UploadId, MultipartUpload: done}))(t)
	if !strings.HasSuffix(*v.ETag, `-3"`) || v.ChecksumCRC32 == nil || !strings.HasSuffix(*v.ChecksumCRC32, "-3") {
		t.Errorf("completed %+v", v)
	}
	again := must(c.CompleteMultipartUpload(ctx,
		&awss3.CompleteMultipartUploadInput{Bucket: u.Bucket, Key: u.Key, UploadId: u.UploadId, MultipartUpload: done}))(t)
	if *again.ETag != *v.ETag {
		t.Errorf("repeated: %s, first %s", *again.ETag, *v.ETag)
	}
	got := must(c.GetObject(ctx, &awss3.GetObjectInput{Bucket: u.Bucket, Key: u.Key}))(t)
	if b, err := io.ReadAll(got.Body); err != nil || !bytes.Equal(b, want.Bytes()) {
		t.Errorf("content differs: %d bytes, %v", len(b), err)
	}
	second := must(c.GetObject(ctx, &awss3.GetObjectInput{Bucket: u.Bucket, Key: u.Key, PartNumber: aws.Int32(3)}))(t)
	if b, _ := io.ReadAll(second.Body); string(b) != "cccccccccc" || *second.PartsCount != 3 {
		t.Errorf("part 3: %q of %d", b, *second.PartsCount)
	}
}

// TestBoto3AndCLI runs each operation by the clients that people use. Both are optional on a developer's machine, not in CI.
func TestBoto3AndCLI(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python some twenty times: not with -short")
	}
	srv := serve(t, vfs.OS{}, filepath.Join(t.TempDir(), "blobs"))
	for _, script := range [][]string{{"python3", "testdata/boto3_s3.py"}, {"bash", "testdata/cli_s3.sh"}} {
		t.Run(script[1], func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), script[0], script[1])
			cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+srv.URL, "AWS_ACCESS_KEY_ID="+testKey, "AWS_SECRET_ACCESS_KEY="+testSecret,
				"AWS_DEFAULT_REGION=us-east-1",
				"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
				"AWS_CA_BUNDLE=", "WORK="+t.TempDir())
			out, err := cmd.CombinedOutput()
			if strings.Contains(string(out), "not installed") && os.Getenv("CI") != "true" {
				t.Skip(string(out))
			}
			if err != nil || !strings.Contains(string(out), "all checks passed") {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

// TestRottenBytesAreNotDelivered changes a byte on the disk behind a small and a large object.
func TestRottenBytesAreNotDelivered(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	c, ctx := client(serve(t, vfs.OS{}, dir)), t.Context()
	must(c.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	for _, size := range []int{60_000, 1 << 20} { // above what lies in rows
		before := must(filepath.Glob(dir + "/*/*"))(t)
		key := aws.String(fmt.Sprint(size))
		must(c.PutObject(ctx, &awss3.PutObjectInput{Bucket: aws.String("lake"), Key: key, Body: bytes.NewReader(make([]byte, size))}))(t)
		for _, name := range must(filepath.Glob(dir + "/*/*"))(t) {
			if slices.Contains(before, name) {
				continue
			}
			body := must(os.ReadFile(name))(t)
			body[10] = 'x'
			if err := os.WriteFile(name, body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: key})
		n := 0
		if err == nil {
			var body []byte
			body, err = io.ReadAll(got.Body)
			n = len(body)
		}
		if err == nil || n == size || size == 60_000 && code(err) != "InternalError" {
			t.Errorf("%d bytes: got %d, %v", size, n, err)
		}
		part := must(c.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: key, Range: aws.String("bytes=100-199")}))(t)
		if body, err := io.ReadAll(part.Body); len(body) != 100 || err != nil {
			t.Errorf("a part that has not rotted: %d bytes, %v", len(body), err)
		}
	}
}
