package redshiftdata

import (
	"context"
	"strings"

	"penstock/internal/api"
)

// access says what the operations ask of IAM. Source: "Actions, resources, and condition keys for Amazon Redshift Data API".
func (s *Service) access() api.Access {
	workgroup := []string{"workgroup/{WorkgroupName|arn}"}
	return api.Access{Prefix: "redshift-data", ARN: "arn:aws:redshift-serverless:{region}:{account}:", Resolve: s.byID, Grants: []api.Grant{
		{Ops: "ExecuteStatement BatchExecuteStatement ListDatabases ListSchemas ListTables DescribeTable", On: workgroup},
		{Ops: "DescribeStatement GetStatementResult ListStatements CancelStatement"},
	}}
}

// byID gives the ARN of a workgroup, which ends in its id, for one that ends in its name.
func (s *Service) byID(ctx context.Context, arn string) string {
	if _, name, ok := strings.Cut(arn, ":workgroup/"); ok {
		if g, err := s.w.Workgroup(ctx, name); err == nil {
			return g.ARN
		}
	}
	return arn
}
