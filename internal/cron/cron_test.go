package cron

import (
	"strings"
	"testing"
	"time"
)

const layout = "Mon 2006-01-02 15:04"

// TestNext: the times after Mon 2026-11-30 19:48 (or the given one) at which schedules fire.
func TestNext(t *testing.T) {
	for _, c := range []struct{ expr, from, want string }{
		{"15 12 * * ? *", "", "Tue 2026-12-01 12:15, Wed 2026-12-02 12:15"},
		{"0 18 ? * MON-FRI *", "Fri 2026-12-04 17:59", "Fri 2026-12-04 18:00, Mon 2026-12-07 18:00"},
		{"0 8 1 * ? *", "", "Tue 2026-12-01 08:00, Fri 2027-01-01 08:00"},
		{"0/15 * * * ? *", "", "Mon 2026-11-30 20:00, Mon 2026-11-30 20:15, Mon 2026-11-30 20:30"},
		{"*/20 * * * ? *", "", "Mon 2026-11-30 20:00, Mon 2026-11-30 20:20"},
		{"0/5 8-17 ? * mon-fri *", "", "Tue 2026-12-01 08:00, Tue 2026-12-01 08:05"},
		{"5,50 8,17 * * ? *", "Mon 2026-11-30 08:50", "Mon 2026-11-30 17:05, Mon 2026-11-30 17:50, Tue 2026-12-01 08:05"},
		{"48 19 30 11 ? 2026", "Mon 2026-11-30 19:47", "Mon 2026-11-30 19:48, never"},
		{"0 0 L * ? *", "", "Thu 2026-12-31 00:00, Sun 2027-01-31 00:00, Sun 2027-02-28 00:00"},
		{"0 0 L 2 ? 2028-2030", "", "Tue 2028-02-29 00:00, Wed 2029-02-28 00:00, Thu 2030-02-28 00:00, never"},
		{"0 0 29 2 ? *", "", "Tue 2028-02-29 00:00, Sun 2032-02-29 00:00"},
		{"0 0 31 2 ? *", "", "never"},
		{"0 0 LW * ? *", "", "Thu 2026-12-31 00:00, Fri 2027-01-29 00:00, Fri 2027-02-26 00:00"},
		{"0 0 1W * ? *", "", "Tue 2026-12-01 00:00, Fri 2027-01-01 00:00, Mon 2027-02-01 00:00"},
		{"0 0 1W 8 ? *", "", "Mon 2027-08-02 00:00"},     // the first is a Sunday
		{"0 0 1W 5 ? *", "", "Mon 2027-05-03 00:00"},     // a Saturday: not in April
		{"0 0 31W 1,10 ? *", "", "Fri 2027-01-29 00:00"}, // a Sunday: not in February
		{"0 0 15W * ? *", "", "Tue 2026-12-15 00:00, Fri 2027-01-15 00:00, Mon 2027-02-15 00:00"},
		{"0 0 3W,20 1 ? *", "", "Mon 2027-01-04 00:00, Wed 2027-01-20 00:00"},
		{"0 0 31W 2 ? *", "", "never"},
		{"0 9 ? * 2#1 *", "", "Mon 2026-12-07 09:00, Mon 2027-01-04 09:00"},
		{"0 9 ? * FRI#5 *", "", "Fri 2027-01-29 09:00, Fri 2027-04-30 09:00"},
		{"0 9 ? * L *", "", "Sat 2026-12-05 09:00, Sat 2026-12-12 09:00"},
		{"0 9 ? * 6L *", "", "Fri 2026-12-25 09:00, Fri 2027-01-29 09:00"},
		{"0 9 ? * FRIL,SUN#1 *", "", "Sun 2026-12-06 09:00, Fri 2026-12-25 09:00"},
		{"0 9 ? * FRI-MON *", "", "Fri 2026-12-04 09:00, Sat 2026-12-05 09:00, Sun 2026-12-06 09:00, Mon 2026-12-07 09:00, Fri 2026-12-11 09:00"},
		{"0 22-2/2 * * ? *", "", "Mon 2026-11-30 22:00, Tue 2026-12-01 00:00, Tue 2026-12-01 02:00, Tue 2026-12-01 22:00"},
		{"0 0 1 JAN,jul ? *", "", "Fri 2027-01-01 00:00, Thu 2027-07-01 00:00"},
		{"0 0 1 11-2/3 ? *", "", "Mon 2027-02-01 00:00, Mon 2027-11-01 00:00"},
		{"0 0 1 1 ? 2199", "", "Tue 2199-01-01 00:00, never"},
		{"0 0 1 1 ? 2026/2", "", "Sat 2028-01-01 00:00, Tue 2030-01-01 00:00"},
		{"0 0 * * ? 1970", "Mon 1969-11-30 10:00", "Thu 1970-01-01 00:00, Fri 1970-01-02 00:00"},
	} {
		s, err := Parse("cron(" + c.expr + ")")
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		from := c.from
		if from == "" {
			from = "Mon 2026-11-30 19:48"
		}
		at, err := time.Parse(layout, from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range strings.Split(c.want, ", ") {
			next, ok := s.Next(at.Add(30 * time.Second))
			if !ok {
				got = append(got, "never")
				break
			}
			got = append(got, next.Format(layout))
			at = next
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s: got\n%s, want\n%s", c.expr, g, c.want)
		}
		if s.String() != "cron("+c.expr+")" {
			t.Error(s)
		}
	}
}

func TestRefused(t *testing.T) {
	for expr, want := range map[string]string{
		"":                       "not of the form",
		"rate(5 minutes)":        "not of the form",
		"15 12 * * ? *":          "not of the form",
		"cron(15 12 * * ? *":     "not of the form",
		"cron(15 12 * * ?)":      "has 5 fields",
		"cron(0 15 12 * * ? *)":  "has 7 fields",
		"cron(15 12 * * * *)":    "must be ?",
		"cron(15 12 ? * ? *)":    "must be ?",
		"cron(60 12 * * ? *)":    `Minutes "60": "60" is not a number from 0 to 59`,
		"cron(? 12 * * ? *)":     `Minutes "?": ? stands for a day only`,
		"cron(0 24 * * ? *)":     "Hours",
		"cron(0 0 0 * ? *)":      "Day-of-month",
		"cron(0 0 32W * ? *)":    "Day-of-month",
		"cron(0 0 W * ? *)":      "Day-of-month",
		"cron(0 0 6#3 * ? *)":    "Day-of-month",
		"cron(0 0 * 13 ? *)":     "Month",
		"cron(0 0 * JANU ? *)":   "neither a number from 1 to 12 nor one of JAN-DEC",
		"cron(0 0 ? * 0 *)":      "Day-of-week",
		"cron(0 0 ? * 3W *)":     "Day-of-week",
		"cron(0 0 ? * 6#6 *)":    "from 1 to 5",
		"cron(0 0 ? * 6# *)":     "from 1 to 5",
		"cron(0 0 * * ? 1969)":   "Year",
		"cron(0 0 * * ? 2200)":   "Year",
		"cron(0 0 * * ? 30-20)":  "Year",
		"cron(0 0 * * ? 2030-2)": "Year",
		"cron(0,,5 0 * * ? *)":   "a value is missing",
		"cron(0/0 0 * * ? *)":    "the step",
		"cron(0/60 0 * * ? *)":   "the step",
		"cron(+5 0 * * ? *)":     "Minutes",
		"cron(-5 0 * * ? *)":     "Minutes",
		"cron(5- 0 * * ? *)":     "Minutes",
	} {
		if _, err := Parse(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestGlueRefusesTooFast(t *testing.T) {
	for expr, minutes := range map[string]int{
		"0/5 * * * ? *": 5, "0/4 * * * ? *": 4, "* * * * ? *": 1, "0,57 * * * ? *": 3, "58 23 * * ? *": 24 * 60,
		"0,58 0,23 * * ? *": 2, "0,58 0,23 1 * ? *": 58, "0,58 0,23 L,1 * ? *": 2, "0/7 * * * ? *": 4, "0 0 31 2 ? *": 24 * 60,
	} {
		s, err := Parse("cron(" + expr + ")")
		if err != nil || s.Shortest() != time.Duration(minutes)*time.Minute {
			t.Errorf("%s: %v %v", expr, s.Shortest(), err)
		}
		if _, err := Glue("cron(" + expr + ")"); (err != nil) != (minutes < 5) {
			t.Errorf("%s: %v", expr, err)
		}
	}
	if _, err := Glue("cron(x)"); err == nil {
		t.Error("no error")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"cron(15 12 * * ? *)", "cron(0/5 8-17 ? JAN MON#2,FRIL *)", "cron(0 0 LW,3W * ? 2026/3)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		from := time.Date(2026, 11, 30, 19, 48, 0, 0, time.UTC)
		next, ok := s.Next(from)
		if ok && !next.After(from) {
			t.Errorf("%s fires at %v", text, next)
		}
		if before, again := s.Next(next.Add(-time.Minute)); ok && (!again || !before.Equal(next)) {
			t.Errorf("%s fires at %v, and a minute before at %v", text, next, before)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	s, err := Parse("cron(0 0 29 2 ? *)")
	if err != nil {
		b.Fatal(err)
	}
	from := time.Date(2026, 11, 30, 19, 48, 0, 0, time.UTC)
	for b.Loop() {
		if _, ok := s.Next(from); !ok {
			b.Fatal("never")
		}
	}
}
