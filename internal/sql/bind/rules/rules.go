// Package rules holds what a dialect's types mean: how values meet, convert, compare and compute, and the functions whose rule is more
// than a signature. It knows nothing of names and scopes; package rules uses it.
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
}

type param struct {
	index int
	name  string
	typ   typed.Type
	nodes []*typed.Param
}

// Fail keeps the first mistake, one of grammar, and gives an expression that stands for nothing.
func (b *Rules) Fail(at syntax.Pos, format string, args ...any) typed.Expr {
	return b.FailAs(syntax.Grammar, at, format, args...)
}

// FailAs is Fail for a mistake of another kind.
func (b *Rules) FailAs(kind syntax.Kind, at syntax.Pos, format string, args ...any) typed.Expr {
	return b.FailWith(syntax.ErrorOf(kind, at, format, args...))
}

// FailBy is Fail for what a lookup answered: the error keeps its own kind.
func (b *Rules) FailBy(kind syntax.Kind, at syntax.Pos, err error) typed.Expr {
	e := syntax.ErrorOf(kind, at, "%v", err)
	e.Err = err
	return b.FailWith(e)
}

// FailWith is Fail for a mistake that is worded already.
func (b *Rules) FailWith(e *syntax.Error) typed.Expr {
	if b.Err == nil {
		b.Err = e.Locate(b.Source)
	}
	return Null(typed.T(typed.Unknown))
}

func Null(t typed.Type) *typed.Literal { return &typed.Literal{Ty: typed.Ty{T: t}, Null: true} }

func Lit(t typed.Type, text string) *typed.Literal {
	return &typed.Literal{Ty: typed.Ty{T: t}, Text: text}
}

func Call(op string, t typed.Type, args ...typed.Expr) *typed.Call {
	return &typed.Call{Ty: typed.Ty{T: t}, Op: op, Args: args}
}

// text is the dialect's type for text without a length.
func (b *Rules) Text() typed.Type {
	return b.D.Types.Text
}

// typeOf gives the type for a written type name.
func (b *Rules) TypeOf(t syntax.TypeName) typed.Type {
	args := make([]int, len(t.Args))
	copy(args, t.Args)
	for i, a := range args {
		if a == -1 {
			args[i] = 65535
		}
	}
	switch w := b.D.Types.Words[t.Name]; {
	case w.Missing:
		b.Fail(t.Pos, "type %q does not exist in %s", t.Name, b.D)
	case w.Args != nil && (w.Always || len(args) == 0):
		args = w.Args
	}
	typ, err := typed.Named(t.Name, args)
	if err != nil {
		b.FailBy(syntax.NoType, t.Pos, err)
	}
	most := map[typed.Kind]int{typed.Varchar: b.D.Types.MaxText, typed.Char: b.D.Types.MaxChar}[typ.Kind]
	if most > 0 && typ.Len > most {
		b.FailAs(syntax.BadArgument, t.Pos, "length for type %s cannot exceed %d", t.Name, most)
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

// Params lists the types of the parameters by their index in the printed text, and the names of those that have one. A parameter that no
// place gave a type is text.
func (b *Rules) Params() (types []typed.Type, names []string) {
	for i := range b.params {
		p := &b.params[i]
		if !p.typ.Known() {
			p.typ = typed.T(typed.Varchar)
			for _, n := range p.nodes {
				n.T = p.typ
			}
		}
		index := i + 1
		if p.name == "" {
			index = p.index
		}
		for len(types) < index {
			types = append(types, typed.T(typed.Varchar))
			names = append(names, "")
		}
		types[index-1], names[index-1] = p.typ, p.name
	}
	return types, names
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
