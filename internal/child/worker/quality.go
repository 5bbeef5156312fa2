package worker

import (
	"context"
	"fmt"

	"penstock/internal/engine"
)

// judged is what a ruleset is evaluated on.
type judged struct {
	name     string
	relation string // DuckDB text
	source   *source
	parts    []part // of a source: where a row came from
}

// judge evaluates the ruleset that --penstock-ruleset names.
func (r *run) judge(ctx context.Context, e *engine.Engine, j judged) error {
	if r.args["--penstock-ruleset"] == "" {
		return nil
	}
	return fmt.Errorf("rulesets are not evaluated yet")
}

// quality evaluates the target's ruleset on the result, before anything of it is visible.
func (t *transform) quality(ctx context.Context) error {
	return t.judge(ctx, t.engine, judged{name: t.target.table.Name, relation: outTable, source: t.target})
}
