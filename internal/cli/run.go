package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"penstock/internal/killpoint"
	"penstock/internal/pipeline"
	"penstock/internal/pipeline/compile"
	"penstock/internal/pipeline/deploy"
	"penstock/internal/pipeline/run"
	"penstock/internal/server"
)

type runOptions struct {
	input string
	full  string   // --full: "" is not given, "*" is given without a name
	names []string // what --full or backfill is about
	from  string   // of backfill, as it was typed
	to    string
	ask   run.Ask
}

func (a *app) runCommand() *cobra.Command {
	var opts runOptions
	cmd := &cobra.Command{
		Use:   "run [DIR] [--full [NAME...]]",
		Short: "Deploy the pipeline of a folder if it changed, run it, print its report",
		Long: "Deploys the pipeline (only what changed), starts its state machine and follows it. New and corrected files are loaded,\n" +
			"nothing is loaded twice. With a server on the data directory (\"penstock serve\") it is used; otherwise the runtime is\n" +
			"hosted for as long as the run takes. While an execution runs already, it is followed.\n\n" +
			"A transform or warehouse table that is new, dropped or emptied is filled from all earlier runs. After an edit of a\n" +
			"transform's SQL, \"run --full NAME\" makes it, and what is made of it, again from all earlier runs; without a name, all.\n\n" +
			"Steps are printed on stderr, the summary and the report on stdout, one labelled figure a line.",
		RunE: func(cmd *cobra.Command, list []string) error {
			if opts.full == "" {
				if err := args(cobra.MaximumNArgs(1))(cmd, list); err != nil {
					return err
				}
				if err := a.folder(list); err != nil {
					return err
				}
				return a.run(cmd.Context(), opts)
			}
			opts.names = a.folderAndNames(list, opts.full)
			return a.run(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.full, "full", "", "make NAME, or everything, again from all earlier runs")
	cmd.Flags().Lookup("full").NoOptDefVal = all
	cmd.Flags().StringVar(&opts.input, "input", "", "land the files of this local folder first (for a pipeline with one source)")
	a.folderFlag(cmd)
	return cmd
}

func (a *app) run(ctx context.Context, opts runOptions) error {
	spec, plan, err := a.compiled()
	if err != nil {
		return err
	}
	if err := opts.asks(spec); err != nil {
		return err
	}
	files, err := a.inputFiles(spec, opts.input)
	if err != nil {
		return err
	}
	landed := 0
	err = a.steadily(ctx, spec, plan, func(r *run.Runner, deployed deployment, p *progress) error {
		n, err := a.land(ctx, r, files)
		landed += n
		if err != nil {
			return err
		}
		return a.execute(ctx, r, deployed, p, opts.ask, landed)
	})
	var goesOn executing
	if errors.As(err, &goesOn) && (goesOn.asked || opts.full == "") {
		return a.interruptible(err, "run") // the execution knows what it was asked for
	}
	return a.interruptible(err, opts.verb(), opts.arguments()...)
}

// inputFiles are the files of --input.
func (a *app) inputFiles(spec *pipeline.Spec, input string) ([]run.LocalFile, error) {
	if input == "" {
		return nil, nil
	}
	if len(spec.Sources) != 1 {
		lines := make([]string, len(spec.Sources))
		for i, s := range spec.Sources {
			lines[i] = "\n  " + a.command("land", s.Name) + " DIR"
		}
		return nil, usageError{fmt.Errorf("--input is for a pipeline with one source; %s has %d. Land the files of each, then run:%s", spec.Name,
			len(spec.Sources), strings.Join(lines, ""))}
	}
	if info, err := os.Stat(input); err != nil {
		return nil, fmt.Errorf("--input: there is no folder %s", input)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("--input: %s is no folder; name the folder that holds the files, or type: %s", input,
			a.command("land", spec.Sources[0].Name, input))
	}
	return run.LocalFiles([]string{input})
}

// steadily calls do with a runner of the pipeline, deployed, on the server of the data directory or on a runtime
// of its own. When the server has ended meanwhile, as the runtime of another run does, it is called again: what
// was begun is kept, and what is left is done then.
func (a *app) steadily(ctx context.Context, spec *pipeline.Spec, plan *compile.Plan,
	do func(*run.Runner, deployment, *progress) error) error {
	for {
		again, err := a.once(ctx, spec, plan, do)
		if !again {
			return err
		}
		fmt.Fprintln(a.stderr, "the server, or the run that hosted the runtime, has ended; going on without it")
	}
}

func (a *app) once(ctx context.Context, spec *pipeline.Spec, plan *compile.Plan,
	do func(*run.Runner, deployment, *progress) error) (again bool, err error) {
	s, err := a.connect(ctx)
	if err != nil {
		return false, err
	}
	defer func() {
		again = err != nil && s.gone(ctx)
		err = errors.Join(err, s.close(ctx))
	}()
	p := newProgress(a)
	defer p.stop()
	runner, deployed, err := a.deploy(ctx, s, spec, plan, p)
	if err != nil {
		return false, err
	}
	err = do(runner, deployed, p)
	if e, ok := err.(executing); ok {
		e.hosted = s.hosted != nil
		err = e
	}
	return false, err
}

// execute runs the deployed pipeline and prints its report.
func (a *app) execute(ctx context.Context, runner *run.Runner, deployed deployment, p *progress, ask run.Ask, landed int) error {
	began := a.clock.Now()
	outcome, err := runner.Execute(ctx, ask)
	if err == nil && outcome.Failure() != nil {
		outcome, err = a.mended(ctx, runner, p, ask, outcome)
	}
	if err != nil {
		return executing{error: err, asked: runner.Asked}
	}
	if err := outcome.Failure(); err != nil {
		p.failed(outcome, err)
		a.tellUntabled(ctx, runner, p, outcome)
		return fmt.Errorf("the run failed after %s; nothing was published after the failed step (\"penstock logs\" tells all)",
			seconds(outcome.Took))
	}
	p.stop()
	a.tellEdited(runner.Spec, deployed.edited, outcome)
	figures, err := runner.Report(ctx)
	if err != nil {
		return err
	}
	return a.summary(summary{
		Pipeline: runner.Spec.Name, Runs: outcome.Runs, Filled: outcome.Filled, FilesLanded: landed, BadRows: p.bad.rows,
		Rejected: p.bad.rejected, SetAside: p.bad.files, Seconds: a.clock.Now().Sub(began).Seconds(), Report: figures,
	})
}

// A deployment is what deploy did.
type deployment struct {
	deploy.Result
	edited []string // transforms whose SQL or script is another than before
}

// deploy brings the stack up to date and returns a runner for it. The tables of the warehouse are changed before the stack: what is cut in
// between is done by the next run, since the stack still differs.
func (a *app) deploy(ctx context.Context, s *session, spec *pipeline.Spec, plan *compile.Plan,
	p *progress) (*run.Runner, deployment, error) {
	p.working("deploy")
	d := deploy.New(s.cfg, a.clock)
	r := run.New(s.cfg, spec, plan, a.clock, s.log)
	r.Workgroup, r.Progress = plan.Workgroup, p
	former, err := d.Former(ctx, plan)
	if err != nil {
		return nil, deployment{}, err
	}
	if former.Exists && !former.Same {
		if _, err := changeTables(ctx, r, p); err != nil {
			return nil, deployment{}, err
		}
	}
	result, err := d.Apply(ctx, plan)
	if err != nil {
		return nil, deployment{}, err
	}
	p.deployed(result)
	r.Machine, r.Workgroup, r.Changed = result.Machine, result.Workgroup, result.Action == deploy.Updated
	r.Kill = killpoint.Once(a.getenv("PENSTOCK_KILL_AT"), server.KillSelf, a.passed(s.log))
	return r, deployment{result, former.Edited}, nil
}

// land makes interrupted landings whole, whatever this run was asked to do; then it lands the given files, which are of the only source,
// and the samples of sources where nothing has ever been.
func (a *app) land(ctx context.Context, r *run.Runner, files []run.LocalFile) (int, error) {
	total, err := r.Continue(ctx)
	if err != nil {
		return total, err
	}
	if len(files) > 0 {
		n, err := r.Land(ctx, r.Spec.Sources[0], files)
		return total + n, err
	}
	for _, source := range r.Spec.Sources {
		if source.Sample == "" {
			continue
		}
		n, err := r.LandSample(ctx, source)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// tellUntabled says of which sources the crawler has made no table, and why.
func (a *app) tellUntabled(ctx context.Context, r *run.Runner, p *progress, o run.Outcome) {
	list, err := r.Untabled(ctx, o)
	if err != nil {
		return // the failure itself has been told
	}
	const most = 5
	for _, u := range list {
		p.line("     the crawler has made no table of %s:", u.Source)
		for i, why := range u.Why {
			if i == most {
				p.line("       and %d files more (%s)", len(u.Why)-most, a.command("logs"))
				break
			}
			p.line("       %s", why)
		}
		p.line("     mend the files and land them again, or take one away and type: %s NAME", a.command("land", u.Source, "--remove"))
	}
}

type summary struct {
	Pipeline    string       `json:"pipeline"`
	Runs        []string     `json:"runs"`
	Filled      []run.Filled `json:"filled,omitempty"`
	FilesLanded int          `json:"files_landed"`
	BadRows     int64        `json:"rows_with_a_bad_value"`
	Rejected    int64        `json:"rows_rejected"`
	SetAside    int64        `json:"files_set_aside"`
	Seconds     float64      `json:"seconds"`
	Report      []run.Figure `json:"report"`
}

func (a *app) summary(s summary) error {
	if a.json {
		if s.Runs == nil {
			s.Runs = []string{}
		}
		e := json.NewEncoder(a.stdout)
		e.SetEscapeHTML(false)
		return e.Encode(s)
	}
	lines := []run.Figure{}
	switch {
	case len(s.Runs) == 0 && len(s.Filled) > 0:
		fmt.Fprintln(a.stdout, "no new file: what was added later is filled from earlier runs")
	case len(s.Runs) == 0:
		fmt.Fprintln(a.stdout, "nothing new: every landed file is loaded already")
	default:
		lines = append(lines, run.Figure{Label: "run", Value: strings.Join(s.Runs, " ")})
	}
	if len(s.Filled) > 0 {
		lines = append(lines, run.Figure{Label: "filled", Value: filledNames(s.Filled)})
	}
	lines = append(lines, run.Figure{Label: "files landed", Value: fmt.Sprint(s.FilesLanded)})
	if s.BadRows+s.Rejected+s.SetAside > 0 {
		lines = append(lines, run.Figure{Label: "rows with a bad value", Value: fmt.Sprint(s.BadRows)},
			run.Figure{Label: "rows rejected", Value: fmt.Sprint(s.Rejected)})
	}
	if s.SetAside > 0 {
		lines = append(lines, run.Figure{Label: "files set aside", Value: fmt.Sprint(s.SetAside)})
	}
	lines = append(lines,
		run.Figure{Label: "seconds", Value: fmt.Sprintf("%.1f", s.Seconds)})
	lines = append(lines, s.Report...)
	grouped := isTerminal(a.stdout)
	for _, f := range lines {
		value := f.Value
		if grouped && f.Label != "run" && f.Label != "filled" {
			value = thousands(value)
		}
		fmt.Fprintf(a.stdout, "%s: %s\n", f.Label, value)
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }
