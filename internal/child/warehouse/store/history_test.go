package store

import "testing"

func TestHistory(t *testing.T) {
	var h history
	mine := []*Table{{Schema: "public", Name: "t"}}
	ask := func(mark int64) [2]bool {
		more, ours := h.since(mark, mine)
		return [2]bool{more, ours}
	}
	commit := func(name string) {
		h.begin(map[string]bool{name: true})()
	}
	commit("public.t")
	m := h.mark()
	if got := ask(m); got != [2]bool{false, false} {
		t.Errorf("nothing happened: %v", got)
	}
	commit("public.u")
	if got := ask(m); got != [2]bool{true, false} {
		t.Errorf("another table changed: %v", got)
	}
	end := h.begin(map[string]bool{"public.t": true})
	commit("public.u") // beside it
	if got := ask(m); got != [2]bool{true, true} {
		t.Errorf("this table is about to change: %v", got)
	}
	if got := ask(h.mark()); got != [2]bool{true, true} {
		t.Errorf("what commits now counts for who begins now: %v", got)
	}
	end()
	if got := ask(h.mark()); got != [2]bool{false, false} {
		t.Errorf("what has committed does not: %v", got)
	}
	end = h.begin(map[string]bool{"public.t": true})
	m = h.mark()
	for range 2 * keptChanges {
		commit("public.u")
	}
	if got := ask(h.mark()); h.mark() != m || got != [2]bool{true, true} {
		t.Errorf("what has not ended is not forgotten: %v", got)
	}
	end()
	commit("public.u")
	m = h.mark()
	for range keptChanges + 1 {
		commit("public.u")
	}
	if got := ask(m); got != [2]bool{true, true} {
		t.Errorf("what is forgotten may have been ours: %v", got)
	}
}
