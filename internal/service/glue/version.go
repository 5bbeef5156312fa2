package glue

import (
	"context"
	"slices"
	"strings"

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
		api.Handle(s.SearchTables,
			api.Honours(answer.Words("CatalogId MaxResults NextToken SearchText Filters[].Key Filters[].Value Filters[].Comparator")...),
			answer.NothingShared),
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
			out.Errors = append(out.Errors, types.TableVersionError{TableName: in.TableName, VersionId: answer.Ptr(v), ErrorDetail: detail(err)})
		}
	}
	return out, nil
}

// SearchTables finds tables of all databases whose name, description or columns contain a text, or whose named property has a value.
func (s *Service) SearchTables(ctx context.Context, in *glue.SearchTablesInput) (*glue.SearchTablesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	parts := []string{"search", answer.Deref(in.SearchText)}
	for _, f := range in.Filters {
		parts = append(parts, answer.Deref(f.Key), answer.Deref(f.Value), string(f.Comparator))
		if f.Comparator != "" && f.Comparator != types.ComparatorEquals {
			return nil, api.Errorf(answer.Invalid, "Penstock does not support the comparator %s of SearchTables yet", f.Comparator)
		}
	}
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, parts...)
	if err != nil {
		return nil, err
	}
	database, name, _ := strings.Cut(p.After, "\x00")
	out := &glue.SearchTablesOutput{TableList: []types.Table{}}
	for {
		list, more, err := s.Catalog.AllTables(ctx, database, name, 500)
		if err != nil {
			return nil, answer.Error(err)
		}
		for i := range list {
			database, name = list[i].Database, list[i].Name
			if !found(&list[i], in) {
				continue
			}
			if !p.Take(database + "\x00" + name) {
				out.NextToken = p.Next()
				return out, nil
			}
			out.TableList = append(out.TableList, s.tableType(&list[i]))
		}
		if !more {
			return out, nil
		}
	}
}

func found(t *catalog.Table, in *glue.SearchTablesInput) bool {
	for _, f := range in.Filters {
		if !strings.EqualFold(property(t, answer.Deref(f.Key)), answer.Deref(f.Value)) {
			return false
		}
	}
	text := strings.ToLower(answer.Deref(in.SearchText))
	if text == "" {
		return true
	}
	// A text in quotes must be the whole name.
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		return t.Name == strings.TrimSuffix(quoted, `"`)
	}
	if strings.Contains(t.Name, text) || strings.Contains(strings.ToLower(answer.Deref(t.Description)), text) {
		return true
	}
	return slices.ContainsFunc(t.Columns(), func(c catalog.Column) bool { return strings.Contains(c.Name, text) })
}

// property is a named property of a table as SearchTables' filters see it.
func property(t *catalog.Table, key string) string {
	switch strings.ToLower(key) {
	case "databasename":
		return t.Database
	case "name":
		return t.Name
	case "tabletype":
		return answer.Deref(t.Type)
	case "owner":
		return answer.Deref(t.Owner)
	}
	return t.Parameters[key]
}
