// Package server is the control process: it opens the stores, builds the services on them, starts children, listens, and stops in
// order. It is wiring and nothing else; what a service does stands in the service. It runs no query: package child does, in processes
// of their own.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/certs"
	"penstock/internal/clock"
	"penstock/internal/job/script"
	"penstock/internal/killpoint"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/sts"
	"penstock/internal/vfs"
	"penstock/internal/warehouse"
)

// Options say where a server keeps its state and where it listens.
type Options struct {
	Data      string // the data directory; it is made where it does not exist
	HTTP      string // address of the HTTP port; port 0 picks a free one
	Warehouse string // address of the first workgroup's port
	// DefaultWorkgroup makes a workgroup at the first start.
	DefaultWorkgroup bool
	// TLS makes the HTTP port speak TLS only; the warehouse offers it always. TLSCert and TLSKey are files of the user's own certificate for
	// both; without them a local authority of the data directory makes one.
	TLS             bool
	TLSCert, TLSKey string
	Regions         []string // that are served; the first is that of requests which name none, and of what has no region
	Account         string   // 12 digits; "" is the data directory's own, which the first start without one makes DefaultAccount
	Clock           clock.Clock
	Log             *slog.Logger
	Exe             string // this program, which is started again as worker and warehouse
	// KillAt names the point at which a crash test wants the process to die, Passed is told of the others; unset in real use.
	KillAt string
	Passed func(point string)
	// Scripts is what of the user's machine the scripts of jobs are run with; the server itself says where it keeps their modules.
	Scripts script.Host
	// GarbageDelay is how long bytes stay that no object has any more; 0 is the default of package object.
	GarbageDelay time.Duration
	// Pace is how slowly a client may send; the zero value is door.SlowestPace.
	Pace door.Pace
}

// A Server is an open runtime.
type Server struct {
	opts     Options
	lock     *lock
	creds    Credentials
	account  string
	stores   *stores
	modules  []module.Module
	sessions *sts.Service // the temporary keys
	tables   api.Regions
	table    *api.Table // of the first region
	certs    *certs.Source
	bundle   string // of certificates for clients; "" for none
	listener *net.TCPListener
	// warehouse is the first workgroup's listener: taken at the start, accepted from by that workgroup's child.
	warehouse  *net.TCPListener
	warehouses *warehouse.Warehouses // of the first region
	http       *http.Server
	lean       *door.Lean
}

// Open takes the data directory, opens everything in it and listens. Run serves; Close gives everything up.
func Open(ctx context.Context, o Options) (_ *Server, err error) {
	s := &Server{opts: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err = o.check(); err != nil {
		return nil, err
	}
	if err = s.take(); err != nil {
		return nil, err
	}
	files := vfs.NewLater(vfs.OS{})
	if s.account, err = identify(files, o); err != nil {
		return nil, err
	}
	kill := killpoint.Once(o.KillAt, KillSelf, o.Passed)
	if err = s.openAll(ctx, files); err != nil {
		return nil, err
	}
	var group errgroup.Group
	group.Go(files.Flush)
	s.build(kill)
	if err = errors.Join(s.load(ctx), group.Wait()); err != nil {
		return nil, err
	}
	all, lean := s.mount()
	s.http, s.lean = httpServer(all, o, s.certs.Config()), lean
	return s, s.lock.announce(s.Holder())
}

// take gets what another may have: the data directory and the ports, and reads the user's certificate. A new directory is made after that:
// a first start that fails fixes nothing. Of one that is there the lock comes first, since who serves it has its ports too.
func (s *Server) take() (err error) {
	fresh := !Exists(s.opts.Data)
	if fresh {
		if err = s.listen(); err != nil {
			return err
		}
	}
	if err = Prepare(s.opts.Data); err != nil {
		return err
	}
	if s.lock, err = acquire(s.opts.Data, s.opts.Clock); err != nil || fresh {
		return err
	}
	return s.listen()
}

// listen opens both ports and reads the user's certificate for them, if he has given one.
func (s *Server) listen() (err error) {
	if s.opts.TLSCert != "" {
		if s.certs, err = certs.Own(s.opts.TLSCert, s.opts.TLSKey, s.opts.Clock.Now); err != nil {
			return err
		}
	}
	if s.listener, err = listen("--listen", "AWS clients", s.opts.HTTP); err != nil {
		return err
	}
	s.warehouse, err = listen("--warehouse-listen", "warehouse clients", s.opts.Warehouse)
	return err
}

// identify makes sure that the folder is a data directory, and returns its account. A new one says both before there is anything else in
// it.
func identify(files vfs.FS, o Options) (string, error) {
	if _, err := vfs.CheckFormat(files, o.Data, storeName, Format); err != nil {
		return "", err
	}
	number, err := account(files, o.Data, o.Account)
	if err != nil {
		return "", err
	}
	return number, vfs.SyncNow(files, o.Data)
}

// openAll opens the keys, the certificates and the stores at the same time: in a new directory each waits for fsyncs.
func (s *Server) openAll(ctx context.Context, files vfs.FS) error {
	var group errgroup.Group
	group.Go(func() (err error) {
		s.creds, err = credentials(files, s.opts.Data)
		return err
	})
	if s.certs == nil {
		group.Go(func() (err error) {
			s.certs, s.bundle, err = openCerts(s.opts, files)
			return err
		})
	}
	group.Go(func() (err error) {
		s.stores, err = openStores(ctx, s.opts, files)
		return err
	})
	return group.Wait()
}

// Explain puts the one internal error that its user can mend into words.
func Explain(err error) string {
	if err == nil {
		return ""
	}
	if meta.IsFull(err) {
		return meta.Full
	}
	return ""
}

// Format is the version of the data directory's layout that this program writes.
const Format = 1

// KillSelf dies as a power cut would have it: no deferred call runs.
func KillSelf() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		p.Kill()
	}
	select {}
}

// Holder says where the server listens and how clients trust it.
func (s *Server) Holder() Holder {
	h := Holder{PID: os.Getpid(), Endpoint: s.Endpoint(), Warehouse: s.Warehouse(), Regions: s.opts.Regions,
		TLS: Trust{File: s.certs.Trust(), Own: s.opts.TLSCert}}
	h.TLS.Name, _ = s.certs.Name() // openCerts has asked for it
	h.TLS.Bundle = s.bundle
	return h
}

// Endpoint is the URL of the HTTP port.
func (s *Server) Endpoint() string {
	scheme := "http://"
	if s.opts.TLS {
		scheme = "https://"
	}
	return scheme + reachable(s.listener.Addr())
}

// Warehouse is host:port of the first workgroup.
func (s *Server) Warehouse() string { return reachable(s.warehouse.Addr()) }

// Vacant reports whether no workgroup listens at Warehouse, until somebody makes one.
func (s *Server) Vacant(ctx context.Context) (bool, error) { return s.warehouses.Vacant(ctx) }

// Credentials are the keys of the data directory.
func (s *Server) Credentials() Credentials { return s.creds }

// keys knows the root key of the data directory and the temporary ones that STS gave.
func (s *Server) keys(accessKeyID string) (string, api.Principal, bool) {
	if accessKeyID == s.creds.AccessKeyID {
		return s.creds.SecretAccessKey, s.root(), true
	}
	return s.sessions.Lookup(accessKeyID)
}

func (s *Server) root() api.Principal {
	return api.Principal{ARN: "arn:aws:iam::" + s.account + ":root", Account: s.account, AccessKeyID: s.creds.AccessKeyID}
}

// Run serves until ctx ends or a part fails, and then stops in order: no new requests, then the loops, then the children.
func (s *Server) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, m := range s.modules {
		if m.Run == nil {
			continue
		}
		group.Go(func() error {
			if err := m.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("%s: %w", m.Label(), err)
			}
			return nil
		})
	}
	group.Go(func() error {
		s.http.BaseContext = func(net.Listener) context.Context { return door.WithStop(context.Background(), ctx) }
		if err := s.serveHTTP(); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve AWS clients: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.http.Shutdown(stop); err != nil {
			return s.http.Close() // a request that takes longer is cut off
		}
		return nil
	})
	return group.Wait()
}

// Close gives everything up, in the opposite order of Open.
func (s *Server) Close() error {
	var errs []error
	if s.stores != nil {
		errs = append(errs, s.stores.close())
	}
	if s.listener != nil {
		if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.warehouse != nil {
		errs = append(errs, s.warehouse.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}
