package engine

import (
	"context"
	"fmt"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// A Stmt is a prepared statement of a Conn.
type Stmt struct {
	c *Conn
	s duck.PreparedStatement
}

// A Column is a column of a result.
type Column struct {
	Name string
	Type Type
}

// Prepare parses, binds and plans one statement.
func (c *Conn) Prepare(ctx context.Context, sql string) (*Stmt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &Stmt{c: c}
	if duck.Prepare(c.c, sql, &s.s) == duck.StateError {
		msg := duck.PrepareError(s.s)
		duck.DestroyPrepare(&s.s)
		return nil, newError(msg)
	}
	return s, nil
}

// Close frees the statement.
func (s *Stmt) Close() error {
	duck.DestroyPrepare(&s.s)
	return nil
}

// NumParams is the number of parameters.
func (s *Stmt) NumParams() int { return int(duck.NParams(s.s)) }

// ParamType is the type of parameter i (from 0), Invalid when the statement does not decide it.
func (s *Stmt) ParamType(i int) Type {
	lt := duck.ParamLogicalType(s.s, duck.IdxT(i+1))
	if lt.Ptr == nil {
		return Type{ID: Invalid}
	}
	defer duck.DestroyLogicalType(&lt)
	return typeOf(lt)
}

// Columns are the result's columns as planned; their types are Invalid where a parameter decides them.
func (s *Stmt) Columns() []Column {
	n := int(duck.PreparedStatementColumnCount(s.s))
	cols := make([]Column, n)
	for i := range cols {
		cols[i].Name = duck.PreparedStatementColumnName(s.s, duck.IdxT(i))
		if lt := duck.PreparedStatementColumnLogicalType(s.s, duck.IdxT(i)); lt.Ptr != nil {
			cols[i].Type = typeOf(lt)
			duck.DestroyLogicalType(&lt)
		}
	}
	return cols
}

// Exec runs the statement to its end and gives the number of rows changed.
func (s *Stmt) Exec(ctx context.Context, args ...any) (int64, error) {
	if err := s.bind(args); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	done := s.c.watch(ctx)
	var res duck.Result
	state := duck.ExecutePrepared(s.s, &res)
	done()
	defer duck.DestroyResult(&res)
	if state == duck.StateError {
		return 0, failed(ctx, duck.ResultError(&res))
	}
	return int64(duck.RowsChanged(&res)), nil
}

// Query runs the statement and streams its result. The Conn runs nothing else until the Rows are closed.
func (s *Stmt) Query(ctx context.Context, args ...any) (*Rows, error) {
	if err := s.bind(args); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &Rows{c: s.c}
	done := s.c.watch(ctx)
	state := duck.ExecutePreparedStreaming(s.s, &r.res)
	done()
	if state == duck.StateError {
		err := failed(ctx, duck.ResultError(&r.res))
		duck.DestroyResult(&r.res)
		return nil, err
	}
	r.describe()
	return r, nil
}

func (s *Stmt) bind(args []any) error {
	if n := s.NumParams(); n != len(args) {
		return fmt.Errorf("statement has %d parameters, %d values given", n, len(args))
	}
	duck.ClearBindings(s.s)
	for i, a := range args {
		if err := s.bindOne(duck.IdxT(i+1), a); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stmt) bindOne(i duck.IdxT, arg any) error {
	var st duck.State
	switch v := arg.(type) {
	case nil:
		st = duck.BindNull(s.s, i)
	case bool:
		st = duck.BindBoolean(s.s, i, v)
	case int:
		st = duck.BindInt64(s.s, i, int64(v))
	case int16:
		st = duck.BindInt16(s.s, i, v)
	case int32:
		st = duck.BindInt32(s.s, i, v)
	case int64:
		st = duck.BindInt64(s.s, i, v)
	case uint64:
		st = duck.BindUInt64(s.s, i, v)
	case float32:
		st = duck.BindFloat(s.s, i, v)
	case float64:
		st = duck.BindDouble(s.s, i, v)
	case string:
		st = duck.BindVarcharLength(s.s, i, v, duck.IdxT(len(v)))
	case []byte:
		st = duck.BindBlob(s.s, i, v)
	case time.Time:
		st = duck.BindTimestamp(s.s, i, duck.NewTimestamp(v.UnixMicro()))
	case Date:
		st = duck.BindDate(s.s, i, duck.NewDate(int32(v)))
	default:
		return fmt.Errorf("bind parameter %d: no rule for a Go %T", i, arg)
	}
	if st == duck.StateError {
		return fmt.Errorf("bind parameter %d: %w", i, newError(duck.PrepareError(s.s)))
	}
	return nil
}
