package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/job/script"
)

// scriptHost is what of this machine the scripts of jobs are run with.
func (a *app) scriptHost() script.Host {
	h := script.Host{Pythons: script.Usual(a.getenv), Env: script.Passed(os.Environ())}
	if dir, err := os.UserCacheDir(); err == nil {
		h.Jars = filepath.Join(dir, "penstock")
	}
	return h
}

func (a *app) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what of this machine Penstock can use",
		Args:  args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "spark",
		Short: "Say which Python, Spark and Java run the scripts of jobs, and what is missing",
		Long: "Looks for what Spark jobs and Python shell jobs need: the Python that $PENSTOCK_PYTHON names, else that of the active virtual\n" +
			"environment, else python3; its pyspark; Java; and the jars by which Spark reads and writes S3.\n\n" +
			"Exits with 1 when Spark jobs cannot run.",
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctorSpark(cmd.Context()) },
	})
	return cmd
}

func (a *app) doctorSpark(ctx context.Context) error {
	h := a.scriptHost()
	say := func(label, format string, args ...any) {
		fmt.Fprintf(a.stdout, "%-13s %s\n", label, fmt.Sprintf(format, args...))
	}
	if p, err := h.Python(ctx); err == nil {
		say("python", "%s (%s): Python shell jobs run", p.Version, p.Path)
	}
	s, err := h.Spark(ctx)
	if err != nil {
		return err
	}
	say("spark", "%s, Hadoop %s, Scala %s (%s)", s.Version, s.Hadoop, s.Scala, s.Home)
	say("spark python", "%s (%s)", s.Python.Version, s.Python.Path)
	say("java", "%d (%s)", s.JavaOf, s.Java)
	for _, set := range script.JarSets() {
		state := "installed"
		if e := h.NeedJars(s, set.Name); e != nil {
			state = "not installed: penstock install spark-jars" + strings.TrimSuffix(" "+set.Name, " s3")
			if set.Name == "s3" {
				err = e
			}
		}
		say("jars "+set.Name, "%s (%s)", state, set.For)
	}
	say("fast start", "%s", a.fastStart(&h, s))
	for _, v := range script.GlueVersions() {
		fits := "as on AWS"
		if text := s.Mismatch(v.Glue); text != "" {
			fits = fmt.Sprintf("AWS has Spark %s and Python %s; runs, and its log says so", v.Spark, v.Python)
		}
		say("Glue "+v.Glue, "%s", fits)
	}
	return err
}

func (a *app) installCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install what jobs need beside the program",
		Args:  args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "spark-jars [SET]...",
		Short: "Download the jars by which Spark reads and writes S3",
		Long: "Lets the installed Spark resolve jars from Maven (its --packages) and keeps them for all data directories of this user. SET is\n" +
			"s3 (the default: S3 and Avro), iceberg (Iceberg tables) or jdbc (PostgreSQL and MySQL). A set that is there is made anew.",
		RunE: func(cmd *cobra.Command, sets []string) error {
			if len(sets) == 0 {
				sets = []string{"s3"}
			}
			return a.installJars(cmd.Context(), sets)
		},
	})
	cmd.AddCommand(&cobra.Command{
		Use:   "spark-archive",
		Short: "Make the archive of classes with which Spark starts in half the CPU",
		Long: "Runs a small script on the installed Spark and keeps the classes that it has loaded, for all data directories of this user;\n" +
			"\"penstock install spark-jars\" does so at its end. An archive that is there and fits is left as it is.",
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.installArchive(cmd.Context()) },
	})
	return cmd
}

func (a *app) installJars(ctx context.Context, sets []string) error {
	h := a.scriptHost()
	if h.Jars == "" {
		return errors.New("no folder for downloads is known: set HOME or XDG_CACHE_HOME")
	}
	s, err := h.Spark(ctx)
	if err != nil {
		return err
	}
	for _, set := range sets {
		if _, err := s.ResolveArgs(set, "", ""); err != nil {
			return usageError{err}
		}
	}
	for _, set := range sets {
		names, err := a.resolveJars(ctx, &h, s, set)
		if err != nil {
			return fmt.Errorf("the jars of %s for Spark %s: %w", set, s.Version, err)
		}
		fmt.Fprintf(a.stdout, "%d jars of %s for Spark %s in %s\n", len(names), set, s.Version, h.JarFolder(s, set))
	}
	if !h.HasJars(s, "s3") || s.JavaOf < script.FirstArchiving {
		return nil
	}
	return a.installArchive(ctx)
}

// resolveJars lets Spark download a set into a folder of its own, of which what is needed is kept.
func (a *app) resolveJars(ctx context.Context, h *script.Host, s script.Spark, set string) ([]string, error) {
	if err := os.MkdirAll(h.Jars, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(h.Jars, "resolve-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	empty := filepath.Join(dir, "empty.py")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return nil, err
	}
	args, err := s.ResolveArgs(set, filepath.Join(dir, "ivy"), empty)
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, filepath.Join(s.Home, "bin", "spark-submit"), args...)
	c.Env = append(h.Env, "SPARK_HOME="+s.Home, "PYSPARK_PYTHON="+s.Python.Path)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("they cannot be resolved (%w): %s", err, unresolved(string(out)))
	}
	return h.KeepJars(s, set, filepath.Join(dir, "ivy"))
}

// unresolved is what of Spark's output says why nothing was resolved: the lines that name a package or a failure, the first few.
func unresolved(out string) string {
	var lines []string
	for line := range strings.SplitSeq(out, "\n") {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "unresolved dependency") || strings.Contains(line, "not found") || strings.Contains(line, "Exception") ||
			strings.Contains(line, "Server access error") {
			lines = append(lines, strings.Trim(line, ": "))
		}
		if len(lines) == 3 {
			break
		}
	}
	if len(lines) == 0 {
		return "it says nothing more"
	}
	return strings.Join(lines, "; ")
}
