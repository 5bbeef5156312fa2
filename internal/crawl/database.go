package crawl

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"penstock/internal/catalog"
	"penstock/internal/connection"
	"penstock/internal/jdbc"
	"penstock/internal/meta"
)

// A JDBCTarget is tables of a database to crawl.
type JDBCTarget struct {
	Connection string   `json:"connection"`           // of the Data Catalog
	Path       string   `json:"path"`                 // "database/schema/table" or "database/table", in which % stands for any text
	Exclusions []string `json:"exclusions,omitempty"` // globs over tables, "table" or "schema/table"
	Metadata   []string `json:"metadata,omitempty"`   // RawTypes, Comments
}

// What of a database is kept beside names and types.
const (
	RawTypes = "RAWTYPES"
	Comments = "COMMENTS"
)

func (t JDBCTarget) check() error {
	if t.Connection == "" {
		return errorf(Invalid, "A JDBC target needs ConnectionName")
	}
	parts := strings.Split(t.Path, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") || strings.Contains(parts[0], "%") {
		return errorf(Invalid, "Path %q of a JDBC target is not of the form database/schema/table or database/table, in which %% stands for any "+
			"schema or table", t.Path)
	}
	for _, m := range t.Metadata {
		if m != RawTypes && m != Comments {
			return errorf(Invalid, "EnableAdditionalMetadata of a JDBC target is %q, which is not %s or %s", m, RawTypes, Comments)
		}
	}
	_, err := excluder(t.Exclusions)
	return err
}

// pattern is what a path asks for of an engine's database. database/% means all schemas where there are schemas.
func (t JDBCTarget) pattern(e jdbc.Engine) (database string, p jdbc.Pattern, err error) {
	parts := strings.Split(t.Path, "/")
	switch {
	case e.HasSchemas() && len(parts) == 3:
		return parts[0], jdbc.Pattern{Schema: parts[1], Table: parts[2]}, nil
	case e.HasSchemas() && parts[1] == "%":
		return parts[0], jdbc.Pattern{Schema: "%", Table: "%"}, nil
	case e.HasSchemas():
		return "", p, fmt.Errorf("the path %s names no schema; databases of %s need database/schema/table", t.Path, e)
	case len(parts) == 3:
		return "", p, fmt.Errorf("the path %s names a schema; databases of %s have none, and need database/table", t.Path, e)
	}
	return parts[0], jdbc.Pattern{Table: parts[1]}, nil
}

// databases crawls the JDBC targets. What is gone is only known when all have been read: they may overlap.
func (r *run) databases(ctx context.Context) error {
	var all []*relations
	for _, t := range r.crawler.Databases {
		d, err := r.database(ctx, t)
		if err != nil {
			return err
		}
		all = append(all, d)
	}
	seen := func(t *catalog.Table) bool {
		return slices.ContainsFunc(all, func(d *relations) bool { return d.owns(t) && d.seen[t.Location()] })
	}
	done := map[string]bool{}
	for _, d := range all {
		for i := range r.tables {
			t := &r.tables[i]
			if !done[t.Name] && t.Parameters["UPDATED_BY_CRAWLER"] == r.crawler.Name && d.owns(t) && d.covers(t) && !seen(t) {
				done[t.Name] = true
				r.gone(t)
			}
		}
	}
	return nil
}

// database crawls a JDBC target.
func (r *run) database(ctx context.Context, t JDBCTarget) (d *relations, err error) {
	var c connection.Connection
	err = r.w.d.Meta.View(ctx, func(tx *meta.Tx) error {
		var found bool
		if c, found, err = connection.Table(r.w.d.Region).Get(tx, t.Connection); err == nil && !found {
			err = fmt.Errorf("connection %s not found", t.Connection)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	engine, err := jdbc.EngineOf(c.Login().URL)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", t.Connection, err)
	}
	database, pattern, err := t.pattern(engine)
	if err != nil {
		return nil, err
	}
	exclude, err := excluder(t.Exclusions)
	if err != nil {
		return nil, err
	}
	conn, err := jdbc.Open(ctx, c.Login(), database)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", t.Connection, err)
	}
	d = &relations{run: r, target: t, engine: engine, database: database, pattern: pattern, seen: map[string]bool{}}
	err = conn.Tables(ctx, pattern, func(one jdbc.Table) error {
		if exclude(one.Name) || one.Schema != "" && exclude(one.Schema+"/"+one.Name) {
			return nil
		}
		return d.take(one)
	})
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return nil, fmt.Errorf("connection %s: %w", t.Connection, err)
	}
	if len(d.seen) == 0 {
		r.journal.line("WARN", "%s has no tables that the user of connection %s may read", t.Path, t.Connection)
	}
	return d, nil
}

// relations are the tables of a JDBC target as they are found.
type relations struct {
	*run
	target   JDBCTarget
	engine   jdbc.Engine
	database string
	pattern  jdbc.Pattern
	seen     map[string]bool // locations
}

// maxRelations bounds the tables of one target.
const maxRelations = 100_000

// location is what a table is called in its database, which is how jobs read it.
func (d *relations) location(schema, name string) string {
	if schema == "" {
		return d.database + "." + name
	}
	return d.database + "." + schema + "." + name
}

// take plans what a table of the database changes in the catalog.
func (d *relations) take(one jdbc.Table) error {
	location := d.location(one.Schema, one.Name)
	if d.seen[location] = true; len(d.seen) > maxRelations {
		return fmt.Errorf("%s has more than %d tables", d.target.Path, maxRelations)
	}
	at := slices.IndexFunc(d.tables, func(t catalog.Table) bool { return d.owns(&t) && t.Location() == location })
	if at < 0 {
		d.add(one, location)
		return nil
	}
	old := &d.tables[at]
	next := *old
	columns, storage := d.columns(one), catalog.Storage{}
	if old.Storage != nil {
		storage = *old.Storage
	}
	if storage.Columns = columns; d.config.mergeNewColumns() {
		storage.Columns = mergeColumns(old.Columns(), columns)
	}
	if slices.EqualFunc(storage.Columns, old.Columns(), sameColumn) && old.Parameters[deprecated] == "" {
		return nil
	}
	if d.crawler.Update != UpdateInDatabase {
		d.journal.line("WARN", "%s has the columns %s, table %s has %s", location, names(columns), old.Name, names(old.Columns()))
		return nil
	}
	stats := d.parameters(one)
	storage.Parameters = merged(storage.Parameters, stats)
	next.Storage, next.Parameters = &storage, merged(old.Parameters, stats)
	next.Parameters["CRAWL_RUN_ID"] = d.crawl.ID
	delete(next.Parameters, deprecated)
	d.summary.TablesUpdated++
	d.tell("Updated table %s in database %s", next.Name, next.Database)
	d.update(next)
	return nil
}

// owns reports whether a table of the catalog is one of the target's connection, made by a crawler.
func (d *relations) owns(t *catalog.Table) bool {
	return t.Parameters["connectionName"] == d.target.Connection && t.Parameters["UPDATED_BY_CRAWLER"] != ""
}

// add plans a new table.
func (d *relations) add(one jdbc.Table, location string) {
	name := tableName(d.crawler.TablePrefix, strings.ReplaceAll(location, ".", "_"))
	if d.names[name] {
		name = distinctName(name, location)
	}
	d.names[name] = true
	storage := &catalog.Storage{Columns: d.columns(one), Location: location, NumberOfBuckets: -1, Parameters: d.parameters(one),
		SerDe: &catalog.SerDe{Parameters: map[string]string{}}}
	t := catalog.Table{Database: d.crawler.Database, Name: name, Owner: ptr("owner"), Type: ptr("EXTERNAL_TABLE"), Storage: storage,
		Parameters: withParameter(storage.Parameters, "CRAWL_RUN_ID", d.crawl.ID)}
	if one.Comment != "" && slices.Contains(d.target.Metadata, Comments) {
		t.Description = ptr(one.Comment)
	}
	d.summary.TablesAdded++
	d.tell("Created table %s in database %s", name, d.crawler.Database)
	d.changes = append(d.changes, func(tx *meta.Tx) error { return d.w.d.Catalog.CreateTableTx(tx, t) })
}

// columns are a table's columns, with what else the target asks for: comments, the types that the database has for them and their place
// in the primary key.
func (d *relations) columns(one jdbc.Table) []catalog.Column {
	seen := map[string]bool{}
	out := make([]catalog.Column, 0, len(one.Columns))
	for i, c := range one.Columns {
		name := strings.ToLower(c.Name)
		for seen[name] {
			name += "_" + itoa(i)
		}
		seen[name] = true
		column := catalog.Column{Name: name, Type: c.Type}
		if c.Comment != "" && slices.Contains(d.target.Metadata, Comments) {
			column.Comment = ptr(c.Comment)
		}
		if slices.Contains(d.target.Metadata, RawTypes) {
			column.Parameters = map[string]string{"rawType": c.Native}
			if c.Key > 0 {
				column.Parameters["primaryKey"] = itoa(c.Key)
			}
		}
		out = append(out, column)
	}
	return out
}

func (d *relations) parameters(one jdbc.Table) map[string]string {
	kind := "table"
	if one.View {
		kind = "view"
	}
	return map[string]string{
		"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0", "UPDATED_BY_CRAWLER": d.crawler.Name,
		"classification": string(d.engine), "compressionType": "none", "typeOfData": kind, "connectionName": d.target.Connection,
	}
}

// covers reports whether the target asks for a table of its connection.
func (d *relations) covers(t *catalog.Table) bool {
	parts := strings.SplitN(t.Location(), ".", 3)
	schema, name := "", parts[len(parts)-1]
	if d.engine.HasSchemas() && len(parts) == 3 {
		schema = parts[1]
	} else if !d.engine.HasSchemas() {
		name = strings.Join(parts[1:], ".")
	}
	return parts[0] == d.database && d.pattern.Matches(schema, name)
}

func sameColumn(a, b catalog.Column) bool {
	return a.Name == b.Name && a.Type == b.Type && maps.Equal(a.Parameters, b.Parameters) && text(a.Comment) == text(b.Comment)
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func names(columns []catalog.Column) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name + " " + c.Type
	}
	return strings.Join(out, ", ")
}
