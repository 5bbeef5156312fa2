package glue

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/api"
	"penstock/internal/connection"
	"penstock/internal/jdbc"
	"penstock/internal/meta"
	"penstock/internal/service/glue/answer"
)

// TestConnection logs in to the database of a connection, or of one that the request describes. It answers when that has worked.
func (s *Service) TestConnection(ctx context.Context, in *glue.TestConnectionInput) (*glue.TestConnectionOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	c, err := s.toTest(ctx, in)
	if err != nil {
		return nil, err
	}
	if c.Type != types.ConnectionTypeJdbc {
		return nil, api.Errorf(answer.Invalid, "Penstock does not support testing connections of the type %s: only JDBC", c.Type)
	}
	database, err := jdbc.Open(ctx, c.Login(), "")
	if err == nil {
		err = database.Close(ctx)
	}
	var refused *jdbc.Error
	if errors.As(err, &refused) {
		return nil, api.Errorf(answer.Invalid, "%s", refused.Text)
	}
	if err != nil {
		return nil, err
	}
	return &glue.TestConnectionOutput{}, nil
}

// toTest is the connection that a request means.
func (s *Service) toTest(ctx context.Context, in *glue.TestConnectionInput) (c connection.Connection, err error) {
	name, given := answer.Deref(in.ConnectionName), in.TestConnectionInput
	if (name == "") == (given == nil) {
		return c, api.Errorf(answer.Invalid, "One of ConnectionName and TestConnectionInput is required, and only one")
	}
	if given != nil {
		err := checkConnection(&types.ConnectionInput{ConnectionType: given.ConnectionType, ConnectionProperties: given.ConnectionProperties,
			PhysicalConnectionRequirements: &types.PhysicalConnectionRequirements{}})
		return connection.Connection{Type: given.ConnectionType, Properties: given.ConnectionProperties}, err
	}
	err = s.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		c, err = s.connectionTx(tx, name)
		return err
	})
	return c, err
}
