package stats

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
)

// A Service is the operations over column statistics.
type Service struct {
	module.Env
	Catalog *catalog.Catalog
}

// Ops is their table.
func (s *Service) Ops() []api.Op {
	table := api.Honours(answer.Words("DatabaseName TableName CatalogId")...)
	partition := api.Honours("PartitionValues")
	put := func(o *api.Op) {
		api.Honours("ColumnStatisticsList[].ColumnName", "ColumnStatisticsList[].StatisticsData.Type")(o)
		answer.Inert(answer.Under("ColumnStatisticsList[]", "ColumnType", "AnalyzedTime")...)(o)
		answer.Inert(answer.Under("ColumnStatisticsList[].StatisticsData", "BooleanColumnStatisticsData", "DateColumnStatisticsData",
			"DecimalColumnStatisticsData", "DoubleColumnStatisticsData", "LongColumnStatisticsData", "StringColumnStatisticsData",
			"BinaryColumnStatisticsData")...)(o)
	}
	return []api.Op{
		api.Handle(s.UpdateColumnStatisticsForTable, table, put),
		api.Handle(s.UpdateColumnStatisticsForPartition, table, partition, put),
		api.Handle(s.GetColumnStatisticsForTable, table, api.Honours("ColumnNames")),
		api.Handle(s.GetColumnStatisticsForPartition, table, partition, api.Honours("ColumnNames")),
		api.Handle(s.DeleteColumnStatisticsForTable, table, api.Honours("ColumnName")),
		api.Handle(s.DeleteColumnStatisticsForPartition, table, partition, api.Honours("ColumnName")),
	}
}

// UpdateColumnStatisticsForTable replaces the statistics of columns of a whole table.
func (s *Service) UpdateColumnStatisticsForTable(ctx context.Context,
	in *glue.UpdateColumnStatisticsForTableInput) (*glue.UpdateColumnStatisticsForTableOutput, error) {
	errs, err := s.put(ctx, in.CatalogId, *in.DatabaseName, *in.TableName, nil, in.ColumnStatisticsList)
	if err != nil {
		return nil, err
	}
	return &glue.UpdateColumnStatisticsForTableOutput{Errors: errs}, nil
}

// UpdateColumnStatisticsForPartition replaces the statistics of columns of a partition.
func (s *Service) UpdateColumnStatisticsForPartition(ctx context.Context,
	in *glue.UpdateColumnStatisticsForPartitionInput) (*glue.UpdateColumnStatisticsForPartitionOutput, error) {
	errs, err := s.put(ctx, in.CatalogId, *in.DatabaseName, *in.TableName, values(in.PartitionValues), in.ColumnStatisticsList)
	if err != nil {
		return nil, err
	}
	return &glue.UpdateColumnStatisticsForPartitionOutput{Errors: errs}, nil
}

// values are a partition's, which are never nil: nil is the whole table.
func values(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}

// put stores statistics. Those that it cannot store are returned, each with its error.
func (s *Service) put(ctx context.Context, id *string, database, table string, values []string,
	list []types.ColumnStatistics) ([]types.ColumnStatisticsError, error) {
	if err := answer.OwnCatalog(s.Account, id); err != nil {
		return nil, err
	}
	out := []types.ColumnStatisticsError{}
	refuse := func(c types.ColumnStatistics, err error) {
		out = append(out, types.ColumnStatisticsError{ColumnStatistics: &c, Error: answer.Detail(err)})
	}
	var good []types.ColumnStatistics
	var docs []catalog.Statistics
	for _, c := range list {
		if err := check(c.StatisticsData); err != nil {
			refuse(c, err)
			continue
		}
		doc, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("encode column statistics: %w", err)
		}
		good, docs = append(good, c), append(docs, catalog.Statistics{Column: answer.Deref(c.ColumnName), Doc: doc})
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		missing, err := s.Catalog.PutStatisticsTx(tx, database, table, values, docs)
		for _, i := range missing {
			refuse(good[i], api.Errorf(answer.NotFound, "Column %s not found in table %s.", docs[i].Column, table))
		}
		return err
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return out, nil
}

// check wants the data that the type names, and no other.
func check(d *types.ColumnStatisticsData) error {
	given := map[types.ColumnStatisticsType]bool{
		types.ColumnStatisticsTypeBoolean: d.BooleanColumnStatisticsData != nil,
		types.ColumnStatisticsTypeDate:    d.DateColumnStatisticsData != nil,
		types.ColumnStatisticsTypeDecimal: d.DecimalColumnStatisticsData != nil,
		types.ColumnStatisticsTypeDouble:  d.DoubleColumnStatisticsData != nil,
		types.ColumnStatisticsTypeLong:    d.LongColumnStatisticsData != nil,
		types.ColumnStatisticsTypeString:  d.StringColumnStatisticsData != nil,
		types.ColumnStatisticsTypeBinary:  d.BinaryColumnStatisticsData != nil,
	}
	n := 0
	for _, is := range given {
		if is {
			n++
		}
	}
	if n != 1 || !given[d.Type] {
		return api.Errorf(answer.Invalid, "StatisticsData of the type %s needs the data of that type and no other", d.Type)
	}
	return nil
}

// GetColumnStatisticsForTable shows the statistics of columns of a whole table.
func (s *Service) GetColumnStatisticsForTable(ctx context.Context,
	in *glue.GetColumnStatisticsForTableInput) (*glue.GetColumnStatisticsForTableOutput, error) {
	list, errs, err := s.get(ctx, in.CatalogId, *in.DatabaseName, *in.TableName, nil, in.ColumnNames)
	if err != nil {
		return nil, err
	}
	return &glue.GetColumnStatisticsForTableOutput{ColumnStatisticsList: list, Errors: errs}, nil
}

// GetColumnStatisticsForPartition shows the statistics of columns of a partition.
func (s *Service) GetColumnStatisticsForPartition(ctx context.Context,
	in *glue.GetColumnStatisticsForPartitionInput) (*glue.GetColumnStatisticsForPartitionOutput, error) {
	list, errs, err := s.get(ctx, in.CatalogId, *in.DatabaseName, *in.TableName, values(in.PartitionValues), in.ColumnNames)
	if err != nil {
		return nil, err
	}
	return &glue.GetColumnStatisticsForPartitionOutput{ColumnStatisticsList: list, Errors: errs}, nil
}

// get reads statistics; columns without are returned as errors.
func (s *Service) get(ctx context.Context, id *string, database, table string, values, columns []string) (list []types.ColumnStatistics,
	errs []types.ColumnError, err error) {
	if err := answer.OwnCatalog(s.Account, id); err != nil {
		return nil, nil, err
	}
	found, err := s.Catalog.Statistics(ctx, database, table, values, columns)
	if err != nil {
		return nil, nil, answer.Error(err)
	}
	list, errs = []types.ColumnStatistics{}, []types.ColumnError{}
	for _, f := range found {
		if len(f.Doc) == 0 {
			errs = append(errs, types.ColumnError{ColumnName: answer.Ptr(f.Column),
				Error: answer.Detail(api.Errorf(answer.NotFound, "Column %s does not have statistics.", f.Column))})
			continue
		}
		var c types.ColumnStatistics
		if err := json.Unmarshal(f.Doc, &c); err != nil {
			return nil, nil, fmt.Errorf("decode column statistics: %w", err)
		}
		list = append(list, c)
	}
	return list, errs, nil
}

// DeleteColumnStatisticsForTable removes the statistics of a column of a whole table.
func (s *Service) DeleteColumnStatisticsForTable(ctx context.Context,
	in *glue.DeleteColumnStatisticsForTableInput) (*glue.DeleteColumnStatisticsForTableOutput, error) {
	if err := s.drop(ctx, in.CatalogId, *in.DatabaseName, *in.TableName, nil, *in.ColumnName); err != nil {
		return nil, err
	}
	return &glue.DeleteColumnStatisticsForTableOutput{}, nil
}

// DeleteColumnStatisticsForPartition removes the statistics of a column of a partition.
func (s *Service) DeleteColumnStatisticsForPartition(ctx context.Context,
	in *glue.DeleteColumnStatisticsForPartitionInput) (*glue.DeleteColumnStatisticsForPartitionOutput, error) {
	if err := s.drop(ctx, in.CatalogId, *in.DatabaseName, *in.TableName, values(in.PartitionValues), *in.ColumnName); err != nil {
		return nil, err
	}
	return &glue.DeleteColumnStatisticsForPartitionOutput{}, nil
}

func (s *Service) drop(ctx context.Context, id *string, database, table string, values []string, column string) error {
	if err := answer.OwnCatalog(s.Account, id); err != nil {
		return err
	}
	return answer.Error(s.Meta.Update(ctx, func(tx *meta.Tx) error {
		return s.Catalog.DeleteStatisticsTx(tx, database, table, values, column)
	}))
}
