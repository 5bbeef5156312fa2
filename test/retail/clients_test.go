package retail

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/examples"
	"penstock/internal/testcorpus"
	"penstock/test/harness"
)

// landing puts the files of a folder below orders/.
const landing = `
import os
s3 = c('s3')
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        s3.upload_file(path, '` + raw + `', 'orders/' + os.path.relpath(path, sys.argv[1]))
`

// TestWithoutPenstock deploys what synth wrote by the AWS CLI, lands the files of the real shop by boto3, starts by the AWS CLI and asks
// by psql: the figures are exact, and the penstock command had no part in it.
func TestWithoutPenstock(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the AWS CLI polls slowly: not with -short")
	}
	input := filepath.Join(testcorpus.Dir(t), "data/online-retail")
	s := newShop(t, 0)
	s.deployByCLI()
	s.python(landing, input)
	s.startByCLI()
	got := figures(strings.Join(s.reportByPsql(), "\n"))
	for label, want := range realFigures {
		if got[label] != want {
			t.Errorf("%s: %s, want %s", label, got[label], want)
		}
	}
}

// sampled is the example with a sample, in a folder of its own.
func sampled(t *testing.T, rows int) string {
	t.Helper()
	dir := project(t)
	if _, err := examples.Generate(filepath.Join(dir, "sample"), rows); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (s *shop) aws(args ...string) string {
	s.Helper()
	return s.client(harness.Tool(s.T, "aws"), args...)
}

func (s *shop) deployByCLI() {
	s.Helper()
	harness.MustRun(s.T, s.dir, nil, "synth", "--out", "build")
	const assets = "s3://000000000000-us-east-1-penstock-assets"
	s.aws("s3", "mb", assets)
	s.aws("s3", "cp", "--recursive", "build/assets", assets)
	s.aws("cloudformation", "deploy", "--template-file", "build/template.json", "--stack-name", "penstock-retail",
		"--capabilities", "CAPABILITY_NAMED_IAM")
}

// startByCLI starts the machine and waits for its success.
func (s *shop) startByCLI() string {
	s.Helper()
	var started struct{ ExecutionArn string }
	if err := json.Unmarshal([]byte(s.aws("stepfunctions", "start-execution", "--state-machine-arn", machine, "--output", "json")),
		&started); err != nil {
		s.Fatal(err)
	}
	if end := s.ended(started.ExecutionArn); end.Status != types.ExecutionStatusSucceeded {
		s.Fatalf("the execution is %s: %s\n%s", end.Status, str(end.Error), str(end.Cause))
	}
	return started.ExecutionArn
}

func str(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// reportByPsql asks the report's queries by psql, as "label: figure" lines.
func (s *shop) reportByPsql() []string {
	s.Helper()
	out := s.client(harness.Tool(s.T, "psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-f", "sql/report.sql")
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		cells := strings.Split(line, "\t")
		last := len(cells) - 1
		lines = append(lines, strings.Join(cells[:last], " ")+": "+trimZeros(cells[last]))
	}
	return lines
}

// trimZeros shows a decimal as the report does, without zeros at its end.
func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
