package resource

import "context"

// alarm is AWS::CloudWatch::Alarm.
func alarm() *Kind {
	put := func(ctx context.Context, c *Caller, id string, p Props) error {
		in := with(pick(p, "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "InsufficientDataActions", "Namespace",
			"MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
			"ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "Tags"), "AlarmName", id)
		_, err := c.Do(ctx, "monitoring", "PutMetricAlarm", in)
		return err
	}
	arn := func(c *Caller, id string) string {
		return "arn:aws:cloudwatch:" + c.Region + ":" + c.Account + ":alarm:" + id
	}
	return &Kind{
		Type: "AWS::CloudWatch::Alarm", Name: "AlarmName", Naming: Naming{Max: 255},
		Spec: spec(`
			AlarmName text replace
			AlarmDescription text
			ActionsEnabled bool
			OKActions[] text
			AlarmActions[] text
			InsufficientDataActions[] text
			Namespace text
			MetricName text
			Dimensions[].Name text required
			Dimensions[].Value text required
			Statistic text
			ExtendedStatistic text
			Period int
			Unit text
			EvaluationPeriods int required
			DatapointsToAlarm int
			Threshold number
			ComparisonOperator text required
			TreatMissingData text
			EvaluateLowSampleCountPercentile text
			Tags[].Key text required
			Tags[].Value text required`),
		Attributes: []string{"Arn"},
		Find: func(ctx context.Context, c *Caller, id string, _ Props) (bool, error) {
			out, err := c.Do(ctx, "monitoring", "DescribeAlarms", map[string]any{"AlarmNames": []string{id}})
			return len(list(out, "MetricAlarms")) > 0, err
		},
		Create: func(ctx context.Context, c *Caller, id string, p Props) (string, error) {
			return id, put(ctx, c, id, p)
		},
		Update: func(ctx context.Context, c *Caller, id string, old, p Props) error {
			if err := put(ctx, c, id, p); err != nil {
				return err
			}
			return retag(ctx, c, "monitoring", map[string]any{"ResourceARN": arn(c, id)}, true, "TagKeys", old, p)
		},
		Delete: func(ctx context.Context, c *Caller, id string, _ Props) error {
			_, err := c.Do(ctx, "monitoring", "DeleteAlarms", map[string]any{"AlarmNames": []string{id}})
			return gone(err, "ResourceNotFound")
		},
		Read: func(_ context.Context, c *Caller, id string, _ Props) (map[string]any, error) {
			return map[string]any{"Arn": arn(c, id)}, nil
		},
	}
}
