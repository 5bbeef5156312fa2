package redshiftdata

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/meta"
	"penstock/internal/meta/page"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

func (s *Service) newListing(token *string, limit int32, filter ...string) (*page.Page, error) {
	return page.Read(token, page.Size(&limit, 1000, 1000), mapped(meta.ErrToken), s.w.Region(), filter...)
}

// texts runs a query and gives its cells as text.
func (s *Service) texts(ctx context.Context, workgroup, database *string, sql string, params ...calls.Param) ([][]string, error) {
	name, err := s.at(ctx, request{workgroup: workgroup, database: database})
	if err != nil {
		return nil, err
	}
	rows, err := s.w.Query(ctx, name, *database, dbUser(ctx), sql, params...)
	if err != nil {
		return nil, mapped(err)
	}
	out := make([][]string, len(rows))
	for i, row := range rows {
		for _, raw := range row {
			var t string
			if json.Unmarshal(raw, &t) != nil {
				t = strings.Trim(string(raw), `"`)
			}
			if string(raw) == "null" {
				t = ""
			}
			out[i] = append(out[i], t)
		}
	}
	return out, nil
}

func pattern(p *string) string {
	if p == nil || *p == "" {
		return "%"
	}
	return *p
}

// ListDatabases lists the databases of a workgroup.
func (s *Service) ListDatabases(ctx context.Context, in *sdk.ListDatabasesInput) (*sdk.ListDatabasesOutput, error) {
	workgroup, err := s.at(ctx, request{workgroup: in.WorkgroupName, database: in.Database})
	if err != nil {
		return nil, err
	}
	l, err := s.newListing(in.NextToken, in.MaxResults, "databases", *in.WorkgroupName)
	if err != nil {
		return nil, err
	}
	if _, err := s.texts(ctx, in.WorkgroupName, in.Database, "SELECT 1"); err != nil { // the database named must be there
		return nil, err
	}
	names, err := s.w.Databases(ctx, workgroup)
	if err != nil {
		return nil, mapped(err)
	}
	names = page.Of(l, names, func(n string) string { return n })
	return &sdk.ListDatabasesOutput{Databases: names, NextToken: l.Next()}, nil
}

// ListSchemas lists the schemas of a database.
func (s *Service) ListSchemas(ctx context.Context, in *sdk.ListSchemasInput) (*sdk.ListSchemasOutput, error) {
	l, err := s.newListing(in.NextToken, in.MaxResults, "schemas", aws.ToString(in.Database), pattern(in.SchemaPattern))
	if err != nil {
		return nil, err
	}
	rows, err := s.texts(ctx, in.WorkgroupName, in.Database,
		"SELECT schema_name FROM svv_all_schemas WHERE schema_name LIKE :p ORDER BY schema_name",
		calls.Param{Name: "p", Value: pattern(in.SchemaPattern)})
	if err != nil {
		return nil, err
	}
	rows = page.Of(l, rows, func(r []string) string { return r[0] })
	out := &sdk.ListSchemasOutput{Schemas: []string{}, NextToken: l.Next()}
	for _, r := range rows {
		out.Schemas = append(out.Schemas, r[0])
	}
	return out, nil
}

// ListTables lists tables and views.
func (s *Service) ListTables(ctx context.Context, in *sdk.ListTablesInput) (*sdk.ListTablesOutput, error) {
	l, err := s.newListing(in.NextToken, in.MaxResults, "tables", aws.ToString(in.Database), pattern(in.SchemaPattern),
		pattern(in.TablePattern))
	if err != nil {
		return nil, err
	}
	rows, err := s.texts(ctx, in.WorkgroupName, in.Database, `SELECT schema_name, table_name, table_type FROM svv_all_tables
		WHERE schema_name LIKE :s AND table_name LIKE :t ORDER BY schema_name, table_name`,
		calls.Param{Name: "s", Value: pattern(in.SchemaPattern)}, calls.Param{Name: "t", Value: pattern(in.TablePattern)})
	if err != nil {
		return nil, err
	}
	rows = page.Of(l, rows, func(r []string) string { return r[0] + "\x00" + r[1] })
	out := &sdk.ListTablesOutput{Tables: []types.TableMember{}, NextToken: l.Next()}
	for _, r := range rows {
		out.Tables = append(out.Tables, types.TableMember{Schema: aws.String(r[0]), Name: aws.String(r[1]), Type: aws.String(r[2])})
	}
	return out, nil
}

// DescribeTable lists a table's columns.
func (s *Service) DescribeTable(ctx context.Context, in *sdk.DescribeTableInput) (*sdk.DescribeTableOutput, error) {
	l, err := s.newListing(in.NextToken, in.MaxResults, "columns", aws.ToString(in.Database), pattern(in.Schema), aws.ToString(in.Table))
	if err != nil {
		return nil, err
	}
	rows, err := s.texts(ctx, in.WorkgroupName, in.Database, `SELECT table_schema, table_name, ordinal_position, column_name,
		data_type, is_nullable, column_default, character_maximum_length, numeric_precision, numeric_scale FROM svv_columns
		WHERE table_schema LIKE :s AND table_name = :t ORDER BY table_schema, ordinal_position`,
		calls.Param{Name: "s", Value: pattern(in.Schema)}, calls.Param{Name: "t", Value: aws.ToString(in.Table)})
	if err != nil {
		return nil, err
	}
	key := func(r []string) string { return fmt.Sprintf("%s\x00%06s", r[0], r[2]) }
	rows = page.Of(l, rows, key)
	out := &sdk.DescribeTableOutput{TableName: in.Table, NextToken: l.Next(), ColumnList: []types.ColumnMetadata{}}
	for _, r := range rows {
		out.ColumnList = append(out.ColumnList, types.ColumnMetadata{SchemaName: aws.String(r[0]), TableName: aws.String(r[1]),
			Name: aws.String(r[3]), Label: aws.String(r[3]), TypeName: aws.String(catalogName(r[4])),
			Nullable: map[string]int32{"YES": 1}[r[5]], ColumnDefault: optional(r[6]), Length: number(r[7]),
			Precision: max(number(r[7]), number(r[8])), Scale: number(r[9])})
	}
	return out, nil
}

func number(s string) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0 // NULL: the type has no such number
	}
	return int32(n)
}

// catalogName is the short name of a type that svv_columns spells out.
func catalogName(spelled string) string {
	short := map[string]string{"integer": "int4", "bigint": "int8", "smallint": "int2", "character varying": "varchar",
		"character": "bpchar", "double precision": "float8", "real": "float4", "boolean": "bool",
		"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", "time without time zone": "time"}
	if s, ok := short[spelled]; ok {
		return s
	}
	return spelled
}
