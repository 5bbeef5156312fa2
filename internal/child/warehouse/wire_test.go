package warehouse_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/clock"

	"log/slog"
)

const (
	testKey    = "AKIATESTTESTTESTTEST"
	testSecret = "secretsecretsecretsecretsecretsecretsecr"
)

// TestClients runs every operation by boto3, and the usual ones by the AWS CLI, through the door.
func TestClients(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python many times: not with -short")
	}
	r := newRig(t, t.TempDir())
	keys := func(id string) (string, api.Principal, bool) {
		return testSecret, api.Principal{ARN: "arn:aws:iam::000000000000:root", Account: "000000000000", AccessKeyID: id}, id == testKey
	}
	srv := httptest.NewServer(door.New(api.Only("us-east-1", r.table), keys, clock.Real{}, slog.New(slog.DiscardHandler)))
	t.Cleanup(srv.Close)
	for _, script := range [][]string{{"python3", "boto3_redshift.py"}, {"bash", "cli_redshift.sh"}} {
		t.Run(script[1], func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join("testdata", script[1]))
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), script[0], path)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+srv.URL, "AWS_ACCESS_KEY_ID="+testKey, "AWS_SECRET_ACCESS_KEY="+testSecret,
				"AWS_DEFAULT_REGION=us-east-1",
				"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_CA_BUNDLE=")
			out, err := cmd.CombinedOutput()
			missing := strings.Contains(string(out), "No module named") || strings.Contains(string(out), "command not found") ||
				strings.Contains(string(out), "not installed")
			if missing && os.Getenv("CI") != "true" {
				t.Skip(string(out))
			}
			if err != nil || !strings.Contains(string(out), "all checks passed") {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}
