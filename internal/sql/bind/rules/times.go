package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

var (
	isoDate    = regexp.MustCompile(`^(\d{4,5})-(\d{1,2})(?:-(\d{1,2}))?`)
	yearOnly   = regexp.MustCompile(`^(\d{4})$`)
	mdyDate    = regexp.MustCompile(`^(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})`)
	ymdSlash   = regexp.MustCompile(`^(\d{4})/(\d{1,2})/(\d{1,2})`)
	compact    = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})`)
	monthFirst = regexp.MustCompile(`^([A-Za-z]{3,9})[- ](\d{1,2}),?[- ](\d{4})`)
	dayFirst   = regexp.MustCompile(`^(\d{1,2})[- ]([A-Za-z]{3,9})[- ](\d{4})`)
	clockText  = regexp.MustCompile(`^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d{1,9})?)?(?:\s*([AaPp][Mm]))?`)
	zoneText   = regexp.MustCompile(`^(?:[Zz]|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][A-Za-z_/+-]*\d*)$`)
)

// foldText reads a constant date, time, timestamp or interval; nil when the text is none. The result's text is what every engine reads.
func (b *Rules) foldText(l *typed.Literal, t typed.Type, at syntax.Pos) typed.Expr {
	text := strings.TrimSpace(l.Text)
	if t.Kind == typed.Interval {
		if parts, err := intervalParts(text, ""); err == nil {
			return Lit(t, parts)
		}
		return nil
	}
	if t.IsClock() {
		return b.foldClock(text, t)
	}
	date, rest, ok := b.readDate(text)
	if !ok {
		return nil
	}
	if t.Kind == typed.Date {
		return Lit(t, date)
	}
	rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "T"))
	clock := "00:00:00"
	if rest != "" {
		if clock, rest, ok = readClock(rest); !ok {
			return nil
		}
	}
	rest = strings.TrimSpace(rest)
	value := date + " " + clock
	if rest == "" {
		return Lit(t, value)
	}
	zoned, ok := shift(value, rest, t.Kind == typed.Timestamp && b.D.Casts.ZoneIgnored)
	if !ok {
		return nil
	}
	return Lit(t, zoned)
}

// shift moves a timestamp in a zone to UTC; ignore leaves it as it is (Redshift's TIMESTAMP ignores the zone).
func shift(value, zone string, ignore bool) (string, bool) {
	offset, ok := zoneOffset(zone, value)
	if !ok {
		return "", false
	}
	if ignore {
		return value, true
	}
	at, err := time.Parse("2006-01-02 15:04:05.999999", value)
	if err != nil {
		return "", false
	}
	return at.Add(-offset).Format("2006-01-02 15:04:05.999999"), true
}

// abbreviations are the zone names that are no places; they say a fixed offset.
var abbreviations = map[string]time.Duration{"UTC": 0, "GMT": 0, "Z": 0, "EST": -5 * time.Hour, "EDT": -4 * time.Hour, "CST": -6 * time.Hour, "CDT": -5 * time.Hour,
	"MST": -7 * time.Hour, "MDT": -6 * time.Hour, "PST": -8 * time.Hour, "PDT": -7 * time.Hour, "CET": time.Hour, "CEST": 2 * time.Hour, "BST": time.Hour,
	"WET": 0, "EET": 2 * time.Hour, "JST": 9 * time.Hour, "AKST": -9 * time.Hour, "HST": -10 * time.Hour}

// zoneOffset is how far a zone is ahead of UTC, at a local time for places.
func zoneOffset(zone, local string) (time.Duration, bool) {
	if !zoneText.MatchString(zone) {
		return 0, false
	}
	if d, ok := abbreviations[strings.ToUpper(zone)]; ok {
		return d, true
	}
	if zone[0] == '+' || zone[0] == '-' {
		digits := strings.ReplaceAll(zone[1:], ":", "")
		if len(digits) == 1 || len(digits) == 3 {
			digits = "0" + digits
		}
		h, err := strconv.Atoi(digits[:2])
		m := 0
		if len(digits) == 4 && err == nil {
			m, err = strconv.Atoi(digits[2:])
		}
		d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
		if zone[0] == '-' {
			d = -d
		}
		return d, err == nil && h < 19 && m < 60
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return 0, false
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05.999999", local, loc)
	if err != nil {
		return 0, false
	}
	_, secs := at.Zone()
	return time.Duration(secs) * time.Second, true
}

// readDate reads a date at the start of text and gives it as yyyy-mm-dd.
func (b *Rules) readDate(text string) (date, rest string, ok bool) {
	if m := isoDate.FindStringSubmatch(text); m != nil && (m[3] != "" || !b.D.Casts.WideDates && len(m[0]) == len(text)) {
		return ymd(m[1], m[2], orElse(m[3], "1"), text[len(m[0]):])
	}
	if !b.D.Casts.WideDates {
		if m := yearOnly.FindStringSubmatch(text); m != nil {
			return ymd(m[1], "1", "1", "")
		}
		return "", "", false
	}
	if m := ymdSlash.FindStringSubmatch(text); m != nil {
		return ymd(m[1], m[2], m[3], text[len(m[0]):])
	}
	if m := compact.FindStringSubmatch(text); m != nil {
		return ymd(m[1], m[2], m[3], text[len(m[0]):])
	}
	if m := mdyDate.FindStringSubmatch(text); m != nil {
		year := m[3]
		if len(year) == 2 {
			if year < "70" {
				year = "20" + year
			} else {
				year = "19" + year
			}
		}
		return ymd(year, m[1], m[2], text[len(m[0]):])
	}
	if m := monthFirst.FindStringSubmatch(text); m != nil {
		return ymd(m[3], month(m[1]), m[2], text[len(m[0]):])
	}
	if m := dayFirst.FindStringSubmatch(text); m != nil {
		return ymd(m[3], month(m[2]), m[1], text[len(m[0]):])
	}
	return "", "", false
}

func month(name string) string {
	for m := time.January; m <= time.December; m++ {
		if full := m.String(); len(name) >= 3 && len(name) <= len(full) && strings.EqualFold(name, full[:len(name)]) {
			return strconv.Itoa(int(m))
		}
	}
	return "0"
}

func ymd(y, m, d, rest string) (string, string, bool) {
	yi, _ := strconv.Atoi(y)
	mi, _ := strconv.Atoi(m)
	di, _ := strconv.Atoi(d)
	at := time.Date(yi, time.Month(mi), di, 0, 0, 0, 0, time.UTC)
	if yi < 1 || at.Year() != yi || int(at.Month()) != mi || at.Day() != di {
		return "", "", false
	}
	return at.Format("2006-01-02"), rest, true
}

// readClock reads a time of day and gives it as hh:mm:ss[.ffffff].
func readClock(text string) (clock, rest string, ok bool) {
	m := clockText.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	h, _ := strconv.Atoi(m[1])
	mi, _ := strconv.Atoi(m[2])
	s, _ := strconv.Atoi(orElse(m[3], "0"))
	switch strings.ToLower(m[5]) {
	case "am":
		h %= 12
	case "pm":
		h = h%12 + 12
	}
	if h > 23 || mi > 59 || s > 59 {
		return "", "", false
	}
	frac := m[4]
	if len(frac) > 7 {
		frac = frac[:7]
	}
	return fmt.Sprintf("%02d:%02d:%02d%s", h, mi, s, frac), text[len(m[0]):], true
}

func (b *Rules) foldClock(text string, t typed.Type) typed.Expr {
	if _, rest, ok := b.readDate(text); ok && strings.TrimSpace(rest) != "" {
		text = strings.TrimSpace(strings.TrimPrefix(rest, "T"))
	}
	clock, zone, ok := readClock(text)
	zone = strings.TrimSpace(zone)
	if !ok || zone != "" && !zoneText.MatchString(zone) {
		return nil
	}
	if t.Kind == typed.Time || zone == "" {
		return Lit(t, clock)
	}
	moved, ok := shift("2000-01-15 "+clock, zone, false)
	if !ok {
		return nil
	}
	return Lit(t, moved[len("2000-01-15 "):])
}
