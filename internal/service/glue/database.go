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

func (s *Service) databaseOps() []api.Op {
	members := func(o *api.Op) {
		api.Honours("CatalogId", "DatabaseInput.Name")(o)
		answer.Inert(answer.Under("DatabaseInput", "Description", "LocationUri", "Parameters")...)(o)
		api.Holds("DatabaseInput.CreateTableDefaultPermissions[].Principal.DataLakePrincipalIdentifier", "IAM_ALLOWED_PRINCIPALS")(o)
		api.Holds("DatabaseInput.CreateTableDefaultPermissions[].Permissions[]", "ALL")(o)
	}
	return []api.Op{
		api.Handle(s.CreateDatabase, members, api.Honours("Tags")),
		api.Handle(s.GetDatabase, api.Honours(answer.Words("Name CatalogId")...)),
		api.Handle(s.GetDatabases, api.Honours(answer.Words("CatalogId MaxResults NextToken")...), answer.NothingShared),
		api.Handle(s.UpdateDatabase, members, api.Honours("Name")),
		api.Handle(s.DeleteDatabase, api.Honours(answer.Words("Name CatalogId")...)),
	}
}

func databaseOf(in *types.DatabaseInput) catalog.Database {
	return catalog.Database{Name: answer.Deref(in.Name), Description: in.Description, LocationURI: in.LocationUri, Parameters: in.Parameters}
}

// databaseType is a database as the API shows it. Permissions are IAM's alone, as they are where Lake Formation is not used.
func (s *Service) databaseType(d *catalog.Database) types.Database {
	everyone := types.PrincipalPermissions{Permissions: []types.Permission{types.PermissionAll},
		Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: answer.Ptr("IAM_ALLOWED_PRINCIPALS")}}
	return types.Database{Name: answer.Ptr(d.Name), CatalogId: answer.Ptr(s.Account), Description: d.Description, LocationUri: d.LocationURI,
		Parameters: d.Parameters, CreateTime: answer.Ptr(d.Created), CreateTableDefaultPermissions: []types.PrincipalPermissions{everyone}}
}

func (s *Service) databaseARN(name string) string { return s.arn("database/" + catalog.Fold(name)) }

// CreateDatabase makes a database.
func (s *Service) CreateDatabase(ctx context.Context, in *glue.CreateDatabaseInput) (*glue.CreateDatabaseOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	d := databaseOf(in.DatabaseInput)
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.Catalog.CreateDatabaseTx(tx, d); err != nil {
			return err
		}
		return answer.PutTags(tx, s.databaseARN(d.Name), in.Tags)
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.CreateDatabaseOutput{}, nil
}

// GetDatabase shows a database.
func (s *Service) GetDatabase(ctx context.Context, in *glue.GetDatabaseInput) (*glue.GetDatabaseOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	d, err := s.Catalog.Database(ctx, answer.Deref(in.Name))
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.GetDatabaseOutput{Database: answer.Ptr(s.databaseType(d))}, nil
}

// GetDatabases lists databases by name.
func (s *Service) GetDatabases(ctx context.Context, in *glue.GetDatabasesInput) (*glue.GetDatabasesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, "databases")
	if err != nil {
		return nil, err
	}
	list, more, err := s.Catalog.Databases(ctx, p.After, p.Limit)
	if err != nil {
		return nil, answer.Error(err)
	}
	out := &glue.GetDatabasesOutput{DatabaseList: []types.Database{}}
	for i := range list {
		out.DatabaseList = append(out.DatabaseList, s.databaseType(&list[i]))
	}
	if more {
		p.Break(list[len(list)-1].Name)
	}
	out.NextToken = p.Next()
	return out, nil
}

// UpdateDatabase replaces what a database says.
func (s *Service) UpdateDatabase(ctx context.Context, in *glue.UpdateDatabaseInput) (*glue.UpdateDatabaseOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	if err := s.Catalog.UpdateDatabase(ctx, answer.Deref(in.Name), databaseOf(in.DatabaseInput)); err != nil {
		return nil, answer.Error(err)
	}
	return &glue.UpdateDatabaseOutput{}, nil
}

// DeleteDatabase removes a database and its tables.
func (s *Service) DeleteDatabase(ctx context.Context, in *glue.DeleteDatabaseInput) (*glue.DeleteDatabaseOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if err := s.Catalog.DeleteDatabaseTx(tx, answer.Deref(in.Name)); err != nil {
			return err
		}
		if err := tag.DropBelow(tx, s.arn("table/"+catalog.Fold(*in.Name)+"/")); err != nil {
			return err
		}
		return tag.Drop(tx, s.databaseARN(*in.Name))
	})
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.DeleteDatabaseOutput{}, nil
}
