package job_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/child"
	"penstock/internal/job"
	"penstock/internal/job/jobtest"
	"penstock/internal/job/script"
	"penstock/internal/logstore"
)

// A shelf is S3 for scripts: objects of one bucket, read under the job's role only.
type shelf map[string]string

func (s shelf) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	get, ok := in.(*s3.GetObjectInput)
	p, _ := api.PrincipalOf(ctx)
	switch {
	case service != "s3" || op != "GetObject" || !ok:
		return nil, errors.New("no such call")
	case p.ARN != "arn:aws:sts::000000000000:assumed-role/loader/GlueJobRunnerSession":
		return nil, errors.New("read by " + p.ARN)
	}
	text, ok := s[aws.ToString(get.Key)]
	if !ok {
		return nil, api.Errorf("NoSuchKey", "The specified key does not exist.")
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(text))}, nil
}

// shells is a world whose scripts lie on a shelf.
func shells(t *testing.T, dir string, s shelf, env ...string) (*world, *keyDesk) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("python3 is not installed")
	}
	d := &keyDesk{}
	return start(t, dir, jobtest.Settings{Lend: d.lend, Return: d.giveBack, Invoker: s, Needs: child.Budget{Memory: 1 << 30, Threads: 1},
		Host: script.Host{Pythons: []string{python}, Cache: filepath.Join(dir, "python"),
			Env: append(script.Passed(os.Environ()), env...)}}), d
}

func (w *world) script(t *testing.T, name string, args map[string]string, d job.Definition) job.Run {
	t.Helper()
	d.Name, d.Command, d.Role, d.Script, d.DefaultArguments = name, job.PythonShell, "loader", "s3://code/"+name+".py", args
	if name == "lib" {
		d.Script = "s3://code/lib"
	}
	if err := w.Jobs.Create(t.Context(), d, nil); err != nil {
		t.Fatal(err)
	}
	return w.End(t, w.Begin(t, name))
}

func (w *world) said(t *testing.T, group, stream string) string {
	t.Helper()
	page, err := w.Logs.Get(t.Context(), logstore.GetQuery{Group: group, Stream: stream, Limit: 1000})
	if err != nil {
		return ""
	}
	var lines []string
	for _, e := range page.Events {
		lines = append(lines, e.Message)
	}
	return strings.Join(lines, "\n")
}

func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(f, files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPythonShell runs a script with modules beside it and in an archive, arguments of the job, and keys of its role.
func TestPythonShell(t *testing.T) {
	w, d := shells(t, t.TempDir(), shelf{
		"good.py": "import os, sys\nimport one, two\nfrom awsglue.utils import getResolvedOptions\n" +
			"print(one.A + two.B, getResolvedOptions(sys.argv, ['day'])['day'])\nprint(' '.join(sys.argv[1:]))\n" +
			"print(os.environ['AWS_SECRET_ACCESS_KEY'], os.environ['AWS_ENDPOINT_URL'])\nprint('to errors', file=sys.stderr)\n",
		"lib/one.py": "A = 1\n",
		"lib/z.zip":  archive(t, map[string]string{"two.py": "B = 41\n"}),
	})
	r := w.script(t, "good", map[string]string{"--extra-py-files": "s3://code/lib/one.py,s3://code/lib/z.zip", "--day": "2024-01-01"},
		job.Definition{PythonVersion: "2.7"})
	if r.State != job.Succeeded {
		t.Fatalf("%s %s\n%s", r.State, r.Error, w.said(t, "/aws-glue/python-jobs/error", r.ID))
	}
	lines := strings.Split(w.said(t, "/aws-glue/python-jobs/output", r.ID), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "the job asks for Python 2.7; it runs with Python 3.") || lines[1] != "42 2024-01-01" ||
		lines[2] != "--JOB_ID j_good --JOB_NAME good --JOB_RUN_ID "+r.ID+
			" --day 2024-01-01 --extra-py-files s3://code/lib/one.py,s3://code/lib/z.zip" ||
		lines[3] != "loader/GlueJobRunnerSession http://127.0.0.1:1" {
		t.Errorf("%q", lines)
	}
	if got := w.said(t, "/aws-glue/python-jobs/error", r.ID); got != "to errors" {
		t.Errorf("errors: %q", got)
	}
	if d.out() != 0 {
		t.Error("keys are still lent")
	}
}

func TestPythonShellFails(t *testing.T) {
	w, _ := shells(t, t.TempDir(), shelf{
		"raises.py":  "def f():\n    return {}['key']\nf()\n",
		"exits.py":   "import sys\nsys.exit(3)\n",
		"broken.py":  "x = \n",
		"imports.py": "import nosuchmodule\n", "raises.py.gz": "x", "more/exits.py": "", "lib": "{}['key']",
	}, "PIP_INDEX_URL=http://127.0.0.1:1/", "PIP_RETRIES=0")
	for _, c := range []struct {
		name, want string
		args       map[string]string
	}{
		{"raises", "KeyError: 'key'", nil},
		{"exits", "Command failed with exit code 3", nil},
		{"broken", "SyntaxError: invalid syntax", nil},
		{"imports", "ModuleNotFoundError: No module named 'nosuchmodule'", nil},
		{"absent", "the script: read s3://code/absent.py: NoSuchKey: The specified key does not exist.", nil},
		{"sets", `--library-set "all" is not known; the sets are analytics and none`, map[string]string{"--library-set": "all"}},
		{"raises2", "--extra-py-files: s3://code/raises.py.gz is no .py, .zip, .egg or .whl file", map[string]string{
			"--scriptLocation": "s3://code/raises.py", "--extra-py-files": "s3://code/raises.py.gz"}},
		{"twice", "--extra-py-files: two files are called exits.py", map[string]string{"--scriptLocation": "s3://code/raises.py",
			"--extra-py-files": "s3://code/exits.py,s3://code/exits.py,s3://code/more/exits.py"}},
		{"lib", "KeyError: 'key'", nil},
		{"colon", `--extra-py-files: "s3://code/a:b.zip": a file's name cannot have ':' in a path of modules`, map[string]string{
			"--scriptLocation": "s3://code/raises.py", "--extra-py-files": "s3://code/a:b.zip"}},
		{"nul", "the argument --x has a NUL character, which no program can be given", map[string]string{
			"--scriptLocation": "s3://code/raises.py", "--x": "a\x00b"}},
		{"long", "the argument --x has 200000 bytes; a program can be given 131071", map[string]string{
			"--scriptLocation": "s3://code/raises.py", "--x": strings.Repeat("x", 200000)}},
	} {
		if r := w.script(t, c.name, c.args, job.Definition{}); r.State != job.Failed || r.Error != c.want {
			t.Errorf("%s: %s %q", c.name, r.State, r.Error)
		}
	}
	r := w.script(t, "modules", map[string]string{"--scriptLocation": "s3://code/exits.py",
		"--additional-python-modules": "penstock-nosuch==1"}, job.Definition{})
	if r.State != job.Failed || !strings.HasPrefix(r.Error, "the modules of --additional-python-modules cannot be installed: ") ||
		!strings.Contains(r.Error, "-m pip install penstock-nosuch==1") {
		t.Errorf("%s %q", r.State, r.Error)
	}
}

// TestModulesAreInstalledOnce: two runs with the same wheel share an environment, in which the interpreter's own modules are seen too.
func TestModulesAreInstalledOnce(t *testing.T) {
	wheel := archive(t, map[string]string{
		"answer/__init__.py":            "N = 42\n",
		"answer-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: answer\nVersion: 1.0\n",
		"answer-1.0.dist-info/WHEEL":    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		"answer-1.0.dist-info/RECORD":   "",
	})
	dir := t.TempDir()
	w, _ := shells(t, dir, shelf{"m.py": "import answer\nprint(answer.N)\n", "answer-1.0-py3-none-any.whl": wheel})
	for _, name := range []string{"first", "second"} {
		r := w.script(t, name, map[string]string{"--scriptLocation": "s3://code/m.py", "--python-modules-installer-option": "--no-index",
			"--additional-python-modules": "s3://code/answer-1.0-py3-none-any.whl"}, job.Definition{Timeout: 5 * time.Minute})
		text := w.said(t, "/aws-glue/python-jobs/output", r.ID)
		if r.State != job.Succeeded || !strings.HasSuffix(text, "42") {
			t.Fatalf("%s %s\n%s", r.State, r.Error, text)
		}
		if installs := strings.Contains(text, "installing answer-1.0-py3-none-any.whl"); installs != (name == "first") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if dirs, err := os.ReadDir(filepath.Join(dir, "python", "venvs")); err != nil || len(dirs) != 1 {
		t.Errorf("%d environments, %v", len(dirs), err)
	}
}

// TestCutOffScriptIsNotStartedAgain: when the server ends while a script goes on, the run is FAILED, and MaxRetries says whether there is
// another attempt, under another id.
func TestCutOffScriptIsNotStartedAgain(t *testing.T) {
	dir := t.TempDir()
	code := shelf{"long.py": "import time, sys\nprint('begun')\nif sys.argv[-1] == 'once': time.sleep(1000)\n"}
	w, _ := shells(t, dir, code)
	d := job.Definition{Name: "long", Command: job.PythonShell, Role: "loader", Script: "s3://code/long.py", MaxRetries: 1,
		DefaultArguments: map[string]string{"--way": "once"}}
	if err := w.Jobs.Create(t.Context(), d, nil); err != nil {
		t.Fatal(err)
	}
	id := w.Begin(t, "long")
	w.Until(t, id, job.Running)
	w.Stop()
	w, _ = shells(t, dir, shelf{"long.py": "print('again')\n"})
	r := w.End(t, id)
	if r.State != job.Failed || !strings.HasPrefix(r.Error, "The server was ended while the run's script was going on") {
		t.Errorf("%s %q", r.State, r.Error)
	}
	if again := w.End(t, id+"_attempt_1"); again.State != job.Succeeded || again.Previous != id {
		t.Errorf("%s %q", again.State, again.Error)
	}
}
