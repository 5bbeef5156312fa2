package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Children are the process ids of the server's children of a kind ("worker", "warehouse").
func (r *Runtime) Children(kind string) (pids []int) { return ChildrenOf(r.Pid(), kind, "") }

// ChildrenOf are the process ids of the children of a process (0: of any), of a kind and with a word in their command line.
func ChildrenOf(parent int, kind, word string) (pids []int) {
	for _, name := range stats(parent) {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		// pid (comm) state ppid ...
		_, rest, ok := strings.Cut(string(b), ") ")
		fields := strings.Fields(rest)
		if !ok || len(fields) < 2 || fields[0] == "Z" || parent > 0 && fields[1] != fmt.Sprint(parent) {
			continue
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(name), "cmdline"))
		if err != nil || !strings.Contains(string(line), "\x00child\x00"+kind+"\x00") || !strings.Contains(string(line), word) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stats are the stat files of the processes that may be children of one (0: of any). The kernel's own list of them, where it has one, is
// read many times faster than all processes are looked at: a worker's life is short.
func stats(parent int) (names []string) {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*/children", parent))
	if err != nil || len(lists) == 0 {
		names, _ = filepath.Glob("/proc/[0-9]*/stat")
		return names
	}
	for _, list := range lists {
		b, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, pid := range strings.Fields(string(b)) {
			names = append(names, "/proc/"+pid+"/stat")
		}
	}
	return names
}

// Freeze waits for a child of a kind and stops it where it is; the answer makes it go on. Those that accept refuses go on at once: they
// stand still while it looks, so that none ends under its eyes.
func (r *Runtime) Freeze(t testing.TB, kind string, accept func(pid int) bool) (pid int, thaw func()) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		for _, pid := range r.Children(kind) {
			if Signal(pid, syscall.SIGSTOP) != nil {
				continue
			}
			thaw := func() { _ = Signal(pid, syscall.SIGCONT) } // it may be dead: a test kills it
			if accept == nil || accept(pid) {
				t.Cleanup(thaw)
				return pid, thaw
			}
			thaw()
		}
	}
	t.Fatalf("no %s appears\n%s", kind, r.Log())
	return 0, nil
}

// Signal sends a signal to a process.
func Signal(pid int, s syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Signal(s)
}

// A Command is a call of the program that runs in the background.
type Command struct {
	cmd            *exec.Cmd
	stdout, stderr *safeBuffer
	done           chan error
}

// Begin starts the program in a folder and leaves it running.
func Begin(t testing.TB, dir string, env []string, args ...string) *Command {
	t.Helper()
	c := &Command{cmd: exec.Command(Binary(t), args...), stdout: &safeBuffer{}, stderr: &safeBuffer{}, done: make(chan error, 1)}
	c.cmd.Dir, c.cmd.Env = dir, append(cleanEnv(), env...)
	c.cmd.Stdout, c.cmd.Stderr = c.stdout, c.stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.done <- c.cmd.Wait() }()
	t.Cleanup(func() { _ = c.cmd.Process.Kill() }) // it has ended, unless the test failed
	return c
}

// Stderr is what it has written so far.
func (c *Command) Stderr() string { return c.stderr.String() }

// Pid is its process id.
func (c *Command) Pid() int { return c.cmd.Process.Pid }

// Kill ends it as kill -9 does.
func (c *Command) Kill() { _ = c.cmd.Process.Kill() }

// Ended reports whether it has ended.
func (c *Command) Ended() bool {
	select {
	case err := <-c.done:
		c.done <- err
		return true
	default:
		return false
	}
}

// Interrupt is Ctrl-C.
func (c *Command) Interrupt() error { return c.cmd.Process.Signal(os.Interrupt) }

// End waits for its end.
func (c *Command) End(t testing.TB) Result {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(5 * time.Minute):
		t.Fatalf("%v does not end\n%s%s", c.cmd.Args, c.stdout.String(), c.stderr.String())
	}
	return Result{c.stdout.String(), c.stderr.String(), c.cmd.ProcessState.ExitCode()}
}
