package sns

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"penstock/internal/api"
	"penstock/internal/id"
	"penstock/internal/meta"
)

// tokenLife is how long a subscription may wait for its confirmation:
// https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html.
const tokenLife = 2 * 24 * time.Hour

type subscription struct {
	arn, topic, protocol, endpoint string
	attrs                          map[string]string
	token                          string
	confirmed                      bool
	locked                         bool // to unsubscribe takes a signed call
	created                        time.Time
}

const subColumns = `SELECT arn, topic, protocol, endpoint, attrs, token, confirmed, lock, created FROM sns_subscriptions`

func readSub(row interface{ Scan(...any) error }) (b subscription, err error) {
	var attrs string
	var created int64
	err = row.Scan(&b.arn, &b.topic, &b.protocol, &b.endpoint, &attrs, &b.token, &b.confirmed, &b.locked, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return b, notFound("Subscription")
	}
	if err != nil {
		return b, err
	}
	b.created = time.UnixMilli(created)
	return b, json.Unmarshal([]byte(attrs), &b.attrs)
}

func saveSub(tx *meta.Tx, b subscription) error {
	attrs, err := json.Marshal(b.attrs)
	if err != nil {
		return fmt.Errorf("encode subscription: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO sns_subscriptions (arn, topic, protocol, endpoint, attrs, token, confirmed, lock, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (arn) DO UPDATE SET attrs = excluded.attrs, token = excluded.token, confirmed = excluded.confirmed, lock = excluded.lock,
		created = excluded.created`,
		b.arn, b.topic, b.protocol, b.endpoint, string(attrs), b.token, b.confirmed, b.locked, b.created.UnixMilli())
	return err
}

func checkEndpoint(protocol, endpoint string) error {
	if protocol != "http" && protocol != "https" {
		switch protocol {
		case "email", "email-json", "sms", "sqs", "lambda", "firehose", "application":
			return invalid("Protocol Reason: Penstock does not support the protocol %s yet (http and https are supported)", protocol)
		}
		return invalid("Amazon SNS does not support this protocol string: %s", protocol)
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != protocol {
		return invalid("Endpoint must match the specified protocol")
	}
	return nil
}

// notSubscription are the attributes of subscriptions that are not served, with the values that ask for nothing.
var notSubscription = api.Attributes{
	"FilterPolicy": {"{}"}, "FilterPolicyScope": {"MessageAttributes"}, "DeliveryPolicy": {"{}"}, "RedrivePolicy": {"{}"},
	"ReplayPolicy": {"{}"}, "SubscriptionRoleArn": nil,
}

func setSubAttr(attrs map[string]string, name, value string) error {
	if notSubscription.AskNothing(name, value) {
		return nil
	}
	if name != "RawMessageDelivery" {
		return invalid("AttributeName: Penstock does not support the subscription attribute %s yet", name)
	}
	if value != "true" && value != "false" {
		return invalid("RawMessageDelivery: Invalid value [%s]. Must be true or false.", value)
	}
	attrs[name] = value
	return nil
}

// Subscribe registers an endpoint and sends it a confirmation request; until it answers that, it gets nothing else.
func (s *Service) Subscribe(ctx context.Context, in *sns.SubscribeInput) (*sns.SubscribeOutput, error) {
	b := subscription{topic: aws.ToString(in.TopicArn), protocol: aws.ToString(in.Protocol), endpoint: aws.ToString(in.Endpoint),
		attrs: map[string]string{}, token: id.Hex(80), created: s.Clock.Now()}
	if err := checkEndpoint(b.protocol, b.endpoint); err != nil {
		return nil, err
	}
	for k, v := range in.Attributes {
		if err := setSubAttr(b.attrs, k, v); err != nil {
			return nil, err
		}
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := topicTx(tx, b.topic); err != nil {
			return err
		}
		old, err := readSub(tx.QueryRow(subColumns+` WHERE topic = ? AND protocol = ? AND endpoint = ?`, b.topic, b.protocol, b.endpoint))
		switch {
		case err != nil:
			b.arn = b.topic + ":" + id.UUID()
		case old.confirmed:
			b.arn, b.confirmed = old.arn, true
			for k, v := range b.attrs {
				if old.attrs[k] != v {
					return invalid("Attributes Reason: Subscription already exists with different attributes")
				}
			}
			return nil
		default: // asked again
			b.arn = old.arn
		}
		if err := saveSub(tx, b); err != nil {
			return err
		}
		return s.enqueue(tx, message{Type: "SubscriptionConfirmation", ID: id.UUID(), Topic: b.topic, Subscription: b.arn,
			Endpoint: b.endpoint, Token: b.token,
			Text: "You have chosen to subscribe to the topic " + b.topic +
				".\nTo confirm the subscription, visit the SubscribeURL included in this message.",
			Time: b.created})
	})
	shown := "pending confirmation"
	if b.confirmed || in.ReturnSubscriptionArn {
		shown = b.arn
	}
	return &sns.SubscribeOutput{SubscriptionArn: aws.String(shown)}, err
}

// ConfirmSubscription proves, by the token that the endpoint was sent, that it wants the messages.
func (s *Service) ConfirmSubscription(ctx context.Context, in *sns.ConfirmSubscriptionInput) (*sns.ConfirmSubscriptionOutput, error) {
	arn, err := s.confirm(ctx, aws.ToString(in.TopicArn), aws.ToString(in.Token), aws.ToString(in.AuthenticateOnUnsubscribe) == "true")
	return &sns.ConfirmSubscriptionOutput{SubscriptionArn: aws.String(arn)}, err
}

func (s *Service) confirm(ctx context.Context, topic, token string, lock bool) (arn string, err error) {
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := topicTx(tx, topic); err != nil {
			return err
		}
		b, err := readSub(tx.QueryRow(subColumns+` WHERE token = ? AND topic = ?`, token, topic))
		if err != nil || token == "" {
			return invalid("Token")
		}
		if arn = b.arn; b.confirmed {
			return nil
		}
		if s.Clock.Now().Sub(b.created) > tokenLife {
			return invalid("Token Reason: the token has expired")
		}
		b.confirmed, b.locked = true, lock
		return saveSub(tx, b)
	})
	return arn, err
}

// Unsubscribe removes a subscription and tells its endpoint so; one that does not exist is fine, as on AWS.
func (s *Service) Unsubscribe(ctx context.Context, in *sns.UnsubscribeInput) (*sns.UnsubscribeOutput, error) {
	return &sns.UnsubscribeOutput{}, s.unsubscribe(ctx, aws.ToString(in.SubscriptionArn), true)
}

func (s *Service) unsubscribe(ctx context.Context, arn string, signed bool) error {
	return s.Meta.Update(ctx, func(tx *meta.Tx) error {
		b, err := readSub(tx.QueryRow(subColumns+` WHERE arn = ?`, arn))
		if err != nil {
			return nil
		}
		if b.locked && !signed {
			return authorization("The subscription was confirmed with AuthenticateOnUnsubscribe: unsubscribe with a signed call")
		}
		if _, err := tx.Exec(`DELETE FROM sns_subscriptions WHERE arn = ?`, arn); err != nil || !b.confirmed {
			return err
		}
		if _, err := tx.Exec(`UPDATE sns_topics SET deleted = deleted + 1 WHERE arn = ?`, b.topic); err != nil {
			return err
		}
		return s.enqueue(tx, message{Type: "UnsubscribeConfirmation", ID: id.UUID(), Topic: b.topic, Subscription: arn,
			Endpoint: b.endpoint, Token: b.token,
			Text: "You have chosen to deactivate subscription " + arn + ".\nTo cancel this operation and restore the subscription, subscribe again.",
			Time: s.Clock.Now()})
	})
}
