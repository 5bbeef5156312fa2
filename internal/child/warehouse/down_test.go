package warehouse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWarehouseThatDoesNotStart puts a file that is no database into the warehouse's folder: a statement fails and says so instead of
// waiting for ever, and once the file is gone the warehouse is there again with its rows.
func TestWarehouseThatDoesNotStart(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.run("CREATE TABLE t AS SELECT 7 AS a")
	bad := filepath.Join(r.dir, "warehouse", "shop", "bad~.duckdb")
	if err := os.WriteFile(bad, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	kill(t, r.w.PID("shop-wg"))
	if d := r.run("SELECT a FROM t"); d["Status"] != "FAILED" || !strings.Contains(d["Error"].(string), "the warehouse does not start") {
		t.Errorf("the statement is %v", d)
	}
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	for range 100 { // the next start may be five seconds away
		if d := r.run("SELECT a FROM t"); d["Status"] == "FINISHED" {
			break
		}
	}
	if got := r.rows("SELECT a FROM t"); got != "LongValue=7" {
		t.Errorf("afterwards: %s", got)
	}
}
