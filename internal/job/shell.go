package job

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"penstock/internal/child"
	"penstock/internal/job/script"
)

// shellRefuses names what a Python shell job asks for that is not there, or "".
func shellRefuses(args map[string]string) string {
	if set := args["--library-set"]; set != "" && set != "analytics" && set != "none" {
		return fmt.Sprintf("--library-set %q is not known; the sets are analytics and none", set)
	}
	return ""
}

// librarySets are what --library-set has installed. AWS's versions are those of Python 3.6 and 3.9; here the newest are taken that fit.
func librarySets() map[string][]string {
	return map[string][]string{"analytics": {"avro", "awscli", "awswrangler", "boto3", "botocore", "elasticsearch", "numpy", "pandas",
		"psycopg2-binary", "pyathena", "PyMySQL", "pyodbc", "redshift-connector", "requests", "s3fs", "scikit-learn", "scipy", "SQLAlchemy"}}
}

// shell runs the script of a Python shell job.
func (j *Jobs) shell(ctx context.Context, r Run, args map[string]string) (outcome, error) {
	python, err := j.host.Python(ctx)
	if err != nil {
		return outcome{}, err
	}
	run := script.Run{Job: r.Job, ID: r.ID, Args: args}
	f, err := j.stage(ctx, r, run)
	if err != nil {
		return outcome{}, err
	}
	defer os.RemoveAll(f.root)
	say := j.sayer(ctx, r)
	if want := r.Definition.PythonVersion; !runs(python.Version, want) {
		say(fmt.Sprintf("the job asks for Python %s; it runs with Python %s, %s", want, python.Version, python.Path))
	}
	modules := script.Modules{Names: append(f.modules, librarySets()[args["--library-set"]]...), Wheels: f.wheels,
		Option: strings.Fields(args["--python-modules-installer-option"])}
	path, err := j.environment(ctx, r, python, modules, say)
	if err != nil {
		return outcome{}, err
	}
	env := append(slices.Clone(j.host.Env), "PYTHONPATH="+strings.Join(f.path, string(os.PathListSeparator)), "PYTHONUNBUFFERED=1", "TZ=UTC")
	return j.program(ctx, r, child.Program{Path: path, Args: append([]string{"-u", f.script}, run.Argv()...), Dir: f.dir, Files: f.root,
		Env: append(env, f.env()...)})
}

// runs reports whether an interpreter is of the version that a job asks for: 3.9 fits 3.9.18, 3 fits all.
func runs(have, want string) bool {
	return want == "" || have == want || strings.HasPrefix(have, want+".")
}

// sayer writes lines of Penstock's own to the run's output.
func (j *Jobs) sayer(ctx context.Context, r Run) func(string) {
	output, _ := r.groups()
	return func(text string) {
		if err := j.logs.Write(ctx, output, r.stream(), j.lines(text)); err != nil {
			j.log.Error("a line of a job run is lost", "run", r.ID, "err", err)
		}
	}
}

// environment is the interpreter that has the modules: the one given when there are none, else that of an environment of their own, which
// is made once and kept.
func (j *Jobs) environment(ctx context.Context, r Run, p script.Python, m script.Modules, say func(string)) (string, error) {
	if m.Empty() {
		return p.Path, nil
	}
	key, err := m.Key(p)
	if err != nil {
		return "", fmt.Errorf("read the modules: %w", err)
	}
	venv := filepath.Join(j.host.Cache, "venvs", key)
	path := filepath.Join(venv, "bin", "python")
	unlock, err := j.venvs.lock(ctx, key)
	if err != nil {
		return "", err
	}
	defer unlock()
	if script.Whole(venv) {
		return path, nil
	}
	say("installing " + strings.Join(slices.Concat(m.Names, bases(m.Wheels)), ", "))
	if err := os.MkdirAll(filepath.Dir(venv), 0o700); err != nil {
		return "", fmt.Errorf("make a folder for modules: %w", err)
	}
	last := ""
	install := child.Program{Path: "/bin/sh", Env: j.host.Env,
		Args: append([]string{"-c", script.InstallScript, "sh"}, m.InstallArgs(venv, p)...),
		Err:  func(line string) { last = cmp.Or(pipError(line), last) }}
	err = j.runProgram(ctx, r, install, func(*child.Child) ([]string, error) { return nil, nil })
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("the modules of --additional-python-modules cannot be installed: %s. Try it by hand: %s",
			cmp.Or(last, err.Error()), m.InstallHint(p))
	}
	return path, script.Finish(venv, p)
}

// pipError is what a line of pip says went wrong, or "".
func pipError(line string) string {
	text, ok := strings.CutPrefix(line, "ERROR: ")
	if !ok {
		return ""
	}
	return text
}

func bases(paths []string) (names []string) {
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	return names
}

// keyed are locks by name, each held by one at a time.
type keyed struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// lock waits for the lock of a name.
func (k *keyed) lock(ctx context.Context, name string) (unlock func(), err error) {
	for {
		k.mu.Lock()
		if k.held == nil {
			k.held = map[string]chan struct{}{}
		}
		other := k.held[name]
		if other == nil {
			mine := make(chan struct{})
			k.held[name] = mine
			k.mu.Unlock()
			return func() {
				k.mu.Lock()
				delete(k.held, name)
				k.mu.Unlock()
				close(mine)
			}, nil
		}
		k.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
