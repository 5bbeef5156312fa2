package sns

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/meta/due"
	"penstock/internal/meta/tag"
	"penstock/internal/module"
	"penstock/internal/module/moduletest"
)

var t0 = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const topicT = "arn:aws:sns:us-east-1:000000000000:t"

func open(t *testing.T, dir string) (*Service, *clock.Manual, func()) {
	c := clock.NewManual(t0)
	env := moduletest.Open(t, dir, c, due.Schema, tag.Schema, Schema)
	return New(env, func() string { return "http://localhost:4566" }), c, func() { env.Meta.Close() }
}

func table(s *Service) api.Invoker {
	return api.NewTable([]api.Service{s.API()}, slog.New(slog.DiscardHandler))
}

func caller(t *testing.T, s *Service) func(op, in string) map[string]any {
	inv, ctx := table(s), apitest.Context(t)
	return func(op, in string) map[string]any {
		t.Helper()
		out, err := inv.Invoke(ctx, "sns", op, json.RawMessage(in))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(out.(json.RawMessage), &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
}

func TestTable(t *testing.T) { apitest.Check(t, New(module.Env{}, nil).API()) }

// TestAttributesThatAskForNothing sets what Terraform sets on every topic, and each neutral value of the tables.
func TestAttributesThatAskForNothing(t *testing.T) {
	s, _, _ := open(t, t.TempDir())
	call := caller(t, s)
	call("CreateTopic", `{"Name":"t","Attributes":{"KmsMasterKeyId":"","FifoTopic":"false","HTTPSuccessFeedbackSampleRate":"0"}}`)
	for name, values := range notTopic {
		for _, v := range append([]string{""}, values...) {
			call("SetTopicAttributes", `{"TopicArn":"`+topicT+`","AttributeName":"`+name+`","AttributeValue":"`+v+`"}`)
		}
		if err := setTopicAttr(map[string]string{}, name, "7"); err == nil {
			t.Errorf("%s = 7 is not refused", name)
		}
	}
	arn := call("Subscribe", `{"TopicArn":"`+topicT+
		`","Protocol":"http","Endpoint":"http://x/","ReturnSubscriptionArn":true}`)["SubscriptionArn"].(string)
	for name, values := range notSubscription {
		for _, v := range append([]string{""}, values...) {
			call("SetSubscriptionAttributes", `{"SubscriptionArn":"`+arn+`","AttributeName":"`+name+`","AttributeValue":"`+v+`"}`)
		}
		if err := setSubAttr(map[string]string{}, name, "7"); err == nil {
			t.Errorf("%s = 7 is not refused", name)
		}
	}
}

func TestHonours(t *testing.T) {
	apitest.Vary(t, "testdata/honours.test", New(module.Env{}, nil).API(), func(t *testing.T) (api.Invoker, context.Context) {
		s, _, _ := open(t, t.TempDir())
		return table(s), apitest.Context(t)
	})
}

func TestRefusals(t *testing.T) {
	s, _, _ := open(t, t.TempDir())
	inv, ctx := table(s), apitest.Context(t)
	caller(t, s)("CreateTopic", `{"Name":"t"}`)
	for _, c := range []struct{ op, in, code, text string }{
		{"CreateTopic", `{"Name":"x.fifo"}`, "InvalidParameter", "FIFO"},
		{"CreateTopic", `{"Name":"a b"}`, "InvalidParameter", "Topic Name"},
		{"CreateTopic", `{"Name":"t","Attributes":{"KmsMasterKeyId":"k"}}`, "InvalidParameter", "KmsMasterKeyId"},
		{"CreateTopic", `{"Name":"t","Attributes":{"DisplayName":"k"}}`, "InvalidParameter", "different attributes"},
		{"Subscribe", `{"TopicArn":"` + topicT + `","Protocol":"email","Endpoint":"a@b.c"}`, "InvalidParameter", "email"},
		{"Subscribe", `{"TopicArn":"` + topicT + `","Protocol":"https","Endpoint":"http://x/"}`, "InvalidParameter", "Endpoint must match"},
		{"Subscribe", `{"TopicArn":"` + topicT + `","Protocol":"http","Endpoint":"http://x/","Attributes":{"FilterPolicy":"{\"a\":[\"b\"]}"}}`,
			"InvalidParameter", "FilterPolicy"},
		{"Publish", `{"TopicArn":"` + topicT + `x","Message":"m"}`, "NotFound", "Topic does not exist"},
		{"Publish", `{"PhoneNumber":"+1","Message":"m"}`, "InvalidParameter", "PhoneNumber"},
		{"Publish", `{"TopicArn":"` + topicT + `","Message":"` + strings.Repeat("x", maxMessage+1) + `"}`, "InvalidParameter", "too long"},
		{"Publish", `{"TopicArn":"` + topicT + `","Message":"{}","MessageStructure":"json"}`, "InvalidParameter", "default entry"},
		{"PublishBatch", `{}`, "InvalidAction", "PublishBatch"},
	} {
		_, err := inv.Invoke(ctx, "sns", c.op, json.RawMessage(c.in))
		if api.Code(err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s %.80s: %v, want %s with %q", c.op, c.in, err, c.code, c.text)
		}
	}
}
