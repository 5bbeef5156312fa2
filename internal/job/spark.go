package job

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"penstock/internal/awsglue"
	"penstock/internal/child"
	"penstock/internal/job/script"
)

// sparkRefuses names what a Spark job asks for that is not there, or "".
func sparkRefuses(args map[string]string) string {
	if l := args["--job-language"]; l != "" && l != "python" {
		return fmt.Sprintf("Penstock does not support --job-language %q; scripts are Python", l)
	}
	if c := args["--class"]; c != "" && c != "GlueApp" {
		return "Penstock does not support --class: scripts are Python, not Scala"
	}
	for format := range strings.SplitSeq(args["--datalake-formats"], ",") {
		if f := strings.TrimSpace(format); f != "" && f != "iceberg" {
			return fmt.Sprintf("Penstock does not support --datalake-formats %q; it has iceberg", f)
		}
	}
	return ""
}

// spark runs the script of a Spark job with spark-submit.
func (j *Jobs) spark(ctx context.Context, r Run, args map[string]string) (outcome, error) {
	spark, err := j.host.Spark(ctx)
	if err != nil {
		return outcome{}, err
	}
	run := script.Run{Job: r.Job, ID: r.ID, Args: args}
	f, err := j.stage(ctx, r, run)
	if err != nil {
		return outcome{}, err
	}
	defer os.RemoveAll(f.root)
	if err := j.stageSpark(ctx, r, run, f); err != nil {
		return outcome{}, err
	}
	say := j.sayer(ctx, r)
	if text := spark.Mismatch(r.Definition.GlueVersion); text != "" {
		say(text)
	}
	budget := r.Definition.Size.budget(j.needs, j.most)
	s := &script.Submit{Spark: spark, Host: &j.host, Run: run, Dir: f.root, Script: f.script, Path: f.path, PyFiles: slices.Clone(f.path[2:]),
		Jars: f.jars, Files: f.files, Memory: budget.Memory, Threads: budget.Threads, Workers: r.Definition.Size.Workers,
		Endpoint: j.loan.endpoint(), Region: j.region}
	if v, ok := args["--enable-glue-datacatalog"]; ok && v != "false" {
		s.Path = append([]string{filepath.Join(f.path[1], awsglue.Startup)}, s.Path...)
	}
	modules := script.Modules{Names: f.modules, Wheels: f.wheels, Option: strings.Fields(args["--python-modules-installer-option"])}
	if s.Python, err = j.environment(ctx, r, spark.Python, modules, say); err != nil {
		return outcome{}, err
	}
	say(fmt.Sprintf("Spark %s, %s, %d MiB of memory%s", spark.Version, s.Master(), budget.Memory>>20, asked(r.Definition.Size)))
	path, argv, err := s.Command()
	if err != nil {
		return outcome{}, err
	}
	return j.program(ctx, r, child.Program{Path: path, Args: argv, Dir: f.dir, Env: s.Env()})
}

// asked says what a run asked for, where that is more than nothing: it has what this machine gives.
func asked(s Size) string {
	switch {
	case s.WorkerType != "":
		return fmt.Sprintf(", of the %d workers of %s that the job asks for", max(s.Workers, 1), s.WorkerType)
	case s.Capacity > 0:
		return fmt.Sprintf(", of the %v DPUs that the job asks for", s.Capacity)
	}
	return ""
}

// stageSpark brings what only Spark jobs have: jars, and files that the script finds in its working directory.
func (j *Jobs) stageSpark(ctx context.Context, r Run, run script.Run, f *files) error {
	jars := filepath.Join(f.root, "jars")
	if err := os.Mkdir(jars, 0o700); err != nil {
		return err
	}
	for _, kind := range []struct {
		arg, dir string
		to       *[]string
	}{{"--extra-jars", jars, &f.jars}, {"--extra-files", f.dir, &f.files}} {
		for _, uri := range once(run.List(kind.arg)) {
			name, err := j.fetch(ctx, r, uri, kind.dir, mostFile)
			if err != nil {
				return fmt.Errorf("%s: %w", kind.arg, err)
			}
			*kind.to = append(*kind.to, name)
		}
	}
	return nil
}
