package logs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"penstock/internal/api"
	"penstock/internal/logstore"
	"penstock/internal/meta/page"
	"penstock/internal/pattern"
)

var streamPattern = pattern.Lazy(`^[^:*]{1,512}$`)

// CreateLogStream makes a stream.
func (s *Service) CreateLogStream(ctx context.Context,
	in *cloudwatchlogs.CreateLogStreamInput) (*cloudwatchlogs.CreateLogStreamOutput, error) {
	name := aws.ToString(in.LogStreamName)
	if !streamPattern().MatchString(name) {
		return nil, api.Errorf(invalidParameter, "1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", name)
	}
	return &cloudwatchlogs.CreateLogStreamOutput{}, mapped(s.store.CreateStream(ctx, aws.ToString(in.LogGroupName), name))
}

// DeleteLogStream removes a stream with its events.
func (s *Service) DeleteLogStream(ctx context.Context,
	in *cloudwatchlogs.DeleteLogStreamInput) (*cloudwatchlogs.DeleteLogStreamOutput, error) {
	return &cloudwatchlogs.DeleteLogStreamOutput{},
		mapped(s.store.DeleteStream(ctx, aws.ToString(in.LogGroupName), aws.ToString(in.LogStreamName)))
}

// DescribeLogStreams lists streams by name or by their last event.
func (s *Service) DescribeLogStreams(ctx context.Context,
	in *cloudwatchlogs.DescribeLogStreamsInput) (*cloudwatchlogs.DescribeLogStreamsOutput, error) {
	group, err := s.groupName(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q := logstore.StreamQuery{Group: group, Prefix: aws.ToString(in.LogStreamNamePrefix), Descending: aws.ToBool(in.Descending),
		ByLastEvent: in.OrderBy == types.OrderByLastEventTime, Limit: limitOf(in.Limit, 50)}
	if q.ByLastEvent && q.Prefix != "" {
		return nil, api.Errorf(invalidParameter, "Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	p, err := s.readPage(in.NextToken, q.Limit, "streams", group, q.Prefix,
		strconv.FormatBool(q.ByLastEvent), strconv.FormatBool(q.Descending))
	if err != nil {
		return nil, err
	}
	if p.After != "" {
		ms, name, _ := strings.Cut(p.After, ":")
		q.AfterName = name
		if q.AfterTime, err = strconv.ParseInt(ms, 10, 64); err != nil {
			return nil, mapped(logstore.ErrBadToken)
		}
	}
	q.Limit = p.Ask()
	streams, err := s.store.Streams(ctx, q)
	if err != nil {
		return nil, mapped(err)
	}
	out := &cloudwatchlogs.DescribeLogStreamsOutput{LogStreams: []types.LogStream{}}
	key := func(st logstore.Stream) string { return fmt.Sprintf("%d:%s", stamp(st.LastEvent), st.Name) }
	for _, st := range page.Cut(p, streams, key) {
		out.LogStreams = append(out.LogStreams, s.stream(group, st))
	}
	out.NextToken = p.Next()
	return out, nil
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func (s *Service) stream(group string, st logstore.Stream) types.LogStream {
	out := types.LogStream{
		Arn: aws.String(s.groupARN(group) + ":log-stream:" + st.Name), LogStreamName: aws.String(st.Name),
		CreationTime: aws.Int64(st.Created.UnixMilli()),
	}
	//lint:ignore SA1019 AWS still answers it, as 0 since 2019
	out.StoredBytes = aws.Int64(0)
	if !st.LastIngest.IsZero() {
		out.FirstEventTimestamp, out.LastEventTimestamp = aws.Int64(st.FirstEvent.UnixMilli()), aws.Int64(st.LastEvent.UnixMilli())
		out.LastIngestionTime = aws.Int64(st.LastIngest.UnixMilli())
		out.UploadSequenceToken = aws.String(strconv.FormatInt(st.LastIngest.UnixMilli(), 10))
	}
	return out
}
