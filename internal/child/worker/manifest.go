package worker

import (
	"context"
	"fmt"
	"os"
	"strings"

	"penstock/internal/child/worker/ledger"
	"penstock/internal/id"
	"penstock/internal/s3uri"
	"penstock/internal/schema"
)

type (
	manifest = ledger.Manifest
	input    = ledger.Input
)

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
	due := old.Due(now, func() string { return id.Run(r.clock.Now()) }, execution)
	r.result.Runs = int64(len(due.Runs))
	for _, list := range now {
		r.result.Files += int64(len(list))
	}
	p := planOf(due, home)
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
func (r *run) ledger(ctx context.Context, home string) (*ledger.Ledger, error) {
	files, err := r.under(ctx, home+"runs/")
	if err != nil {
		return nil, err
	}
	l := ledger.New()
	for _, f := range files {
		err := l.Add(f.Key, func() ([]byte, error) { return os.ReadFile(f.Path) })
		if err != nil {
			return nil, fmt.Errorf("s3://%s/%s: %w", f.Bucket, f.Key, err)
		}
	}
	return l, nil
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
		_, prefix, err := s3uri.Parse(strings.TrimSuffix(uri, "/") + "/")
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if schema.Hidden(strings.TrimPrefix(f.Key, prefix)) {
				continue
			}
			now[name] = append(now[name], input{Bucket: f.Bucket, Key: f.Key, Version: f.Version, ETag: f.ETag, Size: f.Size})
		}
	}
	return now, nil
}

// planOf is the plan of the runs that are due.
func planOf(s *ledger.Schedule, home string) plan {
	p := plan{Runs: []planned{}, Transforms: []filled{}}
	for _, m := range s.Runs {
		p.Runs = append(p.Runs, planned{Run: m.Run, Gen: ledger.Generation(m.Gen), Manifest: manifestURI(home, m)})
	}
	return p
}

func manifestURI(home string, m manifest) string {
	return home + "runs/" + m.Run + "/" + ledger.Generation(m.Gen) + ".json"
}

// writePlan writes the manifests, then the plan. A plan that exists is that of this very execution: it stands.
func (r *run) writePlan(ctx context.Context, home, execution string, due *ledger.Schedule, p plan) error {
	for i, m := range due.Runs {
		uri := p.Runs[i].Manifest
		if !due.Fresh[i] {
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
