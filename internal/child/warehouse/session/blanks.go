package session

import (
	"context"
	"slices"
	"strings"

	"penstock/internal/child/warehouse/store"
	"penstock/internal/engine"
	"penstock/internal/sql/bind"
	"penstock/internal/sql/typed"
)

// Trailing blanks do not count when text is compared or grouped. To cut them off costs more than the comparison, so each table knows of
// which columns no value has any. What is written decides it, in the transaction that writes: a column is trimmed until something may
// have put a blank there, and never again. Plans that relied on it are made anew, like after any change of the table.

// blanks notes the columns that a statement may fill with text that ends in a blank.
func (s *Session) blanks(ctx context.Context, st typed.Statement, args []any) error {
	w := written{args: args}
	switch st := st.(type) {
	case *typed.Insert:
		w.insert(st)
	case *typed.Update:
		w.sets(st.Sets)
	case *typed.Merge:
		for _, c := range st.Clauses {
			w.sets(c.Sets)
			for i, x := range c.Values {
				w.value(c.Columns[i], x)
			}
		}
	}
	if len(w.blank) == 0 {
		return nil
	}
	return s.untrim(ctx, target(st).Handle.(*place).table, w.blank)
}

// written collects the columns that get text of which nothing is known, or that ends in a blank.
type written struct {
	args  []any
	blank []string
}

func (w *written) insert(st *typed.Insert) {
	if st.Query == nil {
		return
	}
	values, ok := st.Query.Body.(*typed.Values)
	for i, c := range st.Columns {
		if !ok {
			if c.Type.IsText() && !st.Query.Columns[i].Trimmed {
				w.blank = append(w.blank, c.Name)
			}
			continue
		}
		for _, row := range values.Rows {
			w.value(c.Name, row[i])
		}
	}
}

func (w *written) sets(all []typed.Set) {
	for _, a := range all {
		w.value(a.Column, a.Value)
	}
}

func (w *written) value(column string, x typed.Expr) {
	if !bind.Trimmed(x) && !w.trimmedArg(x) {
		w.blank = append(w.blank, column)
	}
}

// trimmedArg reports whether x is a parameter whose value now ends in no blank; a default was looked at when the table was made.
func (w *written) trimmedArg(x typed.Expr) bool {
	switch x := x.(type) {
	case *typed.Default:
		return true
	case *typed.Cast:
		return x.X.Type().IsText() && x.Mode == typed.ModeAssign && w.trimmedArg(x.X)
	case *typed.Param:
		if x.Index > len(w.args) {
			return false
		}
		text, ok := w.args[x.Index-1].(string)
		return w.args[x.Index-1] == nil || ok && !strings.HasSuffix(text, " ")
	}
	return false
}

// untrim writes into a table's description that columns have values with trailing blanks.
func (s *Session) untrim(ctx context.Context, t *store.Table, columns []string) error {
	next := t.Clone()
	changed := false
	for i := range next.Columns {
		c := &next.Columns[i]
		if c.Trimmed && c.Type.IsText() && c.Type.Kind != typed.Char && slices.Contains(columns, c.Name) {
			c.Trimmed, changed = false, true
		}
	}
	if !changed {
		return nil
	}
	return s.tx().Put(ctx, next)
}

// firstLocal is the row number from which the engine counts the rows that a transaction has added and not yet committed.
const firstLocal = "36028797018960000"

// loadedBlanks looks at the rows that the transaction has added to a table, which no statement describes.
func (s *Session) loadedBlanks(ctx context.Context, t *store.Table) error {
	var names, checks []string
	for _, c := range t.Columns {
		if c.Trimmed && c.Type.IsText() && c.Type.Kind != typed.Char {
			names = append(names, c.Name)
			checks = append(checks, "coalesce(bool_or(suffix("+engine.Ident(c.Name)+", ' ')), false)")
		}
	}
	if len(names) == 0 {
		return nil
	}
	rows, err := s.h.Conn.Query(ctx, "SELECT "+strings.Join(checks, ", ")+" FROM "+physical(t)+" WHERE rowid >= "+firstLocal)
	if err != nil {
		return err
	}
	defer rows.Close()
	chunk, err := rows.Next(ctx)
	if err != nil || chunk == nil {
		return err
	}
	var blank []string
	for i, n := range names {
		if chunk.Column(i).Text(0) == "true" {
			blank = append(blank, n)
		}
	}
	rows.Close()
	return s.untrim(ctx, t, blank)
}

// bindView binds a view without what is known of blanks: its text stays when that changes.
func (s *Session) bindView(ctx context.Context, st *Statement) (*bind.Bound, error) {
	lookup := s.lookup(ctx)
	return s.bindKept(st.tree, st.text, func(name []string) (typed.Relation, error) {
		r, err := lookup(name)
		r.Columns = slices.Clone(r.Columns)
		for i := range r.Columns {
			r.Columns[i].Trimmed = false
		}
		return r, err
	})
}
