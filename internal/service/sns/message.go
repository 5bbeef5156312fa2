package sns

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// message is what the queue holds. The body is made when it is sent: the address in its links may have changed since.
type message struct {
	Type         string // Notification, SubscriptionConfirmation, UnsubscribeConfirmation
	ID           string
	Topic        string
	Subscription string
	Endpoint     string
	Token        string
	Subject      string
	Text         string
	Time         time.Time
	Attributes   map[string]attribute
	Raw          bool
}

// PublicPath is where ConfirmHandler expects to be mounted. It cannot meet a bucket: their names begin with a letter or a digit.
const PublicPath = "/_penstock/sns/"

// Body is the JSON text of https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html, without the signature.
type body struct {
	Type              string
	MessageID         string `json:"MessageId"`
	Token             string `json:",omitempty"`
	TopicArn          string
	Subject           string `json:",omitempty"`
	Message           string
	SubscribeURL      string `json:",omitempty"`
	Timestamp         string
	UnsubscribeURL    string               `json:",omitempty"`
	MessageAttributes map[string]attribute `json:",omitempty"`
}

func (m message) body(base string) ([]byte, error) {
	if m.Raw {
		return []byte(m.Text), nil
	}
	b := body{Type: m.Type, MessageID: m.ID, TopicArn: m.Topic, Subject: m.Subject, Message: m.Text,
		Timestamp: m.Time.Format("2006-01-02T15:04:05.000Z"), MessageAttributes: m.Attributes}
	if m.Type == "Notification" {
		b.UnsubscribeURL = link(base, "Unsubscribe", "SubscriptionArn", m.Subscription)
	} else {
		b.Token = m.Token
		b.SubscribeURL = link(base, "ConfirmSubscription", "TopicArn", m.Topic, "Token", m.Token)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(b)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

func link(base, action string, pairs ...string) string {
	q := url.Values{"Action": {action}}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return base + PublicPath + "?" + q.Encode()
}

func (m message) header() http.Header {
	h := http.Header{}
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("User-Agent", "Amazon Simple Notification Service Agent")
	h.Set("x-amz-sns-message-type", m.Type)
	h.Set("x-amz-sns-message-id", m.ID)
	h.Set("x-amz-sns-topic-arn", m.Topic)
	if m.Type != "SubscriptionConfirmation" {
		h.Set("x-amz-sns-subscription-arn", m.Subscription)
	}
	if m.Raw {
		h.Set("x-amz-sns-rawdelivery", "true")
	}
	return h
}
