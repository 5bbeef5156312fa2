package crawl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"penstock/internal/catalog"
	"penstock/internal/classify"
	"penstock/internal/meta"
)

// A run is one crawl in the making: it lists and samples, collects changes, and applies them at the end.
type run struct {
	w       *Crawlers
	crawl   Crawl
	crawler *Crawler
	config  *Config
	custom  []*classify.Custom // the crawler's classifiers
	journal journal

	tables  []catalog.Table // of the database, as they were
	names   map[string]bool // of tables, old and new
	changes []change
	told    []string // what the log says of changes
	summary Summary
}

// A change is one step of what a crawl writes; a step is small enough for one transaction to hold several.
type change func(*meta.Tx) error

// stepsPerUpdate is how many changes one transaction makes. Nearly every crawl is one transaction.
const stepsPerUpdate = 20

// tell says in the log what changes. That stands there when all has been classified, as on AWS.
func (r *run) tell(format string, args ...any) { r.told = append(r.told, fmt.Sprintf(format, args...)) }

func (r *run) lease() string { return "crawl/" + r.crawl.ID }

// do crawls.
func (r *run) do(ctx context.Context) (err error) {
	defer r.w.d.Objects.Release(r.lease())
	if r.config, err = ParseConfig(r.crawler.Configuration); err != nil {
		return err
	}
	err = r.w.d.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		r.custom, err = r.w.classifiers().CompileTx(tx, r.crawler.Classifiers)
		return err
	})
	if err != nil {
		return err
	}
	if err := r.loadTables(ctx); err != nil {
		return err
	}
	for _, t := range r.crawler.Targets {
		if err := r.plan(ctx, t); err != nil {
			return err
		}
	}
	if err := errors.Join(r.databases(ctx), r.catalogTables(ctx)); err != nil {
		return err
	}
	r.w.d.Kill.At("crawl.sampled")
	r.journal.classified(r.crawler)
	for _, line := range r.told {
		r.journal.line("INFO", "%s", line)
	}
	if n := r.config.CrawlerOutput.Tables.TableThreshold; n > 0 && r.summary.TablesAdded > n {
		return fmt.Errorf("the number of tables detected by crawler: %d is greater than the table threshold value provided: %d",
			r.summary.TablesAdded, n)
	}
	return r.apply(ctx)
}

func (r *run) loadTables(ctx context.Context) error {
	r.names = map[string]bool{}
	after, more := "", r.crawler.Database != "" // which crawlers of tables need not have
	for more {
		var page []catalog.Table
		var err error
		if page, more, err = r.w.d.Catalog.Tables(ctx, r.crawler.Database, after, 500, nil); err != nil {
			return err
		}
		for _, t := range page {
			r.names[t.Name] = true
			after = t.Name
		}
		r.tables = append(r.tables, page...)
	}
	return nil
}

// plan decides what a target changes: files below tables that exist are theirs, the rest is searched for new tables.
func (r *run) plan(ctx context.Context, t Target) error {
	var below []*claim
	root := &folder{}
	p, err := r.list(ctx, t, func(p *place, files []*file) error {
		if below == nil {
			below = r.claims(p)
		}
		return r.look(ctx, p, below, root, files)
	})
	if err != nil {
		return err
	}
	r.summary.Files += p.found
	if p.found == 0 {
		below = r.claims(p)
	}
	for _, c := range below {
		if err := r.known(ctx, p, c); err != nil {
			return err
		}
	}
	return r.discover(p, root)
}

// claims are the tables that lie in a place. One inside another one's folder comes first.
func (r *run) claims(p *place) []*claim {
	below := []*claim{}
	for i := range r.tables {
		if c := p.claim(&r.tables[i]); c != nil {
			below = append(below, c)
		}
	}
	slices.SortStableFunc(below, func(a, b *claim) int { return len(b.folder) - len(a.folder) })
	return below
}

// look sorts a page of files by whose they are, and samples them.
func (r *run) look(ctx context.Context, p *place, below []*claim, root *folder, files []*file) error {
	theirs := map[*claim][]*file{}
	var free []*file
next:
	for _, f := range files {
		for _, c := range below {
			if f.url == c.location || strings.HasPrefix(f.url, c.folder) {
				theirs[c] = append(theirs[c], f)
				continue next
			}
		}
		free = append(free, f)
	}
	for _, c := range below {
		if len(theirs[c]) > 0 {
			if err := r.takeFor(ctx, p, c, theirs[c]); err != nil {
				return err
			}
		}
	}
	return r.take(ctx, p, root, free)
}

// A claim is a table that exists in a place, with its files.
type claim struct {
	table            *catalog.Table
	location, folder string          // as the table names it; the same with "/" at its end
	depth            int             // folders between the place and the table
	found            bool            // it has files
	known            map[string]bool // its partitions, as they were; nil until they are asked for
	branches         map[string]*branch
}

// claim is a table's claim on a place, or nil when the table lies elsewhere.
func (p *place) claim(t *catalog.Table) *claim {
	c := &claim{table: t, location: t.Location(), folder: strings.TrimSuffix(t.Location(), "/") + "/",
		branches: map[string]*branch{}}
	depth, below := p.depth(c.location)
	if !below {
		return nil
	}
	c.depth = depth
	return c
}

// depth is how many folders lie between the place and a location; below is false when the location lies elsewhere.
func (p *place) depth(location string) (depth int, below bool) {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(location, "/")+"/", p.location(nil))
	return strings.Count(rest, "/"), ok
}

// known brings a table that exists up to date.
func (r *run) known(ctx context.Context, p *place, c *claim) error {
	if c.found {
		return r.extend(ctx, p, c)
	}
	if c.table.Parameters["UPDATED_BY_CRAWLER"] == r.crawler.Name && r.crawler.Recrawl == CrawlEverything {
		r.gone(c.table)
	}
	return nil
}

// deprecated is the property of a table that is no longer found.
const deprecated = "DEPRECATED_BY_CRAWLER"

// gone treats a table of this crawler whose files are no longer there.
func (r *run) gone(t *catalog.Table) {
	switch {
	case r.crawler.Delete == DeleteFromDatabase:
		r.summary.TablesDeleted++
		r.tell("Deleted table %s in database %s", t.Name, t.Database)
		r.changes = append(r.changes, func(tx *meta.Tx) error { return r.w.d.Catalog.DeleteTableTx(tx, t.Database, t.Name) })
	case r.crawler.Delete == DeprecateInDatabase && t.Parameters[deprecated] == "":
		next := *t
		next.Parameters = withParameter(t.Parameters, deprecated, fmt.Sprint(r.w.now()))
		r.summary.TablesUpdated++
		r.tell("Table %s is marked deprecated because a matching schema was not found at the table's location.", t.Name)
		r.update(next)
	case r.crawler.Delete == Log:
		r.journal.line("WARN", "What table %s in database %s stands for is no longer found", t.Name, t.Database)
	}
}

// update plans to replace a table, provided that it is still the one that was read.
func (r *run) update(next catalog.Table) {
	r.changes = append(r.changes, func(tx *meta.Tx) error {
		return r.w.d.Catalog.UpdateTableTx(tx, next, catalog.UpdateOptions{VersionID: next.VersionID})
	})
}

// perStep is how many partitions one change writes.
const perStep = 250

// addPartitions plans to make partitions.
func (r *run) addPartitions(database, table string, ps []catalog.Partition) {
	r.summary.PartitionsAdded += len(ps)
	for len(ps) > 0 {
		part := ps[:min(perStep, len(ps))]
		ps = ps[len(part):]
		r.changes = append(r.changes, func(tx *meta.Tx) error {
			return r.w.d.Catalog.CreatePartitionsTx(tx, database, table, part, true)
		})
	}
}

// apply writes the changes; the last transaction also ends the crawl.
func (r *run) apply(ctx context.Context) error {
	c := r.crawl
	c.State, c.Summary = CrawlCompleted, r.summary
	r.journal.finished(r.summary)
	for {
		steps := r.changes[:min(stepsPerUpdate, len(r.changes))]
		r.changes = r.changes[len(steps):]
		err := r.w.d.Meta.Update(ctx, func(tx *meta.Tx) error {
			for _, step := range steps {
				if err := step(tx); err != nil {
					return err
				}
			}
			if len(r.changes) > 0 {
				return nil
			}
			err := errors.Join(r.journal.writeTx(tx), r.w.finishTx(tx, c))
			r.w.d.Kill.At("crawl.in-transaction")
			return err
		})
		if err == nil && len(r.changes) == 0 {
			r.w.d.Kill.At("crawl.committed")
		}
		if err != nil || len(r.changes) == 0 {
			return err
		}
	}
}
