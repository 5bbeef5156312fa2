package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"penstock/test/harness"
)

// TestTerraform runs Terraform's own AWS provider over every kind of resource that the two have in common: made, changed and destroyed, and
// after each apply a plan finds nothing to do, so what was asked for is what is answered.
func TestTerraform(t *testing.T) {
	const where = "PENSTOCK_TERRAFORM" // where .ci/terraform has built both
	terraform := given(t, where, "terraform", "Terraform")
	provider := given(t, where, "terraform-provider-aws", "Terraform's AWS provider")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/terraform")); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "terraform.rc")
	rc := fmt.Sprintf("provider_installation {\n  dev_overrides { \"hashicorp/aws\" = %q }\n}\n", filepath.Dir(provider))
	if err := os.WriteFile(config, []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	rt := harness.Serve(t, t.TempDir())
	run := func(args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, terraform, append(args, "-no-color")...)
		cmd.Dir = dir
		cmd.Env = append(rt.Env(), "TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		if out, err := cmd.CombinedOutput(); err != nil { // a plan that is not empty ends with 2
			t.Fatalf("terraform %v: %v\n%s\nserver:\n%s", args, err, out, rt.Log())
		}
	}
	for _, comment := range []string{"first", "second"} {
		run("apply", "-auto-approve", "-var", "comment="+comment)
		run("plan", "-detailed-exitcode", "-var", "comment="+comment)
	}
	run("destroy", "-auto-approve", "-var", "comment=second")
	rt.Stop(t)
}
