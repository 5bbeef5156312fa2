package rules

import (
	"penstock/internal/convert"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// picture checks a constant format; one that is no constant is checked row by row.
func picture[T any](b *Rules, x typed.Expr, f *syntax.Func, i int, compile func(string) (T, error)) (text typed.Expr, ok bool) {
	x = b.Coerce(x, b.Text(), Implicit, f.Args[i].Position())
	if l, constant := x.(*typed.Literal); constant && !l.Null {
		if _, err := compile(l.Text); err != nil {
			b.FailAs(syntax.BadArgument, f.Args[i].Position(), "%s", err.Error())
			return x, false
		}
	}
	return x, b.Err == nil
}

// toChar is TO_CHAR of a number, a date or a time.
func toChar(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, 2)
	if a == nil {
		return Null(b.Text())
	}
	if a[0].Type().IsNumeric() {
		format, ok := picture(b, a[1], f, 1, convert.CompileNumber)
		if !ok {
			return Null(b.Text())
		}
		return Call("to_char_number", b.Text(), b.Coerce(a[0], b.Text(), Implicit, f.At), format)
	}
	format, ok := picture(b, a[1], f, 1, convert.CompileDate)
	if !ok {
		return Null(b.Text())
	}
	x := b.Instant(a[0], f.At)
	switch {
	case x.Type().Kind == typed.Interval:
		return b.FailAs(syntax.Unsupported, f.At, "TO_CHAR of an interval is not supported")
	case x.Type().IsClock():
		return Call("to_char_time", b.Text(), b.Coerce(x, typed.T(typed.Time), Implicit, f.At), format)
	}
	return Call("to_char", b.Text(), b.Coerce(x, tStamp, Implicit, f.At), format)
}

// toNumber is TO_NUMBER; the picture says the scale of the result, so it must be a constant.
func toNumber(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, 2)
	if a == nil {
		return Null(Double)
	}
	format, ok := b.constant(a[1], f, 1)
	if !ok {
		return Null(Double)
	}
	p, err := convert.CompileNumber(format)
	if err != nil {
		return b.FailAs(syntax.BadArgument, f.Args[1].Position(), "%s", err.Error())
	}
	return Call("to_number", typed.Dec(38, p.Scale()), b.Coerce(a[0], b.Text(), Implicit, f.At), Lit(b.Text(), format))
}

// byFormat reads text by a format as a timestamp. Redshift has a third argument, is_strict.
func (b *Rules) byFormat(f *syntax.Func, arg Arg, redshift bool) typed.Expr {
	hi := 2
	if redshift {
		hi = 3
	}
	a := b.args(f, arg, 2, hi)
	if a == nil {
		return Null(tStamp)
	}
	text := b.Coerce(a[0], b.Text(), Implicit, f.At)
	if !redshift {
		format, _ := picture(b, a[1], f, 1, convert.CompileSpark)
		return Call("sp_to_timestamp", tStamp, text, format)
	}
	format, _ := picture(b, a[1], f, 1, convert.CompileDate)
	strict := typed.Expr(Lit(Bool, "false"))
	if len(a) == 3 {
		strict = b.Coerce(a[2], Bool, Implicit, f.At)
	}
	return Call("rs_to_timestamp", tStamp, text, format, strict)
}

// toDate is TO_DATE(text, format); with one argument a CAST. A text that does not fit is an error in Redshift and NULL in Spark.
func toDate(redshift bool) SpecialFunc {
	return func(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
		if len(f.Args) == 1 {
			return b.Coerce(arg(0), tDate, explicit, f.At)
		}
		x := b.byFormat(f, arg, redshift)
		if b.Err != nil {
			return Null(tDate)
		}
		return &typed.Cast{Ty: typed.Ty{T: tDate}, X: x}
	}
}

// toTimestamp is TO_TIMESTAMP(text, format), in Redshift with the zone UTC.
func toTimestamp(redshift bool) SpecialFunc {
	return func(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
		if len(f.Args) == 1 {
			return b.Coerce(arg(0), tStamp, explicit, f.At)
		}
		x := b.byFormat(f, arg, redshift)
		if b.Err != nil || !redshift {
			return x
		}
		return &typed.Cast{Ty: typed.Ty{T: typed.T(typed.Timestamptz)}, X: x}
	}
}

// dateFormat is Spark's DATE_FORMAT.
func dateFormat(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, 2)
	if a == nil {
		return Null(b.Text())
	}
	format, ok := picture(b, a[1], f, 1, convert.CompileSpark)
	if !ok {
		return Null(b.Text())
	}
	return Call("date_format", b.Text(), b.Coerce(a[0], tStamp, Implicit, f.At), format)
}

func unixTimestamp(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 0 {
		return Call("unix_seconds", Bigint, Call("now_utc", tStamp))
	}
	a := b.args(f, arg, 1, 2)
	switch {
	case a == nil:
		return Null(Bigint)
	case (a[0].Type().IsText() || a[0].Type().Kind == typed.Null) && len(a) == 2:
		return Call("unix_timestamp", Bigint, b.byFormat(f, arg, false))
	}
	return Call("unix_timestamp", Bigint, b.Coerce(a[0], tStamp, Implicit, f.At))
}

func fromUnixtime(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 1, 2)
	if a == nil {
		return Null(b.Text())
	}
	format := typed.Expr(Lit(b.Text(), "yyyy-MM-dd HH:mm:ss"))
	if len(a) == 2 {
		var ok bool
		if format, ok = picture(b, a[1], f, 1, convert.CompileSpark); !ok {
			return Null(b.Text())
		}
	}
	return Call("date_format", b.Text(), Call("timestamp_seconds", tStamp, b.Coerce(a[0], Bigint, Implicit, f.At)), format)
}
