package rules

import (
	"penstock/internal/convert"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// picture checks a constant format; one that is no constant is checked row by row.
func picture[T any](rs *Rules, x typed.Expr, f *syntax.Func, i int, compile func(string) (T, error)) (text typed.Expr, ok bool) {
	x = rs.Coerce(x, rs.Text(), Implicit, f.Args[i].Position())
	if l, constant := x.(*typed.Literal); constant && !l.Null {
		if _, err := compile(l.Text); err != nil {
			rs.FailAs(syntax.BadArgument, f.Args[i].Position(), "%s", err.Error())
			return x, false
		}
	}
	return x, rs.Err == nil
}

// toChar is TO_CHAR of a number, a date or a time.
func toChar(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(rs.Text())
	}
	if a[0].Type().IsNumeric() {
		format, ok := picture(rs, a[1], f, 1, convert.CompileNumber)
		if !ok {
			return Null(rs.Text())
		}
		return Call("to_char_number", rs.Text(), rs.Coerce(a[0], rs.Text(), Implicit, f.At), format)
	}
	format, ok := picture(rs, a[1], f, 1, convert.CompileDate)
	if !ok {
		return Null(rs.Text())
	}
	x := rs.Instant(a[0], f.At)
	switch {
	case x.Type().Kind == typed.Interval:
		return rs.FailAs(syntax.Unsupported, f.At, "TO_CHAR of an interval is not supported")
	case x.Type().IsClock():
		return Call("to_char_time", rs.Text(), rs.Coerce(x, typed.T(typed.Time), Implicit, f.At), format)
	}
	return Call("to_char", rs.Text(), rs.Coerce(x, tStamp, Implicit, f.At), format)
}

// toNumber is TO_NUMBER; the picture says the scale of the result, so it must be a constant.
func toNumber(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(Double)
	}
	format, ok := rs.constant(a[1], f, 1)
	if !ok {
		return Null(Double)
	}
	p, err := convert.CompileNumber(format)
	if err != nil {
		return rs.FailAs(syntax.BadArgument, f.Args[1].Position(), "%s", err.Error())
	}
	return Call("to_number", typed.Dec(38, p.Scale()), rs.Coerce(a[0], rs.Text(), Implicit, f.At), Lit(rs.Text(), format))
}

// byFormat reads text by a format as a timestamp. Redshift has a third argument, is_strict.
func (rs *Rules) byFormat(f *syntax.Func, arg Arg, redshift bool) typed.Expr {
	hi := 2
	if redshift {
		hi = 3
	}
	a := rs.args(f, arg, 2, hi)
	if a == nil {
		return Null(tStamp)
	}
	text := rs.Coerce(a[0], rs.Text(), Implicit, f.At)
	if !redshift {
		format, _ := picture(rs, a[1], f, 1, convert.CompileSpark)
		return Call("sp_to_timestamp", tStamp, text, format)
	}
	format, _ := picture(rs, a[1], f, 1, convert.CompileDate)
	strict := typed.Expr(Lit(Bool, "false"))
	if len(a) == 3 {
		strict = rs.Coerce(a[2], Bool, Implicit, f.At)
	}
	return Call("rs_to_timestamp", tStamp, text, format, strict)
}

// toDate is TO_DATE(text, format); with one argument a CAST. A text that does not fit is an error in Redshift and NULL in Spark.
func toDate(redshift bool) SpecialFunc {
	return func(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
		if len(f.Args) == 1 {
			return rs.Coerce(arg(0), tDate, explicit, f.At)
		}
		x := rs.byFormat(f, arg, redshift)
		if rs.Err != nil {
			return Null(tDate)
		}
		return &typed.Cast{Ty: typed.Ty{T: tDate}, X: x}
	}
}

// toTimestamp is TO_TIMESTAMP(text, format), in Redshift with the zone UTC.
func toTimestamp(redshift bool) SpecialFunc {
	return func(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
		if len(f.Args) == 1 {
			return rs.Coerce(arg(0), tStamp, explicit, f.At)
		}
		x := rs.byFormat(f, arg, redshift)
		if rs.Err != nil || !redshift {
			return x
		}
		return &typed.Cast{Ty: typed.Ty{T: typed.T(typed.Timestamptz)}, X: x}
	}
}

// dateFormat is Spark's DATE_FORMAT.
func dateFormat(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 2)
	if a == nil {
		return Null(rs.Text())
	}
	format, ok := picture(rs, a[1], f, 1, convert.CompileSpark)
	if !ok {
		return Null(rs.Text())
	}
	return Call("date_format", rs.Text(), rs.Coerce(a[0], tStamp, Implicit, f.At), format)
}

func unixTimestamp(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 0 {
		return Call("unix_seconds", Bigint, Call("now_utc", tStamp))
	}
	a := rs.args(f, arg, 1, 2)
	switch {
	case a == nil:
		return Null(Bigint)
	case (a[0].Type().IsText() || a[0].Type().Kind == typed.Null) && len(a) == 2:
		return Call("unix_timestamp", Bigint, rs.byFormat(f, arg, false))
	}
	return Call("unix_timestamp", Bigint, rs.Coerce(a[0], tStamp, Implicit, f.At))
}

func fromUnixtime(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 2)
	if a == nil {
		return Null(rs.Text())
	}
	format := typed.Expr(Lit(rs.Text(), "yyyy-MM-dd HH:mm:ss"))
	if len(a) == 2 {
		var ok bool
		if format, ok = picture(rs, a[1], f, 1, convert.CompileSpark); !ok {
			return Null(rs.Text())
		}
	}
	return Call("date_format", rs.Text(), Call("timestamp_seconds", tStamp, rs.Coerce(a[0], Bigint, Implicit, f.At)), format)
}
