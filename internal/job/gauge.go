package job

import (
	"context"

	"penstock/internal/job/script"
	"penstock/internal/meta"
	"penstock/internal/metric"
)

// gauges are the gauges of Glue's metrics, and what Spark calls them. Those of S3 are of two names of one file system.
func gauges() map[string][]string {
	return map[string][]string{
		"glue.driver.jvm.heap.used":                                          {"jvm.heap.used"},
		"glue.driver.jvm.heap.usage":                                         {"jvm.heap.usage"},
		"glue.driver.BlockManager.disk.diskSpaceUsed_MB":                     {"BlockManager.disk.diskSpaceUsed_MB"},
		"glue.driver.s3.filesystem.read_bytes":                               s3Gauges("read_bytes"),
		"glue.driver.s3.filesystem.write_bytes":                              s3Gauges("write_bytes"),
		"glue.driver.ExecutorAllocationManager.executors.numberAllExecutors": {"ExecutorAllocationManager.executors.numberAllExecutors"},
		"glue.driver.ExecutorAllocationManager.executors.numberMaxNeededExecutors": {
			"ExecutorAllocationManager.executors.numberMaxNeededExecutors"},
	}
}

func s3Gauges(what string) (names []string) {
	for _, scheme := range []string{"s3", "s3a", "s3n"} {
		names = append(names, "executor.filesystem."+scheme+"."+what)
	}
	return names
}

// gauge puts what Spark has told of a run as the metrics of --enable-metrics, each for the run and for all runs of its job.
func (j *Jobs) gauge(ctx context.Context, r Run, s *script.Submit) error {
	t, err := s.Totals()
	if err != nil {
		return err
	}
	var data []metric.Datum
	put := func(name, kind, unit string, points ...script.Point) {
		for _, p := range points {
			for _, run := range []string{r.ID, "ALL"} {
				data = append(data, metric.Datum{Name: name, Unit: unit, Value: p.Value, Count: 1, Time: p.Time, Dimensions: []metric.Dimension{
					{Name: "JobName", Value: r.Job}, {Name: "JobRunId", Value: run}, {Name: "Type", Value: kind}}})
			}
		}
	}
	now := j.clock.Now()
	for name, value := range map[string]int64{"bytesRead": t.BytesRead, "recordsRead": t.RecordsRead, "elapsedTime": t.Elapsed.Milliseconds(),
		"numCompletedStages": t.CompletedStages, "numCompletedTasks": t.CompletedTasks, "numFailedTasks": t.FailedTasks,
		"numKilledTasks": t.KilledTasks, "shuffleBytesWritten": t.ShuffleWritten, "shuffleLocalBytesRead": t.ShuffleLocalRead} {
		put("glue.driver.aggregate."+name, "count", units()[name], script.Point{Time: now, Value: float64(value)})
	}
	for name, parts := range gauges() {
		var sum []script.Point
		for _, part := range parts {
			points, err := s.Gauge(part)
			if err != nil {
				return err
			}
			for i, p := range points {
				if i == len(sum) {
					sum = append(sum, script.Point{Time: p.Time})
				}
				sum[i].Value += p.Value
			}
		}
		put(name, "gauge", "", sum...)
	}
	return j.meta.Update(ctx, func(tx *meta.Tx) error { return j.metrics.PutTx(tx, "Glue", data) })
}

func units() map[string]string {
	return map[string]string{"bytesRead": "Bytes", "shuffleBytesWritten": "Bytes", "shuffleLocalBytesRead": "Bytes",
		"elapsedTime": "Milliseconds", "recordsRead": "Count", "numCompletedStages": "Count",
		"numCompletedTasks": "Count", "numFailedTasks": "Count", "numKilledTasks": "Count"}
}
