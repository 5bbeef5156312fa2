package print

import "penstock/internal/sql/typed"

// narrow says what is known of a text whose sums take their decimals in 64 bits.
type narrow struct {
	gains bool // a product or sum is narrower than in the wide text
	early bool // rows may leave the engine before every sum is known
	under bool // what is printed is read by a SELECT that aggregates: no row of it leaves
}

// Narrow writes a query like DuckDB, but leaves the arithmetic below its sums, and in the subqueries that aggregates read, in 64 bits where
// both operands fit: DuckDB then computes exactly or fails, it never wraps. The caller runs the text of DuckDB when this one fails, which
// must be before the first row has left; ok is false when that cannot be promised, or when nothing is gained.
func Narrow(s typed.Statement, relation func(typed.Relation) string) (text string, ok bool) {
	if _, query := s.(*typed.Query); !query {
		return "", false
	}
	p := &printer{relation: relation, narrow: new(narrow)}
	text = p.statement(s)
	return text, p.err == nil && p.narrow.gains && !p.narrow.early
}

// item writes an output of a SELECT: narrow where an aggregate waits for its last row.
func (p *printer) item(x typed.Expr, s *typed.Select) string {
	if p.narrow != nil && p.narrow.under && s.Group == nil && !s.Distinct {
		return p.sumArg(x)
	}
	return p.expr(x)
}

// sources writes the FROM of a SELECT.
func (p *printer) sources(s *typed.Select) string {
	if p.narrow == nil {
		return p.from(s.From)
	}
	was := p.narrow.under
	p.narrow.under = was || s.Group != nil
	defer func() { p.narrow.under = was }()
	return p.from(s.From)
}

// sumArg writes what is summed. Only + - * and the branches of CASE are narrowed: nothing else may see that the type is another.
func (p *printer) sumArg(x typed.Expr) string {
	switch x := x.(type) {
	case *typed.Call:
		if op := decimalOps[x.Op]; op != "" && naturalScale(x) {
			p.narrow.gains = p.narrow.gains || x.T.Precision > 18 && x.Args[0].Type().Precision <= 18
			return "(" + p.sumArg(x.Args[0]) + " " + op + " " + p.sumArg(x.Args[1]) + ")"
		}
	case *typed.Cast:
		from := x.X.Type()
		if x.T.Kind == typed.Decimal && from.Kind == typed.Decimal && from.Scale == x.T.Scale && from.Precision <= x.T.Precision {
			return p.sumArg(x.X)
		}
	case *typed.Case:
		return p.caseOf(x, p.sumArg)
	}
	return p.expr(x)
}

// naturalScale reports whether a result keeps every digit of the fraction, so that DuckDB's own type has the same scale.
func naturalScale(c *typed.Call) bool {
	l, r := c.Args[0].Type(), c.Args[1].Type()
	if l.Kind != typed.Decimal || r.Kind != typed.Decimal {
		return false
	}
	if c.Op == "mul_decimal" {
		return c.T.Scale == l.Scale+r.Scale && c.T.Scale <= 18
	}
	return c.T.Scale == max(l.Scale, r.Scale)
}
