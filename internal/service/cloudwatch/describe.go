package cloudwatch

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/internal/api"
	"penstock/internal/meta/page"
	"penstock/internal/metric"
)

const pageSize = 100

// DescribeAlarms lists alarms in name order.
func (s *Service) DescribeAlarms(ctx context.Context, in *cloudwatch.DescribeAlarmsInput) (*cloudwatch.DescribeAlarmsOutput, error) {
	out := &cloudwatch.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{}}
	if len(in.AlarmNames) > 0 && in.AlarmNamePrefix != nil {
		return nil, api.Errorf(invalidCombination, "AlarmNamePrefix and AlarmNames are mutually exclusive")
	}
	if len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, types.AlarmTypeMetricAlarm) {
		return out, nil // there are no others here
	}
	q := metric.AlarmQuery{Names: in.AlarmNames, Prefix: aws.ToString(in.AlarmNamePrefix), State: string(in.StateValue),
		ActionPrefix: aws.ToString(in.ActionPrefix)}
	p, err := s.readPage(in.NextToken, limitOf(in.MaxRecords), append([]string{"alarms", q.Prefix, q.State, q.ActionPrefix}, q.Names...)...)
	if err != nil {
		return nil, err
	}
	q.After, q.Limit = p.After, p.Ask()
	alarms, err := s.metrics.Alarms(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, a := range page.Cut(p, alarms, func(a metric.Alarm) string { return a.Name }) {
		out.MetricAlarms = append(out.MetricAlarms, sdkAlarm(&a))
	}
	out.NextToken = p.Next()
	return out, nil
}

// readPage begins a page whose token is the request's NextToken.
func (s *Service) readPage(token *string, limit int, filter ...string) (*page.Page, error) {
	return page.Read(token, limit, api.Errorf(invalidNextToken, "Request parameter NextToken is invalid"), s.Region, filter...)
}

func limitOf(n *int32) int {
	if n == nil || *n < 1 || *n > pageSize {
		return pageSize
	}
	return int(*n)
}

// DescribeAlarmsForMetric lists the alarms over one metric.
func (s *Service) DescribeAlarmsForMetric(ctx context.Context,
	in *cloudwatch.DescribeAlarmsForMetricInput) (*cloudwatch.DescribeAlarmsForMetricOutput, error) {
	m := metric.Metric{Namespace: aws.ToString(in.Namespace), Name: aws.ToString(in.MetricName), Dimensions: dimensions(in.Dimensions)}
	alarms, err := s.metrics.Alarms(ctx, metric.AlarmQuery{Metric: &m, Limit: 1000})
	if err != nil {
		return nil, err
	}
	out := &cloudwatch.DescribeAlarmsForMetricOutput{MetricAlarms: []types.MetricAlarm{}}
	for i := range alarms {
		a := &alarms[i]
		if in.Statistic != "" && string(in.Statistic) != a.Statistic || in.ExtendedStatistic != nil && *in.ExtendedStatistic != a.Percentile ||
			in.Period != nil && time.Duration(*in.Period)*time.Second != a.Period || in.Unit != "" && string(in.Unit) != a.Unit {
			continue
		}
		out.MetricAlarms = append(out.MetricAlarms, sdkAlarm(a))
	}
	return out, nil
}

func sdkAlarm(a *metric.Alarm) types.MetricAlarm {
	out := types.MetricAlarm{
		AlarmName: aws.String(a.Name), AlarmArn: aws.String(a.ARN), AlarmDescription: text(a.Description),
		ActionsEnabled: aws.Bool(a.ActionsEnabled), OKActions: list(a.OKActions), AlarmActions: list(a.AlarmActions),
		InsufficientDataActions: list(a.InsufficientDataActions), Namespace: aws.String(a.Namespace), MetricName: aws.String(a.Metric),
		Dimensions: sdkDimensions(a.Dimensions), Statistic: types.Statistic(a.Statistic), ExtendedStatistic: text(a.Percentile),
		Period: aws.Int32(int32(a.Period / time.Second)), Unit: types.StandardUnit(a.Unit),
		EvaluationPeriods: aws.Int32(int32(a.EvaluationPeriods)), Threshold: aws.Float64(a.Threshold),
		ComparisonOperator: types.ComparisonOperator(a.Comparison), TreatMissingData: text(a.TreatMissing),
		EvaluateLowSampleCountPercentile: text(a.EvaluateLowSampleCount), StateValue: types.StateValue(a.State), StateReason: text(a.Reason),
		StateReasonData: text(a.ReasonData), StateUpdatedTimestamp: aws.Time(a.Updated), StateTransitionedTimestamp: aws.Time(a.Transited),
		AlarmConfigurationUpdatedTimestamp: aws.Time(a.Configured),
	}
	if a.Datapoints > 0 {
		out.DatapointsToAlarm = aws.Int32(int32(a.Datapoints))
	}
	return out
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// list makes an empty list answer as [], as AWS does, and not as absent.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

// DescribeAlarmHistory lists what happened to alarms, newest first unless asked otherwise.
func (s *Service) DescribeAlarmHistory(ctx context.Context,
	in *cloudwatch.DescribeAlarmHistoryInput) (*cloudwatch.DescribeAlarmHistoryOutput, error) {
	q := metric.HistoryQuery{Alarm: aws.ToString(in.AlarmName), Kind: string(in.HistoryItemType), Start: aws.ToTime(in.StartDate),
		End:       aws.ToTime(in.EndDate),
		Ascending: in.ScanBy == types.ScanByTimestampAscending}
	p, err := s.readPage(in.NextToken, limitOf(in.MaxRecords), "history", q.Alarm, q.Kind, q.Start.String(), q.End.String(),
		strconv.FormatBool(q.Ascending))
	if err != nil {
		return nil, err
	}
	if q.After, err = p.Number(0); err != nil {
		return nil, err
	}
	q.Limit = p.Ask()
	items, err := s.metrics.History(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &cloudwatch.DescribeAlarmHistoryOutput{AlarmHistoryItems: []types.AlarmHistoryItem{}}
	for _, h := range page.Cut(p, items, func(h metric.HistoryItem) string { return strconv.FormatInt(h.ID, 10) }) {
		out.AlarmHistoryItems = append(out.AlarmHistoryItems, types.AlarmHistoryItem{AlarmName: aws.String(h.Alarm),
			AlarmType: types.AlarmTypeMetricAlarm, HistoryItemType: types.HistoryItemType(h.Kind), Timestamp: aws.Time(h.Time),
			HistorySummary: aws.String(h.Text), HistoryData: aws.String(h.Data)})
	}
	out.NextToken = p.Next()
	return out, nil
}
