package cli

import "testing"

func TestNumbersForPeople(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "999": "999", "1000": "1,000", "1234567.891": "1,234,567.891", "-45000": "-45,000", "01M8": "01M8", "": "", "1e9": "1e9",
	} {
		if got := thousands(in); got != want {
			t.Errorf("thousands(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 566_200: "566.2 kB",
		7_900_000: "7.9 MB", 2_000_000_000: "2.0 GB"} {
		if got := size(in); got != want {
			t.Errorf("size(%d) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"plain-1.2/x:": "plain-1.2/x:", "a b": "'a b'", "it's": `'it'\''s'`} {
		if got := shellQuote(in); got != want {
			t.Errorf("shellQuote(%q) = %q, want %q", in, got, want)
		}
	}
}
