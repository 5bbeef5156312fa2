package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"penstock/internal/child"
	"penstock/internal/job/script"
	"penstock/internal/logstore"
)

// Keys are temporary keys of a role.
type Keys struct {
	ID, Secret, Token string
	Expires           time.Time
}

// Lend makes keys of a role, named or by its ARN, for a process of this start of the server.
type Lend func(ctx context.Context, role, session string, life time.Duration) (Keys, error)

// A loan is how a program is let in.
type loan struct {
	lend     Lend
	giveBack func(ctx context.Context, accessKeyID string) error
	endpoint func() string
	region   string
	trust    string
	// javaTrust is what Java is told to trust in the place of its own: trust, and what the system trusts.
	javaTrust string
}

// env is what a program's AWS clients read.
func (l *loan) env(k Keys) []string {
	env := []string{keyVariable + k.ID, "AWS_SECRET_ACCESS_KEY=" + k.Secret, "AWS_SESSION_TOKEN=" + k.Token,
		"AWS_DEFAULT_REGION=" + l.region, "AWS_REGION=" + l.region, "AWS_ENDPOINT_URL=" + l.endpoint()}
	if l.trust != "" {
		env = append(env, "AWS_CA_BUNDLE="+l.trust)
	}
	return env
}

// sessionName is what the sessions of job runs are called, as on AWS.
const sessionName = "GlueJobRunnerSession"

// keysAfter is how long keys outlive the time that a run may take: what ends it comes first.
const keysAfter = 5 * time.Minute

// program runs a program of another binary to its end, as the run that it is. Its environment has keys of the job's role, which end with
// it; its lines are those of the run's streams. That the run goes on is recorded before the program begins: one of which nothing is
// recorded has done nothing.
func (j *Jobs) program(ctx context.Context, r Run, p child.Program) (outcome, error) {
	if j.loan.lend == nil {
		return outcome{}, errors.New("no keys can be lent to a program")
	}
	var keys Keys
	defer func() { j.giveBack(ctx, keys) }()
	if why := tooMuch(p.Args); why != "" {
		return outcome{state: Failed, message: why}, nil
	}
	var out, errs script.Failure
	p.Out, p.Err = out.Line, errs.Line
	err := j.runProgram(ctx, r, p, func(c *child.Child) (env []string, err error) {
		if keys, err = j.loan.lend(ctx, r.Definition.Role, sessionName, r.Timeout+keysAfter); err != nil {
			return nil, err
		}
		return j.loan.env(keys), j.begin(ctx, r.ID, c.ID, keys.ID)
	})
	if err != nil {
		j.abortUploads(ctx, keys.ID)
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return outcome{state: Succeeded}, nil
	case ctx.Err() != nil:
		return outcome{}, context.Cause(ctx)
	case errors.Is(err, child.ErrMemory):
		return outcome{}, fmt.Errorf("%w; %s", err, j.askForMore(r))
	case !errors.As(err, &exit):
		return outcome{}, err
	case errs.Message() != "" || out.Message() != "":
		return outcome{state: Failed, message: cmp.Or(errs.Message(), out.Message()), told: true}, nil
	case exit.ExitCode() >= 0:
		return outcome{state: Failed, message: fmt.Sprintf("Command failed with exit code %d", exit.ExitCode())}, nil
	}
	return outcome{state: Failed, message: "Command ended by a signal: " + exit.String()}, nil
}

// The longest argument that Linux hands to a program, with the zero at its end: https://man7.org/linux/man-pages/man2/execve.2.html.
const longestArgument = 128 << 10

// tooMuch says what of a program's arguments no system can hand over, or "".
func tooMuch(args []string) string {
	for i, a := range args {
		name := "an argument"
		if i > 0 && strings.HasPrefix(args[i-1], "--") {
			name = "the argument " + args[i-1]
		}
		switch {
		case strings.ContainsRune(a, 0):
			return name + " has a NUL character, which no program can be given"
		case len(a) >= longestArgument:
			return fmt.Sprintf("%s has %d bytes; a program can be given %d", name, len(a), longestArgument-1)
		}
	}
	return ""
}

// abortUploads ends the uploads in parts that a script has begun and not completed: nobody else knows of them.
func (j *Jobs) abortUploads(ctx context.Context, accessKey string) {
	if accessKey == "" {
		return
	}
	if err := j.objects.AbortBy(context.WithoutCancel(ctx), accessKey); err != nil {
		j.log.Error("the open uploads of a job run's script are left", "key", accessKey, "err", err)
	}
}

// runProgram runs a program and returns how it ended. Its lines are those of the run's streams, and p's Out and Err hear them too. begin
// is called when there is room for it, before it starts, and gives what its environment has beside p's.
func (j *Jobs) runProgram(ctx context.Context, r Run, p child.Program, begin func(*child.Child) ([]string, error)) error {
	output, problems := r.groups()
	out, errs := j.collect(ctx, output, r.stream()), j.collect(ctx, problems, r.stream())
	defer out.end()
	defer errs.end()
	c, err := j.children.Start(ctx, child.Spec{Kind: "program", Needs: r.Definition.Size.budget(j.needs, j.most), Least: j.least(r),
		Waits: func() { j.waits(ctx, r.ID) }, Program: func(c *child.Child) (*child.Program, error) {
			env, err := begin(c)
			p.Mark = markOf(env)
			p.Env = append(slices.Clone(p.Env), env...)
			p.Out, p.Err = both(out.line, p.Out), both(errs.line, p.Err)
			return &p, err
		}})
	if err != nil {
		return err
	}
	defer j.retire(c)
	stop := context.AfterFunc(ctx, c.Kill)
	defer stop()
	endClock := j.timeLimit(ctx, r)
	defer endClock()
	j.kill.At("job.running")
	<-c.Done()
	return c.Err()
}

// markOf is what in the environment of a script only its own processes have: its keys are lent to nobody else. "" without keys.
func markOf(env []string) string {
	for _, kv := range env {
		if strings.HasPrefix(kv, keyVariable) {
			return kv
		}
	}
	return ""
}

const keyVariable = "AWS_ACCESS_KEY_ID="

// both tells a line to the second too, if there is one.
func both(first, second func(string)) func(string) {
	if second == nil {
		return first
	}
	return func(text string) { first(text); second(text) }
}

func (j *Jobs) giveBack(ctx context.Context, k Keys) {
	if k.ID == "" {
		return
	}
	if err := j.loan.giveBack(context.WithoutCancel(ctx), k.ID); err != nil {
		j.log.Error("the keys of a job run's program have ended, their row stays until the next start", "key", k.ID, "err", err)
	}
}

// A collector writes lines to a stream, those of one commit at once.
type collector struct {
	jobs   *Jobs
	events chan logstore.Event
	done   chan struct{}
}

// mostLines is how many lines are kept for one commit; a program that says more waits.
const mostLines = 1000

func (j *Jobs) collect(ctx context.Context, group, stream string) *collector {
	c := &collector{jobs: j, events: make(chan logstore.Event, mostLines), done: make(chan struct{})}
	ctx = context.WithoutCancel(ctx) // the last words of a program that is ended count too
	go func() {
		defer close(c.done)
		for e := range c.events {
			batch := []logstore.Event{e}
			for range min(len(c.events), mostLines-1) {
				batch = append(batch, <-c.events)
			}
			if err := j.logs.Write(ctx, group, stream, batch); err != nil {
				j.log.Error("lines of a job run are lost", "run", stream, "lines", len(batch), "err", err)
			}
		}
	}()
	return c
}

func (c *collector) line(text string) {
	if text == "" { // no log event is empty
		return
	}
	c.events <- logstore.Event{Time: c.jobs.clock.Now(), Message: text}
}

// end writes what is left.
func (c *collector) end() {
	close(c.events)
	<-c.done
}
