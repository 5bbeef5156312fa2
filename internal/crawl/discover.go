package crawl

import (
	"context"
	"slices"
	"strings"

	"penstock/internal/catalog"
	"penstock/internal/classify"
	"penstock/internal/meta"
	"penstock/internal/schema"
)

// take samples files that belong to no table.
func (r *run) take(ctx context.Context, p *place, root *folder, files []*file) error {
	samples, err := r.sample(ctx, p.chosen(files))
	if err != nil {
		return err
	}
	g := r.grouping(p)
	for _, s := range samples {
		r.note(s)
		if s.Known() {
			if err := root.at(s.file.dirs).add(s, g.alike); err != nil {
				return err
			}
		}
	}
	return nil
}

// note says in the log what is wrong with a file.
func (r *run) note(s *sample) {
	if s.Note != "" {
		r.journal.line("WARN", "%s %s", s.file.url, s.Note)
	}
}

// grouping is how folders of a place become tables.
func (r *run) grouping(p *place) *grouping {
	g := &grouping{combine: r.config.combine(), level: -1}
	if l := r.config.Grouping.TableLevelConfiguration; l > 0 {
		g.level = max(0, l-1-strings.Count(p.prefix, "/"))
	}
	return g
}

// discover finds new tables among files that belong to none.
func (r *run) discover(p *place, root *folder) error {
	adopt(root.all())
	g := r.grouping(p)
	found := g.groups(root, nil)
	if g.err != nil {
		return g.err
	}
	for _, one := range found {
		r.create(p, one)
	}
	return nil
}

// create plans a table and its partitions.
func (r *run) create(p *place, g *group) {
	g.common()
	columns := g.columns
	if r.crawler.Update == Log && g.form.Class == classify.CSV {
		columns = g.usual()
	}
	g.columns = columns
	location, name := p.location(g.dirs), p.name(g.dirs)
	if g.file != nil {
		location, name = g.file.url, g.file.name
	} else if p.found == 1 && p.only.url+"/" == location {
		location = p.only.url
	}
	name = tableName(r.crawler.TablePrefix, name)
	if r.names[name] {
		name = distinctName(name, location)
	}
	r.names[name] = true
	keys := g.keys()
	t := catalog.Table{Database: r.crawler.Database, Name: name, Owner: ptr("owner"), Type: ptr("EXTERNAL_TABLE"),
		Storage: r.storage(location, settle(columns, nil), g.samples)}
	t.Parameters = withParameter(t.Storage.Parameters, "CRAWL_RUN_ID", r.crawl.ID)
	for _, k := range keys {
		t.PartitionKeys = append(t.PartitionKeys, catalog.Column{Name: k.name, Type: "string"})
	}
	if len(keys) > 0 {
		t.Parameters["partition_filtering.enabled"] = "true"
	}
	r.summary.TablesAdded++
	r.tell("Created table %s in database %s", name, r.crawler.Database)
	r.changes = append(r.changes, func(tx *meta.Tx) error { return r.w.d.Catalog.CreateTableTx(tx, t) })
	r.index(&t)
	if len(keys) > 0 {
		r.addPartitions(t.Database, t.Name, r.partitions(p, g, keys, &t))
	}
}

// partitionIndex is the index that crawlers make, as AWS calls it.
const partitionIndex = "crawler_partition_index"

// index plans the index over a table's partition keys, where the crawler is to make one.
func (r *run) index(t *catalog.Table) {
	if !r.config.CreatePartitionIndex || len(t.PartitionKeys) == 0 {
		return
	}
	keys := make([]string, len(t.PartitionKeys))
	for i, k := range t.PartitionKeys {
		keys[i] = k.Name
	}
	r.changes = append(r.changes, func(tx *meta.Tx) error {
		return r.w.d.Catalog.CreateIndexTx(tx, t.Database, t.Name, partitionIndex, keys)
	})
}

// partitions are the partitions of a new table, one for each folder that holds files.
func (r *run) partitions(p *place, g *group, keys []key, t *catalog.Table) []catalog.Partition {
	byFolder := map[string][]*sample{}
	var order []string
	for _, s := range g.samples {
		dir := strings.Join(s.file.dirs, "/")
		if byFolder[dir] == nil {
			order = append(order, dir)
		}
		byFolder[dir] = append(byFolder[dir], s)
	}
	out := make([]catalog.Partition, 0, len(order))
	for _, dir := range order {
		ss := byFolder[dir]
		dirs := ss[0].file.dirs
		out = append(out, r.partition(valuesOf(keys, dirs[len(g.dirs):]), p.location(dirs), ss, t))
	}
	return out
}

// partition is a partition with what its own files show, unless the crawler says that partitions follow their table. As on AWS, its
// columns may differ from the table's.
func (r *run) partition(values []string, location string, ss []*sample, t *catalog.Table) catalog.Partition {
	if r.config.inheritFromTable() {
		part := t.PartitionAt(values, location)
		part.Storage.Parameters = r.parameters(ss)
		return part
	}
	var columns []schema.Field
	for _, s := range ss {
		columns = classify.Unite(columns, s.Columns())
	}
	return catalog.Partition{Values: values, Storage: r.storage(location, settle(columns, t.Columns()), ss)}
}

// settle gives columns that were never filled, and fields of structs, the type that a table has for them, or string.
func settle(columns []schema.Field, known []catalog.Column) []catalog.Column {
	out := make([]catalog.Column, len(columns))
	for i, c := range columns {
		out[i] = catalog.Column{Name: c.Name}
		at := slices.IndexFunc(known, func(k catalog.Column) bool { return k.Name == c.Name })
		if at >= 0 && c.Type.Kind == schema.Unknown {
			out[i].Type = known[at].Type
			continue
		}
		var old schema.Type
		if at >= 0 {
			old, _ = schema.Parse(known[at].Type) //nolint:errcheck // of a type that is none nothing is known
		}
		out[i].Type = settled(c.Type, old).String()
	}
	return out
}

// settled is a type without unknowns: they become what is known of them.
func settled(t, known schema.Type) schema.Type {
	same := t.Kind == known.Kind
	inner := func(t, known *schema.Type) *schema.Type {
		if !same {
			known = &schema.Type{}
		}
		ty := settled(*t, *known)
		return &ty
	}
	switch t.Kind {
	case schema.Unknown:
		if known.Kind == schema.Unknown {
			return schema.Of(schema.String)
		}
		return known
	case schema.Map:
		t.Key = inner(t.Key, known.Key)
		t.Elem = inner(t.Elem, known.Elem)
	case schema.Array:
		t.Elem = inner(t.Elem, known.Elem)
	case schema.Struct:
		fields := slices.Clone(t.Fields)
		for i, f := range fields {
			fields[i].Type = settled(f.Type, memberType(known, f.Name))
		}
		t.Fields = fields
	}
	return t
}

// memberType is the type of a struct's field; Unknown where there is none.
func memberType(t schema.Type, name string) schema.Type {
	for _, f := range t.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Type
		}
	}
	return schema.Type{}
}
