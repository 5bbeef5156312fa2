package worker

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/child/task"
	"penstock/internal/id"
	"penstock/internal/schema"
)

// A manifest says which versions of which objects a run reads: docs/design/0001-publish.md.
type manifest struct {
	Run       string             `json:"run"`
	Gen       int                `json:"gen"`
	Execution string             `json:"execution"`
	Sources   map[string][]input `json:"sources"`
}

// An input is one version of an object.
type input struct {
	Bucket  string `json:"bucket,omitempty"`
	Key     string `json:"key"`
	Version string `json:"version"`
	ETag    string `json:"etag"`
	Size    int64  `json:"size"`
}

// same says whether two inputs are the same bytes: the same version, or, in a bucket without versions, the same ETag.
func (i input) same(o input) bool { return i.Version == o.Version && i.ETag == o.ETag }

// A plan is what an execution of the state machine does.
type plan struct {
	Runs []planned `json:"runs"`
	// Fill says that something was added later: Transforms are made from earlier runs, and then the tables of the warehouse, which a second
	// look finds.
	Fill       bool     `json:"fill"`
	Transforms []filled `json:"transforms"`
	Ask        ask      `json:"ask"`
}

type planned struct {
	Run      string `json:"run"`
	Gen      string `json:"gen"`
	Manifest string `json:"manifest"`
	Rewrite  bool   `json:"rewrite,omitempty"` // of a fill: the rows stay, and take the columns that the table has now
}

// A ledger is what the manifests of earlier runs say.
type ledger struct {
	runs map[string]*ledgerRun
}

type ledgerRun struct {
	last    manifest       // of its highest generation
	done    bool           // the highest generation is done
	ever    bool           // some generation is done
	base    manifest       // of the highest generation that is done
	outputs map[string]int // table -> the highest generation that was published
	high    int            // the highest generation of all
}

// place names a key of a source across runs.
type place struct{ source, bucket, key string }

// manifest finds what is new, writes the manifests of the runs that are due and the plan that lists them. When nothing is due, nothing
// is written.
func (r *run) manifest(ctx context.Context) error {
	home, err := r.need("--penstock-home")
	if err != nil {
		return err
	}
	home = strings.TrimSuffix(home, "/") + "/"
	execution, err := r.need("--penstock-execution")
	if err != nil {
		return err
	}
	if there, err := r.under(ctx, home+"plans/"+r.planName(execution)); err != nil || len(there) > 0 {
		r.say("the plan of this execution exists and stands")
		return err
	}
	old, err := r.ledger(ctx, home)
	if err != nil {
		return err
	}
	if r.args["--penstock-pass"] == loadsPass {
		return r.planLoads(ctx, home, execution, old)
	}
	now, err := r.listSources(ctx)
	if err != nil {
		return err
	}
	due := old.due(now, func() string { return id.Run(r.clock.Now()) }, execution)
	r.result.Runs = int64(len(due.runs))
	for _, list := range now {
		r.result.Files += int64(len(list))
	}
	p := due.plan(home)
	if err := r.planFills(ctx, home, execution, old, &p); err != nil {
		return err
	}
	if len(p.Runs) == 0 && !p.Fill {
		r.say("nothing is new: all %d objects of the sources are in finished runs", r.result.Files)
		return nil
	}
	return r.writePlan(ctx, home, execution, due, p)
}

// ledger reads the manifests and the marks of finished runs.
func (r *run) ledger(ctx context.Context, home string) (*ledger, error) {
	files, err := r.under(ctx, home+"runs/")
	if err != nil {
		return nil, err
	}
	l := &ledger{runs: map[string]*ledgerRun{}}
	for _, f := range files { // in the order of keys: <run>/<gen>.done.json stands before <run>/<gen>.json
		if err := l.add(f); err != nil {
			return nil, err
		}
	}
	for name, lr := range l.runs {
		if lr.last.Run == "" {
			delete(l.runs, name)
		}
	}
	return l, nil
}

func (l *ledger) add(f task.File) error {
	parts := strings.Split(f.Key, "/")
	name, rest, _ := strings.Cut(parts[len(parts)-1], ".")
	gen, err := strconv.Atoi(name)
	table, isCopy := strings.CutSuffix(rest, ".copy.json")
	if err != nil || len(parts) < 2 || rest != "json" && rest != "done.json" && !isCopy {
		return nil // nothing of ours
	}
	run := parts[len(parts)-2]
	lr := l.runs[run]
	if lr == nil {
		lr = &ledgerRun{outputs: map[string]int{}}
		l.runs[run] = lr
	}
	lr.high = max(lr.high, gen)
	switch {
	case isCopy:
		lr.outputs[table] = gen
		return nil
	case rest == "done.json":
		lr.done, lr.ever, lr.last.Gen = true, true, gen
		return nil
	}
	lr.done = lr.done && lr.last.Gen == gen
	b, err := os.ReadFile(f.Path)
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", f.Bucket, f.Key, err)
	}
	lr.last = manifest{}
	if err := decode("s3://"+f.Bucket+"/"+f.Key, b, &lr.last); err != nil {
		return err
	}
	if lr.done {
		lr.base = lr.last
	}
	return nil
}

// listSources lists the current objects of every source: --penstock-sources orders=s3://bucket/orders/,customers=...
func (r *run) listSources(ctx context.Context) (map[string][]input, error) {
	list, err := r.need("--penstock-sources")
	if err != nil {
		return nil, err
	}
	now := map[string][]input{}
	for _, item := range strings.Split(list, ",") {
		name, uri, ok := strings.Cut(strings.TrimSpace(item), "=")
		if !ok {
			return nil, fmt.Errorf("--penstock-sources: %q is not of the form name=s3://bucket/prefix/", item)
		}
		files, err := r.settled(ctx, name, uri)
		if err != nil {
			return nil, err
		}
		now[name] = []input{}
		_, prefix, err := splitURI(strings.TrimSuffix(uri, "/") + "/")
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if schema.Hidden(strings.TrimPrefix(f.Key, prefix)) {
				continue
			}
			now[name] = append(now[name], input{f.Bucket, f.Key, f.Version, f.ETag, f.Size})
		}
	}
	return now, nil
}

// A schedule is the manifests of the runs that are due, in their order; those with fresh set have to be written.
type schedule struct {
	runs  []manifest
	fresh []bool
}

func (s *schedule) add(m manifest, fresh bool) {
	s.runs, s.fresh = append(s.runs, m), append(s.fresh, fresh)
}

// due decides: first runs that were not finished, then runs of which an input has a new version, then one run of all new keys. An
// unfinished run with a newer version of an input is done with the new one at once, and one that was never done without the inputs that
// were deleted since: whoever deletes a file that stops the run means that.
func (l *ledger) due(now map[string][]input, mint func() string, execution string) *schedule {
	current, known := map[place]input{}, map[place]bool{}
	for src, list := range now {
		for _, in := range list {
			current[place{src, in.Bucket, in.Key}] = in
		}
	}
	var unfinished, redo schedule
	for _, lr := range l.sorted() {
		next, changed := lr.last.renewed(current, known, now, !lr.ever)
		switch {
		case changed:
			next.Gen, next.Execution = max(lr.high, lr.last.Gen)+1, execution
			redo.add(next, true)
		case !lr.done:
			unfinished.add(lr.last, false)
		}
	}
	all := &unfinished
	all.runs, all.fresh = append(all.runs, redo.runs...), append(all.fresh, redo.fresh...)
	fresh := manifest{Gen: 1, Execution: execution, Sources: map[string][]input{}}
	n := 0
	for src, list := range now {
		fresh.Sources[src] = []input{}
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
func (m manifest) renewed(current map[place]input, known map[place]bool, now map[string][]input, drop bool) (next manifest, changed bool) {
	next = manifest{Run: m.Run, Gen: m.Gen, Sources: map[string][]input{}}
	for src, list := range m.Sources {
		for _, in := range list {
			p := place{src, in.Bucket, in.Key}
			cur, ok := current[p]
			if !ok && drop && now[src] != nil {
				changed = true
				continue
			}
			known[p] = true
			if ok && !cur.same(in) {
				in, changed = cur, true
			}
			next.Sources[src] = append(next.Sources[src], in)
		}
	}
	for src := range now {
		if next.Sources[src] == nil {
			next.Sources[src] = []input{}
		}
	}
	return next, changed
}

// sorted gives the runs in the order in which they were made.
func (l *ledger) sorted() []*ledgerRun {
	var list []*ledgerRun
	for _, lr := range l.runs {
		list = append(list, lr)
	}
	slices.SortFunc(list, func(a, b *ledgerRun) int { return cmp.Compare(a.last.Run, b.last.Run) })
	return list
}

// generation is a generation as keys write it.
func generation(n int) string { return fmt.Sprintf("%06d", n) }

// plan is the plan of the runs that are due.
func (s *schedule) plan(home string) plan {
	p := plan{Runs: []planned{}, Transforms: []filled{}}
	for _, m := range s.runs {
		p.Runs = append(p.Runs, planned{Run: m.Run, Gen: generation(m.Gen), Manifest: manifestURI(home, m)})
	}
	return p
}

func manifestURI(home string, m manifest) string {
	return home + "runs/" + m.Run + "/" + generation(m.Gen) + ".json"
}

// writePlan writes the manifests, then the plan. A plan that exists is that of this very execution: it stands.
func (r *run) writePlan(ctx context.Context, home, execution string, due *schedule, p plan) error {
	for i, m := range due.runs {
		uri := p.Runs[i].Manifest
		if !due.fresh[i] {
			r.say("run %s generation %s is not finished: it is done first", m.Run, p.Runs[i].Gen)
			continue
		}
		if ok, err := r.put(ctx, uri, m); err != nil {
			return err
		} else if !ok {
			return fmt.Errorf("%s exists: another execution of this pipeline is planning at the same time", uri)
		}
		n := 0
		for _, list := range m.Sources {
			n += len(list)
		}
		r.say("run %s generation %s reads %d objects", m.Run, p.Runs[i].Gen, n)
	}
	_, err := r.put(ctx, home+"plans/"+r.planName(execution), p)
	return err
}

// planName is the name of the execution's plan: of the runs and tables of the lake, or of the tables of the warehouse.
func (r *run) planName(execution string) string {
	if r.args["--penstock-pass"] == loadsPass {
		return execution + ".loads.json"
	}
	return execution + ".json"
}
