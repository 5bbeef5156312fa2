package sns

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/tag"
	"penstock/internal/module/moduletest"
)

// TestRegionsHaveTopicsOfTheirOwn: a topic of one name in two regions over one store. Each region lists and delivers its own only, once; an
// ARN of the other is refused; the links of both lead to the first one's handler.
func TestRegionsHaveTopicsOfTheirOwn(t *testing.T) {
	env := moduletest.Open(t, t.TempDir(), clock.Real{}, due.Schema, tag.Schema, Schema)
	one := New(env, nil)
	links := httptest.NewServer(one.ConfirmHandler())
	defer links.Close()
	one.baseURL = func() string { return links.URL }
	env.Region = "eu-west-1"
	two := New(env, one.baseURL)
	url, got := endpoint(t)
	there := strings.Replace(topicT, "us-east-1", "eu-west-1", 1)
	for _, s := range []*Service{one, two} {
		call := caller(t, s)
		topic := call("CreateTopic", `{"Name":"t","Tags":[{"Key":"k","Value":"`+s.Region+`"}]}`)["TopicArn"].(string)
		call("Subscribe", fmt.Sprintf(`{"TopicArn":%q,"Protocol":"http","Endpoint":%q}`, topic, url))
	}
	defer start(t, one)()
	first := wait(t, got)
	select { // what two has to deliver is not one's
	case r := <-got:
		t.Errorf("delivered by the other region: %+v", r)
	case <-time.After(200 * time.Millisecond):
	}
	defer start(t, two)()
	for _, r := range []received{first, wait(t, got)} {
		resp, err := links.Client().Get(r.field("SubscribeURL"))
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%+v %v", resp, err)
		}
		resp.Body.Close()
	}
	for _, s := range []*Service{one, two} {
		call := caller(t, s)
		topic := s.topicARN("t")
		call("Publish", fmt.Sprintf(`{"TopicArn":%q,"Message":%q}`, topic, s.Region))
		if r := wait(t, got); r.field("TopicArn") != topic || r.field("Message") != s.Region {
			t.Errorf("%s: %+v", s.Region, r)
		}
		topics, subs := fmt.Sprint(call("ListTopics", `{}`)["Topics"]), fmt.Sprint(call("ListSubscriptions", `{}`)["Subscriptions"])
		if strings.Count(topics, "arn:") != 1 || !strings.Contains(topics, topic) ||
			strings.Count(subs, "TopicArn") != 1 || !strings.Contains(subs, topic+":") {
			t.Errorf("%s lists %s and %s", s.Region, topics, subs)
		}
		if tags := fmt.Sprint(call("ListTagsForResource", fmt.Sprintf(`{"ResourceArn":%q}`, topic))["Tags"]); !strings.Contains(tags, s.Region) {
			t.Errorf("%s: tags %s", s.Region, tags)
		}
	}
	for _, c := range []struct{ op, member, rest string }{
		{"Publish", "TopicArn", `,"Message":"m"`}, {"Publish", "TargetArn", `,"Message":"m"`}, {"Subscribe", "TopicArn", `,"Protocol":"http"`},
		{"DeleteTopic", "TopicArn", ``}, {"TagResource", "ResourceArn", `,"Tags":[]`}, {"Unsubscribe", "SubscriptionArn", ``},
	} {
		_, err := table(one).Invoke(apitest.Context(t), "sns", c.op, json.RawMessage(fmt.Sprintf(`{%q:%q%s}`, c.member, there, c.rest)))
		if api.Code(err) != "InvalidParameter" || !strings.HasSuffix(err.Error(), "Invalid parameter: "+c.member) {
			t.Errorf("%s of %s: %v", c.op, c.member, err)
		}
	}
}

// TestAnEarlierProgramsTopics: tags that lay in the topic's row, and a delivery that waits.
func TestAnEarlierProgramsTopics(t *testing.T) {
	dir, c := t.TempDir(), clock.NewManual(t0)
	old := meta.Schema{Name: Schema.Name, Migrations: Schema.Migrations[:2]}
	env := moduletest.Open(t, dir, c, due.Schema, tag.Schema, old)
	err := env.Meta.Update(t.Context(), func(tx *meta.Tx) error {
		if _, err := tx.Exec(`INSERT INTO sns_topics (arn, attrs, tags) VALUES (?, '{}', '{"a":"1","b":""}')`, topicT); err != nil {
			return err
		}
		return due.Add(tx, "sns", t0, `{"ID":"waits"}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	env.Meta.Close()
	s, _, _ := open(t, dir)
	tags := fmt.Sprint(caller(t, s)("ListTagsForResource", `{"ResourceArn":"`+topicT+`"}`)["Tags"])
	if tags != "[map[Key:a Value:1] map[Key:b Value:]]" {
		t.Error(tags)
	}
	var queue string
	err = s.Meta.View(t.Context(), func(tx *meta.Tx) error { return tx.QueryRow(`SELECT queue FROM due_item`).Scan(&queue) })
	if err != nil || queue != "sns/us-east-1" {
		t.Errorf("%q %v", queue, err)
	}
}
