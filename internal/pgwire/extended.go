package pgwire

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgproto3"
)

func (c *conn) parse(ctx context.Context, m *pgproto3.Parse) error {
	if m.Name != "" && c.statements[m.Name] != nil {
		return &Error{Code: "42P05", Message: fmt.Sprintf("prepared statement \"%s\" already exists", m.Name)}
	}
	if len(c.statements) >= maxNamed {
		return &Error{Code: "53400", Message: fmt.Sprintf("a session may hold %d prepared statements", maxNamed)}
	}
	texts, err := c.session.Split(m.Query)
	if err != nil {
		return err
	}
	p := &prepared{empty: true}
	switch {
	case len(texts) > 1:
		return &Error{Code: "42601", Message: "cannot insert multiple commands into a prepared statement"}
	case len(texts) == 1:
		ctx, end := c.begin(ctx)
		defer end()
		st, err := c.session.Prepare(ctx, texts[0], m.ParameterOIDs)
		if err != nil {
			return err
		}
		p = &prepared{st: st}
	}
	c.dropStatement(m.Name)
	c.statements[m.Name] = p
	c.send(&pgproto3.ParseComplete{})
	return nil
}

func (c *conn) dropStatement(name string) {
	if old := c.statements[name]; old != nil && old.st != nil {
		old.st.Close()
	}
	delete(c.statements, name)
}

func (c *conn) bind(ctx context.Context, m *pgproto3.Bind) error {
	st := c.statements[m.PreparedStatement]
	if st == nil {
		return &Error{Code: "26000", Message: fmt.Sprintf("prepared statement \"%s\" does not exist", m.PreparedStatement)}
	}
	if old := c.portals[m.DestinationPortal]; old != nil {
		if m.DestinationPortal != "" {
			return &Error{Code: "42P03", Message: fmt.Sprintf("cursor \"%s\" already exists", m.DestinationPortal)}
		}
		c.dropPortal("", old)
	}
	if len(c.portals) >= maxNamed {
		return &Error{Code: "53400", Message: fmt.Sprintf("a session may hold %d portals", maxNamed)}
	}
	p := &portal{st: st}
	if !st.empty {
		args, err := decodeArgs(m, st.st.Parameters(), c.redshift)
		if err != nil {
			return err
		}
		ctx, end := c.begin(ctx)
		defer end()
		if p.p, err = st.st.Bind(ctx, args); err != nil {
			return err
		}
		if p.cols, p.formats, err = st.result(m.ResultFormatCodes); err != nil {
			p.p.Close()
			return err
		}
	}
	c.portals[m.DestinationPortal] = p
	c.send(&pgproto3.BindComplete{})
	return nil
}

// result gives the columns of a statement that was just bound, with their formats. A client that was told of other columns would read
// them wrongly.
func (p *prepared) result(codes []int16) ([]Column, []int16, error) {
	cols := p.st.Columns()
	if p.told != nil && !slices.Equal(p.told, cols) {
		return nil, nil, &Error{Code: "0A000", Message: "cached plan must not change result type"}
	}
	formats, err := resultFormats(codes, cols)
	return cols, formats, err
}

// resultFormats gives each column its format: none given is text, one is for all.
func resultFormats(codes []int16, cols []Column) ([]int16, error) {
	out := make([]int16, len(cols))
	if len(codes) > 1 && len(codes) != len(cols) {
		return nil, protocolError("bind message has %d result formats but query has %d columns", len(codes), len(cols))
	}
	for i := range out {
		switch {
		case len(codes) == 1:
			out[i] = codes[0]
		case len(codes) > 1:
			out[i] = codes[i]
		}
		if out[i] < 0 || out[i] > 1 {
			return nil, &Error{Code: "22023", Message: fmt.Sprintf("unsupported format code: %d", out[i])}
		}
		if out[i] == 1 && !hasBinary(cols[i].OID) {
			return nil, &Error{Code: "42883",
				Message: fmt.Sprintf("no binary output function available for type of column \"%s\" (OID %d)", cols[i].Name, cols[i].OID)}
		}
	}
	return out, nil
}

func (c *conn) describe(m *pgproto3.Describe) error {
	if m.ObjectType == 'S' {
		st := c.statements[m.Name]
		if st == nil {
			return &Error{Code: "26000", Message: fmt.Sprintf("prepared statement \"%s\" does not exist", m.Name)}
		}
		return c.describeStatement(st)
	}
	p := c.portals[m.Name]
	if p == nil {
		return noPortal(m.Name)
	}
	if p.cols == nil {
		c.send(&pgproto3.NoData{})
		return nil
	}
	c.send(rowDescription(p.cols, p.formats))
	return nil
}

func (c *conn) describeStatement(st *prepared) error {
	if st.empty {
		c.send(&pgproto3.ParameterDescription{})
		c.send(&pgproto3.NoData{})
		return nil
	}
	c.send(&pgproto3.ParameterDescription{ParameterOIDs: st.st.Parameters()})
	cols := st.st.Columns()
	if cols == nil {
		c.send(&pgproto3.NoData{})
		return nil
	}
	st.told = cols
	c.send(rowDescription(cols, make([]int16, len(cols))))
	return nil
}

func noPortal(name string) error {
	return &Error{Code: "34000", Message: fmt.Sprintf("portal \"%s\" does not exist", name)}
}

func (c *conn) execute(ctx context.Context, m *pgproto3.Execute) error {
	p := c.portals[m.Portal]
	if p == nil {
		return noPortal(m.Portal)
	}
	if p.st.empty {
		c.send(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	if p.done { // a finished portal gives no more rows
		c.send(&pgproto3.CommandComplete{CommandTag: []byte(p.tag)})
		return nil
	}
	limit := int(m.MaxRows)
	if limit < 0 || m.MaxRows > 1<<31-1 {
		limit = 0
	}
	ctx, end := c.begin(ctx)
	defer end()
	tag, done, err := p.p.Next(ctx, c.rows(p.cols, p.formats), limit)
	if err != nil {
		return err
	}
	if !done {
		c.send(&pgproto3.PortalSuspended{})
		return nil
	}
	p.tag, p.done = tag, true
	c.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	return nil
}

func (c *conn) close(m *pgproto3.Close) {
	if m.ObjectType == 'S' {
		c.dropStatement(m.Name)
	} else if p := c.portals[m.Name]; p != nil {
		c.dropPortal(m.Name, p)
	}
	c.send(&pgproto3.CloseComplete{})
}

// sync ends a group. Portals live until their transaction ends.
func (c *conn) sync(ctx context.Context) error {
	failed := c.failed
	c.skipping, c.failed = false, false
	if c.session.Status() == 'I' {
		c.closePortals()
	}
	ctx, end := c.begin(ctx)
	defer end()
	if err := c.session.Sync(ctx, failed); err != nil {
		if isConnError(err) {
			return err
		}
		c.report(err)
	}
	if c.session.Status() == 'I' {
		c.closePortals()
	}
	c.ready()
	return nil
}
