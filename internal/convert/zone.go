package convert

import (
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

// zoneNames are the names of zones that are no places; they say a fixed offset in minutes.
var zoneNames = map[string]int{"UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "ZULU": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
	"MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "CET": 60, "CEST": 120, "BST": 60, "WET": 0, "WEST": 60, "EET": 120, "EEST": 180,
	"JST": 540, "AKST": -540, "AKDT": -480, "HST": -600, "MSK": 180, "KST": 540, "AWST": 480, "AEST": 600, "AEDT": 660, "NZST": 720,
	"NZDT": 780}

// javaZones are the short names that Java knows beside the places; the others of zoneNames are none there.
var javaZones = map[string]string{"Z": "UTC", "UTC": "UTC", "GMT": "UTC", "UT": "UTC", "ACT": "Australia/Darwin", "AET": "Australia/Sydney",
	"AGT": "America/Argentina/Buenos_Aires", "ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo",
	"BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai",
	"EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris", "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
	"MIT": "Pacific/Apia", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix",
	"PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh", "EST": "Etc/GMT+5",
	"MST": "Etc/GMT+7", "HST": "Etc/GMT+10"}

// offsetText reads [+-]h[h][:mm[:ss]], [+-]hhmm; the seconds ahead of UTC.
func offsetText(s []byte) (seconds int, ok bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var part [3]int
	n, digits := 0, 0
	for _, c := range s[1:] {
		switch {
		case isDigit(c) && digits < 2:
			part[n] = part[n]*10 + int(c-'0')
			digits++
		case isDigit(c) && digits == 2 && n == 0 && len(s) == 5: // hhmm
			n, digits = 1, 1
			part[1] = int(c - '0')
		case c == ':' && digits > 0 && n < 2:
			n, digits = n+1, 0
		default:
			return 0, false
		}
	}
	if digits == 0 || part[0] > 18 || part[1] > 59 || part[2] > 59 {
		return 0, false
	}
	seconds = part[0]*3600 + part[1]*60 + part[2]
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, seconds >= -18*3600 && seconds <= 18*3600
}

// Zone finds a zone by its offset, abbreviation or place.
func (r *Rules) Zone(name string) (*time.Location, bool) {
	if s, ok := offsetText([]byte(name)); ok {
		return time.FixedZone(name, s), true
	}
	if r.Dialect == SparkDialect { // names have their case in Java
		if place, ok := javaZones[name]; ok {
			loc, err := time.LoadLocation(place)
			return loc, err == nil
		}
		for _, prefix := range [...]string{"UTC", "GMT", "UT"} { // Java's UTC+3; POSIX counts it westward, so Redshift does not take it
			if s, ok := offsetText([]byte(strings.TrimPrefix(name, prefix))); ok {
				return time.FixedZone(name, s), true
			}
		}
	} else if m, ok := zoneNames[strings.ToUpper(name)]; ok {
		return time.FixedZone(strings.ToUpper(name), m*60), true
	}
	if name == "" || name == "Local" || !isLetter(name[0]) {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

// offsetAt is how many micros a zone is ahead of UTC at an instant.
func offsetAt(micros int64, loc *time.Location) int64 {
	_, s := time.UnixMicro(micros).In(loc).Zone()
	return int64(s) * Second
}

// ToUTC reads micros as local time of a zone. What the clock skips in spring is read by the time before; what it shows twice in autumn
// is the first of both in Spark and standard time in Redshift.
func (r *Rules) ToUTC(micros int64, loc *time.Location) int64 {
	before, after := offsetAt(micros-Day, loc), offsetAt(micros+Day, loc)
	first, second := micros-before, micros-after
	fits, fitsSecond := offsetAt(first, loc) == before, offsetAt(second, loc) == after
	if !fits && fitsSecond || fits && fitsSecond && r.Dialect == RedshiftDialect {
		return second
	}
	return first
}

// ToLocal shows micros of UTC as local time of a zone.
func ToLocal(micros int64, loc *time.Location) int64 {
	return micros + offsetAt(micros, loc)
}
