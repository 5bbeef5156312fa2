package function

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/meta"
	"penstock/internal/module"
	"penstock/internal/service/glue/answer"
)

// A Service is the operations over functions.
type Service struct {
	module.Env
	Catalog *catalog.Catalog
}

// Ops is their table.
func (s *Service) Ops() []api.Op {
	where := api.Honours(answer.Words("DatabaseName CatalogId")...)
	input := func(o *api.Op) {
		api.Honours(answer.Under("FunctionInput", "FunctionName", "FunctionType")...)(o)
		answer.Inert(answer.Under("FunctionInput", "ClassName", "OwnerName", "OwnerType", "ResourceUris[].ResourceType",
			"ResourceUris[].Uri")...)(o)
	}
	return []api.Op{
		api.Handle(s.CreateUserDefinedFunction, where, input),
		api.Handle(s.UpdateUserDefinedFunction, where, input, api.Honours("FunctionName")),
		api.Handle(s.GetUserDefinedFunction, where, api.Honours("FunctionName")),
		api.Handle(s.GetUserDefinedFunctions, where, api.Honours(answer.Words("Pattern FunctionType MaxResults NextToken")...)),
		api.Handle(s.DeleteUserDefinedFunction, where, api.Honours("FunctionName")),
	}
}

func functionOf(database string, in *types.UserDefinedFunctionInput) catalog.Function {
	f := catalog.Function{Database: database, Name: answer.Deref(in.FunctionName), Class: in.ClassName, Owner: in.OwnerName,
		OwnerType: string(in.OwnerType), Type: string(in.FunctionType)}
	for _, r := range in.ResourceUris {
		f.Resources = append(f.Resources, catalog.Resource{Type: string(r.ResourceType), URI: r.Uri})
	}
	return f
}

func (s *Service) functionType(f *catalog.Function) types.UserDefinedFunction {
	out := types.UserDefinedFunction{CatalogId: answer.Ptr(s.Account), DatabaseName: answer.Ptr(f.Database), FunctionName: answer.Ptr(f.Name),
		ClassName: f.Class, OwnerName: f.Owner, OwnerType: types.PrincipalType(f.OwnerType), FunctionType: types.FunctionType(f.Type),
		CreateTime: answer.Ptr(f.Created)}
	for _, r := range f.Resources {
		out.ResourceUris = append(out.ResourceUris, types.ResourceUri{ResourceType: types.ResourceType(r.Type), Uri: r.URI})
	}
	return out
}

// CreateUserDefinedFunction stores a function.
func (s *Service) CreateUserDefinedFunction(ctx context.Context,
	in *glue.CreateUserDefinedFunctionInput) (*glue.CreateUserDefinedFunctionOutput, error) {
	err := s.change(ctx, in.CatalogId, func(tx *meta.Tx) error {
		return s.Catalog.CreateFunctionTx(tx, functionOf(*in.DatabaseName, in.FunctionInput))
	})
	if err != nil {
		return nil, err
	}
	return &glue.CreateUserDefinedFunctionOutput{}, nil
}

// change checks whose catalog is meant and does something in one transaction.
func (s *Service) change(ctx context.Context, id *string, fn func(*meta.Tx) error) error {
	if err := answer.OwnCatalog(s.Account, id); err != nil {
		return err
	}
	return answer.Error(s.Meta.Update(ctx, fn))
}

// UpdateUserDefinedFunction replaces what a function says.
func (s *Service) UpdateUserDefinedFunction(ctx context.Context,
	in *glue.UpdateUserDefinedFunctionInput) (*glue.UpdateUserDefinedFunctionOutput, error) {
	err := s.change(ctx, in.CatalogId, func(tx *meta.Tx) error {
		return s.Catalog.UpdateFunctionTx(tx, *in.FunctionName, functionOf(*in.DatabaseName, in.FunctionInput))
	})
	if err != nil {
		return nil, err
	}
	return &glue.UpdateUserDefinedFunctionOutput{}, nil
}

// GetUserDefinedFunction shows a function.
func (s *Service) GetUserDefinedFunction(ctx context.Context,
	in *glue.GetUserDefinedFunctionInput) (*glue.GetUserDefinedFunctionOutput, error) {
	if err := answer.OwnCatalog(s.Account, in.CatalogId); err != nil {
		return nil, err
	}
	f, err := s.Catalog.Function(ctx, *in.DatabaseName, *in.FunctionName)
	if err != nil {
		return nil, answer.Error(err)
	}
	return &glue.GetUserDefinedFunctionOutput{UserDefinedFunction: answer.Ptr(s.functionType(f))}, nil
}

// GetUserDefinedFunctions lists the functions of a database, or of all, whose names match a pattern.
func (s *Service) GetUserDefinedFunctions(ctx context.Context,
	in *glue.GetUserDefinedFunctionsInput) (*glue.GetUserDefinedFunctionsOutput, error) {
	if err := answer.OwnCatalog(s.Account, in.CatalogId); err != nil {
		return nil, err
	}
	accept, err := answer.NameMatcher(answer.Deref(in.Pattern))
	if err != nil {
		return nil, err
	}
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, "functions", catalog.Fold(answer.Deref(in.DatabaseName)),
		answer.Deref(in.Pattern), string(in.FunctionType))
	if err != nil {
		return nil, err
	}
	database, name, _ := strings.Cut(p.After, "\x00")
	out := &glue.GetUserDefinedFunctionsOutput{UserDefinedFunctions: []types.UserDefinedFunction{}}
	for {
		list, more, err := s.Catalog.Functions(ctx, answer.Deref(in.DatabaseName), database, name, answer.UsualPage)
		if err != nil {
			return nil, answer.Error(err)
		}
		for i := range list {
			database, name = list[i].Database, list[i].Name
			if !accept(name) || in.FunctionType != "" && in.FunctionType != types.FunctionType(list[i].Type) {
				continue
			}
			if !p.Take(database + "\x00" + name) {
				out.NextToken = p.Next()
				return out, nil
			}
			out.UserDefinedFunctions = append(out.UserDefinedFunctions, s.functionType(&list[i]))
		}
		if !more {
			return out, nil
		}
	}
}

// DeleteUserDefinedFunction removes a function.
func (s *Service) DeleteUserDefinedFunction(ctx context.Context,
	in *glue.DeleteUserDefinedFunctionInput) (*glue.DeleteUserDefinedFunctionOutput, error) {
	err := s.change(ctx, in.CatalogId, func(tx *meta.Tx) error {
		return s.Catalog.DeleteFunctionTx(tx, *in.DatabaseName, *in.FunctionName)
	})
	if err != nil {
		return nil, err
	}
	return &glue.DeleteUserDefinedFunctionOutput{}, nil
}
