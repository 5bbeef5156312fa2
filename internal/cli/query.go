package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"penstock/internal/pipeline/run"
)

func (a *app) queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Ask the warehouse in Redshift's SQL",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, list []string) (err error) {
			ctx := cmd.Context()
			spec, plan, err := a.compiled()
			if err != nil {
				return err
			}
			s, err := a.connect(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.close(ctx)) }()
			r := run.New(s.cfg, spec, plan, a.clock, s.log)
			r.Workgroup = plan.Workgroup
			t, err := r.Query(ctx, list[0])
			if err != nil {
				return err
			}
			return a.printTable(t)
		},
	}
	cmd.Flags().StringVarP(&a.dir, "dir", "C", ".", "folder of the pipeline")
	return cmd
}

func (a *app) printTable(t run.Table) error {
	if a.json {
		return a.printJSON(t)
	}
	if t.Columns == nil {
		fmt.Fprintln(a.stderr, "done")
		return nil
	}
	widths := make([]int, len(t.Columns))
	lines := [][]string{t.Columns}
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				line[i] = *v
			}
		}
		lines = append(lines, line)
	}
	for _, line := range lines {
		for i, v := range line {
			widths[i] = max(widths[i], len([]rune(v)))
		}
	}
	for _, line := range lines {
		cells := make([]string, len(line))
		for i, v := range line {
			cells[i] = v + strings.Repeat(" ", widths[i]-len([]rune(v)))
		}
		fmt.Fprintln(a.stdout, strings.TrimRight(strings.Join(cells, "  "), " "))
	}
	return nil
}

// printJSON prints one object a row.
func (a *app) printJSON(t run.Table) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	for _, row := range t.Rows {
		o := map[string]*string{}
		for i, v := range row {
			o[t.Columns[i]] = v
		}
		if err := e.Encode(o); err != nil {
			return err
		}
	}
	return nil
}
