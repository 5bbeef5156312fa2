package job_test

import (
	"testing"
	"time"

	"penstock/internal/job"
)

// TestWhatARunIsOnAWS holds the time limits and DPUs of jobs, those that name none among them.
func TestWhatARunIsOnAWS(t *testing.T) {
	for _, c := range []struct {
		d       job.Definition
		minutes time.Duration
		dpus    float64
	}{
		{job.Definition{Command: "glueetl"}, 480, 10},
		{job.Definition{Command: "glueetl", GlueVersion: "5.0"}, 480, 10},
		{job.Definition{Command: "glueetl", GlueVersion: "6.0"}, 480, 10},
		{job.Definition{Command: "glueetl", GlueVersion: "4.0", Size: job.Size{WorkerType: "G.2X", Workers: 5}}, 2880, 10},
		{job.Definition{Command: "glueetl", GlueVersion: "0.9", Timeout: 7 * time.Minute, Size: job.Size{Capacity: 3}}, 7, 3},
		{job.Definition{Command: "glueetl", Size: job.Size{WorkerType: "G.025X", Workers: 2}}, 480, 0.5},
		{job.Definition{Command: job.PythonShell}, 2880, 0.0625},
		{job.Definition{Command: job.PythonShell, GlueVersion: "5.0", Size: job.Size{Capacity: 1}}, 2880, 1},
	} {
		if got := c.d.TimeLimit(); got != c.minutes*time.Minute {
			t.Errorf("%+v may take %v", c.d, got)
		}
		if got := c.d.Capacity(); got != c.dpus {
			t.Errorf("%+v has %v DPUs", c.d, got)
		}
	}
}
