package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFunction(t *testing.T) {
	ctx := context.Background()
	e, err := Open(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := e.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	double := &Function{Name: "ps_double", Params: []Type{{ID: Varchar}}, Result: Type{ID: Varchar},
		Call: func(in []Vector, out *ColumnWriter, rows int) error {
			for i := range rows {
				if in[0].IsNull(i) {
					out.SetNull(i)
					continue
				}
				b := in[0].Bytes(i)
				if string(b) == "bad" {
					return errors.New("this is bad: \"bad\"")
				}
				if string(b) == "panic" {
					panic("oh")
				}
				out.SetText(i, append(append([]byte{}, b...), b...))
			}
			return nil
		}}
	if err := c.Register(double); err != nil {
		t.Fatal(err)
	}
	rows, err := c.Query(ctx, "SELECT ps_double(v) FROM (VALUES ('ab'), (NULL), ('0123456789')) t(v)")
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := rows.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range chunk.Size() {
		got = append(got, fmt.Sprint(chunk.Column(0).IsNull(i), chunk.Column(0).Text(i)))
	}
	rows.Close()
	if want := "falseabab true false01234567890123456789"; strings.ReplaceAll(strings.Join(got, " "), "false ", "false") != want {
		t.Errorf("have %q, want %q", got, want)
	}
	for sql, want := range map[string]string{"SELECT ps_double('bad')": `this is bad: "bad"`,
		"SELECT ps_double(v) FROM (VALUES ('a'), ('panic')) t(v)": "function ps_double failed: oh"} {
		_, err := c.Exec(ctx, sql)
		var ee *Error
		if !errors.As(err, &ee) || ee.Kind != KindValue || ee.Message != want {
			t.Errorf("%s: %v, want %q", sql, err, want)
		}
	}
}

func TestRegisterCost(t *testing.T) {
	ctx := context.Background()
	e, _ := Open(ctx, Options{})
	defer e.Close()
	c, _ := e.Conn(ctx)
	defer c.Close()
	began := time.Now()
	for i := range 150 {
		if err := c.Register(&Function{Name: fmt.Sprintf("ps_f%d", i), Params: []Type{{ID: Varchar}}, Result: Type{ID: Varchar}}); err != nil {
			t.Fatal(err)
		}
	}
	t.Log("150 functions", time.Since(began))
	began = time.Now()
	c.Exec(ctx, "BEGIN")
	for i := range 150 {
		c.Register(&Function{Name: fmt.Sprintf("ps_g%d", i), Params: []Type{{ID: Varchar}}, Result: Type{ID: Varchar}})
	}
	c.Exec(ctx, "COMMIT")
	t.Log("150 functions in one", time.Since(began))
}

// TestFunctionsOfAFile: DuckDB keeps no functions, so a file whose views and defaults name them must open before they are registered,
// after a clean end and from its log.
func TestFunctionsOfAFile(t *testing.T) {
	ctx := context.Background()
	f := &Function{Name: "ps_x", Params: []Type{{ID: Varchar}}, Result: Type{ID: Varchar},
		Call: func(in []Vector, out *ColumnWriter, rows int) error {
			for i := range rows {
				out.SetText(i, in[0].Bytes(i))
			}
			return nil
		}}
	dir := t.TempDir()
	open := func(name string) (*Engine, *Conn) {
		e, err := Open(ctx, Options{Path: filepath.Join(dir, name)})
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Register(f); err != nil {
			t.Fatal(err)
		}
		return e, c
	}
	e, c := open("a.db")
	for _, sql := range []string{"CREATE TABLE t (a VARCHAR DEFAULT ps_x('d'), b INTEGER)", "CREATE VIEW v AS SELECT ps_x(a) AS x FROM t",
		"INSERT INTO t (b) VALUES (1)", "UPDATE t SET a = ps_x('u')"} {
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, end := range []string{"", ".wal"} { // as a kill leaves it: the log holds everything
		data, err := os.ReadFile(filepath.Join(dir, "a.db"+end))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "b.db"+end), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	e.Close()
	for _, name := range []string{"a.db", "b.db"} {
		e, c := open(name)
		if _, err := c.Exec(ctx, "INSERT INTO t (b) VALUES (2)"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		rows, err := c.Query(ctx, "SELECT string_agg(x, ',' ORDER BY x) FROM t, v WHERE v.x = t.a")
		if err != nil {
			t.Fatal(err)
		}
		chunk, err := rows.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := chunk.Column(0).Text(0); got != "d,u" {
			t.Errorf("%s: %s", name, got)
		}
		rows.Close()
		c.Close()
		e.Close()
	}
}

// TestFunctionWithoutMemory makes results that do not fit the engine's limit: the statement ends, and the process goes on.
func TestFunctionWithoutMemory(t *testing.T) {
	ctx := context.Background()
	e, err := Open(ctx, Options{MemoryLimit: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := e.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	wide := &Function{Name: "ps_wide", Params: []Type{{ID: BigInt}}, Result: Type{ID: Varchar},
		Call: func(_ []Vector, out *ColumnWriter, rows int) error {
			for i := range rows {
				out.SetText(i, make([]byte, 1<<20))
			}
			return nil
		}}
	many := &Function{Name: "ps_many", Params: []Type{{ID: BigInt}}, Result: Type{ID: List, Elem: &Type{ID: BigInt}},
		Call: func(_ []Vector, out *ColumnWriter, _ int) error {
			out.List(1 << 30)
			return nil
		}}
	for _, f := range []*Function{wide, many} {
		if err := c.Register(f); err != nil {
			t.Fatal(err)
		}
		var ee *Error
		if _, err := c.Exec(ctx, "SELECT "+f.Name+"(i) FROM range(3000) r(i)"); !errors.As(err, &ee) || ee.Code != "53200" {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if _, err := c.Exec(ctx, "SELECT count(*) FROM range(10)"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
