package crawl

import (
	"context"
	"fmt"
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
	values []string
	dirs   []string
	old    *catalog.Partition // nil when the partition is new, or its columns are not looked at
	fold
}

func joinValues(values []string) string { return strings.Join(values, "\x00") }

// updates reports whether the columns of tables follow what is found.
func (r *run) updates() bool {
	return r.crawler.Update == UpdateInDatabase && r.crawler.Recrawl == CrawlEverything
}

// takeFor samples files of a table: all of them where its columns follow what is found, else those of new partitions.
func (r *run) takeFor(ctx context.Context, p *place, c *claim, files []*file) error {
	c.found = true
	if err := r.partitionsOf(ctx, c); err != nil {
		return err
	}
	var read []*file
	for _, f := range files {
		b := r.branch(c, f)
		if b != nil && (r.updates() || len(c.table.PartitionKeys) > 0 && !c.known[joinValues(b.values)]) {
			read = append(read, f)
		}
	}
	samples, err := r.sample(ctx, p.chosen(read))
	if err != nil {
		return err
	}
	g := &grouping{combine: true, level: 0} // they are the table's, whatever they hold
	for _, s := range samples {
		r.note(s)
		if s.Known() {
			if err := c.branches[s.file.dir()].add(s, g.alike); err != nil {
				return err
			}
		}
	}
	return nil
}

// branch is the folder of a table that a file lies in; nil for one that fits no partition, which is told in the log.
func (r *run) branch(c *claim, f *file) *branch {
	dir := f.dir()
	b, seen := c.branches[dir]
	if !seen {
		if values, ok := partitionValues(c.table, f.dirs[min(c.depth, len(f.dirs)):]); ok {
			b = &branch{values: values, dirs: f.dirs}
		}
		c.branches[dir] = b
	}
	if b == nil {
		r.journal.line("WARN", "%s does not lie in a partition of table %s", f.url, c.table.Name)
	}
	return b
}

// partitionsOf reads which partitions a table has.
func (r *run) partitionsOf(ctx context.Context, c *claim) error {
	if c.known != nil {
		return nil
	}
	c.known = map[string]bool{}
	if len(c.table.PartitionKeys) == 0 {
		return nil
	}
	return r.w.d.Catalog.EachPartition(ctx, c.table.Database, c.table.Name, "", func(page []catalog.Partition) error {
		for i := range page {
			c.known[joinValues(page[i].Values)] = true
		}
		return nil
	})
}

// extend brings a table that has files up to date. Files stay with the table whatever they hold: columns that do not fit are told in
// the log, and it is for who reads the data to refuse them.
func (r *run) extend(ctx context.Context, p *place, c *claim) error {
	var samples []*sample
	for _, dir := range slices.Sorted(maps.Keys(c.branches)) {
		if b := c.branches[dir]; b != nil {
			samples = append(samples, b.samples...)
		} else {
			delete(c.branches, dir)
		}
	}
	adopt(samples)
	for _, s := range samples {
		r.compare(c.table, s)
	}
	for _, b := range c.branches {
		b.samples = slices.DeleteFunc(b.samples, func(s *sample) bool { return !s.Known() })
	}
	if err := r.matchPartitions(ctx, c); err != nil {
		return err
	}
	if err := r.indexKnown(ctx, c.table); err != nil {
		return err
	}
	next := *c.table
	if r.updates() {
		next = r.retype(c.table, samples)
	}
	r.grow(p, &next, c)
	return nil
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

// indexKnown plans the index of a table that exists and has none of it.
func (r *run) indexKnown(ctx context.Context, t *catalog.Table) error {
	if !r.config.CreatePartitionIndex || len(t.PartitionKeys) == 0 {
		return nil
	}
	list, err := r.w.d.Catalog.Indexes(ctx, t.Database, t.Name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(x catalog.Index) bool { return x.Name == partitionIndex }) {
		return nil
	}
	if len(list) >= catalog.MaxIndexes {
		r.journal.line("WARN", "Table %s in database %s has no room for the index %s", t.Name, t.Database, partitionIndex)
		return nil
	}
	r.index(t)
	return nil
}

// maxGone is how many partitions that are gone the log of a crawl names.
const maxGone = 100

// matchPartitions finds the partitions that the branches are, and those that have lost their files.
func (r *run) matchPartitions(ctx context.Context, c *claim) error {
	t := c.table
	if len(t.PartitionKeys) == 0 {
		return nil
	}
	byValues := make(map[string]*branch, len(c.branches))
	for _, b := range c.branches {
		byValues[joinValues(b.values)] = b
	}
	var gone [][]string
	err := r.w.d.Catalog.EachPartition(ctx, t.Database, t.Name, "", func(page []catalog.Partition) error {
		for i := range page {
			b := byValues[joinValues(page[i].Values)]
			if b == nil {
				gone = append(gone, page[i].Values)
			} else if len(b.samples) > 0 {
				old := page[i]
				b.old = &old
			}
		}
		return nil
	})
	if err != nil || len(gone) == 0 || r.crawler.Recrawl != CrawlEverything {
		return err
	}
	if r.crawler.Delete == DeleteFromDatabase {
		r.summary.PartitionsDeleted += len(gone)
		r.changes = append(r.changes, func(tx *meta.Tx) error {
			_, err := r.w.d.Catalog.DeletePartitionsTx(tx, t.Database, t.Name, gone)
			return err
		})
		return nil
	}
	for _, values := range gone[:min(len(gone), maxGone)] {
		r.tell("Found partition of table %s with partition values [%s] with no matching schema at the partition's S3 location",
			t.Name, strings.Join(values, ", "))
	}
	if n := len(gone) - maxGone; n > 0 {
		r.tell("Found %d more partitions of table %s with no matching schema at their S3 locations", n, t.Name)
	}
	return nil
}

// compare tells in the log how a file's columns differ from its table's. What is of another format shows nothing of the table.
func (r *run) compare(t *catalog.Table, s *sample) {
	if !s.Known() {
		return
	}
	class := strings.TrimPrefix(strings.ToLower(t.Parameters["classification"]), "glue") // glueparquet is what Glue's jobs write
	if class != "" && class != s.Form.Class {
		r.journal.line("WARN", "%s is of format %s, table %s of %s: the file is left out", s.these(), s.Form.Class, t.Name, class)
		s.Form.Class = ""
		return
	}
	var names []string
	for _, c := range t.Columns() {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, s.Names) {
		r.journal.line("WARN", "%s has the columns %s, table %s has %s", s.these(), strings.Join(s.Names, ", "),
			t.Name, strings.Join(names, ", "))
	}
}

// these names the files of a sample.
func (s *sample) these() string {
	if s.n == 1 {
		return s.file.url
	}
	return fmt.Sprintf("%s (and %d more like it)", s.file.url, s.n-1)
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
	r.tell("Updated table %s in database %s", t.Name, t.Database)
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
func (r *run) grow(p *place, t *catalog.Table, c *claim) {
	if len(t.PartitionKeys) == 0 {
		return
	}
	var added []catalog.Partition
	for _, dir := range slices.Sorted(maps.Keys(c.branches)) {
		b := c.branches[dir]
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
