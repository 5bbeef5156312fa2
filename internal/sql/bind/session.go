package bind

import "penstock/internal/sql/syntax"

// A Session says what a statement may ask of the session that runs it. The zero value knows nothing.
type Session struct {
	User, Database string // of current_user and current_database
	// Expr gives what stands for an expression: a value that is known now, or an expression over the catalog, which is bound in its place;
	// nil leaves the expression as it is. The error ends the binding.
	Expr func(syntax.Expr) (syntax.Expr, *syntax.Error)
	// Table gives what stands for a function in FROM; nil leaves it as it is.
	Table func(*syntax.TableFunc) syntax.TableRef
}

func (s Session) expr(x syntax.Expr) (syntax.Expr, *syntax.Error) {
	if s.Expr == nil {
		return nil, nil
	}
	return s.Expr(x)
}

func (s Session) table(t *syntax.TableFunc) syntax.TableRef {
	if s.Table == nil {
		return nil
	}
	return s.Table(t)
}
