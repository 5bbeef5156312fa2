package glue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/service/glue/answer"
)

func (s *Service) indexOps() []api.Op {
	return []api.Op{api.Handle(s.GetPartitionIndexes, api.Honours(answer.Words("DatabaseName TableName CatalogId NextToken")...))}
}

// GetPartitionIndexes answers that a table has no partition indexes: CreatePartitionIndex is not served, and CreateTable refuses them by
// name. Partitions are found by their values without one.
func (s *Service) GetPartitionIndexes(ctx context.Context, in *glue.GetPartitionIndexesInput) (*glue.GetPartitionIndexesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if _, err := answer.Page(s.Region, in.NextToken, nil, "no answer has one"); err != nil {
		return nil, err
	}
	if _, err := s.Catalog.Table(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.GetPartitionIndexesOutput{PartitionIndexDescriptorList: []types.PartitionIndexDescriptor{}}, nil
}
