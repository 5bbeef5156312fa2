package engine

import "context"

// Number runs a query for one integer; without a row it is 0.
func (c *Conn) Number(ctx context.Context, sql string) (int64, error) {
	n, first := int64(0), true
	err := c.each(ctx, sql, func(ch *Chunk, _, i int) {
		if first {
			n, first = ch.Column(0).Int64(i), false
		}
	})
	return n, err
}

// Texts runs a query and gives its values as text; nil is NULL.
func (c *Conn) Texts(ctx context.Context, sql string) (out [][]*string, err error) {
	err = c.each(ctx, sql, func(ch *Chunk, cols, i int) {
		row := make([]*string, cols)
		for k := range row {
			if v := ch.Column(k); !v.IsNull(i) {
				s := v.Text(i)
				row[k] = &s
			}
		}
		out = append(out, row)
	})
	return out, err
}

// each runs a query and calls row with every row of the result.
func (c *Conn) each(ctx context.Context, sql string, row func(ch *Chunk, cols, i int)) error {
	r, err := c.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		ch, err := r.Next(ctx)
		if err != nil || ch == nil {
			return err
		}
		for i := range ch.Size() {
			row(ch, len(r.Columns()), i)
		}
	}
}
