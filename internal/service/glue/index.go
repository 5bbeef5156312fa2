package glue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/meta"
	"penstock/internal/service/glue/answer"
)

func (s *Service) indexOps() []api.Op {
	table := api.Honours(answer.Words("DatabaseName TableName CatalogId")...)
	return []api.Op{
		api.Handle(s.GetPartitionIndexes, table, api.Honours("NextToken")),
		api.Handle(s.CreatePartitionIndex, table, api.Honours("PartitionIndex.Keys", "PartitionIndex.IndexName")),
		api.Handle(s.DeletePartitionIndex, table, api.Honours("IndexName")),
	}
}

// GetPartitionIndexes lists the partition indexes of a table, of which there are three at most.
func (s *Service) GetPartitionIndexes(ctx context.Context, in *glue.GetPartitionIndexesInput) (*glue.GetPartitionIndexesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if _, err := answer.Page(s.Region, in.NextToken, nil, "no answer has one"); err != nil {
		return nil, err
	}
	list, err := s.Catalog.Indexes(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName))
	if err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.GetPartitionIndexesOutput{PartitionIndexDescriptorList: []types.PartitionIndexDescriptor{}}
	for _, x := range list {
		d := types.PartitionIndexDescriptor{IndexName: answer.Ptr(x.Name), IndexStatus: types.PartitionIndexStatus(x.State)}
		for _, k := range x.Keys {
			d.Keys = append(d.Keys, types.KeySchemaElement{Name: answer.Ptr(k.Name), Type: answer.Ptr(k.Type)})
		}
		if len(x.Bad) > 0 {
			e := types.BackfillError{Code: types.BackfillErrorCodeInvalidPartitionTypeDataError}
			for _, values := range x.Bad {
				e.Partitions = append(e.Partitions, types.PartitionValueList{Values: values})
			}
			d.BackfillErrors = []types.BackfillError{e}
		}
		out.PartitionIndexDescriptorList = append(out.PartitionIndexDescriptorList, d)
	}
	return out, nil
}

// CreatePartitionIndex makes a partition index; the catalog fills one of many partitions in the background.
func (s *Service) CreatePartitionIndex(ctx context.Context, in *glue.CreatePartitionIndexInput) (*glue.CreatePartitionIndexOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		return s.Catalog.CreateIndexTx(tx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), answer.Deref(in.PartitionIndex.IndexName),
			in.PartitionIndex.Keys)
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.CreatePartitionIndexOutput{}, nil
}

// DeletePartitionIndex removes a partition index; the catalog empties a large one in the background.
func (s *Service) DeletePartitionIndex(ctx context.Context, in *glue.DeletePartitionIndexInput) (*glue.DeletePartitionIndexOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		return s.Catalog.DeleteIndexTx(tx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), answer.Deref(in.IndexName))
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.DeletePartitionIndexOutput{}, nil
}
