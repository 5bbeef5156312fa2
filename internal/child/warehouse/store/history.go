package store

import (
	"slices"
	"sync"
)

// keptChanges is how many commits are remembered.
const keptChanges = 256

// A history is the last commits of a database that wrote. A statement that binds and starts while others commit asks it afterwards whether
// one of them was about its tables, and so needs not wait for those that were not. Commits that change only rows count too: the engine
// plans by what it knows of a table's values at that moment, and a plan that is older than the rows gives wrong ones.
type history struct {
	mu   sync.Mutex
	next int64 // number of the next commit
	kept []*change
}

type change struct {
	names map[string]bool
	ended bool
}

// tableName is a table's name in a history.
func tableName(t *Table) string { return t.Schema + "." + t.Name }

// begin notes that a commit begins, and gives what notes its end.
func (h *history) begin(names map[string]bool) (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &change{names: names}
	h.kept = append(h.kept, c)
	h.next++
	if len(h.kept) > keptChanges {
		h.kept = slices.Clone(h.kept[min(keptChanges/2, h.running()):])
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		c.ended = true
	}
}

// running is the place of the first kept commit that has not ended, behind all where there is none.
func (h *history) running() int {
	i := slices.IndexFunc(h.kept, func(c *change) bool { return !c.ended })
	if i < 0 {
		return len(h.kept)
	}
	return i
}

// mark is the number of the first commit that is not sure to be in what is read from now on.
func (h *history) mark() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.next - int64(len(h.kept)) + int64(h.running())
}

// since reports whether any commit came at or after the mark, and whether one of them may have been about the tables.
func (h *history) since(mark int64, tables []*Table) (more, ours bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.next - int64(len(h.kept))
	if mark < first {
		return true, true
	}
	for _, c := range h.kept[mark-first:] {
		more = true
		for _, t := range tables {
			ours = ours || c.names[tableName(t)]
		}
	}
	return more, ours
}
