// Package script knows how a user's script of a Glue job is run: with which Python, with which arguments and modules, and what the
// exception was that ended it. It keeps nothing and starts no script; that, and the run's states, are package job's.
package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A Host is what of the user's machine scripts are run with.
type Host struct {
	// Pythons are the interpreters to choose from, the most wanted first: absolute paths.
	Pythons []string
	// Env is what of the user's environment programs get, as KEY=VALUE: a home, a path, proxies, the index that pip asks.
	Env []string
	// Cache is the folder in which awsglue and the modules are kept that jobs ask for, Jars that of jars for Spark.
	Cache, Jars string
	// Master is the Spark cluster that runs jobs, spark://host:port, or "" for this machine.
	Master string
}

// A Python is an interpreter that answers.
type Python struct {
	Path    string
	Version string   `json:"version"` // 3.11.7
	Site    []string `json:"site"`    // where its modules lie
	// Pyspark is the version of the module, or "", and SparkHome its folder.
	Pyspark   string `json:"pyspark"`
	SparkHome string `json:"sparkHome"`
}

// oldest is the first version that scripts are run with: boto3 and Spark need it.
const oldest = "3.9"

// probeTime is how long an interpreter may take to say what it is.
const probeTime = 30 * time.Second

// probe asks an interpreter what it is, by the words that every Python 3 knows.
const probe = `import json, sys, sysconfig
spark = home = ""
try:
    import os
    from importlib.metadata import version
    from importlib.util import find_spec
    spark, home = version("pyspark"), os.path.dirname(find_spec("pyspark").origin)
except Exception:
    pass
paths = sysconfig.get_paths()
site = [p for p in sys.path if p in (paths["purelib"], paths["platlib"]) or p.rstrip("/").endswith(("site-packages", "dist-packages"))]
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "site": site, "pyspark": spark, "sparkHome": home}))`

// Probe asks the interpreter at path what it is.
func Probe(ctx context.Context, path string, env []string) (Python, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	c := exec.CommandContext(ctx, path, "-c", probe)
	c.Env = append([]string{}, env...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	p := Python{Path: path}
	switch {
	case err != nil && errs.Len() > 0:
		return p, fmt.Errorf("%s: %w: %s", path, err, lastLine(errs.String()))
	case err != nil:
		return p, fmt.Errorf("%s: %w", path, err)
	}
	if err := json.Unmarshal(out, &p); err != nil {
		return p, fmt.Errorf("%s does not answer as Python 3 does", path)
	}
	if older(p.Version, oldest) {
		return p, fmt.Errorf("%s is Python %s, and scripts need %s or newer", path, p.Version, oldest)
	}
	return p, nil
}

// Python is the first interpreter that answers; the error says what is wrong with each, and what to do.
func (h *Host) Python(ctx context.Context) (Python, error) {
	tried := []error{}
	for _, path := range h.Pythons {
		p, err := Probe(ctx, path, h.Env)
		if err == nil {
			return p, nil
		}
		if ctx.Err() != nil {
			return p, ctx.Err()
		}
		tried = append(tried, err)
	}
	const what = "no Python is there to run the script with: install Python " + oldest +
		" or newer as python3, or set PENSTOCK_PYTHON to it and start the server again"
	if len(tried) == 0 {
		return Python{}, errors.New(what)
	}
	return Python{}, fmt.Errorf("%s (%w)", what, errors.Join(tried...))
}

// older reports whether version a is below b, number by number.
func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return len(as[i]) < len(bs[i]) || len(as[i]) == len(bs[i]) && as[i] < bs[i]
		}
	}
	return false
}

// lastLine is the last line of a text that has letters.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// Usual finds the interpreters of a user's environment: the one that PENSTOCK_PYTHON names and no other, or that of an active virtual
// environment and the python3 of the path.
func Usual(getenv func(string) string) (paths []string) {
	if named := getenv("PENSTOCK_PYTHON"); named != "" {
		return found(named)
	}
	if venv := getenv("VIRTUAL_ENV"); venv != "" {
		paths = found(filepath.Join(venv, "bin", "python"))
	}
	return append(paths, found("python3")...)
}

// found is the absolute path of a program, in a list; what is not there is left as it is, for whoever says what is wrong.
func found(name string) []string {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return []string{name}
	}
	return []string{path}
}

// passed are the names of the variables of a user's environment that programs get; a name that ends in * stands for all that begin so.
var passed = []string{"HOME", "PATH", "LANG", "LC_*", "TMPDIR", "JAVA_HOME", "PIP_*", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	"http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}

// Passed is what of an environment programs get: nothing of the user's AWS, whose keys and regions are not the job's.
func Passed(environ []string) (env []string) {
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		for _, p := range passed {
			if start, all := strings.CutSuffix(p, "*"); name == p || all && strings.HasPrefix(name, start) {
				env = append(env, kv)
				break
			}
		}
	}
	return env
}
