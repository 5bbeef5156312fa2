package convert

// Boundaries counts the weeks (which begin on Sunday), decades, centuries or millennia that begin between two timestamps, as Redshift's
// DATEDIFF does.
func Boundaries(part string, from, to int64) int64 {
	of := func(micros int64) int64 {
		t := partsOf(micros)
		switch part {
		case "week":
			return int64(floorDiv(t.day+4, 7))
		case "decade":
			return int64(floorDiv(t.y, 10))
		case "century":
			return int64(floorDiv(t.y-1, 100))
		}
		return int64(floorDiv(t.y-1, 1000))
	}
	return of(to) - of(from)
}

var spans = map[string]int64{"week": 7 * Day, "day": Day, "hour": Hour, "minute": Minute, "second": Second,
	"millisecond": 1000, "microsecond": 1}

var spanMonths = map[string]int64{"millennium": 12000, "century": 1200, "decade": 120, "year": 12, "quarter": 3, "month": 1}

// WholeUnits counts the whole units between two timestamps, as java.time does: a month is over when day and time have come again.
func WholeUnits(part string, from, to int64) (int64, error) {
	if span, ok := spans[part]; ok {
		return (to - from) / span, nil
	}
	span, ok := spanMonths[part]
	if !ok {
		return 0, fail(CodeArgument, "a difference in units of %q is not supported", part)
	}
	a, b := partsOf(from), partsOf(to)
	months := int64(b.y*12+b.m) - int64(a.y*12+a.m)
	within := (b.d-a.d)*Day + b.clock - a.clock
	if months > 0 && within < 0 {
		months--
	} else if months < 0 && within > 0 {
		months++
	}
	return months / span, nil
}

// Scale multiplies an interval; a fraction of a month counts as days of 30 to the month, one of a day as time.
func (v Interval) Scale(x float64) (Interval, Fault) {
	var t sum
	if !t.add(x*float64(v.Months), units["month"]) || !t.add(x*float64(v.Days), units["day"]) ||
		!t.add(x*float64(v.Micros), units["microsecond"]) {
		return Interval{}, Range
	}
	return t.interval()
}
