package orc

import (
	"fmt"
	"time"

	"penstock/internal/column"
	"penstock/internal/convert"
	"penstock/internal/format/orc/wire"
)

// base2015 is 2015-01-01 00:00 UTC: timestamps count from that time of the writer's clock.
const base2015 = 1420070400

// timestampColumn is timestamp, with or without a zone. A timestamp without one shows what the writer's clock showed; one with a zone is
// shown as UTC. Nanoseconds are cut off.
//
// The file has seconds, rounded towards zero, and the nanoseconds after the second at or below the value. So what lies within a second
// before 1970-01-01 00:00 UTC cannot be told from what lies after; readers take it as after.
type timestampColumn struct {
	base
	seconds  wire.IntReader
	nanos    wire.IntReader
	tmp      []int64
	epoch    int64          // base2015 on the writer's clock, from 1970-01-01 00:00 UTC
	zone     *time.Location // nil is UTC
	calendar bool           // the days are of the hybrid calendar
	java     bool           // the writer's clock was Java's: before 1900 it was ahead of UTC by raw microseconds
	raw      int64
}

func (c *timestampColumn) read(v *column.Vector, n int, absent []bool) error {
	nulls, count, err := c.mark(v, n, 8, absent)
	if err != nil {
		return err
	}
	dst := extend(&v.Ints, n)
	if err := c.seconds.Read(dst[:count]); err != nil {
		return err
	}
	c.tmp = c.tmp[:0]
	nanos := extend(&c.tmp, count)
	if err := c.nanos.Read(nanos); err != nil {
		return err
	}
	for i := range nanos {
		if dst[i], err = c.micros(dst[i], nanos[i]); err != nil {
			return err
		}
	}
	spread(dst, nulls, count)
	return nil
}

// zeros is ten to the number of zeros that the low bits of a nanosecond's code say.
var zeros = [8]int64{1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// maxSeconds leaves room for every offset and calendar.
const maxSeconds = 9_000_000_000_000

func (c *timestampColumn) micros(seconds, code int64) (int64, error) {
	nanos := code >> 3
	if nanos > -1e9 && nanos < 1e9 {
		nanos *= zeros[code&7]
	}
	if nanos <= -1e9 || nanos >= 1e9 { // pyarrow writes negative ones, with both parts rounded towards zero
		return 0, c.fail("nanoseconds %d", code)
	}
	if seconds < -maxSeconds || seconds > maxSeconds {
		return 0, c.fail("a timestamp %d seconds from 2015-01-01 does not fit into 64 bits of microseconds", seconds)
	}
	seconds += c.epoch
	if seconds < 0 && nanos > 999_999 {
		seconds--
	}
	micros := seconds*1e6 + floorDiv(nanos, 1000)
	switch {
	case c.zone == nil:
	case c.java && micros < start1900:
		micros += c.raw
	default:
		micros = convert.ToLocal(micros, c.zone)
	}
	if c.calendar {
		micros = prolepticMicros(micros)
	}
	return micros, nil
}

// start1900 is 1900-01-01 00:00 UTC in microseconds. The clocks of Java's older classes, with which its library reads and writes, know of
// no local mean times before that.
const start1900 = -2_208_988_800 * 1_000_000

// rawOffset is how many microseconds the zone's standard time is ahead of UTC today.
func rawOffset(loc *time.Location) int64 {
	t := time.Date(2020, 1, 1, 0, 0, 0, 0, loc)
	if t.IsDST() {
		t = time.Date(2020, 7, 1, 0, 0, 0, 0, loc)
	}
	_, seconds := t.Zone()
	return int64(seconds) * 1e6
}

// writerZone finds the zone of a stripe's writer; nil is UTC, which also stands for none.
func writerZone(name string) (*time.Location, int64, error) {
	if name == "" || name == "UTC" || name == "GMT" || name == "Etc/UTC" {
		return nil, base2015, nil
	}
	loc, ok := convert.Spark.Zone(name)
	if !ok {
		return nil, 0, fmt.Errorf("the writer's time zone %.64q is not known", name)
	}
	return loc, convert.Spark.ToUTC(base2015*1e6, loc) / 1e6, nil
}
