package glue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/service/glue/answer"
)

func (s *Service) partitionBatchOps() []api.Op {
	table := api.Honours(answer.Words("DatabaseName TableName CatalogId")...)
	return []api.Op{
		api.Handle(s.BatchCreatePartition, table, partitionMembers("PartitionInputList[]")),
		api.Handle(s.BatchGetPartition, table, api.Honours("PartitionsToGet[].Values")),
		api.Handle(s.BatchUpdatePartition, table, partitionMembers("Entries[].PartitionInput"), api.Honours("Entries[].PartitionValueList")),
		api.Handle(s.BatchDeletePartition, table, api.Honours("PartitionsToDelete[].Values")),
	}
}

// BatchCreatePartition makes partitions; those that exist are listed as errors of a successful answer.
func (s *Service) BatchCreatePartition(ctx context.Context, in *glue.BatchCreatePartitionInput) (*glue.BatchCreatePartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	ps := make([]catalog.Partition, len(in.PartitionInputList))
	for i := range ps {
		ps[i] = partitionOf(&in.PartitionInputList[i])
	}
	existed, err := s.Catalog.CreatePartitions(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), ps)
	if err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.BatchCreatePartitionOutput{Errors: []types.PartitionError{}}
	for _, i := range existed {
		out.Errors = append(out.Errors,
			types.PartitionError{PartitionValues: ps[i].Values, ErrorDetail: answer.Detail(api.Errorf(answer.Exists, "Partition already exists."))})
	}
	return out, nil
}

// BatchGetPartition shows partitions; those that do not exist are left out.
func (s *Service) BatchGetPartition(ctx context.Context, in *glue.BatchGetPartitionInput) (*glue.BatchGetPartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	found, _, err := s.Catalog.PartitionsOf(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), valueLists(in.PartitionsToGet))
	if err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.BatchGetPartitionOutput{Partitions: []types.Partition{}, UnprocessedKeys: []types.PartitionValueList{}}
	for i := range found {
		out.Partitions = append(out.Partitions, s.partitionType(*in.DatabaseName, *in.TableName, &found[i], false))
	}
	return out, nil
}

func valueLists(in []types.PartitionValueList) [][]string {
	out := make([][]string, len(in))
	for i := range in {
		out[i] = in[i].Values
	}
	return out
}

// BatchUpdatePartition replaces partitions, each on its own; those that fail are listed.
func (s *Service) BatchUpdatePartition(ctx context.Context, in *glue.BatchUpdatePartitionInput) (*glue.BatchUpdatePartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if _, err := s.Catalog.Table(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName)); err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.BatchUpdatePartitionOutput{Errors: []types.BatchUpdatePartitionFailureEntry{}}
	for _, e := range in.Entries {
		err := answer.Error(s.Catalog.UpdatePartition(ctx, *in.DatabaseName, *in.TableName, e.PartitionValueList,
			replacement(e.PartitionInput, e.PartitionValueList)))
		if err != nil && api.Code(err) == "" {
			return nil, err
		}
		if err != nil {
			out.Errors = append(out.Errors,
				types.BatchUpdatePartitionFailureEntry{PartitionValueList: e.PartitionValueList, ErrorDetail: answer.Detail(err)})
		}
	}
	return out, nil
}

// BatchDeletePartition removes partitions; those that do not exist are listed.
func (s *Service) BatchDeletePartition(ctx context.Context, in *glue.BatchDeletePartitionInput) (*glue.BatchDeletePartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	list := valueLists(in.PartitionsToDelete)
	missing, err := s.Catalog.DeletePartitions(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), list)
	if err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.BatchDeletePartitionOutput{Errors: []types.PartitionError{}}
	for _, i := range missing {
		out.Errors = append(out.Errors,
			types.PartitionError{PartitionValues: list[i], ErrorDetail: answer.Detail(api.Errorf(answer.NotFound, "Partition not found."))})
	}
	return out, nil
}
