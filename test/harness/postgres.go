package harness

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"penstock/internal/testcorpus"
)

// A PG is a PostgreSQL server of a test's own, on a free port of the loopback interface.
type PG struct {
	Port int
}

// URL names one of its databases as libpq takes it; postgres is there. The user app may do everything, with any password.
func (p *PG) URL(database string) string {
	return fmt.Sprintf("postgresql://app:secret@127.0.0.1:%d/%s", p.Port, database)
}

// Postgres starts a server of Debian's PostgreSQL; without one the test is skipped, or fails when CI=true. It ends with the test.
func Postgres(t testing.TB) *PG {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	testcorpus.NeedTool(t, len(found) > 0, "PostgreSQL's server (Debian: postgresql)")
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("/tmp", "pg-") // not t.TempDir, whose parents only root may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	who := unprivileged(t, dir)
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p := &PG{Port: freePort(t)}
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(p.Port), "-h", "127.0.0.1", "-k", dir,
		"-c", "fsync=off")
	server.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	server.Dir = dir
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGQUIT) }
	var log safeBuffer
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = server.Wait() })
	for deadline := time.Now().Add(time.Minute); !strings.Contains(log.String(), "ready to accept connections"); {
		if time.Now().After(deadline) {
			t.Fatalf("PostgreSQL does not start:\n%s", log.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
	return p
}

// unprivileged gives a folder to a user who is not root, as whom PostgreSQL refuses to run; nil where the test's own user will do.
func unprivileged(t testing.TB, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	i := slices.IndexFunc([]string{"postgres", "nobody"}, func(name string) bool { _, err := user.Lookup(name); return err == nil })
	if i < 0 {
		t.Fatal("PostgreSQL does not run as root, and there is no user postgres or nobody")
	}
	u, err := user.Lookup([]string{"postgres", "nobody"}[i])
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
