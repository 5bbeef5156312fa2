package child_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/api"
	"penstock/internal/child"
	"penstock/internal/testcorpus"
)

// TestMain lets the test binary be its own child.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(inside(os.Args[2:]))
	}
	if len(os.Args) == 4 && os.Args[1] == "server" {
		os.Exit(server(os.Args[2], os.Args[3]))
	}
	goleak.VerifyTestMain(m)
}

type text struct{ Text string }

// inside is a child that answers /echo, /ask (which calls the parent), /invoke, /die and /hang.
func inside(args []string) int {
	fs := flag.NewFlagSet("child", flag.ContinueOnError)
	epoch := fs.Int64("epoch", 0, "")
	scratch := fs.String("scratch", "", "")
	memory := fs.Int64("memory", 0, "")
	files := fs.Int("files", 0, "")
	if err := fs.Parse(args[1:]); err != nil {
		return 2
	}
	in, err := child.Enter(context.Background(), *files)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	go in.GuardMemory(context.Background(), *memory, func() { fmt.Fprintln(os.Stderr, "too much") })
	mux := http.NewServeMux()
	mux.Handle("/fill", child.Handle(func(context.Context, *text) (*text, error) {
		var all [][]byte
		for len(all) >= 0 {
			all = append(all, bytes.Repeat([]byte{1}, 1<<20))
		}
		return &text{fmt.Sprint(len(all))}, nil
	}))
	mux.Handle("/echo", child.Handle(func(_ context.Context, t *text) (*text, error) {
		return &text{fmt.Sprintf("%s %s %d %s", args[0], t.Text, *epoch, filepath.Base(*scratch))}, nil
	}))
	mux.Handle("/ask", child.Handle(func(ctx context.Context, t *text) (*text, error) {
		var out text
		err := in.Parent.Call(ctx, "/upper", t, &out)
		return &out, err
	}))
	mux.Handle("/call", child.Handle(func(ctx context.Context, t *text) (*text, error) {
		out, err := in.Parent.Invoke(ctx, "s3", t.Text, json.RawMessage(`{"Bucket":"b"}`))
		if err != nil {
			return nil, err
		}
		return &text{string(out.(json.RawMessage))}, nil
	}))
	mux.Handle("/file", child.Handle(func(ctx context.Context, t *text) (*text, error) {
		b, err := io.ReadAll(in.Files[0])
		return &text{string(b)}, err
	}))
	mux.Handle("/die", child.Handle(func(context.Context, *text) (*text, error) {
		fmt.Fprintln(os.Stderr, "out of luck")
		os.Exit(7)
		return nil, nil
	}))
	mux.Handle("/hang", child.Handle(func(ctx context.Context, _ *text) (*text, error) {
		fmt.Fprintln(os.Stderr, "hanging")
		select {}
	}))
	if err := in.Serve(context.Background(), mux); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func supervisor(t testing.TB, b child.Budget, log io.Writer) *child.Supervisor {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := child.Open(child.Options{Exe: exe, Args: []string{"child"}, Scratch: filepath.Join(t.TempDir(), "scratch"), Epoch: 3,
		Budget: b, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var plenty = child.Budget{Memory: 1 << 30, Threads: 8}

func start(t testing.TB, s *child.Supervisor, spec child.Spec) *child.Child {
	t.Helper()
	spec.Kind = "worker"
	c, err := s.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCallsBothWays(t *testing.T) {
	s := supervisor(t, plenty, io.Discard)
	c := start(t, s, child.Spec{Handler: func(c *child.Child) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/upper", child.Handle(func(ctx context.Context, in *text) (*text, error) {
			return &text{strings.ToUpper(in.Text) + " for " + c.Kind + " " + api.TokenOf(ctx)}, nil
		}))
		mux.Handle("/invoke/{service}/{op}", child.InvokeHandler(invoker{}, api.Principal{ARN: "arn:me"}))
		return mux
	}})
	for path, want := range map[string]string{"/echo": "worker hello 3 " + c.ID, "/ask": "HELLO for worker exec#1"} {
		var out text
		if err := c.Call(api.WithToken(t.Context(), "exec#1"), path, text{"hello"}, &out); err != nil || out.Text != want {
			t.Errorf("%s: %q, %v; want %q", path, out.Text, err, want)
		}
	}
	var out text
	if err := c.Call(t.Context(), "/call", text{"HeadBucket"}, &out); err != nil || out.Text != `{"By":"arn:me","In":{"Bucket":"b"}}` {
		t.Errorf("invoke: %q, %v", out.Text, err)
	}
	err := c.Call(t.Context(), "/call", text{"Nothing"}, &out)
	var e *api.Error
	if !errors.As(err, &e) || e.Code != "NoSuchBucket" || e.Status != 404 {
		t.Errorf("an AWS error arrives as %#v", err)
	}
	if err := c.Call(t.Context(), "/ask", 5, &out); err == nil {
		t.Error("a wrong body is accepted")
	}
}

type invoker struct{}

func (invoker) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	if op == "Nothing" {
		return nil, &api.Error{Code: "NoSuchBucket", Message: "no", Status: 404}
	}
	p, _ := api.PrincipalOf(ctx)
	return json.RawMessage(fmt.Sprintf(`{"By":%q,"In":%s}`, p.ARN, in)), nil
}

func TestInheritedFile(t *testing.T) {
	s := supervisor(t, plenty, io.Discard)
	name := filepath.Join(t.TempDir(), "f")
	os.WriteFile(name, []byte("passed on"), 0o600)
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := start(t, s, child.Spec{Args: []string{"-files", "1"}, Files: []*os.File{f}})
	var out text
	if err := c.Call(t.Context(), "/file", text{}, &out); err != nil || out.Text != "passed on" {
		t.Errorf("%q, %v", out.Text, err)
	}
}

func TestDeathIsSeenAtOnce(t *testing.T) {
	var log strings.Builder
	s := supervisor(t, plenty, &log)
	c := start(t, s, child.Spec{})
	err := c.Call(t.Context(), "/die", text{}, nil)
	if !errors.Is(err, child.ErrGone) {
		t.Errorf("the call in flight gives %v", err)
	}
	<-c.Done()
	if c.Err() == nil || !strings.Contains(c.Err().Error(), "exit status 7: out of luck") {
		t.Errorf("the child ended with %v", c.Err())
	}
	if !strings.Contains(log.String(), "out of luck") {
		t.Errorf("the log lacks the child's words: %s", log.String())
	}
	if err := c.Call(t.Context(), "/echo", text{}, nil); !errors.Is(err, child.ErrGone) {
		t.Errorf("a later call gives %v", err)
	}
	if _, err := os.Stat(c.Scratch); !os.IsNotExist(err) {
		t.Errorf("the scratch folder stays: %v", err)
	}
}

func TestKillCancels(t *testing.T) {
	s := supervisor(t, plenty, io.Discard)
	c := start(t, s, child.Spec{})
	failed := make(chan error)
	go func() { failed <- c.Call(t.Context(), "/hang", text{}, nil) }()
	c.Kill()
	if err := <-failed; !errors.Is(err, child.ErrGone) {
		t.Errorf("got %v", err)
	}
	<-c.Done()
}

// TestOrphanEnds closes the parent's sockets without killing: the child must end by itself.
func TestOrphanEnds(t *testing.T) {
	s := supervisor(t, plenty, io.Discard)
	c := start(t, s, child.Spec{})
	if err := c.Call(t.Context(), "/echo", text{}, nil); err != nil {
		t.Fatal(err)
	}
	child.Abandon(c)
	select {
	case <-c.Done():
	case <-time.After(2 * time.Minute):
		t.Fatal("the child lives on without a parent")
	}
	if c.Err() != nil {
		t.Errorf("it ended with %v", c.Err())
	}
}

func TestBudgetMakesStartsWait(t *testing.T) {
	s := supervisor(t, child.Budget{Memory: 100, Threads: 4}, io.Discard)
	if _, err := s.Start(t.Context(), child.Spec{Kind: "worker", Needs: child.Budget{Memory: 101}}); err == nil {
		t.Error("more than everything is given")
	}
	first := start(t, s, child.Spec{Needs: child.Budget{Memory: 60, Threads: 1}})
	waits, second := make(chan struct{}), make(chan *child.Child)
	go func() {
		c, _ := s.Start(t.Context(), child.Spec{Kind: "worker", Needs: child.Budget{Memory: 60, Threads: 1}, Waits: func() { close(waits) }})
		second <- c
	}()
	<-waits
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Start(ctx, child.Spec{Kind: "worker", Needs: child.Budget{Memory: 10}}); err == nil {
		t.Error("a small request overtakes a waiting one")
	}
	first.Kill()
	c := <-second
	if err := c.Call(t.Context(), "/echo", text{}, nil); err != nil {
		t.Errorf("the second does not answer: %v", err)
	}
}

// TestMemoryEndsAlone fills a child's memory: it ends by itself and says why, and the other child is not touched.
func TestMemoryEndsAlone(t *testing.T) {
	_, err := os.Stat("/proc/self/statm")
	testcorpus.NeedTool(t, err == nil, "/proc, which tells what a process uses,")
	s := supervisor(t, plenty, io.Discard)
	needs := child.Budget{Memory: 256 << 20, Threads: 1}
	full, other := start(t, s, child.Spec{Needs: needs}), start(t, s, child.Spec{Needs: needs})
	if err := full.Call(t.Context(), "/fill", text{}, nil); !errors.Is(err, child.ErrGone) {
		t.Errorf("the call in flight gives %v", err)
	}
	<-full.Done()
	if err := full.Err(); !errors.Is(err, child.ErrMemory) || !strings.Contains(err.Error(), "the process may use 256 MiB") {
		t.Errorf("the child ended with %v", err)
	}
	if err := other.Call(t.Context(), "/echo", text{"hello"}, nil); err != nil {
		t.Errorf("the other child: %v", err)
	}
}

func TestCloseEndsAll(t *testing.T) {
	s := supervisor(t, plenty, io.Discard)
	a, b := start(t, s, child.Spec{}), start(t, s, child.Spec{})
	s.Close()
	<-a.Done()
	<-b.Done()
	if _, err := s.Start(t.Context(), child.Spec{Kind: "worker"}); err == nil {
		t.Error("a closed supervisor starts children")
	}
}

func BenchmarkSpawnToFirstAnswer(b *testing.B) {
	s := supervisor(b, plenty, io.Discard)
	for b.Loop() {
		c := start(b, s, child.Spec{})
		if err := c.Call(b.Context(), "/echo", text{}, nil); err != nil {
			b.Fatal(err)
		}
		c.Kill()
		<-c.Done()
	}
}

func BenchmarkCall(b *testing.B) {
	s := supervisor(b, plenty, io.Discard)
	c := start(b, s, child.Spec{})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := c.Call(b.Context(), "/echo", text{"x"}, nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
