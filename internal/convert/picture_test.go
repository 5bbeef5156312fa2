package convert

import "testing"

// The values are those of PostgreSQL 15; the third and seventh of the first group are in the Redshift guide.
func TestNumberPictures(t *testing.T) {
	for _, c := range [][3]string{
		{"125.8", "999.99", " 125.80"}, {"125.8", "999D99", " 125.80"}, {"125.8", "0999D99", " 0125.80"}, {"-125.8", "999D99S", "125.80-"},
		{"-125.88", "$S999D99", "$-125.88"}, {"-125.8", "999D99MI", "125.80-"}, {"-1", "9S", "1-"}, {"12", ".99", " .##"},
		{"125.8", "99.99", " ##.##"}, {"1", "FM999.99", "1."}, {"12.5", "PL99.9", "+12.5"}, {"-1", "999D99PR", "  <1.00>"},
		{"1", "999D99PR", "   1.00 "}, {"485", "999", " 485"}, {"-485", "999", "-485"}, {"485", "9 9 9", " 4 8 5"}, {"1485", "9,999", " 1,485"},
		{"1485", "9G999", " 1,485"}, {"148.5", "999.999", " 148.500"}, {"148.5", "FM999.999", "148.5"}, {"148.5", "FM999.990", "148.500"},
		{"3148.5", "9G999D999", " 3,148.500"}, {"-485", "999S", "485-"}, {"-485", "999MI", "485-"}, {"485", "999MI", "485 "},
		{"485", "FM999MI", "485"}, {"485", "PL999", "+485"}, {"485", "SG999", "+485"}, {"-485", "SG999", "-485"}, {"-485", "9SG99", "4-85"},
		{"-485", "999PR", "<485>"}, {"485", "L999", "$ 485"}, {"485", "RN", "        CDLXXXV"}, {"485", "FMRN", "CDLXXXV"}, {"5.2", "FMRN", "V"},
		{"482", "999th", " 482nd"}, {"485", "\"Good number:\"999", "Good number: 485"},
		{"485.8", "\"Pre:\"999\" Post:\" .999", "Pre: 485 Post: .800"}, {"12", "99V999", " 12000"}, {"12.4", "99V999", " 12400"},
		{"12.45", "99V9", " 125"}, {"0.1", "9.9", "  .1"}, {"0.1", "FM9.9", ".1"}, {"-0.1", "99.99", "  -.10"}, {"-0.1", "FM9.99", "-.1"},
		{"0.1", "0.9", " 0.1"}, {"12", "9990999.9", "    0012.0"}, {"12", "FM9990999.9", "0012."}, {"0", "FM9.9", "0."}, {"0", "9.9", "  .0"},
		{"0", "999", "   0"}, {"-0.001", "99.99", "   .00"}, {"1234567", "9,999", " #,###"}, {"0", "FM990", "0"}, {"5", "S9", "+5"},
		{"-5", "S9", "-5"}, {"123456789012345678901234567890.12", "FM999999999999999999999999999999.99", "123456789012345678901234567890.12"},
		{"1e3", "9999", " 1000"}, {"4000", "RN", "###############"},
	} {
		p, err := CompileNumber(c[1])
		if err != nil {
			t.Errorf("%s: %v", c[1], err)
			continue
		}
		if got := string(p.Append(nil, []byte(c[0]))); got != c[2] {
			t.Errorf("to_char(%s, %q): [%s], want [%s]", c[0], c[1], got, c[2])
		}
	}
	for _, bad := range []string{"9.9.9", "SS9", "S9MI", "9PR9", "9.9EEEE", "9V9.9"} {
		if _, err := CompileNumber(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestDatePictures(t *testing.T) {
	at := func(s string) int64 {
		v, f := Redshift.Timestamp([]byte(s))
		if f != None {
			t.Fatal(s)
		}
		return v
	}
	for _, c := range [][3]string{
		{"2024-12-30", "IY", "25"}, {"2024-12-30", "I", "5"}, {"2024-12-30", "IYY", "025"}, {"2024-03-03", "IDDD", "063"},
		{"2024-03-03", "RM", "III "}, {"2024-03-03", "Y,YYY", "2,024"}, {"2024-03-03", "FMMM/FMDD/YYYY", "3/3/2024"},
		{"2024-03-03", "DDth", "03rd"}, {"2024-03-03", "YYYY BC", "2024 AD"}, {"2024-03-03", "YYYY A.D.", "2024 A.D."},
		{"2009-12-31 23:15:59", "MONTH-DY-DD-YYYY HH12:MI:SS PM", "DECEMBER -THU-31-2009 11:15:59 PM"},
		{"2009-01-05", "FMMonth D, YYYY Q WW", "January 2, 2009 1 01"},
		{"2024-03-11 00:05:09.012345", "YYYY-MM-DDTHH24:MI:SS.MS US SSSS am", "2024-03-11T00:05:09.012 012345 309 am"},
		{"2024-03-11", "\"year\" YY CC J ID W", "year 24 21 2460381 1 2"},
	} {
		p, err := CompileDate(c[1])
		if err != nil {
			t.Errorf("%s: %v", c[1], err)
			continue
		}
		if got := string(p.Append(nil, at(c[0]))); got != c[2] {
			t.Errorf("to_char(%s, %q): [%s], want [%s]", c[0], c[1], got, c[2])
		}
	}
	if _, err := CompileDate("YYYY-XX"); err == nil {
		t.Error("XX is accepted")
	}
	for _, c := range [][3]string{
		{"20010631", "YYYYMMDD", "2001-07-01 00:00:00"}, {"2024-02-30", "YYYY-MM-DD", "2024-03-01 00:00:00"},
		{"02 Oct 2001", "DD Mon YYYY", "2001-10-02 00:00:00"}, {"2011-12-18 24:38:15", "YYYY-MM-DD HH24:MI:SS", "2011-12-19 00:38:15"},
		{"05 January 2024 03:04 PM", "DD Month YYYY HH12:MI AM", "2024-01-05 15:04:00"}, {"1/2/24", "MM/DD/YY", "2024-01-02 00:00:00"},
		{"2024-060", "YYYY-DDD", "2024-02-29 00:00:00"}, {"2024-03-01T10:11:12.5", "YYYY-MM-DDTHH24:MI:SS.MS", "2024-03-01 10:11:12.5"},
		{"x", "YYYY", "error"}, {"2024-13-01", "YYYY-MM-DD", "2025-01-01 00:00:00"},
	} {
		p, err := CompileDate(c[1])
		if err != nil {
			t.Fatal(err)
		}
		got := "error"
		if v, err := p.Read([]byte(c[0]), false); err == nil {
			got = string(AppendTimestamp(nil, v))
		}
		if got != c[2] {
			t.Errorf("read %s by %q: %s, want %s", c[0], c[1], got, c[2])
		}
		if _, err := p.Read([]byte("2001-06-31"), true); c[1] == "YYYY-MM-DD" && err == nil {
			t.Error("strict takes June 31")
		}
	}
}
