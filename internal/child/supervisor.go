package child

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"penstock/internal/id"
)

// Options configure a Supervisor.
type Options struct {
	// Exe and Args start a child: Exe Args... KIND -epoch N -scratch DIR -memory BYTES Spec.Args...
	Exe     string
	Args    []string // "child"
	Env     []string // the children's whole environment
	Scratch string   // folder below which each child has one of its own, emptied at start
	Epoch   int64    // of this start of the server: meta.Store.Epoch
	Budget  Budget
	// LeastFree is how many bytes of the disk a Program must leave; 0 is a usual number.
	LeastFree int64
	Log       *slog.Logger
}

// A Supervisor starts children and ends them.
type Supervisor struct {
	o      Options
	ledger ledger
	mu     sync.Mutex
	live   map[*Child]struct{}
	closed bool
}

// Open empties the scratch folder and returns a supervisor. Earlier owners are dead, or children of a killed server that have not noticed
// it yet: the folder is moved away first, so that they can put nothing into what is being removed.
func Open(o Options) (*Supervisor, error) {
	o.LeastFree = cmp.Or(o.LeastFree, leastFree)
	old := o.Scratch + ".old"
	if err := os.RemoveAll(old); err != nil {
		return nil, fmt.Errorf("empty the scratch folder: %w", err)
	}
	if err := os.Rename(o.Scratch, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("empty the scratch folder: %w", err)
	}
	if err := os.RemoveAll(old); err != nil {
		return nil, fmt.Errorf("empty the scratch folder: %w", err)
	}
	if err := os.MkdirAll(o.Scratch, 0o700); err != nil {
		return nil, fmt.Errorf("make the scratch folder: %w", err)
	}
	return &Supervisor{o: o, ledger: ledger{total: o.Budget}, live: map[*Child]struct{}{}}, nil
}

// Epoch is the number of this start of the server.
func (s *Supervisor) Epoch() int64 { return s.o.Epoch }

// Folder makes a folder below the scratch folder, for what a child is to find when it starts. The caller removes it; what a killed server
// leaves goes at the next start.
func (s *Supervisor) Folder() (string, error) { return os.MkdirTemp(s.o.Scratch, "files-") }

// A Spec says what to start.
type Spec struct {
	Kind  string     // "worker", "warehouse", "program"
	Args  []string   // further arguments
	Files []*os.File // inherited from descriptor 5 on; the caller's copies stay open
	Needs Budget     // what it may use; a start waits until that is free
	Least Budget     // what it is content with if standing children leave no more; zero is Needs
	Waits func()     // called once if the start has to wait
	Place *Place     // of a standing child, which needs what is held there and waits for nothing
	// Handler answers the child's calls. It is made when the child is, so that it can know which child calls.
	Handler func(*Child) http.Handler
	// Program names what to start instead of our own binary; then Args, Files and Handler are none. It is called when the budget is there.
	Program func(*Child) (*Program, error)
}

// A Child is a running (or ended) process.
type Child struct {
	*Client // calls the child
	ID      string
	Kind    string
	Scratch string // its folder: staging, spill
	Budget  Budget // what it has been given
	Epoch   int64
	cmd     *exec.Cmd
	conns   [2]net.Conn
	group   *group // of a Program
	done    chan struct{}
	err     error // why it ended; read after done
}

// Start starts a child. ctx bounds the wait for the budget, not the child's life.
func (s *Supervisor) Start(ctx context.Context, spec Spec) (*Child, error) {
	if err := s.share(ctx, &spec); err != nil {
		return nil, fmt.Errorf("start a %s: %w", spec.Kind, err)
	}
	c, err := s.spawn(ctx, spec)
	if err != nil {
		s.giveBack(spec)
		return nil, fmt.Errorf("start a %s: %w", spec.Kind, err)
	}
	return c, nil
}

// share makes Needs what the child is given.
func (s *Supervisor) share(ctx context.Context, spec *Spec) (err error) {
	if spec.Place != nil {
		spec.Needs = spec.Place.needs
		return nil
	}
	if spec.Least == (Budget{}) {
		spec.Least = spec.Needs
	}
	spec.Needs, err = s.ledger.take(ctx, spec.Needs, spec.Least, spec.Waits)
	return err
}

// giveBack returns what share has taken. A place stays held.
func (s *Supervisor) giveBack(spec Spec) {
	if spec.Place == nil {
		s.ledger.give(spec.Needs)
	}
}

func (s *Supervisor) spawn(ctx context.Context, spec Spec) (*Child, error) {
	c := &Child{ID: spec.Kind + "-" + id.Hex(6), Kind: spec.Kind, Budget: spec.Needs, Epoch: s.o.Epoch, done: make(chan struct{})}
	c.Scratch = filepath.Join(s.o.Scratch, c.ID)
	if err := os.Mkdir(c.Scratch, 0o700); err != nil {
		return nil, err
	}
	var err error
	if spec.Program != nil {
		err = s.startProgram(c, spec)
	} else {
		err = s.startOwn(ctx, c, spec)
	}
	if err != nil {
		closeConns(c.conns)
		os.RemoveAll(c.Scratch)
		return nil, err
	}
	return c, nil
}

// startOwn starts our own binary as c.
func (s *Supervisor) startOwn(ctx context.Context, c *Child, spec Spec) error {
	theirs, err := c.sockets(ctx)
	defer closeAll(theirs)
	if err != nil {
		return err
	}
	args := append(append([]string{}, s.o.Args...), spec.Kind, "-epoch", strconv.FormatInt(s.o.Epoch, 10), "-scratch", c.Scratch,
		"-memory", strconv.FormatInt(spec.Needs.Memory, 10))
	c.cmd = exec.Command(s.o.Exe, append(args, spec.Args...)...)
	c.cmd.Env = append([]string{}, s.o.Env...)
	c.cmd.ExtraFiles = append(theirs[:2:2], spec.Files...)
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.launch(c); err != nil {
		return err
	}
	go s.watch(c, spec, stderr)
	h := http.Handler(http.NotFoundHandler())
	if spec.Handler != nil {
		h = spec.Handler(c)
	}
	go serveConn(c.conns[0], h)
	return nil
}

// launch starts the process unless the supervisor is closed.
func (s *Supervisor) launch(c *Child) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("the server is stopping")
	}
	if err := c.cmd.Start(); err != nil {
		return err
	}
	s.live[c] = struct{}{}
	return nil
}

// sockets makes the two pairs; conns[0] is the parent's end of the child's calls, conns[1] of its own.
func (c *Child) sockets(ctx context.Context) (theirs []*os.File, err error) {
	for i := range c.conns {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			closeConns(c.conns)
			return theirs, fmt.Errorf("socketpair: %w", err)
		}
		theirs = append(theirs, os.NewFile(uintptr(fds[1]), "child-end"))
		ours := os.NewFile(uintptr(fds[0]), "parent-end")
		c.conns[i], err = net.FileConn(ours)
		ours.Close()
		if err != nil {
			closeConns(c.conns)
			return theirs, fmt.Errorf("socketpair: %w", err)
		}
	}
	if c.Client, err = newClient(ctx, c.conns[1]); err != nil {
		closeConns(c.conns)
	}
	return theirs, err
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func closeConns(conns [2]net.Conn) {
	for _, c := range conns {
		if c != nil {
			c.Close()
		}
	}
}

// tellAt is the log at a level.
func (s *Supervisor) tellAt(level slog.Level) func(msg string, args ...any) {
	switch {
	case level >= slog.LevelError:
		return s.o.Log.Error
	case level >= slog.LevelWarn:
		return s.o.Log.Warn
	case level >= slog.LevelInfo:
		return s.o.Log.Info
	}
	return s.o.Log.Debug
}

// levelOf is the level of a child's line: its log's own, so that its errors are told where only
// warnings are. Other lines are those of a crash.
func levelOf(line string) slog.Level {
	_, rest, logged := strings.Cut(line, " level=")
	word, _, _ := strings.Cut(rest, " ")
	level := slog.LevelWarn
	if !logged || !strings.HasPrefix(line, "time=") || level.UnmarshalText([]byte(word)) != nil {
		return slog.LevelWarn
	}
	return level
}

// watch waits for the child's end: its stderr goes to the log, then what it held is freed.
func (s *Supervisor) watch(c *Child, spec Spec, stderr io.Reader) {
	last := s.tell(c, stderr, nil)
	err := c.cmd.Wait()
	switch {
	case err != nil && c.cmd.ProcessState.ExitCode() == exitMemory:
		err = fmt.Errorf("%w: %s", ErrMemory, last)
	case err != nil && last != "":
		err = fmt.Errorf("%w: %s", err, last)
	}
	c.err = err
	closeConns(c.conns)
	s.free(c, spec)
}

// free gives back what a child held that has ended.
func (s *Supervisor) free(c *Child, spec Spec) {
	if err := os.RemoveAll(c.Scratch); err != nil {
		s.o.Log.Error("scratch folder stays", "child", c.ID, "err", err)
	}
	s.mu.Lock()
	delete(s.live, c)
	s.mu.Unlock()
	s.giveBack(spec)
	close(c.done)
}

// Pid is the child's process id.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Kill ends the child at once, a Program with its whole group; Done tells when it has. Ending a child that has ended does nothing.
func (c *Child) Kill() {
	if c.group != nil {
		c.group.kill(c.Pid(), false)
		return
	}
	c.cmd.Process.Kill()
}

// Done is closed when the child has ended and everything it held is free.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err returns why the child ended: nil for exit status 0. It is known after Done.
func (c *Child) Err() error { return c.err }

// Close kills all children and waits for their ends.
func (s *Supervisor) Close() error {
	s.mu.Lock()
	s.closed = true
	live := make([]*Child, 0, len(s.live))
	for c := range s.live {
		live = append(live, c)
	}
	s.mu.Unlock()
	for _, c := range live {
		c.Kill()
	}
	for _, c := range live {
		<-c.done
	}
	return nil
}
