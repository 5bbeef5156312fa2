// Package sns is the Simple Notification Service: topics, subscriptions of HTTP and HTTPS endpoints with their confirmation, and
// publishing to them with retries. What is to be delivered is durable before Publish answers and is delivered at least once, also after a
// restart. Messages carry no signature (Signature, SigningCertURL are absent); other protocols (email, sqs, lambda, sms), filter
// policies, dead-letter queues and FIFO topics are refused by name. API: https://docs.aws.amazon.com/sns/latest/api/.
package sns

import (
	"net/http"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/module"
)

// Schema is the service's part of the metadata database; it comes after those of packages meta/due and
// meta/tag. The region of a row is that in its ARN.
var Schema = meta.Schema{Name: "sns", Migrations: []string{`
CREATE TABLE sns_topics (
  arn     TEXT PRIMARY KEY,
  attrs   TEXT NOT NULL,
  tags    TEXT NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sns_subscriptions (
  arn       TEXT PRIMARY KEY,
  topic     TEXT NOT NULL,
  protocol  TEXT NOT NULL,
  endpoint  TEXT NOT NULL,
  attrs     TEXT NOT NULL,
  token     TEXT NOT NULL,
  confirmed INTEGER NOT NULL DEFAULT 0,
  lock      INTEGER NOT NULL DEFAULT 0,
  created   INTEGER NOT NULL,
  UNIQUE (topic, protocol, endpoint)
);
CREATE INDEX sns_subscriptions_token ON sns_subscriptions (token);
CREATE TABLE sns_queue (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  due     INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  doc     TEXT NOT NULL
);
CREATE INDEX sns_queue_due ON sns_queue (due);
`, `
INSERT INTO due_item (queue, due, attempt, body) SELECT 'sns', due, attempt, doc FROM sns_queue ORDER BY id;
DROP TABLE sns_queue; -- package meta/due keeps deliveries since then
`, `
INSERT INTO tag_row (arn, key, value) SELECT arn, j.key, j.value FROM sns_topics, json_each(sns_topics.tags) AS j
	WHERE json_type(sns_topics.tags) = 'object';
ALTER TABLE sns_topics DROP COLUMN tags; -- package meta/tag keeps them since then
UPDATE due_item SET queue = queue || '/us-east-1' WHERE queue = 'sns'; -- each region has a queue since then
`}}

// A Service answers the operations and delivers messages.
type Service struct {
	module.Env
	baseURL func() string
	client  *http.Client // sends the messages
}

// attemptTimeout is how long AWS waits for an endpoint's answer.
const attemptTimeout = 15 * time.Second

// New returns the service. baseURL is the address of the door, without a slash at the end; it is asked when a message is sent, since a
// later start may listen elsewhere.
func New(env module.Env, baseURL func() string) *Service {
	return &Service{Env: env, baseURL: baseURL, client: &http.Client{Timeout: attemptTimeout}}
}

// Module is what the server runs.
func (s *Service) Module() module.Module {
	return module.Module{API: s.API(), Schema: Schema, Run: s.Run, Drain: s.Drain,
		Public: map[string]http.Handler{PublicPath: s.ConfirmHandler()}}
}

// API lists the operations.
func (s *Service) API() api.Service {
	return api.Service{Name: "sns", Access: access(), SDK: "Sns", Dialect: dialect(), Ops: s.here([]api.Op{
		api.Handle(s.CreateTopic, api.Honours("Name", "Attributes", "Tags")),
		api.Handle(s.DeleteTopic, api.Honours("TopicArn")),
		api.Handle(s.ListTopics, api.Honours("NextToken")),
		api.Handle(s.GetTopicAttributes, api.Honours("TopicArn")),
		api.Handle(s.SetTopicAttributes, api.Honours("TopicArn", "AttributeName", "AttributeValue")),
		api.Handle(s.Subscribe, api.Honours("TopicArn", "Protocol", "Endpoint", "Attributes", "ReturnSubscriptionArn")),
		api.Handle(s.ConfirmSubscription, api.Honours("TopicArn", "Token", "AuthenticateOnUnsubscribe")),
		api.Handle(s.Unsubscribe, api.Honours("SubscriptionArn")),
		api.Handle(s.ListSubscriptions, api.Honours("NextToken")),
		api.Handle(s.ListSubscriptionsByTopic, api.Honours("TopicArn", "NextToken")),
		api.Handle(s.GetSubscriptionAttributes, api.Honours("SubscriptionArn")),
		api.Handle(s.SetSubscriptionAttributes, api.Honours("SubscriptionArn", "AttributeName", "AttributeValue")),
		api.Handle(s.Publish, api.Honours("TopicArn", "TargetArn", "Message", "Subject", "MessageStructure", "MessageAttributes")),
		api.Handle(s.TagResource, api.Honours("ResourceArn", "Tags")),
		api.Handle(s.UntagResource, api.Honours("ResourceArn", "TagKeys")),
		api.Handle(s.ListTagsForResource, api.Honours("ResourceArn")),
	})}
}

func (s *Service) topicARN(name string) string {
	return arn.New("sns", s.Region, s.Account, name).String()
}
