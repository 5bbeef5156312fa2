package clients

import (
	"os/exec"
	"strings"
	"testing"

	"penstock/test/harness"
)

// TestNoWorkgroupYet asks a fresh runtime by psql: one clear line, not a client that waits for a warehouse that nobody has made.
func TestNoWorkgroupYet(t *testing.T) {
	psql := harness.Tool(t, "psql")
	rt := harness.Serve(t, t.TempDir())
	cmd := exec.CommandContext(t.Context(), psql, "-c", "SELECT 1")
	cmd.Env = rt.Env()
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "there is no workgroup yet") || strings.Count(strings.TrimSpace(string(out)), "\n") > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
