package worker

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"penstock/internal/child"
	"penstock/internal/child/task"
	"penstock/internal/clock"
	"penstock/internal/engine"
)

// Main is a worker process: it serves the control process's calls until that ends, and gives the exit status. args are what follows
// the word "worker" on the command line.
func Main(ctx context.Context, args []string, log *slog.Logger) int {
	fs := flag.NewFlagSet("worker", flag.ContinueOnError)
	fs.Int64("epoch", 0, "number of the server's start")
	scratch := fs.String("scratch", "", "the worker's own folder")
	memory := fs.Int64("memory", 0, "bytes of memory for the process")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	in, err := child.Enter(ctx, 0)
	if err != nil {
		log.Error("enter", "err", err)
		return 2
	}
	go in.GuardMemory(ctx, *memory, func() {})
	w := &Worker{parent: in.Parent, scratch: *scratch, clock: clock.Real{}, log: log}
	mux := http.NewServeMux()
	mux.Handle(task.RunPath, child.Handle(w.Run))
	if err := in.Serve(ctx, mux); err != nil {
		log.Error("serve", "err", err)
		return 1
	}
	return 0
}

// A Worker executes tasks.
type Worker struct {
	parent  caller
	scratch string
	clock   clock.Clock
	log     *slog.Logger
}

// caller is the connection to the control process.
type caller interface {
	Call(ctx context.Context, path string, in, out any) error
	Invoke(ctx context.Context, service, op string, in any) (any, error)
}

// Run executes one task. What is wrong with the data or the task is part of the answer; an error is a failure of the process.
func (w *Worker) Run(ctx context.Context, t *task.Task) (*task.Answer, error) {
	r := &run{Worker: w, task: t, args: t.Args}
	r.result.Step = t.Args["--penstock-step"]
	var err error
	switch r.result.Step {
	case "manifest":
		err = r.manifest(ctx)
	case "check":
		err = r.check(ctx)
	case "sql":
		err = r.sql(ctx)
	}
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) == nil {
		r.say("the worker used %d MiB at most and %d ms of processor time", used.Maxrss>>10, (used.Utime.Nano()+used.Stime.Nano())/1e6)
	}
	a := &task.Answer{Result: r.result}
	if err != nil {
		a.Error = told(err)
		w.log.Error("the task failed", "step", r.result.Step, "err", err)
	}
	if e := r.flush(ctx); e != nil && err == nil {
		return nil, e
	}
	return a, nil
}

// told is an error without the engine's words; what has no others is for the log.
func told(err error) string {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	words := "internal error: the log of the server has the reason"
	if f, ok := e.Fault(); ok {
		words = f.Message
	}
	return strings.Replace(err.Error(), e.Error(), words, 1)
}

// A run is one task on its way.
type run struct {
	*Worker
	task   *task.Task
	args   map[string]string
	result task.Result
	lines  []task.Line
}

// staging makes and gives the folder for finished files, or a folder in it.
func (r *run) staging(folder string) (string, error) {
	dir := filepath.Join(r.scratch, "staging", folder)
	return dir, os.MkdirAll(dir, 0o700)
}
