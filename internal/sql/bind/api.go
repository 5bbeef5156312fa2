package bind

import (
	"penstock/internal/sql/bind/rules"
	"penstock/internal/sql/dialect"
	"penstock/internal/sql/typed"
)

// Options say in which world a statement is bound.
type Options struct {
	Dialect *dialect.Dialect
	// Lookup finds a relation by its name as written (one to three parts). An error ends the binding, shown at the name's place.
	Lookup func(name []string) (typed.Relation, error)
	// Params are the declared types of $1, $2, ...; an Unknown one, or one beyond the list, is inferred.
	Params []typed.Type
	// Text is the statement's source, for the caret in errors.
	Text string
	// AllowUnknown lets output columns have an unknown type; otherwise such a column is an error that asks for a CAST.
	AllowUnknown bool
	// Session answers for what only the session knows that runs the statement.
	Session Session
}

// Trimmed reports whether it is known that x gives no text that ends in a blank.
func Trimmed(x typed.Expr) bool { return rules.Trimmed(x) }

// Bound is a bound statement.
type Bound struct {
	Statement typed.Statement
	// Columns are the output columns of a query, nil otherwise.
	Columns []typed.Column
	// Params are the types of the parameters in the order of their index in the printed text.
	Params []typed.Type
	// ParamNames are the names for :name parameters, parallel to Params; "" for $n.
	ParamNames []string
	// Relations are all relations read or written, each once.
	Relations []typed.Relation
}
