package clients

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"

	"penstock/test/harness"
)

// TestNoWorkgroup asks a runtime without a workgroup by psql: one clear line, not a client that waits for a warehouse that nobody has made.
func TestNoWorkgroup(t *testing.T) {
	psql := harness.Tool(t, "psql")
	rt := harness.Serve(t, t.TempDir())
	c := redshiftserverless.NewFromConfig(rt.Config())
	if _, err := c.DeleteWorkgroup(t.Context(), &redshiftserverless.DeleteWorkgroupInput{WorkgroupName: aws.String("default")}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), psql, "-c", "SELECT 1")
	cmd.Env = rt.Env()
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no workgroup listens here") || strings.Count(strings.TrimSpace(string(out)), "\n") > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	says := "create-workgroup --workgroup-name default --namespace-name default"
	if _, stdout, stderr := env(t, rt); !strings.Contains(stderr, says) || strings.Contains(stderr, "create-namespace") ||
		!strings.Contains(stdout, "export AWS_ENDPOINT_URL=") {
		t.Errorf("env says %s%s", stdout, stderr)
	}
	if r := harness.Run(t, t.TempDir(), nil, "query", "--data", rt.Data, "SELECT 1"); r.Code != 1 || !strings.Contains(r.Stderr, says) {
		t.Errorf("query: code %d, %s", r.Code, r.Stderr)
	}
}

// TestEnvLogsIn: what "penstock env" exports is good for a namespace that was made without a word about passwords.
func TestEnvLogsIn(t *testing.T) {
	rt := harness.Serve(t, t.TempDir())
	c := redshiftserverless.NewFromConfig(rt.Config())
	if _, err := c.CreateNamespace(t.Context(),
		&redshiftserverless.CreateNamespaceInput{NamespaceName: aws.String("env-ns"), DbName: aws.String("envdb")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateWorkgroup(t.Context(),
		&redshiftserverless.CreateWorkgroupInput{WorkgroupName: aws.String("env-wg"), NamespaceName: aws.String("env-ns")}); err != nil {
		t.Fatal(err)
	}
	out, stderr, code := psql(t, rt, nil, "-d", "envdb", "-Atc", "SELECT 1")
	if out != "1" || code != 0 {
		t.Errorf("code %d: %s %s", code, out, stderr)
	}
}
