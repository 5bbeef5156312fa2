package glue

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/meta"
	"penstock/internal/meta/page"
	"penstock/internal/service/glue/answer"
)

func (s *Service) partitionOps() []api.Op {
	return []api.Op{
		api.Handle(s.CreatePartition, partitionMembers("PartitionInput"), api.Honours(answer.Words("DatabaseName TableName CatalogId")...)),
		api.Handle(s.GetPartition, api.Honours(answer.Words("DatabaseName TableName PartitionValues CatalogId")...)),
		api.Handle(s.GetPartitions, api.Honours(answer.Words(
			"DatabaseName TableName CatalogId Expression ExcludeColumnSchema MaxResults NextToken Segment.SegmentNumber Segment.TotalSegments")...)),
		api.Handle(s.UpdatePartition, partitionMembers("PartitionInput"),
			api.Honours(answer.Words("DatabaseName TableName PartitionValueList CatalogId")...)),
		api.Handle(s.DeletePartition, api.Honours(answer.Words("DatabaseName TableName PartitionValues CatalogId")...)),
	}
}

// CreatePartition makes a partition.
func (s *Service) CreatePartition(ctx context.Context, in *glue.CreatePartitionInput) (*glue.CreatePartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		return s.Catalog.CreatePartitionsTx(tx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName),
			[]catalog.Partition{partitionOf(in.PartitionInput)}, false)
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.CreatePartitionOutput{}, nil
}

// GetPartition shows a partition.
func (s *Service) GetPartition(ctx context.Context, in *glue.GetPartitionInput) (*glue.GetPartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	p, err := s.Catalog.Partition(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), in.PartitionValues)
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.GetPartitionOutput{Partition: answer.Ptr(s.partitionType(*in.DatabaseName, *in.TableName, p, false))}, nil
}

// GetPartitions lists the partitions that an expression selects, in the order of their values.
func (s *Service) GetPartitions(ctx context.Context, in *glue.GetPartitionsInput) (*glue.GetPartitionsOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	q := catalog.PartitionQuery{Database: answer.Deref(in.DatabaseName), Table: answer.Deref(in.TableName),
		Expression: answer.Deref(in.Expression),
		Limit:      page.Size(in.MaxResults, 1000, 1000)}
	if g := in.Segment; g != nil {
		q.Segment = catalog.Segment{Number: int(g.SegmentNumber), Total: int(answer.Deref(g.TotalSegments))}
		if q.Segment.Number < 0 || q.Segment.Number >= q.Segment.Total {
			return nil, api.Errorf(answer.Invalid, "SegmentNumber %d must be less than TotalSegments %d", q.Segment.Number, q.Segment.Total)
		}
	}
	p, err := page.Read(in.NextToken, q.Limit, answer.Error(meta.ErrToken),
		s.Region, "partitions", catalog.Fold(q.Database), catalog.Fold(q.Table), q.Expression, fmt.Sprint(q.Segment))
	if err != nil {
		return nil, err
	}
	if p.After != "" {
		q.After = []byte(p.After)
	}
	found, err := s.Catalog.Partitions(ctx, q)
	if err != nil {
		return nil, answer.Error(err)
	}
	if found.Next != nil {
		p.Break(string(found.Next))
	}
	out := &glue.GetPartitionsOutput{Partitions: make([]types.Partition, 0, len(found.Partitions)), NextToken: p.Next()}
	for i := range found.Partitions {
		out.Partitions = append(out.Partitions, s.partitionType(q.Database, q.Table, &found.Partitions[i], answer.Deref(in.ExcludeColumnSchema)))
	}
	return out, nil
}

// UpdatePartition replaces a partition.
func (s *Service) UpdatePartition(ctx context.Context, in *glue.UpdatePartitionInput) (*glue.UpdatePartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	err := s.Catalog.UpdatePartition(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), in.PartitionValueList,
		replacement(in.PartitionInput, in.PartitionValueList))
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.UpdatePartitionOutput{}, nil
}

// replacement is what a partition becomes; an input without values keeps them.
func replacement(in *types.PartitionInput, values []string) catalog.Partition {
	p := partitionOf(in)
	if len(p.Values) == 0 {
		p.Values = values
	}
	return p
}

// DeletePartition removes a partition.
func (s *Service) DeletePartition(ctx context.Context, in *glue.DeletePartitionInput) (*glue.DeletePartitionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	missing, err := s.Catalog.DeletePartitions(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), [][]string{in.PartitionValues})
	if err != nil {
		return nil, answer.Error(err)
	}
	if len(missing) > 0 {
		return nil, api.Errorf(answer.NotFound, "Partition not found.")
	}
	return &glue.DeletePartitionOutput{}, nil
}
