package retail

import (
	"path/filepath"
	"strings"
	"testing"

	"penstock/internal/testcorpus"
)

// TestRealInput loads the 305 files of a real shop: exact figures, in the report and by query, the same
// tables by PySpark; then nothing new, a late file, and a
// corrected file together with a new one.
func TestRealInput(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("305 files: not with -short")
	}
	input := filepath.Join(testcorpus.Dir(t), "data/online-retail")
	python, spark := sparkPython(t)
	s := newShop(t, 0, "PENSTOCK_PYTHON="+python)
	first := s.run("--input", input)
	t.Log("\n" + first.Stderr + first.Stdout)
	wantFigures(t, first, realFigures)
	s.want("SELECT sum(lines) FROM shop.daily", "541909")
	s.want("SELECT sum(cancellations) FROM shop.daily", "9288")
	s.want("SELECT count(*) FROM shop.sales", "530104")
	s.want("SELECT sum(revenue) FROM shop.sales", "10666684.544")
	s.want("SELECT sum(revenue) FROM shop.revenue WHERE country = 'United Kingdom'", "9025222.084")
	s.want("SELECT sum(revenue)::decimal(18,2) FROM shop.revenue WHERE month = '2011-11'", "1509496.33")
	s.want("SELECT count(DISTINCT invoice_no) FROM shop.sales", "19960")
	s.want("SELECT count(DISTINCT customer_id) FROM shop.sales", "4338")
	if spark {
		s.pyspark()
	}
	s.incremental(copyFiles(t, input, func(string) bool { return true }), "2010/12/01", "2011/12/11")
	// One line of 2010-12-01 went, 6 at 0.85; five lines came, three of them sold: 3 at 2.5, 7 at 1.11, 2 at 1.5.
	s.want("SELECT sum(lines) FROM shop.daily", "541913")
	s.want("SELECT count(*) FROM shop.sales", "530106")
	s.want("SELECT sum(revenue) FROM shop.sales", "10666697.714")
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
