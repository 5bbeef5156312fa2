package warehouse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestWarehouseThatDoesNotStart puts a file that is no database into the warehouse's folder: a statement fails and says so instead of
// waiting for ever, and once the file is gone the warehouse is there again with its rows.
func TestWarehouseThatDoesNotStart(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.run("CREATE TABLE t AS SELECT 7 AS a")
	bad := filepath.Join(r.folder(), "bad~.duckdb")
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

// TestCleanStopFoldsTheLog stops while a session sits in a transaction that wrote and a statement runs: the log is folded into the file, so
// that the next start reads none, with what was committed and nothing else.
func TestCleanStopFoldsTheLog(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.create()
	r.run("CREATE TABLE t AS SELECT 7 AS a")
	c, err := pgx.Connect(t.Context(), r.dsn())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for _, sql := range []string{"INSERT INTO t VALUES (8)", "BEGIN", "INSERT INTO t VALUES (9)"} {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(r.folder(), "dev~.duckdb.wal")
	if st, err := os.Stat(log); err != nil || st.Size() == 0 {
		t.Fatalf("there is no log to fold: %v", err)
	}
	r.stop()
	if st, err := os.Stat(log); err == nil && st.Size() > 0 {
		t.Errorf("the log has %d bytes after the stop", st.Size())
	}
	r = newRig(t, r.dir)
	if got := r.rows("SELECT sum(a), count(*) FROM t"); got != "LongValue=15 LongValue=2" {
		t.Errorf("afterwards: %s", got)
	}
}
