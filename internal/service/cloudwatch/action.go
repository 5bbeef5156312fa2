package cloudwatch

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/metric"
)

// act carries out the actions that wait, oldest first. An action that a topic refuses is done with, as on AWS: the alarm's history says
// so. What a crash between Publish and ActionDone repeats has the action's token, and is published once.
func (s *Service) act(ctx context.Context, inv api.Invoker) {
	for {
		actions, err := s.metrics.Actions(ctx, 100)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "read alarm actions", "err", err)
		}
		if len(actions) == 0 {
			return
		}
		for _, a := range actions {
			failure := s.publish(ctx, inv, a)
			if ctx.Err() != nil {
				return
			}
			if err := s.metrics.ActionDone(ctx, a, failure); err != nil {
				s.log.ErrorContext(ctx, "finish alarm action", "alarm", a.Alarm.Name, "err", err)
				return
			}
		}
	}
}

func (s *Service) publish(ctx context.Context, inv api.Invoker, a metric.Action) error {
	var message strings.Builder
	enc := json.NewEncoder(&message)
	enc.SetEscapeHTML(false) // AWS's texts hold a plain ->
	if err := enc.Encode(s.message(a)); err != nil {
		return fmt.Errorf("encode alarm message: %w", err)
	}
	subject := fmt.Sprintf("%s: %q in %s", a.Alarm.State, a.Alarm.Name, regionName(s.region))
	if len(subject) > 100 { // the limit of SNS
		subject = subject[:97] + "..."
	}
	in, err := json.Marshal(map[string]string{"TopicArn": a.ARN, "Subject": subject, "Message": strings.TrimSuffix(message.String(), "\n")})
	if err != nil {
		return fmt.Errorf("encode alarm message: %w", err)
	}
	ctx = api.WithPrincipal(ctx, api.Principal{ARN: "arn:aws:iam::" + s.account + ":service/cloudwatch.amazonaws.com", Account: s.account})
	_, err = inv.Invoke(api.WithToken(ctx, a.Token()), "sns", "Publish", json.RawMessage(in))
	return err
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
		AlarmName: a.Name, AlarmDescription: text(a.Description), AWSAccountID: s.account,
		AlarmConfigurationUpdatedTimestamp: a.Configured.Format(metric.StampLayout), NewStateValue: a.State, NewStateReason: a.Reason,
		StateChangeTime: act.Time.Format(metric.StampLayout), Region: regionName(s.region), AlarmARN: a.ARN, OldStateValue: act.Old,
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

// regionName is how AWS's texts call the default region; others go by their code.
func regionName(region string) string {
	if region == "us-east-1" {
		return "US East (N. Virginia)"
	}
	return region
}
