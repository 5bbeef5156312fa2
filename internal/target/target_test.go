package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
)

// recorder writes down what is called, and fails the operation that it is told to.
type recorder struct {
	fail string
	err  error
	said strings.Builder
}

// in is the recorder for one region.
func (r *recorder) in(region string) (api.Invoker, error) {
	if region != "us-east-1" {
		return nil, errors.New("not served")
	}
	return r, nil
}

// Invoke implements api.Invoker.
func (r *recorder) Invoke(ctx context.Context, service, op string, in any) (any, error) {
	p, _ := api.PrincipalOf(ctx)
	fmt.Fprintf(&r.said, "%s.%s %s as %s token %s\n", service, op, in, p.ARN, api.TokenOf(ctx))
	if op == r.fail {
		return nil, r.err
	}
	return json.RawMessage(`{"of":"` + op + `"}`), nil
}

func TestEachKindOfTarget(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 30, 0, time.UTC)
	for _, c := range []struct {
		resource string
		members  map[string]any
		want     string
	}{
		{"sns:us-east-1:1:alerts", map[string]any{"Subject": "s"},
			`sns.Publish {"Message":"{\"a\":1}","Subject":"s","TopicArn":"arn:aws:sns:us-east-1:1:alerts"}`},
		{"states:us-east-1:1:stateMachine:m", nil,
			`states.StartExecution {"Input":"{\"a\":1}","StateMachineArn":"arn:aws:states:us-east-1:1:stateMachine:m"}`},
		{"glue:us-east-1:1:job/load", map[string]any{"Arguments": map[string]string{"--x": "y"}},
			`glue.StartJobRun {"Arguments":{"--x":"y"},"JobName":"load"}`},
		{"redshift-serverless:us-east-1:1:workgroup/0a1b", map[string]any{"Database": "dev", "Sql": "select 1"},
			`redshift-data.ExecuteStatement {"Database":"dev","Sql":"select 1",` +
				`"WorkgroupName":"arn:aws:redshift-serverless:us-east-1:1:workgroup/0a1b"}`},
		{"logs:us-east-1:1:log-group:/aws/events/x:*", nil,
			`logs.CreateLogStream {"LogGroupName":"/aws/events/x","LogStreamName":"2026/11/24"}|` +
				`logs.PutLogEvents {"LogEvents":[{"Message":"{\"a\":1}","Timestamp":1795521630000}],"LogGroupName":"/aws/events/x",` +
				`"LogStreamName":"2026/11/24"}`},
	} {
		r := &recorder{}
		x := Target{ARN: "arn:aws:" + c.resource, Input: `{"a":1}`, Members: c.members, Time: at, Token: "t#1"}
		answer, err := Call(t.Context(), r.in, api.Principal{ARN: "p"}, x)
		if err != nil || Check(x.ARN) != nil || Service(x.ARN) != strings.Split(c.resource, ":")[0] {
			t.Errorf("%s: %v", c.resource, err)
		}
		got := strings.ReplaceAll(strings.TrimSuffix(r.said.String(), " as p token t#1\n"), " as p token t#1\n", "|")
		last := got[strings.LastIndex(got, "|")+1:]
		if op := strings.Split(strings.Fields(last)[0], ".")[1]; got != c.want || string(answer) != `{"of":"`+op+`"}` {
			t.Errorf("%s:\n got %s\nwant %s; %s", c.resource, got, c.want, answer)
		}
	}
}

func TestUnknownTargetsAreRefusedByName(t *testing.T) {
	for _, text := range []string{"arn:aws:lambda:us-east-1:1:function:f", "arn:aws:states:us-east-1:1:activity:a",
		"arn:aws:sqs:us-east-1:1:q", "arn:aws:glue:us-east-1:1:job/", "arn:aws:s3:::b", "alerts", ""} {
		r := &recorder{}
		_, err := Call(t.Context(), r.in, api.Principal{}, Target{ARN: text})
		for _, e := range []error{err, Check(text)} {
			if e == nil || !strings.Contains(e.Error(), text) || r.said.Len() > 0 || Service(text) != "" {
				t.Errorf("%s: %v %s", text, e, r.said.String())
			}
		}
	}
}

func TestAFirstCallThatWasMadeBeforeIsNoFailure(t *testing.T) {
	x := Target{ARN: "arn:aws:logs:us-east-1:1:log-group:g", Input: "m"}
	r := &recorder{fail: "CreateLogStream", err: api.Errorf("ResourceAlreadyExistsException", "it exists")}
	if _, err := Call(t.Context(), r.in, api.Principal{}, x); err != nil || !strings.Contains(r.said.String(), "PutLogEvents") {
		t.Errorf("%v %s", err, r.said.String())
	}
	r = &recorder{fail: "CreateLogStream", err: errors.New("no such group")}
	if _, err := Call(t.Context(), r.in, api.Principal{}, x); err == nil || strings.Contains(r.said.String(), "PutLogEvents") {
		t.Errorf("%v %s", err, r.said.String())
	}
}

func TestATargetIsCalledInItsRegion(t *testing.T) {
	here, there := &recorder{}, &recorder{}
	in := func(region string) (api.Invoker, error) {
		return map[string]api.Invoker{"us-east-1": here, "eu-west-1": there}[region], nil
	}
	if _, err := Call(t.Context(), in, api.Principal{}, Target{ARN: "arn:aws:sns:eu-west-1:1:alerts"}); err != nil || here.said.Len() > 0 ||
		!strings.Contains(there.said.String(), "sns.Publish") {
		t.Errorf("%v; here %q, there %q", err, here.said.String(), there.said.String())
	}
	x := Target{ARN: "arn:aws:sns:sa-east-1:1:alerts"}
	_, err := Call(t.Context(), here.in, api.Principal{}, x)
	if err == nil || !strings.Contains(err.Error(), x.ARN) || !strings.Contains(err.Error(), "not served") {
		t.Errorf("a region that is not served: %v", err)
	}
}
