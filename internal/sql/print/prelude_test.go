package print

import (
	"slices"
	"strings"
	"testing"
)

func TestMacrosOnlyThoseNamed(t *testing.T) {
	if got := Macros(`SELECT ps_rs_date(x), "penstock_fn"`); got != nil {
		t.Errorf("a text without macros asks for %q", got)
	}
	got := Macros("SELECT penstock_fn.difference(a, b)")
	if len(got) < 4 || len(got) > 6 || !strings.Contains(got[len(got)-1], "penstock_fn.difference(") ||
		got[0] != "CREATE SCHEMA IF NOT EXISTS penstock_fn" {
		t.Errorf("difference and those that it calls: %q", got)
	}
	for _, sql := range got {
		if !slices.Contains(Prelude(), sql) {
			t.Errorf("%s is not in the prelude", sql)
		}
	}
}
