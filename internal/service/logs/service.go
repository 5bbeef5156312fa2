// Package logs is CloudWatch Logs: groups, streams, events and filters over package logstore, in AWS's operations, limits and words.
// Insights queries, metric filters and subscription filters are not served; neither are space-delimited and regular-expression filter
// patterns. API: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/.
package logs

import (
	"context"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/clock"
	"penstock/internal/logstore"
	"penstock/internal/module"
)

// A Service answers the operations.
type Service struct {
	module.Env
	store *logstore.Store
}

// New returns the service.
func New(env module.Env, store *logstore.Store) *Service { return &Service{env, store} }

// Module is what the server runs.
func (s *Service) Module() module.Module {
	return module.Module{API: s.API(), Schema: s.schema(), Run: s.Run}
}

// API lists the operations.
func (s *Service) API() api.Service {
	return api.Service{Name: "logs", Access: access(), SDK: "CloudWatchLogs", Dialect: dialect(), Ops: []api.Op{
		api.Handle(s.CreateLogGroup, api.Honours("LogGroupName", "Tags"),
			api.Inert("LogGroupClass", "STANDARD only; another class is refused")),
		api.Handle(s.DeleteLogGroup, api.Honours("LogGroupName")),
		api.Handle(s.DescribeLogGroups, api.Honours("LogGroupNamePrefix", "LogGroupNamePattern", "Limit", "NextToken"),
			api.Holds("LogGroupClass", "STANDARD")),
		api.Handle(s.PutRetentionPolicy, api.Honours("LogGroupName", "RetentionInDays")),
		api.Handle(s.DeleteRetentionPolicy, api.Honours("LogGroupName")),
		api.Handle(s.CreateLogStream, api.Honours("LogGroupName", "LogStreamName")),
		api.Handle(s.DeleteLogStream, api.Honours("LogGroupName", "LogStreamName")),
		api.Handle(s.DescribeLogStreams,
			api.Honours("LogGroupName", "LogGroupIdentifier", "LogStreamNamePrefix", "OrderBy", "Descending", "Limit", "NextToken")),
		api.Handle(s.PutLogEvents, api.Honours("LogGroupName", "LogStreamName", "LogEvents[].Message", "LogEvents[].Timestamp"),
			api.Inert("SequenceToken", "AWS ignores it since 2023")),
		api.Handle(s.GetLogEvents, api.Honours("LogGroupName", "LogGroupIdentifier", "LogStreamName", "StartTime", "EndTime", "Limit",
			"NextToken", "StartFromHead")),
		api.Handle(s.FilterLogEvents, api.Honours("LogGroupName", "LogGroupIdentifier", "LogStreamNames", "LogStreamNamePrefix", "StartTime",
			"EndTime", "FilterPattern", "Limit", "NextToken"),
			api.Inert("Interleaved", "answers are always interleaved, as on AWS")),
		api.Handle(s.TagResource, api.Honours("ResourceArn", "Tags")),
		api.Handle(s.UntagResource, api.Honours("ResourceArn", "TagKeys")),
		api.Handle(s.ListTagsForResource, api.Honours("ResourceArn")),
	}}
}

// Run removes events that are past their group's retention, once an hour, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		if err := clock.Sleep(ctx, s.Clock, time.Hour); err != nil {
			return nil
		}
		if err := s.expire(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "expire log events", "err", err)
		}
	}
}

func (s *Service) expire(ctx context.Context) error {
	for {
		if n, err := s.store.Expire(ctx); err != nil || n == 0 {
			return err
		}
	}
}

func (s *Service) groupARN(name string) string {
	return arn.New("logs", s.Region, s.Account, "log-group:"+name).String()
}

// groupName takes a group from its name or from an identifier, which is a name or an ARN; exactly one of them must be given.
func (s *Service) groupName(name, identifier *string) (string, error) {
	switch {
	case name != nil && identifier != nil:
		return "", api.Errorf(invalidParameter, "LogGroupName and LogGroupIdentifier cannot be given together.")
	case name != nil:
		return *name, nil
	case identifier == nil:
		return "", api.Errorf(invalidParameter, "One of logGroupName or logGroupIdentifier must be specified.")
	}
	if strings.HasSuffix(*identifier, ":*") {
		return "", api.Errorf(invalidParameter, "1 validation error detected: Value '%s' at 'logGroupIdentifier' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: [\w#+=/:,.@-]*`, *identifier)
	}
	return s.nameOfARN(*identifier)
}

// nameOfARN takes a group from its name or its ARN, which is the one without the ":*" that stands for its streams. A group of another
// account or region is none of this service's.
func (s *Service) nameOfARN(text string) (string, error) {
	if !strings.HasPrefix(text, "arn:") {
		return text, nil
	}
	a, err := arn.Parse(text)
	if err != nil {
		return "", api.Errorf(invalidParameter, "%s", err)
	}
	name, ok := a.ResourceAfter("log-group:")
	if !ok {
		return "", api.Errorf(invalidParameter, "%s is not the ARN of a log group", text)
	}
	if a = a.In(s.Region, s.Account); a.Region != s.Region || a.Account != s.Account {
		return "", mapped(logstore.ErrGroupNotFound)
	}
	return name, nil
}
