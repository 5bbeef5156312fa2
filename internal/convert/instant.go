package convert

import "penstock/internal/convert/usual"

// Date reads a date as days from 1970-01-01.
func (r *Rules) Date(s []byte) (int32, Fault) {
	if r.Dialect == SparkDialect {
		if day, ok := usual.Day(s); ok {
			return int32(day), None
		}
		return sparkDate(s)
	}
	w, f := readMoment(s)
	if f == None && !w.hasDate {
		f = Syntax
	}
	if f != None {
		return 0, f
	}
	return int32(w.day()), None
}

// Timestamp reads a timestamp as micros from 1970-01-01 00:00. A zone is left out of account in Redshift; Spark's timestamps are instants,
// shown in UTC.
func (r *Rules) Timestamp(s []byte) (int64, Fault) {
	if r.Dialect == SparkDialect {
		if at, ok := usual.Time(s); ok {
			return at, None
		}
		return sparkTimestamp(s)
	}
	at, _, f := redshiftTimestamp(s)
	return at, f
}

// Timestamptz reads an instant; without a zone it is UTC.
func (r *Rules) Timestamptz(s []byte) (int64, Fault) {
	if r.Dialect == SparkDialect {
		if at, ok := usual.Time(s); ok {
			return at, None
		}
		return sparkTimestamp(s)
	}
	at, w, f := redshiftTimestamp(s)
	if f == None && w.zone != nil {
		at = Redshift.ToUTC(at, w.zone)
	}
	return at, f
}

func redshiftTimestamp(s []byte) (int64, moment, Fault) {
	w, f := readMoment(s)
	if f == None && !w.hasDate {
		f = Syntax
	}
	if f != None {
		return 0, w, f
	}
	day := w.day()
	if day < minDay || day > maxDay {
		return 0, w, Range
	}
	return int64(day)*Day + w.clock, w, None
}

// Time reads a time of day in micros; a date in front and a zone behind it are left out of account.
func (r *Rules) Time(s []byte) (int64, Fault) {
	w, f := readMoment(s)
	if f == None && !w.hasClock {
		f = Syntax
	}
	if f == None && w.clock > Day {
		f = Range
	}
	return w.clock, f
}

// Timetz reads a time of day with a zone and gives it in UTC; of a place the offset at the given date counts, else that of 2000-01-15.
func (r *Rules) Timetz(s []byte) (int64, Fault) {
	at, _, f := r.TimetzDays(s)
	return at, f
}

// TimetzDays is Timetz, and by how many days the time in UTC lies behind the day that was meant: 20:00 at -8 is 4:00 of the next.
func (r *Rules) TimetzDays(s []byte) (at int64, days int, f Fault) {
	w, f := readMoment(s)
	if f == None && !w.hasClock {
		f = Syntax
	}
	if f != None || w.zone == nil {
		return w.clock, 0, f
	}
	day := dayNumber(2000, 1, 15)
	if w.hasDate {
		day = w.day()
	}
	at = Redshift.ToUTC(int64(day)*Day+w.clock, w.zone) - int64(day)*Day
	clock := int64(floorMod(int(at), Day))
	return clock, int((at - clock) / Day), None
}
