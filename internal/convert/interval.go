package convert

import (
	"math"
	"strconv"
	"strings"
)

// An Interval keeps months, days and micros apart, as its arithmetic does.
type Interval struct {
	Months, Days int32
	Micros       int64
}

// unit is what one of a part of an interval is.
type unit struct{ months, days, micros int64 }

var units = map[string]unit{"millennium": {months: 12000}, "century": {months: 1200}, "decade": {months: 120}, "year": {months: 12},
	"quarter": {months: 3}, "month": {months: 1}, "week": {days: 7}, "day": {days: 1}, "hour": {micros: Hour}, "minute": {micros: Minute},
	"second": {micros: Second}, "millisecond": {micros: 1000}, "microsecond": {micros: 1}}

var unitWords = func() map[string]string {
	out := map[string]string{}
	for name, words := range map[string]string{"millennium": "millennium millennia millenniums mil mils",
		"century": "century centuries centurys c cent cents", "decade": "decade decades dec decs", "year": "year years y yr yrs",
		"quarter": "quarter quarters qtr qtrs", "month": "month months mon mons", "week": "week weeks w", "day": "day days d",
		"hour": "hour hours h hr hrs", "minute": "minute minutes m min mins", "second": "second seconds s sec secs",
		"millisecond": "millisecond milliseconds ms msec msecs mseconds", "microsecond": "microsecond microseconds us usec usecs useconds"} {
		for _, w := range strings.Fields(words) {
			out[w] = name
		}
	}
	return out
}()

// sum adds up the parts of an interval, exactly.
type sum struct{ months, days, micros int64 }

// maxParts keeps every sum of parts far from an overflow.
const maxParts = 1 << 40

// add adds a number of units; a fraction of a month counts as days of 30 to the month, one of a day as time.
func (t *sum) add(x float64, u unit) bool {
	if math.Abs(x)*float64(u.months+u.days) > maxParts || math.Abs(x)*float64(u.micros) > 1<<62 {
		return false
	}
	whole, frac := math.Modf(x)
	t.months += int64(whole) * u.months
	t.days += int64(whole) * u.days
	t.micros += int64(whole) * u.micros
	if frac == 0 {
		return true
	}
	months := frac * float64(u.months)
	wholeMonths := math.Trunc(months)
	t.months += int64(wholeMonths)
	days := (months-wholeMonths)*30 + frac*float64(u.days)
	wholeDays := math.Trunc(days)
	t.days += int64(wholeDays)
	t.micros += int64(math.RoundToEven((days-wholeDays)*Day + frac*float64(u.micros)))
	return true
}

func (t sum) interval() (Interval, Fault) {
	if t.months != int64(int32(t.months)) || t.days != int64(int32(t.days)) {
		return Interval{}, Range
	}
	return Interval{int32(t.months), int32(t.days), t.micros}, None
}

// ParseInterval reads "1 day 02:30:00", "1 year 2 mons", "3 hours ago", "5" (seconds).
func ParseInterval(s []byte) (Interval, Fault) { return ParseIntervalUnit(s, "second") }

// ParseIntervalUnit is ParseInterval where a number without a word counts as a unit.
func ParseIntervalUnit(s []byte, plain string) (Interval, Fault) {
	var t sum
	words := strings.Fields(strings.ReplaceAll(strings.ToLower(string(s)), ",", " "))
	ago := len(words) > 1 && words[len(words)-1] == "ago"
	if ago {
		words = words[:len(words)-1]
	}
	if len(words) > 0 && words[0] == "@" {
		words = words[1:]
	}
	if len(words) == 0 {
		return Interval{}, Syntax
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		if strings.Contains(w, ":") {
			if !t.clock(w) {
				return Interval{}, Syntax
			}
			continue
		}
		num := strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyz")
		name := w[len(num):]
		switch {
		case name == "" && i+1 < len(words) && words[i+1][0] >= 'a':
			i++
			name = words[i]
		case name == "" && len(words) == 1:
			name = plain
		case name == "" && i+1 < len(words) && strings.Contains(words[i+1], ":"):
			name = "day"
		}
		u, ok := units[unitWords[name]]
		if n, valid := scan([]byte(num)); !ok || !valid || n.exp != 0 {
			return Interval{}, Syntax
		}
		x, err := strconv.ParseFloat(num, 64)
		if err != nil || !t.add(x, u) {
			return Interval{}, Range
		}
	}
	if ago {
		t = sum{-t.months, -t.days, -t.micros}
	}
	return t.interval()
}

// clock reads [-]h:mm[:ss[.f]]; the hours may be any number.
func (t *sum) clock(w string) bool {
	sign := int64(1)
	if w[0] == '-' || w[0] == '+' {
		if w[0] == '-' {
			sign = -1
		}
		w = w[1:]
	}
	h, rest, _ := strings.Cut(w, ":")
	hours, err := strconv.ParseUint(h, 10, 31)
	var m moment
	if err != nil || m.timeField([]byte("00:"+rest)) != None {
		return false
	}
	t.micros += sign * (int64(hours)*Hour + m.clock)
	return true
}

// AppendInterval writes 1 year 2 mons 3 days 04:05:06.5, as PostgreSQL does.
func AppendInterval(dst []byte, v Interval) []byte {
	from := len(dst)
	part := func(n int64, one string) {
		if n == 0 {
			return
		}
		if len(dst) > from {
			dst = append(dst, ' ')
		}
		dst = append(strconv.AppendInt(dst, n, 10), ' ')
		if dst = append(dst, one...); n != 1 {
			dst = append(dst, 's')
		}
	}
	part(int64(v.Months/12), "year")
	part(int64(v.Months%12), "mon")
	part(int64(v.Days), "day")
	if v.Micros == 0 && len(dst) > from {
		return dst
	}
	if len(dst) > from {
		dst = append(dst, ' ')
	}
	u := uint64(v.Micros)
	if v.Micros < 0 {
		dst, u = append(dst, '-'), -u
	}
	dst = appendPadded(dst, int(u/Hour), 2)
	dst = append2(append(dst, ':'), int(u/Minute%60))
	dst = append2(append(dst, ':'), int(u/Second%60))
	return appendFraction(dst, int(u%Second))
}
