// Package ledger is the record of a pipeline's runs, as the manifests and marks below runs/ tell it: which run has
// read which version of which object, which are finished, what each has given to which table. It decides which runs
// are due. It is pure: docs/design/0001-publish.md.
package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Manifest says which versions of which objects a run reads: docs/design/0001-publish.md.
type Manifest struct {
	Run       string             `json:"run"`
	Gen       int                `json:"gen"`
	Execution string             `json:"execution"`
	Sources   map[string][]Input `json:"sources"`
}

// An Input is one version of an object.
type Input struct {
	Bucket  string `json:"bucket,omitempty"`
	Key     string `json:"key"`
	Version string `json:"version"`
	ETag    string `json:"etag"`
	Size    int64  `json:"size"`
}

// Same reports whether two inputs are the same bytes: the same version, or, in a bucket without versions, the same ETag.
func (i Input) Same(o Input) bool { return i.Version == o.Version && i.ETag == o.ETag }

// A Ledger is what the manifests of earlier runs say.
type Ledger struct {
	runs map[string]*Run
}

// A Run is what the ledger has of a run.
type Run struct {
	Last    Manifest       // of its highest generation
	Done    bool           // the highest generation is done
	Ever    bool           // some generation is done
	Base    Manifest       // of the highest generation that is done
	Outputs map[string]int // table -> the highest generation that was published
	High    int            // the highest generation of all
}

// place names a key of a source across runs.
type place struct{ source, bucket, key string }

// New returns a ledger of nothing.
func New() *Ledger { return &Ledger{runs: map[string]*Run{}} }

// Add takes up one object of the folder runs/, whose key says what it is; read gives its text, and is called for manifests only. The
// objects come in the order of their keys: <run>/<gen>.done.json stands before <run>/<gen>.json.
func (l *Ledger) Add(key string, read func() ([]byte, error)) error {
	parts := strings.Split(key, "/")
	name, rest, _ := strings.Cut(parts[len(parts)-1], ".")
	gen, err := strconv.Atoi(name)
	table, isCopy := strings.CutSuffix(rest, ".copy.json")
	if err != nil || len(parts) < 2 || rest != "json" && rest != "done.json" && !isCopy {
		return nil // nothing of ours
	}
	run := parts[len(parts)-2]
	lr := l.runs[run]
	if lr == nil {
		lr = &Run{Outputs: map[string]int{}}
		l.runs[run] = lr
	}
	lr.High = max(lr.High, gen)
	switch {
	case isCopy:
		lr.Outputs[table] = gen
		return nil
	case rest == "done.json":
		lr.Done, lr.Ever, lr.Last.Gen = true, true, gen
		return nil
	}
	lr.Done = lr.Done && lr.Last.Gen == gen
	b, err := read()
	if err != nil {
		return err
	}
	lr.Last = Manifest{}
	if err := json.Unmarshal(b, &lr.Last); err != nil {
		return fmt.Errorf("the manifest %s: %w", key, err)
	}
	if lr.Done {
		lr.Base = lr.Last
	}
	return nil
}

// A Schedule is the manifests of the runs that are due, in their order; those with Fresh set have to be written.
type Schedule struct {
	Runs  []Manifest
	Fresh []bool
}

func (s *Schedule) add(m Manifest, fresh bool) {
	s.Runs, s.Fresh = append(s.Runs, m), append(s.Fresh, fresh)
}

// Due decides: first runs that were not finished, then runs of which an input has a new version, then one run of all new keys. An
// unfinished run with a newer version of an input is done with the new one at once, and one that was never done without the inputs that
// were deleted since: whoever deletes a file that stops the run means that.
func (l *Ledger) Due(now map[string][]Input, mint func() string, execution string) *Schedule {
	current, known := map[place]Input{}, map[place]bool{}
	for src, list := range now {
		for _, in := range list {
			current[place{src, in.Bucket, in.Key}] = in
		}
	}
	var unfinished, redo Schedule
	for _, lr := range l.Sorted() {
		next, changed := lr.Last.renewed(current, known, now, !lr.Ever)
		switch {
		case changed:
			next.Gen, next.Execution = max(lr.High, lr.Last.Gen)+1, execution
			redo.add(next, true)
		case !lr.Done:
			unfinished.add(lr.Last, false)
		}
	}
	all := &unfinished
	all.Runs, all.Fresh = append(all.Runs, redo.Runs...), append(all.Fresh, redo.Fresh...)
	fresh := Manifest{Gen: 1, Execution: execution, Sources: map[string][]Input{}}
	n := 0
	for src, list := range now {
		fresh.Sources[src] = []Input{}
		for _, in := range list {
			if !known[place{src, in.Bucket, in.Key}] {
				fresh.Sources[src] = append(fresh.Sources[src], in)
				n++
			}
		}
	}
	if n > 0 {
		fresh.Run = mint()
		all.add(fresh, true)
	}
	return all
}

// renewed gives the manifest with the current versions of its inputs. An input that was deleted since stays as it was, unless drop is
// set; one of a source that this pipeline no longer has stays always.
func (m Manifest) renewed(current map[place]Input, known map[place]bool, now map[string][]Input, drop bool) (next Manifest, changed bool) {
	next = Manifest{Run: m.Run, Gen: m.Gen, Sources: map[string][]Input{}}
	for src, list := range m.Sources {
		for _, in := range list {
			p := place{src, in.Bucket, in.Key}
			cur, ok := current[p]
			if !ok && drop && now[src] != nil {
				changed = true
				continue
			}
			known[p] = true
			if ok && !cur.Same(in) {
				in, changed = cur, true
			}
			next.Sources[src] = append(next.Sources[src], in)
		}
	}
	for src := range now {
		if next.Sources[src] == nil {
			next.Sources[src] = []Input{}
		}
	}
	return next, changed
}

// Sorted returns the runs in the order in which they were made.
func (l *Ledger) Sorted() []*Run {
	var list []*Run
	for _, lr := range l.runs {
		if lr.Last.Run != "" { // it has a manifest
			list = append(list, lr)
		}
	}
	slices.SortFunc(list, func(a, b *Run) int { return cmp.Compare(a.Last.Run, b.Last.Run) })
	return list
}

// Generation is a generation as keys write it.
func Generation(n int) string { return fmt.Sprintf("%06d", n) }
