package job

import (
	"cmp"
	"fmt"

	"penstock/internal/child"
)

// A Size is what a job or a run asks of AWS: workers of a type, or DPUs. The zero Size asks for nothing.
type Size struct {
	WorkerType string  `json:"workerType,omitempty"`
	Workers    int     `json:"workers,omitempty"`
	Capacity   float64 `json:"capacity,omitempty"` // DPUs
}

// A DPU is 4 vCPU and 16 GB: https://docs.aws.amazon.com/glue/latest/dg/add-job.html.
const (
	dpuThreads = 4
	dpuMemory  = 16 << 30
)

// over is what a run has that asks for s, of a job that asks for d.
func (s Size) over(d Size) Size {
	if s.Capacity > 0 {
		return s
	}
	if s == (Size{}) {
		return d
	}
	return Size{WorkerType: cmp.Or(s.WorkerType, d.WorkerType), Workers: cmp.Or(s.Workers, d.Workers)}
}

// DPUs is how many DPUs AWS counts a worker of a type as, or 0.
func DPUs(workerType string) float64 {
	if workerType == "G.025X" {
		return 0.25
	}
	return float64(workers()[workerType].Threads) / dpuThreads
}

// Capacity is how many DPUs a run of the job has on AWS: what it asks for, else what AWS gives.
func (d *Definition) Capacity() float64 {
	switch s := d.Size; {
	case s.Capacity > 0:
		return s.Capacity
	case s.WorkerType != "":
		return float64(max(s.Workers, 1)) * DPUs(s.WorkerType)
	case d.Command == PythonShell:
		return 1. / 16
	}
	return 10
}

// askForMore says how a run that took more memory than it may gets more.
func (j *Jobs) askForMore(r Run) string {
	most := j.most.Memory >> 20
	switch {
	case r.Definition.Size.budget(j.needs, j.most).Memory >= j.most.Memory:
		return fmt.Sprintf("%d MiB is the most that a run is given here: let it read its data in parts", most)
	case r.Definition.Command == PythonShell:
		return fmt.Sprintf("with MaxCapacity 1 a run may use %d MiB", most)
	}
	return fmt.Sprintf("with WorkerType G.1X and NumberOfWorkers a run may use %d MiB", most)
}

// workers is what AWS gives one worker of each type.
func workers() map[string]child.Budget {
	size := func(threads int, gib int64) child.Budget { return child.Budget{Memory: gib << 30, Threads: threads} }
	return map[string]child.Budget{
		"Standard": size(4, 16), "G.025X": size(2, 4), "G.1X": size(4, 16), "G.2X": size(8, 32), "G.4X": size(16, 64), "G.8X": size(32, 128),
		"G.12X": size(48, 192), "G.16X": size(64, 256), "R.1X": size(4, 32), "R.2X": size(8, 64), "R.4X": size(16, 128), "R.8X": size(32, 256),
		"Z.2X": size(8, 64),
	}
}

// budget is what a run of this size may use here: AWS's size, but no more than most, which is what the machine gives one run; usual when
// nothing is asked for, or a type that is not known.
func (s Size) budget(usual, most child.Budget) child.Budget {
	one, known := workers()[s.WorkerType]
	n := float64(max(s.Workers, 1))
	switch {
	case s.WorkerType == "" && s.Capacity > 0:
		one, n = child.Budget{Memory: dpuMemory, Threads: dpuThreads}, s.Capacity
	case !known:
		return usual
	}
	// A count of workers has no limit here: only the smaller of two is a number of bytes.
	memory, threads := min(float64(one.Memory)*n, float64(most.Memory)), min(float64(one.Threads)*n, float64(most.Threads))
	return child.Budget{Memory: int64(memory), Threads: int(max(threads, 1))}
}
