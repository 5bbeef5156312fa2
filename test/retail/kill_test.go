package retail

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"penstock/test/harness"
)

// deployed is a served shop whose stack is there and whose sample has landed, and that has not run.
func deployed(t *testing.T, rows int, env ...string) *shop {
	t.Helper()
	s := newShop(t, rows, env...)
	s.deploy()
	for _, f := range s.sample() {
		s.put(raw, key(s.dir, f), f)
	}
	return s
}

// deploy makes the stack of what synth writes.
func (s *shop) deploy() {
	s.Helper()
	harness.MustRun(s.T, s.dir, nil, "synth", "--out", "build")
	const assets = "000000000000-us-east-1-penstock-assets"
	if _, err := s.s3.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: aws.String(assets)}); err != nil {
		s.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "build/assets/*"))
	if err != nil || len(files) == 0 {
		s.Fatalf("%d assets, %v", len(files), err)
	}
	for _, f := range files {
		s.put(assets, filepath.Base(f), f)
	}
	template, err := os.ReadFile(filepath.Join(s.dir, "build/template.json"))
	if err != nil {
		s.Fatal(err)
	}
	stacks := cloudformation.NewFromConfig(s.rt.Config())
	stack := aws.String("penstock-retail")
	if _, err := stacks.CreateStack(context.Background(), &cloudformation.CreateStackInput{
		StackName: stack, TemplateBody: aws.String(string(template)), Capabilities: []cftypes.Capability{cftypes.CapabilityCapabilityNamedIam},
	}); err != nil {
		s.Fatal(err)
	}
	s.eventually(2*time.Minute, "the stack is complete", func() bool {
		out, err := stacks.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: stack})
		return err == nil && out.Stacks[0].StackStatus == cftypes.StackStatusCreateComplete
	})
}

func (s *shop) put(bucket, key, file string) {
	s.Helper()
	f, err := os.Open(file)
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	if _, err := s.s3.PutObject(context.Background(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: f}); err != nil {
		s.Fatal(err)
	}
}

// start starts the machine and does not wait.
func (s *shop) start() string {
	s.Helper()
	out, err := s.states.StartExecution(context.Background(), &sfn.StartExecutionInput{StateMachineArn: aws.String(machine)})
	if err != nil {
		s.Fatal(err)
	}
	return aws.ToString(out.ExecutionArn)
}

func (s *shop) succeeds(execution string) {
	s.Helper()
	if end := s.ended(execution); end.Status != types.ExecutionStatusSucceeded {
		s.Fatalf("the execution is %s: %s\n%s\n%s", end.Status, str(end.Error), str(end.Cause), s.rt.Log())
	}
}

// jobRuns are the runs of one of the pipeline's jobs, the latest first.
func (s *shop) jobRuns(job string) []gluetypes.JobRun {
	s.Helper()
	out, err := s.glue.GetJobRuns(context.Background(), &glue.GetJobRunsInput{JobName: aws.String("retail-" + job)})
	if err != nil {
		s.Fatal(err)
	}
	return out.JobRuns
}

// freezeIn stops the worker of a job as soon as it runs.
func (s *shop) freezeIn(job string) (pid int, thaw func()) {
	s.Helper()
	return s.rt.Freeze(s.T, "worker", func(int) bool {
		runs := s.jobRuns(job)
		return len(runs) > 0 && runs[0].JobRunState == gluetypes.JobRunStateRunning
	})
}

// TestWorkerKilled kills a worker by kill -9: its job run is FAILED, the machine retries it, S3 answers throughout, and the figures are
// as if nothing had happened.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	s := deployed(t, 1000)
	execution := s.start()
	pid, _ := s.freezeIn("sales")
	stop, polled := s.answers()
	if err := harness.Signal(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.succeeds(execution)
	stop()
	if n := polled(); n < 20 {
		t.Errorf("S3 was asked %d times only", n)
	}
	runs := s.jobRuns("sales")
	if len(runs) != 2 || runs[0].JobRunState != gluetypes.JobRunStateSucceeded || runs[1].JobRunState != gluetypes.JobRunStateFailed {
		t.Fatalf("the job's runs are %+v", runs)
	}
	if why := aws.ToString(runs[1].ErrorMessage); !strings.Contains(why, "worker ended") || !strings.Contains(why, "killed") {
		t.Errorf("the killed run says %q", why)
	}
	if got, want := strings.Join(s.reportByPsql(), "\n"), s.sampleReport(); got != want {
		t.Errorf("after the kill:\n%s\nwant\n%s", got, want)
	}
}

// answers asks S3 all the time, until stop; every answer must be good.
func (s *shop) answers() (stop func(), polled func() int) {
	done, ended, n := make(chan struct{}), make(chan struct{}), 0
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
			}
			if _, err := s.s3.ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: aws.String(raw)}); err != nil {
				s.Errorf("S3: %v", err)
				return
			}
			n++
		}
	}()
	return func() { close(done); <-ended }, func() int { return n }
}

// sampleReport is the report of another runtime on the same sample, as reportByPsql writes it.
func (s *shop) sampleReport() string {
	s.Helper()
	return strings.TrimSpace(fresh(s.T, filepath.Join(s.dir, "sample")))
}

// TestWarehouseKilled kills the warehouse by kill -9 while it works: the statement fails clearly, for the Data API and for psql, and the
// committed rows are there again within seconds.
func TestWarehouseKilled(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newShop(t, 1000)
	s.run()
	rows := s.one("SELECT count(*) FROM shop.sales")
	const long = "SELECT count(*) FROM shop.sales a, shop.sales b, shop.sales c, shop.sales d " +
		"WHERE a.quantity + b.quantity + c.quantity > d.quantity"
	psql, connected := make(chan string, 1), filepath.Join(t.TempDir(), "connected")
	go func() {
		out, err := s.tryClient(harness.Tool(t, "psql"), "-X", "-c", "SELECT 1", "-c", `\! touch '`+connected+`'`, "-c", long)
		if err == nil {
			out = "psql succeeds: " + out
		}
		psql <- out
	}()
	id := strings.TrimSpace(s.python(`
import time
d = c('redshift-data')
i = d.execute_statement(WorkgroupName='retail', Database='dev', Sql=sys.argv[1])['Id']
while d.describe_statement(Id=i)['Status'] != 'STARTED': time.sleep(.02)
print(i)
`, long))
	s.eventually(2*time.Minute, "psql is connected", func() bool { _, err := os.Stat(connected); return err == nil })
	for _, pid := range s.rt.Children("warehouse") {
		if err := harness.Signal(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	killed := time.Now()
	s.want("SELECT count(*) FROM shop.sales", rows)
	if took := time.Since(killed); took > time.Minute {
		t.Errorf("the rows are back after %v", took)
	}
	out := s.python("r = c('redshift-data').describe_statement(Id=sys.argv[1])\nprint(r['Status'], r.get('Error'))\n", id)
	if !strings.HasPrefix(out, "FAILED ") || !strings.Contains(out, "warehouse") {
		t.Errorf("the statement that was cut off is %s", out)
	}
	select {
	case out := <-psql:
		if strings.Contains(out, "succeeds") || !strings.Contains(out, "connection") {
			t.Errorf("psql prints %s", out)
		}
	case <-time.After(2 * time.Minute):
		t.Error("psql waits for a dead warehouse")
	}
	s.want("SELECT count(*) FROM shop.sales", rows)
	if r := s.run(); !strings.Contains(r.Stdout, "nothing new") {
		t.Errorf("the next run says\n%s", r.Stdout)
	}
}

// TestServerKilled kills the server by kill -9 in the middle of an execution: after a restart it goes on, the events from before are the
// same, and each task ran to success once.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	s := deployed(t, 1000)
	execution := s.start()
	s.freezeIn("sales")
	before := s.historyText(execution)
	s.rt.Kill()
	s.serve()
	s.succeeds(execution)
	after := s.historyText(execution)
	if len(before) < 20 || len(after) <= len(before) {
		t.Fatalf("%d events before, %d after", len(before), len(after))
	}
	for i, event := range before {
		if after[i] != event {
			t.Errorf("event %d was\n%s\nand is\n%s", i+1, event, after[i])
		}
	}
	for _, job := range []string{"manifest", "check-orders", "products", "sales", "daily"} {
		runs := s.jobRuns(job)
		if len(runs) != 1 || runs[0].JobRunState != gluetypes.JobRunStateSucceeded {
			t.Errorf("%s ran %d times: %+v", job, len(runs), runs)
		}
	}
	succeeded := map[string]int{}
	state, asks := "", false // asking how something stands is done as often as it takes
	for _, e := range s.history(execution) {
		switch {
		case e.StateEnteredEventDetails != nil:
			state = aws.ToString(e.StateEnteredEventDetails.Name)
		case e.TaskScheduledEventDetails != nil:
			asks = slices.Contains([]string{"describeStatement", "getCrawler"}, aws.ToString(e.TaskScheduledEventDetails.Resource))
		case e.Type == types.HistoryEventTypeTaskSucceeded && !asks:
			succeeded[state]++
		}
	}
	for state, n := range succeeded {
		if n != 1 {
			t.Errorf("%s succeeded %d times", state, n)
		}
	}
	if len(succeeded) < 10 {
		t.Errorf("the tasks are %v", succeeded)
	}
	s.want("SELECT count(*) FROM penstock.loads", "2")
	if got, want := strings.Join(s.reportByPsql(), "\n"), s.sampleReport(); got != want {
		t.Errorf("after the kill:\n%s\nwant\n%s", got, want)
	}
}

// historyText is every event as the wire has it.
func (s *shop) historyText(execution string) (events []string) {
	s.Helper()
	var page struct{ Events []json.RawMessage }
	out := s.python(`
import json
from botocore.awsrequest import AWSResponse
sfn, bodies = c('stepfunctions'), []
sfn.meta.events.register('response-received.*', lambda response_dict, **_: bodies.append(response_dict['body']))
token = {}
while True:
    r = sfn.get_execution_history(executionArn=sys.argv[1], maxResults=1000, **token)
    if 'nextToken' not in r: break
    token = {'nextToken': r['nextToken']}
print(bodies[0].decode())
`, execution)
	if err := json.Unmarshal([]byte(out), &page); err != nil {
		s.Fatal(err)
	}
	for _, e := range page.Events {
		events = append(events, string(e))
	}
	return events
}

// TestInputsDeleted deletes every version of the inputs while the job reads them: the job is right, and the bytes are swept later.
func TestInputsDeleted(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "points")
	s := deployed(t, 20000, "PENSTOCK_KILL_LOG="+log, "PENSTOCK_GARBAGE_DELAY=50ms")
	want := s.sampleReport()
	execution := s.start()
	// The fifth job, daily, has the text of its SQL, the manifest and at last the files of its inputs, and has not written.
	reads := func() bool {
		b, err := os.ReadFile(log)
		parts := strings.Split(string(b), "job.running\n")
		return err == nil && len(parts) == 6 && strings.Count(parts[5], "job.resolved\n") == 3 && !strings.Contains(parts[5], "publish")
	}
	_, thaw := s.rt.Freeze(t, "worker", func(int) bool { return reads() })
	if !reads() {
		t.Fatal("the job was not stopped while it read")
	}
	blobs := s.blobs()
	pages := s3.NewListObjectVersionsPaginator(s.s3, &s3.ListObjectVersionsInput{Bucket: aws.String(raw)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var gone s3types.Delete
		for _, v := range page.Versions {
			gone.Objects = append(gone.Objects, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		if _, err := s.s3.DeleteObjects(context.Background(), &s3.DeleteObjectsInput{Bucket: aws.String(raw), Delete: &gone}); err != nil {
			t.Fatal(err)
		}
	}
	if left := s.objects(raw, ""); len(left) > 0 {
		t.Fatalf("%v are left", left)
	}
	time.Sleep(200 * time.Millisecond) // garbage is collected several times
	for _, b := range blobs {
		if _, err := os.Stat(b); err != nil {
			t.Errorf("bytes that the job reads are swept: %v", err)
		}
	}
	thaw()
	s.succeeds(execution)
	if got := strings.Join(s.reportByPsql(), "\n"); got != want {
		t.Errorf("with deleted inputs:\n%s\nwant\n%s", got, want)
	}
	s.eventually(2*time.Minute, "the bytes of the deleted files are swept", func() bool {
		now := s.blobs()
		n := 0
		for _, b := range blobs {
			if slices.Contains(now, b) {
				n++
			}
		}
		return n <= len(blobs)-len(s.sample())
	})
}

// blobs are the files that hold bytes of objects.
func (s *shop) blobs() (files []string) {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.rt.Data, "blobs/*/*"))
	if err != nil || len(files) == 0 {
		s.Fatalf("%d blobs, %v", len(files), err)
	}
	return files
}
