package reading

import (
	"context"
	"testing"

	"penstock/internal/child/task"
	"penstock/internal/child/worker/reading/readingtest"
	"penstock/internal/engine"
)

func retailParts(t testing.TB, s *Source) []Part {
	t.Helper()
	parts, err := s.Parts(readingtest.RetailFiles(t), func(task.File) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

func TestLoadRealFiles(t *testing.T) {
	s, err := NewSource(readingtest.Retail())
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), engine.Options{Threads: 2, MemoryLimit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	parts := retailParts(t, s)
	got, err := Load(t.Context(), e, "src", s, parts, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got.rows != 541909 || got.rejected != 0 {
		t.Errorf("%d rows, %d rejected", got.rows, got.rejected)
	}
	figures := text(t, e, `SELECT count(*), count(customerid), count(description), sum(quantity), count(*) FILTER (unitprice <= 0),
		count(DISTINCT _penstock_file), min(_penstock_line), min(partition_0), max(partition_2) FROM `+s.Relation("src", parts, nil))
	if want := "541909|406829|540455|5176450|2517|305|2|2010|31\n"; figures != want {
		t.Errorf("got %s, want %s", figures, want)
	}
}

// text is a query's result, a row a line, columns parted by |.
func text(t testing.TB, e *engine.Engine, sql string) string {
	t.Helper()
	c, err := e.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b []byte
	for {
		ch, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ch == nil {
			return string(b)
		}
		for i := range ch.Size() {
			for k := range r.Columns() {
				if k > 0 {
					b = append(b, '|')
				}
				b = ch.Column(k).AppendText(b, i)
			}
			b = append(b, '\n')
		}
	}
}

func BenchmarkLoadRealFiles(b *testing.B) {
	s, err := NewSource(readingtest.Retail())
	if err != nil {
		b.Fatal(err)
	}
	parts := retailParts(b, s)
	for b.Loop() {
		e, err := engine.Open(context.Background(), engine.Options{Threads: 2, MemoryLimit: 1 << 30})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Load(b.Context(), e, "src", s, parts, 2); err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
