package warehouse

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"go.uber.org/goleak"

	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/object"
)

// TestMain lets the test binary be its own child, and fails when the tests leave goroutines behind.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(inside(os.Args[3:]))
	}
	goleak.VerifyTestMain(m)
}

// inside is a warehouse child without an engine: it says its folder to whoever connects, and that nobody has made anything. Files in its
// folder make it otherwise: "used", "hangs" (when it is asked), "slow" (to stop), "loud" (in what it says).
func inside(args []string) int {
	fs := flag.NewFlagSet("child", flag.ContinueOnError)
	dir := fs.String("dir", "", "")
	for _, name := range []string{"epoch", "scratch", "memory", "blobs", "databases", "threads"} {
		fs.String(name, "", "")
	}
	if fs.Parse(args) != nil || os.MkdirAll(*dir, 0o700) != nil {
		return 2
	}
	lock, err := os.OpenFile(filepath.Join(*dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil || syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		slog.Error("two children have one folder")
		return 2
	}
	in, err := child.Enter(context.Background(), 1)
	if err != nil {
		return 2
	}
	ln, err := net.FileListener(in.Files[0])
	if err != nil {
		return 2
	}
	go greet(ln, *dir)
	if in.Serve(context.Background(), answers(*dir)) != nil {
		return 1
	}
	return 0
}

func greet(ln net.Listener, dir string) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		io.WriteString(c, filepath.Base(dir))
		c.Close()
	}
}

func answers(dir string) http.Handler {
	is := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	mux := http.NewServeMux()
	mux.Handle(calls.PathDatabases, child.Handle(func(context.Context, *calls.None) (*calls.Databases, error) {
		return &calls.Databases{Names: []string{"dev"}}, nil
	}))
	mux.Handle(calls.PathStop, child.Handle(func(context.Context, *calls.None) (*calls.None, error) {
		if is("slow") {
			time.Sleep(time.Second)
		}
		return &calls.None{}, nil
	}))
	mux.HandleFunc(calls.PathExecute, func(w http.ResponseWriter, r *http.Request) {
		if is("hangs") {
			<-r.Context().Done()
		}
		cell := json.RawMessage("0")
		if is("used") {
			cell = json.RawMessage("1")
		}
		e := json.NewEncoder(w)
		e.Encode(calls.Event{Rows: &calls.Page{Rows: [][]json.RawMessage{{cell}}}})
		e.Encode(calls.Event{End: &calls.Result{HasResult: true, Rows: 1}})
	})
	return mux
}

// A site is a data directory with warehouses that run.
type site struct {
	*Warehouses
	t        *testing.T
	dir      string
	meta     *meta.Store
	children *child.Supervisor
	port     *net.TCPListener
	log      *slog.Logger
	stop     func()
}

// newSite starts the warehouses of us-east-1, with a default workgroup at the server's port.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	s.meta = metatest.Open(t, s.dir, clock.Real{}, tag.Schema, object.Schema, Schema)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = ln.(*net.TCPListener)
	t.Cleanup(func() { ln.Close() })
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.children, err = child.Open(child.Options{Exe: exe, Args: []string{"child"}, Scratch: filepath.Join(s.dir, "scratch"),
		Budget: child.Budget{Memory: 64 << 30, Threads: 64}, Log: s.log})
	if err != nil {
		t.Fatal(err)
	}
	s.Warehouses, s.stop = s.start("us-east-1", s.port)
	return s
}

// start starts the warehouses of a region.
func (s *site) start(region string, port *net.TCPListener) (*Warehouses, func()) {
	s.t.Helper()
	w := s.open(region, port)
	ctx, cancel := context.WithCancel(context.Background())
	if err := w.Start(ctx); err != nil {
		s.t.Fatal(err)
	}
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			cancel()
			w.Stop()
			w.occupy()
		}
	}
	s.t.Cleanup(stop)
	return w, stop
}

func (s *site) open(region string, port *net.TCPListener) *Warehouses {
	return New(Options{Meta: s.meta, Objects: object.Open(s.meta, nil, object.Options{}), Children: s.children,
		Clock: clock.Real{}, Log: s.log, Dir: filepath.Join(s.dir, "warehouse"), First: port, Default: port != nil,
		Region: region, Account: "000000000000"})
}

// make makes a namespace and returns the workgroup that is to be its own.
func (s *site) namespace(w *Warehouses, name string) Workgroup {
	s.t.Helper()
	if _, err := w.CreateNamespace(s.t.Context(), Namespace{Name: name}, ""); err != nil {
		s.t.Fatal(err)
	}
	return Workgroup{Name: name, Namespace: name}
}

// at says who listens at a port: the namespace, or "nobody".
func (s *site) at(port int) string {
	s.t.Helper()
	c, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	m := pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "bob"}}
	hello, err := m.Encode(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c.Write(hello) // for the one who says that there is nobody
	b, _ := io.ReadAll(c)
	if strings.Contains(string(b), "no workgroup listens here") {
		return "nobody"
	}
	name, _, _ := strings.Cut(string(b), ".")
	return name
}

func (s *site) first() int { return s.port.Addr().(*net.TCPAddr).Port }

// mark makes the child of a namespace otherwise.
func (s *site) mark(w *Warehouses, namespace, what string) (end func()) {
	s.t.Helper()
	n, err := w.Namespace(s.t.Context(), namespace)
	if err != nil {
		s.t.Fatal(err)
	}
	name := filepath.Join(w.o.Dir, n.folder(), what)
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return func() { os.Remove(name) }
}

// expect compares who listens where with what is stored, and that at the server's port with want.
func (s *site) expect(w *Warehouses, want string) {
	s.t.Helper()
	if got := s.at(s.first()); got != want {
		s.t.Errorf("%s listens at the server's port, want %s", got, want)
	}
	groups, err := w.Workgroups(s.t.Context(), "", 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, g := range groups {
		if got := s.at(g.Port); got != g.Namespace || g.First != (g.Port == s.first()) {
			s.t.Errorf("%s listens at port %d of %s, which says first: %v", got, g.Port, g.Name, g.First)
		}
	}
}
