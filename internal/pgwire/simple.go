package pgwire

import (
	"context"

	"github.com/jackc/pgx/v5/pgproto3"
)

// simpleQuery runs the statements of one Query message. They are one group: the first error ends it.
func (c *conn) simpleQuery(ctx context.Context, sql string) error {
	c.failed = false
	err := c.runGroup(ctx, sql)
	if isConnError(err) {
		return err
	}
	if err != nil {
		c.report(err)
		c.endGroup(ctx, true)
	}
	c.ready()
	return nil
}

// runGroup runs all statements. The group's implicit transaction is committed before the last statement is called complete.
func (c *conn) runGroup(ctx context.Context, sql string) error {
	ctx, end := c.begin(ctx)
	defer end()
	texts, err := c.session.Split(sql)
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		c.send(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	for i, text := range texts {
		tag, err := c.runSimple(ctx, text)
		if err != nil {
			return err
		}
		if i == len(texts)-1 {
			if err := c.session.Sync(ctx, false); err != nil {
				return err
			}
		}
		c.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	}
	return nil
}

func (c *conn) runSimple(ctx context.Context, text string) (string, error) {
	st, err := c.session.Prepare(ctx, text, nil)
	if err != nil {
		return "", err
	}
	defer st.Close()
	if n := len(st.Parameters()); n > 0 {
		return "", &Error{Code: "42P02", Message: "there is no parameter $1"}
	}
	p, err := st.Bind(ctx, nil)
	if err != nil {
		return "", err
	}
	defer p.Close()
	cols := st.Columns()
	formats := make([]int16, len(cols))
	if cols != nil {
		c.send(rowDescription(cols, formats))
	}
	tag, _, err := p.Next(ctx, c.rows(cols, formats), 0)
	return tag, err
}

// endGroup closes the group after an error; a second error on the way is only logged, the client has the first one.
func (c *conn) endGroup(ctx context.Context, failed bool) {
	if err := c.session.Sync(ctx, failed); err != nil {
		c.server.opts.Log.ErrorContext(ctx, "roll back", "pid", c.pid, "error", err)
	}
}

func rowDescription(cols []Column, formats []int16) *pgproto3.RowDescription {
	d := &pgproto3.RowDescription{Fields: make([]pgproto3.FieldDescription, len(cols))}
	for i, col := range cols {
		d.Fields[i] = pgproto3.FieldDescription{Name: []byte(col.Name), TableOID: col.Table, TableAttributeNumber: col.Number,
			DataTypeOID: col.OID, DataTypeSize: size(col.OID), TypeModifier: col.Modifier, Format: formats[i]}
	}
	return d
}
