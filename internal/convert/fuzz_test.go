package convert

import (
	"testing"
	"unicode/utf8"
)

// FuzzRead reads any text as every type, and checks that what a date says is read again as the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"2024-02-29", "12/31/24", "Jan 5, 1999 10:11 PM", "2008.366", "20240301T101112", "1 day -02:30:00", "5e-7",
		"-.5e+3", "2024-03-01 10:11:12.5 America/New_York", "99 BC", "1:2:3", ":", "-:", "@ 1 mon ago", "epoch"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		for _, r := range []*Rules{Redshift, Spark} {
			for _, bits := range []int{8, 16, 32, 64} {
				r.Int(s, bits)
			}
			r.Float(s, 32)
			r.Float(s, 64)
			r.Bool(s)
			r.Decimal(s, 38, 10)
			r.Decimal(s, 4, 4)
			r.Time(s)
			r.Timetz(s)
			r.Timestamptz(s)
			r.Date(s)
			at, fault := r.Timestamp(s)
			if text := AppendTimestamp(nil, at); fault == None && at > dayMicros(-719162) && at < dayMicros(2932896) {
				if again, f := r.Timestamp(text); f != None || again != at {
					t.Errorf("%q is %s, which is %d, not %d", s, text, again, at)
				}
			}
		}
		if v, fault := ParseInterval(s); fault == None {
			if again, f := ParseInterval(AppendInterval(nil, v)); f != None || again != v {
				t.Errorf("%q is %s, which is %v, not %v", s, AppendInterval(nil, v), again, v)
			}
		}
		ParseIntervalUnit(s, "year")
	})
}

func dayMicros(day int) int64 { return int64(day) * Day }

// FuzzPicture compiles any format, writes by it and reads by it.
func FuzzPicture(f *testing.F) {
	for _, s := range []string{"YYYY-MM-DD", "FM9G990D00PR", "999V99", "RN", "DDthMonth RM", "yyyy-MM-dd'T'HH:mm:ssXXX", "Y,YYY IDDD", "S999",
		"9PL9SG", "'", "\"a", "(a)(?=b)", "TZ OF"} {
		f.Add(s, []byte("2024-03-01 12.5"))
	}
	f.Fuzz(func(t *testing.T, format string, text []byte) {
		if p, err := CompileNumber(format); err == nil && len(format) < 200 {
			for _, n := range []string{"0", "-12.345", "999999", "0.5", "NaN"} {
				p.Append(nil, []byte(n))
			}
			p.Read(text, 38, 2)
		}
		if p, err := CompileDate(format); err == nil {
			p.Append(nil, 1709287872123456)
			p.Append(nil, -99999999999999999)
			p.Read(text, false)
			p.Read(text, true)
		}
		if p, err := CompileSpark(format); err == nil {
			p.Append(nil, 1709287872123456)
			p.Append(nil, -99999999999999999)
			p.Read(text)
		}
	})
}

// FuzzText runs the functions on text.
func FuzzText(f *testing.F) {
	f.Add([]byte("a,b"), []byte(","), int64(2))
	f.Add([]byte("日本"), []byte(""), int64(-1))
	f.Fuzz(func(t *testing.T, s, sep []byte, n int64) {
		if !utf8.Valid(s) || !utf8.Valid(sep) {
			return
		}
		small := *Spark
		small.MaxText = 1 << 12
		red := *Redshift
		for _, r := range []*Rules{&small, &red} {
			r.Left(s, n)
			r.Right(s, n)
			r.Substring(s, n, n)
			r.Substring(s, -n, 2)
			r.Repeat(nil, s, n)
			r.Replace(nil, s, sep, s)
			r.SplitPart(s, sep, n)
			r.Chr(nil, n)
			r.Initcap(nil, s)
			if out, err := r.Pad(nil, s, n, sep, n%2 == 0); err == nil && len(out) > max(r.MaxText, len(s)) {
				t.Errorf("%d bytes", len(out))
			}
			if re, err := CompileRegex(string(sep), false, n%2 == 0, false); err == nil {
				re.Count(s, max(n, 1))
				re.Find(s, 1, n, 0)
				r.ReplaceRegex(re, nil, s, 1, sep)
			}
		}
		SubstringIndex(s, sep, n)
		Overlay(nil, s, sep, n, -n)
		Unhex(nil, s)
		Soundex(nil, s)
	})
}
