package glue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/service/glue/answer"
)

func (s *Service) versionOps() []api.Op {
	version := api.Honours(answer.Words("DatabaseName TableName CatalogId")...)
	return []api.Op{
		api.Handle(s.GetTableVersion, version, api.Honours("VersionId")),
		api.Handle(s.DeleteTableVersion, version, api.Honours("VersionId")),
		api.Handle(s.BatchDeleteTableVersion, version, api.Honours("VersionIds")),
		api.Handle(s.GetTableVersions, api.Honours(answer.Words("DatabaseName TableName CatalogId MaxResults NextToken")...)),
	}
}

// GetTableVersions lists what a table was, newest first; the first is what it is.
func (s *Service) GetTableVersions(ctx context.Context, in *glue.GetTableVersionsInput) (*glue.GetTableVersionsOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	database, table := answer.Deref(in.DatabaseName), answer.Deref(in.TableName)
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, "versions", catalog.Fold(database), catalog.Fold(table))
	if err != nil {
		return nil, err
	}
	before, err := p.Number(0)
	if err != nil {
		return nil, err
	}
	list, more, err := s.Catalog.TableVersions(ctx, database, table, before, p.Limit)
	if err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.GetTableVersionsOutput{TableVersions: []types.TableVersion{}}
	for i := range list {
		out.TableVersions = append(out.TableVersions, types.TableVersion{Table: answer.Ptr(s.tableType(&list[i])),
			VersionId: answer.Ptr(list[i].VersionID)})
	}
	if more {
		p.Break(list[len(list)-1].VersionID)
	}
	out.NextToken = p.Next()
	return out, nil
}

// GetTableVersion shows one version of a table, the current one without a VersionId.
func (s *Service) GetTableVersion(ctx context.Context, in *glue.GetTableVersionInput) (*glue.GetTableVersionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	var t *catalog.Table
	var err error
	if in.VersionId == nil {
		t, err = s.Catalog.Table(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName))
	} else {
		t, err = s.Catalog.TableVersion(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName), *in.VersionId)
	}
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.GetTableVersionOutput{TableVersion: &types.TableVersion{Table: answer.Ptr(s.tableType(t)),
		VersionId: answer.Ptr(t.VersionID)}}, nil
}

// DeleteTableVersion removes an archived version of a table.
func (s *Service) DeleteTableVersion(ctx context.Context, in *glue.DeleteTableVersionInput) (*glue.DeleteTableVersionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if err := s.Catalog.DeleteTableVersion(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName),
		answer.Deref(in.VersionId)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.DeleteTableVersionOutput{}, nil
}

// BatchDeleteTableVersion removes archived versions; those that fail are listed.
func (s *Service) BatchDeleteTableVersion(ctx context.Context,
	in *glue.BatchDeleteTableVersionInput) (*glue.BatchDeleteTableVersionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if _, err := s.Catalog.Table(ctx, answer.Deref(in.DatabaseName), answer.Deref(in.TableName)); err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.BatchDeleteTableVersionOutput{Errors: []types.TableVersionError{}}
	for _, v := range in.VersionIds {
		err := answer.Error(s.Catalog.DeleteTableVersion(ctx, *in.DatabaseName, *in.TableName, v))
		if err != nil && api.Code(err) == "" {
			return nil, err
		}
		if err != nil {
			out.Errors = append(out.Errors, types.TableVersionError{TableName: in.TableName, VersionId: answer.Ptr(v),
				ErrorDetail: answer.Detail(err)})
		}
	}
	return out, nil
}
