package glue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/meta"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

func (s *Service) tableOps() []api.Op {
	return []api.Op{
		api.Handle(s.CreateTable, tableMembers(),
			api.Honours(answer.Words("DatabaseName CatalogId PartitionIndexes[].IndexName PartitionIndexes[].Keys")...)),
		api.Handle(s.GetTable, api.Keeps(s.keptTable), api.Honours(answer.Words("DatabaseName Name CatalogId")...),
			api.Holds("AttributesToGet[]", "DEFAULT")),
		api.Handle(s.GetTables, api.Honours(answer.Words("DatabaseName CatalogId Expression MaxResults NextToken")...),
			api.Holds("AttributesToGet[]", "DEFAULT")),
		api.Handle(s.UpdateTable, tableMembers(), api.Honours(answer.Words("DatabaseName CatalogId SkipArchive VersionId")...)),
		api.Handle(s.DeleteTable, api.Honours(answer.Words("DatabaseName Name CatalogId")...)),
		api.Handle(s.BatchDeleteTable, api.Honours(answer.Words("DatabaseName TablesToDelete CatalogId")...)),
	}
}

// CreateTable makes a table.
func (s *Service) CreateTable(ctx context.Context, in *glue.CreateTableInput) (*glue.CreateTableOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if in.TableInput == nil {
		return nil, api.Errorf(answer.Invalid, "TableInput is required: tables of open table formats are not supported yet")
	}
	t := tableOf(answer.Deref(in.DatabaseName), in.TableInput)
	if p, ok := api.PrincipalOf(ctx); ok {
		t.CreatedBy = p.ARN
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.Catalog.CreateTableTx(tx, t); err != nil {
			return err
		}
		for _, x := range in.PartitionIndexes {
			if err := s.Catalog.CreateIndexTx(tx, t.Database, t.Name, answer.Deref(x.IndexName), x.Keys); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.CreateTableOutput{}, nil
}

// GetTable shows a table.
func (s *Service) GetTable(ctx context.Context, in *glue.GetTableInput) (*glue.GetTableOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	t, err := s.Catalog.Table(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.Name))
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.GetTableOutput{Table: answer.Ptr(s.tableType(t))}, nil
}

// keptTable is GetTable with an answer that is kept beside the table's row.
func (s *Service) keptTable(ctx context.Context, in *glue.GetTableInput) (*api.Kept, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	k, err := s.Catalog.Kept(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.Name), func(t *catalog.Table) any {
		return &api.Kept{Out: &glue.GetTableOutput{Table: answer.Ptr(s.tableType(t))}}
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return k.(*api.Kept), nil
}

// GetTables lists the tables of a database whose names match an expression.
func (s *Service) GetTables(ctx context.Context, in *glue.GetTablesInput) (*glue.GetTablesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	database := answer.Deref(in.DatabaseName)
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, "tables", catalog.Fold(database), answer.Deref(in.Expression))
	if err != nil {
		return nil, err
	}
	accept, err := answer.NameMatcher(answer.Deref(in.Expression))
	if err != nil {
		return nil, err
	}
	list, more, err := s.Catalog.Tables(ctx, database, p.After, p.Limit, accept)
	if err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.GetTablesOutput{TableList: []types.Table{}}
	for i := range list {
		out.TableList = append(out.TableList, s.tableType(&list[i]))
	}
	if more {
		p.Break(list[len(list)-1].Name)
	}
	out.NextToken = p.Next()
	return out, nil
}

// UpdateTable replaces a table.
func (s *Service) UpdateTable(ctx context.Context, in *glue.UpdateTableInput) (*glue.UpdateTableOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if in.TableInput == nil {
		return nil, api.Errorf(answer.Invalid, "TableInput is required: tables of open table formats are not supported yet")
	}
	o := catalog.UpdateOptions{SkipArchive: answer.Deref(in.SkipArchive), VersionID: answer.Deref(in.VersionId)}
	if err := s.Catalog.UpdateTable(ctx, tableOf(answer.Deref(in.DatabaseName), in.TableInput), o); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.UpdateTableOutput{}, nil
}

// DeleteTable removes a table with its partitions and versions.
func (s *Service) DeleteTable(ctx context.Context, in *glue.DeleteTableInput) (*glue.DeleteTableOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if err := s.deleteTable(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.Name)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.DeleteTableOutput{}, nil
}

// deleteTable removes a table and its tags.
func (s *Service) deleteTable(ctx context.Context, database, name string) error {
	return s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.Catalog.DeleteTableTx(tx, database, name); err != nil {
			return err
		}
		return tag.Drop(tx, s.arn("table/"+catalog.Fold(database)+"/"+catalog.Fold(name)))
	})
}

// BatchDeleteTable removes tables; those that fail are listed.
func (s *Service) BatchDeleteTable(ctx context.Context, in *glue.BatchDeleteTableInput) (*glue.BatchDeleteTableOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if _, err := s.Catalog.Database(ctx, answer.Deref(in.DatabaseName)); err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.BatchDeleteTableOutput{Errors: []types.TableError{}}
	for _, name := range in.TablesToDelete {
		err := answer.Error(s.deleteTable(ctx, answer.Deref(in.DatabaseName), name))
		if api.Code(err) == "" && err != nil {
			return nil, err
		}
		if err != nil {
			out.Errors = append(out.Errors, types.TableError{TableName: answer.Ptr(name), ErrorDetail: answer.Detail(err)})
		}
	}
	return out, nil
}
