package crawl

import (
	"context"
	"maps"
	"slices"
	"strings"

	"penstock/internal/catalog"
	"penstock/internal/classify"
	"penstock/internal/meta"
	"penstock/internal/schema"
)

// A branch is a folder of a table that exists: one partition.
type branch struct {
	values  []string
	dirs    []string
	files   []*file
	old     *catalog.Partition // nil when the partition is new
	samples []*sample
}

// extend brings a table that has files up to date. Files stay with the table whatever they hold: columns that do not fit are told in
// the log, and it is for who reads the data to refuse them.
func (r *run) extend(ctx context.Context, p *place, c *claim) error {
	t := c.table
	branches := r.branches(t, c.files, c.depth)
	if err := r.matchPartitions(ctx, t, branches); err != nil {
		return err
	}
	update := r.crawler.Update == UpdateInDatabase && r.crawler.Recrawl == CrawlEverything
	var read []*file
	for _, dir := range slices.Sorted(maps.Keys(branches)) {
		b := branches[dir]
		if update || b.old == nil && len(t.PartitionKeys) > 0 {
			read = append(read, chosen(b.files, p.target.SampleSize)...)
		}
	}
	samples, err := r.sample(ctx, read)
	if err != nil {
		return err
	}
	r.adopt(samples)
	for _, s := range samples {
		r.compare(t, s)
		if s.Known() {
			b := branches[strings.Join(s.file.dirs, "/")]
			b.samples = append(b.samples, s)
		}
	}
	next := *t
	if update {
		next = r.retype(t, samples)
	}
	r.grow(p, &next, branches)
	return nil
}

// branches sorts a table's files by folder; folders that fit no partition are told in the log and left out.
func (r *run) branches(t *catalog.Table, files []*file, depth int) map[string]*branch {
	out := map[string]*branch{}
	for _, f := range files {
		dir := strings.Join(f.dirs, "/")
		b := out[dir]
		if b == nil {
			values, ok := partitionValues(t, f.dirs[min(depth, len(f.dirs)):])
			if !ok {
				r.journal.line("WARN", "%s does not lie in a partition of table %s", f.url, t.Name)
				continue
			}
			b = &branch{values: values, dirs: f.dirs}
			out[dir] = b
		}
		b.files = append(b.files, f)
	}
	return out
}

// partitionValues reads the values of a table's partition keys from folders.
func partitionValues(t *catalog.Table, dirs []string) ([]string, bool) {
	keys := t.PartitionKeys
	if len(keys) != len(dirs) {
		return nil, false
	}
	ks := make([]key, len(keys))
	for i, k := range keys {
		name, _, hive := strings.Cut(dirs[i], "=")
		number := strings.HasPrefix(k.Name, "partition_")
		ks[i] = key{k.Name, hive && (strings.EqualFold(name, k.Name) || number && hasColumn(t, name))}
		if !ks[i].hive && !number {
			return nil, false
		}
	}
	return valuesOf(ks, dirs), true
}

func hasColumn(t *catalog.Table, name string) bool {
	return slices.ContainsFunc(t.Columns(), func(c catalog.Column) bool { return strings.EqualFold(c.Name, name) })
}

// matchPartitions finds the partitions that the branches are, and those that have lost their files.
func (r *run) matchPartitions(ctx context.Context, t *catalog.Table, branches map[string]*branch) error {
	if len(t.PartitionKeys) == 0 {
		return nil
	}
	byValues := make(map[string]*branch, len(branches))
	for _, b := range branches {
		byValues[strings.Join(b.values, "\x00")] = b
	}
	var gone [][]string
	err := r.w.d.Catalog.EachPartition(ctx, t.Database, t.Name, "", func(page []catalog.Partition) error {
		for i := range page {
			if b := byValues[strings.Join(page[i].Values, "\x00")]; b != nil {
				b.old = &page[i]
			} else {
				gone = append(gone, page[i].Values)
			}
		}
		return nil
	})
	if err == nil && len(gone) > 0 && r.crawler.Delete == DeleteFromDatabase && r.crawler.Recrawl == CrawlEverything {
		r.summary.PartitionsDeleted += len(gone)
		r.changes = append(r.changes, func(tx *meta.Tx) error {
			_, err := r.w.d.Catalog.DeletePartitionsTx(tx, t.Database, t.Name, gone)
			return err
		})
	}
	return err
}

// compare tells in the log how a file's columns differ from its table's. What is of another format shows nothing of the table.
func (r *run) compare(t *catalog.Table, s *sample) {
	if !s.Known() {
		return
	}
	class := strings.TrimPrefix(strings.ToLower(t.Parameters["classification"]), "glue") // glueparquet is what Glue's jobs write
	if class != "" && class != s.Form.Class {
		r.journal.line("WARN", "%s is of format %s, table %s of %s: the file is left out", s.file.url, s.Form.Class, t.Name, class)
		s.Form.Class = ""
		return
	}
	var names []string
	for _, c := range t.Columns() {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, s.Names) {
		r.journal.line("WARN", "%s has the columns %s, table %s has %s", s.file.url, strings.Join(s.Names, ", "),
			t.Name, strings.Join(names, ", "))
	}
}

// retype plans the table's columns to become what its files show, and returns the table as it will be.
func (r *run) retype(t *catalog.Table, samples []*sample) catalog.Table {
	next := *t
	known := slices.DeleteFunc(slices.Clone(samples), func(s *sample) bool { return !s.Known() })
	if len(known) == 0 || t.Storage == nil {
		return next
	}
	var columns []schema.Field
	for _, s := range known {
		columns = classify.Unite(columns, s.Columns())
	}
	storage := *t.Storage
	storage.Columns = settle(columns, t.Columns())
	if r.config.mergeNewColumns() {
		storage.Columns = mergeColumns(t.Columns(), storage.Columns)
	}
	if sameColumns(storage.Columns, t.Columns()) && t.Parameters[deprecated] == "" {
		return next
	}
	stats := r.parameters(known)
	storage.Parameters = merged(storage.Parameters, stats)
	storage.SerDe = r.reserde(storage.SerDe, known)
	next.Storage = &storage
	next.Parameters = merged(t.Parameters, stats)
	next.Parameters["CRAWL_RUN_ID"] = r.crawl.ID
	delete(next.Parameters, deprecated)
	r.summary.TablesUpdated++
	r.journal.line("INFO", "Updated table %s in database %s", t.Name, t.Database)
	r.update(next)
	return next
}

// reserde is a table's SerDe with what files with a schema of their own show of it.
func (r *run) reserde(old *catalog.SerDe, known []*sample) *catalog.SerDe {
	f := classify.ProfileOf(shown(known))
	if old == nil || old.Library == nil || *old.Library != f.Library || known[0].Form.Class == classify.CSV {
		return old
	}
	next := *old
	next.Parameters = merged(old.Parameters, f.SerDe)
	if paths := old.Parameters["paths"]; paths != "" && r.config.mergeNewColumns() {
		next.Parameters["paths"] = classify.JoinPaths(strings.Split(paths+","+next.Parameters["paths"], ","))
	}
	return &next
}

func merged(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, b)
	return out
}

// mergeColumns adds to old the columns of found that it has not.
func mergeColumns(old, found []catalog.Column) []catalog.Column {
	out := slices.Clone(old)
	for _, c := range found {
		if !slices.ContainsFunc(old, func(o catalog.Column) bool { return o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}

func sameColumns(a, b []catalog.Column) bool {
	return slices.EqualFunc(a, b, func(x, y catalog.Column) bool {
		if x.Name != y.Name {
			return false
		}
		tx, err := schema.Parse(x.Type)
		ty, errY := schema.Parse(y.Type)
		return x.Type == y.Type || err == nil && errY == nil && tx.Equal(ty)
	})
}

// grow plans new partitions, and changes of old ones whose columns are not what they should be.
func (r *run) grow(p *place, t *catalog.Table, branches map[string]*branch) {
	if len(t.PartitionKeys) == 0 {
		return
	}
	var added []catalog.Partition
	for _, dir := range slices.Sorted(maps.Keys(branches)) {
		b := branches[dir]
		if len(b.samples) == 0 {
			continue
		}
		part := r.partition(b.values, p.location(b.dirs), b.samples, t)
		if b.old == nil {
			added = append(added, part)
		} else if b.old.Storage == nil || !sameColumns(part.Storage.Columns, b.old.Storage.Columns) {
			r.summary.PartitionsUpdated++
			part.Parameters = b.old.Parameters
			r.changes = append(r.changes, func(tx *meta.Tx) error {
				return r.w.d.Catalog.UpdatePartitionTx(tx, t.Database, t.Name, b.values, part)
			})
		}
	}
	r.addPartitions(t.Database, t.Name, added)
}
