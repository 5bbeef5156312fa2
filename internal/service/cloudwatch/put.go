package cloudwatch

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/internal/api"
	"penstock/internal/metric"
)

// Limits of PutMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html.
const (
	maxData       = 1000
	maxDimensions = 30
	maxValues     = 150
	maxDataAge    = 14 * 24 * time.Hour
	maxDataAhead  = 2 * time.Hour
)

// maxAbs is the largest magnitude of a value.
var maxAbs = math.Ldexp(1, 360)

// PutMetricData stores data and evaluates the alarms over them before it answers.
func (s *Service) PutMetricData(ctx context.Context, in *cloudwatch.PutMetricDataInput) (*cloudwatch.PutMetricDataOutput, error) {
	ns := aws.ToString(in.Namespace)
	if strings.HasPrefix(ns, "AWS/") {
		return nil, api.Errorf(invalidValue, "The value AWS/ for parameter Namespace is invalid.")
	}
	if ns == "" || strings.HasPrefix(ns, ":") {
		return nil, api.Errorf(missingParameter, "The parameter Namespace is required.")
	}
	if len(in.MetricData) == 0 {
		return nil, api.Errorf(missingParameter, "The parameter MetricData is required.")
	}
	if len(in.MetricData) > maxData {
		return nil, api.Errorf(validation, "The collection MetricData must not have a size greater than %d.", maxData)
	}
	var data []metric.Datum
	for i, m := range in.MetricData {
		d, err := s.datum(m, i+1)
		if err != nil {
			return nil, err
		}
		data = append(data, d...)
	}
	return &cloudwatch.PutMetricDataOutput{}, s.metrics.Put(ctx, ns, data)
}

// datum checks one member of MetricData; n counts from 1, as in AWS's texts.
func (s *Service) datum(m types.MetricDatum, n int) ([]metric.Datum, error) {
	bad := func(code, format string, args ...any) ([]metric.Datum, error) {
		return nil, api.Errorf(code, format, append([]any{n}, args...)...)
	}
	if aws.ToString(m.MetricName) == "" {
		return bad(missingParameter, "The parameter MetricData.member.%d.MetricName is required.")
	}
	if len(m.Dimensions) > maxDimensions {
		return bad(invalidValue, "The parameter MetricData.member.%d.Dimensions must not have more than %d members.", maxDimensions)
	}
	for i, x := range m.Dimensions {
		if aws.ToString(x.Name) == "" || aws.ToString(x.Value) == "" {
			return bad(invalidValue, "The parameter MetricData.member.%d.Dimensions.member.%d needs a Name and a Value.", i+1)
		}
	}
	if r := aws.ToInt32(m.StorageResolution); r != 0 && r != 1 && r != 60 {
		return bad(invalidValue, "The value %[2]d for parameter MetricData.member.%[1]d.StorageResolution is invalid.", r)
	}
	if t := aws.ToTime(m.Timestamp); m.Timestamp != nil {
		if now := s.Clock.Now(); t.Before(now.Add(-maxDataAge)) || t.After(now.Add(maxDataAhead)) {
			return bad(invalidValue,
				"The parameter MetricData.member.%d.Timestamp must specify a time no earlier than two weeks ago and no later than two hours from now.")
		}
	}
	base := metric.Datum{Name: *m.MetricName, Dimensions: dimensions(m.Dimensions), Unit: string(m.Unit), Time: aws.ToTime(m.Timestamp),
		HighRes: aws.ToInt32(m.StorageResolution) == 1}
	return values(m, base, n)
}

// values takes the one of Value, Values and StatisticValues that is given.
func values(m types.MetricDatum, base metric.Datum, n int) ([]metric.Datum, error) {
	given := 0
	for _, is := range []bool{m.Value != nil, len(m.Values) > 0, m.StatisticValues != nil} {
		if is {
			given++
		}
	}
	switch {
	case given == 0:
		return nil, api.Errorf(missingParameter, "At least one of the parameters must be specified: MetricData.member.%d.Value, "+
			"MetricData.member.%d.Values, MetricData.member.%d.StatisticValues", n, n, n)
	case given > 1:
		return nil, api.Errorf(invalidCombination, "The parameters MetricData.member.%d.Value, MetricData.member.%d.Values "+
			"and MetricData.member.%d.StatisticValues are mutually exclusive and you have specified more than one.", n, n, n)
	case m.Value != nil:
		base.Value = *m.Value
		return []metric.Datum{base}, finite(n, "Value", base.Value)
	case m.StatisticValues != nil:
		v := m.StatisticValues
		set := metric.Set{Count: aws.ToFloat64(v.SampleCount), Sum: aws.ToFloat64(v.Sum), Min: aws.ToFloat64(v.Minimum),
			Max: aws.ToFloat64(v.Maximum)}
		if set.Count <= 0 || set.Min > set.Max {
			return nil, api.Errorf(invalidValue,
				"The parameter MetricData.member.%d.StatisticValues needs a SampleCount above zero and a Minimum not above its Maximum.", n)
		}
		base.Set = &set
		return []metric.Datum{base}, finite(n, "StatisticValues", set.Count, set.Sum, set.Min, set.Max)
	}
	return counted(m, base, n)
}

func counted(m types.MetricDatum, base metric.Datum, n int) ([]metric.Datum, error) {
	if len(m.Values) > maxValues {
		return nil, api.Errorf(invalidValue, "The collection MetricData.member.%d.Values must not have a size greater than %d.", n, maxValues)
	}
	if len(m.Counts) > 0 && len(m.Counts) != len(m.Values) {
		return nil, api.Errorf(invalidValue,
			"The parameters MetricData.member.%d.Values and MetricData.member.%d.Counts must be of the same size.", n, n)
	}
	var out []metric.Datum
	for i, v := range m.Values {
		d := base
		d.Value = v
		if len(m.Counts) > 0 {
			if d.Count = m.Counts[i]; d.Count <= 0 {
				return nil, api.Errorf(invalidValue, "The value %v for parameter MetricData.member.%d.Counts.member.%d is invalid.", d.Count, n, i+1)
			}
		}
		if err := finite(n, "Values", v, d.Count); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func finite(n int, name string, values ...float64) error {
	for _, v := range values {
		if math.IsNaN(v) || math.Abs(v) > maxAbs {
			return api.Errorf(invalidValue, "The value %v for parameter MetricData.member.%d.%s is invalid.", v, n, name)
		}
	}
	return nil
}

func dimensions(in []types.Dimension) []metric.Dimension {
	out := make([]metric.Dimension, len(in))
	for i, d := range in {
		out[i] = metric.Dimension{Name: aws.ToString(d.Name), Value: aws.ToString(d.Value)}
	}
	return out
}

func sdkDimensions(in []metric.Dimension) []types.Dimension {
	out := make([]types.Dimension, len(in))
	for i, d := range in {
		out[i] = types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)}
	}
	return out
}
