package retail

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/test/harness"
)

// TestBadCalls gets everything wrong that can be got wrong around a run: one clear line and code 1 each, and nothing is lost.
func TestBadCalls(t *testing.T) {
	t.Parallel()
	s := newShop(t, 200)
	first := report(s.run())
	port := strings.TrimPrefix(s.rt.Endpoint, "http://")
	warehouse := s.rt.Vars["PGHOST"] + ":" + s.rt.Vars["PGPORT"]
	serve := func(args ...string) []string {
		return append([]string{"serve", "--listen", "127.0.0.1:0", "--warehouse-listen", "127.0.0.1:0"}, args...)
	}
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"missing folder", []string{"run", "--input", "nowhere"}, []string{"--input", "nowhere", "there is no folder"}},
		{"a file for a folder", []string{"run", "--input", "pipeline.yaml"}, []string{"pipeline.yaml is no folder"}},
		{"empty folder", []string{"run", "--input", t.TempDir()}, []string{"there is no file in"}},
		{"no pipeline", []string{"run", "sql"}, []string{"no pipeline.yaml in sql"}},
		{"data directory in use", serve(), []string{"is in use by process", s.rt.Endpoint}},
		{"port in use", serve("--data", t.TempDir(), "--listen", port), []string{port, "is in use by another program", "--listen"}},
		{"warehouse port in use", serve("--data", t.TempDir(), "--warehouse-listen", warehouse),
			[]string{warehouse, "is in use by another program", "--warehouse-listen"}},
		{"no such table", []string{"query", "SELECT * FROM shop.nothing"}, []string{`relation "shop.nothing" does not exist`}},
		{"no runtime", []string{"env", "--data", t.TempDir()}, []string{"no runtime has been started"}},
	} {
		t.Run(c.name, func(t *testing.T) { wantLine(t, harness.Run(t, s.dir, nil, c.args...), c.says...) })
	}
	t.Run("wrong keys", func(t *testing.T) { s.in(t).wrongKeys() })
	t.Run("wrong password", func(t *testing.T) {
		out, err := s.tryClient(harness.Tool(t, "psql"), "-X", "-c", "SELECT 1", "postgresql://admin:wrong@"+warehouse+"/dev")
		told := strings.Count(out, `password authentication failed for user "admin"`)
		if err == nil || told == 0 || told != strings.Count(out, "\n") { // a line for each try: with TLS, then without
			t.Errorf("psql: %v\n%s", err, out)
		}
	})
	if again := report(s.run()); again != first {
		t.Errorf("after all that:\n%s\nwant\n%s", again, first)
	}
}

// wantLine holds a failed command to one line on stderr, after those of steps that were done.
func wantLine(t *testing.T, r harness.Result, says ...string) {
	t.Helper()
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(r.Stderr, "\n"), "\n") {
		if !strings.HasPrefix(line, " ") {
			lines = append(lines, line)
		}
	}
	last := strings.Join(lines, "\n")
	if r.Code != 1 || !strings.HasPrefix(last, "penstock: ") || strings.Contains(last, "RequestID") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	if n := len(lines); n > 1 && !strings.HasPrefix(lines[1], "  Position: ") {
		t.Errorf("%d lines:\n%s", n, last)
	}
	for _, part := range says {
		if !strings.Contains(last, part) {
			t.Errorf("it does not say %q:\n%s", part, last)
		}
	}
}

// wrongKeys calls with a wrong secret and with a key that does not exist, by the program and by the AWS CLI.
func (s *shop) wrongKeys() {
	s.Helper()
	name := filepath.Join(s.rt.Data, "credentials")
	good, err := os.ReadFile(name)
	if err != nil {
		s.Fatal(err)
	}
	defer writeFile(s.T, name, good)
	for _, v := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		right := s.rt.Vars[v]
		wrong := strings.Repeat("Z", len(right))
		writeFile(s.T, name, bytes.Replace(good, []byte(right), []byte(wrong), 1))
		wantLine(s.T, harness.Run(s.T, s.dir, nil, "run"), "refuses the key")
		wantLine(s.T, harness.Run(s.T, s.dir, nil, "query", "SELECT 1"), "refuses the key")
		s.rt.Vars[v] = wrong
		if out, err := s.tryClient(harness.Tool(s.T, "aws"), "s3", "ls"); err == nil || !strings.Contains(out, "An error occurred (") {
			s.Errorf("the AWS CLI with a wrong %s: %v\n%s", v, err, out)
		}
		s.rt.Vars[v] = right
	}
}
