package warehouse

import (
	"context"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/child/warehouse/session"
	"penstock/internal/pgwire"
)

// backend gives the PostgreSQL server its users and sessions.
type backend struct{ p *process }

// Secret implements pgwire.Backend: the control process knows the users.
func (b *backend) Secret(ctx context.Context, user, database string) (string, error) {
	var out calls.SecretAnswer
	if err := b.p.parent.Call(ctx, calls.PathSecret, calls.Secret{User: user, Database: database}, &out); err != nil {
		return "", err
	}
	if !out.OK {
		return "", pgwire.ErrNoUser
	}
	return out.Secret, nil
}

// Open implements pgwire.Backend.
func (b *backend) Open(ctx context.Context, start pgwire.Startup, client *pgwire.Client) (pgwire.Session, error) {
	s, err := session.Open(ctx, b.p.env, start.Database, start.User, int64(start.PID), client)
	if err != nil {
		return nil, err
	}
	return &wireSession{s}, nil
}

// The types below are session's under the names of pgwire's interfaces.
type (
	wireSession   struct{ *session.Session }
	wireStatement struct{ *session.Statement }
	wirePortal    struct{ *session.Portal }
)

// Prepare implements pgwire.Session.
func (s *wireSession) Prepare(ctx context.Context, sql string, oids []uint32) (pgwire.Statement, error) {
	st, err := s.Session.Prepare(ctx, sql, oids)
	if err != nil {
		return nil, err
	}
	return &wireStatement{st}, nil
}

// Bind implements pgwire.Statement.
func (s *wireStatement) Bind(ctx context.Context, args []pgwire.Arg) (pgwire.Portal, error) {
	p, err := s.Statement.Bind(ctx, args)
	if err != nil {
		return nil, err
	}
	return &wirePortal{p}, nil
}

// Next implements pgwire.Portal.
func (p *wirePortal) Next(ctx context.Context, rows *pgwire.Rows, limit int) (string, bool, error) {
	return p.Portal.Next(ctx, rows, limit)
}
