package warehouse

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

var update = flag.Bool("update", false, "rewrite what the .test files expect")

// TestScripts runs testdata/*.test, each in a warehouse of its own. A block is a line of words, SQL, and after ---- what is expected:
//
//	[conn NAME] ok            the statement runs; the expectation is its command tag (and notices)
//	[conn NAME] query         the expectation is its rows, columns divided by |, NULL as NULL
//	[conn NAME] error         the expectation is SQLSTATE, message, detail
//
// Blocks are divided by blank lines; # begins a comment line. Each name is a connection of its own.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".test"), func(t *testing.T) { runScript(t, f) })
	}
}

type block struct{ head, sql, want string }

func parseScript(text string) []block {
	var out []block
	for _, part := range strings.Split(text, "\n\n") {
		var lines []string
		for _, l := range strings.Split(part, "\n") {
			if !strings.HasPrefix(l, "#") {
				lines = append(lines, l)
			}
		}
		head, rest, _ := strings.Cut(strings.Trim(strings.Join(lines, "\n"), "\n"), "\n")
		sql, want, _ := strings.Cut(rest+"\n", "----\n")
		if head != "" {
			out = append(out, block{head, strings.TrimSpace(sql), strings.TrimSpace(want)})
		}
	}
	return out
}

func runScript(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, addr := start(t, t.TempDir(), bucketsFolder(t))
	conns := map[string]*scriptConn{}
	var now []string
	for _, b := range parseScript(string(text)) {
		words := strings.Fields(b.head)
		name, mode := "a", words[0]
		if words[0] == "conn" {
			name, mode = words[1], words[2]
		}
		if conns[name] == nil {
			conns[name] = dial(t, addr)
		}
		got := conns[name].run(b.sql, mode)
		now = append(now, b.head+"\n"+b.sql+"\n----\n"+got)
		if strings.TrimSpace(got) != b.want && !*update {
			t.Errorf("%s\n%s\ngot:\n%s\nwant:\n%s", b.head, b.sql, got, b.want)
		}
	}
	if *update {
		rewrite(t, file, string(text), now)
	}
}

// rewrite puts the answers in, keeping the comments.
func rewrite(t *testing.T, file, text string, now []string) {
	var out []string
	for _, part := range strings.Split(text, "\n\n") {
		var comments []string
		only := true
		for _, l := range strings.Split(strings.Trim(part, "\n"), "\n") {
			if strings.HasPrefix(l, "#") {
				comments = append(comments, l)
			} else if l != "" {
				only = false
			}
		}
		if !only {
			comments = append(comments, strings.TrimRight(now[0], "\n"))
			now = now[1:]
		}
		if len(comments) > 0 {
			out = append(out, strings.Join(comments, "\n"))
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

type scriptConn struct {
	c       *pgconn.PgConn
	notices []string
}

func dial(t *testing.T, addr string) *scriptConn {
	t.Helper()
	s := &scriptConn{}
	cfg, err := pgconn.ParseConfig("postgres://admin:pw@" + addr + "/dev?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { s.notices = append(s.notices, n.Severity+":  "+n.Message) }
	if s.c, err = pgconn.ConnectConfig(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.c.Close(context.Background()) })
	return s
}

// run gives what a statement answered, in the form of its mode.
func (s *scriptConn) run(sql, mode string) string {
	s.notices = nil
	return strings.ReplaceAll(s.answer(sql, mode), "\n\n", "\n")
}

func (s *scriptConn) answer(sql, mode string) string {
	results, err := s.c.Exec(context.Background(), sql).ReadAll()
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		out := pe.Code + " " + pe.Message
		if pe.Detail != "" {
			out += "\nDETAIL: " + pe.Detail
		}
		if mode != "error" {
			out = "ERROR: " + out
		}
		return out
	}
	if err != nil {
		return "BROKEN: " + err.Error()
	}
	var out []string
	for _, r := range results {
		if mode != "query" {
			out = append(out, r.CommandTag.String())
			continue
		}
		for _, row := range r.Rows {
			out = append(out, strings.Join(cells(row), "|"))
		}
	}
	return strings.Join(append(s.notices, out...), "\n")
}

func cells(row [][]byte) []string {
	out := make([]string, len(row))
	for i, c := range row {
		out[i] = string(c)
		if c == nil {
			out[i] = "NULL"
		}
	}
	return out
}

// bucketsFolder makes the objects that the scripts load.
func bucketsFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range objects(t) {
		path := filepath.Join(dir, "lake", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
