package metric

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestMissingDataTables(t *testing.T) {
	text, err := os.ReadFile("testdata/missing.test")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), " | ")
		m, err := strconv.Atoi(f[0])
		if err != nil {
			t.Fatal(err)
		}
		var span []sample
		for _, c := range strings.Fields(f[1]) {
			span = append(span, sample{real: c != "-", breaching: c == "X"})
		}
		for i, treat := range []string{"missing", "ignore", "breaching", "notBreaching"} {
			want := f[2+i]
			if want == "keep" {
				want = "as it was"
			}
			a := &Alarm{EvaluationPeriods: 3, Datapoints: m, TreatMissing: treat, State: "as it was"}
			if got := judge(a, span); got != want {
				t.Errorf("M=%d %s, %s: %s, want %s", m, f[1], treat, got, want)
			}
			cases++
		}
	}
	if cases != 60 {
		t.Errorf("%d cases ran, want 60", cases)
	}
}
