// Package redshiftdata is the Redshift Data API: statements, batches, their states and results, and the lists of databases, schemas and
// tables. Statements are package warehouse's. Sessions that outlive a call, results as CSV, secrets and provisioned clusters are not
// served. API: https://docs.aws.amazon.com/redshift-data/latest/APIReference/.
package redshiftdata

import (
	"context"
	"strings"
	"time"

	"penstock/internal/api"
	"penstock/internal/arn"
	"penstock/internal/module"
	"penstock/internal/warehouse"

	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftdata"
)

// A Service answers the operations.
type Service struct {
	module.Env
	w *warehouse.Warehouses
}

// New returns the service.
func New(env module.Env, w *warehouse.Warehouses) *Service { return &Service{env, w} }

// Module is what the server runs.
func (s *Service) Module() module.Module { return module.Module{API: s.API()} }

// ExecuteStatementInput is the SDK's with the member that is newer than it.
type ExecuteStatementInput struct {
	sdk.ExecuteStatementInput
	WaitTimeSeconds *int32
}

// BatchExecuteStatementInput is the SDK's with the members that are newer than it.
type BatchExecuteStatementInput struct {
	sdk.BatchExecuteStatementInput
	WaitTimeSeconds *int32
	ExecutionMode   *string
}

// DescribeStatementInput is the SDK's with the member that is newer than it.
type DescribeStatementInput struct {
	sdk.DescribeStatementInput
	WaitTimeSeconds *int32
}

// GetStatementResultInput is the SDK's with the member that is newer than it.
type GetStatementResultInput struct {
	sdk.GetStatementResultInput
	WaitTimeSeconds *int32
}

// API lists the operations.
func (s *Service) API() api.Service {
	where := []string{"WorkgroupName", "Database"}
	event := api.Inert("WithEvent", "stored; no event bus is served yet")
	return api.Service{Name: "redshift-data", Access: s.access(), SDK: "RedshiftData", Unions: unions(), Ops: []api.Op{
		api.Handle(s.ExecuteStatement, api.Honours(append(where, "Sql", "Parameters[].Name", "Parameters[].Value", "StatementName",
			"ClientToken", "WaitTimeSeconds")...), event, api.Inert("ResultFormat", "JSON only; CSV is refused")),
		api.Handle(s.BatchExecuteStatement, api.Honours(append(where, "Sqls", "StatementName", "ClientToken", "WaitTimeSeconds",
			"ExecutionMode")...), event, api.Inert("ResultFormat", "JSON only; CSV is refused")),
		api.Handle(s.DescribeStatement, api.Honours("Id", "WaitTimeSeconds")),
		api.Handle(s.GetStatementResult, api.Honours("Id", "NextToken", "WaitTimeSeconds")),
		api.Handle(s.ListStatements, api.Honours("StatementName", "Status", "WorkgroupName", "Database", "MaxResults", "NextToken"),
			api.Inert("RoleLevel", "there is one role: its statements are all statements")),
		api.Handle(s.CancelStatement, api.Honours("Id")),
		api.Handle(s.ListDatabases, api.Honours(append(where, "MaxResults", "NextToken")...)),
		api.Handle(s.ListSchemas, api.Honours(append(where, "SchemaPattern", "MaxResults", "NextToken")...)),
		api.Handle(s.ListTables, api.Honours(append(where, "SchemaPattern", "TablePattern", "MaxResults", "NextToken")...)),
		api.Handle(s.DescribeTable, api.Honours(append(where, "Schema", "Table", "MaxResults", "NextToken")...)),
	}}
}

// dbUser is the database user of a caller: IAM:name of a user, IAMR:name of a role.
func dbUser(ctx context.Context) string {
	p, ok := api.PrincipalOf(ctx)
	if !ok {
		return "IAM:unknown"
	}
	a, err := arn.Parse(p.ARN)
	if err != nil {
		return "IAM:unknown"
	}
	if rest, ok := a.ResourceAfter("assumed-role/"); ok {
		role, _, _ := strings.Cut(rest, "/")
		return "IAMR:" + role
	}
	if rest, ok := a.ResourceAfter("role/"); ok {
		return "IAMR:" + rest[strings.LastIndex(rest, "/")+1:]
	}
	return "IAM:" + a.Resource[strings.LastIndex(a.Resource, "/")+1:]
}

const maxWait = 30

// waitTime checks WaitTimeSeconds.
func waitTime(n *int32) (time.Duration, error) {
	if n == nil {
		return 0, nil
	}
	if *n < 1 || *n > maxWait {
		return 0, api.Errorf(validation, "WaitTimeSeconds must be between 1 and %d, not %d.", maxWait, *n)
	}
	return time.Duration(*n) * time.Second, nil
}

// wait gives a statement up to d to end. The clock is the service's, so that tests need not wait.
func (s *Service) wait(ctx context.Context, id string, d time.Duration) error {
	if d == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.Clock.After(d):
			cancel()
		case <-ctx.Done():
		}
	}()
	_, err := s.w.Wait(ctx, id)
	return err
}
