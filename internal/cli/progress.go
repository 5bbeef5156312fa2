package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"penstock/internal/pipeline/compile"
	"penstock/internal/pipeline/deploy"
	"penstock/internal/pipeline/run"
)

// progress prints a line a step on stderr: on a terminal the current one is live, elsewhere each is printed when it has ended.
type progress struct {
	out      io.Writer
	live     bool
	app      *app
	mu       sync.Mutex
	current  string
	bad      badSum
	failure  string // what the last failing step said: a retry that says the same, and the end, do not repeat it
	began    time.Time
	stopped  chan struct{}
	stopOnce sync.Once
	done     sync.WaitGroup
}

func newProgress(a *app) *progress {
	p := &progress{out: a.stderr, live: isTerminal(a.stderr), app: a, stopped: make(chan struct{})}
	if p.live {
		p.done.Go(p.tick)
	}
	return p
}

// tick redraws the live line ten times a second.
func (p *progress) tick() {
	for {
		select {
		case <-p.stopped:
			return
		case <-p.app.clock.After(100 * time.Millisecond):
		}
		p.mu.Lock()
		if p.current != "" {
			took := seconds(p.app.clock.Now().Sub(p.began))
			fmt.Fprintf(p.out, "\r\x1b[K … %s %s", cut(p.current, terminalWidth(p.out)-runes(took)-5), took)
		}
		p.mu.Unlock()
	}
}

// stop ends the live line.
func (p *progress) stop() {
	p.stopOnce.Do(func() { close(p.stopped) })
	p.done.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live && p.current != "" {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.current = ""
}

func (p *progress) working(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current, p.began = what, p.app.clock.Now()
}

// line prints a finished line in place of the live one.
func (p *progress) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = ""
	if p.live {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	fmt.Fprintln(p.out, wrap(strings.TrimRight(fmt.Sprintf(format, args...), " "), terminalWidth(p.out), "     "))
}

func (p *progress) step(mark, name, kind, detail string, took time.Duration) {
	p.line("%s", stepLine(mark, name, kind, detail, seconds(took), terminalWidth(p.out)))
}

func (p *progress) deployed(r deploy.Result) {
	if r.Action == deploy.Unchanged {
		p.step("✔", "stack", "deploy", "unchanged", r.Took)
		return
	}
	p.step("✔", "stack", "deploy", fmt.Sprintf("%s, %d resources", r.Action, r.Resources), r.Took)
}

// Landing implements run.Progress.
func (p *progress) Landing(source string, files int) {
	p.working(fmt.Sprintf("%s: landing %d files", source, files))
}

// Landed implements run.Progress.
func (p *progress) Landed(source string, did run.Landed) {
	detail := fmt.Sprintf("%s  %s", count(p, int64(did.Put), "object"), size(did.Bytes))
	switch {
	case did.Continued:
		detail += fmt.Sprintf("  (continued; %d had landed)", did.There)
	case did.There > 0:
		detail += fmt.Sprintf("  (%d lie there already)", did.There)
	}
	p.mu.Lock()
	took := p.app.clock.Now().Sub(p.began)
	p.mu.Unlock()
	p.step("✔", source, "landed", detail, took)
}

// Note implements run.Progress.
func (p *progress) Note(text string) { p.line("%s", text) }

// Run implements run.Progress.
func (p *progress) Run(id string) { p.line("run %s", id) }

// Filling implements run.Progress.
func (p *progress) Filling(f run.Filled) {
	p.line("%s %s: filled from %s", f.Name, f.Why, count(p, int64(f.Runs), "earlier run"))
}

// Attached implements run.Progress.
func (p *progress) Attached(execution string) {
	p.line("an execution runs already; following it: %s", execution[strings.LastIndexByte(execution, ':')+1:])
}

// Began implements run.Progress.
func (p *progress) Began(s compile.Step) { p.working(s.Name + " " + s.Kind) }

// Ended implements run.Progress.
func (p *progress) Ended(s compile.Step, r run.StepResult, err error) {
	if err != nil {
		again := err.Error() == p.failure
		p.failure = err.Error()
		if again {
			p.step("✖", s.Name, s.Kind, "tried again, the same", r.Took)
			return
		}
		p.step("✖", s.Name, s.Kind, "", r.Took)
		p.line("     %s", strings.ReplaceAll(p.app.here(err.Error()), "\n", "\n     "))
		return
	}
	p.step("✔", s.Name, s.Kind, p.detail(s, r), r.Took)
	if s.Kind == "check" { // other steps read the same files again
		p.bad.add(r.Bad)
		p.tell(r.Bad)
	}
}

// tell lists what a source's files have wrong.
func (p *progress) tell(b run.Bad) {
	for _, c := range b.Columns {
		p.line("     column %q: %s no %s, read as NULL; \"%s\" lists them", c.Column,
			plural(p, c.Count, "value is", "values are"), c.Type, p.app.command("logs"))
	}
	for _, f := range b.Files {
		p.line("     set aside: %s line %d: %s", f.URI, f.Line, f.Reason)
	}
	if more := b.SetAside - int64(len(b.Files)); more > 0 {
		p.line("     set aside: %s more", count(p, more, "file"))
	}
}

// badSum is what the sources of all runs of an execution have wrong.
type badSum struct{ rows, rejected, files int64 }

func (b *badSum) add(x run.Bad) {
	b.rows, b.rejected, b.files = b.rows+x.Rows, b.rejected+x.Rejected, b.files+x.SetAside
}

func (p *progress) detail(s compile.Step, r run.StepResult) string {
	var parts []string
	switch {
	case s.Kind == "list" || s.Kind == "look" || r.RowsRead < 0 && r.RowsWritten < 0:
	case r.RowsRead >= 0 && (s.Kind == "sql" || s.Kind == "fill"):
		parts = append(parts, fmt.Sprintf("%s → %s", p.number(r.RowsRead), count(p, r.RowsWritten, "row")))
	case r.RowsRead >= 0:
		parts = append(parts, count(p, r.RowsRead, "row"))
	default:
		parts = append(parts, count(p, r.RowsWritten, "row"))
	}
	var bad []string
	if r.Bad.Rows > 0 {
		bad = append(bad, p.number(r.Bad.Rows)+" with a bad value")
	}
	if r.Bad.Rejected > 0 {
		bad = append(bad, p.number(r.Bad.Rejected)+" rejected")
	}
	if r.Bad.SetAside > 0 {
		bad = append(bad, count(p, r.Bad.SetAside, "file")+" set aside")
	}
	if bad != nil {
		parts = append(parts, "("+strings.Join(bad, ", ")+")")
	}
	if r.Files > 0 && (s.Kind == "sql" || s.Kind == "fill") {
		parts = append(parts, size(r.Bytes), count(p, r.Files, "file"))
	}
	if r.Quality != "" {
		parts = append(parts, "dq "+r.Quality)
	}
	return strings.Join(parts, "  ")
}

func (p *progress) failed(o run.Outcome, err error) {
	if err.Error() == p.failure {
		return
	}
	p.line(" ✖ %s", strings.ReplaceAll(p.app.here(err.Error()), "\n", "\n   "))
}

func (p *progress) number(n int64) string {
	if p.live {
		return thousands(fmt.Sprint(n))
	}
	return fmt.Sprint(n)
}

func count(p *progress, n int64, noun string) string { return plural(p, n, noun, noun+"s") }

func plural(p *progress, n int64, one, many string) string {
	if n == 1 {
		return p.number(n) + " " + one
	}
	return p.number(n) + " " + many
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// thousands puts commas into the integer part of a number; anything else stays as it is.
func thousands(s string) string {
	whole, fraction, point := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if whole == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return s
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		return sign + whole + "." + fraction
	}
	return sign + whole
}
