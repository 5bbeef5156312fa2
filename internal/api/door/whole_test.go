package door

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// whole serves bodies of the size that the path names, over connections that gather answers.
func whole(t *testing.T, secure bool) *httptest.Server {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Path[1:])
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.WriteHeader(http.StatusOK)
		if r.Method != http.MethodHead {
			writeBody(w, r, bytes.Repeat([]byte("x"), n))
		}
	}))
	srv.Listener.Close()
	srv.Listener, srv.Config.ConnContext = WholeAnswers(l, nil), WithWhole
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv
}

// TestAnswersStayWhole asks for bodies of sizes around every limit, several on one connection, with and without TLS.
func TestAnswersStayWhole(t *testing.T) {
	for _, secure := range []bool{false, true} {
		srv := whole(t, secure)
		client := srv.Client()
		for _, n := range []int{0, 1, wholeFrom, wholeFrom + 1, 4 << 10, 8<<10 - 1, wholeTo, wholeTo + 1, 1 << 20} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
				r, err := http.NewRequest(method, fmt.Sprintf("%s/%d", srv.URL, n), nil)
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(r)
				if err != nil {
					t.Fatal(method, n, err)
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				want := n
				if method == http.MethodHead {
					want = 0
				}
				if err != nil || res.ContentLength != int64(n) || len(body) != want {
					t.Errorf("TLS %v %s of %d: %d of %d bytes, %v", secure, method, n, len(body), res.ContentLength, err)
				}
			}
		}
	}
}

// TestAnswerIsOneWrite sees at the other end that nothing arrives before the whole answer is there.
func TestAnswerIsOneWrite(t *testing.T) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	gathered, look := make(chan error), make(chan struct{})
	srv := &http.Server{ConnContext: WithWhole, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(4<<10))
		writeBody(pausing{w, gathered, look}, r, make([]byte, 4<<10))
	})}
	served := make(chan error)
	go func() { served <- srv.Serve(WholeAnswers(l, nil)) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-gathered; err != nil {
		t.Fatal(err)
	}
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Error("a part of the answer has arrived")
	}
	close(look)
	c.SetReadDeadline(time.Time{})
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(res.Body); err != nil || len(b) != 4<<10 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	c.Close()
	srv.Close()
	<-served
}

// pausing tells when the body is written, and waits.
type pausing struct {
	http.ResponseWriter
	gathered chan<- error
	look     <-chan struct{}
}

func (p pausing) Write(b []byte) (int, error) {
	n, err := p.ResponseWriter.Write(b)
	p.gathered <- err
	<-p.look
	return n, err
}

func (p pausing) Flush() { p.ResponseWriter.(http.Flusher).Flush() }

// TestClientThatLeaves ends the connection of a client that is gone while its answer is gathered.
func TestClientThatLeaves(t *testing.T) {
	srv := whole(t, false)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "GET /%d HTTP/1.1\r\nHost: x\r\n\r\n", wholeTo)
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
	res, err := srv.Client().Get(srv.URL + "/5000")
	if err != nil || res.ContentLength != 5000 {
		t.Errorf("the next client: %v", err)
	}
	res.Body.Close()
}
