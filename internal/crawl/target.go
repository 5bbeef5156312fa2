package crawl

import (
	"context"
	"fmt"

	"penstock/internal/s3uri"
)

// A CatalogTarget is tables that exist and are to be kept up to date: a crawl of them makes no others.
type CatalogTarget struct {
	Database string   `json:"database"`
	Tables   []string `json:"tables"`
}

// checkTables refuses targets of tables that could never be crawled. Their rules are AWS's.
func (c *Crawler) checkTables() error {
	if len(c.Tables) == 0 {
		return nil
	}
	switch {
	case len(c.Targets)+len(c.Databases) > 0:
		return errorf(Invalid, "CatalogTargets cannot be mixed with targets of another kind")
	case c.Delete != Log:
		return errorf(Invalid, "The SchemaChangePolicy for Catalog target can have only LOG DeleteBehavior value.")
	}
	for _, t := range c.Tables {
		if t.Database == "" || len(t.Tables) == 0 {
			return errorf(Invalid, "A target of CatalogTargets needs DatabaseName and Tables")
		}
	}
	return nil
}

// catalogTables brings the tables of CatalogTargets up to date.
func (r *run) catalogTables(ctx context.Context) error {
	for _, target := range r.crawler.Tables {
		for _, name := range target.Tables {
			t, err := r.w.d.Catalog.Table(ctx, target.Database, name)
			if err != nil {
				return fmt.Errorf("table %s of database %s: %w", name, target.Database, err)
			}
			if _, _, ok := s3uri.Cut(t.Location()); !ok {
				return fmt.Errorf("table %s of database %s lies at %q: only tables of S3 can be targets", name, target.Database, t.Location())
			}
			c := &claim{table: t}
			p, err := r.list(ctx, Target{Path: t.Location()}, func(p *place, files []*file) error {
				if !c.found {
					c = p.claim(t)
				}
				return r.takeFor(ctx, p, c, files)
			})
			if err != nil {
				return err
			}
			r.summary.Files += p.found
			if !c.found {
				r.journal.line("WARN", "Table %s in database %s has no files", t.Name, t.Database)
				continue
			}
			if err := r.extend(ctx, p, c); err != nil {
				return err
			}
		}
	}
	return nil
}
