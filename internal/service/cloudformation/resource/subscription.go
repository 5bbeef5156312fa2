package resource

import "context"

// subscription is AWS::SNS::Subscription. It counts as made when it is asked for; the endpoint confirms in its own time.
func subscription() *Kind {
	raw := func(p Props) string {
		if p["RawMessageDelivery"] == true {
			return "true"
		}
		return "false"
	}
	return &Kind{
		Type: "AWS::SNS::Subscription",
		Spec: spec(`
			TopicArn text required replace
			Protocol text required replace
			Endpoint text replace
			RawMessageDelivery bool`),
		Attributes: []string{"Arn"},
		Create: func(ctx context.Context, c *Caller, _ string, p Props) (string, error) {
			in := with(pick(p, "TopicArn", "Protocol", "Endpoint"), "ReturnSubscriptionArn", true)
			if p["RawMessageDelivery"] == true {
				in["Attributes"] = map[string]any{"RawMessageDelivery": "true"}
			}
			out, err := c.Do(ctx, "sns", "Subscribe", in)
			return text(out, "SubscriptionArn"), err
		},
		Update: func(ctx context.Context, c *Caller, id string, _, p Props) error {
			_, err := c.Do(ctx, "sns", "SetSubscriptionAttributes", map[string]any{"SubscriptionArn": id, "AttributeName": "RawMessageDelivery",
				"AttributeValue": raw(p)})
			return err
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "sns", "Unsubscribe", map[string]any{"SubscriptionArn": id})
			return gone(err, "NotFound")
		},
		Read: func(_ context.Context, _ *Caller, id string, _ Props) (map[string]any, error) {
			return map[string]any{"Arn": id}, nil
		},
	}
}
