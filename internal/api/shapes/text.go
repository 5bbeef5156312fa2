package shapes

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Formats of timestamps.
const (
	ISO8601 = "iso8601"
	RFC822  = "rfc822"
	Unix    = "unixTimestamp"
)

// FormatTime writes a timestamp. ISO 8601 has three decimals or as many as needed.
func FormatTime(t time.Time, format string) string {
	t = t.UTC()
	switch format {
	case RFC822:
		return t.Format("Mon, 02 Jan 2006 15:04:05 GMT")
	case Unix:
		return FormatUnix(t)
	}
	if t.Nanosecond()%1e6 == 0 {
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format("2006-01-02T15:04:05.999999999Z")
}

// FormatUnix writes seconds since 1970, with decimals as needed and never through a float.
func FormatUnix(t time.Time) string {
	sec, ns := t.Unix(), int64(t.Nanosecond())
	if ns == 0 {
		return strconv.FormatInt(sec, 10)
	}
	sign := ""
	if sec < 0 {
		sign, sec, ns = "-", -sec-1, 1e9-ns
	}
	frac := strconv.FormatInt(1e9+ns, 10)[1:]
	return sign + strconv.FormatInt(sec, 10) + "." + strings.TrimRight(frac, "0")
}

// ParseTime reads a timestamp in any of the formats.
func ParseTime(s, format string) (time.Time, error) {
	if s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && !strings.ContainsAny(s, "T:") {
		return ParseUnix(s)
	}
	for _, layout := range []string{time.RFC3339Nano, "Mon, 02 Jan 2006 15:04:05.999999999 MST", "Mon, 2 Jan 2006 15:04:05 MST",
		"2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "Monday, 02-Jan-06 15:04:05 MST", "Mon Jan _2 15:04:05 2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, Malformedf("%q is not a timestamp", s)
}

// The seconds that a timestamp may have: the years 1 to 9999, which every format can write.
const (
	MinUnix = -62135596800
	MaxUnix = 253402300799
)

// ParseUnix reads seconds since 1970 with decimals.
func ParseUnix(s string) (time.Time, error) {
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f >= MinUnix && f < MaxUnix+1) {
			return time.Time{}, Malformedf("%q is not a timestamp", s)
		}
		sec, frac := math.Modf(f)
		return time.Unix(int64(sec), int64(frac*1e9)).UTC(), nil
	}
	whole, frac, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	ns, err2 := strconv.ParseUint((frac + "000000000")[:9], 10, 32)
	if err != nil || err2 != nil || sec > MaxUnix || sec <= MinUnix {
		return time.Time{}, Malformedf("%q is not a timestamp", s)
	}
	if strings.HasPrefix(whole, "-") {
		return time.Unix(sec, -int64(ns)).UTC(), nil
	}
	return time.Unix(sec, int64(ns)).UTC(), nil
}

// Text writes a scalar as headers, queries and XML carry it. format is the timestamp format.
func Text(v reflect.Value, kind Kind, format string) string {
	switch {
	case v.Type() == timeType:
		return FormatTime(v.Interface().(time.Time), format)
	case kind == Blob && v.Kind() == reflect.Slice:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float32:
		return FormatFloat(v.Float(), 32)
	case reflect.Float64:
		return FormatFloat(v.Float(), 64)
	}
	return v.String()
}

// FormatFloat writes a float as AWS does, NaN and Infinity spelled out.
func FormatFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// ParseFloat reads a float, NaN and Infinity spelled out.
func ParseFloat(s string) (float64, error) {
	switch s {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, Malformedf("%q is not a number", s)
	}
	return f, nil
}

// SetText reads a scalar as headers, queries and XML carry it into v.
func SetText(v reflect.Value, s string, kind Kind, format string) error {
	v = Settable(v)
	switch {
	case v.Type() == timeType:
		t, err := ParseTime(strings.TrimSpace(s), format)
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(t))
		return nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
		if err != nil {
			return Malformedf("not base64")
		}
		v.SetBytes(b)
		return nil
	}
	return setPlain(v, s)
}

func setPlain(v reflect.Value, s string) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		switch strings.ToLower(s) {
		case "true":
			v.SetBool(true)
		case "false":
			v.SetBool(false)
		default:
			return Malformedf("%q is neither true nor false", s)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		if err != nil || v.OverflowInt(n) {
			return Malformedf("%q is not a whole number in range", s)
		}
		v.SetInt(n)
	case reflect.Float32, reflect.Float64:
		f, err := ParseFloat(strings.TrimSpace(s))
		if err != nil {
			return err
		}
		v.SetFloat(f)
	default:
		return Malformedf("a %s cannot be read from text", v.Type())
	}
	return nil
}
