package logs

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for Amazon CloudWatch Logs".
func access() api.Access {
	group, resource := []string{"log-group:{LogGroupName}"}, []string{"{ResourceArn}"}
	stream := []string{"log-group:{LogGroupName}:log-stream:{LogStreamName}"}
	either := []string{"log-group:{LogGroupName}", "log-group:{LogGroupIdentifier|arn}"}
	return api.Access{Prefix: "logs", ARN: "arn:aws:logs:{region}:{account}:", Resolve: untrailed, Grants: []api.Grant{
		{Ops: "CreateLogGroup", On: group, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy", On: group},
		{Ops: "DescribeLogGroups"},
		{Ops: "DescribeLogStreams FilterLogEvents", On: either},
		{Ops: "CreateLogStream DeleteLogStream PutLogEvents", On: stream},
		{Ops: "GetLogEvents", If: "LogGroupName", On: stream},
		{Ops: "GetLogEvents", Unless: "LogGroupName", On: []string{"log-group:{LogGroupIdentifier}:log-stream:{LogStreamName}"}},
		{Ops: "TagResource", On: resource, Keys: api.Keys{"aws:RequestTag/": "{Tags}"}},
		{Ops: "UntagResource", On: resource, Keys: api.Keys{"aws:TagKeys": "{TagKeys}"}},
		{Ops: "ListTagsForResource", On: resource},
	}}
}

// untrailed gives a group's or a stream's ARN where one was named by its ARN, with or without the ":*" that stands for its streams.
func untrailed(_ context.Context, arn string) string {
	if i := strings.LastIndex(arn, "arn:"); i > 0 && strings.HasSuffix(arn[:i], ":log-group:") {
		arn = strings.Replace(arn[i:], ":*:log-stream:", ":log-stream:", 1)
	}
	return strings.TrimSuffix(arn, ":*")
}
