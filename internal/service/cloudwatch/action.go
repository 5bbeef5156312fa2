package cloudwatch

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/metric"
	"penstock/internal/target"
)

// queue carries out what alarms ask for, oldest first. An action that a topic refuses is done with, as on AWS: the alarm's history says so.
// What a crash repeats has the action's token, and is published once.
func (s *Service) queue() *due.Queue {
	return due.New(s.Meta, due.Options{Name: s.metrics.Actions(), Do: s.act, Over: s.over, Clock: s.Clock, Log: s.Log})
}

func (s *Service) act(ctx context.Context, it due.Item) error {
	a, err := metric.ParseAction(it.Body)
	if err != nil {
		return err
	}
	text, err := s.text(a)
	if err != nil {
		return err
	}
	p := api.Principal{ARN: "arn:aws:iam::" + s.Account + ":service/cloudwatch.amazonaws.com", Account: s.Account}
	_, err = target.Call(ctx, s.In, p,
		target.Target{ARN: a.ARN, Input: text, Members: map[string]any{"Subject": s.subject(a)}, Token: a.Token})
	return err
}

func (s *Service) over(tx *meta.Tx, it due.Item, failure error) error {
	a, err := metric.ParseAction(it.Body)
	if err != nil {
		return nil // act has told of it
	}
	return s.metrics.ActionOver(tx, a, failure)
}

func (s *Service) subject(a metric.Action) string {
	subject := fmt.Sprintf("%s: %q in %s", a.Alarm.State, a.Alarm.Name, regionName(s.Region))
	if len(subject) > 100 { // the limit of SNS
		subject = subject[:97] + "..."
	}
	return subject
}

func (s *Service) text(a metric.Action) (string, error) {
	var message strings.Builder
	enc := json.NewEncoder(&message)
	enc.SetEscapeHTML(false) // AWS's texts hold a plain ->
	if err := enc.Encode(s.message(a)); err != nil {
		return "", fmt.Errorf("encode alarm message: %w", err)
	}
	return strings.TrimSuffix(message.String(), "\n"), nil
}

// notice is the message that AWS publishes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html.
type notice struct {
	AlarmName                          string
	AlarmDescription                   *string
	AWSAccountID                       string `json:"AWSAccountId"`
	AlarmConfigurationUpdatedTimestamp string
	NewStateValue, NewStateReason      string
	StateChangeTime                    string
	Region                             string
	AlarmARN                           string `json:"AlarmArn"`
	OldStateValue                      string
	OKActions, AlarmActions            []string
	InsufficientDataActions            []string
	Trigger                            trigger
}

type trigger struct {
	MetricName, Namespace            string
	StatisticType                    string
	Statistic                        string `json:",omitempty"`
	ExtendedStatistic                string `json:",omitempty"`
	Unit                             *string
	Dimensions                       []dimension
	Period, EvaluationPeriods        int
	DatapointsToAlarm                int `json:",omitempty"`
	ComparisonOperator               string
	Threshold                        json.RawMessage
	TreatMissingData                 string
	EvaluateLowSampleCountPercentile string
}

type dimension struct {
	Value string `json:"value"`
	Name  string `json:"name"`
}

func (s *Service) message(act metric.Action) notice {
	a := act.Alarm
	n := notice{
		AlarmName: a.Name, AlarmDescription: text(a.Description), AWSAccountID: s.Account,
		AlarmConfigurationUpdatedTimestamp: a.Configured.Format(metric.StampLayout), NewStateValue: a.State, NewStateReason: a.Reason,
		StateChangeTime: act.Time.Format(metric.StampLayout), Region: regionName(s.Region), AlarmARN: a.ARN, OldStateValue: act.Old,
		OKActions: list(a.OKActions), AlarmActions: list(a.AlarmActions), InsufficientDataActions: list(a.InsufficientDataActions),
		Trigger: trigger{
			MetricName: a.Metric, Namespace: a.Namespace, StatisticType: "Statistic", Statistic: strings.ToUpper(a.Statistic), Unit: text(a.Unit),
			Dimensions: []dimension{}, Period: int(a.Period / time.Second), EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.Datapoints,
			ComparisonOperator: a.Comparison, Threshold: json.RawMessage(metric.Decimal(a.Threshold)), TreatMissingData: a.TreatMissing,
			EvaluateLowSampleCountPercentile: a.EvaluateLowSampleCount,
		},
	}
	if a.Statistic == "SampleCount" {
		n.Trigger.Statistic = "SAMPLE_COUNT"
	}
	if a.Percentile != "" {
		n.Trigger.StatisticType, n.Trigger.ExtendedStatistic = "ExtendedStatistic", a.Percentile
	}
	for _, d := range a.Dimensions {
		n.Trigger.Dimensions = append(n.Trigger.Dimensions, dimension{d.Value, d.Name})
	}
	return n
}

// regionName is how AWS's texts call a region: by its long name.
func regionName(region string) string {
	if name, known := arn.RegionName(region); known {
		return name
	}
	return region
}
