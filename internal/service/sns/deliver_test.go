package sns

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// received is one POST to the test's endpoint.
type received struct {
	header http.Header
	text   string
}

func (r received) field(name string) string {
	var doc map[string]any
	json.Unmarshal([]byte(r.text), &doc)
	s, _ := doc[name].(string)
	return s
}

// endpoint is a server that answers the statuses in turn, then 200.
func endpoint(t *testing.T, statuses ...int) (url string, got <-chan received) {
	ch := make(chan received, 100)
	next := make(chan int, len(statuses))
	for _, s := range statuses {
		next <- s
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		select {
		case s := <-next:
			w.WriteHeader(s)
		default:
		}
		ch <- received{r.Header, string(text)}
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/hook", ch
}

func start(t *testing.T, s *Service) (stop func()) {
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

func wait(t *testing.T, got <-chan received) received {
	t.Helper()
	select {
	case r := <-got:
		return r
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing was delivered")
		return received{}
	}
}

// confirmed subscribes the endpoint and follows the link that it is sent.
func confirmed(t *testing.T, s *Service, url string, got <-chan received, attributes string) (arn string) {
	t.Helper()
	call := caller(t, s)
	call("CreateTopic", `{"Name":"t"}`)
	out := call("Subscribe", fmt.Sprintf(`{"TopicArn":%q,"Protocol":"http","Endpoint":%q,"ReturnSubscriptionArn":true,"Attributes":%s}`,
		topicT, url, attributes))
	r := wait(t, got)
	if r.header.Get("x-amz-sns-message-type") != "SubscriptionConfirmation" || r.field("Token") == "" {
		t.Fatalf("confirmation request %+v", r)
	}
	link := strings.TrimPrefix(r.field("SubscribeURL"), "http://localhost:4566")
	if !strings.HasPrefix(link, PublicPath+"?Action=ConfirmSubscription&") {
		t.Fatalf("SubscribeURL %s", r.field("SubscribeURL"))
	}
	w := httptest.NewRecorder()
	s.ConfirmHandler().ServeHTTP(w, httptest.NewRequest("GET", link, nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(),
		`<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult><SubscriptionArn>`+
			out["SubscriptionArn"].(string)+"</SubscriptionArn>") {
		t.Fatalf("following the link: %d %s", w.Code, w.Body)
	}
	return out["SubscriptionArn"].(string)
}

func TestNotificationAfterConfirmation(t *testing.T) {
	s, _, _ := open(t, t.TempDir())
	defer start(t, s)()
	url, got := endpoint(t)
	call := caller(t, s)
	call("CreateTopic", `{"Name":"t"}`)
	call("Subscribe", fmt.Sprintf(`{"TopicArn":%q,"Protocol":"http","Endpoint":%q}`, topicT, url))
	wait(t, got)
	call("Publish", `{"TopicArn":"`+topicT+`","Message":"before confirmation"}`)
	arn := confirmed(t, s, url, got, "{}") // asked again: a second request with a new token
	out := call("Publish", `{"TopicArn":"`+topicT+
		`","Message":"a <b> c","Subject":"subj","MessageAttributes":{"k":{"DataType":"String","StringValue":"v"}}}`)
	r := wait(t, got)
	want := fmt.Sprintf(`{
  "Type": "Notification",
  "MessageId": "%s",
  "TopicArn": "%s",
  "Subject": "subj",
  "Message": "a <b> c",
  "Timestamp": "2026-11-24T12:00:00.000Z",
  "UnsubscribeURL": "http://localhost:4566/_penstock/sns/?Action=Unsubscribe&SubscriptionArn=%s",
  "MessageAttributes": {
    "k": {
      "Type": "String",
      "Value": "v"
    }
  }
}`, out["MessageId"], topicT, strings.ReplaceAll(arn, ":", "%3A"))
	if r.text != want {
		t.Errorf("got\n%s\nwant\n%s", r.text, want)
	}
	for name, v := range map[string]string{"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification",
		"x-amz-sns-topic-arn":        topicT,
		"x-amz-sns-subscription-arn": arn, "x-amz-sns-message-id": out["MessageId"].(string)} {
		if r.header.Get(name) != v {
			t.Errorf("header %s is %q, want %q", name, r.header.Get(name), v)
		}
	}
	call("Unsubscribe", `{"SubscriptionArn":"`+arn+`"}`)
	if r := wait(t, got); r.field("Type") != "UnsubscribeConfirmation" {
		t.Errorf("after Unsubscribe: %s", r.text)
	}
	if err := s.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestHonoursOfDelivery shows the members of Publish, Subscribe and ConfirmSubscription by what reaches the endpoint.
func TestHonoursOfDelivery(t *testing.T) {
	s, _, _ := open(t, t.TempDir())
	defer start(t, s)()
	url, got := endpoint(t)
	arn := confirmed(t, s, url, got, `{"RawMessageDelivery":"true"}`)
	call := caller(t, s)
	call("Publish", `{"TopicArn":"`+topicT+`","Message":"raw text"}`)
	if r := wait(t, got); r.text != "raw text" || r.header.Get("x-amz-sns-rawdelivery") != "true" {
		t.Errorf("raw delivery: %+v", r)
	}
	call("Publish", `{"TopicArn":"`+topicT+`","Message":"{\"default\":\"d\",\"http\":\"h\"}","MessageStructure":"json"}`)
	if r := wait(t, got); r.text != "h" {
		t.Errorf("message for http: %q", r.text)
	}
	call("SetSubscriptionAttributes", `{"SubscriptionArn":"`+arn+`","AttributeName":"RawMessageDelivery","AttributeValue":"false"}`)
	call("Publish", `{"TopicArn":"`+topicT+`","Message":"x","Subject":"s1"}`)
	if r := wait(t, got); r.field("Subject") != "s1" || r.field("Message") != "x" {
		t.Errorf("not raw: %s", r.text)
	}
	call("Unsubscribe", `{"SubscriptionArn":"`+arn+`"}`)
	wait(t, got)
	call("Subscribe", fmt.Sprintf(`{"TopicArn":%q,"Protocol":"http","Endpoint":%q}`, topicT, url))
	token := wait(t, got).field("Token")
	out := call("ConfirmSubscription", `{"TopicArn":"`+topicT+`","Token":"`+token+`","AuthenticateOnUnsubscribe":"true"}`)
	w := httptest.NewRecorder()
	s.ConfirmHandler().ServeHTTP(w,
		httptest.NewRequest("GET", PublicPath+"?Action=Unsubscribe&SubscriptionArn="+out["SubscriptionArn"].(string), nil))
	if w.Code != 403 || !strings.Contains(w.Body.String(), "AuthorizationError") {
		t.Errorf("an unsigned Unsubscribe of a locked subscription: %d %s", w.Code, w.Body)
	}
}

func TestRetriesThenGivesUp(t *testing.T) {
	s, c, _ := open(t, t.TempDir())
	defer start(t, s)()
	url, got := endpoint(t, 200, 500, 503, 429, 500, 200)
	confirmed(t, s, url, got, "{}")
	call := caller(t, s)
	id := call("Publish", `{"TopicArn":"`+topicT+`","Message":"m"}`)["MessageId"]
	for try := range 1 + maxRetries {
		if r := wait(t, got); r.field("MessageId") != id {
			t.Fatalf("try %d: %s", try, r.text)
		}
		if try < maxRetries {
			for c.Waiters() == 0 { // until the next try is put off
				time.Sleep(time.Millisecond)
			}
			if err := s.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.Advance(retryDelay)
		}
	}
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Hour)
	second := call("Publish", `{"TopicArn":"`+topicT+`","Message":"next"}`)["MessageId"]
	if r := wait(t, got); r.field("MessageId") != second {
		t.Errorf("after the last retry: %s", r.text)
	}
}

func TestRefusedIsNotTriedAgain(t *testing.T) {
	s, c, _ := open(t, t.TempDir())
	defer start(t, s)()
	url, got := endpoint(t, 200, 404)
	confirmed(t, s, url, got, "{}")
	call := caller(t, s)
	call("Publish", `{"TopicArn":"`+topicT+`","Message":"m"}`)
	wait(t, got)
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Hour)
	if err := s.Drain(t.Context()); err != nil { // of all that is due by now
		t.Fatal(err)
	}
	select {
	case r := <-got:
		t.Errorf("tried again: %s", r.text)
	default:
	}
}

func TestQueueSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	s, _, closeStore := open(t, dir)
	url, got := endpoint(t)
	stop := start(t, s)
	confirmed(t, s, url, got, "{}")
	if err := s.Drain(t.Context()); err != nil { // what is under way at the stop would be delivered again, rightly
		t.Fatal(err)
	}
	stop()
	id := caller(t, s)("Publish", `{"TopicArn":"`+topicT+`","Message":"kept"}`)["MessageId"]
	closeStore()
	s, _, _ = open(t, dir)
	defer start(t, s)()
	if r := wait(t, got); r.field("MessageId") != id {
		t.Errorf("after a restart: %s", r.text)
	}
}

func TestConfirmHandlerRefuses(t *testing.T) {
	s, c, _ := open(t, t.TempDir())
	caller(t, s)("CreateTopic", `{"Name":"t"}`)
	get := func(link string) (int, string) {
		w := httptest.NewRecorder()
		s.ConfirmHandler().ServeHTTP(w, httptest.NewRequest("GET", PublicPath+link, nil))
		return w.Code, w.Body.String()
	}
	for _, link := range []string{"?Action=ConfirmSubscription&TopicArn=" + topicT,
		"?Action=ConfirmSubscription&TopicArn=" + topicT + "&Token=x", "?Action=DeleteTopic&TopicArn=" + topicT, ""} {
		if code, text := get(link); code != 400 || !strings.Contains(text, "<ErrorResponse") {
			t.Errorf("%s: %d %s", link, code, text)
		}
	}
	url, got := endpoint(t)
	defer start(t, s)()
	caller(t, s)("Subscribe", fmt.Sprintf(`{"TopicArn":%q,"Protocol":"http","Endpoint":%q}`, topicT, url))
	token := wait(t, got).field("Token")
	c.Advance(tokenLife + time.Second)
	if code, text := get("?Action=ConfirmSubscription&TopicArn=" + topicT + "&Token=" + token); code != 400 ||
		!strings.Contains(text, "expired") {
		t.Errorf("an old token: %d %s", code, text)
	}
}
