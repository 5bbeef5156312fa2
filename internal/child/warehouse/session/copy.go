package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"penstock/internal/child/warehouse/load"
	"penstock/internal/child/warehouse/store"
	"penstock/internal/pgwire"
	"penstock/internal/sql/syntax"
)

// copy loads files. What goes wrong with a row is recorded in a second transaction after the load's own is rolled back, because
// stl_load_errors must survive it.
func (s *Session) copy(ctx context.Context, t *syntax.Copy) (*answer, error) {
	table, err := s.mustHold(ctx, t.Target.Strings())
	if err != nil {
		return nil, err
	}
	started := s.env.Clock.Now()
	req := load.Request{Conn: s.h.Conn, Table: table, From: t.From, Options: t.Options, Resolve: s.env.Resolve, Now: started}
	for _, c := range t.Columns {
		req.Columns = append(req.Columns, c.Name)
	}
	s.h.Wrote()
	res, err := load.Run(ctx, req)
	if err != nil {
		return nil, s.loadFailed(ctx, table, err)
	}
	if err := s.loadedBlanks(ctx, table); err != nil {
		return nil, err
	}
	if err := s.recordLoad(ctx, table, t.From, res); err != nil {
		return nil, err
	}
	s.lastCopyID, s.lastCopyCount = s.lastQuery, res.Rows
	for _, f := range res.Files {
		s.loaded += f.Bytes
	}
	s.client.Notice("INFO", "00000", fmt.Sprintf("Load into table '%s' completed, %d record(s) loaded successfully.", table.Name, res.Rows))
	return &answer{tag: "COPY"}, nil
}

// recordLoad writes a row a file into the load history, in the load's transaction. Loads of temporary tables are part of it.
func (s *Session) recordLoad(ctx context.Context, table *store.Table, from string, res *load.Result) error {
	a, err := s.h.Conn.Appender(ctx, store.Internal, "_loads")
	if err != nil {
		return err
	}
	now := s.env.Clock.Now().UnixMicro()
	for _, f := range res.Files {
		row := a.Row()
		for i, v := range []any{s.lastQuery, s.pid, s.user, table.Name, from, f.Name, f.Rows, f.Bytes, now, now, "COMPLETED"} {
			switch v := v.(type) {
			case int64:
				a.Column(i).SetInt64(row, v)
			case string:
				a.Column(i).SetBytes(row, []byte(v))
			}
		}
		if err := a.Next(); err != nil {
			a.Abandon()
			return err
		}
	}
	s.tx().Touch()
	return a.Close()
}

// loadFailed gives the client AWS's sentence. A RowError is recorded: the transaction is rolled back, which it must be anyway, and the
// row is written in one of its own.
func (s *Session) loadFailed(ctx context.Context, table *store.Table, err error) error {
	var re *load.RowError
	if !errors.As(err, &re) {
		return err
	}
	tx := s.h.Tx()
	if rerr := tx.Rollback(ctx); rerr != nil {
		return errors.Join(err, rerr)
	}
	if rerr := s.recordError(ctx, table, re); rerr != nil {
		return errors.Join(err, rerr)
	}
	return &pgwire.Error{Code: "XX000",
		Message: fmt.Sprintf("Load into table '%s' failed.  Check 'stl_load_errors' system table for details.", table.Name),
		Detail:  describe(re), Err: err}
}

// describe says the row and the reason in one line.
func describe(re *load.RowError) string {
	out := fmt.Sprintf("%s, line %d", re.File, re.Line)
	if re.Column != "" {
		out += fmt.Sprintf(", column %s, value '%s'", re.Column, re.RawField)
	}
	return out + fmt.Sprintf(": %s (%d)", strings.TrimRight(re.Reason, "."), re.Code)
}

func (s *Session) recordError(ctx context.Context, table *store.Table, re *load.RowError) error {
	ctx = context.WithoutCancel(ctx)
	tx := s.h.Begin()
	defer func() {
		if s.explicit {
			s.h.Begin() // the failed block goes on until its end is asked for
		}
	}()
	if err := tx.Start(ctx); err != nil {
		return err
	}
	_, err := s.h.Conn.Exec(ctx,
		"INSERT INTO penstock._load_errors VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)",
		int64(100), int64(0), table.OID, re.StartTime, s.pid, s.lastQuery, re.File, re.Line, re.Column, re.Type, re.Length, int64(re.Position),
		re.RawLine, re.RawField, int64(re.Code), re.Reason, int64(0), int64(0), table.Name)
	if err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	tx.Touch()
	return tx.Commit(ctx, s.env.Clock.Now())
}
