package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"penstock/internal/pipeline/compile"
)

// A layout is how a table of the warehouse lies there: its distribution, as compile.Table has it, and the columns of its sort key.
type layout struct {
	dist string
	sort []string
}

// layouts asks for the layouts of all tables, by their full names.
func (r *Runner) layouts(ctx context.Context, any bool) (map[string]layout, error) {
	if !any {
		return nil, nil
	}
	answer, err := r.Query(ctx, `SELECT t."schema" || '.' || t."table", t.diststyle, t.sortkey1, c.column_name FROM svv_table_info t`+
		" LEFT JOIN svv_redshift_columns c ON c.schema_name = t.\"schema\" AND c.table_name = t.\"table\" AND c.sortkey <> 0 ORDER BY 1, "+
		"abs(c.sortkey)")
	if err != nil {
		return nil, fmt.Errorf("ask the warehouse how its tables are distributed and sorted: %w", err)
	}
	all := map[string]layout{}
	for _, row := range answer.Rows {
		name := aws.ToString(row[0])
		l := layout{dist: aws.ToString(row[1]), sort: all[name].sort}
		if strings.HasPrefix(l.dist, "AUTO") { // AUTO(ALL): what Redshift has chosen for now
			l.dist = "AUTO"
		}
		if row[3] != nil && !strings.HasPrefix(aws.ToString(row[2]), "AUTO") {
			l.sort = append(l.sort, *row[3])
		}
		all[name] = l
	}
	return all, nil
}

// change adds to a change what brings the table into its declared layout. A copy has it already; otherwise the statements come before
// columns are dropped, since no column is dropped that is a key.
func (l layout) change(c *TableChange, t compile.Table, copied bool) {
	var sql []string
	if l.dist != t.Dist {
		c.Says = append(c.Says, fmt.Sprintf("its distribution becomes %s, from %s", t.Dist, l.dist))
		sql = append(sql, "DISTSTYLE "+t.Dist)
		if t.DistKey != "" {
			sql[len(sql)-1] = "DISTKEY " + quote(t.DistKey)
		}
	}
	if !slices.Equal(l.sort, t.Sort) {
		c.Says = append(c.Says, fmt.Sprintf("its sort key becomes %s, from %s", said(t.Sort), said(l.sort)))
		sql = append(sql, "SORTKEY AUTO")
		if len(t.Sort) > 0 {
			sql[len(sql)-1] = "SORTKEY (" + t.SortList() + ")"
		}
	}
	for _, one := range sql {
		if !copied {
			c.alone = append(c.alone, "ALTER TABLE "+t.Name+" ALTER "+one)
		}
	}
}

func said(sort []string) string {
	if len(sort) == 0 {
		return "AUTO"
	}
	return "(" + strings.Join(sort, ", ") + ")"
}
