package worker

import (
	"context"
	"fmt"

	"penstock/internal/child/task"
)

// A filling says which earlier runs a table is made from: what `--penstock-fill` names.
type filling struct {
	Table string    `json:"table"`
	Whole bool      `json:"whole"` // the table is recomputed: as the last of the runs does it, and for all of them
	Runs  []planned `json:"runs"`  // each with the generation under which its rows are written
}

// fill does the step for many runs and publishes them together, so that readers see all of them or none.
func (t *transform) fill(ctx context.Context, uri string) error {
	var f filling
	if err := t.readJSON(ctx, uri, &f); err != nil {
		return err
	}
	if f.Table != t.target.Table.Name || len(f.Runs) == 0 {
		return fmt.Errorf("%s fills table %q from %d runs; this step makes table %s", uri, f.Table, len(f.Runs), t.target.Table.Name)
	}
	text := t.text
	var all []task.Given
	var sum task.Result
	for i, p := range f.Runs {
		if _, err := fmt.Sscanf(p.Gen, "%d", &t.gen); err != nil {
			return fmt.Errorf("%s: run %s: the generation is %q", uri, p.Run, p.Gen)
		}
		if f.Whole && i < len(f.Runs)-1 {
			all = append(all, task.Given{Run: p.Run, CopyKey: copyKey(t.args["--penstock-home"], p.Run, t.gen, f.Table)})
			continue
		}
		t.manifest = new(manifest)
		if err := t.readJSON(ctx, p.Manifest, t.manifest); err != nil {
			return err
		}
		t.runID, t.text = p.Run, text
		if p.Rewrite {
			t.text = t.rewriting()
		}
		t.result.RowsRead, t.result.RowsWritten, t.result.RowsRejected, t.result.RowsFiltered, t.result.Rules = 0, 0, 0, 0, nil
		t.say("run %s", p.Run)
		if err := t.work(ctx, phase{"writing", func(ctx context.Context) error {
			g, err := t.write(ctx, p.Run)
			all = append(all, g)
			return err
		}}); err != nil {
			return fmt.Errorf("run %s: %w", p.Run, err)
		}
		sum.RowsRead, sum.RowsWritten = sum.RowsRead+t.result.RowsRead, sum.RowsWritten+t.result.RowsWritten
		sum.RowsRejected, sum.RowsFiltered = sum.RowsRejected+t.result.RowsRejected, sum.RowsFiltered+t.result.RowsFiltered
	}
	t.result.Run = ""
	t.result.RowsRead, t.result.RowsWritten, t.result.RowsRejected, t.result.RowsFiltered = sum.RowsRead, sum.RowsWritten,
		sum.RowsRejected, sum.RowsFiltered
	replace := task.ReplaceRun
	if f.Whole {
		replace = task.ReplaceTable
	}
	return t.offer(ctx, t.target.Table, replace, all...)
}
