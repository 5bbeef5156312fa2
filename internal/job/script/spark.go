package script

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"penstock/internal/pattern"
)

// A Spark is an installation that answers: pip's pyspark of an interpreter, and a Java that fits it.
type Spark struct {
	Python  Python
	Version string // 3.5.6
	Hadoop  string // 3.3.4
	Scala   string // 2.12
	Home    string // the folder that bin/spark-submit lies in
	Java    string // the Java that runs it, absolute
	JavaOf  int    // its version: 17
}

// A GlueVersion is what AWS runs the jobs of one version with:
// https://docs.aws.amazon.com/glue/latest/dg/release-notes.html.
type GlueVersion struct{ Glue, Spark, Python string }

// GlueVersions are the versions that jobs may ask for, the newest first.
func GlueVersions() []GlueVersion {
	return []GlueVersion{{"6.0", "4.1.1", "3.13"}, {"5.1", "3.5.6", "3.11"}, {"5.0", "3.5.4", "3.11"}, {"4.0", "3.3.0", "3.10"},
		{"3.0", "3.1.1", "3.7"}, {"2.0", "2.4.3", "3.7"}, {"1.0", "2.4.3", "3.6"}, {"0.9", "2.2.1", "2.7"}}
}

// UsualGlue is the version of a job that asks for none.
const UsualGlue = "5.1"

// Recommended is the pyspark that is told to who has none: that of UsualGlue.
const Recommended = "3.5.6"

// Mismatch says that a job of a Glue version runs with another Spark or Python than on AWS, or "".
func (s Spark) Mismatch(glue string) string {
	if glue == "" {
		glue = UsualGlue
	}
	for _, v := range GlueVersions() {
		if v.Glue != glue {
			continue
		}
		if minor(v.Spark) == minor(s.Version) && v.Python == minor(s.Python.Version) {
			return ""
		}
		return fmt.Sprintf("Glue %s has Spark %s and Python %s; this run has Spark %s and Python %s", glue, v.Spark, v.Python, s.Version,
			s.Python.Version)
	}
	return fmt.Sprintf("Glue %s is not known; this run has Spark %s and Python %s", glue, s.Version, s.Python.Version)
}

// minor is a version without its third number.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// Spark is the first installation that answers; the error says what is missing and how to install it.
func (h *Host) Spark(ctx context.Context) (Spark, error) {
	p, err := h.withPyspark(ctx)
	if err != nil {
		return Spark{}, err
	}
	s := Spark{Python: p, Version: p.Pyspark, Home: p.SparkHome}
	if err := s.readJars(); err != nil {
		return s, err
	}
	if s.Java, s.JavaOf, err = h.java(ctx); err != nil {
		return s, err
	}
	return s, s.fits()
}

// withPyspark is the first interpreter that has pyspark; each is asked once.
func (h *Host) withPyspark(ctx context.Context) (Python, error) {
	var first Python
	for _, path := range h.Pythons {
		p, err := Probe(ctx, path, h.Env)
		if err == nil && p.Pyspark != "" {
			return p, nil
		}
		if err == nil && first.Path == "" {
			first = p
		}
	}
	if first.Path == "" {
		return h.Python(ctx) // whose error says what is wrong with each
	}
	return first, fmt.Errorf("%s (Python %s) has no pyspark: run %s -m pip install pyspark==%s, or set PENSTOCK_PYTHON to a Python that "+
		"has it and start the server again", first.Path, first.Version, first.Path, Recommended)
}

var (
	hadoopJar = pattern.Lazy(`^hadoop-client-api-(.+)\.jar$`)
	scalaJar  = pattern.Lazy(`^spark-core_([0-9.]+)-.+\.jar$`)
)

// readJars finds the versions of what pyspark brings along.
func (s *Spark) readJars() error {
	list, err := os.ReadDir(filepath.Join(s.Home, "jars"))
	if err != nil {
		return fmt.Errorf("pyspark %s is not whole: %w", s.Version, err)
	}
	for _, f := range list {
		if m := hadoopJar().FindStringSubmatch(f.Name()); m != nil {
			s.Hadoop = m[1]
		}
		if m := scalaJar().FindStringSubmatch(f.Name()); m != nil {
			s.Scala = m[1]
		}
	}
	if s.Hadoop == "" || s.Scala == "" {
		return fmt.Errorf("pyspark %s in %s is not whole: it has no hadoop-client-api or no spark-core", s.Version, s.Home)
	}
	return nil
}

// java finds the Java of the user's environment and its version.
func (h *Host) java(ctx context.Context) (path string, version int, err error) {
	path = "java"
	if home := h.getenv("JAVA_HOME"); home != "" {
		path = filepath.Join(home, "bin", "java")
	} else if found := h.lookPath("java"); found != "" {
		path = found
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, path, "-version")
	c.Env, c.Stderr, c.Stdout = append([]string{}, h.Env...), &out, &out
	if err := c.Run(); err != nil {
		return path, 0, fmt.Errorf("spark-submit needs Java 17, and %s does not start (%w): install a JDK 17 or set JAVA_HOME, and start the "+
			"server again", path, err)
	}
	version = javaVersion(out.String())
	if version == 0 {
		return path, 0, fmt.Errorf("%s does not say its version as Java does", path)
	}
	return path, version, nil
}

var javaSays = pattern.Lazy(`version "(?:1\.)?([0-9]+)`)

// javaVersion is 17 of `openjdk version "17.0.15"` and 8 of `java version "1.8.0_402"`, or 0.
func javaVersion(text string) int {
	m := javaSays().FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// fits reports as an error that Java is none of those that this Spark runs on.
func (s Spark) fits() error {
	from, to := 8, 21
	if !older(s.Version, "4.0") {
		from, to = 17, 25
	}
	if s.JavaOf < from || s.JavaOf > to {
		return fmt.Errorf("pyspark %s runs on Java %d to %d, and %s is Java %d: set JAVA_HOME to another, and start the server again",
			s.Version, from, to, s.Java, s.JavaOf)
	}
	return nil
}

func (h *Host) getenv(name string) string {
	for _, kv := range h.Env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

// lookPath finds a program on the host's path, which need not be this process's.
func (h *Host) lookPath(name string) string {
	for _, dir := range filepath.SplitList(h.getenv("PATH")) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 && filepath.IsAbs(path) {
			return path
		}
	}
	return ""
}
