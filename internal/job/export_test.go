package job

import (
	"context"

	"penstock/internal/child"
)

// SparkIs lets a program stand for Spark.
func (j *Jobs) SparkIs(p child.Program) {
	last := &j.engines[len(j.engines)-1]
	last.refuses = func(map[string]string) string { return "" }
	last.perform = func(ctx context.Context, r Run, _ map[string]string) (outcome, error) { return j.program(ctx, r, p) }
}
