package retail

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/examples"
	"penstock/test/harness"
)

const (
	machine = "arn:aws:states:us-east-1:000000000000:stateMachine:retail"
	header  = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
)

// A shop is the example in a folder of the test's own, served, with clients of its services.
type shop struct {
	*testing.T
	dir    string
	rt     *harness.Runtime
	s3     *s3.Client
	glue   *glue.Client
	states *sfn.Client
}

// newShop makes the example with a sample of so many rows (0: without) and serves it.
func newShop(t *testing.T, rows int, env ...string) *shop {
	t.Helper()
	s := &shop{T: t, dir: project(t)}
	if rows > 0 {
		if _, err := examples.Generate(filepath.Join(s.dir, "sample"), rows); err != nil {
			t.Fatal(err)
		}
	}
	s.serve(env...)
	return s
}

// slow leaves a test to the whole suite.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not with -short")
	}
}

// in is the same shop in a subtest.
func (s *shop) in(t *testing.T) *shop {
	c := *s
	c.T = t
	return &c
}

// serve starts the server, or starts it again.
func (s *shop) serve(env ...string) {
	s.Helper()
	s.rt = harness.Serve(s.T, filepath.Join(s.dir, ".penstock"), env...)
	s.s3 = s3.NewFromConfig(s.rt.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	s.glue = glue.NewFromConfig(s.rt.Config())
	s.states = sfn.NewFromConfig(s.rt.Config())
}

// run is "penstock run" that must end well.
func (s *shop) run(args ...string) harness.Result {
	s.Helper()
	return harness.MustRun(s.T, s.dir, nil, append([]string{"run"}, args...)...)
}

// runFails is "penstock run" that must end with code 1.
func (s *shop) runFails(args ...string) harness.Result {
	s.Helper()
	r := harness.Run(s.T, s.dir, nil, append([]string{"run"}, args...)...)
	if r.Code != 1 {
		s.Fatalf("the run ends with code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	return r
}

// ask gives the lines of a query's answer, without the header.
func (s *shop) ask(sql string) []string {
	s.Helper()
	lines := strings.Split(strings.TrimRight(query(s.T, s.dir, s.rt, sql), "\n"), "\n")
	return lines[1:]
}

// one is the answer of a query that has one value.
func (s *shop) one(sql string) string {
	s.Helper()
	lines := s.ask(sql)
	if len(lines) != 1 {
		s.Fatalf("%s: %d rows", sql, len(lines))
	}
	return lines[0]
}

// want compares the answer of a query that has one value.
func (s *shop) want(sql, value string) {
	s.Helper()
	if got := s.one(sql); got != value {
		s.Errorf("%s: %s, want %s", sql, got, value)
	}
}

// client runs a client program against the server and returns what it prints.
func (s *shop) client(name string, args ...string) string {
	s.Helper()
	out, err := s.tryClient(name, args...)
	if err != nil {
		s.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func (s *shop) tryClient(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = s.dir, s.rt.Env()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// python runs lines of boto3; c(service) makes a client.
func (s *shop) python(script string, args ...string) string {
	s.Helper()
	const begin = "import boto3, sys\n" +
		"from botocore.config import Config\n" +
		"def c(service): return boto3.client(service, config=Config(s3={'addressing_style': 'path'}))\n"
	return s.client(harness.Python(s.T, "boto3"), append([]string{"-c", begin + script}, args...)...)
}

// objects are the keys of a bucket below a prefix, with their ETags.
func (s *shop) objects(bucket, prefix string) map[string]string {
	s.Helper()
	m := map[string]string{}
	pages := s3.NewListObjectsV2Paginator(s.s3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			s.Fatal(err)
		}
		for _, o := range page.Contents {
			m[aws.ToString(o.Key)] = aws.ToString(o.ETag)
		}
	}
	return m
}

// executions are all executions of the machine, the newest first.
func (s *shop) executions() []types.ExecutionListItem {
	s.Helper()
	out, err := s.states.ListExecutions(context.Background(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(machine)})
	if err != nil {
		s.Fatal(err)
	}
	return out.Executions
}

// history is every event of an execution.
func (s *shop) history(execution string) (events []types.HistoryEvent) {
	s.Helper()
	pages := sfn.NewGetExecutionHistoryPaginator(s.states, &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			s.Fatal(err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// entered are the names of the states that an execution entered, in order.
func (s *shop) entered(execution string) (names []string) {
	s.Helper()
	for _, e := range s.history(execution) {
		if e.StateEnteredEventDetails != nil {
			names = append(names, aws.ToString(e.StateEnteredEventDetails.Name))
		}
	}
	return names
}

// ended waits until an execution has ended.
func (s *shop) ended(execution string) *sfn.DescribeExecutionOutput {
	s.Helper()
	var out *sfn.DescribeExecutionOutput
	s.eventually(5*time.Minute, "the execution ends", func() bool {
		var err error
		if out, err = s.states.DescribeExecution(context.Background(), &sfn.DescribeExecutionInput{ExecutionArn: &execution}); err != nil {
			s.Fatal(err)
		}
		return out.Status != types.ExecutionStatusRunning
	})
	return out
}

// eventually waits until something holds.
func (s *shop) eventually(limit time.Duration, what string, holds func() bool) {
	s.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("not in %v: %s\n%s", limit, what, s.rt.Log())
		}
	}
}

// sample are the files of the sample, in order of their days.
func (s *shop) sample() []string {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "sample/*/*/*/*.gz"))
	if err != nil || len(files) == 0 {
		s.Fatalf("%d files of the sample, %v", len(files), err)
	}
	slices.Sort(files)
	return files
}

// readLines unpacks a file, header first.
func readLines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

func packed(t *testing.T, lines []string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(strings.Join(lines, "\n") + "\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// edit replaces text in a file of the project; the text must be there.
func (s *shop) edit(name, old, new string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	b, err := os.ReadFile(path)
	if err != nil {
		s.Fatal(err)
	}
	if !bytes.Contains(b, []byte(old)) {
		s.Fatalf("%s has no %q", name, old)
	}
	writeFile(s.T, path, bytes.Replace(b, []byte(old), []byte(new), 1))
}

// report is what a run prints about the data, without what differs from run to run.
func report(r harness.Result) string {
	var kept []string
	for _, line := range strings.Split(r.Stdout, "\n") {
		label, _, _ := strings.Cut(line, ": ")
		if !slices.Contains([]string{"run", "seconds", "files landed", "nothing new"}, label) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// fresh is the report of a runtime that has never seen anything but the given folder.
func fresh(t *testing.T, input string) string {
	t.Helper()
	dir := project(t)
	return report(harness.MustRun(t, dir, nil, "run", "--input", input))
}

// order is one line of a daily file.
func order(invoice, stock string, quantity int, day, price, country string) string {
	return fmt.Sprintf("%s,%s,A THING,%d,%s 10:00:00,%s,14000.0,%s", invoice, stock, quantity, day, price, country)
}
