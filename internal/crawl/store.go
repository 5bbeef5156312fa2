package crawl

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"penstock/internal/api"
	"penstock/internal/catalog"
	"penstock/internal/clock"
	"penstock/internal/crawl/classifier"
	"penstock/internal/event"
	"penstock/internal/killpoint"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/object"
	"penstock/internal/s3uri"
)

// Schema is the crawlers' tables in the metadata store.
//
//nolint:gochecknoglobals // a constant in all but Go's syntax
var Schema = meta.Schema{Name: "crawl", Migrations: []string{`
CREATE TABLE crawl_crawler (name TEXT PRIMARY KEY, state TEXT NOT NULL, version INTEGER NOT NULL, created INTEGER NOT NULL,
	updated INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE crawl_crawl (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, crawler TEXT NOT NULL, state TEXT NOT NULL,
	started INTEGER NOT NULL, ended INTEGER NOT NULL, attempts INTEGER NOT NULL, error TEXT NOT NULL, summary TEXT NOT NULL);
CREATE INDEX crawl_by_crawler ON crawl_crawl (crawler, seq);
CREATE INDEX crawl_open ON crawl_crawl (state) WHERE state = 'RUNNING';
CREATE TABLE crawl_token (token TEXT PRIMARY KEY, crawl TEXT NOT NULL) WITHOUT ROWID;
`, `
INSERT INTO call_answer (token, service, op, request, answer, at) SELECT token, 'glue', 'StartCrawler', x'', '{}', 0 FROM crawl_token;
DROP TABLE crawl_token; -- package meta keeps tokens since then
`, `
CREATE TABLE crawl_crawler_2 (region TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL,
	created INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
INSERT INTO crawl_crawler_2 (region, name, state, version, created, updated, doc)
	SELECT 'us-east-1', name, state, version, created, updated, doc FROM crawl_crawler;
DROP TABLE crawl_crawler;
ALTER TABLE crawl_crawler_2 RENAME TO crawl_crawler;
ALTER TABLE crawl_crawl ADD COLUMN region TEXT NOT NULL DEFAULT 'us-east-1';
DROP INDEX crawl_by_crawler;
DROP INDEX crawl_open;
CREATE INDEX crawl_by_crawler ON crawl_crawl (region, crawler, seq);
CREATE INDEX crawl_open ON crawl_crawl (region, seq) WHERE state = 'RUNNING';
`}}

// Deps are what crawlers stand on.
type Deps struct {
	Meta    *meta.Store // opened with Schema
	Region  string      // that of the crawlers, of Catalog and of Logs
	Catalog *catalog.Catalog
	Objects *object.Store
	Logs    *logstore.Store
	Clock   clock.Clock
	Log     *slog.Logger
	Kill    killpoint.Hook
	Account string
	Invoker api.Invoker // whose guard is asked for what a crawler's role may read; nil: everything
	Events  *event.Log  // where changes of crawlers are told; nil: nowhere
	// Ended, if set, is called in the transaction in which a crawl ends.
	Ended func(tx *meta.Tx, c Crawl) error
}

// KillPoints are the points of this package that crash tests kill at, in the order in which a crawl passes them.
var KillPoints = []string{"crawl.started", "crawl.begun", "crawl.sampled", "crawl.in-transaction", "crawl.committed"}

// Crawlers are the crawlers of one account in one region: their definitions, their runs and the loop that runs them.
type Crawlers struct {
	d Deps
}

// Open returns the crawlers that lie in d.Meta. Nothing runs until Run is called.
func Open(d Deps) *Crawlers { return &Crawlers{d: d} }

// topic wakes the loop and those who wait for a crawl to end.
func (w *Crawlers) topic() string { return "crawl/" + w.d.Region }

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (w *Crawlers) now() int64 { return w.d.Clock.Now().UnixMilli() }

// check refuses a crawler that could never run.
func (c *Crawler) check() error {
	if len(c.Targets)+len(c.Databases)+len(c.Tables) == 0 {
		return errorf(Invalid, "The crawler has no target: S3Targets, JdbcTargets or CatalogTargets must name one")
	}
	if len(c.Databases) > 0 && c.Recrawl != CrawlEverything {
		return errorf(Invalid, "RecrawlBehavior must be CRAWL_EVERYTHING for JDBC targets")
	}
	for _, t := range c.Databases {
		if err := t.check(); err != nil {
			return err
		}
	}
	if err := c.checkTables(); err != nil {
		return err
	}
	if c.Database == "" && len(c.Tables) == 0 {
		return errorf(Invalid, "DatabaseName is required")
	}
	for _, t := range c.Targets {
		bucket, _, err := splitPath(t.Path)
		if err != nil {
			return err
		}
		if bucket == "" {
			return errorf(Invalid, "Target path %q names no bucket", t.Path)
		}
		for _, g := range t.Exclusions {
			if _, err := compileGlob(g); err != nil {
				return err
			}
		}
		if t.SampleSize < 0 || t.SampleSize > 249 {
			return errorf(Invalid, "SampleSize must be between 1 and 249")
		}
	}
	if c.Recrawl == CrawlNewFoldersOnly && (c.Update != Log || c.Delete != Log) {
		return errorf(Invalid, `The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior value and `+
			"LOG UpdateBehavior value.")
	}
	_, err := ParseConfig(c.Configuration)
	return err
}

// splitPath cuts "s3://bucket/prefix" into bucket and prefix; the prefix of a folder ends in "/".
func splitPath(path string) (bucket, prefix string, err error) {
	bucket, prefix, ok := s3uri.Cut(path)
	if !ok {
		return "", "", errorf(Invalid, "Target path %q does not begin with s3://", path)
	}
	return bucket, prefix, nil
}

// classifiers are where the classifiers of users are kept.
func (w *Crawlers) classifiers() classifier.Store {
	return classifier.Store{Region: w.d.Region, Clock: w.d.Clock}
}

// checkClassifiers refuses classifiers that do not exist.
func (w *Crawlers) checkClassifiers(tx *meta.Tx, names []string) error {
	for _, name := range names {
		_, err := w.classifiers().GetTx(tx, name)
		var refused *classifier.Error
		if errors.As(err, &refused) {
			return errorf(NotFound, "%s", refused.Text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setDefaults fills in what AWS fills in.
func (c *Crawler) setDefaults() {
	if c.Update == "" {
		c.Update = UpdateInDatabase
	}
	if c.Delete == "" {
		c.Delete = DeprecateInDatabase
	}
	if c.Recrawl == "" {
		c.Recrawl = CrawlEverything
	}
}

// CreateTx makes a crawler.
func (w *Crawlers) CreateTx(tx *meta.Tx, c Crawler) error {
	c.setDefaults()
	if err := c.check(); err != nil {
		return err
	}
	if err := w.checkClassifiers(tx, c.Classifiers); err != nil {
		return err
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode crawler: %w", err)
	}
	r, err := tx.Exec(`INSERT INTO crawl_crawler (region, name, state, version, created, updated, doc) VALUES (?, ?, ?, 1, ?, ?, ?)
		ON CONFLICT DO NOTHING`, w.d.Region, c.Name, StateReady, w.now(), w.now(), string(doc))
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errorf(Exists, "Crawler %s already exists", c.Name))
	}
	return w.tickTx(tx, &c)
}

const crawlerColumns = "name, state, version, created, updated, doc"

func (c *Crawler) scan(row interface{ Scan(...any) error }) error {
	var created, updated int64
	var doc string
	if err := row.Scan(&c.Name, &c.State, &c.Version, &created, &updated, &doc); err != nil {
		return err
	}
	c.Created, c.Updated = instant(created), instant(updated)
	return json.Unmarshal([]byte(doc), c)
}

// CrawlerTx returns a crawler with its last and its running crawl.
func (w *Crawlers) CrawlerTx(tx *meta.Tx, name string) (*Crawler, error) {
	c := &Crawler{}
	err := c.scan(tx.QueryRow("SELECT "+crawlerColumns+" FROM crawl_crawler WHERE region = ? AND name = ?", w.d.Region, name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errorf(NotFound, "Crawler entry with name %s does not exist", name)
	}
	if err != nil {
		return nil, err
	}
	return c, w.attach(tx, c)
}

// attach adds the crawls that a crawler shows.
func (w *Crawlers) attach(tx *meta.Tx, c *Crawler) error {
	list, err := w.crawlsTx(tx, "crawler = ? AND seq < ? ORDER BY seq DESC LIMIT 2", c.Name, int64(1)<<62)
	for i := range list {
		switch {
		case list[i].State == CrawlRunning:
			c.Running = &list[i].Crawl
		case c.Last == nil:
			c.Last = &list[i].Crawl
		}
	}
	return err
}

// Crawler returns a crawler.
func (w *Crawlers) Crawler(ctx context.Context, name string) (c *Crawler, err error) {
	err = w.d.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		c, err = w.CrawlerTx(tx, name)
		return err
	})
	return c, err
}

// List returns up to limit crawlers whose names follow after, in order, and whether there are more.
func (w *Crawlers) List(ctx context.Context, after string, limit int) (list []Crawler, more bool, err error) {
	err = w.d.Meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT "+crawlerColumns+" FROM crawl_crawler WHERE region = ? AND name > ? ORDER BY name LIMIT ?",
			w.d.Region, after, limit+1)
		if err != nil {
			return err
		}
		for rows.Next() {
			var c Crawler
			if err := c.scan(rows); err != nil {
				return errors.Join(err, rows.Close())
			}
			list = append(list, c)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		if len(list) > limit {
			list, more = list[:limit], true
		}
		for i := range list {
			if err := w.attach(tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return list, more, err
}

// Update replaces a crawler's definition by what change makes of it. It is refused while the crawler runs.
func (w *Crawlers) Update(ctx context.Context, name string, change func(*Crawler) error) error {
	return w.change(ctx, name, func(c *Crawler) error {
		if c.State != StateReady {
			return errorf(Running, "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.")
		}
		before := *c
		if err := change(c); err != nil {
			return err
		}
		c.setDefaults()
		if c.Recrawl == CrawlNewFoldersOnly && before.Recrawl == c.Recrawl && !slices.EqualFunc(before.Targets, c.Targets, sameTarget) {
			return errorf(Invalid, "The targets of a crawler with RecrawlBehavior CRAWL_NEW_FOLDERS_ONLY cannot be changed")
		}
		return c.check()
	})
}

func sameTarget(a, b Target) bool {
	return a.Path == b.Path && a.SampleSize == b.SampleSize && slices.Equal(a.Exclusions, b.Exclusions)
}

// DeleteTx removes a crawler and its history. It is refused while the crawler runs.
func (w *Crawlers) DeleteTx(tx *meta.Tx, name string) error {
	c, err := w.CrawlerTx(tx, name)
	if err != nil {
		return err
	}
	if c.State != StateReady {
		return errorf(Running, "Crawler with name %s is running", name)
	}
	for _, q := range []string{
		"DELETE FROM crawl_crawl WHERE region = ? AND crawler = ?",
		"DELETE FROM crawl_crawler WHERE region = ? AND name = ?",
	} {
		if _, err := tx.Exec(q, w.d.Region, name); err != nil {
			return err
		}
	}
	return nil
}
