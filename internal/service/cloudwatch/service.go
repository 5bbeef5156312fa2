// Package cloudwatch is CloudWatch's metrics and alarms over package metric, in AWS's operations, limits and words. What an alarm asks for
// is carried out as a target, at least once and in order. Metric math (GetMetricData, alarms over Metrics), composite alarms, dashboards
// and anomaly detection are not served, and each is refused by name. API:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/.
package cloudwatch

import (
	"context"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/metric"
	"penstock/internal/module"
)

// A Service answers the operations.
type Service struct {
	module.Env
	metrics *metric.Store
}

// New returns the service.
func New(env module.Env, metrics *metric.Store) *Service { return &Service{env, metrics} }

// Module is what the server runs.
func (s *Service) Module() module.Module {
	return module.Module{API: s.API(), Run: s.Run, Drain: s.Drain}
}

// API lists the operations.
func (s *Service) API() api.Service {
	return api.Service{Name: "monitoring", Access: access(), SDK: "CloudWatch", Dialect: dialect(), Ops: []api.Op{
		api.Handle(s.PutMetricData,
			api.Honours("Namespace", "MetricData[].MetricName", "MetricData[].Dimensions", "MetricData[].Timestamp", "MetricData[].Value",
				"MetricData[].Values", "MetricData[].Counts", "MetricData[].StatisticValues", "MetricData[].Unit", "MetricData[].StorageResolution")),
		api.Handle(s.GetMetricStatistics,
			api.Honours("Namespace", "MetricName", "Dimensions", "StartTime", "EndTime", "Period", "Statistics", "ExtendedStatistics", "Unit")),
		api.Handle(s.ListMetrics, api.Honours("Namespace", "MetricName", "Dimensions", "NextToken", "RecentlyActive")),
		api.Handle(s.PutMetricAlarm,
			api.Honours("AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "InsufficientDataActions", "Namespace",
				"MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm",
				"Threshold", "ComparisonOperator",
				"TreatMissingData", "Tags"),
			api.Inert("EvaluateLowSampleCountPercentile", "stored and returned; percentile alarms are always evaluated")),
		api.Handle(s.DescribeAlarms,
			api.Honours("AlarmNames", "AlarmNamePrefix", "StateValue", "ActionPrefix", "MaxRecords", "NextToken", "AlarmTypes")),
		api.Handle(s.DescribeAlarmsForMetric,
			api.Honours("Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "Unit")),
		api.Handle(s.DeleteAlarms, api.Honours("AlarmNames")),
		api.Handle(s.SetAlarmState, api.Honours("AlarmName", "StateValue", "StateReason", "StateReasonData")),
		api.Handle(s.DescribeAlarmHistory,
			api.Honours("AlarmName", "HistoryItemType", "StartDate", "EndDate", "ScanBy", "MaxRecords", "NextToken"),
			api.Holds("AlarmTypes[]", "MetricAlarm")),
		api.Handle(s.EnableAlarmActions, api.Honours("AlarmNames")),
		api.Handle(s.DisableAlarmActions, api.Honours("AlarmNames")),
		api.Handle(s.TagResource, api.Honours("ResourceARN", "Tags")),
		api.Handle(s.UntagResource, api.Honours("ResourceARN", "TagKeys")),
		api.Handle(s.ListTagsForResource, api.Honours("ResourceARN")),
	}}
}

func (s *Service) alarmARN(name string) string {
	return arn.New("cloudwatch", s.Region, s.Account, "alarm:"+name).String()
}

// Run evaluates the alarms each minute, carries out what they ask for, and merges old samples each hour, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	actions := make(chan error, 1)
	go func() { actions <- s.queue().Run(ctx) }()
	s.tick(ctx)
	return <-actions
}

func (s *Service) tick(ctx context.Context) {
	nextCompact := s.Clock.Now().Add(time.Hour)
	for {
		now := s.Clock.Now()
		select {
		case <-ctx.Done():
			return
		case <-s.Clock.After(now.Truncate(time.Minute).Add(time.Minute + tickDelay).Sub(now)):
		}
		if err := s.metrics.EvaluateAll(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "evaluate alarms", "err", err)
		}
		if s.Clock.Now().After(nextCompact) {
			nextCompact = nextCompact.Add(time.Hour)
			if err := s.metrics.Compact(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "compact metrics", "err", err)
			}
		}
	}
}

// tickDelay lets data stamped at the very end of a minute arrive before the minute is judged.
const tickDelay = time.Second

// Drain waits until the actions that wait have been carried out, or until ctx ends. Run must be running.
func (s *Service) Drain(ctx context.Context) error { return s.queue().Drain(ctx) }
