package sns

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"penstock/internal/arn"
	"penstock/internal/meta"
)

// ListSubscriptions lists all subscriptions.
func (s *Service) ListSubscriptions(ctx context.Context, in *sns.ListSubscriptionsInput) (*sns.ListSubscriptionsOutput, error) {
	from, to := arn.Bounds("sns", s.Region)
	subs, next, err := s.subscriptions(ctx, in.NextToken,
		`SELECT arn, rowid FROM sns_subscriptions WHERE arn > ? AND arn < ? AND rowid > ? ORDER BY rowid LIMIT ?`, from, to)
	return &sns.ListSubscriptionsOutput{Subscriptions: subs, NextToken: next}, err
}

// ListSubscriptionsByTopic lists the subscriptions of a topic.
func (s *Service) ListSubscriptionsByTopic(ctx context.Context,
	in *sns.ListSubscriptionsByTopicInput) (*sns.ListSubscriptionsByTopicOutput, error) {
	topic := aws.ToString(in.TopicArn)
	err := s.Meta.View(ctx, func(tx *meta.Tx) error {
		_, err := topicTx(tx, topic)
		return err
	})
	if err != nil {
		return nil, err
	}
	subs, next, err := s.subscriptions(ctx, in.NextToken,
		`SELECT arn, rowid FROM sns_subscriptions WHERE topic = ? AND rowid > ? ORDER BY rowid LIMIT ?`, topic)
	return &sns.ListSubscriptionsByTopicOutput{Subscriptions: subs, NextToken: next}, err
}

func (s *Service) subscriptions(ctx context.Context, token *string, query string, filter ...string) ([]types.Subscription, *string, error) {
	arns, next, err := s.page(ctx, token, query, filter...)
	if err != nil {
		return nil, nil, err
	}
	out := []types.Subscription{}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		for _, a := range arns {
			b, err := readSub(tx.QueryRow(subColumns+` WHERE arn = ?`, a))
			if err != nil {
				continue // gone since
			}
			if !b.confirmed {
				b.arn = "PendingConfirmation"
			}
			out = append(out, types.Subscription{SubscriptionArn: aws.String(b.arn), TopicArn: aws.String(b.topic), Protocol: aws.String(b.protocol),
				Endpoint: aws.String(b.endpoint), Owner: aws.String(s.Account)})
		}
		return nil
	})
	return out, next, err
}

// GetSubscriptionAttributes answers a subscription's attributes.
func (s *Service) GetSubscriptionAttributes(ctx context.Context,
	in *sns.GetSubscriptionAttributesInput) (*sns.GetSubscriptionAttributesOutput, error) {
	var b subscription
	err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		b, err = readSub(tx.QueryRow(subColumns+` WHERE arn = ?`, aws.ToString(in.SubscriptionArn)))
		return err
	})
	raw := b.attrs["RawMessageDelivery"]
	if raw == "" {
		raw = "false"
	}
	return &sns.GetSubscriptionAttributesOutput{Attributes: map[string]string{
		"SubscriptionArn": b.arn, "TopicArn": b.topic, "Protocol": b.protocol, "Endpoint": b.endpoint, "Owner": s.Account,
		"RawMessageDelivery": raw, "PendingConfirmation": strconv.FormatBool(!b.confirmed), "EffectiveDeliveryPolicy": effectivePolicy,
		"ConfirmationWasAuthenticated": strconv.FormatBool(b.locked), "SubscriptionPrincipal": "arn:aws:iam::" + s.Account + ":root",
	}}, err
}

// SetSubscriptionAttributes sets one attribute.
func (s *Service) SetSubscriptionAttributes(ctx context.Context,
	in *sns.SetSubscriptionAttributesInput) (*sns.SetSubscriptionAttributesOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		b, err := readSub(tx.QueryRow(subColumns+` WHERE arn = ?`, aws.ToString(in.SubscriptionArn)))
		if err != nil {
			return err
		}
		if err := setSubAttr(b.attrs, aws.ToString(in.AttributeName), aws.ToString(in.AttributeValue)); err != nil {
			return err
		}
		return saveSub(tx, b)
	})
	return &sns.SetSubscriptionAttributesOutput{}, err
}
