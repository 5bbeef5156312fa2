package warehouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/child"
	"penstock/internal/clock"
	"penstock/internal/killpoint"
	"penstock/internal/meta"
	"penstock/internal/metric"
	"penstock/internal/object"
)

// Options are what the warehouses stand on.
type Options struct {
	Meta     *meta.Store
	Objects  *object.Store
	Metrics  *metric.Store
	Children *child.Supervisor
	Clock    clock.Clock
	Log      *slog.Logger
	Dir      string // the data folder's "warehouse"
	Blobs    string // the folder of the object store's files
	Host     string // where workgroups listen; "127.0.0.1"
	// First is where the first workgroup listens that asks for no port of its own. The server takes it at its start, so that a port in
	// use is said then. Where it is nil every workgroup that asks for none takes a free port: of several regions one has it.
	First *net.TCPListener
	// Default makes a namespace and a workgroup at the first start, so that clients find a warehouse before anybody has made one.
	Default bool
	// AdminPassword is the administrator's of a namespace that is made without a password; "" makes a random one each time.
	AdminPassword string
	// Certificate gives the one that the listeners show to clients that ask for TLS; nil offers none.
	Certificate func() (*tls.Certificate, error)
	Needs       child.Budget
	Kill        killpoint.Hook // points "statement.<step>" for crash tests
	Region      string
	Served      []string // all regions of the server; a bucket of another one is found from each
	Account     string
	// Invoker asks S3's guard whether a COPY may read; nil allows all.
	Invoker api.Invoker
	// Keys finds the secret and the owner of an access key.
	Keys func(accessKeyID string) (secret string, p api.Principal, ok bool)
}

// Warehouses is all namespaces and workgroups of a region.
type Warehouses struct {
	o Options

	mu      sync.Mutex
	running map[string]*endpoint // by name

	changing chan struct{} // holds a value while somebody changes which workgroups there are
	look     time.Duration // how long a new workgroup waits to hear whether the default one is in use

	vacantMu sync.Mutex
	vacant   *vacancy // nil while the first workgroup has its listener

	wg    sync.WaitGroup
	work  chan func(context.Context) // taken by dispatch, which runs it beside the others
	ended chan struct{}              // closed when nothing more is taken
	ready chan struct{}              // closed when every workgroup is launched; a statement may be submitted before, and waits
	slots chan struct{}              // one taken for each statement that runs
	born  int64                      // statements created before this millisecond were an earlier server's
}

// maxRunning is how many statements run at a time; further ones wait in SUBMITTED. maxActive is how many may be unfinished.
const (
	maxRunning = 50
	maxActive  = 500
)

// New returns the warehouses of Options.Region. It starts nothing; Start does.
func New(o Options) *Warehouses {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Needs.Memory == 0 {
		o.Needs.Memory = 512 << 20
	}
	if o.Needs.Threads == 0 {
		o.Needs.Threads = 1
	}
	return &Warehouses{o: o, running: map[string]*endpoint{}, changing: make(chan struct{}, 1), look: lookTime,
		work: make(chan func(context.Context)), ended: make(chan struct{}), ready: make(chan struct{}),
		slots: make(chan struct{}, maxRunning), born: o.Clock.Now().UnixMilli()}
}

// Start opens the listeners of all workgroups and starts their children; then, beside the caller, it settles the statements that the last
// server left behind. A port that cannot be had is an error. When ctx ends the children do; Stop waits for that.
func (w *Warehouses) Start(ctx context.Context) error {
	end, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer end()
	groups, err := w.groups(ctx)
	if err != nil {
		return fmt.Errorf("start the warehouses: %w", err)
	}
	if err := w.sweep(ctx); err != nil {
		return fmt.Errorf("start the warehouses: %w", err)
	}
	w.wg.Go(func() { w.dispatch(ctx) })
	for i := range groups {
		g, err := w.bind(ctx, &groups[i])
		if err != nil {
			return err
		}
		w.launch(g)
	}
	close(w.ready)
	w.attend()
	return w.background(w.settle)
}

// sweep removes the folders of namespaces, of any region, that were deleted when the server ended before it had removed them. Folders are
// looked for before rows: that of a namespace which is made meanwhile comes after its row.
func (w *Warehouses) sweep(ctx context.Context) error {
	folders, err := os.ReadDir(w.o.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var all []Namespace
	err = w.o.Meta.View(ctx, func(tx *meta.Tx) error {
		all, err = listDocs[Namespace](tx, "SELECT doc FROM warehouse_namespace")
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range folders {
		if !f.IsDir() || slices.ContainsFunc(all, func(n Namespace) bool { return n.folder() == f.Name() }) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(w.o.Dir, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// dispatch starts background work until ctx ends.
func (w *Warehouses) dispatch(ctx context.Context) {
	defer close(w.ended)
	for {
		select {
		case fn := <-w.work:
			w.wg.Go(func() { fn(ctx) })
		case <-ctx.Done():
			return
		}
	}
}

// background runs fn under the context that was given to Start.
func (w *Warehouses) background(fn func(context.Context)) error {
	select {
	case w.work <- fn:
		return nil
	case <-w.ended:
		return errors.New("the server is stopping")
	}
}

// Stop waits until no child is left. The context given to Start must have ended.
func (w *Warehouses) Stop() { w.wg.Wait() }

func (w *Warehouses) arn(kind, id string) string {
	return arn.New("redshift-serverless", w.o.Region, w.o.Account, kind+"/"+id).String()
}

// Region is where the workgroups are.
func (w *Warehouses) Region() string { return w.o.Region }

// Host is where workgroups listen.
func (w *Warehouses) Host() string { return w.o.Host }
