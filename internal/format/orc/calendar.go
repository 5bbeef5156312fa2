package orc

import "time"

// gregorianStart is 1582-10-15, the first day of the Gregorian calendar in the hybrid one, from 1970-01-01.
const gregorianStart = -141427

const secondsOfDay = 86400

// prolepticDay takes a day before gregorianStart by the date that the hybrid calendar shows for it, which is a Julian one, and returns the
// day that has the same date in the proleptic Gregorian calendar: what a reader sees is what the writer saw. 29 February of a year that is
// no leap year there becomes 1 March.
func prolepticDay(day int64) int64 {
	c := day + 2440588 + 32082 // from 1 March -4800
	years := floorDiv(4*c+3, 1461)
	rest := c - floorDiv(1461*years, 4)
	m := (5*rest + 2) / 153 // from March
	d := rest - (153*m+2)/5 + 1
	return floorDiv(time.Date(int(years-4800+m/10), time.Month(m+3-12*(m/10)), int(d), 0, 0, 0, 0, time.UTC).Unix(), secondsOfDay)
}

// prolepticMicros is prolepticDay for a time of the clock.
func prolepticMicros(micros int64) int64 {
	day := floorDiv(micros, secondsOfDay*1e6)
	if day >= gregorianStart {
		return micros
	}
	return micros + (prolepticDay(day)-day)*secondsOfDay*1e6
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
