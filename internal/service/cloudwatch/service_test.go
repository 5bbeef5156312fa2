package cloudwatch

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/meta/due"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

var t0 = time.Date(2026, 11, 24, 12, 0, 30, 0, time.UTC)

func open(t *testing.T) (*Service, *clock.Manual) {
	c := clock.NewManual(t0)
	env := moduletest.Open(t, t.TempDir(), c, due.Schema, tag.Schema, metric.Schema)
	return New(env, metric.Open(env.Meta, env.Region, c)), c
}

func table(s *Service) api.Invoker {
	return api.NewTable([]api.Service{s.API()}, slog.New(slog.DiscardHandler))
}

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}, nil).API()) }

func TestHonours(t *testing.T) {
	apitest.Vary(t, "testdata/honours.test", New(module.Env{}, nil).API(), func(t *testing.T) (api.Invoker, context.Context) {
		s, _ := open(t)
		return table(s), apitest.Context(t)
	})
}

func TestRefusals(t *testing.T) {
	s, _ := open(t)
	inv, ctx := table(s), apitest.Context(t)
	alarm := func(extra string) string {
		return `{"AlarmName":"a","Namespace":"N","MetricName":"M","Statistic":"Sum","Period":60,"EvaluationPeriods":1,"Threshold":1,` +
			`"ComparisonOperator":"GreaterThanThreshold"` + extra + `}`
	}
	for _, c := range []struct{ op, in, code, text string }{
		{"GetMetricData", `{}`, "UnknownOperationException", "GetMetricData"},
		{"PutCompositeAlarm", `{}`, "UnknownOperationException", "PutCompositeAlarm"},
		{"PutMetricData", `{"Namespace":"AWS/X","MetricData":[{"MetricName":"M","Value":1}]}`, invalidValue, "AWS/"},
		{"PutMetricData", `{"Namespace":"N","MetricData":[{"MetricName":"M"}]}`, missingParameter, "member.1.Value"},
		{"PutMetricData", `{"Namespace":"N","MetricData":[{"MetricName":"M","Value":1e200}]}`, invalidValue, "Value"},
		{"PutMetricData", `{"Namespace":"N","MetricData":[{"MetricName":"M","Value":1,"Values":[1]}]}`, invalidCombination, "mutually exclusive"},
		{"PutMetricData", `{"Namespace":"N","MetricData":[{"MetricName":"M","Value":1,"Timestamp":"2026-11-01T00:00:00Z"}]}`,
			invalidValue, "two weeks ago"},
		{"PutMetricData", `{"Namespace":"N","MetricData":[{"MetricName":"M","Value":1,"Timestamp":"2026-11-24T15:00:00Z"}]}`,
			invalidValue, "two hours"},
		{"PutMetricData", `{"Namespace":"N","MetricData":[{"MetricName":"M","Values":[1],"Counts":[1,2]}]}`, invalidValue, "same size"},
		{"PutMetricData", `{"Namespace":"N","MetricData":[{"MetricName":"M","Value":1,"StorageResolution":30}]}`,
			invalidValue, "StorageResolution"},
		{"GetMetricStatistics", `{"Namespace":"N","MetricName":"M","StartTime":"2026-11-24T11:00:00Z","EndTime":"2026-11-24T12:00:00Z",` +
			`"Period":61,"Statistics":["Sum"]}`, invalidValue, "Period"},
		{"GetMetricStatistics", `{"Namespace":"N","MetricName":"M","StartTime":"2026-11-21T11:00:00Z","EndTime":"2026-11-24T12:00:00Z",` +
			`"Period":60,"Statistics":["Sum"]}`, invalidCombination, "1440"},
		{"PutMetricAlarm", alarm(`,"AlarmActions":["arn:aws:lambda:us-east-1:000000000000:function:f"]`), validation, "lambda"},
		{"PutMetricAlarm", alarm(`,"AlarmActions":["arn:aws:sns:eu-west-1:000000000000:t"]`), validation,
			"Invalid region eu-west-1 specified. Only us-east-1 is supported."},
		{"PutMetricAlarm", alarm(`,"Metrics":[{"Id":"a"}]`), validation, "Metrics"},
		{"PutMetricAlarm", alarm(`,"DatapointsToAlarm":2`), validation, "DatapointsToAlarm"},
		{"PutMetricAlarm", alarm(`,"TreatMissingData":"x"`), validation, "TreatMissingData"},
		{"SetAlarmState", `{"AlarmName":"no","StateValue":"OK","StateReason":"r"}`, resourceNotFound, "no"},
		{"DeleteAlarms", `{"AlarmNames":["no"]}`, resourceNotFound, "no"},
	} {
		_, err := inv.Invoke(ctx, "monitoring", c.op, json.RawMessage(c.in))
		if api.Code(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s %s: %v, want %s with %q", c.op, c.in, err, c.code, c.text)
		}
	}
}

// topics stands in for sns.
type topics struct {
	mu     sync.Mutex
	got    []map[string]string
	tokens []string
	cut    context.CancelFunc // ends the caller after the call
	fail   error
	sent   chan struct{}
}

func (f *topics) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var m map[string]string
	if err := json.Unmarshal(in.(json.RawMessage), &m); err != nil || service+"."+op != "sns.Publish" {
		return nil, errors.Join(err, errors.New("unexpected call "+service+"."+op))
	}
	if _, ok := api.PrincipalOf(ctx); !ok {
		return nil, errors.New("no principal")
	}
	f.got, f.tokens = append(f.got, m), append(f.tokens, api.TokenOf(ctx))
	if f.cut != nil {
		f.cut()
	}
	f.sent <- struct{}{}
	return json.RawMessage(`{}`), f.fail
}

// start runs the service, which calls inv, until the returned function is called.
func start(t *testing.T, s *Service, inv api.Invoker) (stop func()) {
	s.Invoker = inv
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestAlarmPublishesWhenDataArrive(t *testing.T) {
	s, _ := open(t)
	inv, ctx := table(s), apitest.Context(t)
	f := &topics{sent: make(chan struct{}, 10)}
	stop := start(t, s, f)
	call := func(op, in string) {
		t.Helper()
		if _, err := inv.Invoke(ctx, "monitoring", op, json.RawMessage(in)); err != nil {
			t.Fatal(err)
		}
	}
	call("PutMetricAlarm",
		`{"AlarmName":"failed","AlarmDescription":"runs","Namespace":"Penstock","MetricName":"RunsFailed","Dimensions":[{"Name":"Pipeline","Value":"retail"}],
		"Statistic":"Sum","Period":60,"EvaluationPeriods":1,"Threshold":0.5,"ComparisonOperator":"GreaterThanThreshold","TreatMissingData":"notBreaching",
		"AlarmActions":["arn:aws:sns:us-east-1:000000000000:alerts"]}`)
	call("PutMetricData",
		`{"Namespace":"Penstock","MetricData":[{"MetricName":"RunsFailed","Dimensions":[{"Name":"Pipeline","Value":"retail"}],"Value":1}]}`)
	<-f.sent
	stop()
	if len(f.got) != 1 || f.got[0]["Subject"] != `ALARM: "failed" in US East (N. Virginia)` ||
		f.got[0]["TopicArn"] != "arn:aws:sns:us-east-1:000000000000:alerts" {
		t.Fatalf("published %v", f.got)
	}
	want := `{"AlarmName":"failed","AlarmDescription":"runs","AWSAccountId":"000000000000",` +
		`"AlarmConfigurationUpdatedTimestamp":"2026-11-24T12:00:30.000+0000",` +
		`"NewStateValue":"ALARM","NewStateReason":"Threshold Crossed: ` +
		`1 out of the last 1 datapoints [1.0 (24/11/26 12:00:00)] was greater than ` +
		`the threshold (0.5) (minimum 1 datapoint for OK -> ALARM transition).",` +
		`"StateChangeTime":"2026-11-24T12:00:30.000+0000","Region":"US East (N. ` +
		`Virginia)","AlarmArn":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:failed","OldStateValue":"OK",` +
		`"OKActions":[],"AlarmActions":["arn:aws:sns:us-east-1:000000000000:alerts"],"InsufficientDataActions":[],` +
		`"Trigger":{"MetricName":"RunsFailed","Namespace":"Penstock",` +
		`"StatisticType":"Statistic","Statistic":"SUM","Unit":null,"Dimensions":[{"value":"retail","name":"Pipeline"}],` +
		`"Period":60,"EvaluationPeriods":1,` +
		`"ComparisonOperator":"GreaterThanThreshold","Threshold":0.5,"TreatMissingData":"notBreaching","EvaluateLowSampleCountPercentile":""}}`
	if got := f.got[0]["Message"]; got != want {
		t.Errorf("message\n%s\nwant\n%s", got, want)
	}
}

// TestActionIsRepeatedUnderItsToken ends the service between Publish and the note of it: the next one publishes as the same call.
func TestActionIsRepeatedUnderItsToken(t *testing.T) {
	s, _ := open(t)
	inv, ctx := table(s), apitest.Context(t)
	f := &topics{sent: make(chan struct{}, 10)}
	for _, c := range [][2]string{
		{"PutMetricAlarm", `{"AlarmName":"a","Namespace":"N","MetricName":"M","Statistic":"Sum","Period":60,"EvaluationPeriods":1,` +
			`"Threshold":1,"ComparisonOperator":"GreaterThanThreshold","AlarmActions":["arn:aws:sns:us-east-1:000000000000:t"]}`},
		{"SetAlarmState", `{"AlarmName":"a","StateValue":"ALARM","StateReason":"try"}`},
	} {
		if _, err := inv.Invoke(ctx, "monitoring", c[0], json.RawMessage(c[1])); err != nil {
			t.Fatal(err)
		}
	}
	first, cut := context.WithCancel(ctx)
	f.cut, f.fail = cut, context.Canceled
	s.Invoker = f
	if err := s.Run(first); err != nil {
		t.Fatal(err)
	}
	f.cut, f.fail = nil, nil
	stop := start(t, s, f)
	if err := s.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	stop()
	if len(f.tokens) != 2 || f.tokens[0] == "" || f.tokens[0] != f.tokens[1] {
		t.Errorf("published under %q", f.tokens)
	}
}

func TestDrainReportsARefusedAction(t *testing.T) {
	s, _ := open(t)
	inv, ctx := table(s), apitest.Context(t)
	f := &topics{sent: make(chan struct{}, 10), fail: errors.New("topic does not exist")}
	for _, c := range [][2]string{
		{"PutMetricAlarm", `{"AlarmName":"a","Namespace":"N","MetricName":"M","Statistic":"Sum","Period":60,"EvaluationPeriods":1,` +
			`"Threshold":1,"ComparisonOperator":"GreaterThanThreshold","AlarmActions":["arn:aws:sns:us-east-1:000000000000:t"]}`},
		{"SetAlarmState", `{"AlarmName":"a","StateValue":"ALARM","StateReason":"try"}`},
	} {
		if _, err := inv.Invoke(ctx, "monitoring", c[0], json.RawMessage(c[1])); err != nil {
			t.Fatal(err)
		}
	}
	stop := start(t, s, f)
	if err := s.Drain(ctx); err != nil || len(f.got) != 1 {
		t.Fatalf("drained %d: %v", len(f.got), err)
	}
	stop()
	out, err := inv.Invoke(ctx, "monitoring", "DescribeAlarmHistory", json.RawMessage(`{"HistoryItemType":"Action"}`))
	if err != nil || !strings.Contains(string(out.(json.RawMessage)), "topic does not exist") {
		t.Errorf("history %s %v", out, err)
	}
}
