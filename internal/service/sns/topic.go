package sns

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/meta/tag"
	"penstock/internal/pattern"
)

var topicPattern = pattern.Lazy(`^[A-Za-z0-9_-]{1,256}$`)

// pageSize is how many topics or subscriptions AWS lists at once.
const pageSize = 100

type topic struct {
	arn     string
	attrs   map[string]string
	deleted int // subscriptions
}

func topicTx(tx *meta.Tx, arn string) (t topic, err error) {
	var attrs string
	err = tx.QueryRow(`SELECT arn, attrs, deleted FROM sns_topics WHERE arn = ?`, arn).Scan(&t.arn, &attrs, &t.deleted)
	if errors.Is(err, sql.ErrNoRows) {
		return t, notFound("Topic")
	}
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal([]byte(attrs), &t.attrs)
}

func saveTopic(tx *meta.Tx, t topic) error {
	attrs, err := json.Marshal(t.attrs)
	if err != nil {
		return fmt.Errorf("encode topic: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO sns_topics (arn, attrs) VALUES (?, ?) ON CONFLICT DO UPDATE SET attrs = excluded.attrs`,
		t.arn, string(attrs))
	return err
}

// notTopic are the attributes of topics that are not served, with the values that ask for nothing.
var notTopic = api.Attributes{
	"FifoTopic": {"false"}, "ContentBasedDeduplication": {"false"}, "FifoThroughputScope": nil, "ArchivePolicy": {"{}"},
	"KmsMasterKeyId": nil, "SignatureVersion": {"1"}, "TracingConfig": {"PassThrough"}, "DeliveryPolicy": nil, "DataProtectionPolicy": nil,
	"HTTPSuccessFeedbackRoleArn": nil, "HTTPSuccessFeedbackSampleRate": {"0"}, "HTTPFailureFeedbackRoleArn": nil,
	"SQSSuccessFeedbackRoleArn": nil, "SQSSuccessFeedbackSampleRate": {"0"}, "SQSFailureFeedbackRoleArn": nil,
	"LambdaSuccessFeedbackRoleArn": nil, "LambdaSuccessFeedbackSampleRate": {"0"}, "LambdaFailureFeedbackRoleArn": nil,
	"FirehoseSuccessFeedbackRoleArn": nil, "FirehoseSuccessFeedbackSampleRate": {"0"}, "FirehoseFailureFeedbackRoleArn": nil,
	"ApplicationSuccessFeedbackRoleArn": nil, "ApplicationSuccessFeedbackSampleRate": {"0"}, "ApplicationFailureFeedbackRoleArn": nil,
}

// setTopicAttr checks and sets one attribute. Policy is kept and returned: policies are not enforced yet.
func setTopicAttr(attrs map[string]string, name, value string) error {
	switch name {
	case "DisplayName":
		if len(value) > 100 {
			return invalid("DisplayName must be at most 100 characters long")
		}
	case "Policy":
		if !json.Valid([]byte(value)) {
			return invalid("Policy Error: null")
		}
	default:
		if notTopic.AskNothing(name, value) {
			return nil
		}
		return invalid("AttributeName: Penstock does not support the topic attribute %s yet", name)
	}
	attrs[name] = value
	return nil
}

// CreateTopic makes a topic; one that exists with the same attributes is answered as if made now.
func (s *Service) CreateTopic(ctx context.Context, in *sns.CreateTopicInput) (*sns.CreateTopicOutput, error) {
	name := aws.ToString(in.Name)
	if strings.HasSuffix(name, ".fifo") {
		return nil, invalid("Topic Name: Penstock does not support FIFO topics yet")
	}
	if !topicPattern().MatchString(name) {
		return nil, invalid("Topic Name")
	}
	t, tags := topic{arn: s.topicARN(name), attrs: map[string]string{}}, tagMap(in.Tags)
	for k, v := range in.Attributes {
		if err := setTopicAttr(t.attrs, k, v); err != nil {
			return nil, err
		}
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		old, err := topicTx(tx, t.arn)
		if err != nil {
			return errors.Join(saveTopic(tx, t), tag.Add(tx, t.arn, tags))
		}
		has, err := tag.Of(tx, t.arn)
		if err != nil {
			return err
		}
		for k, v := range t.attrs {
			if old.attrs[k] != v {
				return invalid("Attributes Reason: Topic already exists with different attributes")
			}
		}
		if len(tags) > 0 && !maps.Equal(tags, has) {
			return invalid("Tags Reason: Topic already exists with different tags")
		}
		return nil
	})
	return &sns.CreateTopicOutput{TopicArn: aws.String(t.arn)}, badTag(err)
}

// DeleteTopic removes a topic with its subscriptions; one that does not exist is fine, as on AWS.
func (s *Service) DeleteTopic(ctx context.Context, in *sns.DeleteTopicInput) (*sns.DeleteTopicOutput, error) {
	if _, err := arn.Parse(aws.ToString(in.TopicArn)); err != nil {
		return nil, invalid("TopicArn Reason: %s", err)
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := tx.Exec(`DELETE FROM sns_subscriptions WHERE topic = ?`, *in.TopicArn); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM sns_topics WHERE arn = ?`, *in.TopicArn); err != nil {
			return err
		}
		return tag.Drop(tx, *in.TopicArn)
	})
	return &sns.DeleteTopicOutput{}, err
}

// ListTopics lists topics in the order of their creation.
func (s *Service) ListTopics(ctx context.Context, in *sns.ListTopicsInput) (*sns.ListTopicsOutput, error) {
	from, to := arn.Bounds("sns", s.Region)
	arns, next, err := s.page(ctx, in.NextToken,
		`SELECT arn, rowid FROM sns_topics WHERE arn > ? AND arn < ? AND rowid > ? ORDER BY rowid LIMIT ?`, from, to)
	if err != nil {
		return nil, err
	}
	out := &sns.ListTopicsOutput{NextToken: next, Topics: []types.Topic{}}
	for _, a := range arns {
		out.Topics = append(out.Topics, types.Topic{TopicArn: aws.String(a)})
	}
	return out, nil
}

// page reads a page of ARNs by a query that takes what selects them, the last row id and the limit.
func (s *Service) page(ctx context.Context, token *string, query string, filter ...string) (arns []string, next *string, err error) {
	p, err := page.Read(token, pageSize, invalid("NextToken Reason: %s", meta.ErrToken), s.Region, append(filter, query)...)
	if err != nil {
		return nil, nil, err
	}
	after, err := p.Number(0)
	if err != nil {
		return nil, nil, err
	}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		var args []any
		for _, f := range filter {
			args = append(args, f)
		}
		rows, err := tx.Query(query, append(args, after, p.Ask())...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a string
			var row int64
			if err := rows.Scan(&a, &row); err != nil {
				return err
			}
			if p.TakeNumber(row) {
				arns = append(arns, a)
			}
		}
		return rows.Err()
	})
	return arns, p.Next(), err
}

// effectivePolicy is how this service delivers over HTTP, which is AWS's default.
const effectivePolicy = `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,` +
	`"numRetries":3,"numMaxDelayRetries":0,` +
	`"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,` +
	`"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`

// GetTopicAttributes answers a topic's attributes and counts.
func (s *Service) GetTopicAttributes(ctx context.Context, in *sns.GetTopicAttributesInput) (*sns.GetTopicAttributesOutput, error) {
	var t topic
	var confirmed, pending int
	err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		if t, err = topicTx(tx, aws.ToString(in.TopicArn)); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT count(*) FILTER (WHERE confirmed = 1), count(*) FILTER (WHERE confirmed = 0) `+
			`FROM sns_subscriptions WHERE topic = ?`,
			t.arn).Scan(&confirmed, &pending)
	})
	if err != nil {
		return nil, err
	}
	attrs := map[string]string{"TopicArn": t.arn, "Owner": s.Account, "DisplayName": "", "Policy": s.defaultPolicy(t.arn),
		"EffectiveDeliveryPolicy": effectivePolicy, "SubscriptionsConfirmed": strconv.Itoa(confirmed),
		"SubscriptionsPending": strconv.Itoa(pending), "SubscriptionsDeleted": strconv.Itoa(t.deleted)}
	maps.Copy(attrs, t.attrs)
	return &sns.GetTopicAttributesOutput{Attributes: attrs}, nil
}

func (s *Service) defaultPolicy(topic string) string {
	return fmt.Sprintf(`{"Version":"2008-10-17","Id":"__default_policy_ID",`+
		`"Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},`+
		`"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission",`+
		`"SNS:DeleteTopic","SNS:Subscribe",`+
		`"SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"%s","Condition":{"StringEquals":{"AWS:SourceOwner":"%s"}}}]}`,
		topic, s.Account)
}

// SetTopicAttributes sets one attribute.
func (s *Service) SetTopicAttributes(ctx context.Context, in *sns.SetTopicAttributesInput) (*sns.SetTopicAttributesOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		t, err := topicTx(tx, aws.ToString(in.TopicArn))
		if err != nil {
			return err
		}
		if err := setTopicAttr(t.attrs, aws.ToString(in.AttributeName), aws.ToString(in.AttributeValue)); err != nil {
			return err
		}
		return saveTopic(tx, t)
	})
	return &sns.SetTopicAttributesOutput{}, err
}
