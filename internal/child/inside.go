package child

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
)

// The descriptors that a child inherits; files of Spec.Files follow from firstFile.
const (
	callsFD   = 3 // calls from the child to the parent
	serveFD   = 4 // calls from the parent to the child
	firstFile = 5
)

// Inside is a child's own view of itself.
type Inside struct {
	Parent *Client    // calls the control process; an api.Invoker
	Files  []*os.File // as given by Spec.Files
	serve  net.Conn
}

// Enter takes the inherited descriptors; nfiles is how many files follow the two sockets.
func Enter(ctx context.Context, nfiles int) (*Inside, error) {
	syscall.Umask(0o077) // the engine makes its files without saying for whom
	calls, err := inherited(callsFD)
	if err != nil {
		return nil, err
	}
	serve, err := inherited(serveFD)
	if err != nil {
		return nil, err
	}
	parent, err := newClient(ctx, calls)
	if err != nil {
		return nil, err
	}
	in := &Inside{Parent: parent, serve: serve}
	for i := range nfiles {
		in.Files = append(in.Files, os.NewFile(uintptr(firstFile+i), fmt.Sprintf("inherited-%d", firstFile+i)))
	}
	return in, nil
}

func inherited(fd uintptr) (net.Conn, error) {
	f := os.NewFile(fd, fmt.Sprintf("inherited-%d", fd))
	if f == nil {
		return nil, fmt.Errorf("this is a child process: penstock starts it with a socket as descriptor %d", fd)
	}
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("this is a child process: penstock starts it with a socket as descriptor %d: %w", fd, err)
	}
	return c, nil
}

// Serve answers the parent's calls until the parent is gone or ctx ends. When it returns, the process must end at once: work that
// still runs has nobody who wants it.
func (in *Inside) Serve(ctx context.Context, h http.Handler) error {
	stop := context.AfterFunc(ctx, func() { in.serve.Close() })
	defer stop()
	// The parent's death closes both sockets; the serving one, always read, is enough to notice it.
	if err := serveConn(in.serve, h); err != nil && err != http.ErrServerClosed {
		return fmt.Errorf("serve the parent: %w", err)
	}
	return nil
}
