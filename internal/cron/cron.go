// Package cron reads the schedules of AWS, "cron(15 12 * * ? *)", and says when they fire: six fields (minutes, hours, day of month, month,
// day of week, year), in UTC, with AWS's wildcards , - * / ? L W and #. It starts nothing and knows no rate(...) and no at(...).
package cron

import (
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// A Schedule is the times at which an expression fires, each at the beginning of a minute.
type Schedule struct {
	text    string
	minutes uint64
	hours   uint64
	months  uint64
	years   [4]uint64 // from 1970
	days    days
}

// days are the days at which a schedule fires: those of the month, or of the week.
type days struct {
	ofMonth     uint64
	last        bool   // L: the last day of the month
	lastWeekday bool   // LW
	nearest     uint64 // nW: the weekday nearest to day n of the same month
	ofWeek      uint64 // 1 is Sunday
	lastOfWeek  uint64 // nL: the last such day of the month
	nth         [6]uint64
}

const (
	firstYear = 1970
	lastYear  = 2199
)

// String returns the expression.
func (s Schedule) String() string { return s.text }

// Parse reads an expression "cron(...)". The error says what is wrong with it.
func Parse(text string) (Schedule, error) {
	s := Schedule{text: text}
	inner, ok := strings.CutPrefix(text, "cron(")
	if ok {
		inner, ok = strings.CutSuffix(inner, ")")
	}
	if !ok {
		return s, fmt.Errorf("%q is not of the form cron(Minutes Hours Day-of-month Month Day-of-week Year)", text)
	}
	words := strings.Fields(inner)
	if len(words) != 6 {
		return s, fmt.Errorf("%q has %d fields; cron(Minutes Hours Day-of-month Month Day-of-week Year) has six", text, len(words))
	}
	for i, f := range fields() {
		if err := f.parse(words[i], s.taker(i)); err != nil {
			return s, fmt.Errorf("%s %q: %w", f.name, words[i], err)
		}
	}
	if (words[2] == "?") == (words[4] == "?") {
		return s, fmt.Errorf("%q: one of Day-of-month and Day-of-week must be ?, and only one", text)
	}
	return s, nil
}

// taker stores what a field says.
func (s *Schedule) taker(i int) func(item) {
	set := func(to *uint64) func(item) { return func(it item) { *to |= 1 << it.n } }
	return [...]func(item){set(&s.minutes), set(&s.hours), s.days.takeMonth, set(&s.months), s.days.takeWeek, func(it item) {
		s.years[(it.n-firstYear)/64] |= 1 << ((it.n - firstYear) % 64)
	}}[i]
}

func (d *days) takeMonth(it item) {
	switch it.mark {
	case markNone:
		d.ofMonth |= 1 << it.n
	case markLast:
		d.last = true
	case markLastWeekday:
		d.lastWeekday = true
	case markWeekday:
		d.nearest |= 1 << it.n
	}
}

func (d *days) takeWeek(it item) {
	switch it.mark {
	case markNone:
		d.ofWeek |= 1 << it.n
	case markLast:
		d.lastOfWeek |= 1 << it.n
	case markNth:
		d.nth[it.nth] |= 1 << it.n
	}
}

// Next returns when the schedule fires first after a time; false when it never does again.
func (s Schedule) Next(after time.Time) (time.Time, bool) {
	t := after.UTC().Truncate(time.Minute).Add(time.Minute)
	for t.Year() <= lastYear {
		y, m, d := t.Date()
		switch {
		case y < firstYear:
			t = time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
		case !s.inYear(y):
			t = time.Date(y+1, 1, 1, 0, 0, 0, 0, time.UTC)
		case !has(s.months, int(m)):
			t = time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
		default:
			if s.days.fires(t) {
				if h, min, ok := s.inDay(t.Hour(), t.Minute()); ok {
					return time.Date(y, m, d, h, min, 0, 0, time.UTC), true
				}
			}
			t = time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
		}
	}
	return time.Time{}, false
}

func has(set uint64, n int) bool { return set>>n&1 != 0 }

func (s Schedule) inYear(y int) bool { return has(s.years[(y-firstYear)/64], (y-firstYear)%64) }

// inDay is the first time of a day that is not before one.
func (s Schedule) inDay(hour, minute int) (h, m int, ok bool) {
	if has(s.hours, hour) {
		if rest := s.minutes >> minute << minute; rest != 0 {
			return hour, bits.TrailingZeros64(rest), true
		}
	}
	rest := s.hours >> (hour + 1) << (hour + 1)
	if rest == 0 {
		return 0, 0, false
	}
	return bits.TrailingZeros64(rest), bits.TrailingZeros64(s.minutes), true
}

// fires reports whether the day of t is one.
func (d *days) fires(t time.Time) bool {
	y, m, day := t.Date()
	week := int(t.Weekday()) + 1
	length := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if has(d.ofMonth, day) || d.last && day == length || has(d.ofWeek, week) ||
		has(d.lastOfWeek, week) && day+7 > length || has(d.nth[(day+6)/7], week) {
		return true
	}
	if week == 1 || week == 7 {
		return false
	}
	if d.lastWeekday && day == nearestWeekday(length, week-day, length) {
		return true
	}
	for n := max(1, day-2); n <= min(length, day+2); n++ {
		if has(d.nearest, n) && nearestWeekday(n, week-day, length) == day {
			return true
		}
	}
	return false
}

// nearestWeekday is the day from Monday to Friday of a month of so many days that is nearest to its day n. Day 0 of the month has the
// number zero in its week.
func nearestWeekday(n, zero, length int) int {
	switch week := ((n+zero-1)%7 + 7) % 7; {
	case week == 0 && n == length: // Sunday
		return n - 2
	case week == 0:
		return n + 1
	case week == 6 && n == 1:
		return n + 2
	case week == 6:
		return n - 1
	}
	return n
}
