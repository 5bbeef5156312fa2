package logstore

import (
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, match, miss string }{
		{"", "anything", ""},
		{"ERROR", "an ERROR here", "an error here"},
		{"ERROR disk", "disk ERROR", "ERROR only"},
		{"?ERROR ?WARN", "WARN x", "INFO x"},
		{"ERROR -disk", "ERROR net", "ERROR disk"},
		{`"disk is full"`, "the disk is full now", "the disk full is"},
		{`-"a b"`, "a, b", "a b"},
		{`{ $.level = "error" }`, `{"level":"error"}`, `{"level":"info"}`},
		{`{ $.level = err* }`, `{"level":"error"}`, `{"level":"info"}`},
		{`{ $.level != "a" }`, `{"level":"b"}`, `{"level":"a"}`},
		{`{ $.n >= 3 && $.n < 4.5 }`, `{"n":4.25}`, `{"n":4.5}`},
		{`{ $.n = 1 || $.n = 3 }`, `{"n":3}`, `{"n":2}`},
		{`{ ($.a = 1 || $.b = 1) && $.c = 1 }`, `{"b":1,"c":1}`, `{"b":1}`},
		{`{ $.r[1].x = 7 }`, `{"r":[1,{"x":7.0}]}`, `{"r":[{"x":7}]}`},
		{`{ $.a IS NULL }`, `{"a":null}`, `{}`},
		{`{ $.a NOT EXISTS }`, `{}`, `{"a":null}`},
		{`{ $.a IS TRUE }`, `{"a":true}`, `{"a":false}`},
		{`{ $.a IS FALSE }`, `{"a":false}`, `{"a":1}`},
		{`{ $.a = 1e3 }`, `{"a":1000}`, `no json`},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if !p.Match(c.match) {
			t.Errorf("%s does not match %s", c.pattern, c.match)
		}
		if c.pattern != "" && p.Match(c.miss) {
			t.Errorf("%s matches %s", c.pattern, c.miss)
		}
	}
}

func TestPatternsRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		"[a, b]":          "space-delimited",
		"%x.*%":           "regular expressions",
		"a.b":             "double quotes",
		`"open`:           "not closed",
		"{ $.a = 1":       "} is missing",
		"{ $.a }":         "comparison",
		"{ a = 1 }":       "begins with $",
		"{ $.a > x }":     "needs a number",
		"{ $.a = %x% }":   "regular expressions",
		"{ $.a = 1 $.b }": "unexpected",
		"?":               "missing",
	} {
		if _, err := ParsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"ERROR -disk", `{ $.a[0].b = "x*" && ($.n >= 3 || $.c IS NULL) }`, "[a, b]", `?"a b" ?c`,
		"{ $.a = 1e99999 }", "{ $[ = 1 }"} {
		f.Add(s, `{"a":[{"b":"xy"}],"n":3}`)
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		if p, err := ParsePattern(pattern); err == nil {
			p.Match(message)
		}
	})
}
