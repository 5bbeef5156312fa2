package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
)

// listen opens a port for the clients of what flag names; an address that cannot be had is told with what to do.
func listen(flag, clients, addr string) (*net.TCPListener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %s %q is no address; it is a host and a port from 0 to 65535, as in 127.0.0.1:4580",
			clients, flag, addr)
	}
	at, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: the host %q is not known", clients, host)
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
