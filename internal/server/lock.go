package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"penstock/internal/clock"
	"time"
)

// A Holder says who holds a data directory and where it listens.
type Holder struct {
	PID       int      `json:"pid"` // for people; the lock decides, not the number
	Endpoint  string   `json:"endpoint"`
	Warehouse string   `json:"warehouse"` // host:port of the first workgroup
	Regions   []string `json:"regions"`
	TLS       Trust    `json:"tls"`
}

// A Trust says how a client knows that it speaks with this server.
type Trust struct {
	File string `json:"file,omitempty"` // certificates to trust, PEM; "" when the user's own is of an authority that clients may know
	// Bundle is File together with what the system trusts; "" where it keeps that in no file.
	Bundle string `json:"bundle,omitempty"`
	Own    string `json:"own,omitempty"` // the user's own certificate, if he has given one
	Name   string `json:"name"`          // a name that the certificate is good for
}

// A lock is a held data directory: an flock on its LOCK file, whose content tells others where the holder listens.
type lock struct {
	file *os.File
}

const lockName = "LOCK"

// ErrInUse is the error of Open when another process holds the data directory.
var ErrInUse = errors.New("the data directory is in use")

// A taken is ErrInUse with who holds the directory.
type taken struct {
	data   string
	holder Holder
}

func (t *taken) Error() string {
	if t.holder.Endpoint == "" {
		return fmt.Sprintf("the data directory %s is in use by another process that is starting or stopping", t.data)
	}
	return fmt.Sprintf("the data directory %s is in use by process %d, which serves it at %s", t.data, t.holder.PID, t.holder.Endpoint)
}

func (t *taken) Is(target error) bool { return target == ErrInUse }

// acquire takes the lock. A process that a killed server was just starting may hold its files for a moment longer, and so does who only
// asks for the holder: while no living process is named as the holder, it tries for up to ten seconds.
func acquire(data string, clk clock.Clock) (*lock, error) {
	f, err := os.OpenFile(filepath.Join(data, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the data directory: %w", err)
	}
	var holder Holder
	for range 500 {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return &lock{f}, f.Truncate(0) // what a killed holder wrote is no longer true
		}
		holder, _ = readHolder(f)
		if !errors.Is(err, syscall.EWOULDBLOCK) || holder.PID > 0 && syscall.Kill(holder.PID, 0) == nil {
			break
		}
		<-clk.After(20 * time.Millisecond)
	}
	f.Close()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return nil, &taken{data, holder}
}

// announce writes where the holder listens.
func (l *lock) announce(h Holder) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(b, '\n'), 0)
	return err
}

// release gives the directory up. The file stays: removing it would let two processes lock two files of one name.
func (l *lock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

func readHolder(f *os.File) (h Holder, err error) {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 4096))
	if err != nil {
		return h, err
	}
	err = json.Unmarshal(b, &h)
	if len(h.Regions) == 0 { // it is an earlier program
		h.Regions = []string{DefaultRegion}
	}
	return h, err
}

// Held reports who serves a data directory now; ok is false when nobody does. A holder that is still starting is waited for.
func Held(data string, clk clock.Clock) (h Holder, ok bool, err error) {
	for range 200 {
		h, ok, err = held(data)
		if err != nil || !ok || h.Endpoint != "" {
			return h, ok, err
		}
		<-clk.After(50 * time.Millisecond)
	}
	return h, true, fmt.Errorf("the data directory %s is held by a process that does not say where it listens", data)
}

func held(data string) (h Holder, ok bool, err error) {
	f, err := os.Open(filepath.Join(data, lockName))
	if errors.Is(err, os.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return h, false, nil
	}
	h, err = readHolder(f)
	if err != nil {
		return Holder{}, true, nil // it is being written
	}
	return h, true, nil
}
