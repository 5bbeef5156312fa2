package load

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"penstock/internal/engine"
	"penstock/internal/sql/syntax"
	"penstock/internal/sql/typed"
)

// TestValues has what COPY says of texts: nothing when they fit, else the reason of stl_load_errors. The values are those of casts (package
// convert); what is narrower in COPY are the forms of dates and times.
func TestValues(t *testing.T) {
	plain, wide := &options{}, &options{dateFormat: auto, timeFormat: auto}
	date, stamp, clock := "Invalid Date Format [YYYY-MM-DD]", "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]",
		"Invalid time format or value [HH24:MI:SS]"
	for _, c := range []struct {
		typ  typed.Type
		o    *options
		want string
		text []string
	}{
		{typed.T(typed.Int), plain, "", []string{"5", "+5", " -5 ", "2147483647"}},
		{typed.T(typed.Int), plain, "Invalid digit, Value 'e', Pos 1, Type: Integer", []string{"1e3"}},
		{typed.T(typed.Int), plain, "Invalid digit, Value '.', Pos 1, Type: Integer", []string{"1.0"}},
		{typed.T(typed.Int), plain, "Invalid digit, Value '-', Pos 0, Type: Integer", []string{"-"}},
		{typed.T(typed.Int), plain, "Overflow, Value '2147483648', Type: Integer", []string{"2147483648"}},
		{typed.Dec(4, 2), plain, "", []string{"12.34", ".5", "5.", "1e1", "9.99e-9", "20.259", "99.999"}},
		{typed.Dec(4, 2), plain, "Numeric data overflow (result precision): NUMERIC(4,2)", []string{"100", "1e2", "12345"}},
		{typed.Dec(4, 2), &options{roundDecimals: true}, "Numeric data overflow (result precision): NUMERIC(4,2)", []string{"99.999"}},
		{typed.Dec(4, 2), plain, "Invalid digit, Value ',', Pos 1, Type: Decimal", []string{"1,5"}},
		{typed.Dec(4, 2), plain, "Invalid digit, Value '.', Pos 3, Type: Decimal", []string{"1.2.3"}},
		{typed.Dec(4, 2), plain, "Invalid digit, Value 'x', Pos 0, Type: Decimal", []string{"x"}},
		{typed.T(typed.Double), plain, "", []string{"1e3", "-.5", "NaN", "Infinity", "-Infinity"}},
		{typed.T(typed.Double), plain, "Invalid digit, Value '0x1p3', Pos 0, Type: Float", []string{"0x1p3"}},
		{typed.T(typed.Double), plain, "Overflow, Value '1e400', Type: Float", []string{"1e400"}},
		{typed.T(typed.Real), plain, "Overflow, Value '1e39', Type: Float", []string{"1e39"}},
		{typed.T(typed.Bool), plain, "", []string{"t", "TRUE", "1", "n", "off"}},
		{typed.T(typed.Bool), plain, "Unknown boolean format", []string{"maybe", "2"}},
		{typed.T(typed.Date), plain, "", []string{"2020-02-29", "2020-02-29 10:00:00", "2020-02-29T24:00"}},
		{typed.T(typed.Date), plain, "Invalid Date Format - length must be 10 or more",
			[]string{"12/31/24", "1/2/03", "08-Jan-99", "2020-1-1", "20200229"}},
		{typed.T(typed.Date), plain, date,
			[]string{"2021-02-29", "2020-02-29 x", "2020-02-29x", "2020-02-29 10", "12/31/2024", "31-Jan-2020", "Jan 31, 2020"}},
		{typed.T(typed.Date), wide, "", []string{"12/31/24", "1/2/03", "08-Jan-99", "20200229", "Jan 31, 2020", "12/31/2024 10:00"}},
		{typed.T(typed.Date), wide, date, []string{"13/31/24", "2020-02-30", "x"}},
		{typed.T(typed.Time), plain, "", []string{"23:59:59.5", "10:00", "24:00:00"}},
		{typed.T(typed.Time), plain, clock, []string{"24:00:01", "25:00", "1:00", "10:00 PM", "10:00:00+02", "noon"}},
		{typed.T(typed.Timestamp), plain, "", []string{"2020-01-01 10:00:00.25", "2020-01-01T10:00", "2020-01-01", "2020-01-01 24:00:00"}},
		{typed.T(typed.Timestamp), plain, stamp, []string{"2020-01-01 10:00:00+02", "2020-01-01 10:00:00 UTC", "2020-01-01 10:00:00 x",
			"1/2/03 10:00", "2020-01-01 24:00:01", "2020-01-01 10", "Jan 1, 2020 10:00"}},
		{typed.T(typed.Timestamp), wide, "", []string{"1/2/03 10:00", "Jan 1, 2020 10:00 PM", "2020-01-01 10:00:00+02"}},
		{typed.T(typed.Timestamp), &options{timeFormat: epochSecs}, "", []string{"1589562000", "-1"}},
		{typed.T(typed.Timestamp), &options{timeFormat: epochSecs}, "Invalid timestamp format or value [epoch]",
			[]string{"1e9", "99999999999999999"}},
		{typed.T(typed.Timestamptz), plain, "", []string{"2020-01-01 10:00:00+02", "2020-01-01 10:00:00 -0530", "2020-01-01 10:00:00-8:00",
			"2020-01-01 10:00:00Z", "2020-01-01 10:00:00 UTC"}},
		{typed.T(typed.Timestamptz), plain, stamp, []string{"2020-01-01 10:00:00+", "2020-01-01 10:00:00 CET", "2020-01-01 10:00:00+99"}},
	} {
		set, err := setterFor(c.typ, c.o)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range c.text {
			got := ""
			if err := set(engine.Discard(), 0, []byte(text)); err != nil {
				got = err.reason
			}
			if got != c.want {
				t.Errorf("%q as %s: %q, want %q", text, c.typ, got, c.want)
			}
		}
	}
}

// FuzzValues puts any text through every conversion; a timestamp of the default form that is accepted is one that package time reads too.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"2020-02-29 23:59:59.999999", "2020-01-01T24:00", "2020-01-01 10:00:00+05:30", "-1.5e-3", "t", "\xff\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range []typed.Type{typed.T(typed.Int), typed.Dec(9, 3), typed.T(typed.Double), typed.T(typed.Bool), typed.T(typed.Date),
			typed.T(typed.Time), typed.T(typed.Timestamp), typed.T(typed.Timestamptz), typed.VarcharOf(3), {Kind: typed.Char, Len: 3}} {
			for _, o := range []*options{{}, {dateFormat: auto, timeFormat: auto, truncate: true}} {
				set, err := setterFor(typ, o)
				if err != nil {
					t.Fatal(err)
				}
				bad := set(engine.Discard(), 0, []byte(s))
				if bad != nil && strings.ContainsFunc(strings.ReplaceAll(bad.reason, "\t", ""), unicode.IsControl) {
					t.Errorf("%q as %s: %q shows what is no text", s, typ, bad.reason)
				}
				if typ.Kind == typed.Timestamp && bad == nil && o.timeFormat == "" && !strings.Contains(s, "24:00") && !goReads(strings.TrimSpace(s)) {
					t.Errorf("%q was accepted", s)
				}
			}
		}
	})
}

// goReads reports whether package time reads a timestamp.
func goReads(s string) bool {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func TestUTF8Errors(t *testing.T) {
	for text, want := range map[string]int{"\xff": 1, "\xe2\x82": 2, "\xa4": 3, "\xe2\x28\xa1": 4} {
		i := badUTF8([]byte("ok" + text))
		if i != 2 || utf8Error([]byte(text)) != want {
			t.Errorf("% x: at %d, error %d, want %d", text, i, utf8Error([]byte(text)), want)
		}
	}
	if badUTF8([]byte("ünïcödé €")) != -1 {
		t.Error("good text is bad")
	}
	if got := string(cutUTF8([]byte("aé€"), 4)); got != "aé" {
		t.Errorf("cut: %q", got)
	}
}

func TestOptions(t *testing.T) {
	role := syntax.Option{Name: "iam_role", Values: []string{"default"}}
	for _, c := range []struct {
		opts []syntax.Option
		want string // part of the error, "" for none
	}{
		{[]syntax.Option{role}, ""}, {nil, "CREDENTIALS argument is required"},
		{[]syntax.Option{{Name: "iam_role", Values: []string{"me"}}}, "Invalid IAM_ROLE"},
		{[]syntax.Option{{Name: "credentials", Values: []string{"aws_iam_role=arn:aws:iam::1:role/r"}}}, ""},
		{[]syntax.Option{{Name: "credentials", Values: []string{"secret"}}}, "Invalid credentials"},
		{[]syntax.Option{role, {Name: "delimiter", Values: []string{`\001`}}}, ""},
		{[]syntax.Option{role, {Name: "delimiter", Values: []string{"ab"}}}, "must be a single character"},
		{[]syntax.Option{role, {Name: "quote", Values: []string{"'"}}}, "QUOTE is allowed only with CSV"},
		{[]syntax.Option{role, {Name: "csv"}, {Name: "escape"}}, "ESCAPE is not supported for CSV"},
		{[]syntax.Option{role, {Name: "ignoreheader", Values: []string{"-1"}}}, "Invalid number of lines"},
		{[]syntax.Option{role, {Name: "maxerror", Values: []string{"3"}}}, "COPY option MAXERROR is not supported by Penstock yet"},
		{[]syntax.Option{role, {Name: "timeformat", Values: []string{"epochsecs"}}, {Name: "roundec"},
			{Name: "dateformat", Values: []string{"YYYY-MM-DD"}}}, ""},
		{[]syntax.Option{role, {Name: "dateformat", Values: []string{"DD.MM.YYYY"}}},
			"COPY DATEFORMAT 'DD.MM.YYYY' (it has auto and the default, 'YYYY-MM-DD') is not supported by Penstock yet"},
		{[]syntax.Option{role, {Name: "parquet"}, {Name: "delimiter", Values: []string{","}}},
			"DELIMITER argument is not supported for PARQUET based COPY"},
		{[]syntax.Option{role, {Name: "format", Values: []string{"orc"}}}, "COPY FORMAT ORC is not supported"},
	} {
		_, err := parse(c.opts)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.opts, err, c.want)
		}
	}
}
