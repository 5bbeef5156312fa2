package retail

import (
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/testcorpus"
	"penstock/test/harness"
)

// TestRealInput loads the 305 files of a real shop: exact figures, and nothing at all changes when nothing is new.
func TestRealInput(t *testing.T) {
	input := filepath.Join(testcorpus.Dir(t), "data/online-retail")
	dir := project(t)
	rt := harness.Serve(t, filepath.Join(dir, ".penstock"))
	first := harness.MustRun(t, dir, nil, "run", "--input", input)
	t.Log("\n" + first.Stderr + first.Stdout)
	wantFigures(t, first, realFigures)
	for sql, want := range map[string]string{
		"SELECT sum(lines) FROM shop.daily":                                            "541909",
		"SELECT sum(cancellations) FROM shop.daily":                                    "9288",
		"SELECT count(*) FROM shop.sales":                                              "530104",
		"SELECT sum(revenue) FROM shop.sales":                                          "10666684.544",
		"SELECT sum(revenue) FROM shop.revenue WHERE country = 'United Kingdom'":       "9025222.084",
		"SELECT sum(revenue)::decimal(18,2) FROM shop.revenue WHERE month = '2011-11'": "1509496.33",
		"SELECT count(DISTINCT invoice_no) FROM shop.sales":                            "19960",
		"SELECT count(DISTINCT customer_id) FROM shop.sales":                           "4338",
	} {
		lines := strings.Split(strings.TrimSpace(query(t, dir, rt, sql)), "\n")
		if got := lines[len(lines)-1]; got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
	before := state(t, dir, rt)
	second := harness.MustRun(t, dir, nil, "run", "--input", input)
	if !strings.Contains(second.Stdout, "nothing new") {
		t.Errorf("the second run says\n%s", second.Stdout)
	}
	wantFigures(t, second, realFigures)
	if after := state(t, dir, rt); after != before {
		t.Errorf("the second run changed something:\n%s", firstDifference(before, after))
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return "one is longer"
}
