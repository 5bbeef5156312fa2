package print

import (
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/sql/typed"
)

// printer holds the first mistake; the text after one is of no use.
type printer struct {
	relation func(typed.Relation) string
	err      error
	narrow   *narrow // nil: every decimal is wide
}

func (p *printer) fail(format string, args ...any) string {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	return "NULL"
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func str(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func quoteAll(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quote(n)
	}
	return strings.Join(out, ", ")
}

var duckNames = map[typed.Kind]string{
	typed.Unknown: "VARCHAR", typed.Null: "INTEGER", typed.Bool: "BOOLEAN", typed.Tinyint: "TINYINT", typed.Smallint: "SMALLINT",
	typed.Int: "INTEGER", typed.Bigint: "BIGINT", typed.Real: "REAL", typed.Double: "DOUBLE", typed.Char: "VARCHAR", typed.Varchar: "VARCHAR",
	typed.String: "VARCHAR", typed.Date: "DATE", typed.Time: "TIME", typed.Timetz: "TIMETZ", typed.Timestamp: "TIMESTAMP",
	typed.Timestamptz: "TIMESTAMPTZ", typed.Interval: "INTERVAL", typed.Super: "JSON", typed.Varbyte: "BLOB", typed.Geometry: "BLOB",
	typed.Sketch: "VARCHAR",
}

func duck(t typed.Type) string {
	switch t.Kind {
	case typed.Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case typed.Array:
		return duck(t.Elem()) + "[]"
	case typed.Map:
		return "MAP(" + duck(t.Key()) + ", " + duck(t.Value()) + ")"
	case typed.Struct:
		var parts []string
		for _, f := range t.Fields() {
			parts = append(parts, quote(f.Name)+" "+duck(f.Type))
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	}
	return duckNames[t.Kind]
}

func cast(x string, t typed.Type) string { return "CAST(" + x + " AS " + duck(t) + ")" }

func (p *printer) exprs(xs []typed.Expr) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = p.expr(x)
	}
	return strings.Join(out, ", ")
}

func (p *printer) expr(x typed.Expr) string {
	switch x := x.(type) {
	case *typed.Literal:
		return p.literal(x)
	case *typed.ColumnRef:
		if x.Table == "" {
			return quote(x.Name)
		}
		return quote(x.Table) + "." + quote(x.Name)
	case *typed.Param:
		return cast("$"+strconv.Itoa(x.Index), x.T)
	case *typed.Cast:
		return p.operation([]typed.Expr{x.X}, func(args []typed.Expr) string {
			y := *x
			y.X = args[0]
			return p.cast(&y)
		})
	case *typed.Call:
		return p.operation(x.Args, func(args []typed.Expr) string {
			y := *x
			y.Args = args
			return p.call(&y)
		})
	case *typed.Aggregate:
		return p.aggregate(x)
	case *typed.Lambda:
		return p.lambda(x)
	case *typed.Case:
		return p.caseOf(x, p.expr)
	case *typed.Scalar:
		return "(" + p.query(x.Query) + ")"
	case *typed.Default:
		return "DEFAULT"
	}
	return p.condition(x)
}

// condition writes the expressions that are booleans.
func (p *printer) condition(x typed.Expr) string {
	switch x := x.(type) {
	case *typed.Not:
		return "(NOT " + p.expr(x.X) + ")"
	case *typed.Logic:
		op := " AND "
		if x.Or {
			op = " OR "
		}
		items := make([]string, len(x.Items))
		for i, it := range x.Items {
			items[i] = p.expr(it)
		}
		return "(" + strings.Join(items, op) + ")"
	case *typed.Compare:
		return "(" + p.expr(x.L) + " " + x.Op + " " + p.expr(x.R) + ")"
	case *typed.IsNull:
		if x.Not {
			return "(" + p.expr(x.X) + " IS NOT NULL)"
		}
		return "(" + p.expr(x.X) + " IS NULL)"
	case *typed.Distinct:
		op := " IS DISTINCT FROM "
		if x.Not {
			op = " IS NOT DISTINCT FROM "
		}
		return "(" + p.expr(x.L) + op + p.expr(x.R) + ")"
	case *typed.In:
		return p.in(x)
	case *typed.Exists:
		return "EXISTS (" + p.query(x.Query) + ")"
	case *typed.Quantified:
		word := "ANY"
		if x.All {
			word = "ALL"
		}
		return "(" + p.expr(x.X) + " " + x.Op + " " + word + " (" + p.query(x.Query) + "))"
	case *typed.Like:
		return p.like(x)
	case *typed.OutputRef:
		return strconv.Itoa(x.N)
	}
	return p.fail("expression %T cannot be printed", x)
}

func (p *printer) in(x *typed.In) string {
	l := p.expr(x.X[0])
	if len(x.X) > 1 {
		l = "(" + p.exprs(x.X) + ")"
	}
	op := " IN ("
	if x.Not {
		op = " NOT IN ("
	}
	if x.Query != nil {
		return "(" + l + op + p.query(x.Query) + "))"
	}
	return "(" + l + op + p.exprs(x.List) + "))"
}

func (p *printer) like(x *typed.Like) string {
	op := " LIKE "
	if x.Fold {
		op = " ILIKE "
	}
	if x.Not {
		op = " NOT" + op
	}
	escape := " ESCAPE " + str(x.Escape)
	if l, ok := x.Pattern.(*typed.Literal); ok && (x.Escape == "" || !strings.Contains(l.Text, x.Escape)) {
		escape = "" // DuckDB's LIKE with ESCAPE has none of its fast matchers
	}
	return "(" + p.expr(x.X) + op + p.expr(x.Pattern) + escape + ")"
}

// caseOf writes a CASE, its results by a rule of the caller.
func (p *printer) caseOf(x *typed.Case, result func(typed.Expr) string) string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range x.Whens {
		b.WriteString(" WHEN " + p.expr(w.Cond) + " THEN " + result(w.Then))
	}
	if x.Else != nil {
		b.WriteString(" ELSE " + result(x.Else))
	}
	b.WriteString(" END")
	return b.String()
}

func (p *printer) literal(x *typed.Literal) string {
	if x.Null {
		if x.T.Kind == typed.Null || x.T.Kind == typed.Unknown {
			return "NULL"
		}
		return cast("NULL", x.T)
	}
	switch x.T.Kind {
	case typed.Bool:
		return x.Text
	case typed.Int:
		if x.Text == "-2147483648" { // the engine reads the number first, as a bigint, and then its sign
			return cast(str(x.Text), x.T)
		}
		if strings.HasPrefix(x.Text, "-") {
			return "(" + x.Text + ")"
		}
		return x.Text
	case typed.Char, typed.Varchar, typed.String:
		return str(x.Text)
	case typed.Date, typed.Time, typed.Timestamp, typed.Interval:
		return duck(x.T) + " " + str(x.Text)
	case typed.Timestamptz, typed.Timetz:
		return cast(str(x.Text+"+00"), x.T)
	case typed.Varbyte:
		return "unhex(" + str(x.Text) + ")"
	}
	return cast(str(x.Text), x.T)
}
