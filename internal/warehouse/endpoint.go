package warehouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"penstock/internal/child"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/clock"
)

// An endpoint is where a workgroup listens now: the listener, which outlives every child, and the child of the moment.
type endpoint struct {
	w    *Warehouses
	def  Workgroup
	db   string
	dir  string // of the namespace's databases
	ln   *net.TCPListener
	file *os.File
	quit chan struct{} // closed to end it
	done chan struct{}

	place *child.Place // keep's own: what its children may use, from the first to the last

	mu      sync.Mutex
	child   *child.Child
	changed chan struct{} // closed and replaced when child changes
}

// bind takes the port of a workgroup, and says in def which it is. Clients that connect wait until launch.
func (w *Warehouses) bind(ctx context.Context, def *Workgroup) (*endpoint, error) {
	ns, err := w.Namespace(ctx, def.Namespace)
	if err != nil {
		return nil, err
	}
	ln, err := w.listen(def)
	if err != nil {
		return nil, err
	}
	file, err := ln.File()
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("pass on the listener of workgroup %s: %w", def.Name, err)
	}
	return &endpoint{w: w, def: *def, db: ns.Database, dir: filepath.Join(w.o.Dir, ns.folder()), ln: ln, file: file,
		quit: make(chan struct{}), done: make(chan struct{}), changed: make(chan struct{})}, nil
}

// launch starts a goroutine that keeps a child behind the port. When the server is stopping, the next one does.
func (w *Warehouses) launch(g *endpoint) {
	if g.def.First {
		w.occupy()
	}
	w.mu.Lock()
	w.running[g.def.Name] = g
	w.mu.Unlock()
	err := w.background(func(ctx context.Context) {
		defer close(g.done)
		defer g.close()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-g.quit:
				cancel()
			case <-ctx.Done():
			}
		}()
		g.keep(ctx)
	})
	if err != nil {
		g.close()
		close(g.done)
	}
}

// close gives the port back.
func (g *endpoint) close() {
	g.ln.Close()
	g.file.Close()
}

// end stops a workgroup's child and waits until its files are free: as long as stopTime and no longer, so that nothing has to cut it.
func (w *Warehouses) end(name string) {
	w.mu.Lock()
	g := w.running[name]
	delete(w.running, name)
	w.mu.Unlock()
	if g != nil {
		close(g.quit)
		<-g.done
	}
}

// listen takes the workgroup's port. One that nobody asked for may be another one after a restart.
func (w *Warehouses) listen(def *Workgroup) (*net.TCPListener, error) {
	ln, err := w.socket(def)
	if err != nil && !def.AskedPort && !def.First {
		ln, err = w.listenOn(0)
	}
	if err != nil {
		return nil, fmt.Errorf("workgroup %s: %w: %w", def.Name, ErrPort, err)
	}
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		ln.Close()
		return nil, fmt.Errorf("workgroup %s listens on %s", def.Name, ln.Addr())
	}
	def.Port = addr.Port
	return ln, nil
}

// socket is the listener that the workgroup should have. The first one's is a copy of the server's, which stays open.
func (w *Warehouses) socket(def *Workgroup) (*net.TCPListener, error) {
	if !def.First || w.o.First == nil {
		return w.listenOn(def.Port)
	}
	file, err := w.o.First.File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	ln, err := net.FileListener(file)
	if err != nil {
		return nil, err
	}
	return tcp(ln)
}

func tcp(ln net.Listener) (*net.TCPListener, error) {
	t, ok := ln.(*net.TCPListener)
	if !ok {
		ln.Close()
		return nil, fmt.Errorf("%s is no TCP address", ln.Addr())
	}
	return t, nil
}

func (w *Warehouses) listenOn(port int) (*net.TCPListener, error) {
	ln, err := net.Listen("tcp", net.JoinHostPort(w.o.Host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	return tcp(ln)
}

// Times between starts of a child that does not stay alive.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
)

// keep starts the child again whenever it ends. Clients that connect meanwhile queue at the listener.
func (g *endpoint) keep(ctx context.Context) {
	defer func() {
		if g.place != nil {
			g.place.Leave()
		}
	}()
	pause := firstPause
	for ctx.Err() == nil {
		began := g.w.o.Clock.Now()
		c, err := g.start(ctx)
		if err == nil {
			g.set(c)
			select {
			case <-c.Done():
				err = c.Err()
			case <-ctx.Done():
				g.stop(ctx, c)
			}
			g.set(nil)
			g.w.o.Objects.Release(c.ID)
		}
		if ctx.Err() != nil {
			return
		}
		g.w.o.Log.Error("a warehouse ended and is started again", "workgroup", g.def.Name, "err", err)
		if g.w.o.Clock.Now().Sub(began) > time.Minute {
			pause = firstPause
		}
		if clock.Sleep(ctx, g.w.o.Clock, pause) != nil {
			return
		}
		pause = min(2*pause, lastPause)
	}
}

// stopTime is how long a child may take to end its sessions and fold its logs into the files. A kill loses nothing: the next start reads
// the logs instead.
const stopTime = 10 * time.Second

func (g *endpoint) stop(ctx context.Context, c *child.Child) {
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := c.Call(short, calls.PathStop, calls.None{}, nil); err != nil {
		g.w.o.Log.Warn("a warehouse's logs stay as they are", "workgroup", g.def.Name, "err", err)
	}
	c.Kill()
	<-c.Done()
}

func (g *endpoint) start(ctx context.Context) (_ *child.Child, err error) {
	o := g.w.o
	if g.place == nil {
		if g.place, err = o.Children.Hold(ctx, o.Needs, g.crowded); err != nil {
			return nil, fmt.Errorf("start a warehouse: %w", err)
		}
	}
	args := []string{"-dir", g.dir, "-blobs", o.Blobs, "-databases", g.db, "-threads", strconv.Itoa(o.Needs.Threads)}
	if o.Certificate != nil {
		args = append(args, "-tls")
	}
	return o.Children.Start(ctx, child.Spec{Kind: "warehouse", Files: []*os.File{g.file}, Place: g.place, Handler: g.handler, Args: args})
}

func (g *endpoint) crowded() {
	g.w.o.Log.Warn("a workgroup waits until another one is deleted: together they hold all memory and threads", "workgroup", g.def.Name)
}

func (g *endpoint) set(c *child.Child) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.child = c
	close(g.changed)
	g.changed = make(chan struct{})
}

// current waits for a child.
func (g *endpoint) current(ctx context.Context) (*child.Child, error) {
	for {
		g.mu.Lock()
		c, changed := g.child, g.changed
		g.mu.Unlock()
		if c != nil {
			return c, nil
		}
		select {
		case <-changed:
		case <-g.done:
			return nil, errors.New("the workgroup has ended")
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// call asks the child, and asks the next one when it ends before it answers.
func (g *endpoint) call(ctx context.Context, path string, in, out any) error {
	for {
		c, err := g.current(ctx)
		if err != nil {
			return err
		}
		err = c.Call(ctx, path, in, out)
		if !errors.Is(err, child.ErrGone) {
			return err
		}
		select {
		case <-c.Done():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// PID is the process id of a workgroup's child, for those who test what its death does; 0 when there is none now.
func (w *Warehouses) PID(workgroup string) int {
	g, err := w.endpoint(workgroup)
	if err != nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.child == nil {
		return 0
	}
	return g.child.Pid()
}
