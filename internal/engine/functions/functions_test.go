package functions

import (
	"context"
	"strings"
	"testing"
	"time"

	"penstock/internal/convert"
	"penstock/internal/engine"
)

// TestRegister registers all functions twice, as two databases of a process do, and says how long it takes.
func TestRegister(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range all(convert.Redshift, convert.Spark) {
		if seen[f.Name] || !strings.HasPrefix(f.Name, "ps_") {
			t.Errorf("%s is there twice, or has no name of ours", f.Name)
		}
		seen[f.Name] = true
	}
	for range 2 {
		e, err := engine.Open(context.Background(), engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		c, err := e.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		began := time.Now()
		if err := Register(c, Limits{}); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d functions in %v", len(seen), time.Since(began))
	}
}
