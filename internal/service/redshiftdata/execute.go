package redshiftdata

import (
	"context"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/meta"
	"penstock/internal/warehouse"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

const maxSQL = 100 << 10

// a request is what ExecuteStatement and BatchExecuteStatement have in common.
type request struct {
	workgroup, database, name, token *string
	format                           types.ResultFormatString
	event                            *bool
	sqls                             []string
	params                           []types.SqlParameter
	wait                             *int32
}

// submit checks a request, stores and starts its statement, and waits if that is asked for.
func (s *Service) submit(ctx context.Context, r request, st warehouse.Statement) (*warehouse.Statement, error) {
	wait, err := waitTime(r.wait)
	if err != nil {
		return nil, err
	}
	workgroup, err := s.at(ctx, r)
	if err != nil {
		return nil, err
	}
	p, _ := api.PrincipalOf(ctx)
	st.Workgroup, st.Database, st.Name, st.User = workgroup, *r.database, aws.ToString(r.name), dbUser(ctx)
	st.Principal, st.Format, st.WithEvent = p.ARN, "JSON", aws.ToBool(r.event)
	if aws.ToString(r.token) != "" {
		st.Token = p.Account + "/" + *r.token
	}
	for _, q := range r.sqls {
		st.Subs = append(st.Subs, warehouse.Sub{SQL: q})
	}
	for _, q := range r.params {
		st.Params = append(st.Params, calls.Param{Name: aws.ToString(q.Name), Value: aws.ToString(q.Value)})
	}
	out, err := s.w.Submit(ctx, st)
	if err != nil {
		return nil, mapped(err)
	}
	return out, meta.After(ctx, func(ctx context.Context) error { return mapped(s.wait(ctx, out.ID, wait)) })
}

// at checks a request and finds its workgroup, which may be given by its name or its ARN.
func (s *Service) at(ctx context.Context, r request) (workgroup string, err error) {
	if err := r.check(); err != nil {
		return "", err
	}
	workgroup, err = s.w.Named(ctx, *r.workgroup)
	return workgroup, mapped(err)
}

func (r request) check() error {
	switch {
	case aws.ToString(r.workgroup) == "":
		return api.Errorf(validation, "Either ClusterIdentifier or WorkgroupName must be specified in input (Penstock serves workgroups).")
	case aws.ToString(r.database) == "":
		return api.Errorf(validation, "Database is required when authenticating with temporary credentials.")
	case r.format == types.ResultFormatStringCsv:
		return api.Errorf(validation, "Penstock does not support ResultFormat CSV yet")
	}
	for _, q := range r.sqls {
		if strings.TrimSpace(q) == "" {
			return api.Errorf(validation, "The SQL statement is empty.")
		}
		if len(q) > maxSQL {
			return api.Errorf(validation, "The SQL statement has %d bytes; the limit is 100 KB.", len(q))
		}
	}
	return nil
}

// ExecuteStatement runs one SQL statement.
func (s *Service) ExecuteStatement(ctx context.Context, in *ExecuteStatementInput) (*sdk.ExecuteStatementOutput, error) {
	st, err := s.submit(ctx, request{workgroup: in.WorkgroupName, database: in.Database, name: in.StatementName, token: in.ClientToken,
		format: in.ResultFormat, event: in.WithEvent, sqls: []string{aws.ToString(in.Sql)}, params: in.Parameters,
		wait: in.WaitTimeSeconds}, warehouse.Statement{Together: true})
	if err != nil {
		return nil, err
	}
	return &sdk.ExecuteStatementOutput{Id: &st.ID, CreatedAt: seconds(st.CreatedAt), Database: &st.Database, DbUser: &st.User,
		WorkgroupName: &st.Workgroup, DbGroups: []string{}}, nil
}

// BatchExecuteStatement runs several statements: in one transaction, or each in its own.
func (s *Service) BatchExecuteStatement(ctx context.Context, in *BatchExecuteStatementInput) (*sdk.BatchExecuteStatementOutput, error) {
	together := true
	switch mode := aws.ToString(in.ExecutionMode); mode {
	case "", "TRANSACTION":
	case "AUTO_COMMIT":
		together = false
	default:
		return nil, api.Errorf(validation, "ExecutionMode must be TRANSACTION or AUTO_COMMIT, not %s.", mode)
	}
	if n := len(in.Sqls); n > 40 {
		return nil, api.Errorf(validation, "A batch may have 40 statements, not %d.", n)
	}
	st, err := s.submit(ctx, request{workgroup: in.WorkgroupName, database: in.Database, name: in.StatementName, token: in.ClientToken,
		format: in.ResultFormat, event: in.WithEvent, sqls: in.Sqls, wait: in.WaitTimeSeconds},
		warehouse.Statement{Batch: true, Together: together})
	if err != nil {
		return nil, err
	}
	return &sdk.BatchExecuteStatementOutput{Id: &st.ID, CreatedAt: seconds(st.CreatedAt), Database: &st.Database, DbUser: &st.User,
		WorkgroupName: &st.Workgroup, DbGroups: []string{}}, nil
}

// CancelStatement stops a statement that runs.
func (s *Service) CancelStatement(ctx context.Context, in *sdk.CancelStatementInput) (*sdk.CancelStatementOutput, error) {
	if err := s.w.Cancel(ctx, aws.ToString(in.Id)); err != nil {
		return nil, mapped(err)
	}
	return &sdk.CancelStatementOutput{Status: aws.Bool(true)}, nil
}

// seconds is a time as the JSON protocol shows it.
func seconds(t time.Time) *time.Time {
	t = t.Truncate(time.Millisecond)
	return &t
}
