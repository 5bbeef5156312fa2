package sns

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM; what is done to a subscription is asked of its topic. Source: "Actions, resources, and
// condition keys for Amazon SNS".
func access() api.Access {
	topic, subscription, resource := []string{"{TopicArn}"}, []string{"{SubscriptionArn}"}, []string{"{ResourceArn}"}
	return api.Access{Prefix: "sns", ARN: "arn:aws:sns:{region}:{account}:", Resolve: topicOf, Grants: []api.Grant{
		{Ops: "CreateTopic", On: []string{"arn:aws:sns:{region}:{account}:{Name}"}, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "ListTopics ListSubscriptions"},
		{Ops: "DeleteTopic GetTopicAttributes SetTopicAttributes ConfirmSubscription ListSubscriptionsByTopic", On: topic},
		{Ops: "Subscribe", On: topic, Keys: api.Keys{"sns:Protocol": "{Protocol}", "sns:Endpoint": "{Endpoint}"}},
		{Ops: "Publish", On: []string{"{TopicArn}", "{TargetArn}"}},
		{Ops: "Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes", On: subscription},
		{Ops: "TagResource", On: resource, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "UntagResource", On: resource, Keys: api.Keys{"aws:TagKeys": "{TagKeys}"}},
		{Ops: "ListTagsForResource", On: resource},
	}}
}

// topicOf takes a subscription's id off its ARN.
func topicOf(_ context.Context, arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) == 7 {
		return strings.Join(parts[:6], ":")
	}
	return arn
}
