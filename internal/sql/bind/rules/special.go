package rules

import (
	"strconv"
	"strings"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// Arg binds the i-th argument of a call.
type Arg func(i int) typed.Expr

// SpecialFunc is the rule of a function that has more than a signature.
type SpecialFunc func(*Rules, *syntax.Func, Arg) typed.Expr

// Special returns the rule that a dialect's map of functions names.
func Special(rule string) SpecialFunc { return special[rule] }

var special = map[string]SpecialFunc{
	"nullif": nullif, "nvl2": nvl2, "decode": decode, "if": sparkIf, "mod": mod, "sha2": sha2, "spark_log": sparkLog,
	"concat": concat(-1), "concat_two": concat(2),
	"spark_substring": sparkSubstring, "cast": castCall, "sign": sign, "round": round(""), "round_even": round("_even"),
	"fnv_hash": fnvHash, "collate": collate,
	"user":     func(rs *Rules, f *syntax.Func, _ Arg) typed.Expr { return rs.sessionText(f, rs.User) },
	"database": func(rs *Rules, f *syntax.Func, _ Arg) typed.Expr { return rs.sessionText(f, rs.Database) },

	"extract": extract, "date_part": datePartOf, "redshift_date_add": redshiftDateAdd, "date_trunc": dateTrunc, "spark_date_add": sparkDateAdd,
	"date_diff":       dateDiff("date_diff"),
	"spark_date_diff": sparkDateDiff, "trunc": truncRedshift, "spark_trunc": truncSpark,
	"convert_timezone": convertTimezone, "timezone": timezone,

	"to_date": toDate(true), "to_timestamp": toTimestamp(true), "spark_to_date": toDate(false), "spark_to_timestamp": toTimestamp(false),
	"to_char": toChar, "to_number": toNumber, "date_format": dateFormat, "unix_timestamp": unixTimestamp,
	"from_unixtime": fromUnixtime,

	"reverse": reverse, "size": size, "element_at": elementAt, "array_max": extreme("array_max"),
	"array_min": extreme("array_min"), "sort_array": sortArray, "array_sort": arraySort, "array_join": arrayJoin,
	"array_repeat": arrayRepeat, "arrays_zip": arraysZip, "flatten": flatten, "sequence": sequence, "spark_array": sparkArray,
	"struct": structCall, "named_struct": namedStruct, "map": mapCall, "map_from_arrays": mapFromArrays,
	"map_from_entries": mapFromEntries, "concat_ws": concatWs, "from_json": fromJSON, "to_json": toJSON,

	"array": superArray, "object": superObject, "json_extract_path_text": jsonPathText,
}

// sessionText is what the session says: the user's name, the database's.
func (rs *Rules) sessionText(f *syntax.Func, text string) typed.Expr {
	if len(f.Args) > 0 {
		return rs.FailAs(syntax.NoFunction, f.At, "%s takes no argument", strings.ToUpper(f.Name.Last().Name))
	}
	return Lit(rs.Text(), text)
}

func collate(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 2 {
		return rs.FailAs(syntax.NoFunction, f.At, "COLLATE takes a text and a collation")
	}
	name := ""
	switch x := f.Args[1].(type) {
	case *syntax.Literal:
		name = x.Text
	case *syntax.Word:
		name = x.Text
	}
	switch strings.ToLower(name) {
	case "case_sensitive", "cs":
		return rs.Coerce(arg(0), rs.Text(), Implicit, f.At)
	case "case_insensitive", "ci":
		return rs.FailAs(syntax.Unsupported, f.Args[1].Position(), "COLLATE %s is not supported: compare LOWER of both sides", name)
	}
	return rs.Fail(f.Args[1].Position(), "COLLATE takes 'case_sensitive' or 'case_insensitive'")
}

// args binds the arguments and checks their number; nil after a mistake.
func (rs *Rules) args(f *syntax.Func, arg Arg, lo, hi int) []typed.Expr {
	if len(f.Args) < lo || hi >= 0 && len(f.Args) > hi {
		want := strconv.Itoa(lo)
		if hi < 0 {
			want += " or more"
		} else if hi != lo {
			want += " to " + strconv.Itoa(hi)
		}
		rs.FailAs(syntax.NoFunction, f.At, "%s takes %s arguments, %d are given", strings.ToUpper(f.Name.Last().Name), want, len(f.Args))
		return nil
	}
	out := make([]typed.Expr, len(f.Args))
	for i := range f.Args {
		out[i] = arg(i)
	}
	if rs.Err != nil {
		return nil
	}
	return out
}

// constant gives the text of an argument that must be a constant.
func (rs *Rules) constant(x typed.Expr, f *syntax.Func, i int) (string, bool) {
	l, ok := x.(*typed.Literal)
	if !ok || l.Null {
		rs.Fail(f.Args[i].Position(), "argument %d of %s must be a constant", i+1, strings.ToUpper(f.Name.Last().Name))
		return "", false
	}
	return l.Text, true
}

func nullif(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(Int)
	}
	t := rs.ComparisonType(a[0], a[1], f.At, "NULLIF")
	l, r := rs.Coerce(a[0], t, Implicit, f.At), rs.Coerce(a[1], t, Implicit, f.At)
	x := a[0]
	if IsFree(x) {
		x = rs.Coerce(x, t, Implicit, f.At)
	}
	return &typed.Case{Ty: typed.Ty{T: x.Type()},
		Whens: []typed.When{{Cond: &typed.Compare{Op: "=", L: rs.Unblank(l), R: rs.Unblank(r)}, Then: Null(x.Type())}}, Else: x}
}

func nvl2(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 3, 3)
	if a == nil {
		return Null(Int)
	}
	t := rs.UnifyTypes(f.At, "NVL2", a[1], a[2])
	return &typed.Case{Ty: typed.Ty{T: t},
		Whens: []typed.When{{Cond: &typed.IsNull{X: a[0], Not: true}, Then: rs.Coerce(a[1], t, Implicit, f.At)}},
		Else:  rs.Coerce(a[2], t, Implicit, f.At)}
}

// decode is DECODE(x, search, result, ..., default); NULL equals NULL.
func decode(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 3, -1)
	if a == nil {
		return Null(Int)
	}
	out := &typed.Case{}
	var values []typed.Expr
	for i := 1; i+1 < len(a); i += 2 {
		l, r := rs.Pair(a[0], a[i], f.At, "DECODE")
		out.Whens = append(out.Whens, typed.When{Cond: &typed.Distinct{L: rs.Unblank(l), R: rs.Unblank(r), Not: true}, Then: a[i+1]})
		values = append(values, a[i+1])
	}
	if len(a)%2 == 0 {
		out.Else = a[len(a)-1]
		values = append(values, out.Else)
	}
	out.T = rs.UnifyTypes(f.At, "DECODE", values...)
	for i := range out.Whens {
		out.Whens[i].Then = rs.Coerce(out.Whens[i].Then, out.T, Implicit, f.At)
	}
	if out.Else != nil {
		out.Else = rs.Coerce(out.Else, out.T, Implicit, f.At)
	}
	return out
}

func sparkIf(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 3, 3)
	if a == nil {
		return Null(Int)
	}
	t := rs.UnifyTypes(f.At, "IF", a[1], a[2])
	return &typed.Case{Ty: typed.Ty{T: t},
		Whens: []typed.When{{Cond: rs.Coerce(a[0], Bool, Implicit, f.At), Then: rs.Coerce(a[1], t, Implicit, f.At)}},
		Else:  rs.Coerce(a[2], t, Implicit, f.At)}
}

func mod(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(Int)
	}
	return rs.arith("%", a[0], a[1], f.At)
}

func sha2(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(rs.Text())
	}
	bits, ok := rs.constant(a[1], f, 1)
	if ok && bits != "256" && bits != "0" {
		return rs.FailAs(syntax.Unsupported, f.At, "SHA2 with %s bits is not supported, only 256", bits)
	}
	return Call("sha256", rs.Text(), rs.Coerce(a[0], rs.Text(), Implicit, f.At))
}

// sparkLog is LOG(x), or LOG(base, x).
func sparkLog(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 2)
	if a == nil {
		return Null(Double)
	}
	for i := range a {
		a[i] = rs.Coerce(a[i], Double, Implicit, f.At)
	}
	if len(a) == 1 {
		return Call("spark_ln", Double, a[0])
	}
	return Call("div_double", Double, Call("spark_ln", Double, a[1]), Call("spark_ln", Double, a[0]))
}

// concat joins its arguments, at most so many; -1: any number.
func concat(most int) SpecialFunc {
	return func(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
		a := rs.args(f, arg, 1, most)
		if a == nil {
			return Null(rs.Text())
		}
		return rs.concat(f.At, a...)
	}
}

func sparkSubstring(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 3)
	if a == nil {
		return Null(rs.Text())
	}
	a[0] = rs.Coerce(a[0], rs.Text(), Implicit, f.At)
	for i := 1; i < len(a); i++ {
		a[i] = rs.Coerce(a[i], Int, Implicit, f.At)
	}
	return Call("sp_substring", rs.Text(), a...)
}

// castCall is Spark's int(x), string(x) ...
func castCall(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 1)
	if a == nil {
		return Null(Int)
	}
	return rs.Coerce(a[0], rs.TypeOf(syntax.TypeName{Name: f.Name.Last().Name, Pos: f.At}), explicit, f.At)
}

// sign is -1, 0 or 1 of the argument's type; a decimal has one digit.
func sign(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 1)
	if a == nil {
		return Null(Double)
	}
	x := rs.Number(a[0], f.Args[0].Position())
	t := x.Type()
	if t.Kind == typed.Decimal {
		t = typed.Dec(1, 0)
	}
	return Call("sign", t, x)
}

// round binds ROUND(x [, places]); even is "_even" for a half that goes to the even neighbour.
func round(even string) SpecialFunc {
	return func(rs *Rules, f *syntax.Func, arg Arg) typed.Expr { return rs.round(f, arg, even) }
}

func (rs *Rules) round(f *syntax.Func, arg Arg, even string) typed.Expr {
	a := rs.args(f, arg, 1, 2)
	if a == nil {
		return Null(Double)
	}
	x := rs.Number(a[0], f.Args[0].Position())
	places := 0
	if len(a) == 2 {
		text, ok := rs.constant(a[1], f, 1)
		n, err := strconv.Atoi(text)
		if ok && err != nil {
			return rs.Fail(f.Args[1].Position(), "the number of places must be an integer")
		}
		places = n
	}
	t := x.Type()
	switch {
	case t.Kind == typed.Unknown:
		return Call("unknown", t, x)
	case t.IsInt() && places >= 0:
		return x
	case t.Kind == typed.Decimal && even == "":
		return rs.roundDecimal(x, places)
	case t.Kind == typed.Decimal:
		scale := max(0, min(t.Scale, places))
		t = typed.Dec(max(min(38, t.Precision-t.Scale+scale+1), 1), scale)
	}
	op := "round" + even
	return Call(op, t, x, Lit(Int, strconv.Itoa(places)))
}

// roundDecimal keeps min(scale, places) digits of the fraction.
func (rs *Rules) roundDecimal(x typed.Expr, places int) typed.Expr {
	t := x.Type()
	scale := max(0, min(t.Scale, places))
	p := min(38, t.Precision-t.Scale+scale+1)
	if rs.D.Numbers.RoundKeeps {
		p = t.Precision
	}
	r := typed.Dec(max(p, scale, 1), scale)
	if places >= 0 {
		if places >= t.Scale && rs.D.Numbers.RoundKeeps {
			return x
		}
		return &typed.Cast{Ty: typed.Ty{T: r}, X: x}
	}
	return Call("round", r, x, Lit(Int, strconv.Itoa(places)))
}

// fnvHash is FNV_HASH(value [, seed]) over the bytes that Redshift keeps: integers are little-endian.
func fnvHash(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 2)
	if a == nil {
		return Null(Bigint)
	}
	x := rs.HashBytes(a[0], f)
	if len(a) == 1 {
		return Call("fnv_hash", Bigint, x)
	}
	return Call("fnv_hash", Bigint, x, rs.Coerce(a[1], Bigint, Implicit, f.At))
}

// HashBytes are the bytes of a value that a hash is taken of, as Redshift keeps it: integers are little-endian.
func (rs *Rules) HashBytes(x typed.Expr, f *syntax.Func) typed.Expr {
	sizes := map[typed.Kind]string{typed.Smallint: "2", typed.Int: "4", typed.Bigint: "8"}
	t := typed.T(typed.Varbyte)
	switch size := sizes[x.Type().Kind]; {
	case size != "":
		return Call("int_bytes", t, x, Lit(Int, size))
	case x.Type().IsText() || x.Type().Kind == typed.Varbyte || x.Type().Kind == typed.Null:
		return rs.Coerce(x, t, Implicit, f.At)
	}
	return rs.FailAs(syntax.Unsupported, f.At, "%s of %s is not supported", strings.ToUpper(f.Name.Last().Name), x.Type())
}
