package bind

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
func (b *binder) datePart(f *syntax.Func, i int) string {
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
		b.fail(f.Args[i].Position(), "%s is no date part%s", strconv.Quote(text), hint)
		return "day"
	}
	return part
}

func extract(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) != 2 {
		return b.fail(f.At, "%s takes a date part and a value", upper(f.Name.Last().Name))
	}
	part := b.datePart(f, 0)
	x := b.instant(b.expr(f.Args[1], s), f.Args[1].Position())
	t := tInt
	switch {
	case part == "epoch":
		t = tDouble
		if b.redshift() {
			t = tBigint
		}
	case part == "second" && !b.redshift():
		t = typed.Dec(8, 6)
	case part == "dow" && !b.redshift():
		return call("spark_dayofweek", tInt, x)
	}
	if x.Type().Kind == typed.Super {
		return b.fail(f.At, "EXTRACT from a SUPER value needs a CAST")
	}
	return call("extract_"+part, t, x)
}

func dateTrunc(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) != 2 {
		return b.fail(f.At, "DATE_TRUNC takes a date part and a value")
	}
	part := b.datePart(f, 0)
	x := b.expr(f.Args[1], s)
	if x.Type().Kind == typed.Date || x.Type().IsText() || !x.Type().Known() {
		x = b.coerce(x, tStamp, implicit, f.At)
	}
	t := x.Type()
	if !t.IsInstant() && t.Kind != typed.Interval && t.Kind != typed.Unknown {
		return b.fail(f.Args[1].Position(), "DATE_TRUNC takes a date or timestamp, this is %s", t)
	}
	return call("date_trunc", t, lit(b.text(), part), x)
}

func truncSpark(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) != 2 {
		return b.fail(f.At, "TRUNC takes a date and a format")
	}
	part := b.datePart(f, 1)
	x := b.coerce(b.expr(f.Args[0], s), tDate, implicit, f.At)
	return &typed.Cast{Ty: typed.Ty{T: tDate}, X: call("date_trunc", tStamp, lit(b.text(), part), &typed.Cast{Ty: typed.Ty{T: tStamp}, X: x})}
}

// truncRedshift truncates a timestamp to its date, or a number.
func truncRedshift(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 1, 2)
	if a == nil {
		return null(tDouble)
	}
	if len(a) == 1 && a[0].Type().IsInstant() {
		return b.coerce(a[0], tDate, explicit, f.At)
	}
	x := b.number(a[0], f.Args[0].Position())
	places := "0"
	if len(a) == 2 {
		places, _ = b.constant(a[1], f, 1)
	}
	if x.Type().Kind == typed.Decimal {
		return call("trunc_decimal", x.Type(), x, lit(tInt, places))
	}
	if x.Type().IsInt() && !strings.HasPrefix(places, "-") {
		return x
	}
	return call("trunc_double", x.Type(), x, lit(tInt, places))
}

// dateAdd is DATEADD(part, n, x); with two arguments it is Spark's DATE_ADD(date, days).
func dateAdd(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) == 2 && !b.redshift() {
		x, n := b.coerce(b.expr(f.Args[0], s), tDate, implicit, f.At), b.coerce(b.expr(f.Args[1], s), tInt, implicit, f.At)
		return call("date_add_days", tDate, x, n)
	}
	if len(f.Args) != 3 {
		return b.fail(f.At, "%s takes a date part, a number and a value", upper(f.Name.Last().Name))
	}
	part := b.datePart(f, 0)
	n := b.coerce(b.expr(f.Args[1], s), tBigint, implicit, f.Args[1].Position())
	x := b.expr(f.Args[2], s)
	if !x.Type().IsClock() && x.Type().Kind != typed.Timestamptz {
		x = b.coerce(x, tStamp, implicit, f.Args[2].Position())
	}
	switch part {
	case "epoch", "dow", "doy", "timezone", "timezone_hour", "timezone_minute":
		return b.fail(f.Args[0].Position(), "DATEADD cannot add %q", part)
	}
	if x.Type().IsClock() {
		switch part {
		case "hour", "minute", "second", "millisecond", "microsecond":
		default:
			return b.fail(f.Args[0].Position(), "DATEADD cannot add %q to a time", part)
		}
	}
	return call("date_add_"+part, x.Type(), n, x)
}

// dateDiff is DATEDIFF(part, a, b); with two arguments it is Spark's DATEDIFF(end, start) in days.
func dateDiff(b *binder, f *syntax.Func, s *scope) typed.Expr {
	if len(f.Args) == 2 && !b.redshift() {
		l, r := b.coerce(b.expr(f.Args[0], s), tDate, implicit, f.At), b.coerce(b.expr(f.Args[1], s), tDate, implicit, f.At)
		return call("day_diff", tInt, l, r)
	}
	if len(f.Args) != 3 {
		return b.fail(f.At, "%s takes a date part and two values", upper(f.Name.Last().Name))
	}
	part := b.datePart(f, 0)
	l, r := b.expr(f.Args[1], s), b.expr(f.Args[2], s)
	t := tStamp
	if l.Type().IsClock() || r.Type().IsClock() {
		t = typed.T(typed.Time)
	}
	l, r = b.coerce(l, t, implicit, f.Args[1].Position()), b.coerce(r, t, implicit, f.Args[2].Position())
	if !b.redshift() {
		return call("sub_diff", tBigint, lit(b.text(), part), l, r)
	}
	return call("date_diff", tBigint, lit(b.text(), part), l, r)
}

// timeArith binds + and - with dates, times and intervals; nil when neither operand is one.
func (b *binder) timeArith(op string, l, r typed.Expr, at syntax.Pos) typed.Expr {
	lt, rt := l.Type(), r.Type()
	temporal := func(t typed.Type) bool { return t.IsInstant() || t.IsClock() || t.Kind == typed.Interval }
	if !temporal(lt) && !temporal(rt) {
		return nil
	}
	if lt.Kind == typed.Unknown || rt.Kind == typed.Unknown {
		if _, ok := r.(*typed.Param); !ok {
			return call("unknown", typed.T(typed.Unknown), l, r)
		}
	}
	if op == "+" && (lt.IsNumeric() || lt.IsClock() && rt.Kind == typed.Date || lt.Kind == typed.Interval && rt.Kind != typed.Interval) {
		l, r, lt, rt = r, l, rt, lt
	}
	switch {
	case lt.Kind == typed.Interval && rt.Kind == typed.Interval:
		return call("interval"+op, lt, l, r)
	case lt.Kind == typed.Interval:
		break
	case rt.Kind == typed.Interval:
		return b.addInterval(op, l, r)
	case lt.Kind == typed.Date && (rt.IsInt() || isFree(r) && !b.redshift()):
		n := b.coerce(r, tInt, implicit, at)
		if op == "-" {
			return call("date_sub_days", tDate, l, n)
		}
		return call("date_add_days", tDate, l, n)
	case op == "+" && lt.Kind == typed.Date && rt.Kind == typed.Time:
		return call("date_plus_time", tStamp, l, r)
	case op == "+" && lt.Kind == typed.Date && rt.Kind == typed.Timetz:
		return call("date_plus_timetz", typed.T(typed.Timestamptz), l, r)
	case op == "-":
		return b.timeMinus(l, r, at)
	}
	return b.fail(at, "operator %s is not defined for %s and %s", op, lt, rt)
}

func (b *binder) timeMinus(l, r typed.Expr, at syntax.Pos) typed.Expr {
	lt, rt := l.Type(), r.Type()
	if isFree(l) || isFree(r) {
		l, r = b.pair(l, r, at, "-")
		lt, rt = l.Type(), r.Type()
	}
	switch {
	case lt.Kind == typed.Date && rt.Kind == typed.Date && b.redshift():
		return call("day_diff", tBigint, l, r)
	case lt.IsInstant() && rt.IsInstant():
		return call("timestamp_minus", typed.T(typed.Interval), b.coerce(l, tStamp, implicit, at), b.coerce(r, tStamp, implicit, at))
	case lt.Kind == typed.Time && rt.Kind == typed.Time:
		return call("time_minus", typed.T(typed.Interval), l, r)
	}
	return b.fail(at, "operator - is not defined for %s and %s", lt, rt)
}

// addInterval adds an interval; in Spark a date stays a date when the interval has no hours.
func (b *binder) addInterval(op string, l, r typed.Expr) typed.Expr {
	t := l.Type()
	if t.Kind == typed.Date {
		t = tStamp
		if iv, ok := r.(*typed.Literal); ok && !b.redshift() && !strings.ContainsAny(strings.ReplaceAll(iv.Text, "months", ""), "hus") {
			t = tDate
		}
	}
	name := "add_interval"
	if op == "-" {
		name = "sub_interval"
	}
	return call(name, t, l, r)
}

func (b *binder) scaleInterval(l, r typed.Expr, at syntax.Pos) typed.Expr {
	if r.Type().Kind == typed.Interval {
		l, r = r, l
	}
	return call("interval_mul", typed.T(typed.Interval), l, b.coerce(r, tDouble, implicit, at))
}

// interval binds INTERVAL. A constant becomes text like "1 month 2 days"; a number of units may be any expression.
func (b *binder) interval(x *syntax.Interval, s *scope) typed.Expr {
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
			return b.fail(x.At, "%v", err)
		}
		return lit(t, parts)
	}
	if x.Unit == "" {
		return b.fail(x.At, "INTERVAL needs a unit")
	}
	n := b.coerce(b.expr(x.Value, s), tBigint, implicit, x.At)
	return call("make_interval_"+x.Unit, t, n)
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
func (b *binder) atTimeZone(at syntax.Pos, zone, x typed.Expr) typed.Expr {
	zone = b.zone(zone, at)
	switch x.Type().Kind {
	case typed.Timestamptz:
		return call("to_local", tStamp, zone, x)
	case typed.Time, typed.Timetz:
		return b.fail(at, "AT TIME ZONE of a time is not supported")
	}
	return call("from_local", typed.T(typed.Timestamptz), zone, b.coerce(x, tStamp, implicit, at))
}

// zone checks a constant zone; abbreviations become fixed offsets.
func (b *binder) zone(x typed.Expr, at syntax.Pos) typed.Expr {
	x = b.coerce(x, b.text(), implicit, at)
	l, ok := x.(*typed.Literal)
	if !ok || l.Null {
		return x
	}
	if _, ok := zoneOffset(l.Text, "2000-01-15 00:00:00"); !ok {
		return b.fail(at, "time zone %q is not known", l.Text)
	}
	if d, ok := abbreviations[upper(l.Text)]; ok && d != 0 {
		sign := "-" // the names of fixed offsets count westward
		if d < 0 {
			sign, d = "+", -d
		}
		return lit(l.T, fmt.Sprintf("Etc/GMT%s%d", sign, int(d.Hours())))
	}
	return l
}

func convertTimezone(b *binder, f *syntax.Func, s *scope) typed.Expr {
	a := b.args(f, s, 2, 3)
	if a == nil {
		return null(tStamp)
	}
	src := typed.Expr(lit(b.text(), "UTC"))
	if len(a) == 3 {
		src = a[0]
		a = a[1:]
	}
	x := b.coerce(a[1], tStamp, implicit, f.At)
	return call("to_local", tStamp, b.zone(a[0], f.At), call("from_local", typed.T(typed.Timestamptz), b.zone(src, f.At), x))
}
