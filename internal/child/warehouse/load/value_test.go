package load

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"penstock/internal/sql/syntax"
)

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		text             string
		precision, scale int
		want             string // the unscaled value, or the reason
	}{
		{"1.5", 10, 2, "150"}, {"-0.01", 10, 2, "-1"}, {"20.259", 10, 2, "2025"}, {"-20.259", 10, 2, "-2025"}, {"00012", 4, 2, "1200"}, {".5", 3, 1, "5"}, {"5.", 3, 1, "50"},
		{"+7", 3, 0, "7"}, {"99999999999999999999999999999999999999", 38, 0, "99999999999999999999999999999999999999"}, {"0", 38, 38, "0"},
		{"100", 4, 2, "Numeric data overflow (result precision): NUMERIC(4,2)"}, {"12345", 4, 0, "Numeric data overflow (result precision): NUMERIC(4,0)"},
		{"", 4, 0, "Invalid digit, Value '', Pos 0, Type: Decimal"}, {"-", 4, 0, "Invalid digit, Value '-', Pos 0, Type: Decimal"},
		{"1,5", 4, 0, "Invalid digit, Value ',', Pos 1, Type: Decimal"}, {"1e3", 4, 0, "Invalid digit, Value 'e', Pos 1, Type: Decimal"}, {"1.2.3", 4, 0, "Invalid digit, Value '.', Pos 3, Type: Decimal"},
	} {
		hi, lo, negative, err := parseDecimal([]byte(c.text), c.precision, c.scale)
		got := unscaled(hi, lo, negative).String()
		if err != nil {
			got = err.reason
		}
		if got != c.want {
			t.Errorf("%q as numeric(%d,%d): %s, want %s", c.text, c.precision, c.scale, got, c.want)
		}
	}
}

func unscaled(hi, lo uint64, negative bool) *big.Int {
	n := new(big.Int).Add(new(big.Int).Lsh(new(big.Int).SetUint64(hi), 64), new(big.Int).SetUint64(lo))
	if negative {
		n.Neg(n)
	}
	return n
}

// FuzzDecimal compares with exact arithmetic: what is accepted is the text's value, cut off behind the scale.
func FuzzDecimal(f *testing.F) {
	f.Add("-12345.678", 12, 3)
	f.Add("0.00000000000000000000000000000000000001", 38, 38)
	f.Add("+.", 1, 0)
	f.Fuzz(func(t *testing.T, text string, precision, scale int) {
		if precision < 1 || precision > 38 || scale < 0 || scale > precision {
			return
		}
		hi, lo, negative, verr := parseDecimal([]byte(text), precision, scale)
		want, ok := new(big.Rat).SetString(text)
		if verr != nil {
			return
		}
		if !ok {
			t.Fatalf("%q was accepted and is no number", text)
		}
		want.Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		cut := new(big.Int).Quo(want.Num(), want.Denom())
		if got := unscaled(hi, lo, negative); got.Cmp(cut) != 0 || len(new(big.Int).Abs(got).String()) > precision {
			t.Fatalf("%q as numeric(%d,%d) is %s, want %s", text, precision, scale, got, cut)
		}
	})
}

// FuzzTimestamp compares with package time: what is accepted is what time reads.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{"2020-02-29 23:59:59.999999", "2020-01-01T00:00:00", "2020-01-01 10:00:00+05:30", "2020-01-01", "2020-01-01 10:00", "2020-01-01 10:00:00-08"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		micros, ok := timestamp([]byte(s), false)
		if !ok {
			return
		}
		for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
			if want, err := time.Parse(layout, s); err == nil {
				if want.UnixMicro() != micros {
					t.Fatalf("%q is %d, want %d", s, micros, want.UnixMicro())
				}
				return
			}
		}
		t.Fatalf("%q was accepted", s)
	})
}

func TestZones(t *testing.T) {
	at := func(s string) (string, bool) {
		micros, ok := timestamp([]byte(s), true)
		return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05"), ok
	}
	for text, want := range map[string]string{"2020-01-01 10:00:00+02": "2020-01-01 08:00:00", "2020-01-01 10:00:00 -0530": "2020-01-01 15:30:00", "2020-01-01 10:00:00+05:30": "2020-01-01 04:30:00",
		"2020-01-01 10:00:00Z": "2020-01-01 10:00:00", "2020-01-01 10:00:00 UTC": "2020-01-01 10:00:00"} {
		if got, ok := at(text); !ok || got != want {
			t.Errorf("%s: %s %v, want %s", text, got, ok, want)
		}
	}
	for _, bad := range []string{"2020-01-01 10:00:00+", "2020-01-01 10:00:00+5", "2020-01-01 10:00:00+02:3", "2020-01-01 10:00:00 CET", "2020-01-01 10:00:00+99"} {
		if got, ok := at(bad); ok {
			t.Errorf("%s was read as %s", bad, got)
		}
	}
	if _, ok := timestamp([]byte("2020-01-01 10:00:00+02"), false); ok {
		t.Error("an offset was read into a timestamp without zone")
	}
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
		{[]syntax.Option{role, {Name: "parquet"}, {Name: "delimiter", Values: []string{","}}}, "DELIMITER argument is not supported for PARQUET based COPY"},
		{[]syntax.Option{role, {Name: "format", Values: []string{"orc"}}}, "COPY FORMAT ORC is not supported"},
	} {
		_, err := parse(c.opts)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.opts, err, c.want)
		}
	}
}
