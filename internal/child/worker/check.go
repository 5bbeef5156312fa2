package worker

import (
	"context"
	"fmt"
	"strings"

	"penstock/internal/child/task"
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
	switch word := r.args["--penstock-partitions"]; word {
	case "":
	case "complete":
		if err := r.noStrays(ctx, x); err != nil {
			return err
		}
	default:
		return fmt.Errorf("--penstock-partitions %q is not known; complete is", word)
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

// noStrays refuses files below a table that lie in none of its partitions: no reader would see their rows.
func (r *run) noStrays(ctx context.Context, x *rel) error {
	at := x.source.Table.Location
	files, err := r.under(ctx, strings.TrimSuffix(at, "/")+"/")
	if err != nil {
		return err
	}
	in := map[[2]string]bool{}
	for _, p := range x.parts {
		in[[2]string{p.File.Bucket, p.File.Key}] = true
	}
	var strays []task.File
	for _, f := range x.source.Visible(files, at) {
		if !in[[2]string{f.Bucket, f.Key}] {
			strays = append(strays, f)
		}
	}
	if len(strays) == 0 {
		return nil
	}
	var keys []string
	for _, k := range x.source.Table.PartitionKeys {
		keys = append(keys, k.Name+"=...")
	}
	return fmt.Errorf("%d of the files below %s lie in no partition of table %s, and nobody would see their rows; the first is s3://%s/%s. "+
		"The table's folders are %s/", len(strays), at, x.source.Table.Name, strays[0].Bucket, strays[0].Key, strings.Join(keys, "/"))
}
