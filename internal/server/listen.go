package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// listen opens a port for the clients of what flag names; an address that cannot be had is told with what to do.
func listen(flag, clients, addr string) (*net.TCPListener, error) {
	at, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: the host of %s is not known", clients, addr)
	}
	ln, err := net.ListenTCP("tcp", at)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen for %s: %s is in use by another program; choose another port with %s, or 0 for a free one",
			clients, addr, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("listen for %s: %s is no address of this machine", clients, addr)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("listen for %s: this user may not listen at %s; ports from 1024 on are open to all", clients, addr)
	case err != nil:
		return nil, fmt.Errorf("listen for %s at %s: %w", clients, addr, err)
	}
	return ln, nil
}
