package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"penstock/internal/pipeline/compile"
	"penstock/internal/sql/typed"
)

// A TableChange brings a table of the warehouse that was created by an earlier form of the pipeline into its
// present one. No row and no value is lost by it.
type TableChange struct {
	Table string
	Says  []string // for people, one for each column
	Keeps []string // columns that get no new values
	alone []string // statements that are made one by one: Redshift refuses some of them in a transaction
	sql   []string // statements of one transaction
}

// PlanTables compares the tables of the warehouse with what the pipeline declares. A change by which rows would be lost is an error that
// says which. Tables that do not exist are made later, by the run.
func (r *Runner) PlanTables(ctx context.Context) ([]TableChange, error) {
	have, err := r.tableColumns(ctx)
	if err != nil {
		return nil, err
	}
	laid, err := r.layouts(ctx, len(have) > 0)
	if err != nil {
		return nil, err
	}
	var changes []TableChange
	var refused []error
	for _, t := range r.Plan.Tables {
		if len(have[t.Name]) == 0 {
			continue
		}
		c, err := r.planTable(ctx, t, have[t.Name], laid[t.Name])
		if err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", t.Name, err))
		} else if len(c.Says)+len(c.Keeps) > 0 {
			changes = append(changes, c)
		}
	}
	return changes, errors.Join(refused...)
}

// tableColumns asks for the columns of the pipeline's tables, in their order. A warehouse that does not exist has none.
func (r *Runner) tableColumns(ctx context.Context) (map[string][]compile.Column, error) {
	var names []string
	for _, t := range r.Plan.Tables {
		names = append(names, "'"+t.Name+"'")
	}
	if len(names) == 0 {
		return nil, nil
	}
	answer, err := r.Query(ctx,
		"SELECT table_schema || '.' || table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale"+
			" FROM svv_columns WHERE table_schema || '.' || table_name IN ("+strings.Join(names, ", ")+") ORDER BY ordinal_position")
	var none *types.ResourceNotFoundException
	var invalid *types.ValidationException
	if errors.As(err, &none) || errors.As(err, &invalid) {
		return nil, nil // there is no such workgroup yet
	}
	if err != nil {
		return nil, fmt.Errorf("ask the warehouse for its columns: %w", err)
	}
	all := map[string][]compile.Column{}
	for _, row := range answer.Rows {
		name := aws.ToString(row[0])
		all[name] = append(all[name], compile.Column{Name: aws.ToString(row[1]), Type: typeText(aws.ToString(row[2]), row[3], row[4], row[5])})
	}
	return all, nil
}

// typeText writes a type as DDL does.
func typeText(name string, length, precision, scale *string) string {
	switch {
	case length != nil:
		return name + "(" + *length + ")"
	case name == "numeric" && precision != nil && scale != nil:
		return "decimal(" + *precision + "," + *scale + ")"
	}
	return name
}

func (r *Runner) planTable(ctx context.Context, t compile.Table, have []compile.Column, laid layout) (c TableChange, err error) {
	c.Table = t.Name
	is, want := map[string]string{}, map[string]bool{}
	for _, col := range have {
		is[col.Name] = col.Type
	}
	var added, swapped []compile.Column
	for _, col := range t.Columns {
		want[col.Name] = true
		old, there := is[col.Name]
		switch {
		case !there:
			c.Says = append(c.Says, fmt.Sprintf("column %s %s is added", col.Name, col.Type))
			added = append(added, col)
		case sameType(old, col.Type):
		case longer(old, col.Type):
			c.Says = append(c.Says, fmt.Sprintf("column %s becomes %s, from %s", col.Name, col.Type, old))
			c.alone = append(c.alone, "ALTER TABLE "+t.Name+" ALTER COLUMN "+quote(col.Name)+" TYPE "+col.Type)
		default:
			if err := r.fits(ctx, t, col, old); err != nil {
				return c, err
			}
			c.Says = append(c.Says, fmt.Sprintf("column %s becomes %s, from %s, by a copy that takes its place", col.Name, col.Type, old))
			swapped = append(swapped, col)
		}
	}
	gone := slices.DeleteFunc(slices.Clone(have), func(col compile.Column) bool { return want[col.Name] })
	if t.OnChange == "fail" && len(c.Says)+len(gone) > 0 {
		return c, fmt.Errorf("on_schema_change is fail, and the columns differ: %s", strings.Join(append(c.Says, names(gone)...), "; "))
	}
	group(&c, t, have, added, swapped, gone)
	laid.change(&c, t, len(swapped) > 0)
	return c, nil
}

func names(list []compile.Column) (out []string) {
	for _, col := range list {
		out = append(out, "column "+col.Name+" is not in the SQL any more")
	}
	return out
}

// group writes the statements. A column that the SQL does not give any more keeps its values, unless all columns are to be in step.
func group(c *TableChange, t compile.Table, have, added, swapped, gone []compile.Column) {
	var dropped []compile.Column
	if t.OnChange == "sync_all_columns" {
		dropped = gone
	}
	for _, col := range gone {
		if len(dropped) > 0 {
			c.Says = append(c.Says, fmt.Sprintf("column %s is dropped", col.Name))
		} else {
			c.Keeps = append(c.Keeps, col.Name)
		}
	}
	if len(swapped) > 0 {
		kept := slices.DeleteFunc(slices.Clone(gone), func(col compile.Column) bool { return slices.Contains(dropped, col) })
		c.Says = append(c.Says, "grants on it are to be given again")
		c.sql = wholeCopy(t, have, kept)
		return
	}
	for _, col := range added {
		c.alone = append(c.alone, "ALTER TABLE "+t.Name+" ADD COLUMN "+quote(col.Name)+" "+col.Type)
	}
	for _, col := range dropped {
		c.sql = append(c.sql, "ALTER TABLE "+t.Name+" DROP COLUMN "+quote(col.Name))
	}
}

// wholeCopy makes the table anew beside itself, and lets it take its place. Redshift can change a column's type in no other way.
func wholeCopy(t compile.Table, have, kept []compile.Column) []string {
	schema, table, _ := strings.Cut(t.Name, ".")
	staged := schema + ".penstock_new_" + table
	sql := []string{t.CreateAs(staged, kept)}
	var into, from []string
	for _, col := range t.Columns {
		into = append(into, quote(col.Name))
		if slices.ContainsFunc(have, func(h compile.Column) bool { return h.Name == col.Name }) {
			from = append(from, "CAST("+quote(col.Name)+" AS "+col.Type+")")
		} else {
			from = append(from, "CAST(NULL AS "+col.Type+")")
		}
	}
	for _, col := range kept {
		into, from = append(into, quote(col.Name)), append(from, quote(col.Name))
	}
	return append(sql, "INSERT INTO "+staged+" ("+strings.Join(into, ", ")+") SELECT "+strings.Join(from, ", ")+" FROM "+t.Name,
		"DROP TABLE "+t.Name, "ALTER TABLE "+staged+" RENAME TO "+quote(table))
}

// aroundViews takes the pipeline's views away before the statements and makes them after, in one
// transaction: Redshift changes nothing under a view.
func (r *Runner) aroundViews(sql []string) []string {
	var before, after []string
	for _, v := range r.Plan.Views {
		before, after = append(before, "DROP VIEW IF EXISTS "+v.Name), append(after, v.Create)
	}
	slices.Reverse(before)
	return slices.Concat(before, sql, after)
}

// sameType compares types by meaning: integer and int are the same.
func sameType(a, b string) bool {
	x, err := typed.ParseType(a)
	y, err2 := typed.ParseType(b)
	return err == nil && err2 == nil && x == y
}

// longer says whether Redshift's ALTER COLUMN TYPE can make the one of the other: a longer varchar.
func longer(old, new string) bool {
	x, err := typed.ParseType(old)
	y, err2 := typed.ParseType(new)
	return err == nil && err2 == nil && x.Kind == typed.Varchar && y.Kind == typed.Varchar && y.Len > x.Len
}

// fits looks whether every value survives the change of its column's type.
func (r *Runner) fits(ctx context.Context, t compile.Table, col compile.Column, old string) error {
	name := quote(col.Name)
	answer, err := r.Query(ctx, "SELECT count(*), min("+name+") FROM "+t.Name+" WHERE CAST(CAST("+name+" AS "+
		col.Type+") AS "+old+") <> "+name)
	why := ""
	switch {
	case err != nil:
		why = "its values cannot be turned into that: " + err.Error()
	case len(answer.Rows) == 1 && aws.ToString(answer.Rows[0][0]) != "0":
		why = fmt.Sprintf("%s rows have a value that would not survive that, for example %s", aws.ToString(answer.Rows[0][0]),
			aws.ToString(answer.Rows[0][1]))
	default:
		return nil
	}
	return fmt.Errorf("the column %s is %s and is to be %s, but %s. Nothing was changed. Give the column a type that holds them; "+
		"or let the table be made anew:\n"+
		"  penstock query \"DROP TABLE %s CASCADE\"\n  penstock run --full %s", col.Name, old, col.Type, why, t.Name, t.From)
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// ChangeTables makes planned changes: first the statements that stand alone, then all others in one transaction, since the pipeline's
// views may need the new columns of several tables.
func (r *Runner) ChangeTables(ctx context.Context, changes []TableChange) error {
	var sql []string
	for _, c := range changes {
		for _, one := range c.alone {
			if _, err := r.Query(ctx, one); err != nil {
				return fmt.Errorf("change the table %s: %s: %w", c.Table, one, err)
			}
		}
		sql = append(sql, c.sql...)
	}
	if len(sql) == 0 {
		return nil
	}
	if err := r.together(ctx, r.aroundViews(sql)); err != nil {
		if said, _, cut := strings.Cut(err.Error(), "\n  Hint: "); cut && strings.Contains(said, "depend on it") {
			// it hints at a DROP that nobody wrote
			err = errors.New(said + "\nThese views are not of the pipeline: drop them, run again, " +
				"and make them anew (late-binding views need not be dropped)")
		}
		return fmt.Errorf("change the tables of the warehouse; no rows were touched: %w", err)
	}
	return nil
}

// together runs statements in one transaction.
func (r *Runner) together(ctx context.Context, sql []string) error {
	if len(sql) == 1 {
		_, err := r.Query(ctx, sql[0])
		return err
	}
	out, err := r.data.BatchExecuteStatement(ctx,
		&redshiftdata.BatchExecuteStatementInput{Sqls: sql, Database: aws.String(compile.Database), WorkgroupName: &r.Workgroup})
	if err != nil {
		return err
	}
	_, err = r.answer(ctx, aws.ToString(out.Id))
	return err
}
