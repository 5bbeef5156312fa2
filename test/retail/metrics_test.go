package retail

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"penstock/examples"
	"penstock/test/harness"
)

// metric is the sum of a metric of a step over the last hours.
func metric(t *testing.T, rt *harness.Runtime, step, name string) float64 {
	t.Helper()
	now := time.Now()
	out, err := cloudwatch.NewFromConfig(rt.Config()).GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("Penstock"), MetricName: &name, Period: aws.Int32(86400), Statistics: []types.Statistic{types.StatisticSum},
		Dimensions: []types.Dimension{{Name: aws.String("Pipeline"), Value: aws.String("retail")}, {Name: aws.String("Step"), Value: &step}},
		StartTime:  aws.Time(now.Add(-48 * time.Hour)), EndTime: aws.Time(now.Add(time.Hour)),
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, p := range out.Datapoints {
		sum += aws.ToFloat64(p.Sum)
	}
	return sum
}

// TestEveryStepIsWatched asks CloudWatch for every step's rows, bytes and seconds, and reads the log of every step in one place.
func TestEveryStepIsWatched(t *testing.T) {
	dir := project(t)
	if _, err := examples.Generate(filepath.Join(dir, "sample"), 1000); err != nil {
		t.Fatal(err)
	}
	rt := harness.Serve(t, filepath.Join(dir, ".penstock"))
	harness.MustRun(t, dir, nil, "run")
	for _, step := range []string{"manifest", "check orders", "products", "sales", "daily", "shop.sales", "shop.daily"} {
		if metric(t, rt, step, "Seconds") <= 0 {
			t.Errorf("%s took no time", step)
		}
	}
	for step, name := range map[string]string{"check orders": "RowsRead", "products": "RowsRead", "sales": "RowsRead", "daily": "RowsRead"} {
		if got := metric(t, rt, step, name); got < 1000 {
			t.Errorf("%s of %s: %v", name, step, got)
		}
	}
	kept, err := strconv.ParseFloat(lastLine(query(t, dir, rt, "SELECT count(*) FROM shop.sales")), 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"sales", "shop.sales"} {
		if got := metric(t, rt, step, "RowsWritten"); got != kept {
			t.Errorf("RowsWritten of %s: %v, want %v", step, got, kept)
		}
		if metric(t, rt, step, "Bytes") <= 0 {
			t.Errorf("%s has no bytes", step)
		}
	}
	log := harness.MustRun(t, dir, nil, "logs").Stdout
	for _, part := range []string{"Crawl orders", "Check orders", "Transform products", "Transform sales", "Transform daily",
		"Await shop.sales", "penstock-result", "ExecutionSucceeded"} {
		if !strings.Contains(log, part) {
			t.Errorf("the merged log lacks %q", part)
		}
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
