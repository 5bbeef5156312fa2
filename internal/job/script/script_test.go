package script_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"penstock/internal/job/script"
)

// trace is what Python's account of an exception begins with.
const trace = "Traceback (most recent call last):\n"

func TestFailureIsTheLastException(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{trace + "  File \"s.py\", line 1, in <module>\n    f()\nValueError: no number: 'x'", "ValueError: no number: 'x'"},
		{trace + "  File \"s.py\"\nKeyError: 'a'\n\n" +
			"During handling of the above exception, another exception occurred:\n\n" +
			trace + "  File \"s.py\"\nmymod.Bad: second", "Bad: second"},
		{trace + "  File \"s.py\"\npy4j.protocol.Py4JJavaError: An error occurred while calling o45.count.\n" +
			": org.apache.spark.SparkException: Job aborted\n\tat org.apache",
			"Py4JJavaError: An error occurred while calling o45.count.: org.apache.spark.SparkException: Job aborted"},
		{"  File \"s.py\", line 1\n    x =\n       ^\nSyntaxError: invalid syntax", "SyntaxError: invalid syntax"},
		{trace + "  File \"s.py\"\nKeyboardInterrupt\n24/01/01 WARN closing", "KeyboardInterrupt"},
		{"a warning\nanother", ""},
		{trace + "  File \"s.py\"\nE: " + strings.Repeat("ä", 5000), "E: " + strings.Repeat("ä", 1998)},
	} {
		var f script.Failure
		for line := range strings.SplitSeq(c.text, "\n") {
			f.Line(line)
		}
		if f.Message() != c.want {
			t.Errorf("%q\ngives %q\nnot   %q", c.text, f.Message(), c.want)
		}
	}
}

func TestArguments(t *testing.T) {
	r := script.Run{Job: "nightly", ID: "jr_1", Args: map[string]string{"--day": "2024-01-01", "--JOB_NAME": "other", "--flag": "",
		"--additional-python-modules": "pandas>=2,<3, boto3==1.2 ,,s3://b/w-1.whl", "--extra-py-files": "s3://b/a.py,s3://b/c.zip"}}
	want := []string{"--JOB_ID", "j_nightly", "--JOB_NAME", "nightly", "--JOB_RUN_ID", "jr_1", "--additional-python-modules",
		"pandas>=2,<3, boto3==1.2 ,,s3://b/w-1.whl", "--day", "2024-01-01", "--extra-py-files", "s3://b/a.py,s3://b/c.zip", "--flag", ""}
	if got := r.Argv(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := r.Modules(); !slices.Equal(got, []string{"pandas>=2,<3", "boto3==1.2", "s3://b/w-1.whl"}) {
		t.Errorf("%q", got)
	}
}

func TestEqualModulesHaveOneEnvironment(t *testing.T) {
	dir := t.TempDir()
	wheel := filepath.Join(dir, "w-1-py3-none-any.whl")
	if err := os.WriteFile(wheel, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := func(m script.Modules, version string) string {
		k, err := m.Key(script.Python{Path: "/usr/bin/python3", Version: version})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	base := key(script.Modules{Names: []string{"a", "b"}, Wheels: []string{wheel}}, "3.11.7")
	if key(script.Modules{Names: []string{"b", "a"}, Wheels: []string{wheel}}, "3.11.7") != base {
		t.Error("the order of the names makes another environment")
	}
	for what, other := range map[string]string{
		"names":   key(script.Modules{Names: []string{"ab"}, Wheels: []string{wheel}}, "3.11.7"),
		"options": key(script.Modules{Names: []string{"a", "b"}, Wheels: []string{wheel}, Option: []string{"--pre"}}, "3.11.7"),
		"python":  key(script.Modules{Names: []string{"a", "b"}, Wheels: []string{wheel}}, "3.12.0"),
	} {
		if other == base {
			t.Errorf("other %s give the same environment", what)
		}
	}
	if err := os.WriteFile(wheel, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key(script.Modules{Names: []string{"a", "b"}, Wheels: []string{wheel}}, "3.11.7") == base {
		t.Error("another wheel of the same name gives the same environment")
	}
}

func TestProgramsGetNothingOfTheUsersAWS(t *testing.T) {
	got := script.Passed([]string{"HOME=/home/u", "AWS_ACCESS_KEY_ID=secret", "PIP_INDEX_URL=http://index", "LC_ALL=C", "PYTHONPATH=/x",
		"PATH=/bin", "LC=no", "SECRET=1"})
	if want := []string{"HOME=/home/u", "PIP_INDEX_URL=http://index", "LC_ALL=C", "PATH=/bin"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestInterpreters(t *testing.T) {
	dir := t.TempDir()
	fake := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := fake("good", `echo '{"version": "3.11.7", "site": ["/s"], "pyspark": "3.5.6"}'`)
	old := fake("old", `echo '{"version": "3.8.2", "site": [], "pyspark": ""}'`)
	other := fake("other", `echo hello`)
	broken := fake("broken", `echo "libpython is missing" >&2; exit 3`)
	h := script.Host{Pythons: []string{broken, other, old, good}}
	if p, err := h.Python(t.Context()); err != nil || p.Path != good || p.Pyspark != "3.5.6" || p.Version != "3.11.7" {
		t.Errorf("%+v %v", p, err)
	}
	for _, c := range []struct {
		path, want string
	}{{broken, "libpython is missing"}, {other, "does not answer as Python 3 does"}, {old, "Python 3.8.2, and scripts need 3.9"},
		{filepath.Join(dir, "none"), "no such file"}} {
		h := script.Host{Pythons: []string{c.path}}
		if _, err := h.Python(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "PENSTOCK_PYTHON") {
			t.Errorf("%s: %v", c.path, err)
		}
	}
	env := map[string]string{"PENSTOCK_PYTHON": good, "VIRTUAL_ENV": "/venv"}
	if got := script.Usual(func(k string) string { return env[k] }); !slices.Equal(got, []string{good}) {
		t.Errorf("%q", got)
	}
}
