package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/pattern"
	"penstock/internal/pipeline"
	"penstock/internal/pipeline/run"
)

type landOptions struct {
	remove []string
	undo   bool
}

// words are the flags as they were typed.
func (o landOptions) words() (list []string) {
	for _, name := range o.remove {
		list = append(list, "--remove", name)
	}
	if o.undo {
		list = append(list, "--undo")
	}
	return list
}

func (a *app) landCommand() *cobra.Command {
	var opts landOptions
	cmd := &cobra.Command{
		Use:   "land SOURCE [DIR|FILE...]",
		Short: "Land local files of one source",
		Long: "Puts the files of folders, under their paths, and single files, under their names, into the place of SOURCE. What lies there\n" +
			"already is skipped. A landing is whole or not done: no run reads any of its files before the last one has landed. One that was\n" +
			"interrupted is continued by the next \"penstock run\", or by \"penstock land SOURCE\" without files.\n\n" +
			"--remove takes single files away that no run has loaded yet; if a run has loaded an earlier version, that one comes back.\n" +
			"--undo takes an interrupted landing back: what it put goes, what it replaced comes back.",
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) error {
			err := a.landVerb(cmd.Context(), list[0], list[1:], opts)
			var begun *run.Unfinished
			if errors.As(err, &begun) { // it knows its files
				list = list[:1]
			}
			return a.interruptible(err, "land", append(list, opts.words()...)...)
		},
	}
	a.folderFlag(cmd)
	cmd.Flags().StringArrayVar(&opts.remove, "remove", nil,
		"take this file away: its name below the source's place, or its s3:// address; may be repeated")
	cmd.Flags().BoolVar(&opts.undo, "undo", false, "take an interrupted landing back")
	return cmd
}

func (a *app) landVerb(ctx context.Context, name string, paths []string, opts landOptions) error {
	spec, plan, err := a.compiled()
	if err != nil {
		return err
	}
	source, err := findSource(spec, name)
	if err != nil {
		return err
	}
	if n := min(len(paths), 1) + min(len(opts.remove), 1); opts.undo && n > 0 || n > 1 {
		return usageError{errors.New("files to land, --remove and --undo exclude one another")}
	}
	files, err := run.LocalFiles(paths)
	if err != nil {
		return err
	}
	did := landSummary{Source: name}
	err = a.steadily(ctx, spec, plan, func(r *run.Runner, _ deployment, _ *progress) error {
		switch {
		case opts.undo:
			return a.undo(ctx, r, source)
		case len(opts.remove) > 0:
			return a.remove(ctx, r, source, opts.remove)
		}
		n, err := r.Continue(ctx)
		did.Landed += n
		if err != nil || len(files) == 0 {
			return err
		}
		n, err = r.Land(ctx, source, files)
		did.Landed += n
		return err
	})
	if err != nil || opts.undo || len(opts.remove) > 0 {
		return err
	}
	if did.Landed == 0 && len(files) == 0 {
		return usageError{fmt.Errorf("no landing of %s was interrupted: name the folder or the files to land", name)}
	}
	return a.printLanding(did)
}

// landSummary is what "land" prints.
type landSummary struct {
	Source string `json:"source"`
	Landed int    `json:"files_landed"`
}

func (a *app) printLanding(s landSummary) error {
	if a.json {
		return json.NewEncoder(a.stdout).Encode(s)
	}
	fmt.Fprintf(a.stdout, "files landed: %d\n", s.Landed)
	if s.Landed > 0 {
		fmt.Fprintf(a.stderr, "to load them, type: %s\n", a.command("run"))
	}
	return nil
}

func findSource(spec *pipeline.Spec, name string) (pipeline.Source, error) {
	if s, ok := spec.Source(name); ok {
		return s, nil
	}
	var names []string
	for _, s := range spec.Sources {
		names = append(names, s.Name)
	}
	return pipeline.Source{},
		usageError{fmt.Errorf("the pipeline %s has no source %q; it has: %s", spec.Name, name, strings.Join(names, ", "))}
}

func (a *app) undo(ctx context.Context, r *run.Runner, source pipeline.Source) error {
	landings, files, err := r.Undo(ctx, source)
	if err != nil {
		return err
	}
	if landings == 0 {
		return fmt.Errorf("no landing of %s was interrupted: there is nothing to take back", source.Name)
	}
	if a.json {
		return json.NewEncoder(a.stdout).Encode(map[string]any{"source": source.Name, "files_taken_back": files})
	}
	fmt.Fprintf(a.stdout, "files taken back: %d\n", files)
	return nil
}

func (a *app) remove(ctx context.Context, r *run.Runner, source pipeline.Source, names []string) error {
	for _, name := range names {
		key, back, err := r.Remove(ctx, source, name)
		if err != nil {
			return err
		}
		if a.json {
			if err := json.NewEncoder(a.stdout).Encode(map[string]any{"source": source.Name, "removed": key,
				"earlier_version_back": back}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(a.stdout, "removed: %s\n", key)
		if back {
			fmt.Fprintln(a.stderr, "the version of it that is loaded lies there again")
		}
	}
	return nil
}

// command is a command line of this program for the same pipeline and data directory, for a person to type.
func (a *app) command(verb string, args ...string) string {
	words := []string{"penstock", verb}
	inFolder := a.dir != "" && filepath.Clean(a.dir) != "."
	first := verb == "run" || verb == "status" || verb == "backfill" // these take the folder as an argument
	if inFolder && !first {
		words = append(words, "-C", shellQuote(a.dir))
	}
	for _, w := range args {
		words = append(words, shellQuote(w))
	}
	if inFolder && first {
		words = append(words, shellQuote(a.dir))
	}
	if a.data != "" {
		words = append(words, "--data", shellQuote(a.data))
	}
	return strings.Join(words, " ")
}

// typed finds the commands of a text.
var typed = pattern.Lazy(`penstock (?:land|run|logs|query|status|backfill)\b(?: -C)?`)

// here makes commands that a text tells to type those for the same pipeline and data directory: what the runtime says knows neither.
func (a *app) here(text string) string {
	flags := ""
	if a.dir != "" && filepath.Clean(a.dir) != "." {
		flags = " -C " + shellQuote(a.dir)
	}
	if a.data != "" {
		flags += " --data " + shellQuote(a.data)
	}
	return typed().ReplaceAllStringFunc(text, func(command string) string {
		if strings.HasSuffix(command, " -C") {
			return command
		}
		return command + flags
	})
}

// interrupted is a command that Ctrl-C ended, with what to type to go on.
type interrupted struct{ says string }

// Error implements error.
func (i interrupted) Error() string { return i.says }

// interruptible says after an interrupt what to type: verb with its arguments.
func (a *app) interruptible(err error, verb string, args ...string) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	says := "what is done is kept"
	var half *run.Unfinished
	var goesOn executing
	switch {
	case errors.As(err, &half):
		says = half.Stands()
	case errors.As(err, &goesOn) && !goesOn.hosted:
		says = "the execution goes on in the server"
	case errors.As(err, &goesOn):
		says = "the execution has stopped and is not finished; what is done is kept"
	}
	return interrupted{fmt.Sprintf("%s\nto go on, type: %s", says, a.command(verb, args...))}
}

// executing is an error while an execution ran.
type executing struct {
	error
	hosted bool // in this process
	asked  bool // it is this command's own, not one that ran before
}

// Unwrap gives the cause.
func (e executing) Unwrap() error { return e.error }
