package job

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"penstock/internal/awsglue"
	"penstock/internal/child"
	"penstock/internal/job/script"
)

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
	for _, text := range append([]string{spark.Mismatch(r.Definition.GlueVersion)}, script.Told(args, r.Definition.GlueVersion)...) {
		if text != "" {
			say(text)
		}
	}
	size := r.Definition.Size
	budget := size.budget(j.needs, j.most)
	s := &script.Submit{Spark: spark, Host: &j.host, Run: run, Dir: f.root, Script: f.script, Path: f.path, Jars: f.jars, Files: f.files,
		Memory: budget.Memory, Threads: budget.Threads, Workers: size.Workers, Cores: workers()[size.WorkerType].Threads,
		Endpoint: j.loan.endpoint(), Region: j.region, Trust: j.loan.javaTrust}
	if !s.Local() {
		if s.PyFiles, err = f.sent(); err != nil {
			return outcome{}, err
		}
	}
	if v, ok := args["--enable-glue-datacatalog"]; ok && v != "false" {
		s.Path = append([]string{filepath.Join(f.path[1], awsglue.Startup)}, s.Path...)
	}
	modules := script.Modules{Names: f.modules, Wheels: f.wheels, Option: strings.Fields(args["--python-modules-installer-option"])}
	if s.Python, err = j.environment(ctx, r, spark.Python, modules, say); err != nil {
		return outcome{}, err
	}
	say(fmt.Sprintf("Spark %s, %s, %d MiB of memory%s", spark.Version, s.Master(), budget.Memory>>20, asked(size)))
	out, err := j.submit(ctx, r, s, f)
	j.observed(ctx, r, s, say)
	return out, err
}

// submit runs spark-submit to its end.
func (j *Jobs) submit(ctx context.Context, r Run, s *script.Submit, f *files) (outcome, error) {
	end, err := j.continuous(ctx, r, s)
	if err != nil {
		return outcome{}, err
	}
	defer end()
	path, argv, err := s.Command()
	if err != nil {
		return outcome{}, err
	}
	return j.program(ctx, r, child.Program{Path: path, Args: argv, Dir: f.dir, Files: f.root, Env: append(s.Env(), f.env()...)})
}

// sent are the files of Python that a cluster's workers are sent: the job's modules and archives, and awsglue.
func (f *files) sent() (names []string, err error) {
	if names, err = filepath.Glob(filepath.Join(f.path[0], "*.py")); err != nil {
		return nil, err
	}
	glue := filepath.Join(f.root, "awsglue.zip")
	to, err := os.Create(glue)
	if err != nil {
		return nil, err
	}
	z := zip.NewWriter(to)
	if err := errors.Join(z.AddFS(os.DirFS(f.path[1])), z.Close(), to.Close()); err != nil {
		return nil, fmt.Errorf("pack awsglue: %w", err)
	}
	return append(append(names, glue), f.path[2:]...), nil
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
