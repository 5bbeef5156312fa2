package clients

import (
	"os/exec"
	"strings"
	"testing"

	"penstock/internal/service/glue"
	"penstock/test/harness"
)

// TestGlue calls every operation of the catalog, crawlers, rulesets and tags by boto3 and by the AWS CLI.
func TestGlue(t *testing.T) {
	python := harness.Python(t, "boto3", "awscli")
	r := harness.Serve(t, t.TempDir())
	var ops []string
	for _, op := range glue.New(glue.Deps{}).API().Ops {
		if !strings.Contains(op.Name, "Job") { // jobs have a test of their own
			ops = append(ops, op.Name)
		}
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/glue.py")
	cmd.Env = append(r.Env(), "OPS="+strings.Join(ops, ","))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, r.Log())
	}
}
