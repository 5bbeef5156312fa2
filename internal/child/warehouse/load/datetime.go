package load

import (
	"bytes"
	"strconv"

	"penstock/internal/convert"
	"penstock/internal/engine"
)

// The values of DATEFORMAT and TIMEFORMAT beside the default; their case counts.
const (
	auto        = "auto" // all that a cast reads
	epochSecs   = "epochsecs"
	epochMillis = "epochmillisecs"
)

// setDate reads YYYY-MM-DD, the default DATEFORMAT. A time of day behind it is cut off, any other text is an error.
func setDate(format string) setter {
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		b = bytes.TrimSpace(b)
		if format != auto && len(b) < 10 {
			return invalid(codeDate, 0, "Invalid Date Format - length must be 10 or more")
		}
		days, fault := convert.Redshift.Date(b)
		if fault != convert.None || format != auto && !isoText(b, true) {
			return invalid(codeDate, 0, "Invalid Date Format [YYYY-MM-DD]")
		}
		w.SetInt64(row, int64(days))
		return nil
	}
}

// setTime reads HH:MM[:SS[.ffffff]].
func setTime(format string) setter {
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		b = bytes.TrimSpace(b)
		micros, fault := convert.Redshift.Time(b)
		if fault != convert.None || format != auto && !clockText(b, false) {
			return invalid(codeTimestamp, 0, "Invalid time format or value [HH24:MI:SS]")
		}
		w.SetInt64(row, micros)
		return nil
	}
}

// setTimestamp reads YYYY-MM-DD HH:MI:SS, the default TIMEFORMAT, with an optional fraction and, for TIMESTAMPTZ, an offset.
func setTimestamp(format string, zone bool) setter {
	read := convert.Redshift.Timestamp
	if zone {
		read = convert.Redshift.Timestamptz
	}
	switch format {
	case epochSecs:
		return setEpoch(1_000_000)
	case epochMillis:
		return setEpoch(1000)
	}
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		b = bytes.TrimSpace(b)
		micros, fault := read(b)
		if fault != convert.None || format != auto && !isoText(b, zone) {
			return invalid(codeTimestamp, 0, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]")
		}
		w.SetInt64(row, micros)
		return nil
	}
}

// setEpoch reads a number of seconds or milliseconds from 1970; unit is their micros.
func setEpoch(unit int64) setter {
	const last = 9_223_371_331_199_999_999 // 294246-12-31
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64)
		if err != nil || n > last/unit || n < -last/unit {
			return invalid(codeTimestamp, 0, "Invalid timestamp format or value [epoch]")
		}
		w.SetInt64(row, n*unit)
		return nil
	}
}

// isoText reports whether text has the form YYYY-MM-DD[( |T)HH:MM[:SS[.f]][offset]]; whether it is a moment is for others to say.
func isoText(b []byte, zone bool) bool {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return false
	}
	if b = b[10:]; len(b) == 0 {
		return true
	}
	return (b[0] == ' ' || b[0] == 'T') && clockText(b[1:], zone)
}

// clockText reports whether text has the form HH:MM[:SS[.f]], with an offset or UTC behind it if zone is set.
func clockText(b []byte, zone bool) bool {
	n := digitsAt(b, 0)
	if n != 2 || len(b) < 5 || b[2] != ':' || digitsAt(b, 3) != 2 {
		return false
	}
	if n = 5; n < len(b) && b[n] == ':' {
		if digitsAt(b, 6) != 2 {
			return false
		}
		if n = 8; n < len(b) && b[n] == '.' {
			more := digitsAt(b, 9)
			if n = 9 + more; more == 0 {
				return false
			}
		}
	}
	rest := bytes.TrimSpace(b[n:])
	switch string(rest) {
	case "":
		return true
	case "Z", "z", "UTC", "GMT":
		return zone
	}
	return zone && (rest[0] == '+' || rest[0] == '-')
}

// digitsAt counts the digits of b from i on.
func digitsAt(b []byte, i int) (n int) {
	for i+n < len(b) && b[i+n] >= '0' && b[i+n] <= '9' {
		n++
	}
	return n
}
