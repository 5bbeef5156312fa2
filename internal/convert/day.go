package convert

// Days of months, of a year that is no leap year.
var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

// daysIn is the length of a month.
func daysIn(y, m int) int {
	if m == 2 && leap(y) {
		return 29
	}
	return monthDays[m]
}

// validDay reports whether the day exists; year 0 is 1 BC.
func validDay(y, m, d int) bool { return m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m) }

// dayNumber is the day's number from 1970-01-01 in the Gregorian calendar. Month and day may overflow.
func dayNumber(y, m, d int) int {
	y += floorDiv(m-1, 12)
	m = floorMod(m-1, 12) + 1
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp + 2) / 5
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468 + d - 1
}

// civil is the inverse of dayNumber.
func civil(day int) (y, m, d int) {
	z := day + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	y = yoe + era*400
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	if mp < 10 {
		m = mp + 3
	} else {
		m = mp - 9
	}
	if m <= 2 {
		y++
	}
	return y, m, d
}

// weekday counts from Sunday, 0.
func weekday(day int) int { return floorMod(day+4, 7) }

func dayOfYear(day int) int {
	y, _, _ := civil(day)
	return day - dayNumber(y, 1, 1) + 1
}

// isoWeek is the week of the ISO calendar and the year that it belongs to.
func isoWeek(day int) (year, week int) {
	thursday := day - floorMod(day+3, 7) + 3
	year, _, _ = civil(thursday)
	return year, (thursday-dayNumber(year, 1, 1))/7 + 1
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int) int { return a - floorDiv(a, b)*b }

// Micros of a day and its parts.
const (
	Second = 1_000_000
	Minute = 60 * Second
	Hour   = 60 * Minute
	Day    = 24 * Hour
)

// Bounds of the days that the engine holds as timestamps.
const (
	minDay = -106_751_990
	maxDay = 106_751_990
)

func append2(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// appendPadded writes n with at least width digits.
func appendPadded(dst []byte, n, width int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	var buf [20]byte
	i := len(buf)
	for n > 0 || i == len(buf) {
		i--
		buf[i] = byte('0' + n%10)
		n /= 10
	}
	for len(buf)-i < width {
		i--
		buf[i] = '0'
	}
	return append(dst, buf[i:]...)
}

// AppendDate writes yyyy-mm-dd.
func AppendDate(dst []byte, day int) []byte {
	y, m, d := civil(day)
	if y <= 0 {
		return append(appendDay(dst, 1-y, m, d), " (BC)"...)
	}
	return appendDay(dst, y, m, d)
}

func appendDay(dst []byte, y, m, d int) []byte {
	dst = append(appendPadded(dst, y, 4), '-')
	return append2(append(append2(dst, m), '-'), d)
}

// AppendTime writes hh:mm:ss with as much of a fraction as there is.
func AppendTime(dst []byte, micros int64) []byte {
	s := int(micros / Second)
	dst = append(append2(dst, s/3600), ':')
	dst = append(append2(dst, s/60%60), ':')
	dst = append2(dst, s%60)
	return appendFraction(dst, int(micros%Second))
}

func appendFraction(dst []byte, micros int) []byte {
	if micros == 0 {
		return dst
	}
	dst = appendPadded(append(dst, '.'), micros, 6)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// AppendTimestamp writes a date, a blank and a time.
func AppendTimestamp(dst []byte, micros int64) []byte {
	day := floorDiv(int(micros), Day)
	dst = append(AppendDate(dst, day), ' ')
	return AppendTime(dst, micros-int64(day)*Day)
}
