package cron

import (
	"fmt"
	"time"
)

// glueLeast is the shortest time between two starts that Glue's schedules may have.
const glueLeast = 5 * time.Minute

// Glue reads a schedule of Glue, whose times lie at least five minutes apart.
func Glue(text string) (Schedule, error) {
	s, err := Parse(text)
	if err != nil {
		return s, err
	}
	if d := s.Shortest(); d < glueLeast {
		return s, fmt.Errorf("%q fires again after %d minutes; rates faster than 5 minutes are not supported", text, int(d.Minutes()))
	}
	return s, nil
}

// Shortest is the shortest time between two times at which the schedule fires, at most a day.
func (s Schedule) Shortest() time.Duration {
	const day = 24 * 60
	first, last, least := -1, 0, day
	for h := range 24 {
		for m := range 60 {
			if !has(s.hours, h) || !has(s.minutes, m) {
				continue
			}
			at := h*60 + m
			if first < 0 {
				first = at
			} else {
				least = min(least, at-last)
			}
			last = at
		}
	}
	if night := first + day - last; night < least && s.onTwoDays() {
		least = night
	}
	return time.Duration(least) * time.Minute
}

// onTwoDays reports whether the schedule fires on two days that follow each other.
func (s Schedule) onTwoDays() bool {
	before := false
	for t := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() <= lastYear; t = t.AddDate(0, 0, 1) {
		fires := s.inYear(t.Year()) && has(s.months, int(t.Month())) && s.days.fires(t)
		if fires && before {
			return true
		}
		before = fires
	}
	return false
}
