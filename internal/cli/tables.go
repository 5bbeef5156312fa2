package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/pipeline/run"
)

// changeTables brings the tables of the warehouse into the form that the pipeline declares, and says how many
// differed. All is planned before the first is changed.
func changeTables(ctx context.Context, r *run.Runner, p *progress) (int, error) {
	changes, err := r.PlanTables(ctx)
	if err != nil {
		return 0, fmt.Errorf("the tables of the warehouse cannot take the columns that the pipeline declares:\n%w", err)
	}
	for _, c := range changes {
		if len(c.Keeps) > 0 {
			c.Says = append(c.Says, "columns that the SQL does not give any more stay, without new values: "+strings.Join(c.Keeps, ", "))
		}
		p.line("%s: %s", c.Table, strings.Join(c.Says, "; "))
	}
	if err := r.ChangeTables(ctx, changes); err != nil {
		return 0, err
	}
	changes = slices.DeleteFunc(changes, func(c run.TableChange) bool { return len(c.Says) == 0 })
	return len(changes), nil
}

// mended executes again what failed because a table of the warehouse was changed by hand, after bringing it back into its form.
func (a *app) mended(ctx context.Context, r *run.Runner, p *progress, ask run.Ask, failed run.Outcome) (run.Outcome, error) {
	n, err := changeTables(ctx, r, p)
	if err != nil {
		p.line(" ✖ %s", strings.ReplaceAll(a.here(err.Error()), "\n", "\n   "))
		return failed, nil
	}
	if n == 0 {
		return failed, nil
	}
	return r.Execute(ctx, ask)
}
