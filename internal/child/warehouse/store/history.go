package store

import "sync"

// keptChanges is how many committed changes of the catalog are remembered.
const keptChanges = 256

// A history is the last changes of a database's catalog. A statement that binds and starts while others commit asks it afterwards whether
// one of them was about its tables, and so needs not wait for those that were not.
type history struct {
	mu      sync.Mutex
	next    int64 // number of the next change
	kept    []change
	running bool // the last one has begun to commit, and has not ended
}

type change struct{ names map[string]bool }

// tableName is a table's name in a history.
func tableName(t *Table) string { return t.Schema + "." + t.Name }

func (h *history) begin(names map[string]bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept = append(h.kept, change{names})
	if len(h.kept) > keptChanges {
		h.kept = append([]change{}, h.kept[len(h.kept)-keptChanges/2:]...)
	}
	h.next++
	h.running = true
}

func (h *history) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = false
}

// mark is the number of the first change that is not sure to be in what is read from now on.
func (h *history) mark() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running {
		return h.next - 1
	}
	return h.next
}

// since says whether any change came at or after the mark, and whether one of them may have been about the tables.
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
