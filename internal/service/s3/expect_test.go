package s3

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api/door"
	"penstock/internal/clock"
	"penstock/internal/vfs"
)

// servePaced serves as the program does.
func servePaced(t *testing.T, p door.Pace) *httptest.Server {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	h := handler(t, vfs.NewMem(), "/blobs")
	srv := httptest.NewUnstartedServer(door.Paced(h, p, clock.Real{}.Now))
	srv.Listener.Close()
	srv.Listener = door.WholeAnswers(l, &door.Lean{Plain: door.Plain(h), Idle: time.Minute})
	srv.Config.ConnContext, srv.Config.ConnState = door.WithWhole, door.ConnState
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

// head is the header of a PUT that waits for "100 Continue".
func head(t *testing.T, srv *httptest.Server, path, length, sign string) string {
	t.Helper()
	const unsigned = "UNSIGNED-PAYLOAD"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sign != "" {
		r.Header.Set("X-Amz-Content-Sha256", unsigned)
		keys := aws.Credentials{AccessKeyID: testKey, SecretAccessKey: sign}
		signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
		if err := signer.SignHTTP(t.Context(), keys, r, unsigned, "s3", "us-east-1", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "PUT %s HTTP/1.1\r\nHost: %s\r\n%s\r\nExpect: 100-continue\r\n", path, r.Host, length)
	if err := r.Header.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\r\n"
}

// TestRefusalsWaitForNoBody: a client that waits for "100 Continue" gets a refusal instead, long before it would be too slow, and is told
// that the connection ends, since nobody can tell whether the body follows (RFC 9110, 10.1.1).
func TestRefusalsWaitForNoBody(t *testing.T) {
	srv := servePaced(t, door.Pace{Window: time.Hour, Bytes: 1})
	must(client(srv).CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String("bkt")}))(t)
	const small, large, chunked = "Content-Length: 300", "Content-Length: 300000000", "Transfer-Encoding: chunked"
	for _, c := range []struct{ path, length, sign, want string }{
		{"/none/k", small, testSecret, "404 NoSuchBucket"},
		{"/none/k", large, testSecret, "404 NoSuchBucket"},
		{"/none/k", small, "", "404 NoSuchBucket"},
		{"/bkt/k", small, "", "403 AccessDenied"},
		{"/bkt/k", large, "", "403 AccessDenied"},
		{"/bkt/k", small, "wrong", "403 SignatureDoesNotMatch"},
		{"/bkt/k", chunked, testSecret, "411 MissingContentLength"},
		{"/bkt/k?partNumber=1&uploadId=x", small, testSecret, "404 NoSuchUpload"},
		{"/bkt/k?partNumber=1", small, testSecret, "400 InvalidArgument"},
		{"/bkt?tagging", small, "", "403 AccessDenied"},
	} {
		conn, in := dial(t, srv)
		if _, err := io.WriteString(conn, head(t, srv, c.path, c.length, c.sign)); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Errorf("PUT %s, %s, signed %q: %v", c.path, c.length, c.sign, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || !strings.HasPrefix(res.Status, c.want[:3]) || !strings.Contains(string(body), c.want[4:]) || !res.Close {
			t.Errorf("PUT %s, %s, signed %q: %s %v %s, %v", c.path, c.length, c.sign, res.Status, res.Header, body, err)
		}
	}
}

// dial gives a connection that fails instead of hanging.
func dial(t *testing.T, srv *httptest.Server) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(10 * time.Second))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, bufio.NewReader(conn)
}

// TestRefusedBodiesHoldNothing: where a body that is refused never comes and the client stays, the server ends the connection.
func TestRefusedBodiesHoldNothing(t *testing.T) {
	srv := servePaced(t, door.Pace{Window: 100 * time.Millisecond, Bytes: 1})
	for _, expect := range []string{"Expect: 100-continue\r\n", ""} {
		conn, in := dial(t, srv)
		if _, err := fmt.Fprintf(conn, "PUT /none/k HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n%s\r\n", expect); err != nil {
			t.Fatal(err)
		}
		if all, err := io.ReadAll(in); err != nil || !strings.Contains(string(all), "NoSuchBucket") {
			t.Errorf("%q: %q, %v", expect, all, err)
		}
	}
}

// TestBodiesAreAskedFor: what is not refused is told to send its body, and the connection stays.
func TestBodiesAreAskedFor(t *testing.T) {
	srv := servePaced(t, door.SlowestPace())
	must(client(srv).CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String("bkt")}))(t)
	conn, in := dial(t, srv)
	for n := range 3 {
		text := strings.Repeat("x", 100+n)
		if _, err := io.WriteString(conn, head(t, srv, "/bkt/k", fmt.Sprint("Content-Length: ", len(text)), testSecret)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{http.StatusContinue, http.StatusOK} {
			res, err := http.ReadResponse(in, nil)
			if err != nil || res.StatusCode != want {
				t.Fatalf("%d: %v, %v", n, res, err)
			}
			if want == http.StatusContinue {
				io.WriteString(conn, text) //nolint:errcheck // the answer tells
			}
			res.Body.Close()
		}
	}
}
