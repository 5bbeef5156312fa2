package logs

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"penstock/internal/api"
	"penstock/internal/logstore"
)

// Limits of PutLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html.
const (
	maxBatchEvents = 10_000
	maxBatchBytes  = 1 << 20
	eventOverhead  = 26
	maxBatchSpan   = 24 * time.Hour
	maxAge         = 14 * 24 * time.Hour
	maxAhead       = 2 * time.Hour
)

// PutLogEvents appends events. Those that are too old, too new or past the retention are left out and reported.
func (s *Service) PutLogEvents(ctx context.Context, in *cloudwatchlogs.PutLogEventsInput) (*cloudwatchlogs.PutLogEventsOutput, error) {
	if err := checkBatch(in.LogEvents); err != nil {
		return nil, err
	}
	group, stream := aws.ToString(in.LogGroupName), aws.ToString(in.LogStreamName)
	g, err := s.store.Group(ctx, group)
	if err != nil {
		return nil, mapped(err)
	}
	keep, rejected := s.sift(in.LogEvents, g.Retention)
	events := make([]logstore.Event, len(keep))
	for i, e := range keep {
		events[i] = logstore.Event{Time: time.UnixMilli(*e.Timestamp), Message: aws.ToString(e.Message)}
	}
	if err := s.store.Put(ctx, group, stream, events); err != nil {
		return nil, mapped(err)
	}
	return &cloudwatchlogs.PutLogEventsOutput{RejectedLogEventsInfo: rejected,
		NextSequenceToken: aws.String(strconv.FormatInt(s.Clock.Now().UnixMilli(), 10))}, nil
}

func checkBatch(events []types.InputLogEvent) error {
	if len(events) == 0 || len(events) > maxBatchEvents {
		return api.Errorf(invalidParameter, "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: "+
			"Member must have length between 1 and %d", maxBatchEvents)
	}
	size, last := 0, int64(0)
	for i, e := range events {
		if e.Timestamp == nil || *e.Timestamp < 0 || aws.ToString(e.Message) == "" {
			return api.Errorf(invalidParameter, "1 validation error detected: Value at 'logEvents.%d.member' needs a timestamp of 0 or more "+
				"and a message of length 1 or more", i+1)
		}
		if *e.Timestamp < last {
			return api.Errorf(invalidParameter, "Log events in a single PutLogEvents request must be in chronological order.")
		}
		last = *e.Timestamp
		size += len(*e.Message) + eventOverhead
	}
	if size > maxBatchBytes {
		return api.Errorf(invalidParameter, "Upload too large: %d bytes exceeds limit of %d", size, maxBatchBytes)
	}
	if time.Duration(last-*events[0].Timestamp)*time.Millisecond > maxBatchSpan {
		return api.Errorf(invalidParameter, "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// sift leaves out what AWS rejects. Events are in time order, so each kind is a run at one end.
func (s *Service) sift(events []types.InputLogEvent, retention int) ([]types.InputLogEvent, *types.RejectedLogEventsInfo) {
	now := s.Clock.Now()
	before := func(t time.Time) int {
		n := 0
		for n < len(events) && *events[n].Timestamp < t.UnixMilli() {
			n++
		}
		return n
	}
	var r types.RejectedLogEventsInfo
	from, to, some := 0, len(events), false
	if n := before(now.Add(-maxAge)); n > 0 {
		r.TooOldLogEventEndIndex, from, some = aws.Int32(int32(n)), n, true
	}
	if retention > 0 {
		if n := before(now.AddDate(0, 0, -retention)); n > 0 {
			r.ExpiredLogEventEndIndex, from, some = aws.Int32(int32(n)), max(from, n), true
		}
	}
	if n := before(now.Add(maxAhead + time.Millisecond)); n < len(events) {
		r.TooNewLogEventStartIndex, to, some = aws.Int32(int32(n)), n, true
	}
	if !some {
		return events, nil
	}
	return events[from:max(from, to)], &r
}

// GetLogEvents reads one stream.
func (s *Service) GetLogEvents(ctx context.Context, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
	group, err := s.groupName(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	p, err := s.store.Get(ctx, logstore.GetQuery{Group: group, Stream: aws.ToString(in.LogStreamName), Start: instant(in.StartTime),
		End: instant(in.EndTime), Limit: limitOf(in.Limit, 0), FromHead: aws.ToBool(in.StartFromHead), Token: aws.ToString(in.NextToken)})
	if err != nil {
		return nil, mapped(err)
	}
	out := &cloudwatchlogs.GetLogEventsOutput{NextForwardToken: aws.String(p.Forward), NextBackwardToken: aws.String(p.Backward),
		Events: make([]types.OutputLogEvent, len(p.Events))}
	for i, e := range p.Events {
		out.Events[i] = types.OutputLogEvent{Message: aws.String(e.Message), Timestamp: aws.Int64(e.Time.UnixMilli()),
			IngestionTime: aws.Int64(e.Ingested.UnixMilli())}
	}
	return out, nil
}

func instant(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(*ms).UTC()
}

// FilterLogEvents reads all streams of a group.
func (s *Service) FilterLogEvents(ctx context.Context,
	in *cloudwatchlogs.FilterLogEventsInput) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	group, err := s.groupName(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if len(in.LogStreamNames) > 0 && in.LogStreamNamePrefix != nil {
		return nil, api.Errorf(invalidParameter, "logStreamNames and logStreamNamePrefix cannot be specified together.")
	}
	events, next, err := s.store.Filter(ctx, logstore.FilterQuery{Group: group, Streams: in.LogStreamNames,
		StreamPrefix: aws.ToString(in.LogStreamNamePrefix), Start: instant(in.StartTime), End: instant(in.EndTime),
		Pattern: aws.ToString(in.FilterPattern), Limit: limitOf(in.Limit, 0), Token: aws.ToString(in.NextToken)})
	if err != nil {
		return nil, mapped(err)
	}
	out := &cloudwatchlogs.FilterLogEventsOutput{Events: make([]types.FilteredLogEvent, len(events)),
		SearchedLogStreams: []types.SearchedLogStream{}}
	if next != "" {
		out.NextToken = aws.String(next)
	}
	for i, e := range events {
		out.Events[i] = types.FilteredLogEvent{EventId: aws.String(strconv.FormatInt(e.ID, 10)), LogStreamName: aws.String(e.Stream),
			Message:   aws.String(e.Message),
			Timestamp: aws.Int64(e.Time.UnixMilli()), IngestionTime: aws.Int64(e.Ingested.UnixMilli())}
	}
	return out, nil
}
