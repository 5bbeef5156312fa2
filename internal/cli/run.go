package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"penstock/internal/pipeline"
	"penstock/internal/pipeline/compile"
	"penstock/internal/pipeline/deploy"
	"penstock/internal/pipeline/run"
)

type runOptions struct {
	input string
}

func (a *app) runCommand() *cobra.Command {
	var opts runOptions
	cmd := &cobra.Command{
		Use:   "run [DIR]",
		Short: "Deploy the pipeline of a folder if it changed, run it, print its report",
		Long: "Deploys the pipeline (only what changed), starts its state machine and follows it. New and corrected files are loaded,\n" +
			"nothing is loaded twice. With a server on the data directory (\"penstock serve\") it is used; otherwise the runtime is\n" +
			"hosted for as long as the run takes. While an execution runs already, it is followed.\n\n" +
			"Steps are printed on stderr, the summary and the report on stdout, one labelled figure a line.",
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) error {
			a.folder(list)
			return a.run(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.input, "input", "", "land the files of this local folder first (for a pipeline with one source)")
	return cmd
}

func (a *app) run(ctx context.Context, opts runOptions) error {
	spec, err := pipeline.Load(a.dir)
	if err != nil {
		return err
	}
	plan, err := compile.Compile(spec)
	if err != nil {
		return err
	}
	if opts.input != "" {
		if info, err := os.Stat(opts.input); err != nil {
			return fmt.Errorf("--input: %w", err)
		} else if !info.IsDir() {
			return fmt.Errorf("--input: %s is no folder; name the folder that holds the files", opts.input)
		}
	}
	for landed := 0; ; {
		again, err := a.runOnce(ctx, spec, plan, opts, &landed)
		if !again {
			return err
		}
		fmt.Fprintln(a.stderr, "the run that hosted the runtime has ended; going on without it")
	}
}

// runOnce runs on the server of the data directory, or on a runtime of its own. again says that the server has ended meanwhile, as the
// runtime of another run does: what was begun is kept, and what is left is done by calling it again.
func (a *app) runOnce(ctx context.Context, spec *pipeline.Spec, plan *compile.Plan, opts runOptions, landed *int) (again bool, err error) {
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
	n, err := a.land(ctx, runner, opts)
	*landed += n
	if err != nil {
		return false, err
	}
	began := a.clock.Now()
	outcome, err := runner.Execute(ctx)
	if err != nil {
		return false, err
	}
	if err := outcome.Failure(); err != nil {
		p.failed(outcome, err)
		return false, fmt.Errorf("the run failed after %s; nothing was published after the failed step (\"penstock logs\" tells all)", seconds(outcome.Took))
	}
	p.stop()
	if deployed.Action == deploy.Updated && len(outcome.Runs) == 0 {
		fmt.Fprintln(a.stderr, "the changed pipeline works on files that land from now on; what it published before stays as it is")
	}
	figures, err := runner.Report(ctx)
	if err != nil {
		return false, err
	}
	return false, a.summary(summary{
		Pipeline: spec.Name, Runs: outcome.Runs, FilesLanded: *landed, Seconds: a.clock.Now().Sub(began).Seconds(), Report: figures,
	})
}

// deploy brings the stack up to date and returns a runner for it.
func (a *app) deploy(ctx context.Context, s *session, spec *pipeline.Spec, plan *compile.Plan, p *progress) (*run.Runner, deploy.Result, error) {
	p.working("deploy")
	result, err := deploy.New(s.cfg, a.clock).Apply(ctx, plan)
	if err != nil {
		return nil, result, err
	}
	p.deployed(result)
	r := run.New(s.cfg, spec, plan, a.clock, s.log)
	r.Machine, r.Workgroup, r.Progress = result.Machine, result.Workgroup, p
	return r, result, nil
}

// land puts local files: those of --input, or the sample when nothing has landed yet.
func (a *app) land(ctx context.Context, r *run.Runner, opts runOptions) (int, error) {
	if opts.input != "" {
		if len(r.Spec.Sources) != 1 {
			return 0, usageError{fmt.Errorf("--input needs a pipeline with one source; %s has %d", r.Spec.Name, len(r.Spec.Sources))}
		}
		return r.Land(ctx, r.Spec.Sources[0], opts.input)
	}
	total := 0
	for _, source := range r.Spec.Sources {
		if source.Sample == "" {
			continue
		}
		empty, err := r.Empty(ctx, source)
		if err != nil {
			return total, err
		}
		if !empty {
			continue
		}
		n, err := r.Land(ctx, source, filepath.Join(a.dir, source.Sample))
		if errors.Is(err, fs.ErrNotExist) {
			return total, fmt.Errorf("there is no folder %s with a sample of %s; name your own files with --input", source.Sample, source.Name)
		}
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

type summary struct {
	Pipeline    string       `json:"pipeline"`
	Runs        []string     `json:"runs"`
	FilesLanded int          `json:"files_landed"`
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
	if len(s.Runs) == 0 {
		fmt.Fprintln(a.stdout, "nothing new: every landed file is loaded already")
	} else {
		lines = append(lines, run.Figure{Label: "run", Value: strings.Join(s.Runs, " ")})
	}
	lines = append(lines, run.Figure{Label: "files landed", Value: fmt.Sprint(s.FilesLanded)},
		run.Figure{Label: "seconds", Value: fmt.Sprintf("%.1f", s.Seconds)})
	lines = append(lines, s.Report...)
	grouped := isTerminal(a.stdout)
	for _, f := range lines {
		value := f.Value
		if grouped && f.Label != "run" {
			value = thousands(value)
		}
		fmt.Fprintf(a.stdout, "%s: %s\n", f.Label, value)
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }
