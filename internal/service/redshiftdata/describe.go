package redshiftdata

import (
	"context"
	"strconv"

	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/warehouse"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

// find gives a statement after the time that the caller is ready to wait for its end.
func (s *Service) find(ctx context.Context, id *string, wait *int32) (*warehouse.Statement, int, error) {
	d, err := waitTime(wait)
	if err != nil {
		return nil, 0, err
	}
	st, sub, err := s.w.Statement(ctx, aws.ToString(id))
	if err != nil {
		return nil, 0, mapped(err)
	}
	if d == 0 || warehouse.Ended(st.Status) {
		return st, sub, nil
	}
	if err := s.wait(ctx, st.ID, d); err != nil {
		return nil, 0, mapped(err)
	}
	st, sub, err = s.w.Statement(ctx, aws.ToString(id))
	return st, sub, mapped(err)
}

// DescribeStatement tells how a statement, or one of a batch, stands.
func (s *Service) DescribeStatement(ctx context.Context, in *DescribeStatementInput) (*sdk.DescribeStatementOutput, error) {
	st, sub, err := s.find(ctx, in.Id, in.WaitTimeSeconds)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeStatementOutput{Id: in.Id, CreatedAt: seconds(st.CreatedAt), UpdatedAt: seconds(st.UpdatedAt), Database: &st.Database,
		DbUser: &st.User, WorkgroupName: &st.Workgroup, RedshiftPid: st.PID, ResultFormat: types.ResultFormatStringJson,
		QueryParameters: parameters(st)}
	if sub < 0 && st.Batch {
		describeBatch(out, st)
		return out, nil
	}
	part := &st.Subs[max(sub, 0)]
	out.Status, out.Duration, out.ResultRows, out.ResultSize = types.StatusString(part.Status), part.Nanos, part.Rows, part.Bytes
	out.HasResultSet, out.QueryString, out.RedshiftQueryId = aws.Bool(part.HasResult), &part.SQL, part.QueryID
	out.UpdatedAt = seconds(part.UpdatedAt)
	if sub < 0 {
		out.Status, out.UpdatedAt = types.StatusString(st.Status), seconds(st.UpdatedAt)
	}
	out.Error = optional(part.Error)
	return out, nil
}

func describeBatch(out *sdk.DescribeStatementOutput, st *warehouse.Statement) {
	out.Status, out.Duration, out.Error = types.StatusString(st.Status), st.Nanos, optional(st.Error)
	out.HasResultSet, out.ResultRows = aws.Bool(false), -1
	for i := range st.Subs {
		p := &st.Subs[i]
		out.HasResultSet = aws.Bool(*out.HasResultSet || p.HasResult)
		out.RedshiftQueryId = max(out.RedshiftQueryId, p.QueryID)
		out.SubStatements = append(out.SubStatements, types.SubStatementData{Id: &p.ID, CreatedAt: seconds(st.CreatedAt),
			UpdatedAt: seconds(p.UpdatedAt), Duration: p.Nanos, Error: optional(p.Error), HasResultSet: aws.Bool(p.HasResult),
			QueryString: &p.SQL, RedshiftQueryId: p.QueryID, ResultRows: p.Rows, ResultSize: p.Bytes, Status: types.StatementStatusString(p.Status)})
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func parameters(st *warehouse.Statement) []types.SqlParameter {
	var out []types.SqlParameter
	for i := range st.Params {
		out = append(out, types.SqlParameter{Name: &st.Params[i].Name, Value: &st.Params[i].Value})
	}
	return out
}

// ListStatements lists statements, newest first: by default those that finished.
func (s *Service) ListStatements(ctx context.Context, in *sdk.ListStatementsInput) (*sdk.ListStatementsOutput, error) {
	limit := int(in.MaxResults)
	if limit == 0 {
		limit = 100
	}
	status := string(in.Status)
	if status == "" {
		status = warehouse.Finished
	}
	workgroup, err := s.w.Named(ctx, aws.ToString(in.WorkgroupName))
	if err != nil {
		return nil, mapped(err)
	}
	q := warehouse.StatementQuery{Name: aws.ToString(in.StatementName), Status: status, Workgroup: workgroup,
		Database: aws.ToString(in.Database), Limit: limit + 1}
	p, err := page.Read(in.NextToken, limit, mapped(meta.ErrToken), s.w.Region(), q.Name, q.Status, q.Workgroup, q.Database)
	if err != nil {
		return nil, err
	}
	if q.Before, err = p.Number(0); err != nil {
		return nil, err
	}
	found, err := s.w.Statements(ctx, q)
	if err != nil {
		return nil, mapped(err)
	}
	out := &sdk.ListStatementsOutput{Statements: []types.StatementData{}}
	found = page.Cut(p, found, func(st warehouse.Statement) string { return strconv.FormatInt(st.Seq, 10) })
	out.NextToken = p.Next()
	for i := range found {
		out.Statements = append(out.Statements, listed(&found[i]))
	}
	return out, nil
}

func listed(st *warehouse.Statement) types.StatementData {
	d := types.StatementData{Id: &st.ID, CreatedAt: seconds(st.CreatedAt), UpdatedAt: seconds(st.UpdatedAt),
		Status: types.StatusString(st.Status), IsBatchStatement: &st.Batch, ResultFormat: types.ResultFormatStringJson,
		StatementName: optional(st.Name), QueryParameters: parameters(st)}
	if !st.Batch {
		d.QueryString = &st.Subs[0].SQL
		return d
	}
	for _, p := range st.Subs {
		d.QueryStrings = append(d.QueryStrings, p.SQL)
	}
	return d
}
