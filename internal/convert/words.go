package convert

import (
	"bytes"
	"time"
)

var monthNames = [13]string{"", "january", "february", "march", "april", "may", "june", "july", "august", "september",
	"october", "november", "december"}

var dayNames = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// monthName is the number of a month by its name or first three letters ("sept" too); 0 when it is none.
func monthName(s []byte) int { return nameIndex(s, monthNames[1:]) + 1 }

func nameIndex(s []byte, names []string) int {
	for i, name := range names {
		if equalFold(s, name) || equalFold(s, name[:3]) || name == "september" && equalFold(s, "sept") ||
			len(s) == 4 && (name == "tuesday" || name == "thursday") && equalFold(s, name[:4]) {
			return i
		}
	}
	return -1
}

// wordField reads a word: a month, a day of the week (which says nothing), AM, PM, BC, AD, T before a time, or a zone.
func (w *moment) wordField(s []byte) (int, Fault) {
	n := run(s, isLetter)
	word := s[:n]
	if m := monthName(word); m > 0 {
		if n < len(s) && (s[n] == '-' || s[n] == '/' || s[n] == '.') && n+1 < len(s) {
			end := n + run(s[n:], func(b byte) bool { return isDigit(b) || isLetter(b) || b == s[n] })
			return end, w.dateField(s[:end])
		}
		w.textMonth = true
		if w.have&haveMonth != 0 && w.have&haveDay == 0 { // "15 January": the number in front was the day
			w.d, w.have = w.m, w.have&^haveMonth|haveDay
		}
		if !w.setMonth(m) {
			return 0, Syntax
		}
		return n, None
	}
	switch {
	case nameIndex(word, dayNames[:]) >= 0, equalFold(word, "t") && !w.hasClock, equalFold(word, "at"), equalFold(word, "on"):
		return n, None
	case equalFold(word, "am"), equalFold(word, "pm"):
		if !w.hasClock || w.hour12 != 0 {
			return 0, Syntax
		}
		w.hour12 = word[0] | 0x20
		return n, None
	case equalFold(word, "bc"), equalFold(word, "ad"):
		w.bc = word[0]|0x20 == 'b'
		return n, None
	case equalFold(word, "epoch") && w.have == 0 && len(s) == n:
		w.y, w.m, w.d, w.have, w.hasClock, w.zone = 1970, 1, 1, haveYear|haveMonth|haveDay, true, time.UTC
		return n, None
	}
	return w.zoneField(s)
}

func (w *moment) zoneField(s []byte) (int, Fault) {
	n := bytes.IndexByte(s, ' ')
	if n < 0 {
		n = len(s)
	}
	loc, ok := Redshift.Zone(string(s[:n]))
	if !ok || w.zone != nil || !w.hasClock && !w.complete() {
		return 0, Syntax
	}
	w.zone = loc
	return n, None
}

func (w *moment) complete() bool { return w.have == haveYear|haveMonth|haveDay }

// finish checks the parts against each other.
func (w *moment) finish() Fault {
	if w.hour12 != 0 {
		h := w.clock / Hour
		if h > 12 {
			return Range
		}
		if h == 12 {
			w.clock -= 12 * Hour
		}
		if w.hour12 == 'p' {
			w.clock += 12 * Hour
		}
	}
	if w.have == 0 {
		if !w.hasClock {
			return Syntax
		}
		return None
	}
	if !w.complete() {
		return Syntax
	}
	w.hasDate = true
	switch {
	case w.twoDigits && !w.bc && w.y < 70:
		w.y += 2000
	case w.twoDigits && !w.bc:
		w.y += 1900
	case w.y == 0:
		return Range
	}
	if w.bc {
		w.y = 1 - w.y
	}
	if w.doy > 0 {
		day := dayNumber(w.y, 1, 1) + w.doy - 1
		if w.doy == 366 && !leap(w.y) {
			return Range
		}
		w.y, w.m, w.d = civil(day)
	}
	if w.m > 12 || !validDay(w.y, w.m, w.d) || w.y > 294276 {
		return Range
	}
	return None
}

func (w *moment) day() int { return dayNumber(w.y, w.m, w.d) }
