package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"penstock/internal/clock"
	"penstock/internal/pipeline/compile"
	"time"
)

// A Table is the answer of a query, every value as text; null is nil.
type Table struct {
	Columns []string
	Types   []string // Redshift's names: int4, numeric, varchar ...
	Rows    [][]*string
}

// A Figure is one line of a report.
type Figure struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Report asks the warehouse for the pipeline's report.
func (r *Runner) Report(ctx context.Context) ([]Figure, error) {
	var figures []Figure
	ids := make([]string, len(r.Plan.Report))
	for i, sql := range r.Plan.Report { // all are sent before the first is awaited
		id, err := r.send(ctx, sql)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		ids[i] = id
	}
	for i, id := range ids {
		t, err := r.answer(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", r.Plan.Report[i], err)
		}
		figures = append(figures, t.figures()...)
	}
	return figures, nil
}

// figures reads the last column of each row as the figure and the others as its label.
func (t Table) figures() (out []Figure) {
	for _, row := range t.Rows {
		var words []string
		for _, v := range row[:len(row)-1] {
			if v != nil {
				words = append(words, strings.TrimSpace(*v))
			}
		}
		value := "none"
		if v := row[len(row)-1]; v != nil {
			value = TrimZeros(*v)
		}
		out = append(out, Figure{strings.Join(words, " "), value})
	}
	return out
}

// TrimZeros drops the zeros that end a decimal's fraction.
func TrimZeros(s string) string {
	if strings.Trim(s, "-0123456789.") != "" || strings.Count(s, ".") != 1 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Query sends one statement to the warehouse and reads its whole answer. When ctx ends, so does the statement.
func (r *Runner) Query(ctx context.Context, sql string) (Table, error) {
	id, err := r.send(ctx, sql)
	if err != nil {
		return Table{}, err
	}
	defer r.withdraw(ctx, id)
	return r.answer(ctx, id)
}

// patience is how long an interrupted command still waits for a server's answer.
const patience = 5 * time.Second

// lingering is a context for a call that begins something: an interrupt leaves it some time, since only its answer says what to withdraw.
func lingering(ctx context.Context) (context.Context, func()) {
	longer, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		late, free := context.WithTimeout(longer, patience)
		defer free()
		<-late.Done()
		end()
	})
	return longer, func() { stop(); end() }
}

// withdraw cancels a statement that nobody waits for any more: it would go on in a server.
func (r *Runner) withdraw(ctx context.Context, id string) {
	if ctx.Err() == nil {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer stop()
	if _, err := r.data.CancelStatement(ctx, &redshiftdata.CancelStatementInput{Id: &id}); err != nil {
		r.log.Warn("a statement could not be cancelled", "id", id, "error", err)
	}
}

// A StatementError is what the warehouse says of one of several statements, which were one transaction.
type StatementError struct {
	Number, Of int // from 1
	Err        error
}

// Error implements error.
func (e *StatementError) Error() string {
	return fmt.Sprintf("statement %d of %d: %v\nthe statements are one transaction: nothing of them is kept", e.Number, e.Of, e.Err)
}

// Unwrap gives the warehouse's words.
func (e *StatementError) Unwrap() error { return e.Err }

// MostTogether is how many statements QueryTogether takes: a batch of the Data API.
const MostTogether = 40

// QueryTogether sends statements in one transaction and reads the answer of each. When ctx ends, so do they.
func (r *Runner) QueryTogether(ctx context.Context, sqls []string) ([]Table, error) {
	sending, sent := lingering(ctx)
	defer sent()
	out, err := r.data.BatchExecuteStatement(sending, &redshiftdata.BatchExecuteStatementInput{
		Sqls: sqls, Database: r.database(), WorkgroupName: &r.Workgroup,
	})
	if err != nil {
		return nil, err
	}
	defer r.withdraw(ctx, aws.ToString(out.Id))
	d, err := r.ended(ctx, aws.ToString(out.Id))
	if err != nil {
		if d != nil {
			for i, sub := range d.SubStatements {
				if sub.Status == types.StatementStatusStringFailed {
					return nil, &StatementError{i + 1, len(sqls), errors.New(aws.ToString(sub.Error))}
				}
			}
		}
		return nil, err
	}
	tables := make([]Table, len(d.SubStatements))
	for i, sub := range d.SubStatements {
		if !aws.ToBool(sub.HasResultSet) {
			continue
		}
		if tables[i], err = r.rows(ctx, aws.ToString(sub.Id)); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// database is the one that is asked.
func (r *Runner) database() *string { return aws.String(cmp.Or(r.Database, compile.Database)) }

func (r *Runner) send(ctx context.Context, sql string) (string, error) {
	sending, sent := lingering(ctx)
	defer sent()
	out, err := r.data.ExecuteStatement(sending, &redshiftdata.ExecuteStatementInput{
		Sql: &sql, Database: r.database(), WorkgroupName: &r.Workgroup,
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Id), nil
}

func (r *Runner) answer(ctx context.Context, id string) (Table, error) {
	d, err := r.ended(ctx, id)
	if err != nil || !aws.ToBool(d.HasResultSet) {
		return Table{}, err
	}
	return r.rows(ctx, id)
}

// ended waits until a statement has ended. One that failed is an error beside what is told of it.
func (r *Runner) ended(ctx context.Context, id string) (*redshiftdata.DescribeStatementOutput, error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		d, err := r.data.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: &id})
		if err != nil {
			return nil, err
		}
		switch d.Status {
		case types.StatusStringFinished:
			return d, nil
		case types.StatusStringFailed, types.StatusStringAborted:
			return d, errors.New(aws.ToString(d.Error))
		}
		if err := clock.Sleep(ctx, r.clock, wait); err != nil {
			return nil, err
		}
	}
}

func (r *Runner) rows(ctx context.Context, id string) (Table, error) {
	var t Table
	pages := redshiftdata.NewGetStatementResultPaginator(r.data, &redshiftdata.GetStatementResultInput{Id: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return t, err
		}
		if t.Columns == nil {
			for _, c := range page.ColumnMetadata {
				t.Columns = append(t.Columns, aws.ToString(c.Name))
				t.Types = append(t.Types, aws.ToString(c.TypeName))
			}
		}
		for _, record := range page.Records {
			row := make([]*string, len(record))
			for i, f := range record {
				row[i] = text(f)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t, nil
}

func text(f types.Field) *string {
	switch f := f.(type) {
	case *types.FieldMemberStringValue:
		return &f.Value
	case *types.FieldMemberLongValue:
		return aws.String(fmt.Sprint(f.Value))
	case *types.FieldMemberDoubleValue:
		return aws.String(double(f.Value))
	case *types.FieldMemberBooleanValue:
		return aws.String(fmt.Sprint(f.Value))
	case *types.FieldMemberBlobValue:
		return aws.String(fmt.Sprintf("%x", f.Value))
	}
	return nil
}

// double writes a float8 as Redshift does: the shortest digits, without an exponent where people need none.
func double(v float64) string {
	if abs := math.Abs(v); math.IsInf(v, 0) || abs != 0 && (abs < 1e-4 || abs >= 1e15) {
		return strings.ReplaceAll(strconv.FormatFloat(v, 'g', -1, 64), "Inf", "Infinity")
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
