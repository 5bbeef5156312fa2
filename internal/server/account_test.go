package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAccountIsFixedByTheFirstStart asks for accounts in new and old data directories.
func TestAccountIsFixedByTheFirstStart(t *testing.T) {
	fresh, earlier, cut := t.TempDir(), t.TempDir(), t.TempDir()
	for _, dir := range []string{earlier, filepath.Join(earlier, "meta"), cut} { // an earlier program's has no file of its account
		os.Mkdir(dir, 0o700)
		os.WriteFile(filepath.Join(dir, formatName), []byte("penstock 1\n"), 0o600)
	}
	os.Remove(filepath.Join(earlier, "meta", formatName))
	for _, c := range []struct{ data, asked, want, refused string }{
		{fresh, "12345", "", "12 digits"},
		{fresh, "123456789012", "123456789012", ""},
		{fresh, "", "123456789012", ""},
		{fresh, "123456789013", "", "is of the account 123456789012, which its first start fixed"},
		{earlier, "123456789012", "", "is of the account 000000000000"},
		{earlier, "", DefaultAccount, ""},
		{cut, "123456789012", "123456789012", ""}, // the first start was cut off
	} {
		o := options(c.data)
		o.Account = c.asked
		s, err := Open(t.Context(), o)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%q: %v, want %s", c.asked, err, c.refused)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := s.root(); got.Account != c.want || got.ARN != "arn:aws:iam::"+c.want+":root" {
			t.Errorf("%q: %+v, want %s", c.asked, got, c.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
