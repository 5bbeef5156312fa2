package pgwire

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// AppendInterval appends an interval as PostgreSQL writes it: "1 year 2 mons -3 days +04:05:06.5", "00:00:00" when it is empty.
func AppendInterval(dst []byte, months, days int32, micros int64) []byte {
	start, negative := len(dst), false
	for _, p := range []struct {
		n    int32
		unit string
	}{{months / 12, "year"}, {months % 12, "mon"}, {days, "day"}} {
		if p.n == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		if negative && p.n > 0 {
			dst = append(dst, '+')
		}
		dst = append(strconv.AppendInt(dst, int64(p.n), 10), ' ')
		dst = append(dst, p.unit...)
		if p.n != 1 {
			dst = append(dst, 's')
		}
		negative = p.n < 0
	}
	if micros == 0 && len(dst) > start {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	u := uint64(micros)
	if micros < 0 {
		dst, u = append(dst, '-'), -u
	} else if negative {
		dst = append(dst, '+')
	}
	return appendClock(dst, u)
}

// AppendTimeTZ appends a time of day with its offset from UTC: "20:00:00-08", "12:30:00.5+05:30".
func AppendTimeTZ(dst []byte, micros int64, offset int32) []byte {
	dst = appendTime(dst, micros)
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	dst = appendPadded(append(dst, sign), int64(offset/3600), 2)
	if offset%3600 == 0 {
		return dst
	}
	dst = appendPadded(append(dst, ':'), int64(offset/60%60), 2)
	if offset%60 != 0 {
		dst = appendPadded(append(dst, ':'), int64(offset%60), 2)
	}
	return dst
}

// Interval writes an interval. Its binary form is PostgreSQL's of 16 bytes (microseconds, days, months); Redshift's own drivers read one
// of 12, whose days and months have 16 bits.
func (r *Rows) Interval(months, days int32, micros int64) error {
	mark, bin := r.open()
	switch {
	case !bin:
		r.out = AppendInterval(r.out, months, days, micros)
	case !r.c.redshift:
		r.out = binary.BigEndian.AppendUint64(r.out, uint64(micros))
		r.out = binary.BigEndian.AppendUint32(r.out, uint32(days))
		r.out = binary.BigEndian.AppendUint32(r.out, uint32(months))
	case int32(int16(days)) != days || int32(int16(months)) != months:
		return &Error{Code: "22008", Message: fmt.Sprintf("interval out of range: the driver reads up to %d days and months", math.MaxInt16)}
	default:
		r.out = binary.BigEndian.AppendUint64(r.out, uint64(micros))
		r.out = binary.BigEndian.AppendUint16(r.out, uint16(days))
		r.out = binary.BigEndian.AppendUint16(r.out, uint16(months))
	}
	r.close(mark)
	return nil
}

// TimeTZ writes a time of day, in microseconds, with its offset from UTC in seconds, positive to the east. Its binary form has them to
// the west; Redshift's own drivers take the time for UTC's, so for them it is.
func (r *Rows) TimeTZ(micros int64, offset int32) {
	mark, bin := r.open()
	if bin && r.c.redshift {
		micros, offset = ((micros-int64(offset)*secondMicros)%dayMicros+dayMicros)%dayMicros, 0
	}
	if bin {
		r.out = binary.BigEndian.AppendUint64(r.out, uint64(micros))
		r.out = binary.BigEndian.AppendUint32(r.out, uint32(-offset))
	} else {
		r.out = AppendTimeTZ(r.out, micros, offset)
	}
	r.close(mark)
}

// zonedText decodes a parameter of type timetz or interval.
func zonedText(b []byte, oid uint32, redshift bool) (string, bool) {
	switch {
	case oid == TimeTZ && len(b) == 12:
		micros, west := int64(binary.BigEndian.Uint64(b)), int32(binary.BigEndian.Uint32(b[8:]))
		if micros < 0 || micros > dayMicros || west > 86400 || west < -86400 {
			return "", false
		}
		return string(AppendTimeTZ(nil, micros, -west)), true
	case oid == Interval && len(b) == 16 && !redshift:
		return string(AppendInterval(nil, int32(binary.BigEndian.Uint32(b[12:])), int32(binary.BigEndian.Uint32(b[8:])),
			int64(binary.BigEndian.Uint64(b)))), true
	case oid == Interval && len(b) == 12 && redshift:
		return string(AppendInterval(nil, int32(int16(binary.BigEndian.Uint16(b[10:]))), int32(int16(binary.BigEndian.Uint16(b[8:]))),
			int64(binary.BigEndian.Uint64(b)))), true
	}
	return "", false
}
