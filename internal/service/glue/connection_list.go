package glue

import (
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"penstock/internal/connection"
	"penstock/internal/meta"
	"penstock/internal/service/glue/answer"
)

// GetConnections lists connections by name.
func (s *Service) GetConnections(ctx context.Context, in *glue.GetConnectionsInput) (*glue.GetConnectionsOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return nil, err
	}
	f := answer.Deref(in.Filter)
	filter := []string{"connections", string(f.ConnectionType), strconv.Itoa(int(answer.Deref(f.ConnectionSchemaVersion)))}
	p, err := answer.Page(s.Region, in.NextToken, in.MaxResults, append(filter, f.MatchCriteria...)...)
	if err != nil {
		return nil, err
	}
	out := &glue.GetConnectionsOutput{ConnectionList: []types.Connection{}}
	err = s.Meta.View(ctx, func(tx *meta.Tx) error {
		return s.connections().Walk(tx, "", p.After, func(name string, c connection.Connection) (bool, error) {
			if !passes(c, f) {
				return true, nil
			}
			if !p.Take(name) {
				return false, nil
			}
			out.ConnectionList = append(out.ConnectionList, shownConnection(c, name, in.HidePassword))
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	out.NextToken = p.Next()
	return out, nil
}

// passes reports whether a filter wants a connection: one of its type that has all of its criteria.
func passes(c connection.Connection, f types.GetConnectionsFilter) bool {
	if f.ConnectionType != "" && f.ConnectionType != c.Type {
		return false
	}
	if f.ConnectionSchemaVersion != nil && *f.ConnectionSchemaVersion != connectionSchema {
		return false
	}
	return !slices.ContainsFunc(f.MatchCriteria, func(m string) bool { return !slices.Contains(c.Match, m) })
}
