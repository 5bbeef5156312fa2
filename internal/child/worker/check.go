package worker

import (
	"context"
	"fmt"
)

// check reads a source's rows of this run and evaluates its ruleset on them. Files that are broken, and headers and lines that do not
// fit the catalog, fail it before any rule is asked.
func (r *run) check(ctx context.Context) error {
	name, err := r.need("--penstock-source")
	if err != nil {
		return err
	}
	r.result.Table = name
	rels := &relations{run: r}
	if uri := r.args["--penstock-manifest"]; uri != "" {
		rels.manifest = new(manifest)
		if err := r.readJSON(ctx, uri, rels.manifest); err != nil {
			return err
		}
		r.result.Run = rels.manifest.Run
		if len(rels.manifest.Sources[name]) == 0 {
			r.say("no file of %s is new: there is nothing to check", name)
			return nil
		}
	}
	s, err := r.table(ctx, name)
	if err != nil {
		return fmt.Errorf("%w Either nothing was crawled, "+
			"or the files differ so much in delimiter or header that the crawler made other tables of them", err)
	}
	s.Whole = true
	x := &rel{source: s, stream: rels.manifest != nil, table: "penstock_src_0"}
	rels.list = []*rel{x}
	if err := rels.find(ctx); err != nil {
		return err
	}
	set, rules, err := r.ruleset(ctx)
	if err != nil {
		return err
	}
	rels.texts = []string{rules}
	e, err := r.openEngine(ctx, rels.paths())
	if err != nil {
		return err
	}
	defer e.Close()
	if err := rels.load(ctx, e); err != nil {
		return err
	}
	r.result.Files = int64(len(x.parts))
	for _, p := range x.parts {
		r.result.Bytes += p.File.Size
	}
	j := &judged{name: name, text: x.source.Relation(x.table, x.parts, x.have), columns: s.Columns, parts: x.parts,
		located: s.Located(x.parts)}
	if x.loaded != nil {
		j.bad = x.loaded.Values()
	}
	return r.judge(ctx, e, set, j)
}
