package session

import (
	"context"
	"fmt"
	"slices"

	"penstock/internal/pgwire"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// maxPrepared is how many statements PREPARE may keep in a session.
const maxPrepared = 10_000

// planPrepared runs PREPARE, EXECUTE, DEALLOCATE, DISCARD and CLOSE. The statements that a driver prepares by messages, and those that SQL
// prepares, share their names, as in PostgreSQL; EXECUTE knows only the latter.
func (st *Statement) planPrepared() error {
	s := st.s
	switch t := st.tree.(type) {
	case *syntax.Prepare:
		st.run = func(ctx context.Context) (*answer, error) { return s.prepareNamed(ctx, st, t) }
	case *syntax.Execute:
		return st.planExecute(t)
	case *syntax.Deallocate:
		st.run = func(context.Context) (*answer, error) { return s.deallocate(t.Name) }
	case *syntax.Discard:
		st.run = func(ctx context.Context) (*answer, error) { return s.discard(ctx, t.What) }
	case *syntax.Close:
		st.run = func(context.Context) (*answer, error) { return s.closeCursor(t.Name) }
	}
	return nil
}

func (s *Session) prepareNamed(ctx context.Context, st *Statement, t *syntax.Prepare) (*answer, error) {
	name := t.Name.Name
	if s.named[name] != nil || s.client.Prepared(name) {
		return nil, failure("42P05", "prepared statement \"%s\" already exists", name)
	}
	if len(s.named) >= maxPrepared {
		return nil, failure("53400", "a session may hold %d prepared statements", maxPrepared)
	}
	inner := &Statement{s: s, text: st.text[t.Statement.Position().Offset:], tree: t.Statement}
	for _, n := range t.Types {
		ty, err := typed.Named(n.Name, n.Args)
		if err != nil {
			return nil, failure("42704", "type \"%s\" does not exist", n.Name)
		}
		inner.params = append(inner.params, ty)
	}
	switch inner.tree.(type) {
	case *syntax.Query, *syntax.Insert, *syntax.Update, *syntax.Delete, *syntax.Merge:
	default:
		return nil, failure("42601", "PREPARE takes SELECT, INSERT, UPDATE, DELETE and MERGE")
	}
	if err := inner.reparse(); err != nil {
		return nil, asError(err, inner.text)
	}
	if err := inner.replan(ctx); err != nil {
		return nil, asError(err, inner.text)
	}
	s.named[name] = inner
	return &answer{tag: "PREPARE"}, nil
}

// planExecute finds the statement; binding the EXECUTE binds it.
func (st *Statement) planExecute(t *syntax.Execute) error {
	inner := st.s.named[t.Name.Name]
	if inner == nil {
		return failure("26000", "prepared statement \"%s\" does not exist", t.Name.Name)
	}
	if want := len(inner.Parameters()); len(t.Args) != want {
		return &pgwire.Error{Code: "42601", Message: fmt.Sprintf("wrong number of parameters for prepared statement \"%s\"", t.Name.Name),
			Detail: fmt.Sprintf("Expected %d parameters but got %d.", want, len(t.Args))}
	}
	for _, a := range t.Args {
		arg, ok := constant(a)
		if !ok {
			return unsupported("EXECUTE with an expression that is no constant")
		}
		st.given = append(st.given, arg)
	}
	st.inner, st.cols = inner, inner.cols
	return nil
}

// constant is the value of a literal, as a client would give it.
func constant(e syntax.Expr) (pgwire.Arg, bool) {
	switch e := e.(type) {
	case *syntax.Literal:
		return pgwire.Arg{Text: e.Text, Null: e.Kind == syntax.Null}, true
	case *syntax.Cast:
		return constant(e.X)
	case *syntax.Unary:
		a, ok := constant(e.X)
		a.Text = e.Op + a.Text
		return a, ok && (e.Op == "-" || e.Op == "+")
	}
	return pgwire.Arg{}, false
}

// deallocate drops a prepared statement, or all ("").
func (s *Session) deallocate(name string) (*answer, error) {
	if name == "" {
		s.closeNamed()
		s.client.DeallocateAll()
		return &answer{tag: "DEALLOCATE ALL"}, nil
	}
	st := s.named[name]
	if st != nil {
		st.Close()
		delete(s.named, name)
	}
	if st == nil && !s.client.Deallocate(name) {
		return nil, failure("26000", "prepared statement \"%s\" does not exist", name)
	}
	return &answer{tag: "DEALLOCATE"}, nil
}

func (s *Session) closeNamed() {
	for _, st := range s.named {
		st.Close()
	}
	clear(s.named)
}

// discard gives back what a session has gathered: plans are dropped with their statements, the settings and temporary tables by ALL too.
func (s *Session) discard(ctx context.Context, what string) (*answer, error) {
	switch what {
	case "plans":
		return &answer{tag: "DISCARD PLANS"}, nil // a plan is made again whenever it is out of date: there is nothing to keep it for
	case "temp", "temporary":
		return &answer{tag: "DISCARD TEMP"}, s.dropTemps(ctx)
	}
	if err := s.outside("DISCARD ALL"); err != nil {
		return nil, err
	}
	if _, err := s.closeCursor(""); err != nil {
		return nil, err
	}
	if _, err := s.deallocate(""); err != nil {
		return nil, err
	}
	if err := s.reset("all"); err != nil {
		return nil, err
	}
	return &answer{tag: "DISCARD ALL"}, s.dropTemps(ctx)
}

func (s *Session) dropTemps(ctx context.Context) error {
	for _, t := range slices.Clone(s.h.Temps()) {
		if err := s.remove(ctx, t, true); err != nil {
			return err
		}
	}
	return nil
}

// closeCursor closes a portal of the protocol, or all (""): SQL's own cursors do not exist yet.
func (s *Session) closeCursor(name string) (*answer, error) {
	if name == "" {
		s.client.CloseAll()
		return &answer{tag: "CLOSE CURSOR ALL"}, nil
	}
	if !s.client.CloseCursor(name) {
		return nil, failure("34000", "cursor \"%s\" does not exist", name)
	}
	return &answer{tag: "CLOSE CURSOR"}, nil
}
