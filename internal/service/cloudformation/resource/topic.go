package resource

import (
	"context"
	"strings"
)

// topic is AWS::SNS::Topic.
func topic() *Kind {
	arn := func(c *Caller, name string) string { return "arn:aws:sns:" + c.Region + ":" + c.Account + ":" + name }
	return &Kind{
		Type: "AWS::SNS::Topic", Name: "TopicName", Naming: Naming{Max: 256},
		Spec: spec(`
			TopicName text replace
			DisplayName text
			Subscription[].Protocol text required
			Subscription[].Endpoint text required
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"TopicArn", "TopicName"},
		Find: func(ctx context.Context, c *Caller, name string, _ Props) (bool, error) {
			_, err := c.Do(ctx, "sns", "GetTopicAttributes", map[string]any{"TopicArn": arn(c, name)})
			return found(err, "NotFound")
		},
		Create: func(ctx context.Context, c *Caller, name string, p Props) (string, error) {
			in := with(pick(p, "Tags"), "Name", name)
			if d := text(p, "DisplayName"); d != "" {
				in["Attributes"] = map[string]any{"DisplayName": d}
			}
			out, err := c.Do(ctx, "sns", "CreateTopic", in)
			if err != nil {
				return arn(c, name), err
			}
			return text(out, "TopicArn"), subscribeAll(ctx, c, text(out, "TopicArn"), p)
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			if !same(old["DisplayName"], p["DisplayName"]) {
				in := map[string]any{"TopicArn": id, "AttributeName": "DisplayName", "AttributeValue": text(p, "DisplayName")}
				if _, err := c.Do(ctx, "sns", "SetTopicAttributes", in); err != nil {
					return err
				}
			}
			if err := dropSubscriptions(ctx, c, id, old, p); err != nil {
				return err
			}
			if err := subscribeAll(ctx, c, id, p); err != nil {
				return err
			}
			return retag(ctx, c, "sns", map[string]any{"ResourceArn": id}, true, "TagKeys", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "sns", "DeleteTopic", map[string]any{"TopicArn": id})
			return err
		},
		Read: func(_ context.Context, _ *Caller, id string, _ Props) (map[string]any, error) {
			return map[string]any{"TopicArn": id, "TopicName": id[strings.LastIndexByte(id, ':')+1:]}, nil
		},
	}
}

// subscribeAll subscribes the endpoints that a topic declares itself; one that is subscribed already stays so.
func subscribeAll(ctx context.Context, c *Caller, topic string, p Props) error {
	for _, e := range list(p, "Subscription") {
		m, _ := e.(map[string]any)
		if _, err := c.Do(ctx, "sns", "Subscribe", with(pick(m, "Protocol", "Endpoint"), "TopicArn", topic)); err != nil {
			return err
		}
	}
	return nil
}

func dropSubscriptions(ctx context.Context, c *Caller, topic string, old, p Props) error {
	keep := map[string]bool{}
	for _, e := range list(p, "Subscription") {
		m, _ := e.(map[string]any)
		keep[text(m, "Protocol")+" "+text(m, "Endpoint")] = true
	}
	for _, e := range list(old, "Subscription") {
		m, _ := e.(map[string]any)
		if keep[text(m, "Protocol")+" "+text(m, "Endpoint")] {
			continue
		}
		id, err := subscriptionOf(ctx, c, topic, text(m, "Protocol"), text(m, "Endpoint"))
		if err != nil || id == "" {
			return err
		}
		if _, err := c.Do(ctx, "sns", "Unsubscribe", map[string]any{"SubscriptionArn": id}); err != nil {
			return err
		}
	}
	return nil
}

// subscriptionOf finds the ARN of a confirmed subscription, or "".
func subscriptionOf(ctx context.Context, c *Caller, topic, protocol, endpoint string) (string, error) {
	in := map[string]any{"TopicArn": topic}
	for {
		out, err := c.Do(ctx, "sns", "ListSubscriptionsByTopic", in)
		if err != nil {
			return "", gone(err, "NotFound")
		}
		for _, e := range list(out, "Subscriptions") {
			m, _ := e.(map[string]any)
			if text(m, "Protocol") == protocol && text(m, "Endpoint") == endpoint && strings.HasPrefix(text(m, "SubscriptionArn"), "arn:") {
				return text(m, "SubscriptionArn"), nil
			}
		}
		next := text(out, "NextToken")
		if next == "" {
			return "", nil
		}
		in["NextToken"] = next
	}
}
