package rules

import (
	"fmt"
	"strconv"
	"strings"

	"penstock/internal/sql/nearest"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// dateParts maps the spellings of date parts to one name each.
var dateParts = spellings(map[string]string{
	"millennium": "millennium millennia mil mils", "century": "century centuries c cent cents", "decade": "decade decades dec decs", "epoch": "epoch",
	"year": "year years y yr yrs yyyy yy", "quarter": "quarter quarters qtr qtrs", "month": "month months mon mons mm", "week": "week weeks w weekofyear",
	"dow": "dow dw weekday dayofweek", "doy": "doy dy yearday dayofyear", "day": "day days d dayofmonth dd", "hour": "hour hours h hr hrs", "minute": "minute minutes m min mins mi",
	"second": "second seconds s sec secs", "millisecond": "millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon",
	"microsecond": "microsecond microseconds us usec usecs usecond useconds microsec microsecs microsecon", "timezone": "timezone", "timezone_hour": "timezone_hour",
	"timezone_minute": "timezone_minute",
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
func (b *Rules) datePart(f *syntax.Func, i int) string {
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
		b.Fail(f.Args[i].Position(), "%s is no date part%s", strconv.Quote(text), hint)
		return "day"
	}
	return part
}

func extract(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 2 {
		return b.Fail(f.At, "%s takes a date part and a value", Upper(f.Name.Last().Name))
	}
	part := b.datePart(f, 0)
	x := b.Instant(arg(1), f.Args[1].Position())
	if x.Type().Kind == typed.Super {
		return b.Fail(f.At, "EXTRACT from a SUPER value needs a CAST")
	}
	op, t := b.D.Times.Part(part)
	return Call(op, t, x)
}

func dateTrunc(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 2 {
		return b.Fail(f.At, "DATE_TRUNC takes a date part and a value")
	}
	part := b.datePart(f, 0)
	x := arg(1)
	if x.Type().Kind == typed.Date || x.Type().IsText() || !x.Type().Known() {
		x = b.Coerce(x, tStamp, Implicit, f.At)
	}
	t := x.Type()
	if !t.IsInstant() && t.Kind != typed.Interval && t.Kind != typed.Unknown {
		return b.FailAs(syntax.Mismatch, f.Args[1].Position(), "DATE_TRUNC takes a date or timestamp, this is %s", t)
	}
	return Call("date_trunc", t, Lit(b.Text(), part), x)
}

func truncSpark(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 2 {
		return b.Fail(f.At, "TRUNC takes a date and a format")
	}
	part := b.datePart(f, 1)
	x := b.Coerce(arg(0), tDate, Implicit, f.At)
	return &typed.Cast{Ty: typed.Ty{T: tDate}, X: Call("date_trunc", tStamp, Lit(b.Text(), part), &typed.Cast{Ty: typed.Ty{T: tStamp}, X: x})}
}

// truncRedshift truncates a timestamp to its date, or a number.
func truncRedshift(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 1, 2)
	if a == nil {
		return Null(Double)
	}
	if len(a) == 1 && a[0].Type().IsInstant() {
		return b.Coerce(a[0], tDate, explicit, f.At)
	}
	x := b.Number(a[0], f.Args[0].Position())
	places := "0"
	if len(a) == 2 {
		places, _ = b.constant(a[1], f, 1)
	}
	if x.Type().Kind == typed.Decimal {
		return Call("trunc_decimal", x.Type(), x, Lit(Int, places))
	}
	if x.Type().IsInt() && !strings.HasPrefix(places, "-") {
		return x
	}
	return Call("trunc_double", x.Type(), x, Lit(Int, places))
}

// sparkDateAdd is DATE_ADD(date, days), or dateAdd.
func sparkDateAdd(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 2 {
		x, n := b.Coerce(arg(0), tDate, Implicit, f.At), b.Coerce(arg(1), Int, Implicit, f.At)
		return Call("date_add_days", tDate, x, n)
	}
	return dateAdd(b, f, arg)
}

// dateAdd is DATEADD(part, n, x).
func dateAdd(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) != 3 {
		return b.Fail(f.At, "%s takes a date part, a number and a value", Upper(f.Name.Last().Name))
	}
	part := b.datePart(f, 0)
	n := b.Coerce(arg(1), Bigint, Implicit, f.Args[1].Position())
	x := arg(2)
	if !x.Type().IsClock() && x.Type().Kind != typed.Timestamptz {
		x = b.Coerce(x, tStamp, Implicit, f.Args[2].Position())
	}
	switch part {
	case "epoch", "dow", "doy", "timezone", "timezone_hour", "timezone_minute":
		return b.FailAs(syntax.NoFunction, f.Args[0].Position(), "DATEADD cannot add %q", part)
	}
	if x.Type().IsClock() {
		switch part {
		case "hour", "minute", "second", "millisecond", "microsecond":
		default:
			return b.FailAs(syntax.NoFunction, f.Args[0].Position(), "DATEADD cannot add %q to a time", part)
		}
	}
	return Call("date_add_"+part, x.Type(), n, x)
}

// sparkDateDiff is DATEDIFF(end, start) in days, or dateDiff in whole units.
func sparkDateDiff(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	if len(f.Args) == 2 {
		l, r := b.Coerce(arg(0), tDate, Implicit, f.At), b.Coerce(arg(1), tDate, Implicit, f.At)
		return Call("day_diff", Int, l, r)
	}
	return b.dateDiff(f, arg, "sub_diff")
}

// dateDiff is DATEDIFF(part, a, b); op counts boundaries or whole units.
func dateDiff(op string) SpecialFunc {
	return func(b *Rules, f *syntax.Func, arg Arg) typed.Expr { return b.dateDiff(f, arg, op) }
}

func (b *Rules) dateDiff(f *syntax.Func, arg Arg, op string) typed.Expr {
	if len(f.Args) != 3 {
		return b.Fail(f.At, "%s takes a date part and two values", Upper(f.Name.Last().Name))
	}
	part := b.datePart(f, 0)
	l, r := arg(1), arg(2)
	t := tStamp
	if l.Type().IsClock() || r.Type().IsClock() {
		t = typed.T(typed.Time)
	}
	l, r = b.Coerce(l, t, Implicit, f.Args[1].Position()), b.Coerce(r, t, Implicit, f.Args[2].Position())
	return Call(op, Bigint, Lit(b.Text(), part), l, r)
}

// timeArith binds + and - with dates, times and intervals; nil when neither operand is one.
func (b *Rules) timeArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
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
		return b.addInterval(op, l, r)
	case lt.Kind == typed.Date && (rt.IsInt() || IsFree(r) && !b.D.Types.LiteralsAdapt):
		n := b.Coerce(r, Int, Implicit, at)
		if op == "-" {
			return Call("date_sub_days", tDate, l, n)
		}
		return Call("date_add_days", tDate, l, n)
	case op == "+" && lt.Kind == typed.Date && rt.Kind == typed.Time:
		return Call("date_plus_time", tStamp, l, r)
	case op == "+" && lt.Kind == typed.Date && rt.Kind == typed.Timetz:
		return Call("date_plus_timetz", typed.T(typed.Timestamptz), l, r)
	case op == "-":
		return b.timeMinus(l, r, at)
	}
	return b.FailAs(syntax.NoFunction, at, "operator %s is not defined for %s and %s", op, lt, rt)
}

func (b *Rules) timeMinus(l, r typed.Expr, at syntax.Pos) typed.Expr {
	lt, rt := l.Type(), r.Type()
	if IsFree(l) || IsFree(r) {
		l, r = b.Pair(l, r, at, "-")
		lt, rt = l.Type(), r.Type()
	}
	switch {
	case lt.Kind == typed.Date && rt.Kind == typed.Date && b.D.Times.DateMinusDate:
		return Call("day_diff", Bigint, l, r)
	case lt.IsInstant() && rt.IsInstant():
		return Call("timestamp_minus", typed.T(typed.Interval), b.Coerce(l, tStamp, Implicit, at), b.Coerce(r, tStamp, Implicit, at))
	case lt.Kind == typed.Time && rt.Kind == typed.Time:
		return Call("time_minus", typed.T(typed.Interval), l, r)
	}
	return b.FailAs(syntax.NoFunction, at, "operator - is not defined for %s and %s", lt, rt)
}

// addInterval adds an interval; in Spark a date stays a date when the interval has no hours.
func (b *Rules) addInterval(op string, l, r typed.Expr) typed.Expr {
	t := l.Type()
	if t.Kind == typed.Date {
		t = tStamp
		if iv, ok := r.(*typed.Literal); ok && b.D.Times.DatesStay && !strings.ContainsAny(strings.ReplaceAll(iv.Text, "months", ""), "hus") {
			t = tDate
		}
	}
	name := "add_interval"
	if op == "-" {
		name = "sub_interval"
	}
	return Call(name, t, l, r)
}

func (b *Rules) scaleInterval(l, r typed.Expr, at syntax.Pos) typed.Expr {
	if r.Type().Kind == typed.Interval {
		l, r = r, l
	}
	return Call("interval_mul", typed.T(typed.Interval), l, b.Coerce(r, Double, Implicit, at))
}

// Interval binds INTERVAL. A constant becomes text like "1 month 2 days"; a number of units may be any expression.
func (b *Rules) Interval(x *syntax.Interval, value func() typed.Expr) typed.Expr {
	t := typed.T(typed.Interval)
	l, ok := x.Value.(*syntax.Literal)
	if ok && l.Kind != syntax.Null {
		text := l.Text
		unit := x.Unit
		if x.To != "" {
			unit = x.Unit + " to " + x.To
		}
		parts, err := intervalParts(text, unit)
		if err != nil {
			return b.FailBy(syntax.BadValue, x.At, err)
		}
		return Lit(t, parts)
	}
	if x.Unit == "" {
		return b.Fail(x.At, "INTERVAL needs a unit")
	}
	n := b.Coerce(value(), Bigint, Implicit, x.At)
	return Call("make_interval_"+x.Unit, t, n)
}

// intervalParts reads an interval's text: "1 day 02:30:00", "5" with a unit, "1-6" year to month, "1 2:03:04" day to second.
func intervalParts(text, unit string) (string, error) {
	text = strings.TrimSpace(text)
	bad := fmt.Errorf("%q is no valid interval", text)
	if strings.Contains(unit, " to ") {
		return intervalRange(text, unit, bad)
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text + " " + orElse(unit, "second") + "s", nil
	}
	var out []string
	words := strings.Fields(strings.ReplaceAll(text, ",", " "))
	for i := 0; i < len(words); i++ {
		w := words[i]
		if strings.Contains(w, ":") {
			clock, rest, ok := readClock(strings.TrimLeft(w, "+-"))
			if !ok || rest != "" {
				return "", bad
			}
			hms := strings.SplitN(clock, ":", 3)
			sign := ""
			if w[0] == '-' {
				sign = "-"
			}
			out = append(out, sign+hms[0]+" hours", sign+hms[1]+" minutes", sign+hms[2]+" seconds")
			continue
		}
		num := strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
		word := strings.ToLower(w[len(num):])
		if word == "" && i+1 < len(words) {
			i++
			word = strings.ToLower(words[i])
		}
		part, ok := dateParts[word]
		if _, err := strconv.ParseFloat(num, 64); err != nil || !ok {
			return "", bad
		}
		out = append(out, num+" "+part+"s")
	}
	if len(out) == 0 {
		return "", bad
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.Join(out, " "), "centurys", "centuries"), "millenniums", "millennia"), nil
}

func intervalRange(text, unit string, bad error) (string, error) {
	if unit == "year to month" {
		y, m, ok := strings.Cut(strings.TrimLeft(text, "+-"), "-")
		if !ok {
			return "", bad
		}
		sign := ""
		if strings.HasPrefix(text, "-") {
			sign = "-"
		}
		return intervalParts(sign+y+" years "+sign+m+" months", "")
	}
	if strings.HasPrefix(unit, "day to") {
		d, clock, ok := strings.Cut(text, " ")
		if !ok {
			return "", bad
		}
		if !strings.Contains(clock, ":") {
			clock += ":00"
		}
		return intervalParts(d+" days "+clock, "")
	}
	return intervalParts(text, "")
}

// atTimeZone is x AT TIME ZONE zone: a timestamp is read as local time there, a timestamptz is shown as local time there.
func (b *Rules) AtTimeZone(at syntax.Pos, zone, x typed.Expr) typed.Expr {
	zone = b.zone(zone, at)
	switch x.Type().Kind {
	case typed.Timestamptz:
		return Call("to_local", tStamp, zone, x)
	case typed.Time, typed.Timetz:
		return b.FailAs(syntax.Unsupported, at, "AT TIME ZONE of a time is not supported")
	}
	return Call("from_local", typed.T(typed.Timestamptz), zone, b.Coerce(x, tStamp, Implicit, at))
}

// zone checks a constant zone; abbreviations become fixed offsets.
func (b *Rules) zone(x typed.Expr, at syntax.Pos) typed.Expr {
	x = b.Coerce(x, b.Text(), Implicit, at)
	l, ok := x.(*typed.Literal)
	if !ok || l.Null {
		return x
	}
	if _, ok := zoneOffset(l.Text, "2000-01-15 00:00:00"); !ok {
		return b.FailAs(syntax.BadArgument, at, "time zone %q is not known", l.Text)
	}
	if d, ok := abbreviations[Upper(l.Text)]; ok && d != 0 {
		sign := "-" // the names of fixed offsets count westward
		if d < 0 {
			sign, d = "+", -d
		}
		return Lit(l.T, fmt.Sprintf("Etc/GMT%s%d", sign, int(d.Hours())))
	}
	return l
}

func timezone(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	args := b.args(f, arg, 2, 2)
	if args == nil {
		return Null(tStamp)
	}
	return b.AtTimeZone(f.At, args[0], args[1])
}

func convertTimezone(b *Rules, f *syntax.Func, arg Arg) typed.Expr {
	a := b.args(f, arg, 2, 3)
	if a == nil {
		return Null(tStamp)
	}
	src := typed.Expr(Lit(b.Text(), "UTC"))
	if len(a) == 3 {
		src = a[0]
		a = a[1:]
	}
	x := b.Coerce(a[1], tStamp, Implicit, f.At)
	return Call("to_local", tStamp, b.zone(a[0], f.At), Call("from_local", typed.T(typed.Timestamptz), b.zone(src, f.At), x))
}
