package warehouse

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/child/warehouse/session"
	"penstock/internal/child/warehouse/store"
	"penstock/internal/child/warehouse/sysview"
	"penstock/internal/clock"
	"penstock/internal/engine"
	"penstock/internal/id"
	"penstock/internal/pgwire"
	"penstock/internal/sql/print"
)

// settings are the child's arguments.
type settings struct {
	scratch, dir, blobs, databases string
	memory                         int64
	threads                        int
	tls                            bool
}

func arguments(args []string) (settings, error) {
	var o settings
	fs := flag.NewFlagSet("warehouse", flag.ContinueOnError)
	fs.Int64("epoch", 0, "number of the server's start")
	fs.StringVar(&o.scratch, "scratch", "", "the child's own folder")
	fs.StringVar(&o.dir, "dir", "", "the workgroup's folder")
	fs.StringVar(&o.blobs, "blobs", "", "the folder of the object store's files")
	fs.StringVar(&o.databases, "databases", "dev", "databases to make if they do not exist, separated by commas")
	fs.Int64Var(&o.memory, "memory", 512<<20, "bytes of memory for the process; the engine keeps to three quarters of it")
	fs.IntVar(&o.threads, "threads", 1, "threads of the engine")
	fs.BoolVar(&o.tls, "tls", false, "offer TLS, with the certificate of the control process")
	err := fs.Parse(args)
	return o, err
}

// Main is the child process "warehouse". It returns the exit code.
func Main(ctx context.Context, args []string, log *slog.Logger) int {
	o, err := arguments(args)
	if err != nil {
		return 2
	}
	in, err := child.Enter(ctx, 1)
	if err != nil {
		log.Error("enter", "err", err)
		return 2
	}
	ln, err := net.FileListener(in.Files[0])
	if err != nil {
		log.Error("take the listener", "err", err)
		return 2
	}
	w, err := open(ctx, o, in.Parent, log)
	if err != nil {
		log.Error("open the warehouse", "err", err)
		return 1
	}
	go in.GuardMemory(ctx, o.memory, w.outOfMemory)
	serving, end := context.WithCancel(ctx)
	defer end()
	served := make(chan struct{})
	w.endSessions = func() {
		end()
		<-served
	}
	go func() {
		defer close(served)
		if err := w.server.Serve(serving, ln); err != nil && serving.Err() == nil {
			w.broken(fmt.Errorf("serve sessions: %w", err))
		}
	}()
	if err := in.Serve(ctx, w.handler()); err != nil {
		log.Error("serve", "err", err)
		return 1
	}
	return 0
}

// caller is the connection to the control process.
type caller interface {
	Call(ctx context.Context, path string, in, out any) error
}

// A Warehouse is the running child.
type Warehouse struct {
	parent caller
	store  *store.Warehouse
	env    *session.Env
	server *pgwire.Server
	log    *slog.Logger

	endSessions func() // ends those of the PostgreSQL protocol and waits for them
	memory      int64  // bytes that the process may use

	mu      sync.Mutex
	running map[string]*execution // Data API statements by id
	lastPID int64
}

func open(ctx context.Context, o settings, parent caller, log *slog.Logger) (*Warehouse, error) {
	opts := store.Options{Dir: o.dir, Clock: clock.Real{}, Prelude: print.Prelude(), Engine: engine.Options{MemoryLimit: o.memory - o.memory/4, Threads: o.threads, TempDir: o.scratch, AllowedDirs: []string{o.blobs},
		Unlocked: true}} // ALTER TABLE ... DEFAULT changes a setting inside the engine
	st, err := store.Open(ctx, opts)
	if err != nil {
		return nil, err
	}
	for _, name := range strings.Split(o.databases, ",") {
		if err := st.Create(ctx, name); err != nil {
			return nil, err
		}
	}
	w := &Warehouse{parent: parent, store: st, log: log, memory: o.memory, running: map[string]*execution{}, lastPID: 1 << 30}
	w.env = &session.Env{Warehouse: st, Clock: clock.Real{}, Log: log, Resolve: w.resolve, User: w.user, Users: w.users, Broken: w.broken}
	w.env.Queries.Store(clock.Real{}.Now().Unix())
	wire := pgwire.Options{Random: id.Bytes, Now: clock.Real{}.Now, Log: log}
	if o.tls {
		wire.TLS = tlsConfig(parent)
	}
	w.server = pgwire.New(&backend{w}, wire)
	w.env.Cancel = w.cancelPID
	return w, nil
}

// outOfMemory ends all statements that run: which of them took the memory, the engine does not tell.
func (w *Warehouse) outOfMemory() {
	why := &pgwire.Error{Code: "53200", Message: "out of memory", Detail: fmt.Sprintf("The warehouse may use %d MiB.", w.memory>>20),
		Hint: "The statements that ran together needed more; run them one after the other, or make them read less."}
	w.log.Error("statements end", "err", why)
	w.server.EndAll(why)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ex := range w.running {
		ex.cancel(why)
	}
}

// broken ends the process after an error that leaves the engine unusable: the control process starts a new one, which recovers what
// was committed from the files.
func (w *Warehouse) broken(err error) {
	w.log.Error("the engine is broken", "err", err)
	fmt.Fprintln(os.Stderr, "warehouse:", strings.ReplaceAll(err.Error(), "\n", " "))
	os.Exit(3)
}

func (w *Warehouse) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(calls.PathExecute, w.serveExecute)
	mux.Handle(calls.PathCancel, child.Handle(w.cancel))
	mux.Handle(calls.PathFinished, child.Handle(w.finished))
	mux.Handle(calls.PathStop, child.Handle(w.stop))
	mux.Handle(calls.PathDatabase, child.Handle(w.createDatabase))
	mux.Handle(calls.PathDatabases, child.Handle(w.listDatabases))
	return mux
}

func (w *Warehouse) resolve(ctx context.Context, bucket, prefix string, keys []string) ([]calls.Object, error) {
	var out calls.Resolved
	if err := w.parent.Call(ctx, calls.PathResolve, calls.Resolve{Bucket: bucket, Prefix: prefix, Keys: keys}, &out); err != nil {
		return nil, &pgwire.Error{Code: "XX000", Message: err.Error(), Err: err} // what S3 answers
	}
	return out.Objects, nil
}

func (w *Warehouse) user(ctx context.Context, u calls.User) error {
	var out calls.UserAnswer
	if err := w.parent.Call(ctx, calls.PathUser, u, &out); err != nil {
		return err
	}
	if out.Refused != "" {
		return &pgwire.Error{Code: out.Code, Message: out.Refused}
	}
	return nil
}

func (w *Warehouse) users(ctx context.Context) ([]sysview.User, error) {
	var out calls.Users
	if err := w.parent.Call(ctx, calls.PathUsers, calls.None{}, &out); err != nil {
		return nil, err
	}
	all := make([]sysview.User, len(out.Users))
	for i, u := range out.Users {
		all[i] = sysview.User(u)
	}
	return all, nil
}

// stop makes the next start a quick one: without sessions nothing keeps a log from being folded into its file. What is not committed by
// then is undone, as by the end of the process that follows.
func (w *Warehouse) stop(ctx context.Context, _ *calls.None) (*calls.None, error) {
	w.endSessions()
	w.mu.Lock()
	for _, ex := range w.running {
		ex.cancel(&pgwire.Error{Code: "57P01", Message: "terminating connection due to administrator command"})
	}
	w.mu.Unlock()
	for w.busy() {
		if err := clock.Sleep(ctx, clock.Real{}, 5*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return &calls.None{}, w.store.Checkpoint(ctx)
}

// busy says whether a statement of the Data API runs.
func (w *Warehouse) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.running) > 0
}

func (w *Warehouse) createDatabase(ctx context.Context, d *calls.Database) (*calls.None, error) {
	return &calls.None{}, w.store.Create(ctx, d.Name)
}

func (w *Warehouse) listDatabases(context.Context, *calls.None) (*calls.Databases, error) {
	return &calls.Databases{Names: w.store.Names()}, nil
}

// finished looks for Data API statements in the files' ledgers.
func (w *Warehouse) finished(ctx context.Context, q *calls.Finished) (*calls.FinishedAnswer, error) {
	out := &calls.FinishedAnswer{}
	for _, name := range w.store.Names() {
		db, ok := w.store.Database(name)
		if !ok {
			continue
		}
		ids, err := db.Has(ctx, q.IDs)
		if err != nil {
			return nil, err
		}
		out.IDs = append(out.IDs, ids...)
	}
	return out, nil
}
