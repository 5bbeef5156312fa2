package cloudwatch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/internal/api"
	"penstock/internal/metric"
)

// maxPoints is how many data points one GetMetricStatistics may ask for.
const maxPoints = 1440

// GetMetricStatistics answers the statistics of one metric by period.
func (s *Service) GetMetricStatistics(ctx context.Context,
	in *cloudwatch.GetMetricStatisticsInput) (*cloudwatch.GetMetricStatisticsOutput, error) {
	if len(in.Statistics) == 0 && len(in.ExtendedStatistics) == 0 {
		return nil, api.Errorf(invalidCombination, "Must specify either Statistics or ExtendedStatistics")
	}
	period := time.Duration(aws.ToInt32(in.Period)) * time.Second
	if p := aws.ToInt32(in.Period); p < 1 || p >= 60 && p%60 != 0 || p < 60 && !slices.Contains([]int32{1, 5, 10, 20, 30}, p) {
		return nil, api.Errorf(invalidValue, "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
	}
	start, end := aws.ToTime(in.StartTime), aws.ToTime(in.EndTime)
	if start.Unix() >= end.Unix() { // as they were given, in seconds: the start that is rounded down may lie before the end
		return nil, api.Errorf(invalidValue, "The parameter StartTime must be less than the parameter EndTime.")
	}
	start = s.roundStart(start, period)
	if n := int64(end.Sub(start) / period); n > maxPoints {
		return nil, api.Errorf(invalidCombination, "You have requested up to %d datapoints, which exceeds the limit of %d. "+
			"You may reduce the datapoints requested by increasing Period, or decreasing the time range.", n, maxPoints)
	}
	for _, x := range in.ExtendedStatistics {
		if _, err := metric.ParsePercentile(x); err != nil {
			return nil, api.Errorf(invalidValue,
				"The value %s for parameter ExtendedStatistics is invalid or not supported by Penstock yet; p0 to p100 are.", x)
		}
	}
	points, err := s.metrics.Statistics(ctx, metric.Query{Namespace: aws.ToString(in.Namespace), Name: aws.ToString(in.MetricName),
		Dimensions: dimensions(in.Dimensions), Unit: string(in.Unit), Start: start, End: end, Period: period, Percentiles: in.ExtendedStatistics})
	if err != nil {
		return nil, err
	}
	out := &cloudwatch.GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []types.Datapoint{}}
	for _, p := range points {
		if d, ok := datapoint(p, in); ok {
			out.Datapoints = append(out.Datapoints, d)
		}
	}
	return out, nil
}

// roundStart cuts the start down to what AWS still resolves at its age.
func (s *Service) roundStart(t time.Time, period time.Duration) time.Time {
	switch age := s.Clock.Now().Sub(t); {
	case age > 63*24*time.Hour:
		return t.Truncate(time.Hour)
	case age > 15*24*time.Hour:
		return t.Truncate(5 * time.Minute)
	case period < time.Minute:
		return t.Truncate(period)
	}
	return t.Truncate(time.Minute)
}

func datapoint(p metric.Point, in *cloudwatch.GetMetricStatisticsInput) (types.Datapoint, bool) {
	d := types.Datapoint{Timestamp: aws.Time(p.Time), Unit: types.StandardUnit(p.Unit)}
	for _, st := range in.Statistics {
		switch st {
		case types.StatisticSampleCount:
			d.SampleCount = aws.Float64(p.Count)
		case types.StatisticSum:
			d.Sum = aws.Float64(p.Sum)
		case types.StatisticAverage:
			d.Average = aws.Float64(p.Average())
		case types.StatisticMinimum:
			d.Minimum = aws.Float64(p.Min)
		case types.StatisticMaximum:
			d.Maximum = aws.Float64(p.Max)
		}
	}
	d.ExtendedStatistics = p.Percentiles
	return d, len(in.Statistics) > 0 || len(p.Percentiles) > 0
}

const (
	metricsPage  = 500
	recentWindow = 14 * 24 * time.Hour // ListMetrics shows what had data in the last two weeks
)

// ListMetrics lists metrics that had data lately.
func (s *Service) ListMetrics(ctx context.Context, in *cloudwatch.ListMetricsInput) (*cloudwatch.ListMetricsOutput, error) {
	q := metric.ListQuery{Namespace: aws.ToString(in.Namespace), Name: aws.ToString(in.MetricName), Limit: metricsPage + 1,
		Since: s.Clock.Now().Add(-recentWindow)}
	if in.RecentlyActive == types.RecentlyActivePt3h {
		q.Since = s.Clock.Now().Add(-3 * time.Hour)
	}
	filter := []string{"metrics", q.Namespace, q.Name, string(in.RecentlyActive)}
	for _, d := range in.Dimensions {
		q.Dimensions = append(q.Dimensions, metric.DimensionFilter{Name: aws.ToString(d.Name), Value: d.Value})
		filter = append(filter, aws.ToString(d.Name), aws.ToString(d.Value))
	}
	p, err := s.readPage(in.NextToken, metricsPage, filter...)
	if err != nil {
		return nil, err
	}
	if p.After != "" {
		if err := json.Unmarshal([]byte(p.After), &q.After); err != nil {
			return nil, fmt.Errorf("page token: %w", err)
		}
	}
	ms, err := s.metrics.List(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &cloudwatch.ListMetricsOutput{Metrics: []types.Metric{}}
	for _, m := range ms {
		key, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		if !p.Take(string(key)) {
			break
		}
		out.Metrics = append(out.Metrics,
			types.Metric{Namespace: aws.String(m.Namespace), MetricName: aws.String(m.Name), Dimensions: sdkDimensions(m.Dimensions)})
	}
	out.NextToken = p.Next()
	return out, nil
}
