// Package rules holds what a dialect's types mean: how values meet, convert, compare and compute, and the functions whose rule is more
// than a signature. It knows nothing of names and scopes; package bind does.
package rules

import (
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Rules are the rules of one dialect while one statement is bound. The first mistake is kept in Err; after it, results are of no use.
type Rules struct {
	D              *dialect.Dialect
	Source         string       // the statement, for carets
	User, Database string       // answers of current_user and current_database
	Declared       []typed.Type // types of $1, $2, ...
	Err            *syntax.Error
	params         []param
	lambdas        int // variables of the lambda functions that are being made
}

// Fail keeps the first mistake, one of grammar, and gives an expression that stands for nothing.
func (rs *Rules) Fail(at syntax.Pos, format string, args ...any) typed.Expr {
	return rs.FailAs(syntax.Grammar, at, format, args...)
}

// FailAs is Fail for a mistake of another kind.
func (rs *Rules) FailAs(kind syntax.Kind, at syntax.Pos, format string, args ...any) typed.Expr {
	return rs.FailWith(syntax.ErrorOf(kind, at, format, args...))
}

// FailBy is Fail for what a lookup answered: the error keeps its own kind.
func (rs *Rules) FailBy(kind syntax.Kind, at syntax.Pos, err error) typed.Expr {
	e := syntax.ErrorOf(kind, at, "%v", err)
	e.Err = err
	return rs.FailWith(e)
}

// FailWith is Fail for a mistake that is worded already.
func (rs *Rules) FailWith(e *syntax.Error) typed.Expr {
	if rs.Err == nil {
		rs.Err = e.Locate(rs.Source)
	}
	return Null(typed.T(typed.Unknown))
}

// Text is the dialect's type for text without a length.
func (rs *Rules) Text() typed.Type {
	return rs.D.Types.Text
}

// TypeOf returns the type of a written type name.
func (rs *Rules) TypeOf(t syntax.TypeName) typed.Type {
	if t.Text != "" {
		typ, err := typed.ParseLake(t.Text)
		if err != nil {
			rs.FailBy(syntax.NoType, t.Pos, err)
		}
		return typ
	}
	args := make([]int, len(t.Args))
	copy(args, t.Args)
	for i, a := range args {
		if a == -1 {
			args[i] = 65535
		}
	}
	switch w := rs.D.Types.Words[t.Name]; {
	case w.Missing:
		rs.Fail(t.Pos, "type %q does not exist in %s", t.Name, rs.D)
	case w.Args != nil && (w.Always || len(args) == 0):
		args = w.Args
	}
	typ, err := typed.Named(t.Name, args)
	if err != nil {
		rs.FailBy(syntax.NoType, t.Pos, err)
	}
	most := map[typed.Kind]int{typed.Varchar: rs.D.Types.MaxText, typed.Char: rs.D.Types.MaxChar}[typ.Kind]
	if most > 0 && typ.Len > most {
		rs.FailAs(syntax.BadArgument, t.Pos, "length for type %s cannot exceed %d", t.Name, most)
	}
	return typ
}

var (
	Bool   = typed.T(typed.Bool)
	Int    = typed.T(typed.Int)
	Bigint = typed.T(typed.Bigint)
	Double = typed.T(typed.Double)
	tDate  = typed.T(typed.Date)
	tStamp = typed.T(typed.Timestamp)
)
