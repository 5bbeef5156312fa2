package door

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A leanServer counts the requests that the lean way answered, and those that it left and net/http then handed on.
type leanServer struct {
	*http.Server
	addr        string
	short, left atomic.Int64
	tried       atomic.Int64 // of those that net/http handed on, what is known to have been left
	served      chan error
	hold        chan struct{} // of answers to /hold: they begin when it gives
	held        chan struct{}
}

// echo answers with what it was asked; what begins with /long has no short way.
func (s *leanServer) echo(w http.ResponseWriter, r *http.Request) bool {
	_, short := w.(*plainAnswer)
	if short && strings.HasPrefix(r.URL.Path, "/long") {
		s.left.Add(1)
		return false
	}
	if short {
		s.short.Add(1)
	}
	if r.URL.Path == "/hold" {
		s.held <- struct{}{}
		<-s.hold
	}
	sent, err := io.ReadAll(r.Body)
	body := []byte(fmt.Sprintf("%s %s %s %d %v %q %v", r.Method, r.URL.Path, r.Host, r.ContentLength, r.Header, sent, err))
	if r.URL.Path == "/large" {
		body = bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	}
	h := w.Header()
	h["Content-Type"], h["Content-Length"] = []string{"text/plain"}, []string{fmt.Sprint(len(body))}
	h["X-Two"], h["X-Line"] = []string{"a", "b"}, []string{" one\r\ntwo "}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
	return true
}

func newLeanServer(t *testing.T, lean bool, idle time.Duration) *leanServer {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &leanServer{addr: l.Addr().String(), served: make(chan error, 1), hold: make(chan struct{}), held: make(chan struct{})}
	s.Server = &http.Server{ConnContext: WithWhole, ConnState: ConnState, IdleTimeout: idle, ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if triedLean(r) {
				s.tried.Add(1)
			}
			s.echo(w, r)
		})}
	var short *Lean
	if lean {
		short = &Lean{Plain: s.echo, Idle: idle}
	}
	go func() { s.served <- s.Serve(WholeAnswers(l, short)) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-s.served; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
	return s
}

// A leanClient is a connection on which a first request, which net/http always has, was answered.
type leanClient struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func (s *leanServer) dial(t *testing.T) *leanClient {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	c := &leanClient{t, conn, bufio.NewReader(conn)}
	c.send("GET /first HTTP/1.1\r\nHost: h\r\nX-First: 1\r\n\r\n")
	c.answer()
	return c
}

// settle asks until net/http waits for the next request: it may still be busy with the end of the one that it has answered.
func (s *leanServer) settle(c *leanClient) {
	for before, n := s.short.Load(), 0; s.short.Load() == before; n++ {
		if n == 10000 {
			c.t.Fatal("no request is answered the lean way")
		}
		c.send("GET /settle HTTP/1.1\r\nHost: h\r\n\r\n")
		c.answer()
	}
}

func (c *leanClient) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

var dateLine = regexp.MustCompile(`Date: [A-Za-z]{3}, [^\r]* GMT\r\n`)

// answer reads an answer and returns it as it came but for its date.
func (c *leanClient) answer(method ...string) string {
	c.t.Helper()
	var head strings.Builder
	length := 0
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			c.t.Fatalf("%v after %q", err, head.String())
		}
		head.WriteString(line)
		fmt.Sscanf(line, "Content-Length: %d", &length)
		if line == "\r\n" {
			break
		}
	}
	if len(method) > 0 && method[0] == http.MethodHead {
		length = 0
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(c.in, body); err != nil {
		c.t.Fatal(err)
	}
	if !dateLine.MatchString(head.String()) {
		c.t.Errorf("no date in %q", head.String())
	}
	return dateLine.ReplaceAllString(head.String(), "") + string(body)
}

const signedGet = "GET /bucket/key%s HTTP/1.1\r\nHost: 127.0.0.1:4580\r\nUser-Agent: a/1 (b; c)\r\nx-amz-date: 20261130T000000Z\r\n" +
	"X-Amz-Content-SHA256:UNSIGNED-PAYLOAD \r\nAuthorization: AWS4 a=b, c\r\nConnection: keep-alive\r\n\r\n"

// TestLeanAnswersAsNetHTTP sends requests on connections of a server that has the lean way and of one that has not: each is answered byte
// by byte alike, and what the lean way must leave it leaves.
func TestLeanAnswersAsNetHTTP(t *testing.T) {
	with, without := newLeanServer(t, true, time.Minute), newLeanServer(t, false, time.Minute)
	a, b := with.dial(t), without.dial(t)
	plain := fmt.Sprintf(signedGet, "")
	for _, c := range []struct {
		text  string
		short bool
	}{
		{plain, true},
		{fmt.Sprintf(signedGet, "?list-type=2&prefix=a%2Fb"), true},
		{"HEAD" + plain[3:], true},
		{"GET /large HTTP/1.1\r\nHost: h\r\n\r\n", true},
		{plain, true},
		{"GET /long HTTP/1.1\r\nHost: h\r\n\r\n", false},
		{plain, true},
		{"GET /a%20b HTTP/1.1\r\nHost: h\r\n\r\n", false},
		{"GET //a HTTP/1.1\r\nHost: h\r\n\r\n", false},
		{"GET /a? HTTP/1.1\r\nHost: h\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", false},
		{"GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n", false},
		{"GET /a HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n", false},
		{"GET /a HTTP/1.1\r\nHost: h\r\nAccept: a\r\nAccept: b\r\n\r\n", false},
		{"GET /a HTTP/1.1\r\nHost: h\r\nAccept: \u00e9\r\n\r\n", false},
		{"GET /a HTTP/1.1\r\nHost: h\nAccept: b\r\n\r\n", false},
		{"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", false},
		{"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\n\r\n" + "GET /in/a/body HTTP/1.1\r\nHost: hhhhh\r\n\r\n", false},
		{"GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\n\r\n" + "GET /in/a/body HTTP/1.1\r\nHost: hhhhh\r\n\r\n", false},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", true},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 03\r\n\r\nabc", false},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", false},
		{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", false},
		{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("abcde", 1000), false},
		{plain, true},
	} {
		with.settle(a)
		before := with.short.Load()
		a.send(c.text)
		b.send(c.text)
		method := c.text[:strings.IndexByte(c.text, ' ')]
		if got, want := a.answer(method), b.answer(method); got != want {
			t.Errorf("%q: the lean way answered\n%.600q, net/http\n%.600q", c.text, got, want)
		}
		if short := with.short.Load() > before; short != c.short {
			t.Errorf("%q: answered the lean way: %v", c.text, short)
		}
	}
	if n := without.short.Load() + without.tried.Load(); n != 0 || with.left.Load() != 1 || with.tried.Load() != 1 {
		t.Errorf("%d short answers of a server without, %d requests left, %d known to be", n, with.left.Load(), with.tried.Load())
	}
}

// TestLeanKeepsOrder sends requests before the answers of those before them have come, cut at every byte: each is answered once, in order.
func TestLeanKeepsOrder(t *testing.T) {
	s := newLeanServer(t, true, time.Minute)
	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n" }
	all := get("/a") + get("/long") + get("/b")
	paths := []string{"/a", "/long", "/b"}
	for cut := range len(all) {
		c := s.dial(t)
		s.settle(c)
		c.send(all[:cut])
		time.Sleep(time.Millisecond)
		c.send(all[cut:])
		for _, path := range paths {
			if got := c.answer(); !strings.Contains(got, "GET "+path+" h") {
				t.Fatalf("cut at %d: %s was answered %q", cut, path, got)
			}
		}
		c.Close()
	}
}

// TestLeanGoesOnAfterABody: a body that is read into a large buffer leaves the connection its short way.
func TestLeanGoesOnAfterABody(t *testing.T) {
	s := newLeanServer(t, true, time.Minute)
	c := s.dial(t)
	s.settle(c)
	c.send("PUT /long HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100000))
	c.answer()
	for range 20 { // a very quick client may see net/http once more
		before := s.short.Load()
		c.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
		c.answer()
		if s.short.Load() > before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("after a body no request has a short way")
}

// TestLeanTakesNoMiddle sends the beginning of a request together with the one before it; what follows belongs to it, though it looks like
// a request of its own.
func TestLeanTakesNoMiddle(t *testing.T) {
	s := newLeanServer(t, true, time.Minute)
	for begin, want := range map[string]string{"GET /b HTTP/1.1\r\n": "400 Bad Request", "G": "GGET /c h", "GETG": "GETGGET /c h"} {
		c := s.dial(t)
		s.settle(c)
		c.send("GET /a HTTP/1.1\r\nHost: h\r\nRange: x\r\n\r\n" + begin)
		c.answer()
		before := s.short.Load()
		c.send("GET /c HTTP/1.1\r\nHost: h\r\n\r\n")
		if want[0] == '4' {
			if status, err := c.in.ReadString('\n'); err != nil || !strings.Contains(status, want) {
				t.Errorf("a header without a colon was answered %q, %v", status, err)
			}
		} else if got := c.answer(); !strings.Contains(got, want) {
			t.Errorf("%q before a request was answered %q", begin, got)
		}
		if s.short.Load() != before {
			t.Errorf("the rest of %q was taken for a request", begin)
		}
	}
}

// TestLeanConnectionsEnd lets connections wait: those that ask within the time stay, the others are closed.
func TestLeanConnectionsEnd(t *testing.T) {
	s := newLeanServer(t, true, 2*time.Second)
	c := s.dial(t)
	s.settle(c)
	for range 5 { // longer than Idle in all
		time.Sleep(600 * time.Millisecond)
		c.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
		c.answer()
	}
	if n := s.short.Load(); n != 6 {
		t.Errorf("%d of 6 were short", n)
	}
	c.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := c.in.ReadByte(); err != io.EOF {
		t.Errorf("a connection that waits ended with %v", err)
	}
}

// TestLeanStops stops a server while connections wait, one has an answer under way, and one does not read its answer.
func TestLeanStops(t *testing.T) {
	s := newLeanServer(t, true, time.Minute)
	idle, busy, stuck := s.dial(t), s.dial(t), s.dial(t)
	for _, c := range []*leanClient{idle, busy, stuck} {
		s.settle(c)
	}
	stuck.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n") // more than the kernel takes
	for s.short.Load() < 4 {
		time.Sleep(time.Millisecond)
	}
	busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
	<-s.held
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	s.hold <- struct{}{}
	if got := busy.answer(); !strings.Contains(got, "GET /hold h") {
		t.Errorf("an answer under way was %q", got)
	}
	for _, c := range []*leanClient{idle, busy} {
		if _, err := c.in.ReadByte(); err != io.EOF {
			t.Errorf("a connection ended with %v", err)
		}
	}
	time.Sleep(closeWait + closeWait/2)
	if n, err := io.Copy(io.Discard, stuck.in); n == 0 || n >= 16<<20 {
		t.Errorf("a client that did not read its answer got %d bytes of it, %v", n, err)
	}
}

// FuzzPlainRequest holds what is read as a plain request to what net/http reads.
func FuzzPlainRequest(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(signedGet, "")))
	f.Add([]byte(fmt.Sprintf(signedGet, "?list-type=2&prefix=a%2Fb&delimiter=/")))
	f.Add([]byte("HEAD /a=b/c+d@e:f$g&h HTTP/1.1\r\nhost:x:80\r\naccept:\t a \t\r\nACCEPT-encoding: \r\namz-sdk-request: 1\r\n\r\n"))
	f.Add([]byte("GET /a HTTP/1.1\r\nHost: \r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AWSGlue.GetTable\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\nabc"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n\r\n\r\n"))
	f.Add([]byte("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"))
	f.Add([]byte("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &newLeanConn(t.Context(), nil).in
		if !r.read([]byte("GET /stale?q HTTP/1.1\r\nHost: stale\r\nAccept: stale\r\n\r\n")) {
			t.Fatal("a plain request was not read")
		}
		if !r.read(b) {
			return
		}
		in := bufio.NewReader(bytes.NewReader(b))
		want, err := http.ReadRequest(in)
		if err != nil {
			t.Fatalf("net/http says %v", err)
		}
		if want.ContentLength > 0 {
			text, err := io.ReadAll(want.Body)
			if err != nil {
				t.Fatal(err)
			}
			want.Body = io.NopCloser(bytes.NewReader(text))
		}
		if rest, err := io.ReadAll(in); len(rest) > 0 || err != nil || want.Close {
			t.Fatalf("%d bytes follow, %v, close %v", len(rest), err, want.Close)
		}
		var bodies [2][]byte
		for i, q := range []*http.Request{&r.Request, want} {
			if bodies[i], err = io.ReadAll(q.Body); err != nil {
				t.Fatal(err)
			}
			q.Body = nil
		}
		if want = want.WithContext(t.Context()); !reflect.DeepEqual(&r.Request, want) || !bytes.Equal(bodies[0], bodies[1]) {
			t.Errorf("got\n%#v\nwant\n%#v", &r.Request, want)
		}
	})
}
