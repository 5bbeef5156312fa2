package bind

import (
	"math/big"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// expr binds an expression.
func (b *binder) expr(x syntax.Expr, s *scope) typed.Expr {
	if b.err != nil {
		return null(typed.T(typed.Unknown))
	}
	switch x := x.(type) {
	case *syntax.Literal:
		return b.literal(x)
	case *syntax.Interval:
		return b.interval(x, s)
	case *syntax.Column:
		return b.columnRef(x, s)
	case *syntax.Param:
		return b.param(x)
	case *syntax.Unary:
		return b.unary(x, s)
	case *syntax.BinaryOp:
		return b.binary(x, s)
	case *syntax.Is:
		return b.is(x, s)
	case *syntax.Between:
		return b.between(x, s)
	case *syntax.In:
		return b.in(x, s)
	case *syntax.Like:
		return b.like(x, s)
	case *syntax.Case:
		return b.caseExpr(x, s)
	case *syntax.Cast:
		return b.cast(x, s)
	case *syntax.Func:
		return b.function(x, s)
	default:
		return b.exprMore(x, s)
	}
}

func (b *binder) exprMore(x syntax.Expr, s *scope) typed.Expr {
	switch x := x.(type) {
	case *syntax.Exists:
		return &typed.Exists{Query: b.query(x.Query, s, s.env)}
	case *syntax.Subquery:
		return b.scalar(x, s)
	case *syntax.Quantified:
		return b.quantified(x, s)
	case *syntax.AtTimeZone:
		return b.atTimeZone(x.At, b.expr(x.Zone, s), b.expr(x.X, s))
	case *syntax.Index:
		return b.index(x, s)
	case *syntax.Field:
		return b.path(b.expr(x.X, s), syntax.Name{x.Name})
	case *syntax.Star:
		return b.fail(x.At, "* can only stand alone in a select list or in COUNT(*)")
	case *syntax.Default:
		return b.fail(x.At, "DEFAULT can only stand in VALUES of INSERT and in SET")
	case *syntax.Tuple:
		return b.fail(x.At, "a row of several values can only stand in IN and in comparisons")
	case *syntax.Word:
		return b.fail(x.At, "%q is no expression", x.Text)
	}
	return b.fail(x.Position(), "this kind of expression is not supported")
}

func (b *binder) literal(x *syntax.Literal) typed.Expr {
	switch x.Kind {
	case syntax.Null:
		return null(typed.T(typed.Null))
	case syntax.Bool:
		return lit(tBool, x.Text)
	case syntax.String:
		if b.redshift() {
			return lit(typed.VarcharOf(max(1, len(x.Text))), x.Text)
		}
		return lit(b.text(), x.Text)
	case syntax.Int:
		return b.intLiteral(x)
	case syntax.Decimal:
		return b.decimalLiteral(x)
	case syntax.Double:
		if b.redshift() && !strings.Contains(x.Text, "e") {
			return b.decimalLiteral(x)
		}
		return lit(tDouble, x.Text)
	case syntax.Binary:
		return lit(typed.T(typed.Varbyte), strings.ToUpper(x.Text))
	}
	t := b.typeOf(syntax.TypeName{Name: x.Type, Pos: x.At})
	if b.err != nil {
		return null(t)
	}
	y := b.foldText(lit(b.text(), x.Text), t, x.At)
	if y == nil {
		return b.fail(x.At, "%q is no valid %s", x.Text, t)
	}
	return y
}

func (b *binder) intLiteral(x *syntax.Literal) typed.Expr {
	n, ok := new(big.Int).SetString(x.Text, 10)
	if !ok {
		return b.fail(x.At, "%q is no integer", x.Text)
	}
	text := n.String()
	digits := len(strings.TrimPrefix(text, "-"))
	switch {
	case x.Type == "l" && n.IsInt64():
		return lit(tBigint, text)
	case x.Type == "s":
		return lit(typed.T(typed.Smallint), text)
	case x.Type == "y":
		return lit(typed.T(typed.Tinyint), text)
	case n.IsInt64() && n.Int64() == int64(int32(n.Int64())):
		return lit(tInt, text)
	case n.IsInt64():
		return lit(tBigint, text)
	case digits <= 38:
		return lit(typed.Dec(digits, 0), text)
	}
	return b.fail(x.At, "number %s has more than 38 digits", x.Text)
}

// decimalLiteral gives 1.50 the type decimal(3,2).
func (b *binder) decimalLiteral(x *syntax.Literal) typed.Expr {
	text := strings.TrimPrefix(x.Text, "-")
	whole, frac, _ := strings.Cut(text, ".")
	whole = strings.TrimLeft(whole, "0")
	p, s := len(whole)+len(frac), len(frac)
	if p > 38 {
		return b.fail(x.At, "number %s has more than 38 digits", x.Text)
	}
	p = max(p, 1)
	sign := ""
	if strings.HasPrefix(x.Text, "-") {
		sign = "-"
	}
	value := sign + orElse(whole, "0")
	if s > 0 {
		value += "." + frac
	}
	return lit(typed.Dec(p, s), value)
}

func isLiteral(x typed.Expr) bool {
	l, ok := x.(*typed.Literal)
	return ok && !l.Null && l.T.IsText()
}

func (b *binder) param(x *syntax.Param) typed.Expr {
	index := -1
	for i, p := range b.params {
		if x.Name != "" && p.name == x.Name || x.Name == "" && p.name == "" && p.index == x.Index {
			index = i
		}
	}
	if index < 0 {
		p := param{index: x.Index, name: x.Name, typ: typed.T(typed.Unknown)}
		if x.Name == "" && x.Index >= 1 && x.Index <= len(b.o.Params) {
			p.typ = b.o.Params[x.Index-1]
		}
		b.params = append(b.params, p)
		index = len(b.params) - 1
	}
	p := &b.params[index]
	n := &typed.Param{Ty: typed.Ty{T: p.typ}, Index: x.Index}
	if x.Name != "" {
		n.Index = index + 1
	}
	p.nodes = append(p.nodes, n)
	return n
}

// settle gives a parameter of unknown type the type that its place asks for.
func (b *binder) settle(n *typed.Param, t typed.Type) {
	if !t.Known() || n.T.Known() {
		return
	}
	for i := range b.params {
		p := &b.params[i]
		for _, have := range p.nodes {
			if have == n {
				p.typ = t
				for _, m := range p.nodes {
					m.T = t
				}
				return
			}
		}
	}
}

func (b *binder) unary(x *syntax.Unary, s *scope) typed.Expr {
	if x.Op == "not" {
		return &typed.Not{X: b.condition(x.X, s, "NOT")}
	}
	y := b.expr(x.X, s)
	t := y.Type()
	switch x.Op {
	case "+":
		return y
	case "-":
		if t.Kind == typed.Interval {
			return call("neg", t, y)
		}
		y = b.number(y, x.At)
		if l, ok := y.(*typed.Literal); ok && !l.Null {
			return lit(l.T, negate(l.Text))
		}
		return call("neg", y.Type(), y)
	case "@":
		y = b.number(y, x.At)
		return call("abs", y.Type(), y)
	case "|/":
		return call("sqrt", tDouble, b.coerce(y, tDouble, implicit, x.At))
	case "||/":
		return call("cbrt", tDouble, b.coerce(y, tDouble, implicit, x.At))
	case "~":
		if !t.IsInt() && t.Kind != typed.Unknown {
			return b.fail(x.At, "~ takes an integer, this is %s", t)
		}
		return call("bit_not", t, y)
	}
	return b.fail(x.At, "operator %s is not supported", x.Op)
}

func negate(text string) string {
	if strings.HasPrefix(text, "-") {
		return text[1:]
	}
	return "-" + text
}

// number makes an operand numeric: text is a double in Spark and must be a literal in Redshift.
func (b *binder) number(x typed.Expr, at syntax.Pos) typed.Expr {
	t := x.Type()
	switch {
	case t.IsNumeric() || t.Kind == typed.Unknown:
		return x
	case t.Kind == typed.Null:
		return b.coerce(x, tInt, implicit, at)
	case t.IsText():
		return b.coerce(x, tDouble, implicit, at)
	case t.Kind == typed.Super:
		return b.coerce(x, tDouble, implicit, at)
	}
	return b.fail(at, "a number is needed here, this is %s", t)
}

func (b *binder) binary(x *syntax.BinaryOp, s *scope) typed.Expr {
	switch x.Op {
	case "and", "or":
		l, r := b.condition(x.L, s, strings.ToUpper(x.Op)), b.condition(x.R, s, strings.ToUpper(x.Op))
		if have, ok := l.(*typed.Logic); ok && have.Or == (x.Op == "or") {
			return &typed.Logic{Or: have.Or, Items: append(append([]typed.Expr{}, have.Items...), r)}
		}
		return &typed.Logic{Or: x.Op == "or", Items: []typed.Expr{l, r}}
	case "=", "<>", "<", "<=", ">", ">=":
		if l, ok := x.L.(*syntax.Tuple); ok {
			return b.compareRows(x, l, s)
		}
		return b.compare(x.Op, b.expr(x.L, s), b.expr(x.R, s), x.At)
	case "<=>":
		l, r := b.pair(b.expr(x.L, s), b.expr(x.R, s), x.At, "<=>")
		return &typed.Distinct{L: l, R: r, Not: true}
	}
	l, r := b.expr(x.L, s), b.expr(x.R, s)
	switch x.Op {
	case "||":
		return b.concat(x.At, l, r)
	case "~", "~*", "!~", "!~*":
		return b.regexOp(x, l, r)
	case "|", "&", "#", "^", "<<", ">>":
		return b.bits(x, l, r)
	}
	return b.arith(x.Op, l, r, x.At)
}

func (b *binder) compareRows(x *syntax.BinaryOp, l *syntax.Tuple, s *scope) typed.Expr {
	r, ok := x.R.(*syntax.Tuple)
	if !ok || len(r.Items) != len(l.Items) || x.Op != "=" && x.Op != "<>" {
		return b.fail(x.At, "rows of several values are compared by = or <> with rows of as many values")
	}
	var conds []typed.Expr
	for i := range l.Items {
		conds = append(conds, b.compare("=", b.expr(l.Items[i], s), b.expr(r.Items[i], s), x.At))
	}
	if x.Op == "<>" {
		return &typed.Not{X: and(conds)}
	}
	return and(conds)
}

// compare brings both sides to one type. Redshift ignores trailing blanks of text.
func (b *binder) compare(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	l, r = b.pair(l, r, at, op)
	if b.redshift() {
		l, r = b.unblank(l), b.unblank(r)
	}
	return &typed.Compare{Op: op, L: l, R: r}
}

// unblank cuts trailing blanks off text that may have them: char columns are kept without.
func (b *binder) unblank(x typed.Expr) typed.Expr {
	if !x.Type().IsText() || x.Type().Kind == typed.Char {
		return x
	}
	switch x := x.(type) {
	case *typed.Literal:
		if x.Null {
			return x
		}
		return lit(x.T, strings.TrimRight(x.Text, " "))
	case *typed.Call:
		switch x.Op {
		case "rtrim", "trim", "md5", "date_format", "blank_trim":
			return x
		}
	}
	return call("blank_trim", x.Type(), x)
}

// pair brings two operands to one type.
func (b *binder) pair(l, r typed.Expr, at syntax.Pos, what string) (typed.Expr, typed.Expr) {
	t := b.comparisonType(l, r, at, what)
	return b.coerce(l, t, implicit, at), b.coerce(r, t, implicit, at)
}

func (b *binder) is(x *syntax.Is, s *scope) typed.Expr {
	if x.What == "distinct" {
		l, r := b.pair(b.expr(x.X, s), b.expr(x.Y, s), x.At, "IS DISTINCT FROM")
		return &typed.Distinct{L: l, R: r, Not: x.Not}
	}
	if x.What == "null" {
		return &typed.IsNull{X: b.expr(x.X, s), Not: x.Not}
	}
	y := b.condition(x.X, s, "IS "+strings.ToUpper(x.What))
	if x.What == "unknown" {
		return &typed.IsNull{X: y, Not: x.Not}
	}
	return &typed.Distinct{L: y, R: lit(tBool, x.What), Not: !x.Not}
}

func (b *binder) between(x *syntax.Between, s *scope) typed.Expr {
	v := b.expr(x.X, s)
	lo, hi := b.expr(x.Lo, s), b.expr(x.Hi, s)
	y := &typed.Logic{Items: []typed.Expr{b.compare(">=", v, lo, x.At), b.compare("<=", v, hi, x.At)}}
	if x.Not {
		return &typed.Not{X: y}
	}
	return y
}

func (b *binder) in(x *syntax.In, s *scope) typed.Expr {
	var xs []typed.Expr
	if t, ok := x.X.(*syntax.Tuple); ok {
		for _, it := range t.Items {
			xs = append(xs, b.expr(it, s))
		}
	} else {
		xs = []typed.Expr{b.expr(x.X, s)}
	}
	if x.Query != nil {
		return b.inQuery(x, xs, s)
	}
	if len(xs) > 1 {
		return b.inRows(x, xs, s)
	}
	all := []typed.Expr{xs[0]}
	for _, it := range x.List {
		all = append(all, b.expr(it, s))
	}
	t := all[0].Type()
	for _, it := range all[1:] {
		t = b.comparisonType(&typed.ColumnRef{Ty: typed.Ty{T: t}}, it, x.At, "IN")
		if p, ok := it.(*typed.Param); ok {
			b.settle(p, t)
		}
	}
	for i := range all {
		all[i] = b.coerce(all[i], t, implicit, x.At)
		if b.redshift() {
			all[i] = b.unblank(all[i])
		}
	}
	return &typed.In{X: all[:1], Not: x.Not, List: all[1:]}
}

// inRows writes (a, b) IN ((1, 2), (3, 4)) as comparisons.
func (b *binder) inRows(x *syntax.In, xs []typed.Expr, s *scope) typed.Expr {
	or := &typed.Logic{Or: true}
	for _, it := range x.List {
		t, ok := it.(*syntax.Tuple)
		if !ok || len(t.Items) != len(xs) {
			return b.fail(it.Position(), "a row of %d values is needed here", len(xs))
		}
		var conds []typed.Expr
		for i, item := range t.Items {
			conds = append(conds, b.compare("=", xs[i], b.expr(item, s), x.At))
		}
		or.Items = append(or.Items, and(conds))
	}
	var y typed.Expr = or
	if len(or.Items) == 1 {
		y = or.Items[0]
	}
	if x.Not {
		return &typed.Not{X: y}
	}
	return y
}

func (b *binder) inQuery(x *syntax.In, xs []typed.Expr, s *scope) typed.Expr {
	q := b.query(x.Query, s, s.env)
	if len(q.Columns) != len(xs) {
		return b.fail(x.At, "the query of IN has %d columns, %d are needed", len(q.Columns), len(xs))
	}
	for i := range xs {
		t := b.comparisonType(xs[i], b.outputItem(q, i), x.At, "IN")
		if b.redshift() && t.IsText() {
			xs[i] = b.unblank(b.coerce(xs[i], t, implicit, x.At))
			q = b.wrap(q, func(j int, y typed.Expr) typed.Expr {
				if i == j {
					return b.unblank(b.coerce(y, t, implicit, x.At))
				}
				return y
			})
			continue
		}
		xs[i] = b.coerce(xs[i], t, implicit, x.At)
		q = b.castColumn(q, i, t, x.At)
	}
	return &typed.In{X: xs, Not: x.Not, Query: q}
}

func (b *binder) scalar(x *syntax.Subquery, s *scope) typed.Expr {
	q := b.query(x.Query, s, s.env)
	if len(q.Columns) != 1 {
		return b.fail(x.At, "a query used as a value must have one column, this one has %d", len(q.Columns))
	}
	return &typed.Scalar{Ty: typed.Ty{T: q.Columns[0].Type}, Query: q}
}

func (b *binder) quantified(x *syntax.Quantified, s *scope) typed.Expr {
	v := b.expr(x.X, s)
	q := b.query(x.Query, s, s.env)
	if len(q.Columns) != 1 {
		return b.fail(x.At, "the query must have one column, this one has %d", len(q.Columns))
	}
	t := b.comparisonType(v, b.outputItem(q, 0), x.At, x.Op)
	return &typed.Quantified{X: b.coerce(v, t, implicit, x.At), Op: x.Op, All: x.All, Query: b.castColumn(q, 0, t, x.At)}
}

func (b *binder) like(x *syntax.Like, s *scope) typed.Expr {
	l := b.coerce(b.expr(x.X, s), b.text(), implicit, x.At)
	r := b.coerce(b.expr(x.Pattern, s), b.text(), implicit, x.At)
	var y typed.Expr
	switch x.Kind {
	case "rlike":
		y = call("regex_find", tBool, l, r)
	case "similar":
		y = call("similar_to", tBool, l, r)
	default:
		n := &typed.Like{X: l, Pattern: r, Escape: "\\", Not: x.Not, Fold: x.Kind == "ilike"}
		if x.Escape != nil {
			e, ok := x.Escape.(*syntax.Literal)
			if !ok || e.Kind != syntax.String || len([]rune(e.Text)) != 1 {
				return b.fail(x.Escape.Position(), "ESCAPE takes one character")
			}
			n.Escape = e.Text
		}
		return n
	}
	if x.Not {
		return &typed.Not{X: y}
	}
	return y
}

func (b *binder) caseExpr(x *syntax.Case, s *scope) typed.Expr {
	out := &typed.Case{}
	var operand typed.Expr
	if x.Operand != nil {
		operand = b.expr(x.Operand, s)
	}
	var values []typed.Expr
	for _, w := range x.Whens {
		var cond typed.Expr
		if operand != nil {
			cond = b.compare("=", operand, b.expr(w.Cond, s), w.Cond.Position())
		} else {
			cond = b.condition(w.Cond, s, "WHEN")
		}
		then := b.expr(w.Then, s)
		values = append(values, then)
		out.Whens = append(out.Whens, typed.When{Cond: cond, Then: then})
	}
	if x.Else != nil {
		out.Else = b.expr(x.Else, s)
		values = append(values, out.Else)
	}
	out.T = b.unifyTypes(x.At, "CASE", values...)
	for i := range out.Whens {
		out.Whens[i].Then = b.coerce(out.Whens[i].Then, out.T, implicit, x.At)
	}
	if out.Else != nil {
		out.Else = b.coerce(out.Else, out.T, implicit, x.At)
	}
	return out
}
