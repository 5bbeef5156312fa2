package glue

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/connection"
	"penstock/internal/meta"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/tag"
	"penstock/internal/service/glue/answer"
)

func (s *Service) connectionOps() []api.Op {
	const oneSchema = "connections of schema version 1 have no properties of a compute environment"
	return []api.Op{
		api.Handle(s.CreateConnection, connectionMembers(), api.Honours("CatalogId", "Tags")),
		api.Handle(s.GetConnection, api.Honours(answer.Words("Name CatalogId HidePassword")...),
			api.Inert("ApplyOverrideForComputeEnvironment", oneSchema)),
		api.Handle(s.GetConnections, api.Honours(answer.Words("CatalogId HidePassword MaxResults NextToken")...), api.Honours(
			answer.Under("Filter", "ConnectionType", "MatchCriteria", "ConnectionSchemaVersion")...)),
		api.Handle(s.UpdateConnection, connectionMembers(), api.Honours("Name", "CatalogId")),
		api.Handle(s.DeleteConnection, api.Honours("ConnectionName", "CatalogId")),
		api.Handle(s.BatchDeleteConnection, api.Honours("ConnectionNameList", "CatalogId")),
		api.Handle(s.TestConnection, api.Reads(), api.Honours("ConnectionName", "CatalogId"),
			api.Honours(answer.Under("TestConnectionInput", "ConnectionType", "ConnectionProperties")...)),
	}
}

func connectionMembers() api.Option {
	const in = "ConnectionInput"
	return func(o *api.Op) {
		api.Honours(answer.Under(in, "Name", "ConnectionType", "ConnectionProperties", "MatchCriteria")...)(o)
		answer.Inert(in + ".Description")(o)
		api.Inert(in+".PhysicalConnectionRequirements", "stored and returned: jobs run in this machine's network, there are no VPCs")(o)
		api.Inert(in+".ValidateCredentials", "AWS validates those of schema version 2, which are not served")(o)
	}
}

func (s *Service) connections() doc.Table[connection.Connection] { return connection.Table(s.Region) }

func (s *Service) connectionARN(name string) string { return s.arn("connection/" + name) }

// connectionOf is a connection as a request describes it, made or changed now.
func (s *Service) connectionOf(ctx context.Context, in *types.ConnectionInput) (c connection.Connection, err error) {
	if err := checkConnection(in); err != nil {
		return c, err
	}
	now := s.Clock.Now().UTC()
	c = connection.Connection{Type: in.ConnectionType, Description: in.Description, Match: in.MatchCriteria,
		Properties: in.ConnectionProperties,
		Physical:   in.PhysicalConnectionRequirements, Created: now, Updated: now}
	if p, ok := api.PrincipalOf(ctx); ok {
		c.UpdatedBy = p.ARN
	}
	return c, nil
}

// shownConnection is a connection as the API shows it, without its password if hidden is set.
func shownConnection(c connection.Connection, name string, hidden bool) types.Connection {
	out := types.Connection{Name: answer.Ptr(name), ConnectionType: c.Type, Description: c.Description, MatchCriteria: c.Match,
		ConnectionProperties: c.Properties, PhysicalConnectionRequirements: c.Physical, CreationTime: answer.Ptr(c.Created),
		LastUpdatedTime: answer.Ptr(c.Updated), LastUpdatedBy: answer.TextOrNil(c.UpdatedBy),
		ConnectionSchemaVersion: answer.Ptr(connectionSchema),
		Status:                  types.ConnectionStatusReady}
	if out.MatchCriteria == nil {
		out.MatchCriteria = []string{}
	}
	if _, has := c.Properties[connection.Password]; has && hidden {
		out.ConnectionProperties = maps.Clone(c.Properties)
		delete(out.ConnectionProperties, connection.Password)
	}
	return out
}

func noConnection(name string) error {
	return api.Errorf(answer.NotFound, "Connection %s not found.", name)
}

func (s *Service) connectionTx(tx *meta.Tx, name string) (connection.Connection, error) {
	c, found, err := s.connections().Get(tx, name)
	if err == nil && !found {
		err = noConnection(name)
	}
	return c, err
}

// connectionExists says whether there is a connection of the name.
func (s *Service) connectionExists(ctx context.Context, name string) error {
	return s.Meta.View(ctx, func(tx *meta.Tx) error {
		_, err := s.connectionTx(tx, name)
		return err
	})
}

// CreateConnection makes a connection.
func (s *Service) CreateConnection(ctx context.Context, in *glue.CreateConnectionInput) (*glue.CreateConnectionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	c, err := s.connectionOf(ctx, in.ConnectionInput)
	if err != nil {
		return nil, err
	}
	name := answer.Deref(in.ConnectionInput.Name)
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		if _, found, err := s.connections().Get(tx, name); err != nil || found {
			return orElse(err, api.Errorf(answer.Exists, "Connection already exists."))
		}
		if err := s.connections().Put(tx, name, c); err != nil {
			return err
		}
		return answer.PutTags(tx, s.connectionARN(name), in.Tags)
	})
	if err != nil {
		return nil, err
	}
	return &glue.CreateConnectionOutput{CreateConnectionStatus: types.ConnectionStatusReady}, nil
}

// orElse is the first error that is one.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// GetConnection shows a connection.
func (s *Service) GetConnection(ctx context.Context, in *glue.GetConnectionInput) (*glue.GetConnectionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	name := answer.Deref(in.Name)
	var c connection.Connection
	err := s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		c, err = s.connectionTx(tx, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &glue.GetConnectionOutput{Connection: answer.Ptr(shownConnection(c, name, in.HidePassword))}, nil
}

// UpdateConnection replaces a connection: what the request does not name, it has no more.
func (s *Service) UpdateConnection(ctx context.Context, in *glue.UpdateConnectionInput) (*glue.UpdateConnectionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	c, err := s.connectionOf(ctx, in.ConnectionInput)
	if err != nil {
		return nil, err
	}
	name := answer.Deref(in.Name)
	err = s.Meta.Update(ctx, func(tx *meta.Tx) error {
		old, err := s.connectionTx(tx, name)
		if err != nil {
			return err
		}
		if to := answer.Deref(in.ConnectionInput.Name); to != name {
			return api.Errorf(answer.Invalid, "Penstock does not support renaming connections: %s to %s", name, to)
		}
		c.Created = old.Created
		return s.connections().Put(tx, name, c)
	})
	if err != nil {
		return nil, err
	}
	return &glue.UpdateConnectionOutput{}, nil
}

// DeleteConnection removes a connection.
func (s *Service) DeleteConnection(ctx context.Context, in *glue.DeleteConnectionInput) (*glue.DeleteConnectionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	name := answer.Deref(in.ConnectionName)
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		found, err := s.dropConnection(tx, name)
		if err == nil && !found {
			err = noConnection(name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &glue.DeleteConnectionOutput{}, nil
}

func (s *Service) dropConnection(tx *meta.Tx, name string) (found bool, err error) {
	if found, err = s.connections().Delete(tx, name); err != nil || !found {
		return found, err
	}
	return true, tag.Drop(tx, s.connectionARN(name))
}

// BatchDeleteConnection removes the connections of a list that there are.
func (s *Service) BatchDeleteConnection(ctx context.Context,
	in *glue.BatchDeleteConnectionInput) (*glue.BatchDeleteConnectionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	out := &glue.BatchDeleteConnectionOutput{Succeeded: []string{}, Errors: map[string]types.ErrorDetail{}}
	err := s.Meta.Update(ctx, func(tx *meta.Tx) error {
		for _, name := range in.ConnectionNameList {
			if slices.Contains(out.Succeeded, name) {
				continue
			}
			found, err := s.dropConnection(tx, name)
			switch {
			case err != nil:
				return err
			case found:
				out.Succeeded = append(out.Succeeded, name)
			default:
				out.Errors[name] = types.ErrorDetail{ErrorCode: answer.Ptr(answer.NotFound),
					ErrorMessage: answer.Ptr("Connection " + name + " not found.")}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
