package cloudwatch

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
	"penstock/internal/target"
)

const (
	maxActions    = 5
	maxAlarmRange = 7 * 24 * time.Hour // EvaluationPeriods x Period
)

// PutMetricAlarm makes or replaces an alarm over one metric.
func (s *Service) PutMetricAlarm(ctx context.Context, in *cloudwatch.PutMetricAlarmInput) (*cloudwatch.PutMetricAlarmOutput, error) {
	if err := checkAlarm(in); err != nil {
		return nil, err
	}
	if err := s.checkActions(in); err != nil {
		return nil, err
	}
	a := metric.Alarm{
		Name: *in.AlarmName, ARN: s.alarmARN(*in.AlarmName), Description: aws.ToString(in.AlarmDescription),
		ActionsEnabled: in.ActionsEnabled == nil || *in.ActionsEnabled,
		OKActions:      in.OKActions, AlarmActions: in.AlarmActions, InsufficientDataActions: in.InsufficientDataActions,
		Namespace: *in.Namespace, Metric: *in.MetricName, Dimensions: dimensions(in.Dimensions),
		Statistic: string(in.Statistic), Percentile: aws.ToString(in.ExtendedStatistic),
		Period: time.Duration(*in.Period) * time.Second, Unit: string(in.Unit),
		EvaluationPeriods: int(*in.EvaluationPeriods), Datapoints: int(aws.ToInt32(in.DatapointsToAlarm)),
		Threshold: *in.Threshold, Comparison: string(in.ComparisonOperator), TreatMissing: aws.ToString(in.TreatMissingData),
		EvaluateLowSampleCount: aws.ToString(in.EvaluateLowSampleCountPercentile),
	}
	return &cloudwatch.PutMetricAlarmOutput{}, s.Meta.Update(ctx, func(tx *meta.Tx) error {
		made, err := s.metrics.PutAlarmTx(tx, a)
		if err != nil || !made { // tags of an alarm that exists are not changed, as on AWS
			return err
		}
		return addTags(tx, a.ARN, in.Tags)
	})
}

func checkAlarm(in *cloudwatch.PutMetricAlarmInput) error {
	switch {
	case aws.ToString(in.AlarmName) == "":
		return api.Errorf(missingParameter, "The parameter AlarmName is required.")
	case in.MetricName == nil || in.Namespace == nil:
		return api.Errorf(validation,
			"Either a metric (MetricName and Namespace) or Metrics must be specified; Penstock does not support Metrics yet")
	case (in.Statistic == "") == (in.ExtendedStatistic == nil):
		return api.Errorf(invalidCombination, "Exactly one of Statistic and ExtendedStatistic must be specified")
	case in.Threshold == nil:
		return api.Errorf(validation, "Threshold must be specified for alarms based on a metric")
	case in.Period == nil:
		return api.Errorf(validation, "Period must not be null")
	case in.EvaluationPeriods == nil || *in.EvaluationPeriods < 1:
		return api.Errorf(validation, "EvaluationPeriods must be 1 or more")
	}
	return checkAlarmValues(in)
}

func checkAlarmValues(in *cloudwatch.PutMetricAlarmInput) error {
	if p := *in.Period; p < 10 || p >= 60 && p%60 != 0 || p < 60 && !slices.Contains([]int32{10, 20, 30}, p) {
		return api.Errorf(validation, "Period must be 10, 20, 30 or a multiple of 60")
	}
	if d := time.Duration(*in.Period) * time.Second * time.Duration(*in.EvaluationPeriods); d > maxAlarmRange {
		return api.Errorf(validation, "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).")
	}
	if m := in.DatapointsToAlarm; m != nil && (*m < 1 || *m > *in.EvaluationPeriods) {
		return api.Errorf(validation, "DatapointsToAlarm must be less than or equal to EvaluationPeriods")
	}
	if x := in.ExtendedStatistic; x != nil {
		if _, err := metric.ParsePercentile(*x); err != nil {
			return api.Errorf(validation,
				"The value %s for parameter ExtendedStatistic is invalid or not supported by Penstock yet; p0 to p100 are.", *x)
		}
	}
	if t := aws.ToString(in.TreatMissingData); !slices.Contains([]string{"", "missing", "ignore", "breaching", "notBreaching"}, t) {
		return api.Errorf(validation,
			"Option %s is not supported. Supported options for parameter TreatMissingData are [breaching, notBreaching, ignore, missing].", t)
	}
	if !metric.Compares(string(in.ComparisonOperator)) {
		return api.Errorf(validation, "Penstock does not support the ComparisonOperator %s yet (anomaly detection)", in.ComparisonOperator)
	}
	return nil
}

// checkActions lets through only what an alarm can do here: publish to a topic of its own region.
func (s *Service) checkActions(in *cloudwatch.PutMetricAlarmInput) error {
	for _, list := range [][]string{in.OKActions, in.AlarmActions, in.InsufficientDataActions} {
		if len(list) > maxActions {
			return api.Errorf(validation, "An alarm may have at most %d actions for a state", maxActions)
		}
		for _, a := range list {
			if target.Service(a) != "sns" {
				return api.Errorf(validation, "Invalid Action: Penstock does not support the alarm action %s yet (SNS topics are supported)", a)
			}
			if topic, err := arn.Parse(a); err != nil || topic.Region != s.Region {
				return api.Errorf(validation, "Invalid region %s specified. Only %s is supported.", topic.Region, s.Region)
			}
		}
	}
	return nil
}

// DeleteAlarms removes alarms, all or none.
func (s *Service) DeleteAlarms(ctx context.Context, in *cloudwatch.DeleteAlarmsInput) (*cloudwatch.DeleteAlarmsOutput, error) {
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		for _, name := range in.AlarmNames {
			if err := s.metrics.DeleteAlarmTx(tx, name); err != nil {
				return err
			}
			if err := tag.Drop(tx, s.alarmARN(name)); err != nil {
				return err
			}
		}
		return nil
	})
	return &cloudwatch.DeleteAlarmsOutput{}, noAlarm(err)
}

// SetAlarmState overrides an alarm's state until its next evaluation.
func (s *Service) SetAlarmState(ctx context.Context, in *cloudwatch.SetAlarmStateInput) (*cloudwatch.SetAlarmStateOutput, error) {
	err := s.metrics.SetState(ctx, aws.ToString(in.AlarmName), string(in.StateValue), aws.ToString(in.StateReason),
		aws.ToString(in.StateReasonData))
	return &cloudwatch.SetAlarmStateOutput{}, noAlarm(err)
}

// EnableAlarmActions lets alarms act again. Names of no alarm are passed over, as on AWS.
func (s *Service) EnableAlarmActions(ctx context.Context,
	in *cloudwatch.EnableAlarmActionsInput) (*cloudwatch.EnableAlarmActionsOutput, error) {
	return &cloudwatch.EnableAlarmActionsOutput{}, s.setActions(ctx, in.AlarmNames, true)
}

// DisableAlarmActions keeps alarms from acting.
func (s *Service) DisableAlarmActions(ctx context.Context,
	in *cloudwatch.DisableAlarmActionsInput) (*cloudwatch.DisableAlarmActionsOutput, error) {
	return &cloudwatch.DisableAlarmActionsOutput{}, s.setActions(ctx, in.AlarmNames, false)
}

func (s *Service) setActions(ctx context.Context, names []string, on bool) error {
	for _, n := range names {
		err := s.metrics.ChangeAlarm(ctx, n, func(a *metric.Alarm) { a.ActionsEnabled = on })
		if err != nil && api.Code(noAlarm(err)) != resourceNotFound {
			return err
		}
	}
	return nil
}
