package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"penstock/internal/id"
	"penstock/internal/pipeline"
	"penstock/internal/pipeline/run"
)

// all stands for every transform.
const all = "*"

func (a *app) backfillCommand() *cobra.Command {
	var opts runOptions
	cmd := &cobra.Command{
		Use:   "backfill [DIR] [NAME...] --from WHEN --to WHEN",
		Short: "Make what some earlier runs gave again, after an edit",
		Long: "Makes again, with the SQL as it is now, what the runs of a stretch of time gave: of every transform, or of those that\n" +
			"are named and what is made of them. The runs read the very files that they read before; readers see the old rows or the\n" +
			"new ones, never half. Tables that are recomputed are made whole.\n\n" +
			"WHEN is a day (2026-01-31), a time (2026-01-31T12:00:00Z), both UTC, or a run's id; runs count from the one (included)\n" +
			"to the other (a day or time: not included; a run: included). One of the two may be left out. \"run --full\" is for all.",
		RunE: func(cmd *cobra.Command, list []string) (err error) {
			opts.full, opts.names = all, a.folderAndNames(list, all)
			if opts.from == "" && opts.to == "" {
				return usageError{fmt.Errorf("backfill needs --from or --to; \"penstock run --full\" makes everything again")}
			}
			if opts.ask.From, err = moment("--from", opts.from); err != nil {
				return err
			}
			if opts.ask.To, err = moment("--to", opts.to); err != nil {
				return err
			}
			if f, t := opts.ask.From, opts.ask.To; f != "" && t != "" && id.IsRun(f) == id.IsRun(t) && f > t {
				return usageError{fmt.Errorf("--from %s is after --to %s", opts.from, opts.to)}
			}
			return a.run(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.from, "from", "", "from this day, time or run on")
	cmd.Flags().StringVar(&opts.to, "to", "", "before this day or time, or up to this run")
	a.folderFlag(cmd)
	return cmd
}

// moment reads a day, a time or a run's id, as the state machine takes it.
func moment(flag, text string) (string, error) {
	if text == "" || id.IsRun(text) {
		return text, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.DateTime, "2006-01-02T15:04:05",
		"2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Format(time.RFC3339), nil
		}
	}
	return "", usageError{fmt.Errorf("%s: %q is no day (2026-01-31), time (2026-01-31T12:00:00Z) or run's id", flag, text)}
}

// folderAndNames reads arguments of which one may be the pipeline's folder and the others are names. flag is the value of --full,
// which may hold names too, separated by commas.
func (a *app) folderAndNames(list []string, flag string) (names []string) {
	at := slices.IndexFunc(list, func(arg string) bool {
		_, err := os.Stat(filepath.Join(arg, pipeline.FileName))
		return err == nil
	})
	if at >= 0 && a.dir == "." {
		a.dir, list = list[at], slices.Delete(slices.Clone(list), at, at+1)
	}
	if flag != all {
		names = strings.Split(flag, ",")
	}
	return append(names, list...)
}

// asks turns the names into what the execution is asked for. A wrong name is bad usage.
func (o *runOptions) asks(spec *pipeline.Spec) error {
	if o.full == "" {
		return nil
	}
	if len(o.names) == 0 {
		o.ask.Full = []string{all}
		return nil
	}
	known := []string{}
	for _, t := range spec.Transforms {
		known = append(known, t.Name)
	}
	for _, t := range spec.Tables {
		if t.From != "" {
			known = append(known, t.FullName())
		} else if slices.Contains(o.names, t.FullName()) {
			return usageError{fmt.Errorf("%s is a view: it always shows what its tables hold", t.FullName())}
		}
	}
	for _, name := range o.names {
		if slices.Contains(known, name) {
			continue
		}
		hint := ""
		if w := pipeline.Nearest(name, known); w != "" {
			hint = fmt.Sprintf("; did you mean %q?", w)
		}
		return usageError{fmt.Errorf("there is no transform or warehouse table %q%s (there are %s)", name, hint, strings.Join(known, ", "))}
	}
	o.ask.Full = o.names
	return nil
}

// verb is the command that these options belong to, and arguments what stood after it.
func (o *runOptions) verb() string {
	if o.from+o.to != "" {
		return "backfill"
	}
	return "run"
}

func (o *runOptions) arguments() (list []string) {
	if o.from != "" {
		list = append(list, "--from", o.from)
	}
	if o.to != "" {
		list = append(list, "--to", o.to)
	}
	if o.full != "" && o.verb() == "run" {
		list = append(list, "--full")
	}
	return append(list, o.names...)
}

// tellEdited says what an edit of SQL, or of a script that had nothing to do, does not do by itself.
func (a *app) tellEdited(spec *pipeline.Spec, edited []string, o run.Outcome) {
	for _, name := range edited {
		if t, _ := spec.Transform(name); t.Script != nil {
			if len(o.Runs)+len(o.Filled) == 0 {
				fmt.Fprintf(a.stderr, "the script of %s changed: it is run when files land; \"%s\" runs it now\n", name,
					a.here("penstock run --full "+name))
			}
			continue
		}
		if !slices.ContainsFunc(o.Filled, func(f run.Filled) bool { return f.Name == name }) {
			fmt.Fprintf(a.stderr, "the SQL of %s changed: it works on files that land from now on; "+
				"\"%s\" does it again for earlier ones\n", name, a.here("penstock run --full "+name))
		}
	}
}

// filledNames lists tables with what happened to them.
func filledNames(list []run.Filled) string {
	var words []string
	for _, f := range list {
		words = append(words, fmt.Sprintf("%s (%s, %d)", f.Name, f.Why, f.Runs))
	}
	return strings.Join(words, ", ")
}
