package rules

import (
	"cmp"
	"strconv"
	"strings"

	"penstock/internal/convert"
	"penstock/internal/sql/nearest"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// dateParts maps the spellings of date parts to one name each.
var dateParts = spellings(map[string]string{
	"millennium": "millennium millennia mil mils", "century": "century centuries c cent cents", "decade": "decade decades dec decs",
	"epoch": "epoch", "year": "year years y yr yrs yyyy yy", "quarter": "quarter quarters qtr qtrs", "month": "month months mon mons mm",
	"week": "week weeks w weekofyear", "dow": "dow dw weekday dayofweek", "doy": "doy dy yearday dayofyear", "day": "day days d dayofmonth dd",
	"hour": "hour hours h hr hrs", "minute": "minute minutes m min mins mi", "second": "second seconds s sec secs",
	"millisecond": "millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon",
	"microsecond": "microsecond microseconds us usec usecs usecond useconds microsec microsecs microsecon", "timezone": "timezone",
	"timezone_hour": "timezone_hour", "timezone_minute": "timezone_minute",
})

func spellings(m map[string]string) map[string]string {
	out := map[string]string{}
	for part, all := range m {
		for _, s := range strings.Fields(all) {
			out[s] = part
		}
	}
	return out
}

// datePart reads the argument that names a date part: a bare word or a string.
func (rs *Rules) datePart(f *syntax.Func, i int) string {
	text := ""
	switch x := f.Args[i].(type) {
	case *syntax.Word:
		text = x.Text
	case *syntax.Column:
		text = x.Name.Last().Name
	case *syntax.Literal:
		if x.Kind == syntax.String {
			text = x.Text
		}
	}
	part, ok := dateParts[strings.ToLower(text)]
	if !ok {
		known := make([]string, 0, len(dateParts))
		for k := range dateParts {
			known = append(known, k)
		}
		hint := ""
		if near := nearest.Word(strings.ToLower(text), known); near != "" && text != "" {
			hint = ", did you mean " + near + "?"
		}
		rs.Fail(f.Args[i].Position(), "%s is no date part%s", strconv.Quote(text), hint)
		return "day"
	}
	return part
}

func extract(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 2 {
		return rs.Fail(f.At, "%s takes a date part and a value", strings.ToUpper(f.Name.Last().Name))
	}
	part := rs.datePart(f, 0)
	x := rs.Instant(arg(1), f.Args[1].Position())
	if x.Type().Kind == typed.Super {
		return rs.Fail(f.At, "EXTRACT from a SUPER value needs a CAST")
	}
	op, t := rs.D.Times.Part(part)
	return Call(op, t, x)
}

// datePartOf is Redshift's DATE_PART, which gives the seconds with their fraction where EXTRACT gives whole ones.
func datePartOf(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	x, ok := extract(rs, f, arg).(*typed.Call)
	switch {
	case !ok:
		return Null(Int)
	case x.Op == "extract_second_whole":
		x.Op, x.T = "extract_second", Double
	case x.Op == "extract_epoch_whole":
		x.Op, x.T = "extract_epoch", Double
	}
	return x
}

func dateTrunc(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 2 {
		return rs.Fail(f.At, "DATE_TRUNC takes a date part and a value")
	}
	part := rs.datePart(f, 0)
	x := arg(1)
	if x.Type().Kind == typed.Date || x.Type().IsText() || !x.Type().Known() {
		x = rs.Coerce(x, tStamp, Implicit, f.At)
	}
	t := x.Type()
	if !t.IsInstant() && t.Kind != typed.Interval && t.Kind != typed.Unknown {
		return rs.FailAs(syntax.Mismatch, f.Args[1].Position(), "DATE_TRUNC takes a date or timestamp, this is %s", t)
	}
	return Call("date_trunc", t, Lit(rs.Text(), part), x)
}

func truncSpark(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 2 {
		return rs.Fail(f.At, "TRUNC takes a date and a format")
	}
	part := rs.datePart(f, 1)
	x := rs.Coerce(arg(0), tDate, Implicit, f.At)
	return &typed.Cast{Ty: typed.Ty{T: tDate}, X: Call("date_trunc", tStamp, Lit(rs.Text(), part), &typed.Cast{Ty: typed.Ty{T: tStamp}, X: x})}
}

// truncRedshift truncates a timestamp to its date, or a number.
func truncRedshift(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 1, 2)
	if a == nil {
		return Null(Double)
	}
	if len(a) == 1 && a[0].Type().IsInstant() {
		return rs.Coerce(a[0], tDate, explicit, f.At)
	}
	x := rs.Number(a[0], f.Args[0].Position())
	places := "0"
	if len(a) == 2 {
		places, _ = rs.constant(a[1], f, 1)
	}
	if x.Type().Kind == typed.Decimal {
		return Call("trunc_decimal", x.Type(), x, Lit(Int, places))
	}
	if x.Type().IsInt() {
		if !strings.HasPrefix(places, "-") {
			return x
		}
		whole := typed.Dec(38, 0)
		return &typed.Cast{Ty: typed.Ty{T: x.Type()},
			X: Call("trunc_decimal", whole, &typed.Cast{Ty: typed.Ty{T: whole}, X: x}, Lit(Int, places))}
	}
	return Call("trunc_double", x.Type(), x, Lit(Int, places))
}

// sparkDateAdd is DATE_ADD(date, days), or dateAdd.
func sparkDateAdd(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 2 {
		x, n := rs.Coerce(arg(0), tDate, Implicit, f.At), rs.Coerce(arg(1), Int, Implicit, f.At)
		return Call("date_add_days", tDate, x, n)
	}
	return dateAdd(rs, f, arg)
}

// redshiftDateAdd is dateAdd where a year behind February 29 is March 1, as the guide has it; twelve months behind it is February 28.
func redshiftDateAdd(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	x, ok := dateAdd(rs, f, arg).(*typed.Call)
	if !ok {
		return Null(tStamp)
	}
	switch x.Op {
	case "date_add_year", "date_add_decade", "date_add_century", "date_add_millennium":
		x.Op = "rs_" + x.Op
	}
	return x
}

// dateAdd is DATEADD(part, n, x).
func dateAdd(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 3 {
		return rs.Fail(f.At, "%s takes a date part, a number and a value", strings.ToUpper(f.Name.Last().Name))
	}
	part := rs.datePart(f, 0)
	n := rs.Coerce(arg(1), Bigint, Implicit, f.Args[1].Position())
	x := arg(2)
	if !x.Type().IsClock() && x.Type().Kind != typed.Timestamptz {
		x = rs.Coerce(x, tStamp, Implicit, f.Args[2].Position())
	}
	switch part {
	case "epoch", "dow", "doy", "timezone", "timezone_hour", "timezone_minute":
		return rs.FailAs(syntax.NoFunction, f.Args[0].Position(), "DATEADD cannot add %q", part)
	}
	if x.Type().IsClock() {
		switch part {
		case "hour", "minute", "second", "millisecond", "microsecond":
		default:
			return rs.FailAs(syntax.NoFunction, f.Args[0].Position(), "DATEADD cannot add %q to a time", part)
		}
	}
	return Call("date_add_"+part, x.Type(), n, x)
}

// sparkDateDiff is DATEDIFF(end, start) in days, or dateDiff in whole units.
func sparkDateDiff(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 2 {
		l, r := rs.Coerce(arg(0), tDate, Implicit, f.At), rs.Coerce(arg(1), tDate, Implicit, f.At)
		return Call("day_diff", Int, l, r)
	}
	return rs.dateDiff(f, arg, "sub_diff")
}

// dateDiff is DATEDIFF(part, a, b); op counts boundaries or whole units.
func dateDiff(op string) SpecialFunc {
	return func(rs *Rules, f *syntax.Func, arg Arg) typed.Expr { return rs.dateDiff(f, arg, op) }
}

func (rs *Rules) dateDiff(f *syntax.Func, arg Arg, op string) typed.Expr {
	if len(f.Args) != 3 {
		return rs.Fail(f.At, "%s takes a date part and two values", strings.ToUpper(f.Name.Last().Name))
	}
	part := rs.datePart(f, 0)
	l, r := arg(1), arg(2)
	t := tStamp
	if l.Type().IsClock() || r.Type().IsClock() {
		t = typed.T(typed.Time)
	}
	l, r = rs.Coerce(l, t, Implicit, f.Args[1].Position()), rs.Coerce(r, t, Implicit, f.Args[2].Position())
	switch part {
	case "week", "decade", "century", "millennium":
		if op == "date_diff" && t == tStamp {
			op = "boundaries"
		}
	case "epoch", "dow", "doy", "timezone", "timezone_hour", "timezone_minute":
		return rs.FailAs(syntax.NoFunction, f.Args[0].Position(), "DATEDIFF does not count %q", part)
	}
	if op == "sub_diff" && t == tStamp {
		op = "whole_units"
	}
	return Call(op, Bigint, Lit(rs.Text(), part), l, r)
}

// timeArith binds + and - with dates, times and intervals; nil when neither operand is one.
func (rs *Rules) timeArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	lt, rt := l.Type(), r.Type()
	temporal := func(t typed.Type) bool { return t.IsInstant() || t.IsClock() || t.Kind == typed.Interval }
	if !temporal(lt) && !temporal(rt) {
		return nil
	}
	if lt.Kind == typed.Unknown || rt.Kind == typed.Unknown {
		if _, ok := r.(*typed.Param); !ok {
			return Call("unknown", typed.T(typed.Unknown), l, r)
		}
	}
	if op == "+" && (lt.IsNumeric() || lt.IsClock() && rt.Kind == typed.Date || lt.Kind == typed.Interval && rt.Kind != typed.Interval) {
		l, r, lt, rt = r, l, rt, lt
	}
	switch {
	case lt.Kind == typed.Interval && rt.Kind == typed.Interval:
		return Call("interval"+op, lt, l, r)
	case lt.Kind == typed.Interval:
		break
	case rt.Kind == typed.Interval:
		return rs.addInterval(op, l, r)
	case lt.Kind == typed.Date && (rt.IsInt() || IsFree(r) && !rs.D.Types.LiteralsAdapt):
		n := rs.Coerce(r, Int, Implicit, at)
		if op == "-" {
			return Call("date_sub_days", tDate, l, n)
		}
		return Call("date_add_days", tDate, l, n)
	case op == "+" && lt.Kind == typed.Date && rt.Kind == typed.Time:
		return Call("date_plus_time", tStamp, l, r)
	case op == "+" && lt.Kind == typed.Date && rt.Kind == typed.Timetz:
		if zoned, ok := r.(*typed.Literal); ok && zoned.Days != 0 {
			l = Call("date_add_days", tDate, l, Lit(Int, strconv.Itoa(zoned.Days)))
		}
		return Call("date_plus_timetz", typed.T(typed.Timestamptz), l, r)
	case op == "-":
		return rs.timeMinus(l, r, at)
	}
	return rs.FailAs(syntax.NoFunction, at, "operator %s is not defined for %s and %s", op, lt, rt)
}

func (rs *Rules) timeMinus(l, r typed.Expr, at syntax.Pos) typed.Expr {
	lt, rt := l.Type(), r.Type()
	if IsFree(l) || IsFree(r) {
		l, r = rs.Pair(l, r, at, "-")
		lt, rt = l.Type(), r.Type()
	}
	switch {
	case lt.Kind == typed.Date && rt.Kind == typed.Date && rs.D.Times.DateMinusDate:
		return Call("day_diff", Bigint, l, r)
	case lt.IsInstant() && rt.IsInstant():
		return Call("timestamp_minus", typed.T(typed.Interval), rs.Coerce(l, tStamp, Implicit, at), rs.Coerce(r, tStamp, Implicit, at))
	case lt.Kind == typed.Time && rt.Kind == typed.Time:
		return Call("time_minus", typed.T(typed.Interval), l, r)
	}
	return rs.FailAs(syntax.NoFunction, at, "operator - is not defined for %s and %s", lt, rt)
}

// addInterval adds an interval; in Spark a date stays a date when the interval has no hours.
func (rs *Rules) addInterval(op string, l, r typed.Expr) typed.Expr {
	t := l.Type()
	if t.Kind == typed.Date {
		t = tStamp
		if iv, ok := r.(*typed.Literal); ok && rs.D.Times.DatesStay && !strings.Contains(iv.Text, "micro") {
			t = tDate
		}
	}
	name := "add_interval"
	if op == "-" {
		name = "sub_interval"
	}
	return Call(name, t, l, r)
}

func (rs *Rules) scaleInterval(l, r typed.Expr, at syntax.Pos) typed.Expr {
	if r.Type().Kind == typed.Interval {
		l, r = r, l
	}
	return Call("interval_mul", typed.T(typed.Interval), l, rs.Coerce(r, Double, Implicit, at))
}

// Interval binds INTERVAL. A number of units may be any expression.
func (rs *Rules) Interval(x *syntax.Interval, value func() typed.Expr) typed.Expr {
	l, ok := x.Value.(*syntax.Literal)
	if ok && l.Kind != syntax.Null {
		v, fault := intervalOf(l.Text, x.Unit, x.To)
		if fault != convert.None {
			return rs.failFault(fault, x.At, l.Text, typed.T(typed.Interval))
		}
		return intervalLit(v)
	}
	if x.Unit == "" {
		return rs.Fail(x.At, "INTERVAL needs a unit")
	}
	n := rs.Coerce(value(), Bigint, Implicit, x.At)
	return Call("make_interval_"+x.Unit, typed.T(typed.Interval), n)
}

// intervalOf reads the text of INTERVAL 'text' unit [TO unit].
func intervalOf(text, unit, to string) (convert.Interval, convert.Fault) {
	text = strings.TrimSpace(text)
	switch {
	case unit == "year" && to == "month":
		y, m, ok := strings.Cut(strings.TrimLeft(text, "+-"), "-")
		if !ok {
			return convert.Interval{}, convert.Syntax
		}
		sign := ""
		if strings.HasPrefix(text, "-") {
			sign = "-"
		}
		text = sign + y + " years " + sign + m + " months"
	case unit == "day" && to != "":
		d, clock, ok := strings.Cut(text, " ")
		if !ok {
			return convert.Interval{}, convert.Syntax
		}
		if !strings.Contains(clock, ":") {
			clock += ":00"
		}
		if strings.HasPrefix(d, "-") && !strings.HasPrefix(clock, "-") {
			clock = "-" + clock
		}
		text = d + " days " + clock
	}
	return convert.ParseIntervalUnit([]byte(text), cmp.Or(unit, "second"))
}

// AtTimeZone is x AT TIME ZONE zone: a timestamp is read as local time there, a timestamptz is shown as local time there.
func (rs *Rules) AtTimeZone(at syntax.Pos, zone, x typed.Expr) typed.Expr {
	zone = rs.zone(zone, at)
	switch x.Type().Kind {
	case typed.Timestamptz:
		return Call("to_local", tStamp, zone, x)
	case typed.Time, typed.Timetz:
		return rs.FailAs(syntax.Unsupported, at, "AT TIME ZONE of a time is not supported")
	}
	return Call("from_local", typed.T(typed.Timestamptz), zone, rs.Coerce(x, tStamp, Implicit, at))
}

// zone checks a constant zone.
func (rs *Rules) zone(x typed.Expr, at syntax.Pos) typed.Expr {
	x = rs.Coerce(x, rs.Text(), Implicit, at)
	if l, ok := x.(*typed.Literal); ok && !l.Null {
		if _, ok := rs.D.Casts.Rules.Zone(l.Text); !ok {
			return rs.FailAs(syntax.BadArgument, at, "time zone %q is not known", l.Text)
		}
	}
	return x
}

func timezone(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	args := rs.args(f, arg, 2, 2)
	if args == nil {
		return Null(tStamp)
	}
	return rs.AtTimeZone(f.At, args[0], args[1])
}

func convertTimezone(rs *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := rs.args(f, arg, 2, 3)
	if a == nil {
		return Null(tStamp)
	}
	src := typed.Expr(Lit(rs.Text(), "UTC"))
	if len(a) == 3 {
		src = a[0]
		a = a[1:]
	}
	x := rs.Coerce(a[1], tStamp, Implicit, f.At)
	return Call("to_local", tStamp, rs.zone(a[0], f.At), Call("from_local", typed.T(typed.Timestamptz), rs.zone(src, f.At), x))
}
