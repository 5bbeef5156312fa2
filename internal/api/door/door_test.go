package door_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/clock"
)

// world is a door with a few operations that remember what they were given.
type world struct {
	url     string
	cfg     aws.Config
	metric  *cloudwatch.PutMetricDataInput
	put     *s3.PutObjectInput
	body    string
	sums    map[string]string
	readErr error
}

func newWorld(t *testing.T) *world {
	w := &world{}
	services := []api.Service{
		{Name: "glue", Ops: []api.Op{
			api.Handle(func(_ context.Context, in *glue.GetDatabaseInput) (*glue.GetDatabaseOutput, error) {
				if *in.Name == "broken" {
					return nil, errors.New("disk on fire")
				}
				return nil, &gluetypes.EntityNotFoundException{Message: aws.String("Database " + *in.Name + " not found."),
					FromFederationSource: aws.Bool(true)}
			}, api.Honours("Name")),
			api.Handle(func(context.Context, *glue.CreateDatabaseInput) (*glue.CreateDatabaseOutput, error) {
				return &glue.CreateDatabaseOutput{}, nil
			},
				api.Honours("DatabaseInput.Name")),
		}},
		{Name: "monitoring", Ops: []api.Op{
			api.Handle(func(_ context.Context, in *cloudwatch.PutMetricDataInput) (*cloudwatch.PutMetricDataOutput, error) {
				w.metric = in
				return &cloudwatch.PutMetricDataOutput{}, nil
			}, api.Honours("Namespace", "MetricData[]")),
			api.Handle(func(context.Context, *cloudwatch.GetDashboardInput) (*cloudwatch.GetDashboardOutput, error) {
				return nil, &cwtypes.ResourceNotFound{Message: aws.String("no such dashboard")}
			}, api.Honours("DashboardName")),
		}},
		{Name: "s3", SecondID: true, Unsigned: true, Hosts: []string{".s3.localhost", ".localhost"}, Ops: []api.Op{
			api.Handle(func(_ context.Context, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
				b, err := io.ReadAll(in.Body)
				w.put, w.body, w.readErr = in, string(b), err
				if err != nil {
					return nil, fmt.Errorf("store the object: %w", err)
				}
				w.sums = in.Body.(api.Checksummed).Checksums()
				return &s3.PutObjectOutput{ETag: aws.String(`"e"`)}, nil
			}, api.Body(5<<30), api.Honours("Bucket", "Key", "Body", "ContentLength", "ContentType", "Metadata{}", "ContentEncoding"),
				api.Honours("ChecksumAlgorithm", "ChecksumCRC32", "ChecksumSHA256", "ChecksumCRC64NVME", "ChecksumCRC32C", "ChecksumSHA1")),
			api.Handle(func(_ context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
				if *in.Key == "missing" {
					return nil, &s3types.NoSuchKey{Message: aws.String("The specified key does not exist.")}
				}
				return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader("hello")), ContentLength: aws.Int64(5), ContentRange: in.Range}, nil
			}, api.Honours("Bucket", "Key", "Range", "ChecksumMode")),
			api.Handle(func(context.Context, *s3.ListBucketsInput) (*s3.ListBucketsOutput, error) {
				return &s3.ListBucketsOutput{Buckets: []s3types.Bucket{{Name: aws.String("b")}}}, nil
			}),
		}},
	}
	keys := func(k string) (string, api.Principal, bool) {
		return "secret", api.Principal{Account: "000000000000", AccessKeyID: k}, k == "AKIATEST"
	}
	srv := httptest.NewServer(door.New(api.Only("us-east-1", api.NewTable(services, nil)), keys, clock.Real{}, nil))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.cfg = aws.Config{Region: "us-east-1", BaseEndpoint: &srv.URL,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""), RetryMaxAttempts: 1,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported}
	return w
}

func (w *world) s3(opts ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(w.cfg, append(opts, func(o *s3.Options) { o.UsePathStyle = true })...)
}

// send signs and sends a request by hand.
func (w *world) send(t *testing.T, service, method, path string, header map[string]string, body string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	if service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := signer.SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, r, hash, service,
		"us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestErrorsReachTheSDK(t *testing.T) {
	w := newWorld(t)
	g := glue.NewFromConfig(w.cfg)
	_, err := g.GetDatabase(t.Context(), &glue.GetDatabaseInput{Name: aws.String("x")})
	var notFound *gluetypes.EntityNotFoundException
	if !errors.As(err, &notFound) || notFound.ErrorMessage() != "Database x not found." || !*notFound.FromFederationSource {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct {
		in   *glue.CreateDatabaseInput
		code string
		text string
	}{
		{&glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String("x"), Description: aws.String("d")}},
			"ValidationException", "Penstock does not support CreateDatabase.DatabaseInput.Description yet"},
		{&glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String("")}}, "ValidationException",
			"1 validation error detected: Value '' at 'databaseInput.name' failed to satisfy constraint: " +
				"Member must have length greater than or equal to 1"},
		{&glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String(strings.Repeat("x", 256))}}, "ValidationException",
			"Member must have length less than or equal to 255"},
	} {
		_, err := g.CreateDatabase(t.Context(), c.in)
		if api.Code(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("got %v, want %s: %s", err, c.code, c.text)
		}
	}
	if _, err := g.GetDatabase(t.Context(), &glue.GetDatabaseInput{Name: aws.String("broken")}); api.Code(err) != "InternalFailure" ||
		strings.Contains(err.Error(), "disk") {
		t.Errorf("got %v", err)
	}
	if _, err := g.GetTables(t.Context(), &glue.GetTablesInput{DatabaseName: aws.String("x")}); api.Code(err) != "UnknownOperationException" ||
		!strings.Contains(err.Error(), "GetTables") {
		t.Errorf("got %v", err)
	}
}

// TestCloudWatchOverThreeProtocols sends one datum over CBOR (by the SDK), JSON and the query protocol.
func TestCloudWatchOverThreeProtocols(t *testing.T) {
	w := newWorld(t)
	check := func(name string) {
		t.Helper()
		m := w.metric
		w.metric = nil
		if m == nil || *m.Namespace != "N" || *m.MetricData[0].MetricName != "rows" || *m.MetricData[0].Value != 1.5 ||
			*m.MetricData[0].Dimensions[0].Value != "p" {
			t.Errorf("%s: got %+v", name, m)
		}
	}
	datum := cwtypes.MetricDatum{MetricName: aws.String("rows"), Value: aws.Float64(1.5),
		Dimensions: []cwtypes.Dimension{{Name: aws.String("Pipeline"), Value: aws.String("p")}}}
	cw := cloudwatch.NewFromConfig(w.cfg)
	if _, err := cw.PutMetricData(t.Context(),
		&cloudwatch.PutMetricDataInput{Namespace: aws.String("N"), MetricData: []cwtypes.MetricDatum{datum}}); err != nil {
		t.Fatal(err)
	}
	check("cbor")
	many := make([]cwtypes.MetricDatum, 500)
	for i := range many {
		many[i] = datum
	}
	if _, err := cw.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("N"), MetricData: many}); err != nil ||
		len(w.metric.MetricData) != 500 {
		t.Errorf("compressed: %v", err)
	}
	body := `{"Namespace":"N","MetricData":[{"MetricName":"rows","Value":1.5,"Dimensions":[{"Name":"Pipeline","Value":"p"}]}]}`
	header := map[string]string{"X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData", "Content-Type": "application/x-amz-json-1.0"}
	if status, _, text := w.send(t, "monitoring", "POST", "/", header, body); status != 200 {
		t.Fatalf("json: %d %s", status, text)
	}
	check("json")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, body)
	z.Close()
	header["Content-Encoding"] = "gzip"
	if status, _, text := w.send(t, "monitoring", "POST", "/", header, packed.String()); status != 200 {
		t.Fatalf("gzip: %d %s", status, text)
	}
	check("gzip")
	if status, _, _ := w.send(t, "monitoring", "POST", "/", header, packed.String()[:packed.Len()-6]); status != 400 {
		t.Errorf("cut gzip: %d", status)
	}
	form := url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {"N"}, "MetricData.member.1.MetricName": {"rows"},
		"MetricData.member.1.Value": {"1.5"}, "MetricData.member.1.Dimensions.member.1.Name": {"Pipeline"},
		"MetricData.member.1.Dimensions.member.1.Value": {"p"}}
	if status, _, text := w.send(t, "monitoring", "POST", "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		form.Encode()); status != 200 || !strings.Contains(text, "<PutMetricDataResponse") {
		t.Fatalf("query: %d %s", status, text)
	}
	check("query")
}

func TestQueryErrorHeader(t *testing.T) {
	w := newWorld(t)
	status, header, body := w.send(t, "monitoring", "POST",
		"/", map[string]string{"X-Amz-Target": "GraniteServiceVersion20100801.GetDashboard", "Content-Type": "application/x-amz-json-1.0"},
		`{"DashboardName":"x"}`)
	if status != 400 || header.Get("X-Amzn-Query-Error") != "ResourceNotFound;Sender" || !json.Valid([]byte(body)) ||
		header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("%d %v %s", status, header, body)
	}
}

// TestUploadsThroughTheSDK uses what the SDK sends by default, a trailer with a CRC, and every algorithm.
func TestUploadsThroughTheSDK(t *testing.T) {
	w := newWorld(t)
	text := strings.Repeat("some bytes ", 20000)
	for _, alg := range []s3types.ChecksumAlgorithm{"", "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		_, err := w.s3().PutObject(t.Context(),
			&s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("a/ü b+c//d"), Body: strings.NewReader(text),
				ChecksumAlgorithm: alg, Metadata: map[string]string{"who": "me"}})
		if err != nil {
			t.Errorf("%s: %v", alg, err)
			continue
		}
		want := string(alg)
		if alg == "" {
			want = "CRC32"
		}
		if w.body != text || *w.put.Key != "a/ü b+c//d" || w.put.Metadata["who"] != "me" || *w.put.ContentLength != int64(len(text)) ||
			w.sums[want] == "" || w.put.ContentEncoding != nil {
			t.Errorf("%s: %d bytes, key %q, length %d, sums %v, encoding %v", alg, len(w.body), *w.put.Key, *w.put.ContentLength,
				w.sums, w.put.ContentEncoding)
		}
	}
}

func TestWrongChecksumIsRefused(t *testing.T) {
	w := newWorld(t)
	status, _, text := w.send(t, "s3", "PUT", "/b/k", map[string]string{"X-Amz-Checksum-Crc32": "AAAAAA=="}, "hello")
	if status != 400 || !strings.Contains(text, "<Code>BadDigest</Code>") {
		t.Errorf("%d %s", status, text)
	}
}

func TestS3Answers(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path string
		header       map[string]string
		status       int
		want         string
	}{
		{"GET", "/", nil, 200,
			"<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Buckets><Bucket><Name>b</Name></Bucket></Buckets>"},
		{"GET", "/b/k", nil, 200, "hello"},
		{"GET", "/b/k", map[string]string{"Range": "bytes=0-4"}, 206, "hello"},
		{"GET", "/b/missing", nil, 404, "<Code>NoSuchKey</Code>"},
		{"GET", "/b/k?acl", nil, 501, "GetObjectAcl"},
		{"GET", "/b?policy", nil, 501, "GetBucketPolicy"},
		{"GET", "/b/k?versionId=3", nil, 501, "GetObject.VersionId"},
		{"GET", "/b/k?nonsense=3", nil, 501, "GetObject.?nonsense"},
		{"PUT", "/b/k", map[string]string{"X-Amz-Acl": "public-read"}, 501, "PutObject.ACL"},
		{"PUT", "/b/k", map[string]string{"X-Amz-Nonsense": "1"}, 501, "PutObject.x-amz-nonsense"},
		{"PUT", "/b/k", map[string]string{"X-Amz-Copy-Source": "/b/other"}, 501, "CopyObject"},
		{"PATCH", "/b/k", nil, 405, "<Code>MethodNotAllowed</Code>"},
		{"GET", "/b/k?partNumber=abc", nil, 400,
			"<Code>InvalidArgument</Code><Message>Provided partNumber not an integer or within integer range</Message>" +
				"<ArgumentName>partNumber</ArgumentName><ArgumentValue>abc</ArgumentValue>"},
		{"GET", "/b/k?response-expires=soon", nil, 400, "<ArgumentName>response-expires</ArgumentName>"},
		{"GET", "/b/k", map[string]string{"If-Modified-Since": "yesterday"}, 200, "hello"},
	} {
		status, header, text := w.send(t, "s3", c.method, c.path, c.header, "")
		if status != c.status || !strings.Contains(text, c.want) || header.Get("X-Amz-Request-Id") == "" {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, text)
		}
	}
}

func TestPresigned(t *testing.T) {
	w := newWorld(t)
	p := s3.NewPresignClient(w.s3())
	get, err := p.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(method, u, body string) (int, string) {
		r, _ := http.NewRequest(method, u, strings.NewReader(body))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	if status, text := fetch("GET", get.URL, ""); status != 200 || text != "hello" {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := fetch("GET", strings.Replace(get.URL, "/b/k", "/b/j", 1), ""); status != 403 {
		t.Errorf("another key: %d", status)
	}
	put, err := p.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("up")})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := fetch("PUT", put.URL, "by browser"); status != 200 || w.body != "by browser" {
		t.Errorf("%d %s", status, text)
	}
	// The SDK for JavaScript has no body yet when it signs: S3 does not look at the checksum of nothing that its URL has.
	at, _, _ := strings.Cut(put.URL, "?")
	r, _ := http.NewRequest("PUT", at+"?X-Amz-Expires=60&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32", nil)
	keys, _ := w.cfg.Credentials.Retrieve(t.Context())
	signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), keys, r, "UNSIGNED-PAYLOAD", "s3", "us-east-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if status, text := fetch("PUT", signed, "by JavaScript"); status != 200 || w.body != "by JavaScript" {
		t.Errorf("%d %s", status, text)
	}
}

func TestWrongKeysAreRefused(t *testing.T) {
	w := newWorld(t)
	w.cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIATEST", "wrong", "")
	if _, err := glue.NewFromConfig(w.cfg).GetDatabase(t.Context(),
		&glue.GetDatabaseInput{Name: aws.String("x")}); api.Code(err) != "InvalidSignatureException" {
		t.Errorf("got %v", err)
	}
	if _, err := w.s3().ListBuckets(t.Context(), nil); api.Code(err) != "SignatureDoesNotMatch" {
		t.Errorf("got %v", err)
	}
	w.cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIAOTHER", "secret", "")
	if _, err := w.s3().ListBuckets(t.Context(), nil); api.Code(err) != "InvalidAccessKeyId" {
		t.Errorf("got %v", err)
	}
}

// TestUnsignedRequestsGetS3Errors sends what names no service, as browsers and old clients do:
// S3's clients read S3's form of an error only.
func TestUnsignedRequestsGetS3Errors(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]string{
		"/b/k": "<Error><Code>AccessDenied</Code>",
		"/b/k?AWSAccessKeyId=AKIATEST&Signature=x&Expires=1": "<Error><Code>AccessDenied</Code><Message>Request has expired",
		"/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIATEST/20261124/us-east-1/s3/aws4_request&X-Amz-Expires=604801" +
			"&X-Amz-Date=20261124T000000Z" +
			"&X-Amz-SignedHeaders=host&X-Amz-Signature=0": "<Error><Code>AuthorizationQueryParametersError</Code>",
	} {
		res, err := http.Get(w.url + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode < 400 || res.StatusCode > 403 || !strings.Contains(string(b), want) || res.Header.Get("X-Amz-Id-2") == "" {
			t.Errorf("%s: %d %s", path, res.StatusCode, b)
		}
	}
}

// TestBadBodies sends bodies that cannot be read, and one that is too large.
func TestBadBodies(t *testing.T) {
	w := newWorld(t)
	target := map[string]string{"X-Amz-Target": "AWSGlue.GetDatabase", "Content-Type": "application/x-amz-json-1.1"}
	for body, want := range map[string]string{
		`{"Name":`:                    "SerializationException",
		`{"Name":5}`:                  "NUMBER_VALUE cannot be converted to String",
		`{"Name":"x","Nope":1}`:       "GetDatabase.Nope",
		`[]`:                          "SerializationException",
		`{"Name":"x"} trailing`:       "SerializationException",
		`{}`:                          "Value null at 'name' failed to satisfy constraint: Member must not be null",
		`{"Name":"` + "\xff" + `"}`:   "SerializationException",
		strings.Repeat(" ", 17<<20):   "RequestEntityTooLarge",
		strings.Repeat(`{"a":`, 5000): "GetDatabase.A",
	} {
		status, _, text := w.send(t, "glue", "POST", "/", target, body)
		if status < 400 || status > 413 || !strings.Contains(text, want) {
			t.Errorf("%.40q: %d %.300s, want %s", body, status, text, want)
		}
	}
	for _, path := range []string{"/service/GraniteServiceVersion20100801/operation/PutMetricData",
		"/service/Other/operation/X", "/service/x"} {
		status, _, _ := w.send(t, "monitoring", "POST", path, map[string]string{"Smithy-Protocol": "rpc-v2-cbor"}, "\xbf\x61")
		if status != 400 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
