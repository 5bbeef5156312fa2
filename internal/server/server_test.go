package server

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskeys "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"penstock/internal/api"
	"penstock/internal/api/coverage"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/service/cloudformation/resource"
)

var update = flag.Bool("update", false, "write docs/coverage.md")

func options(data string) Options {
	return Options{
		Data: data, HTTP: "127.0.0.1:0", Warehouse: "127.0.0.1:0", Regions: []string{"us-east-1"}, Clock: clock.Real{},
		Log: slog.New(slog.DiscardHandler), Exe: os.Args[0],
	}
}

func open(t *testing.T, data string) *Server {
	t.Helper()
	s, err := Open(t.Context(), options(data))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCoverageIsWhatTheServicesSay(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	got, err := coverage.Text(s.table.Services(), resource.Types())
	if err != nil {
		t.Fatal(err)
	}
	const page = "../../docs/coverage.md"
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("docs/coverage.md is not what the services say; run go test ./internal/server -update")
	}
}

func TestOneProcessHoldsADataDirectory(t *testing.T) {
	data := t.TempDir()
	s := open(t, data)
	h, held, err := Held(data, clock.Real{})
	if err != nil || !held || h.Endpoint != s.Endpoint() || h.Warehouse != s.Warehouse() {
		t.Errorf("held %v by %+v, %v", held, h, err)
	}
	if _, err := Open(t.Context(), options(data)); err == nil || !strings.Contains(err.Error(), "is in use by process") ||
		!strings.Contains(err.Error(), s.Endpoint()) {
		t.Errorf("a second server: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, held, err := Held(data, clock.Real{}); held || err != nil {
		t.Errorf("held %v after the end, %v", held, err)
	}
	again := open(t, data)
	defer again.Close()
	if again.Credentials() != s.Credentials() {
		t.Error("the second start made other keys")
	}
}

// TestLockOutlivesItsHolder has the lock held for a moment by nobody who says so, as a process does that a killed server was starting.
func TestLockOutlivesItsHolder(t *testing.T) {
	data := t.TempDir()
	for _, says := range []string{"", `{"pid":1073741824,"endpoint":"http://127.0.0.1:1"}`} { // no process has that number
		name := filepath.Join(data, lockName)
		if err := os.WriteFile(name, []byte(says), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(50*time.Millisecond, func() { f.Close() })
		l, err := acquire(data, clock.Real{})
		if err != nil {
			t.Fatalf("%q: %v", says, err)
		}
		if err := l.release(); err != nil {
			t.Error(err)
		}
	}
}

func TestPortInUseIsSaid(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	o := options(t.TempDir())
	o.HTTP = strings.TrimPrefix(s.Endpoint(), "http://")
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "listen for AWS clients") ||
		!strings.Contains(err.Error(), "in use") {
		t.Errorf("a used HTTP port: %v", err)
	}
	o = options(t.TempDir())
	o.Warehouse = s.Warehouse()
	if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "listen for warehouse clients") {
		t.Errorf("a used warehouse port: %v", err)
	}
	for addr, want := range map[string]string{"foo": `--listen "foo" is no address`, "127.0.0.1:99999": "a port from 0 to 65535",
		"127.0.0.1:":  "is no address",
		"192.0.2.1:0": "is no address of this machine"} {
		o = options(t.TempDir())
		o.HTTP = addr
		if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestSecretsAreTheOwners(t *testing.T) {
	data := t.TempDir()
	s := open(t, data)
	defer s.Close()
	for _, name := range []string{credentialsName, lockName} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	data := t.TempDir()
	open(t, data).Close()
	b, err := os.ReadFile(filepath.Join(data, "FORMAT"))
	if err != nil {
		t.Fatal(err)
	}
	newer := strings.Replace(string(b), "1", "99", 1)
	if err := os.WriteFile(filepath.Join(data, "FORMAT"), []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), options(data)); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("a newer format: %v", err)
	}
}

func TestRunServesAndStops(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	call := func(secret string) error {
		client := s3.NewFromConfig(aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(s.Endpoint()),
			Credentials: awskeys.NewStaticCredentialsProvider(s.Credentials().AccessKeyID, secret, ""),
		})
		_, err := client.ListBuckets(t.Context(), &s3.ListBucketsInput{})
		return err
	}
	if err := call(s.Credentials().SecretAccessKey); err != nil {
		t.Error(err)
	}
	if err := call("wrong"); err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		t.Errorf("a wrong secret: %v", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestFullDiskIsSaid: each service says the same of a full disk, which is no failure of its own.
func TestFullDiskIsSaid(t *testing.T) {
	for _, err := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		if got := Explain(fmt.Errorf("commit: %w", err)); got != meta.Full {
			t.Errorf("%v is explained as %q", err, got)
		}
	}
	if got := Explain(errors.New("anything else")); got != "" {
		t.Errorf("another error is explained as %q", got)
	}
	w := serveRegions(t, t.TempDir(), "us-east-1")
	limit := func(pages int) {
		if err := w.stores.meta.Update(w.ctx, func(tx *meta.Tx) error {
			_, err := tx.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // no more than there are
	for _, c := range [][3]string{
		{"s3", "CreateBucket", `{"Bucket": "bucket-N"}`},
		{"glue", "CreateDatabase", `{"DatabaseInput": {"Name": "dN", "Description": "LONG"}}`},
		{"states", "CreateStateMachine", `{"name": "mN", "roleArn": "arn:aws:iam::000000000000:role/r",
			"definition": "{\"StartAt\":\"a\",\"States\":{\"a\":{\"Type\":\"Succeed\",\"Comment\":\"LONG\"}}}"}`},
		{"logs", "CreateLogGroup", `{"logGroupName": "gN", "tags": {"a": "TEXT"}}`},
		{"monitoring", "PutMetricAlarm", `{"AlarmName": "aN", "AlarmDescription": "TEXT", "MetricName": "m", "Namespace": "n", "Statistic": "Sum",
			"Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}`},
		{"sns", "CreateTopic", `{"Name": "tN"}`},
		{"ssm", "PutParameter", `{"Name": "pN", "Type": "String", "Value": "LONG"}`},
		{"iam", "CreateRole", `{"RoleName": "rN", "Description": "TEXT", "AssumeRolePolicyDocument":
			"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"glue.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}`},
		{"redshift-serverless", "CreateNamespace", `{"namespaceName": "ns-N"}`},
		{"cloudformation", "CreateStack", `{"StackName": "sN", "TemplateBody":
			"{\"Resources\":{\"T\":{\"Type\":\"AWS::SNS::Topic\",\"Metadata\":\"LONG\"}}}"}`},
	} {
		var err error
		for n := 0; n < 300 && err == nil; n++ {
			in := strings.NewReplacer("N\"", fmt.Sprint(n)+`"`, "LONG", strings.Repeat("x", 2000), "TEXT", strings.Repeat("x", 200)).Replace(c[2])
			_, err = w.table.Invoke(w.ctx, c[0], c[1], json.RawMessage(in))
		}
		var e *api.Error
		if !errors.As(err, &e) || e.Message != meta.Full || e.Status < 500 {
			t.Errorf("%s.%s: %v", c[0], c[1], err)
		}
	}
	limit(1 << 20)
	w.call("us-east-1", "glue", "CreateDatabase", `{"DatabaseInput": {"Name": "afterwards"}}`)
}

// TestVacantWarehouseIsKnown: a server knows before it runs whether a workgroup will listen at its warehouse's port. A default one that was
// deleted does not come back.
func TestVacantWarehouseIsKnown(t *testing.T) {
	for _, c := range []struct {
		name, row string
		usual     bool
		want      bool
	}{
		{"a command's own", "", false, true},
		{"a first start", "", true, false},
		{"deleted", "INSERT INTO warehouse_first(region, made) VALUES ('us-east-1', true)", true, true},
		{"another region's", "INSERT INTO warehouse_first(region, made) VALUES ('eu-west-1', true)", true, false},
	} {
		o := options(t.TempDir())
		o.DefaultWorkgroup = c.usual
		s, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if c.row != "" {
			if err := s.stores.meta.Update(t.Context(), func(tx *meta.Tx) error { _, err := tx.Exec(c.row); return err }); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.Vacant(t.Context()); err != nil || got != c.want {
			t.Errorf("%s: vacant %t, %v, want %t", c.name, got, err, c.want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
