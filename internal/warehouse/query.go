package warehouse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"penstock/internal/child/warehouse/calls"
	"penstock/internal/id"
)

// A QueryError is what the warehouse said of a query.
type QueryError struct{ Message, Code string }

// Error implements error.
func (e *QueryError) Error() string { return e.Message }

// Query runs one read-only statement that is not kept: the metadata operations are made of it.
func (w *Warehouses) Query(ctx context.Context, workgroup, database, user, sql string, params ...calls.Param) ([][]json.RawMessage, error) {
	g, err := w.endpoint(workgroup)
	if err != nil {
		return nil, err
	}
	c, err := g.current(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(calls.Execute{ID: id.UUID(), Database: database, User: user,
		SQLs: []calls.Statement{{SQL: sql, Params: params}}})
	if err != nil {
		return nil, err
	}
	resp, err := c.Post(ctx, calls.PathExecute, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var rows [][]json.RawMessage
	for dec := json.NewDecoder(resp.Body); ; {
		var ev calls.Event
		if err := dec.Decode(&ev); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, err
		}
		if ev.Rows != nil {
			rows = append(rows, ev.Rows.Rows...)
		}
		if ev.End != nil && ev.End.Error != "" {
			return nil, &QueryError{ev.End.Error, ev.End.Code}
		}
	}
}

// Databases lists the databases of a workgroup.
func (w *Warehouses) Databases(ctx context.Context, workgroup string) ([]string, error) {
	g, err := w.endpoint(workgroup)
	if err != nil {
		return nil, err
	}
	var out calls.Databases
	err = g.call(ctx, calls.PathDatabases, calls.None{}, &out)
	return out.Names, err
}
