package sqltest

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/engine"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

var update = flag.Bool("update", false, "write what the statements give into the .test files")

// A .test file is a list of blocks divided by empty lines: the statement, a line "----", and what it gives: a line "name type, ..." and a
// line a row, cells divided by " | ", NULL as "NULL", an empty text as "(empty)". A block without "----" is run and gives nothing;
// "error: text" stands for a refusal (only its first line counts). A block that begins with "#" is a comment.
type block struct {
	comment bool
	sql     string
	want    string
	checked bool
	have    string
}

func readBlocks(t testing.TB, path string) []block {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	for _, text := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		b := block{comment: strings.HasPrefix(text, "#")}
		b.sql, b.want, b.checked = strings.Cut(text, "\n----")
		b.want = strings.TrimPrefix(b.want, "\n")
		out = append(out, b)
	}
	return out
}

func writeBlocks(t testing.TB, path string, blocks []block) {
	t.Helper()
	var parts []string
	for _, b := range blocks {
		text := b.sql
		if b.checked {
			text += "\n----\n" + b.want
		}
		parts = append(parts, strings.TrimRight(text, "\n"))
	}
	if err := os.WriteFile(path, []byte(strings.Join(parts, "\n\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// text writes a result as the files have it.
func (r *result) text() string {
	if r == nil {
		return "ok"
	}
	var b strings.Builder
	for i, c := range r.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.Name + " " + c.Type.String())
	}
	for i, row := range r.rows {
		b.WriteString("\n")
		for j, cell := range row {
			if j > 0 {
				b.WriteString(" | ")
			}
			switch {
			case r.nulls[i][j]:
				cell = "NULL"
			case cell == "":
				cell = "(empty)"
			}
			b.WriteString(cell)
		}
	}
	return b.String()
}

func runFile(t *testing.T, e *engine.Engine, path string, d *dialect.Dialect) []block {
	conn, err := e.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &session{dialect: d, conn: conn, tables: map[string]typed.Relation{}}
	blocks := readBlocks(t, path)
	for i, b := range blocks {
		if b.comment {
			continue
		}
		if d == dialect.Spark && strings.HasPrefix(b.sql, "!") { // a definition, in Redshift SQL
			s.dialect = dialect.Redshift
			if _, err := s.run(b.sql[1:]); err != nil {
				t.Errorf("%s: %v", b.sql, err)
			}
			s.dialect = d
			continue
		}
		res, err := s.run(b.sql)
		have := ""
		switch {
		case err != nil:
			first, _, _ := strings.Cut(err.Error(), "\n")
			have = "error: " + first
		case b.checked:
			have = res.text()
		}
		blocks[i].have = have
		if !b.checked && err != nil {
			t.Errorf("%s\n%v", b.sql, err)
		}
	}
	return blocks
}

// right reports whether a block gave what it should.
func (b block) right() bool { return !b.checked || b.have == b.want }

// altered is a block with one value of its expectation changed: the last character of the last row.
func (b block) altered() block {
	if n := len(b.want); n > 0 {
		last := byte('~')
		b.want = b.want[:n-1] + string(last)
	}
	return b
}

func TestText(t *testing.T) {
	for name, d := range map[string]*dialect.Dialect{"spark": dialect.Spark, "redshift": dialect.Redshift} {
		paths, err := filepath.Glob("testdata/" + name + "/*.test")
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files for %s: %v", name, err)
		}
		for _, path := range paths {
			t.Run(name+"/"+strings.TrimSuffix(filepath.Base(path), ".test"), func(t *testing.T) {
				blocks := runFile(t, newEngine(t), path, d)
				for i, b := range blocks {
					if b.checked && b.altered().right() {
						t.Errorf("%s\nis called right with an altered expectation", b.sql)
					}
					if !b.right() && !*update {
						t.Errorf("%s\nhave:\n%s\nwant:\n%s", b.sql, b.have, b.want)
					}
					blocks[i].want = b.have
				}
				if *update {
					writeBlocks(t, path, blocks)
				}
			})
		}
	}
}
