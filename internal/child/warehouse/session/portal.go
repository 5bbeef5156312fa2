package session

import (
	"context"
	"fmt"
	"slices"

	"penstock/internal/engine"
	"penstock/internal/pgwire"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// A Portal is one execution of a statement.
type Portal struct {
	st     *Statement
	args   []any
	cols   []pgwire.Column // as the client was told
	cursor *cursor
	answer *answer
	at     int // rows of the answer that were given
	rows   int64
}

// A cursor is an open stream of rows. The connection runs nothing else meanwhile: whoever must run something drops it first.
type cursor struct {
	rows    *engine.Rows
	writers []writer
	chunk   *engine.Chunk
	row     int
	dropped bool
	cancel  context.CancelFunc
}

func (c *cursor) drop() {
	if !c.dropped {
		c.dropped = true
		c.rows.Close()
		if c.cancel != nil {
			c.cancel()
		}
	}
}

// interruptActive ends a suspended stream, because another statement needs the connection.
func (s *Session) interruptActive() { s.dropActive() }

// Close ends the execution.
func (p *Portal) Close() {
	if p.cursor != nil {
		p.cursor.drop()
		if p.st.s.active == p.cursor {
			p.st.s.active = nil
		}
	}
}

// Next runs the statement, or continues it, and writes up to limit rows (0: all).
func (p *Portal) Next(ctx context.Context, out Sink, limit int) (tag string, done bool, err error) {
	s := p.st.s
	if p.cursor == nil && p.answer == nil {
		if err := p.start(ctx); err != nil {
			s.lost()
			return "", false, s.fault(err, p.st.text)
		}
	}
	if p.answer != nil {
		return p.fromAnswer(out, limit)
	}
	tag, done, err = p.fromCursor(ctx, out, limit)
	if err != nil {
		p.Close()
		s.lost()
		return "", false, s.fault(err, p.st.text)
	}
	return tag, done, nil
}

// start begins the execution.
func (p *Portal) start(ctx context.Context) error {
	st, s := p.st, p.st.s
	if err := s.allowed(st.tree); err != nil {
		return err
	}
	s.interruptActive()
	s.nextQuery()
	cancel := context.CancelFunc(func() {})
	if d := s.timeout(); d > 0 {
		ctx, cancel = context.WithTimeout(ctx, d)
	}
	if st.run == nil && p.cols != nil {
		if err := p.open(ctx, cancel); err != nil {
			cancel()
			return err
		}
		return nil
	}
	defer cancel()
	if st.run == nil {
		return p.change(ctx)
	}
	a, err := st.run(ctx)
	p.answer = a
	return err
}

// open starts a query. Outside of a transaction a query needs none: it is its own snapshot. When its tables or their rows change while it
// starts, the plan may be older than the snapshot: then it starts again, in a transaction that has fixed both.
func (p *Portal) open(ctx context.Context, cancel context.CancelFunc) error {
	s := p.st.s
	if s.h.Tx() == nil && !s.explicit {
		mark := s.db.Mark()
		err := p.query(ctx, cancel, true)
		if more, _ := s.db.Since(mark, nil); !more || err == nil && !p.st.changedSince(mark) {
			return err
		}
		s.unplug()
	}
	if err := s.tx().Start(ctx); err != nil {
		return err
	}
	return p.query(ctx, cancel, false)
}

// query makes the plan good and runs it; fast allows its fast text.
func (p *Portal) query(ctx context.Context, cancel context.CancelFunc, fast bool) error {
	s := p.st.s
	if err := p.st.fresh(ctx); err != nil {
		return err
	}
	if !slices.Equal(p.cols, p.st.cols) {
		return failure("0A000", "cached plan must not change result type")
	}
	rows, first, err := p.rowsOf(ctx, fast)
	if err != nil {
		return err
	}
	c := &cursor{rows: rows, chunk: first, cancel: cancel}
	if c.writers, err = writers(p.st.bound.Columns, rows.Columns()); err != nil {
		rows.Close()
		return err
	}
	p.cursor, s.active = c, c
	return nil
}

// rowsOf runs the statement. The fast text fails where the other has an answer, so it is tried where a failure ends no transaction and
// before a row has left: with its first chunk all its sums are known.
func (p *Portal) rowsOf(ctx context.Context, fast bool) (*engine.Rows, *engine.Chunk, error) {
	if fast && p.st.fast != nil {
		rows, err := p.st.fast.Query(ctx, p.args...)
		if err == nil {
			chunk, err := rows.Next(ctx)
			if err == nil {
				return rows, chunk, nil
			}
			rows.Close()
		}
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
	}
	stmt, err := p.st.complete(ctx)
	if err != nil {
		return nil, nil, err
	}
	rows, err := stmt.Query(ctx, p.args...)
	return rows, nil, err
}

// unplug takes back a query that has started, before it gave a row.
func (s *Session) unplug() {
	if s.active != nil {
		s.active.rows.Close()
		s.active = nil
	}
}

func writers(planned []typed.Column, have []engine.Column) ([]writer, error) {
	if len(planned) != len(have) {
		return nil, failure("0A000", "cached plan must not change result type")
	}
	out := make([]writer, len(planned))
	for i, c := range planned {
		w, err := writerFor(c.Name, c.Type, have[i].Type)
		if err != nil {
			return nil, err
		}
		out[i] = w
	}
	return out, nil
}

func (p *Portal) fromCursor(ctx context.Context, out Sink, limit int) (string, bool, error) {
	c := p.cursor
	for n := 0; ; {
		if c.dropped {
			return "", false, failure("34000", "the portal is gone: another statement has used the connection")
		}
		if c.chunk == nil {
			chunk, err := c.rows.Next(ctx)
			if err != nil {
				return "", false, err
			}
			if chunk == nil {
				p.Close()
				return fmt.Sprintf("SELECT %d", p.rows), true, nil
			}
			c.chunk, c.row = chunk, 0
		}
		for ; c.row < c.chunk.Size(); c.row++ {
			if limit > 0 && n == limit {
				return "", false, nil
			}
			if err := c.write(out); err != nil {
				return "", false, err
			}
			n++
			p.rows++
		}
		c.chunk = nil
	}
}

// write hands the current row to the sink.
func (c *cursor) write(out Sink) error {
	out.Begin()
	for i, w := range c.writers {
		v := c.chunk.Column(i)
		if v.IsNull(c.row) {
			out.Null()
			continue
		}
		if err := w(v, c.row, out); err != nil {
			return err
		}
	}
	return out.End()
}

func (p *Portal) fromAnswer(out Sink, limit int) (string, bool, error) {
	for n := 0; p.at < len(p.answer.rows); n++ {
		if limit > 0 && n == limit {
			return "", false, nil
		}
		out.Begin()
		for _, v := range p.answer.rows[p.at] {
			out.Text(v)
		}
		if err := out.End(); err != nil {
			return "", false, err
		}
		p.at++
	}
	return p.answer.tag, true, nil
}

// change runs INSERT, UPDATE, DELETE or MERGE under the table's write lock. Whoever waited for it plans with what the others left.
func (p *Portal) change(ctx context.Context) error {
	st, s := p.st, p.st.s
	if err := st.fresh(ctx); err != nil {
		return err
	}
	tx := s.tx()
	for locked := ""; ; {
		t := target(st.bound.Statement).Handle.(*place).table
		if locked == physical(t) {
			break
		}
		if err := s.lock(ctx, tx, t.Schema, t.Name, t.Temp); err != nil {
			return err
		}
		locked = physical(t)
		if err := tx.Start(ctx); err != nil {
			return err
		}
		if err := st.fresh(ctx); err != nil {
			return err
		}
	}
	if err := s.blanks(ctx, st.bound.Statement, p.args); err != nil {
		return err
	}
	s.h.Wrote()
	n, err := st.stmt.Exec(ctx, p.args...)
	if err != nil {
		return err
	}
	if _, insert := st.tree.(*syntax.Insert); !insert {
		tx.Revise(target(st.bound.Statement).Handle.(*place).table.OID, true)
	}
	p.answer = &answer{tag: changeTag(st.tree, n)}
	return nil
}

func changeTag(tree syntax.Statement, n int64) string {
	switch tree.(type) {
	case *syntax.Insert:
		return fmt.Sprintf("INSERT 0 %d", n)
	case *syntax.Update:
		return fmt.Sprintf("UPDATE %d", n)
	case *syntax.Merge:
		return fmt.Sprintf("MERGE %d", n)
	}
	return fmt.Sprintf("DELETE %d", n)
}
