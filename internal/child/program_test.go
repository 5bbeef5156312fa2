package child_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"penstock/internal/child"
)

// shell is a program of the shell's.
func shell(script string, env ...string) *child.Program {
	return &child.Program{Path: "/bin/sh", Args: []string{"-c", script, "prog"}, Env: env}
}

// as is a Spec's Program.
func as(p *child.Program) func(*child.Child) (*child.Program, error) {
	return func(*child.Child) (*child.Program, error) { return p, nil }
}

// keepOpen starts a second process that stays, and opens the file of that name for as long as either lives; then it says so.
const keepOpen = `exec 9>"$MARK"; sleep 100000 & echo open; `

// mark makes a pipe with a name. wait returns when no process has it open any more.
func mark(t *testing.T) (env string, wait func()) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "mark")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		f, err := os.Open(name)
		if err == nil {
			_, err = io.ReadAll(f)
			f.Close()
		}
		ended <- err
	}()
	return "MARK=" + name, func() {
		t.Helper()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
}

// TestProgramSaysAndEnds runs a program to its end: it sees its own environment, folder and arguments only, and every line is told.
func TestProgramSaysAndEnds(t *testing.T) {
	t.Setenv("SECRET_OF_THE_SERVER", "x")
	var log strings.Builder
	s := supervisor(t, plenty, &log)
	var out, errs []string
	p := shell(`echo "$WORD $# $1 ${SECRET_OF_THE_SERVER-none}"; pwd; cat; printf last; echo bad >&2; exit 3`, "WORD=hi", "PATH=/bin:/usr/bin")
	p.Args = append(p.Args, "an argument")
	p.Out, p.Err = func(l string) { out = append(out, l) }, func(l string) { errs = append(errs, l) }
	c := start(t, s, child.Spec{Program: as(p)})
	<-c.Done()
	if got, want := strings.Join(out, "|"), "hi 1 an argument none|"+c.Scratch+"|last"; got != want {
		t.Errorf("output %q, want %q", got, want)
	}
	if len(errs) != 1 || errs[0] != "bad" {
		t.Errorf("errors %q", errs)
	}
	if c.Err() == nil || c.Err().Error() != "exit status 3: bad" {
		t.Errorf("it ended with %v", c.Err())
	}
	if _, err := os.Stat(c.Scratch); !os.IsNotExist(err) {
		t.Errorf("its folder stays: %v", err)
	}
	if err := c.Call(t.Context(), "/x", text{}, nil); err == nil || !strings.Contains(err.Error(), "takes no calls") {
		t.Errorf("a call gives %v", err)
	}
	c = start(t, s, child.Spec{Program: as(shell(`echo to the log; echo fault >&2`))})
	if <-c.Done(); c.Err() != nil || !strings.Contains(log.String(), "to the log") || !strings.Contains(log.String(), "fault") {
		t.Errorf("%v, the log has %s", c.Err(), log.String())
	}
}

// TestProgramIsAGroup kills a program, ends another by itself and lets a third lose its parent: what they have started ends with them.
func TestProgramIsAGroup(t *testing.T) {
	s := supervisor(t, plenty, io.Discard)
	for name, end := range map[string]func(*child.Child){
		"killed": (*child.Child).Kill, "orphaned": child.Abandon, "server stops": func(*child.Child) { s.Close() },
		"ends by itself": func(c *child.Child) { syscall.Kill(c.Pid(), syscall.SIGTERM) },
	} {
		if name == "server stops" {
			s = supervisor(t, plenty, io.Discard)
		}
		env, wait := mark(t)
		open := make(chan bool, 1)
		p := shell(keepOpen+`wait`, env, "PATH=/bin:/usr/bin")
		p.Out = func(string) { open <- true }
		c, err := s.Start(t.Context(), child.Spec{Kind: "program", Program: as(p)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		<-open
		end(c)
		<-c.Done()
		wait()
		if c.Err() == nil {
			t.Errorf("%s: it ended without an error", name)
		}
		c.Kill()
		if name == "server stops" {
			s = supervisor(t, plenty, io.Discard)
		}
	}
}

// server starts a program in a folder and never ends.
func server(dir, script string) int {
	s, err := child.Open(child.Options{Scratch: filepath.Join(dir, "scratch"), Epoch: 1, Budget: plenty, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 1
	}
	p := shell(script, "MARK="+os.Getenv("MARK"), "PATH=/bin:/usr/bin")
	p.Out = func(l string) { os.Stdout.WriteString(l + "\n") }
	c, err := s.Start(context.Background(), child.Spec{Kind: "program", Program: as(p)})
	if err != nil {
		return 1
	}
	<-c.Done()
	return 0
}

// TestProgramEndsWithTheServer kills the server with SIGKILL: its program and what that started end, and the next start owns the folder.
func TestProgramEndsWithTheServer(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env, wait := mark(t)
	cmd := exec.Command(exe, "server", dir, keepOpen+`echo mine >file; wait`)
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	wait()
	s, err := child.Open(child.Options{Scratch: filepath.Join(dir, "scratch"), Epoch: 2, Budget: plenty, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left, _ := os.ReadDir(filepath.Join(dir, "scratch")); len(left) > 0 {
		t.Errorf("the folder of the dead program stays: %v", left)
	}
	c := start(t, s, child.Spec{Program: as(shell(`exit 0`))})
	if <-c.Done(); c.Err() != nil || c.Epoch != 2 {
		t.Errorf("epoch %d, %v", c.Epoch, c.Err())
	}
}

// TestProgramTakesOfTheBudget lets a second program wait for the first one's end.
func TestProgramTakesOfTheBudget(t *testing.T) {
	s := supervisor(t, child.Budget{Memory: 100, Threads: 2}, io.Discard)
	needs := child.Budget{Memory: 60, Threads: 1}
	first := start(t, s, child.Spec{Needs: needs, Program: as(shell(`sleep 100000`, "PATH=/bin:/usr/bin"))})
	second := start(t, s, child.Spec{Needs: needs, Program: as(shell(`exit 0`)), Waits: first.Kill})
	if <-second.Done(); second.Err() != nil {
		t.Error(second.Err())
	}
}

func TestProgramThatCannotStart(t *testing.T) {
	s := supervisor(t, child.Budget{Memory: 100, Threads: 2}, io.Discard)
	needs := child.Budget{Memory: 100, Threads: 2}
	for want, spec := range map[string]child.Spec{
		"its path is not absolute":  {Program: as(&child.Program{Path: "python3"})},
		"no such file or directory": {Program: as(&child.Program{Path: "/nowhere/python3"})},
		"is a directory":            {Program: as(&child.Program{Path: os.TempDir()})},
		"of a child":                {Program: as(shell("exit 0")), Args: []string{"-x"}},
		"its folder":                {Program: as(&child.Program{Path: "/bin/sh", Dir: "/nowhere"})},
	} {
		spec.Kind, spec.Needs = "program", needs
		if _, err := s.Start(t.Context(), spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if c := start(t, s, child.Spec{Needs: needs, Program: as(shell("exit 0"))}); c == nil { // nothing of the budget is lost
		t.Error("not started")
	}
}

// TestOutputIsBounded tells a line without end in pieces, none of which cuts a letter in two; nothing is lost.
func TestOutputIsBounded(t *testing.T) {
	s := supervisor(t, plenty, io.Discard)
	var mu sync.Mutex
	var pieces []string
	p := shell(`i=0; while [ $i -lt 40000 ]; do printf 'xäöüß'; i=$((i+1)); done; echo; echo end`)
	p.Out = func(l string) { mu.Lock(); defer mu.Unlock(); pieces = append(pieces, l) }
	c := start(t, s, child.Spec{Program: as(p)})
	<-c.Done()
	if n := len(pieces); n < 2 || pieces[n-1] != "end" || strings.Join(pieces[:n-1], "") != strings.Repeat("xäöüß", 40000) {
		t.Errorf("%d pieces, something is lost", n)
	}
	for _, l := range pieces {
		if len(l) > child.LongestLine || strings.ToValidUTF8(l, "") != l {
			t.Errorf("a piece of %d bytes, or a letter is cut", len(l))
		}
	}
}

// TestProgramsMemoryIsWatched runs programs whose processes together take more than they may, and less: memory that they share since a fork
// is counted once.
func TestProgramsMemoryIsWatched(t *testing.T) {
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("only Linux tells what processes use")
	}
	s := supervisor(t, plenty, io.Discard)
	needs := child.Budget{Memory: 256 << 20, Threads: 1}
	fill := `dd if=/dev/zero of=/dev/null bs=250M count=100000 & `
	c := start(t, s, child.Spec{Needs: needs, Program: as(shell(fill+fill+`echo loud >&2; wait`, "PATH=/bin:/usr/bin"))})
	<-c.Done()
	if err := c.Err(); !errors.Is(err, child.ErrMemory) || !strings.Contains(err.Error(), "may use 256 MiB") {
		t.Errorf("two processes of 250 MB: %v", err)
	}
	shared := `x=$(head -c 60M /dev/zero | tr '\0' a); for i in 1 2 3 4 5 6 7 8 9 10 11 12; do (sleep 1; :) & done; wait; echo ${#x}`
	out := ""
	p := shell(shared, "PATH=/bin:/usr/bin")
	p.Out = func(l string) { out += l }
	c = start(t, s, child.Spec{Needs: needs, Program: as(p)})
	if <-c.Done(); c.Err() != nil || out != "62914560" {
		t.Errorf("twelve processes that share 60 MiB: %v, %s", c.Err(), out)
	}
}
