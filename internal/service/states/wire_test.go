package states

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/api"
	"penstock/internal/api/door"
	"penstock/internal/clock"
	"penstock/internal/testcorpus"
)

const (
	testKey    = "AKIATESTTESTTESTTEST"
	testSecret = "secretsecretsecretsecretsecretsecretsecr"
)

// served is the service behind the HTTP door, its tasks included.
func served(t *testing.T) *httptest.Server {
	t.Helper()
	b := quick(t, nil)
	quiet := slog.New(slog.DiscardHandler)
	table := api.NewTable([]api.Service{b.API()}, quiet)
	b.Invoker = table
	keys := func(id string) (string, api.Principal, bool) {
		return testSecret, api.Principal{ARN: "arn:aws:iam::000000000000:root", Account: "000000000000", AccessKeyID: id}, id == testKey
	}
	srv := httptest.NewServer(door.New(api.Only("us-east-1", table), keys, clock.Real{}, quiet))
	t.Cleanup(srv.Close)
	return srv
}

// runClient runs a program of testdata against the service; it must print that all its checks passed.
func runClient(t *testing.T, srv *httptest.Server, tool, script string) {
	t.Helper()
	path, err := exec.LookPath(tool)
	testcorpus.NeedTool(t, err == nil, tool)
	file, err := filepath.Abs(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, file)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+srv.URL, "AWS_ACCESS_KEY_ID="+testKey, "AWS_SECRET_ACCESS_KEY="+testSecret,
		"AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1", "AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "all checks passed") {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
}

func TestBoto3(t *testing.T) {
	err := exec.Command("python3", "-c", "import boto3").Run()
	testcorpus.NeedTool(t, err == nil, "the Python module boto3")
	runClient(t, served(t), "python3", "boto3_states.py")
}

func TestCLI(t *testing.T) {
	_, err := exec.LookPath("aws")
	testcorpus.NeedTool(t, err == nil, "the AWS CLI")
	runClient(t, served(t), "bash", "cli_states.sh")
}
