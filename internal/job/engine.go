package job

import (
	"context"
	"fmt"

	"penstock/internal/job/script"
)

// An engine is what executes the runs of a kind of job.
type engine struct {
	name string // native, spark, python
	// takes reports whether a run is this engine's; the first engine of the table that takes it has it.
	takes func(command string, args map[string]string) bool
	// again reports whether a run that a server kill cut may be started again under its id: nothing of it is visible before its end.
	again bool
	// refuses names what a run asks for that the engine has not, or "".
	refuses func(args map[string]string) string
	// perform brings a run to its outcome. Nil is an engine that is not there: it refuses every run.
	perform func(context.Context, Run, map[string]string) (outcome, error)
}

// engines is the table of engines: what each takes, what it needs and what it refuses.
func engines(j *Jobs) []engine {
	return []engine{
		{
			name:    "native",
			takes:   func(_ string, args map[string]string) bool { _, ok := args["--penstock-step"]; return ok },
			refuses: unknownStep,
			perform: j.work,
			again:   true,
		},
		{
			name:    "python",
			takes:   func(command string, _ map[string]string) bool { return command == PythonShell },
			refuses: shellRefuses,
			perform: j.shell,
		},
		{
			name:    "none",
			takes:   func(command string, _ map[string]string) bool { return command != "glueetl" },
			refuses: func(map[string]string) string { return "" },
			perform: func(_ context.Context, r Run, _ map[string]string) (outcome, error) {
				return outcome{state: Failed, message: fmt.Sprintf("Penstock does not support jobs of the command %s; it has glueetl and pythonshell",
					r.Definition.Command)}, nil
			},
		},
		{
			name:    "spark",
			takes:   func(string, map[string]string) bool { return true },
			refuses: script.Refused,
			perform: j.spark,
		},
	}
}

// unknownStep refuses what is none of the steps that a worker executes.
func unknownStep(args map[string]string) string {
	switch step := args["--penstock-step"]; step {
	case "manifest", "check", "sql":
		return ""
	default:
		return fmt.Sprintf("--penstock-step %q is not known; the steps are manifest, check and sql", step)
	}
}

// engineOf is the engine of a run.
func (j *Jobs) engineOf(r Run, args map[string]string) engine {
	for _, e := range j.engines {
		if e.takes(r.Definition.Command, args) {
			return e
		}
	}
	return j.engines[len(j.engines)-1]
}

// perform gives the run to its engine and waits for the outcome.
func (j *Jobs) perform(ctx context.Context, r Run) (outcome, error) {
	args := r.arguments()
	e := j.engineOf(r, args)
	if why := e.refuses(args); why != "" {
		return outcome{state: Failed, message: why}, nil
	}
	return e.perform(ctx, r, args)
}
