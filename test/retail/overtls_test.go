package retail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/examples"
	"penstock/test/harness"
)

// TestOverTLS runs the example against a server whose HTTP port speaks TLS only: run, query, status and logs find its certificate by the
// data directory, workers and loads need none, and clients of both ports get along with what "penstock env" exports, verifying it.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	s := &shop{T: t, dir: project(t)}
	if _, err := examples.Generate(filepath.Join(s.dir, "sample"), 1000); err != nil {
		t.Fatal(err)
	}
	s.rt = harness.ServeWith(t, filepath.Join(s.dir, ".penstock"), "--tls")
	if !strings.HasPrefix(s.rt.Endpoint, "https://") {
		t.Fatalf("the endpoint is %s", s.rt.Endpoint)
	}
	got := figures(s.run().Stdout)
	if got["rows landed"] != "1000" {
		t.Errorf("the figures are %v", got)
	}
	s.want("SELECT count(*) FROM shop.sales", got["rows kept"])
	for command, want := range map[string]string{"status": "SUCCEEDED", "logs": "ExecutionSucceeded"} {
		if out := harness.MustRun(t, s.dir, nil, command).Stdout; !strings.Contains(out, want) {
			t.Errorf("%s says %s", command, out)
		}
	}
	file := filepath.Join(t.TempDir(), "pairs.csv")
	if err := os.WriteFile(file, []byte("a,1\nb,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.aws("s3", "cp", file, "s3://"+raw+"/pairs/pairs.csv")
	for _, sql := range []string{"CREATE TABLE pairs(name VARCHAR(9), n INT)",
		"COPY pairs FROM 's3://" + raw + "/pairs/' IAM_ROLE default CSV"} {
		s.psql(sql)
	}
	if got := s.psql("SELECT sum(n) FROM pairs"); got != "3" {
		t.Errorf("after a COPY over TLS the sum is %s", got)
	}
	s.rt.Vars["PGSSLROOTCERT"] = "/dev/null" // nobody's
	if out, err := s.tryClient(harness.Tool(t, "psql"), "-Atc", "SELECT 1"); err == nil {
		t.Errorf("psql takes any certificate: %s", out)
	}
}

// psql asks over TLS, verifying the certificate and its name.
func (s *shop) psql(sql string) string {
	s.Helper()
	s.rt.Vars["PGSSLMODE"] = "verify-full"
	return strings.TrimSpace(s.client(harness.Tool(s.T, "psql"), "-Atc", sql))
}
