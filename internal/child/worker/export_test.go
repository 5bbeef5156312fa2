package worker

import (
	"testing"

	"penstock/internal/engine"
)

// Text is a query's result, a row a line, columns parted by |.
func Text(t testing.TB, e *engine.Engine, sql string) string {
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
