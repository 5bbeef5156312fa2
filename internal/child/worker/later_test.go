package worker

import (
	"slices"
	"strings"
	"testing"

	"penstock/internal/child/worker/ledger"
	"penstock/internal/clock"
)

// TestUnloaded compares what a table of the warehouse has with what its source has, run by run.
//
//	A1 B2    the lake: run A under generation 1, run B under generation 2
//	A1 B1    the ledger of the warehouse
func TestUnloaded(t *testing.T) {
	for _, x := range []struct {
		name, lake, house, planned, want, why string
		loaded                                int64
		empty                                 bool
	}{
		{name: "in step", lake: "A1 B2", house: "A1 B2", loaded: 3},
		{name: "new", lake: "A1 B2", want: "A B", why: "is new"},
		{name: "one run behind", lake: "A1 B2", house: "A1 B1", loaded: 3, want: "B", why: "is behind what it is loaded from"},
		{name: "emptied", lake: "A1 B2", house: "A1 B2", loaded: 3, empty: true, want: "A B", why: "is empty, and was not"},
		{name: "never had rows", lake: "A1", house: "A1", empty: true},
		{name: "behind, and done again anyway", lake: "A2 B1", house: "A1 B1", planned: "A", loaded: 3},
		{name: "behind, and another is behind that is not", lake: "A2 B2", house: "A1 B1", planned: "A", loaded: 3, want: "A B",
			why: "is behind what it is loaded from"},
		{name: "never loaded, and done again anyway", lake: "A1 B1", planned: "A B", want: "A B", why: "is new"},
		{name: "its source lacks a run", lake: "B1", house: "B1", loaded: 1},
	} {
		b := &backlog{plan: &plan{}}
		for _, run := range []string{"A", "B"} {
			lr := &ledger.Run{Base: ledger.Manifest{Run: run, Gen: 1}, Outputs: gens(x.lake, run)}
			b.runs = append(b.runs, lr)
		}
		for _, run := range strings.Fields(x.planned) {
			b.plan.Runs = append(b.plan.Runs, planned{Run: run})
		}
		h := &holding{gens: map[string]int{}, loaded: x.loaded, rows: !x.empty}
		for _, f := range strings.Fields(x.house) {
			h.gens[f[:1]] = int(f[1] - '0')
		}
		runs, why := b.unloaded(bookTable{Name: "s.t", From: "t"}, h)
		var got []string
		for _, lr := range runs {
			got = append(got, lr.Base.Run)
		}
		if strings.Join(got, " ") != x.want || why != x.why {
			t.Errorf("%s: %v %q, want %q %q", x.name, got, why, x.want, x.why)
		}
	}
}

// gens are the outputs of a run in "A1 B2".
func gens(text, run string) map[string]int {
	for _, f := range strings.Fields(text) {
		if f[:1] == run {
			return map[string]int{"t": int(f[1] - '0')}
		}
	}
	return map[string]int{}
}

// TestWithin chooses runs by their ids and by the times at which they began.
func TestWithin(t *testing.T) {
	b := &backlog{}
	// 22:13:20.000, .001, 22:13:26.144
	ids := []string{"01HF7YAT00000000000000000A", "01HF7YAT01000000000000000B", "01HF7YAZ00000000000000000C"}
	for _, run := range ids {
		b.runs = append(b.runs, &ledger.Run{Base: ledger.Manifest{Run: run}})
	}
	for _, x := range []struct {
		from, to string
		want     []int
	}{
		{"", "", []int{0, 1, 2}},
		{ids[1], "", []int{1, 2}},
		{"", ids[1], []int{0, 1}},
		{ids[1], ids[1], []int{1}},
		{"2023-11-14T22:13:21Z", "", []int{2}},
		{"", "2023-11-14T22:13:21Z", []int{0, 1}},
		{"2023-11-14T22:13:20Z", "2023-11-14T22:13:20.001Z", []int{0}},
		{"2024-01-01T00:00:00Z", "", nil},
	} {
		runs, err := b.within(ask{From: x.from, To: x.to})
		var got []int
		for _, lr := range runs {
			got = append(got, slices.Index(ids, lr.Base.Run))
		}
		if err != nil || !slices.Equal(got, x.want) {
			t.Errorf("%s to %s: %v %v, want %v", x.from, x.to, got, err, x.want)
		}
	}
	if _, err := b.within(ask{From: "01HF7YAT0"}); err == nil {
		t.Error("half an id passes as a bound")
	}
}

// TestScripts looks when a script is run for what earlier runs have read: it is told by the newest finished run, and what it reads.
func TestScripts(t *testing.T) {
	for _, x := range []struct {
		name, lake string
		full       []string
		filling    string
		want       string
	}{
		{name: "as it should be", lake: "A1 B1"},
		{name: "was not there for an earlier run", lake: "B1"},
		{name: "is new", want: "is new"},
		{name: "was added between", lake: "A1", want: "is new"},
		{name: "asked for", lake: "A1 B1", full: []string{"t"}, want: "is done again"},
		{name: "all is asked for", lake: "A1 B1", full: []string{"*"}, want: "is done again"},
		{name: "what it reads is asked for", lake: "A1 B1", full: []string{"u"}, filling: "u", want: "is done again"},
		{name: "what it reads is filled", lake: "A1 B1", filling: "u", want: "reads what is filled"},
		{name: "what it does not read is filled", lake: "A1 B1", filling: "v"},
	} {
		b := &backlog{run: &run{Worker: &Worker{clock: clock.Real{}}}, plan: &plan{Ask: ask{Full: x.full}},
			filling: map[string]bool{x.filling: true}}
		for i, run := range []string{"A", "B"} {
			b.runs = append(b.runs, &ledger.Run{Base: ledger.Manifest{Run: run, Gen: i + 1}, Outputs: gens(x.lake, run)})
		}
		if err := b.transform(t.Context(), bookTransform{Name: "t", Job: "p-t", Reads: []string{"u"}, Script: true}); err != nil {
			t.Fatal(err)
		}
		var want []filled
		if x.want != "" {
			want = []filled{{Name: "t", Job: "p-t", Why: x.want, Runs: 2, Run: "B", Gen: "000002"}}
		}
		if !slices.Equal(b.plan.Transforms, want) || b.filling["t"] != (x.want != "") {
			t.Errorf("%s: %+v, want %+v", x.name, b.plan.Transforms, want)
		}
	}
}
