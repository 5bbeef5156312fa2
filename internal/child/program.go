package child

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"penstock/internal/clock"
)

// A Program is a child of another binary: Python, spark-submit. It is a process group of its own, which is ended as a whole when the
// program ends, when it is killed, when this process dies, by whatever cause, and on Linux when it takes more memory than it may. It gets
// nothing of this process but what is named here, and makes no calls over sockets: what it is to reach, it reaches as any client. A
// process that leaves the group is ended by its Mark.
type Program struct {
	Path string   // absolute
	Args []string // without the program's name
	Env  []string // the whole environment
	Dir  string   // "" for the child's scratch folder
	// Files is the folder of what it writes beside its work: when the disk has no room left and they are the reason, it is ended.
	Files string
	// Mark is an entry of Env that no other program has. Processes that have left the group are known by it, and end with the program; ""
	// leaves them.
	Mark string
	// Out and Err are told each line, one at a time and without its end; a line longer than LongestLine comes in pieces. While they work
	// the program waits. Nil is the supervisor's log. After the program's end they have been told all.
	Out, Err func(line string)
}

// LongestLine is in bytes how long a line of a program's output may be before it is told in pieces.
const LongestLine = 64 << 10

// drainTime is how long output is still waited for after the group has ended: only a process that has left the group can keep it open.
const drainTime = 10 * time.Second

// keeper starts a program in the place of the shell, after a second process of the group that ends the group when descriptor 3 does,
// which only the supervisor's process holds.
const keeper = `(read _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-; exec "$@"`

// A group is the process group of a Program.
type group struct {
	life *os.File // the group ends when this is closed
	mu   sync.Mutex
	over bool // the number may be another group's
}

// kill ends the group of a leader, for the last time when the leader is known to have ended.
func (g *group) kill(leader int, last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		syscall.Kill(-leader, syscall.SIGKILL)
	}
	g.over = g.over || last
}

// pipes are the supervisor's ends of a program's.
type pipes struct {
	life     *os.File // held open while the program may live
	out, err *os.File
}

func (p *pipes) close() {
	for _, f := range []*os.File{p.life, p.out, p.err} {
		if f != nil {
			f.Close()
		}
	}
}

// startProgram starts the program of a Spec as c.
func (s *Supervisor) startProgram(c *Child, spec Spec) error {
	p, err := spec.Program(c)
	if err != nil {
		return err
	}
	if err := p.check(spec); err != nil {
		return err
	}
	c.Client = &Client{}
	ours, theirs, err := makePipes()
	defer closeAll(theirs[:])
	if err != nil {
		ours.close()
		return err
	}
	c.group = &group{life: ours.life}
	c.cmd = exec.Command("/bin/sh", append([]string{"-c", keeper, "sh", p.Path}, p.Args...)...)
	c.cmd.Env = append([]string{}, p.Env...) // nil would be this process's own
	c.cmd.Dir = p.Dir
	if p.Dir == "" {
		c.cmd.Dir = c.Scratch
	}
	c.cmd.ExtraFiles, c.cmd.Stdout, c.cmd.Stderr = theirs[:1:1], theirs[1], theirs[2]
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.launch(c); err != nil {
		ours.close()
		return err
	}
	go s.watchProgram(c, spec, *p, ours)
	return nil
}

func (p *Program) check(spec Spec) error {
	switch {
	case !filepath.IsAbs(p.Path):
		return fmt.Errorf("program %q: its path is not absolute", p.Path)
	case spec.Args != nil || spec.Files != nil || spec.Handler != nil:
		return fmt.Errorf("program %q: a program of its own has no arguments, files or calls of a child", p.Path)
	}
	if _, err := os.Stat(p.Dir); p.Dir != "" && err != nil {
		return fmt.Errorf("program %q: its folder: %w", p.Path, err)
	}
	_, err := exec.LookPath(p.Path)
	return err
}

// makePipes makes the pipes of life, output and errors; theirs are the program's ends in that order.
func makePipes() (ours *pipes, theirs [3]*os.File, err error) {
	ours = &pipes{}
	if theirs[0], ours.life, err = os.Pipe(); err != nil {
		return ours, theirs, err
	}
	if ours.out, theirs[1], err = os.Pipe(); err != nil {
		return ours, theirs, err
	}
	ours.err, theirs[2], err = os.Pipe()
	return ours, theirs, err
}

// watchProgram tells the program's output and waits for its end; what is left of its group ends with it.
func (s *Supervisor) watchProgram(c *Child, spec Spec, p Program, ours *pipes) {
	last := ""
	var tellers sync.WaitGroup
	tellers.Go(func() { s.tell(c, ours.out, p.Out) })
	tellers.Go(func() { last = s.tell(c, ours.err, p.Err) })
	tooMuch := c.guard(room{p.Files, s.o.LeastFree})
	err := c.cmd.Wait()
	c.group.kill(c.Pid(), true)
	EndMarked(p.Mark)
	over := tooMuch()
	until := clock.Real{}.Now().Add(drainTime)
	ours.out.SetReadDeadline(until)
	ours.err.SetReadDeadline(until)
	tellers.Wait()
	ours.close()
	switch {
	case err != nil && over != nil:
		err = over
	case err != nil && last != "":
		err = fmt.Errorf("%w: %s", err, last)
	}
	c.err = err
	s.free(c, spec)
}

// tell passes lines on until their end, and returns the last.
func (s *Supervisor) tell(c *Child, from io.Reader, line func(string)) (last string) {
	if line == nil {
		line = func(text string) { s.tellAt(levelOf(text))("child says", "child", c.ID, "line", text) }
	}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 2*LongestLine)
	lines.Split(splitLine)
	for lines.Scan() {
		last = lines.Text()
		line(last)
	}
	if err := lines.Err(); err != nil && !errors.Is(err, os.ErrClosed) {
		s.o.Log.Warn("the rest of a child's output is lost: a process that left its group keeps it open", "child", c.ID, "err", err)
	}
	return last
}

// splitLine is a bufio.SplitFunc: a line, or as much of a longer one as LongestLine allows without cutting a letter in two.
func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 && i <= LongestLine {
		return i + 1, bytes.TrimSuffix(data[:i], []byte("\r")), nil
	}
	if len(data) > LongestLine {
		cut := LongestLine
		for cut > LongestLine-utf8.UTFMax && !utf8.RuneStart(data[cut]) {
			cut--
		}
		return cut, data[:cut], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
