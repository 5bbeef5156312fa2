package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
)

func TestListsOfRegions(t *testing.T) {
	for _, c := range [][2]string{
		{"", "us-east-1"},
		{"eu-west-1", "eu-west-1"},
		{"eu-west-1, us-east-1", "eu-west-1 us-east-1"},
		{"us-east1", `"us-east1" is no region of AWS`},
		{"us-east-1,", `"" is no region of AWS`},
		{"us-east-1,us-east-1", "us-east-1 stands twice"},
		{"cn-north-1", `"cn-north-1" is no region`}, // of another partition: ARNs here are of "aws"
	} {
		names, err := ParseRegions(c[0])
		if err == nil && strings.Join(names, " ") != c[1] || err != nil && !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%q: %v, %v", c[0], names, err)
		}
	}
}

// world is a server that runs, called region by region.
type world struct {
	*Server
	t      *testing.T
	ctx    context.Context
	stop   func()
	client *http.Client
}

// serveRegions runs a server until stop is called.
func serveRegions(t *testing.T, data string, regions ...string) *world {
	t.Helper()
	o := options(data)
	o.Regions = regions
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(api.WithPrincipal(t.Context(), s.root()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	w := &world{Server: s, t: t, ctx: ctx, client: &http.Client{Transport: &http.Transport{}}}
	w.stop = func() {
		w.stop = func() {}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		w.stop()
	})
	return w
}

// call calls an operation in a region, whose name takes the place of REGION.
func (w *world) call(region, service, op, in string) string {
	w.t.Helper()
	table, err := w.tables.In(region)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := table.Invoke(w.ctx, service, op, json.RawMessage(strings.ReplaceAll(in, "REGION", region)))
	if err != nil {
		w.t.Fatalf("%s.%s in %s: %v", service, op, region, err)
	}
	return string(out.(json.RawMessage))
}

// shown are the answers of the calls that show in testdata/regions.test, in a region; with make the others are called too.
func (w *world) shown(region string, make bool) map[string]string {
	w.t.Helper()
	text, err := os.ReadFile("testdata/regions.test")
	if err != nil {
		w.t.Fatal(err)
	}
	out, service := map[string]string{}, ""
	for line := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		op, in, _ := strings.Cut(rest, " ")
		switch {
		case word == "#":
		case word == ">":
			out[service+"."+op] = w.call(region, service, op, in)
		case make:
			service = word
			w.call(region, service, op, in)
			w.until(region, service)
		default:
			service = word
		}
	}
	return out
}

// until waits for what a service does by itself.
func (w *world) until(region, service string) {
	for service == "cloudformation" && !strings.Contains(w.call(region, service, "DescribeStacks", `{"StackName":"s"}`), `"CREATE_COMPLETE"`) {
		time.Sleep(5 * time.Millisecond)
	}
}

// TestRegionsDoNotSeeEachOther makes resources of the same names in two regions, and looks from each: with both regions, after a restart
// with the other one first, and after restarts with one alone. What is the account's is one.
func TestRegionsDoNotSeeEachOther(t *testing.T) {
	data, east, west := t.TempDir(), "us-east-1", "eu-west-1"
	w := serveRegions(t, data, east, west)
	w.shown(east, true)
	w.shown(west, true)
	made := map[string]map[string]string{east: w.shown(east, false), west: w.shown(west, false)}
	for here, there := range map[string]string{east: west, west: east} {
		for call, answer := range made[here] {
			if !strings.Contains(answer, here) || strings.Contains(answer, there) {
				t.Errorf("%s in %s answers %s", call, here, answer)
			}
		}
	}
	w.call(west, "s3", "CreateBucket", `{"Bucket":"lake-west","CreateBucketConfiguration":{"LocationConstraint":"eu-west-1"}}`)
	w.call(east, "s3", "CreateBucket", `{"Bucket":"lake-east"}`)
	w.call(west, "iam", "CreateRole", `{"RoleName":"r","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":`+
		`\"Allow\",\"Principal\":{\"Service\":\"glue.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}`)
	for _, region := range []string{east, west} {
		got := w.call(region, "s3", "ListBuckets", `{}`) + w.call(region, "iam", "GetRole", `{"RoleName":"r"}`)
		for _, part := range []string{"lake-west", "lake-east", "arn:aws:iam::000000000000:role/r"} {
			if !strings.Contains(got, part) {
				t.Errorf("the account's resources in %s: %s", region, got)
			}
		}
	}
	for _, served := range [][]string{{west, east}, {east}, {west}, {east, west}} {
		w.stop()
		w = serveRegions(t, data, served...)
		for _, region := range served {
			now := w.shown(region, false)
			for call, answer := range made[region] {
				if now[call] != answer {
					t.Errorf("%s in %s, served %v, answers %s\nand before %s", call, region, served, now[call], answer)
				}
			}
		}
		if _, err := w.tables.In("sa-east-1"); err == nil || !strings.Contains(err.Error(), strings.Join(served, ", ")) {
			t.Errorf("a region that is not served: %v", err)
		}
	}
	w.call(east, "glue", "DeleteDatabase", `{"Name":"d"}`)
	w.call(west, "glue", "GetTable", `{"DatabaseName":"d","Name":"t"}`)
}

// subscriber confirms subscriptions and says what it is sent.
func subscriber(t *testing.T, got chan<- string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var m struct{ Type, TopicArn, SubscribeURL string }
		if err := json.Unmarshal(b, &m); err != nil {
			t.Error(err)
		}
		if m.Type == "SubscriptionConfirmation" {
			resp, err := http.Get(m.SubscribeURL)
			if err != nil || resp.StatusCode != 200 || resp.Body.Close() != nil {
				t.Errorf("%+v %v", resp, err)
			}
		}
		got <- m.Type + " " + m.TopicArn
	}))
}

// TestNothingIsDoneTwice: in each of two regions an alarm publishes to a topic with a subscriber, a machine runs to its end, and a call
// with a token comes again. Loops and queues of both regions run over one store, and across restarts.
func TestNothingIsDoneTwice(t *testing.T) {
	data, regions := t.TempDir(), []string{"us-east-1", "eu-west-1"}
	got := make(chan string, 100)
	hook := subscriber(t, got)
	defer hook.Close()
	w := serveRegions(t, data, regions...)
	for _, r := range regions {
		w.call(r, "sns", "CreateTopic", `{"Name":"t"}`)
		w.call(r, "sns", "Subscribe", fmt.Sprintf(`{"TopicArn":"arn:aws:sns:REGION:000000000000:t","Protocol":"http","Endpoint":%q}`, hook.URL))
		if s := <-got; s != "SubscriptionConfirmation arn:aws:sns:"+r+":000000000000:t" {
			t.Fatal(s)
		}
		w.call(r, "monitoring", "PutMetricAlarm", `{"AlarmName":"a","Namespace":"N","MetricName":"M","Statistic":"Sum","Period":60,
			"EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"GreaterThanThreshold","AlarmActions":["arn:aws:sns:REGION:000000000000:t"]}`)
		w.call(r, "states", "CreateStateMachine", `{"Name":"m","RoleArn":"arn:aws:iam::000000000000:role/r","Definition":"{\"StartAt\":\"P\",`+
			`\"States\":{\"P\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::sns:publish\",\"Parameters\":`+
			`{\"TopicArn\":\"arn:aws:sns:REGION:000000000000:t\",\"Message\":\"m\"},\"End\":true}}}"}`)
	}
	for round := range 3 {
		for _, r := range regions {
			w.call(r, "monitoring", "SetAlarmState", `{"AlarmName":"a","StateValue":"ALARM","StateReason":"r"}`)
			w.call(r, "monitoring", "SetAlarmState", `{"AlarmName":"a","StateValue":"OK","StateReason":"r"}`)
			in := `{"Name":"x%d","StateMachineArn":"arn:aws:states:REGION:000000000000:stateMachine:m"}`
			w.call(r, "states", "StartExecution", fmt.Sprintf(in, round))
		}
		for _, r := range regions {
			arn := fmt.Sprintf(`{"ExecutionArn":"arn:aws:states:REGION:000000000000:execution:m:x%d"}`, round)
			for strings.Contains(w.call(r, "states", "DescribeExecution", arn), `"RUNNING"`) {
				time.Sleep(time.Millisecond)
			}
		}
		if err := w.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		var seen []string
		for len(got) > 0 {
			seen = append(seen, <-got)
		}
		slices.Sort(seen)
		want := []string{"Notification arn:aws:sns:eu-west-1:000000000000:t", "Notification arn:aws:sns:us-east-1:000000000000:t"}
		if want = slices.Sorted(slices.Values(append(want, want...))); !slices.Equal(seen, want) {
			t.Errorf("round %d: %q", round, seen)
		}
		w.stop()
		slices.Reverse(regions)
		w = serveRegions(t, data, regions...)
	}
	answers := map[string]string{}
	for _, r := range append(regions, regions...) { // one token, which each region knows for itself
		table, _ := w.tables.In(r)
		out, err := table.Invoke(api.WithToken(w.ctx, "owner#1"), "states", "StartExecution",
			json.RawMessage(`{"StateMachineArn":"arn:aws:states:`+r+`:000000000000:stateMachine:m"}`))
		if err != nil {
			t.Fatal(err)
		}
		text := string(out.(json.RawMessage))
		if answers[r] != "" && answers[r] != text || !strings.Contains(text, r) {
			t.Errorf("%s answers %s, and before %s", r, text, answers[r])
		}
		answers[r] = text
	}
}
