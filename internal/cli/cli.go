// Package cli is the command line: one file a subcommand, each a short function over packages server and pipeline. It decides what is
// printed and with which code the program ends; it knows nothing that those packages could know.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"penstock/internal/clock"
	"penstock/internal/pipeline"
	"penstock/internal/pipeline/run"
	"penstock/internal/server"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Version is what "penstock --version" prints.
const Version = "0.1.0"

// An app is one call of the program: where it prints, what it was told.
type app struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	clock          clock.Clock

	data    string
	dir     string // -C
	target  string
	region  string // of the pipeline; "" is the server's first
	json    bool
	verbose bool
}

// usageError is a call that the help would have prevented.
type usageError struct{ error }

// Main runs the command that args name and returns the exit code.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{stdout: stdout, stderr: stderr, getenv: os.Getenv, clock: clock.Real{}}
	root := a.root()
	root.SetArgs(sqlLast(args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && cmd.Name() == envName && !slices.Contains(args, "--json") {
		a.failEval()
	}
	return a.code(cmd, err)
}

// code prints what went wrong and chooses the exit code.
func (a *app) code(cmd *cobra.Command, err error) int {
	var problems pipeline.Problems
	var usage usageError
	var option server.OptionError
	var stopped interrupted
	var half *run.Unfinished
	var stuck *run.Stuck
	code := exitFailed
	text := plain(err)
	switch said := server.Explain(err); {
	case err == nil:
		return exitDone
	case errors.As(err, &problems):
		text = problems.Error()
	case errors.As(err, &usage), errors.As(err, &option):
		text, code = fmt.Sprintf("penstock: %v\nRun \"%s --help\" for what is possible.", err, cmd.CommandPath()), exitUsage
	case errors.As(err, &stopped):
		text = fmt.Sprintf("penstock: interrupted: %v", stopped)
	case errors.As(err, &stuck):
		text = fmt.Sprintf("penstock: %v\nput them back as they were and type: %s\nor take the landing back, to land anew, and type: %s", stuck,
			a.command("run"), a.command("land", stuck.Source, "--undo"))
	case errors.As(err, &half):
		text = fmt.Sprintf("penstock: %s\n%s\nto go on, type: %s", plain(half.Err), half.Stands(), a.command("run"))
	case errors.Is(err, context.Canceled):
		text = "penstock: interrupted"
	case said != "":
		text = "penstock: " + said
	default:
		text = "penstock: " + a.here(text)
	}
	fmt.Fprintln(a.stderr, wrap(text, terminalWidth(a.stderr), "  "))
	return code
}

// plain is an error's text without what the AWS SDK says of HTTP around a service's own words.
func plain(err error) string {
	if err == nil {
		return ""
	}
	var said smithy.APIError
	var dial *net.OpError
	switch {
	case errors.As(err, &said):
	case errors.As(err, &dial) && dial.Op == "dial":
		return "the runtime has ended meanwhile; what was acknowledged is kept, and the command may be given again"
	default:
		return err.Error()
	}
	before, _, _ := strings.Cut(err.Error(), "operation error ")
	text := before + said.ErrorCode() + ": " + said.ErrorMessage()
	if code := said.ErrorCode(); code == "InternalFailure" || code == "InternalServerException" || code == "InsufficientStorage" {
		text = before + said.ErrorMessage() // the code says less than the message
	}
	switch said.ErrorCode() {
	case "SignatureDoesNotMatch", "InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException", "InvalidSignatureException":
		return "the running server refuses the key in the file \"credentials\" of its data directory, " +
			"which was changed or is of another server: " + said.ErrorCode()
	}
	return strings.TrimSpace(text)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "penstock",
		Short: "The S3 -> Glue -> Redshift pipeline in one binary",
		Long: "Penstock runs data pipelines as AWS does: S3, the Glue Data Catalog, crawlers and jobs, Redshift, Step Functions,\n" +
			"CloudWatch, Logs, SNS, SSM parameters, IAM, STS and the CloudFormation that creates them, on this machine.\n\n" +
			"Start with:  penstock demo          the bundled example from nothing in one command\n" +
			"or:          penstock init retail   writes the example, for you to change\n" +
			"then:        penstock run           deploys the pipeline of this folder and runs it\n" +
			"or:          penstock serve         lets AWS's own clients work with it\n\n" +
			"Exit codes: 0 done, 1 failed, 2 bad usage.",
		Version:       Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no command %q%s", args[0], suggestion(args[0]))}
			}
			return nil
		},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.checkFlags(cmd) },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.data, "data", "",
		"data directory of the embedded runtime (default $PENSTOCK_DATA, else .penstock in the pipeline's folder)")
	flags.StringVar(&a.target, "target", "", "where to run: only \"dev\", the embedded runtime, so far")
	flags.BoolVar(&a.json, "json", false, "print results as JSON")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "show the runtime's own log on stderr")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		text, _, _ := strings.Cut(err.Error(), ": strconv.") // Go's words
		return usageError{errors.New(text)}
	})
	root.AddCommand(a.initCommand(), a.demoCommand(), a.landCommand(), a.runCommand(), a.backfillCommand(), a.serveCommand(), a.queryCommand(),
		a.inferCommand(),
		a.statusCommand(), a.logsCommand(), a.synthCommand(), a.envCommand(), a.scrubCommand(), a.doctorCommand(), a.installCommand())
	root.SetHelpCommand(helpCommand(root))
	root.CompletionOptions.HiddenDefaultCmd = true
	root.InitDefaultCompletionCmd()
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		shells := c.Commands()
		c.Args = func(_ *cobra.Command, list []string) error {
			if len(list) > 0 {
				return usageError{fmt.Errorf("there is no completion for %q; there is for %s", list[0], named(shells))}
			}
			return nil
		}
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	return root
}

func named(list []*cobra.Command) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Name()
	}
	return strings.Join(names, ", ")
}

// helpCommand is cobra's, but a topic that does not exist is bad usage.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(_ *cobra.Command, list []string) error {
			cmd, rest, err := root.Find(list)
			if err != nil || len(rest) > 0 {
				word := strings.Join(list, " ")
				return usageError{fmt.Errorf("there is no command %q%s", word, suggestion(word))}
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

var commands = []string{"init", "demo", "land", "run", "backfill", "serve", "query", "infer", "status", "logs", "synth", "env", "scrub",
	"doctor", "install", "help"}

// planned are the verbs of docs/spec.md that do not exist yet.
var planned = []string{"plan", "deploy", "destroy", "test", "runs", "explain", "check", "lineage",
	"cost", "import", "verify"}

func suggestion(word string) string {
	for _, p := range planned {
		if p == word {
			return " yet"
		}
	}
	if word == "version" {
		return "; type: penstock --version"
	}
	if w := pipeline.Nearest(word, commands); w != "" {
		return fmt.Sprintf("; did you mean %q?", w)
	}
	return ""
}

// args wraps a cobra argument check so that its failure is bad usage.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, list []string) error {
		if check(cmd, list) == nil {
			return nil
		}
		taken := len(list) - 1
		for taken >= 0 && check(cmd, list[:taken]) != nil {
			taken--
		}
		use := strings.TrimSuffix(cmd.CommandPath(), cmd.Name()) + cmd.Use
		switch rest := list[max(taken, 0):]; {
		case taken < 0:
			return usageError{fmt.Errorf("an argument is missing: %s", use)}
		case cmd.HasAvailableSubCommands():
			return usageError{fmt.Errorf("there is no command %q; there is: %s", cmd.Name()+" "+rest[0], named(cmd.Commands()))}
		case len(rest) == 1:
			return usageError{fmt.Errorf("the argument %q is one too many: %s", rest[0], use)}
		default:
			return usageError{fmt.Errorf("the arguments %s are too many: %s", quotedList(rest), use)}
		}
	}
}

func quotedList(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return strings.Join(out, " and ")
}

// folderFlag gives a command -C, which names the pipeline's folder.
func (a *app) folderFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&a.dir, "dir", "C", ".", "folder of the pipeline")
}

// folder sets the pipeline's folder from the first argument, which says the same as -C.
func (a *app) folder(list []string) error {
	if len(list) == 0 {
		return nil
	}
	if list[0] == "" {
		return usageError{errors.New("the name of the folder is empty")}
	}
	if a.dir != "." {
		return usageError{fmt.Errorf("the folder is named twice: %s and -C %s", list[0], a.dir)}
	}
	a.dir = list[0]
	return nil
}

// dataDir is where the runtime keeps its state.
func (a *app) dataDir() (string, error) {
	data := a.data
	if data == "" {
		data = a.getenv("PENSTOCK_DATA")
	}
	if data == "" {
		data = filepath.Join(a.dir, ".penstock")
	}
	return filepath.Abs(data)
}

// checkFlags refuses what the flags that every command has cannot mean for this one.
func (a *app) checkFlags(cmd *cobra.Command) error {
	if a.json && slices.Contains([]string{"init", "serve", "synth", "spark", "spark-jars"}, cmd.Name()) {
		return usageError{fmt.Errorf("%q has no result that could be printed as JSON", cmd.Name())}
	}
	return a.checkTarget()
}

func (a *app) checkTarget() error {
	if a.target != "" && a.target != "dev" {
		return usageError{fmt.Errorf("the target %q cannot be run on yet: only \"dev\", the embedded runtime, can", a.target)}
	}
	return nil
}

// logger writes to w; quiet ones keep warnings only.
func (a *app) logger(w io.Writer, level slog.Level) *slog.Logger {
	if a.verbose {
		w, level = a.stderr, slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// terminalWidth is how many columns a terminal has; 0 for what is no terminal or does not say.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 0 {
		return 0
	}
	return width
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
