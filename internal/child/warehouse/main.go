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
	p, err := open(ctx, o, in.Parent, log)
	if err != nil {
		log.Error("open the warehouse", "err", err)
		return 1
	}
	go in.GuardMemory(ctx, o.memory, p.outOfMemory)
	serving, end := context.WithCancel(ctx)
	defer end()
	served := make(chan struct{})
	p.endSessions = func() {
		end()
		<-served
	}
	go func() {
		defer close(served)
		if err := p.server.Serve(serving, ln); err != nil && serving.Err() == nil {
			p.broken(fmt.Errorf("serve sessions: %w", err))
		}
	}()
	if err := in.Serve(ctx, p.handler()); err != nil {
		log.Error("serve", "err", err)
		return 1
	}
	return 0
}

// caller is the connection to the control process.
type caller interface {
	Call(ctx context.Context, path string, in, out any) error
}

// A process is the running child.
type process struct {
	parent caller
	store  *store.Databases
	env    *session.Env
	server *pgwire.Server
	log    *slog.Logger

	endSessions func() // ends those of the PostgreSQL protocol and waits for them
	memory      int64  // bytes that the process may use

	mu      sync.Mutex
	running map[string]*execution // Data API statements by id
	lastPID int64
}

func open(ctx context.Context, o settings, parent caller, log *slog.Logger) (*process, error) {
	opts := store.Options{Dir: o.dir, Clock: clock.Real{}, Prelude: print.Prelude(),
		Engine: engine.Options{MemoryLimit: o.memory - o.memory/4, Threads: o.threads, TempDir: o.scratch, AllowedDirs: []string{o.blobs},
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
	p := &process{parent: parent, store: st, log: log, memory: o.memory, running: map[string]*execution{}, lastPID: 1 << 30}
	p.env = &session.Env{Databases: st, Clock: clock.Real{}, Log: log, Resolve: p.resolve, User: p.user, Users: p.users, Broken: p.broken}
	p.env.Queries.Store(clock.Real{}.Now().Unix())
	wire := pgwire.Options{Random: id.Bytes, Now: clock.Real{}.Now, Log: log}
	if o.tls {
		wire.TLS = tlsConfig(parent)
	}
	p.server = pgwire.New(&backend{p}, wire)
	p.env.Cancel = p.cancelPID
	return p, nil
}

// outOfMemory ends all statements that run: which of them took the memory, the engine does not tell.
func (p *process) outOfMemory() {
	why := &pgwire.Error{Code: "53200", Message: "out of memory", Detail: fmt.Sprintf("The warehouse may use %d MiB.", p.memory>>20),
		Hint: "The statements that ran together needed more; run them one after the other, or make them read less."}
	p.log.Error("statements end", "err", why)
	p.server.EndAll(why)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ex := range p.running {
		ex.cancel(why)
	}
}

// broken ends the process after an error that leaves the engine unusable: the control process starts a new one, which recovers what
// was committed from the files.
func (p *process) broken(err error) {
	p.log.Error("the engine is broken", "err", err)
	fmt.Fprintln(os.Stderr, "warehouse:", strings.ReplaceAll(err.Error(), "\n", " "))
	os.Exit(3)
}

func (p *process) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(calls.PathExecute, p.serveExecute)
	mux.Handle(calls.PathCancel, child.Handle(p.cancel))
	mux.Handle(calls.PathFinished, child.Handle(p.finished))
	mux.Handle(calls.PathStop, child.Handle(p.stop))
	mux.Handle(calls.PathDatabase, child.Handle(p.createDatabase))
	mux.Handle(calls.PathDatabases, child.Handle(p.listDatabases))
	return mux
}

func (p *process) resolve(ctx context.Context, q calls.Resolve) (*calls.Resolved, error) {
	out := &calls.Resolved{}
	if err := p.parent.Call(ctx, calls.PathResolve, q, out); err != nil {
		return nil, &pgwire.Error{Code: "XX000", Message: err.Error(), Err: err} // what S3 answers
	}
	return out, nil
}

func (p *process) user(ctx context.Context, u calls.User) error {
	var out calls.UserAnswer
	if err := p.parent.Call(ctx, calls.PathUser, u, &out); err != nil {
		return err
	}
	if out.Refused != "" {
		return &pgwire.Error{Code: out.Code, Message: out.Refused}
	}
	return nil
}

func (p *process) users(ctx context.Context) ([]sysview.User, error) {
	var out calls.Users
	if err := p.parent.Call(ctx, calls.PathUsers, calls.None{}, &out); err != nil {
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
func (p *process) stop(ctx context.Context, _ *calls.None) (*calls.None, error) {
	p.endSessions()
	p.mu.Lock()
	for _, ex := range p.running {
		ex.cancel(&pgwire.Error{Code: "57P01", Message: "terminating connection due to administrator command"})
	}
	p.mu.Unlock()
	for p.busy() {
		if err := clock.Sleep(ctx, clock.Real{}, 5*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return &calls.None{}, p.store.Checkpoint(ctx)
}

// busy reports whether a statement of the Data API runs.
func (p *process) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.running) > 0
}

func (p *process) createDatabase(ctx context.Context, d *calls.Database) (*calls.None, error) {
	return &calls.None{}, p.store.Create(ctx, d.Name)
}

func (p *process) listDatabases(context.Context, *calls.None) (*calls.Databases, error) {
	return &calls.Databases{Names: p.store.Names()}, nil
}

// finished looks for Data API statements in the files' ledgers.
func (p *process) finished(ctx context.Context, q *calls.Finished) (*calls.FinishedAnswer, error) {
	out := &calls.FinishedAnswer{}
	for _, name := range p.store.Names() {
		db, ok := p.store.Database(name)
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
