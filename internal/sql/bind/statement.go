package bind

import (
	"errors"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// ErrNotBindable says that a statement is none of the engine's: COPY, SET, GRANT and the like, which callers handle on the syntax tree.
var ErrNotBindable = errors.New("this statement is not run by the query engine")

// Statement binds one statement. The error is a *syntax.Error where it has a place, or ErrNotBindable.
func Statement(s syntax.Statement, o Options) (*Bound, error) {
	b := newBinder(o)
	out := &Bound{}
	switch s := s.(type) {
	case *syntax.Query:
		q := b.query(s, nil, nil)
		b.checkOutputs(q, s)
		out.Statement, out.Columns = q, q.Columns
	case *syntax.Insert:
		out.Statement = b.insert(s)
	case *syntax.Update:
		out.Statement = b.update(s)
	case *syntax.Delete:
		out.Statement = b.delete(s)
	case *syntax.Merge:
		out.Statement = b.merge(s)
	default:
		out.Statement = b.definition(s)
		if out.Statement == nil && b.Err == nil {
			return nil, ErrNotBindable
		}
	}
	if b.Err != nil {
		return nil, b.Err
	}
	out.Params, out.ParamNames = b.Params()
	out.Relations = b.relations
	return out, nil
}

// Query binds a query and gives its typed tree.
func Query(q *syntax.Query, o Options) (*typed.Query, error) {
	bound, err := Statement(q, o)
	if err != nil {
		return nil, err
	}
	query, _ := bound.Statement.(*typed.Query)
	return query, nil
}

// checkOutputs refuses output columns whose type depends on a column of unknown type.
func (b *binder) checkOutputs(q *typed.Query, s *syntax.Query) {
	if b.o.AllowUnknown {
		return
	}
	for i, c := range q.Columns {
		if c.Type.Kind != typed.Unknown {
			continue
		}
		at := s.At
		if sel, ok := s.Body.(*syntax.Select); ok && i < len(sel.Items) {
			at = sel.Items[i].X.Position()
		}
		if p := b.settleOutput(q, i); p {
			continue
		}
		b.Fail(at, "the type of output column %q depends on a column whose type is not known: write CAST(... AS type)", c.Name)
	}
}

// settleOutput makes a parameter that is an output text; false when the output is none.
func (b *binder) settleOutput(q *typed.Query, i int) bool {
	s, ok := q.Body.(*typed.Select)
	if !ok {
		return false
	}
	p, ok := s.Items[i].(*typed.Param)
	if !ok {
		return false
	}
	b.Settle(p, typed.T(typed.Varchar))
	q.Columns[i].Type = p.T
	return true
}
