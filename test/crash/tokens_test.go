package crash

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	rdtypes "github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"penstock/test/harness"
)

// taskNames are the tasks of the machine under test, in their order.
var taskNames = []string{"s3", "sns", "glue", "logs", "metric", "child", "statement"}

// TestTaskKilled kills the server at each task of an execution, once between its answer and the commit and once between the commit
// and the history's note of it: after another start the execution ends well, and each task has had its effect once.
func TestTaskKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("two starts for each task and point: not with -short")
	}
	for _, point := range []string{"call.answered", "states.invoked"} {
		for i, task := range taskNames {
			t.Run(point+"/"+task, func(t *testing.T) {
				t.Parallel()
				killTask(t, fmt.Sprintf("%s:%d", point, i+1))
			})
		}
	}
}

func killTask(t *testing.T, point string) {
	data := t.TempDir()
	topic := newSubscriber(t)
	w := &tasks{harness.Serve(t, data, "PENSTOCK_KILL_AT="+point)}
	w.prepare(t, topic)
	machine, err := sfn.NewFromConfig(w.Config()).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{Name: aws.String("m"),
		Definition: aws.String(definition(w.machine(t, "child", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`))),
		RoleArn:    aws.String(role)})
	if err != nil {
		t.Fatal(err)
	}
	// The kill may come before this is answered; the execution is there then, for a task of it has run.
	ex := strings.Replace(*machine.StateMachineArn, ":stateMachine:", ":execution:", 1) + ":x"
	_, err = sfn.NewFromConfig(w.Config()).StartExecution(t.Context(),
		&sfn.StartExecutionInput{StateMachineArn: machine.StateMachineArn, Name: aws.String("x")})
	for deadline := time.Now().Add(time.Minute); err != nil && !w.Ended(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	for !w.Ended() {
		time.Sleep(20 * time.Millisecond)
		d, err := sfn.NewFromConfig(w.Config(), func(o *sfn.Options) { o.RetryMaxAttempts = 1 }).DescribeExecution(t.Context(),
			&sfn.DescribeExecutionInput{ExecutionArn: &ex})
		if err == nil && d.Status != sfntypes.ExecutionStatusRunning {
			t.Fatalf("the execution is %s before the kill: %s", d.Status, aws.ToString(d.Cause))
		}
	}
	w = &tasks{harness.Serve(t, data)}
	if d := w.finish(t, ex); d.Status != sfntypes.ExecutionStatusSucceeded {
		t.Fatalf("after the kill: %s %s %s", d.Status, aws.ToString(d.Error), aws.ToString(d.Cause))
	}
	w.count(t, topic)
	w.Stop(t)
}

const role = "arn:aws:iam::000000000000:role/x"

// definition is a machine with the tasks in a row.
func definition(childMachine string) string {
	resources := map[string]string{
		"s3":   `"arn:aws:states:::aws-sdk:s3:putObject","Parameters":{"Bucket":"lake","Key":"k","Body":"x","IfNoneMatch":"*"}`,
		"sns":  `"arn:aws:states:::sns:publish","Parameters":{"TopicArn":"arn:aws:sns:us-east-1:000000000000:t","Message":"hello"}`,
		"glue": `"arn:aws:states:::glue:startJobRun","Parameters":{"JobName":"j"}`,
		"logs": `"arn:aws:states:::aws-sdk:cloudwatchlogs:putLogEvents","Parameters":{"LogGroupName":"g","LogStreamName":"s",` +
			`"LogEvents":[{"Timestamp":` + fmt.Sprint(time.Now().UnixMilli()) + `,"Message":"m"}]}`,
		"metric": `"arn:aws:states:::aws-sdk:cloudwatch:putMetricData",` +
			`"Parameters":{"Namespace":"N","MetricData":[{"MetricName":"M","Value":1}]}`,
		"child": `"arn:aws:states:::states:startExecution","Parameters":{"StateMachineArn":"` + childMachine + `"}`,
		"statement": `"arn:aws:states:::aws-sdk:redshiftdata:executeStatement",` +
			`"Parameters":{"WorkgroupName":"group","Database":"dev","Sql":"insert into t values (1)"}`,
	}
	states := map[string]json.RawMessage{"end": json.RawMessage(`{"Type":"Succeed"}`)}
	for i, name := range taskNames {
		next := append(taskNames, "end")[i+1]
		states[name] = json.RawMessage(`{"Type":"Task","Resource":` + resources[name] + `,"ResultPath":null,"Next":"` + next + `"}`)
	}
	text, _ := json.Marshal(map[string]any{"StartAt": taskNames[0], "States": states})
	return string(text)
}

// tasks is a server with what the tasks work on.
type tasks struct{ *harness.Runtime }

func (w *tasks) s3() *s3.Client {
	return s3.NewFromConfig(w.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

func (w *tasks) machine(t *testing.T, name, def string) string {
	t.Helper()
	m, err := sfn.NewFromConfig(w.Config()).CreateStateMachine(t.Context(),
		&sfn.CreateStateMachineInput{Name: &name, Definition: &def, RoleArn: aws.String(role)})
	if err != nil {
		t.Fatal(err)
	}
	return *m.StateMachineArn
}

func (w *tasks) prepare(t *testing.T, topic *subscriber) {
	t.Helper()
	ctx := t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	versioned(t, w.s3())
	must(sns.NewFromConfig(w.Config()).CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("t")}))
	must(sns.NewFromConfig(w.Config()).Subscribe(ctx,
		&sns.SubscribeInput{TopicArn: aws.String("arn:aws:sns:us-east-1:000000000000:t"), Protocol: aws.String("http"), Endpoint: &topic.URL}))
	topic.confirm(t)
	must(glue.NewFromConfig(w.Config()).CreateJob(ctx, &glue.CreateJobInput{Name: aws.String("j"), Role: aws.String("r"),
		Command:           &gluetypes.JobCommand{Name: aws.String("pythonshell"), ScriptLocation: aws.String("s3://lake/none.py")},
		ExecutionProperty: &gluetypes.ExecutionProperty{MaxConcurrentRuns: 5}}))
	logs := cloudwatchlogs.NewFromConfig(w.Config())
	must(logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}))
	must(logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}))
	rs := redshiftserverless.NewFromConfig(w.Config())
	must(rs.CreateNamespace(ctx, &redshiftserverless.CreateNamespaceInput{NamespaceName: aws.String("space")}))
	must(rs.CreateWorkgroup(ctx,
		&redshiftserverless.CreateWorkgroupInput{WorkgroupName: aws.String("group"), NamespaceName: aws.String("space")}))
	w.sql(t, "create table t(x int)")
}

// sql runs a statement to its end and gives its first cell.
func (w *tasks) sql(t *testing.T, text string) int64 {
	t.Helper()
	c := redshiftdata.NewFromConfig(w.Config())
	st, err := c.ExecuteStatement(t.Context(),
		&redshiftdata.ExecuteStatementInput{WorkgroupName: aws.String("group"), Database: aws.String("dev"), Sql: &text})
	if err != nil {
		t.Fatal(err)
	}
	for {
		d, err := c.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: st.Id})
		switch {
		case err != nil:
			t.Fatal(err)
		case d.Status == rdtypes.StatusStringFinished && !aws.ToBool(d.HasResultSet):
			return 0
		case d.Status == rdtypes.StatusStringFinished:
			r, err := c.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: st.Id})
			if err != nil {
				t.Fatal(err)
			}
			return r.Records[0][0].(*rdtypes.FieldMemberLongValue).Value
		case d.Status == rdtypes.StatusStringFailed || d.Status == rdtypes.StatusStringAborted:
			t.Fatalf("%s: %s %s", text, d.Status, aws.ToString(d.Error))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *tasks) finish(t *testing.T, execution string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for {
		d, err := sfn.NewFromConfig(w.Config()).DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &execution})
		if err != nil {
			t.Fatal(err)
		}
		if d.Status != sfntypes.ExecutionStatusRunning {
			return d
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// count looks at the effects of the tasks.
func (w *tasks) count(t *testing.T, topic *subscriber) {
	t.Helper()
	ctx := t.Context()
	expect := func(what string, n int, err error) {
		t.Helper()
		if err != nil || n != 1 {
			t.Errorf("%s: %d, %v; want 1", what, n, err)
		}
	}
	versions, err := w.s3().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String("lake")})
	expect("versions", len(versions.Versions), err)
	runs, err := glue.NewFromConfig(w.Config()).GetJobRuns(ctx, &glue.GetJobRunsInput{JobName: aws.String("j")})
	expect("job runs", len(runs.JobRuns), err)
	events, err := cloudwatchlogs.NewFromConfig(w.Config()).FilterLogEvents(ctx,
		&cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("g")})
	expect("log events", len(events.Events), err)
	now := time.Now()
	points, err := cloudwatch.NewFromConfig(w.Config()).GetMetricStatistics(ctx,
		&cloudwatch.GetMetricStatisticsInput{Namespace: aws.String("N"),
			MetricName: aws.String("M"), StartTime: aws.Time(now.Add(-2 * time.Hour).Truncate(time.Hour)), EndTime: aws.Time(now.Add(time.Hour)),
			Period: aws.Int32(6 * 3600), Statistics: []cwtypes.Statistic{cwtypes.StatisticSampleCount}})
	var samples float64
	for _, p := range points.Datapoints {
		samples += *p.SampleCount
	}
	expect("samples", int(samples), err)
	children, err := sfn.NewFromConfig(w.Config()).ListExecutions(ctx,
		&sfn.ListExecutionsInput{StateMachineArn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:child")})
	expect("nested executions", len(children.Executions), err)
	statements, err := redshiftdata.NewFromConfig(w.Config()).ListStatements(ctx,
		&redshiftdata.ListStatementsInput{WorkgroupName: aws.String("group"), Database: aws.String("dev"), Status: rdtypes.StatusStringAll})
	inserts := 0
	for _, s := range statements.Statements {
		if strings.HasPrefix(aws.ToString(s.QueryString), "insert") {
			inserts++
		}
	}
	expect("insert statements", inserts, err)
	if n := w.sql(t, "select count(*) from t"); n > 1 { // a statement that the kill has cut is FAILED and not begun again
		t.Errorf("%d rows", n)
	}
	expect("messages", topic.count(), nil)
}

// A subscriber is an endpoint of a topic. It counts the messages that it is given, each of which may come more than once.
type subscriber struct {
	*httptest.Server
	mu   sync.Mutex
	url  string
	seen map[string]bool
}

func newSubscriber(t *testing.T) *subscriber {
	s := &subscriber{seen: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct{ Type, MessageID, SubscribeURL string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if m.Type == "SubscriptionConfirmation" {
			s.url = m.SubscribeURL
			return
		}
		s.seen[m.MessageID] = true
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *subscriber) confirm(t *testing.T) {
	t.Helper()
	for {
		s.mu.Lock()
		url := s.url
		s.mu.Unlock()
		if url != "" {
			resp, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// count waits for the first message.
func (s *subscriber) count() int {
	for range 1000 {
		s.mu.Lock()
		n := len(s.seen)
		s.mu.Unlock()
		if n > 0 {
			return n
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0
}
