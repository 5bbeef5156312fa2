package bind

import (
	"sort"
	"strconv"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

type specialFunc func(*binder, *syntax.Func, *scope) typed.Expr

// special gives the rule of a function that the table cannot describe; nil when there is none.
func (b *binder) special(name string) specialFunc {
	if f, ok := bothSpecial(name); ok {
		return f
	}
	if b.redshift() {
		return redshiftSpecial(name)
	}
	return sparkSpecial(name)
}

// specialNames lists the names for the nearest-name hint.
func (b *binder) specialNames() []string {
	all := strings.Fields(bothSpecialNames)
	if b.redshift() {
		all = append(all, strings.Fields(redshiftSpecialNames)...)
	} else {
		all = append(all, strings.Fields(sparkSpecialNames)...)
	}
	sort.Strings(all)
	return all
}

const (
	bothSpecialNames     = "nullif nvl2 decode extract date_part date_trunc round mod current_date current_timestamp now sha2 to_date to_timestamp to_char to_number datediff dateadd log random"
	redshiftSpecialNames = "trunc convert_timezone timezone concat array object json_extract_path_text collate atan2 date_add date_diff sysdate isnull strtol bpcharcmp current_setting nvl to_hex varchar_cmp"
	sparkSpecialNames    = "if iff concat substring substr trunc date_format unix_timestamp to_unix_timestamp from_unixtime timestampadd timestampdiff int bigint smallint tinyint double float string boolean date timestamp decimal binary bround timestamp_seconds"
)

func bothSpecial(name string) (specialFunc, bool) {
	switch name {
	case "nullif":
		return nullif, true
	case "nvl2":
		return nvl2, true
	case "decode":
		return decode, true
	case "extract", "date_part", "datepart":
		return extract, true
	case "date_trunc":
		return dateTrunc, true
	case "round", "bround":
		return round, true
	case "mod":
		return mod, true
	case "current_date", "current_timestamp", "now", "curdate", "current_user", "user", "localtimestamp":
		return niladicCall, true
	case "sha2":
		return sha2, true
	case "to_date":
		return toDate, true
	case "to_timestamp":
		return toTimestamp, true
	case "to_char":
		return toChar, true
	case "to_number":
		return toNumber, true
	case "datediff", "date_diff":
		return dateDiff, true
	case "dateadd", "date_add":
		return dateAdd, true
	case "log":
		return logarithm, true
	case "random", "rand":
		return random, true
	}
	return nil, false
}

func redshiftSpecial(name string) specialFunc {
	switch name {
	case "trunc":
		return truncRedshift
	case "convert_timezone":
		return convertTimezone
	case "timezone":
		return func(b *binder, f *syntax.Func, s *scope) typed.Expr {
			args := b.args(f, s, 2, 2)
			if args == nil {
				return null(tStamp)
			}
			return b.atTimeZone(f.At, args[0], args[1])
		}
	case "json_extract_path_text":
		return jsonPathText
	case "array":
		return superArray
	case "object":
		return superObject
	case "collate":
		return func(b *binder, f *syntax.Func, s *scope) typed.Expr { return b.expr(f.Args[0], s) }
	case "concat":
		return concatCall
	}
	return nil
}

func sparkSpecial(name string) specialFunc {
	switch name {
	case "if", "iff":
		return sparkIf
	case "concat":
		return concatCall
	case "substring", "substr":
		return sparkSubstring
	case "trunc":
		return truncSpark
	case "date_format":
		return dateFormat
	case "unix_timestamp", "to_unix_timestamp":
		return unixTimestamp
	case "from_unixtime":
		return fromUnixtime
	case "timestampadd":
		return dateAdd
	case "timestampdiff":
		return dateDiff
	case "int", "bigint", "smallint", "tinyint", "double", "float", "string", "boolean", "date", "timestamp", "decimal", "binary":
		return castCall
	}
	return nil
}

// args binds the arguments and checks their number; nil after a mistake.
func (b *binder) args(f *syntax.Func, s *scope, lo, hi int) []typed.Expr {
	if len(f.Args) < lo || hi >= 0 && len(f.Args) > hi {
		want := strconv.Itoa(lo)
		if hi < 0 {
			want += " or more"
		} else if hi != lo {
			want += " to " + strconv.Itoa(hi)
		}
		b.fail(f.At, "%s takes %s arguments, %d are given", upper(f.Name.Last().Name), want, len(f.Args))
		return nil
	}
	out := make([]typed.Expr, len(f.Args))
	for i, a := range f.Args {
		out[i] = b.expr(a, s)
	}
	if b.err != nil {
		return nil
	}
	return out
}

// constant gives the text of an argument that must be a constant.
func (b *binder) constant(x typed.Expr, f *syntax.Func, i int) (string, bool) {
	l, ok := x.(*typed.Literal)
	if !ok || l.Null {
		b.fail(f.Args[i].Position(), "argument %d of %s must be a constant", i+1, upper(f.Name.Last().Name))
		return "", false
	}
	return l.Text, true
}

func nullif(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 2, 2)
	if a == nil {
		return null(tInt)
	}
	t := b.comparisonType(a[0], a[1], f.At, "NULLIF")
	l, r := b.coerce(a[0], t, implicit, f.At), b.coerce(a[1], t, implicit, f.At)
	if b.redshift() {
		l, r = b.unblank(l), b.unblank(r)
	}
	x := a[0]
	if isFree(x) {
		x = b.coerce(x, t, implicit, f.At)
	}
	return &typed.Case{Ty: typed.Ty{T: x.Type()}, Whens: []typed.When{{Cond: &typed.Compare{Op: "=", L: l, R: r}, Then: null(x.Type())}}, Else: x}
}

func nvl2(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 3, 3)
	if a == nil {
		return null(tInt)
	}
	t := b.unifyTypes(f.At, "NVL2", a[1], a[2])
	return &typed.Case{Ty: typed.Ty{T: t}, Whens: []typed.When{{Cond: &typed.IsNull{X: a[0], Not: true}, Then: b.coerce(a[1], t, implicit, f.At)}},
		Else: b.coerce(a[2], t, implicit, f.At)}
}

// decode is DECODE(x, search, result, ..., default); NULL equals NULL.
func decode(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 3, -1)
	if a == nil {
		return null(tInt)
	}
	out := &typed.Case{}
	var values []typed.Expr
	for i := 1; i+1 < len(a); i += 2 {
		l, r := b.pair(a[0], a[i], f.At, "DECODE")
		if b.redshift() {
			l, r = b.unblank(l), b.unblank(r)
		}
		out.Whens = append(out.Whens, typed.When{Cond: &typed.Distinct{L: l, R: r, Not: true}, Then: a[i+1]})
		values = append(values, a[i+1])
	}
	if len(a)%2 == 0 {
		out.Else = a[len(a)-1]
		values = append(values, out.Else)
	}
	out.T = b.unifyTypes(f.At, "DECODE", values...)
	for i := range out.Whens {
		out.Whens[i].Then = b.coerce(out.Whens[i].Then, out.T, implicit, f.At)
	}
	if out.Else != nil {
		out.Else = b.coerce(out.Else, out.T, implicit, f.At)
	}
	return out
}

func sparkIf(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) != 3 {
		return b.fail(f.At, "IF takes 3 arguments, %d are given", len(f.Args))
	}
	return b.caseExpr(&syntax.Case{Node: f.Node, Whens: []syntax.When{{Cond: f.Args[0], Then: f.Args[1]}}, Else: f.Args[2]}, s)
}

func mod(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 2, 2)
	if a == nil {
		return null(tInt)
	}
	return b.arith("%", a[0], a[1], f.At)
}

func niladicCall(b *binder, f *syntax.Func, s *scope) typed.Expr {
	name := f.Name.Last().Name
	if name == "curdate" {
		name = "current_date"
	}
	if len(f.Args) > 0 {
		return b.fail(f.At, "%s takes no argument", upper(name))
	}
	if x := b.niladic(&syntax.Column{Node: f.Node, Name: syntax.Name{{Name: name, Pos: f.At}}}); x != nil {
		return x
	}
	return b.fail(f.At, "function %s is not known", upper(name))
}

func random(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) > 0 || !b.redshift() {
		return b.fail(f.At, "function %s is not supported: a transform must give the same rows when it runs again", upper(f.Name.Last().Name))
	}
	return call("random", tDouble)
}

func sha2(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 2, 2)
	if a == nil {
		return null(b.text())
	}
	bits, ok := b.constant(a[1], f, 1)
	if ok && bits != "256" && bits != "0" {
		return b.fail(f.At, "SHA2 with %s bits is not supported, only 256", bits)
	}
	return call("sha256", b.text(), b.coerce(a[0], b.text(), implicit, f.At))
}

func logarithm(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 1, 2)
	if a == nil {
		return null(tDouble)
	}
	for i := range a {
		a[i] = b.coerce(a[i], tDouble, implicit, f.At)
	}
	switch {
	case b.redshift() && len(a) == 1:
		return call("log10", tDouble, a[0])
	case b.redshift():
		return b.fail(f.At, "LOG takes 1 argument, 2 are given")
	case len(a) == 1:
		return call("spark_ln", tDouble, a[0])
	}
	return call("div_double", tDouble, call("spark_ln", tDouble, a[1]), call("null_if_zero", tDouble, call("spark_ln", tDouble, a[0])))
}

func concatCall(b *binder, f *syntax.Func, s *scope) typed.Expr {
	hi := -1
	if b.redshift() {
		hi = 2
	}
	a := b.args(f, s, 1, hi)
	if a == nil {
		return null(b.text())
	}
	return b.concat(f.At, a...)
}

func sparkSubstring(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 2, 3)
	if a == nil {
		return null(b.text())
	}
	a[0] = b.coerce(a[0], b.text(), implicit, f.At)
	for i := 1; i < len(a); i++ {
		a[i] = b.coerce(a[i], tInt, implicit, f.At)
	}
	return call("spark_substring", b.text(), a...)
}

// castCall is Spark's int(x), string(x) ...
func castCall(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) != 1 {
		return b.fail(f.At, "%s takes 1 argument, %d are given", upper(f.Name.Last().Name), len(f.Args))
	}
	return b.cast(&syntax.Cast{Node: f.Node, X: f.Args[0], Type: syntax.TypeName{Name: f.Name.Last().Name, Pos: f.At}}, s)
}

// round binds ROUND(x [, places]).
func round(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 1, 2)
	if a == nil {
		return null(tDouble)
	}
	x := b.number(a[0], f.Args[0].Position())
	places := 0
	if len(a) == 2 {
		text, ok := b.constant(a[1], f, 1)
		n, err := strconv.Atoi(text)
		if ok && err != nil {
			return b.fail(f.Args[1].Position(), "the number of places must be an integer")
		}
		places = n
	}
	t := x.Type()
	even := ""
	if f.Name.Last().Name == "bround" {
		even = "_even"
	}
	switch {
	case t.Kind == typed.Unknown:
		return call("unknown", t, x)
	case t.IsInt() && places >= 0:
		return x
	case t.Kind == typed.Decimal && even == "":
		return b.roundDecimal(x, places)
	}
	op := "round" + even
	return call(op, t, x, lit(tInt, strconv.Itoa(places)))
}

// roundDecimal keeps min(scale, places) digits of the fraction.
func (b *binder) roundDecimal(x typed.Expr, places int) typed.Expr {
	t := x.Type()
	scale := max(0, min(t.Scale, places))
	p := min(38, t.Precision-t.Scale+scale+1)
	if b.redshift() {
		p = t.Precision
	}
	r := typed.Dec(max(p, scale, 1), scale)
	if places >= 0 {
		if places >= t.Scale {
			return x
		}
		return &typed.Cast{Ty: typed.Ty{T: r}, X: x}
	}
	return call("round", r, x, lit(tInt, strconv.Itoa(places)))
}
