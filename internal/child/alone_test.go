package child_test

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"penstock/internal/child"
)

// TestForksEnd ends a program that starts others without end, with all of them.
func TestForksEnd(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells how many there are")
	}
	s := supervisor(t, plenty, io.Discard)
	env, wait := mark(t)
	p := shell(keepOpen+`while :; do sleep 100000 & done`, env, "PATH=/bin:/usr/bin")
	c, err := s.Start(t.Context(), child.Spec{Kind: "program", Program: as(p)})
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if err := c.Err(); !errors.Is(err, child.ErrProcesses) {
		t.Errorf("ended with %v", err)
	}
	wait()
}

// TestWhatLeftTheGroupEnds ends a process with a session of its own when the program ends, by the mark that it inherited.
func TestWhatLeftTheGroupEnds(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells environments")
	}
	s := supervisor(t, plenty, io.Discard)
	env, wait := mark(t)
	p := shell(`setsid sh -c 'exec 9>"$MARK"; touch "$MARK.open"; exec sleep 100000' & while [ ! -e "$MARK.open" ]; do sleep 0.05; done`,
		env, "PATH=/bin:/usr/bin", "KEY=of-this-run")
	p.Mark = "KEY=of-this-run"
	c, err := s.Start(t.Context(), child.Spec{Kind: "program", Program: as(p)})
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if err := c.Err(); err != nil {
		t.Error(err)
	}
	wait()
}

// TestFullDisk ends a program whose own files leave too little room, and none that has few.
func TestFullDisk(t *testing.T) {
	s, err := child.Open(child.Options{Scratch: filepath.Join(t.TempDir(), "scratch"), Epoch: 1, Budget: plenty, LeastFree: 1 << 60,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		mib  int
		want error
	}{{100, child.ErrDisk}, {1, nil}} {
		files := t.TempDir()
		if err := os.WriteFile(filepath.Join(files, "a"), make([]byte, c.mib<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		p := shell("sleep 1; [ $0 ]", "PATH=/bin:/usr/bin")
		if c.want != nil {
			p = shell("sleep 100000", "PATH=/bin:/usr/bin")
		}
		p.Files = files
		child, err := s.Start(t.Context(), child.Spec{Kind: "program", Program: as(p)})
		if err != nil {
			t.Fatal(err)
		}
		<-child.Done()
		if err := child.Err(); !errors.Is(err, c.want) {
			t.Errorf("%d MiB: ended with %v", c.mib, err)
		}
	}
}
