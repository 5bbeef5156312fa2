package load

import (
	"bytes"
	"time"

	"penstock/internal/engine"
)

// setDate reads YYYY-MM-DD, the default DATEFORMAT.
func setDate(w *engine.ColumnWriter, row int, b []byte) *valueError {
	b = bytes.TrimSpace(b)
	if len(b) < 10 {
		return invalid(codeDate, 0, "Invalid Date Format - length must be 10 or more")
	}
	days, ok := date(b[:10])
	if !ok || len(b) > 10 && b[10] != ' ' && b[10] != 'T' {
		return invalid(codeDate, 0, "Invalid Date Format [YYYY-MM-DD]")
	}
	w.SetInt64(row, days)
	return nil
}

// setTime reads HH:MM:SS with an optional fraction.
func setTime(w *engine.ColumnWriter, row int, b []byte) *valueError {
	micros, rest, ok := clockTime(bytes.TrimSpace(b))
	if !ok || len(rest) > 0 {
		return invalid(codeTimestamp, 0, "Invalid time format or value [HH24:MI:SS]")
	}
	w.SetInt64(row, micros)
	return nil
}

// setTimestamp reads YYYY-MM-DD HH:MI:SS, the default TIMEFORMAT, with an optional fraction and, for TIMESTAMPTZ, an offset.
func setTimestamp(zone bool) setter {
	return func(w *engine.ColumnWriter, row int, b []byte) *valueError {
		micros, ok := timestamp(bytes.TrimSpace(b), zone)
		if !ok {
			return invalid(codeTimestamp, 0, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]")
		}
		w.SetInt64(row, micros)
		return nil
	}
}

func timestamp(b []byte, zone bool) (int64, bool) {
	if len(b) < 10 {
		return 0, false
	}
	days, ok := date(b[:10])
	if !ok {
		return 0, false
	}
	at := days * 86_400_000_000
	if b = b[10:]; len(b) == 0 {
		return at, true
	}
	if b[0] != ' ' && b[0] != 'T' {
		return 0, false
	}
	micros, rest, ok := clockTime(b[1:])
	if !ok {
		return 0, false
	}
	offset, ok := zoneOffset(bytes.TrimSpace(rest))
	if !ok || len(rest) > 0 && !zone {
		return 0, false
	}
	return at + micros - offset, true
}

// zoneOffset reads "", Z, UTC, +HH, +HHMM or +HH:MM in microseconds.
func zoneOffset(b []byte) (int64, bool) {
	switch string(b) {
	case "", "Z", "z", "UTC", "GMT":
		return 0, true
	}
	sign := int64(1)
	switch b[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	b = b[1:]
	if len(b) == 5 && b[2] == ':' {
		b = append(append([]byte{}, b[:2]...), b[3:]...)
	}
	if len(b) != 2 && len(b) != 4 {
		return 0, false
	}
	h, ok := number(b[:2])
	m := 0
	if ok && len(b) == 4 {
		m, ok = number(b[2:])
	}
	return sign * int64(h*60+m) * 60_000_000, ok && h < 15 && m < 60
}

// date reads YYYY-MM-DD as days since 1970-01-01.
func date(b []byte) (int64, bool) {
	if b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y, ok1 := number(b[:4])
	m, ok2 := number(b[5:7])
	d, ok3 := number(b[8:10])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t.Unix() / 86400, t.Day() == d
}

// clockTime reads HH:MM[:SS[.ffffff]] in microseconds and gives what follows.
func clockTime(b []byte) (micros int64, rest []byte, ok bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, nil, false
	}
	h, ok1 := number(b[:2])
	m, ok2 := number(b[3:5])
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, nil, false
	}
	micros, b = int64(h*60+m)*60_000_000, b[5:]
	if len(b) == 0 || b[0] != ':' {
		return micros, b, true
	}
	if len(b) < 3 {
		return 0, nil, false
	}
	s, ok := number(b[1:3])
	if !ok || s > 59 {
		return 0, nil, false
	}
	micros, b = micros+int64(s)*1_000_000, b[3:]
	if len(b) == 0 || b[0] != '.' {
		return micros, b, true
	}
	unit, i := int64(100_000), 1
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		micros += int64(b[i]-'0') * unit
		unit /= 10
	}
	return micros, b[i:], i > 1
}

func number(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
