package s3

import (
	"testing"

	"penstock/internal/api"
	"penstock/internal/object"
)

func TestParseRange(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "0+10 of 10",
		"bytes=0-4":                   "0+5",
		"bytes=5-":                    "5+5",
		"bytes=9-99":                  "9+1",
		"bytes=-3":                    "7+3",
		"bytes=-99":                   "0+10",
		"bytes=10-":                   "InvalidRange",
		"bytes=-0":                    "InvalidRange",
		"bytes=5-4":                   "0+10 of 10",
		"bytes=a-b":                   "0+10 of 10",
		"bytes=0-1,3-4":               "0+10 of 10",
		"items=0-4":                   "0+10 of 10",
		"bytes=--1":                   "0+10 of 10",
		"bytes=0":                     "0+10 of 10",
		"bytes= 0-4":                  "0+10 of 10",
		"bytes=+1-4":                  "0+10 of 10",
		"bytes=99999999999999999999-": "0+10 of 10",
	} {
		p, err := parseRange(text, 10)
		got := itoa(int(p.start)) + "+" + itoa(int(p.length))
		if !p.partial {
			got += " of 10"
		}
		if err != nil {
			got = api.Code(err)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if _, err := parseRange("bytes=0-", 0); api.Code(err) != "InvalidRange" {
		t.Errorf("a range of an empty object: %v", err)
	}
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes=0-4", "bytes=-3", "bytes=5-", "bytes=0-1,2-3", "x"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, text string, size int64) {
		if size < 0 {
			return
		}
		p, err := parseRange(text, size)
		if err == nil && (p.start < 0 || p.length < 0 || p.start+p.length > size || p.partial && p.length == 0) {
			t.Errorf("%q of %d bytes: %+v", text, size, p)
		}
	})
}

func TestPartSpan(t *testing.T) {
	i := object.Info{Size: 12, Attrs: object.Attrs{PartSizes: []int64{5, 5, 2}}}
	if p, err := partSpan(i, 3); err != nil || p.start != 10 || p.length != 2 {
		t.Errorf("part 3: %+v, %v", p, err)
	}
	for _, n := range []int{0, 4} {
		if _, err := partSpan(i, n); api.Code(err) != "InvalidPartNumber" {
			t.Errorf("part %d: %v", n, err)
		}
	}
}

func TestURLEncode(t *testing.T) {
	if got, want := urlEncode("a b/c+d%e&ü~*.-_"), "a%20b/c%2Bd%25e%26%C3%BC~*.-_"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
