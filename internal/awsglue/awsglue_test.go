package awsglue

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	paths := make([]string, 8)
	var all sync.WaitGroup
	for i := range paths { // processes may write at once
		all.Add(1)
		go func() {
			defer all.Done()
			p, err := Write(filepath.Join(dir, "python"))
			if err != nil {
				t.Error(err)
			}
			paths[i] = p
		}()
	}
	all.Wait()
	for _, p := range paths {
		if p != paths[0] {
			t.Fatalf("written to %s and %s", p, paths[0])
		}
	}
	var names []string
	err := fs.WalkDir(FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, name)
		want, err := fs.ReadFile(FS(), name)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(paths[0], name))
		if err != nil {
			return err
		}
		info, err := os.Stat(filepath.Join(paths[0], name))
		if err != nil {
			return err
		}
		if string(got) != string(want) || info.Mode().Perm() != 0o644 {
			t.Errorf("%s has %d bytes and mode %v, want %d", name, len(got), info.Mode(), len(want))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(names, " "); !strings.Contains(text, "awsglue/context.py") || !strings.Contains(text, "awsgluedq/transforms.py") ||
		!strings.Contains(text, "awsglue/transforms/__init__.py") || strings.Contains(text, "pycache") {
		t.Errorf("files: %s", text)
	}
	left, err := os.ReadDir(filepath.Join(dir, "python"))
	if err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
	if _, err := Write("/dev/null/x"); err == nil {
		t.Error("a folder that cannot be made gives no error")
	}
}

// TestEveryFile holds what is embedded against the folder: a new package must be named in the directive.
func TestEveryFile(t *testing.T) {
	err := filepath.WalkDir("python", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "__pycache__") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(path), "python/")
		if _, err := fs.Stat(FS(), name); err != nil {
			t.Errorf("%s is not embedded", name)
		}
		head, _, _ := strings.Cut(string(b), "\n")
		if !strings.Contains(head, "SPDX-License-Identifier: Apache-2.0") {
			t.Errorf("%s does not begin with its licence", name)
		}
		lines := strings.Split(string(b), "\n")
		if len(lines) > 601 {
			t.Errorf("%s has %d lines", name, len(lines))
		}
		for i, l := range lines {
			if len([]rune(l)) > 140 {
				t.Errorf("%s:%d has %d characters", name, i+1, len([]rune(l)))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// venv is the Python that has pyspark 3.5: PENSTOCK_PYSPARK_VENV, or python3 if it has one.
func venv(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("Spark takes a minute: without -short")
	}
	python := "python3"
	if v := os.Getenv("PENSTOCK_PYSPARK_VENV"); v != "" {
		python = filepath.Join(v, "bin", "python")
	}
	if out, err := exec.Command(python, "-c", "import pyspark").CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("PENSTOCK_PYSPARK_VENV names no venv with pyspark: %s: %s", python, out)
		}
		t.Skipf("%s has no pyspark: pip install pyspark==3.5.6 into a venv, and name it by PENSTOCK_PYSPARK_VENV", python)
	}
	if _, err := exec.LookPath("java"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no java")
		}
		t.Skip("there is no java 17")
	}
	return python
}

// TestPython runs the Python tests in one JVM.
func TestPython(t *testing.T) {
	python := venv(t)
	written, err := Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-W", "ignore", "-m", "unittest", "discover", "-s", "testdata/tests")
	cmd.Env = append(os.Environ(), "AWSGLUE_PYTHON="+written, "TMPDIR="+t.TempDir(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "\nOK") {
		t.Fatalf("no test was counted:\n%s", out)
	}
}
