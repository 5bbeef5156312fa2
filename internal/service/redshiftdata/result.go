package redshiftdata

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"penstock/internal/api"
	"penstock/internal/child/warehouse/calls"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/warehouse"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

// GetStatementResult gives a page of rows.
func (s *Service) GetStatementResult(ctx context.Context, in *GetStatementResultInput) (*sdk.GetStatementResultOutput, error) {
	st, sub, err := s.find(ctx, in.Id, in.WaitTimeSeconds)
	if err != nil {
		return nil, err
	}
	if sub < 0 && st.Batch {
		return nil, api.Errorf(validation, "The statement is a batch: ask for the result of one of its sub-statements, such as %s:1.", st.ID)
	}
	part := &st.Subs[max(sub, 0)]
	if part.Status != warehouse.Finished || st.Together && st.Status != warehouse.Finished || !part.HasResult {
		return nil, mapped(warehouse.ErrNoResult)
	}
	p, err := page.Read(in.NextToken, 1, mapped(meta.ErrToken), s.w.Region(), part.ID)
	if err != nil {
		return nil, err
	}
	before, err := p.Number(-1)
	if err != nil {
		return nil, err
	}
	rows, err := s.w.Page(ctx, part.ID, int(before)+1)
	if err != nil {
		return nil, mapped(err)
	}
	if p.TakeNumber(before + 1); int(before)+2 < part.Pages {
		p.TakeNumber(before + 2) // which tells that there is a next one
	}
	out := &sdk.GetStatementResultOutput{TotalNumRows: part.Rows, NextToken: p.Next(), Records: make([][]types.Field, 0, len(rows))}
	for i := range part.Columns {
		out.ColumnMetadata = append(out.ColumnMetadata, column(&part.Columns[i]))
	}
	for _, row := range rows {
		rec, err := record(row, part.Columns)
		if err != nil {
			return nil, err
		}
		out.Records = append(out.Records, rec)
	}
	return out, nil
}

func column(c *calls.Column) types.ColumnMetadata {
	return types.ColumnMetadata{Name: &c.Name, Label: &c.Label, TypeName: &c.TypeName, Length: c.Length, Precision: c.Precision,
		Scale: c.Scale, Nullable: c.Nullable, IsSigned: c.Signed, IsCaseSensitive: c.CaseSensitive,
		SchemaName: aws.String(c.Schema), TableName: aws.String(c.Table)}
}

func record(row []json.RawMessage, cols []calls.Column) ([]types.Field, error) {
	rec := make([]types.Field, len(row))
	for i, raw := range row {
		f, err := field(raw, cols[i].TypeName)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", cols[i].Name, err)
		}
		rec[i] = f
	}
	return rec, nil
}

// field gives a stored cell its member of the union: by the cell's JSON form, and for numbers by the column's type.
func field(raw json.RawMessage, typ string) (types.Field, error) {
	switch {
	case string(raw) == "null":
		return &types.FieldMemberIsNull{Value: true}, nil
	case string(raw) == "true", string(raw) == "false":
		return &types.FieldMemberBooleanValue{Value: string(raw) == "true"}, nil
	case len(raw) > 0 && raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return &types.FieldMemberStringValue{Value: s}, err
	case typ == "float4" || typ == "float8":
		v, err := strconv.ParseFloat(string(raw), 64)
		return &types.FieldMemberDoubleValue{Value: v}, err
	}
	v, err := strconv.ParseInt(string(raw), 10, 64)
	return &types.FieldMemberLongValue{Value: v}, err
}

// unions declares Field to the codecs.
func unions() []api.Union {
	return []api.Union{api.UnionOf[types.Field](&types.FieldMemberBlobValue{}, &types.FieldMemberBooleanValue{},
		&types.FieldMemberDoubleValue{}, &types.FieldMemberIsNull{}, &types.FieldMemberLongValue{}, &types.FieldMemberStringValue{})}
}
