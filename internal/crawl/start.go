package crawl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"penstock/internal/id"
	"penstock/internal/meta"
)

// Start makes a crawler run; Run does the work.
func (w *Crawlers) Start(ctx context.Context, name string) (crawlID string, err error) {
	err = w.d.Meta.Update(ctx, func(tx *meta.Tx) error {
		crawlID, err = w.StartTx(tx, name)
		return err
	})
	if err != nil {
		return "", err
	}
	return crawlID, meta.After(ctx, func(context.Context) error { w.d.Kill.At("crawl.started"); return nil })
}

// StartTx is Start in a transaction of the caller's.
func (w *Crawlers) StartTx(tx *meta.Tx, name string) (crawlID string, err error) {
	c, err := w.CrawlerTx(tx, name)
	if err != nil {
		return "", err
	}
	if c.State != StateReady {
		return "", errorf(Running, "Crawler with name %s has already started", name)
	}
	crawlID = id.UUID()
	if _, err := tx.Exec(`INSERT INTO crawl_crawl (region, id, crawler, state, started, ended, attempts, error, summary)
		VALUES (?, ?, ?, ?, ?, 0, 0, '', '{}')`, w.d.Region, crawlID, name, CrawlRunning, w.now()); err != nil {
		return "", err
	}
	tx.Notify(w.topic())
	return crawlID, errors.Join(w.setState(tx, name, StateRunning), w.tellStart(tx, name))
}

func (w *Crawlers) setState(tx *meta.Tx, crawler, state string) error {
	_, err := tx.Exec("UPDATE crawl_crawler SET state = ? WHERE region = ? AND name = ?", state, w.d.Region, crawler)
	return err
}

// Stop asks a crawler to stop; it is STOPPING until its crawl has ended.
func (w *Crawlers) Stop(ctx context.Context, name string) error {
	return w.d.Meta.Update(ctx, func(tx *meta.Tx) error { return w.StopTx(tx, name) })
}

// StopTx is Stop in a transaction of the caller's.
func (w *Crawlers) StopTx(tx *meta.Tx, name string) error {
	c, err := w.CrawlerTx(tx, name)
	if err != nil {
		return err
	}
	switch c.State {
	case StateReady:
		return errorf(NotRunning, "Crawler with name %s isn't running", name)
	case StateStopping:
		return errorf(Stopping, "Crawler with name %s is already stopping", name)
	}
	tx.Notify(w.topic())
	return w.setState(tx, name, StateStopping)
}

// finishTx ends a crawl, unless it has ended already.
func (w *Crawlers) finishTx(tx *meta.Tx, c Crawl) error {
	doc, err := json.Marshal(c.Summary)
	if err != nil {
		return fmt.Errorf("encode crawl: %w", err)
	}
	r, err := tx.Exec("UPDATE crawl_crawl SET state = ?, ended = ?, error = ?, summary = ? WHERE id = ? AND state = ?",
		c.State, w.now(), c.Error, string(doc), c.ID, CrawlRunning)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return err
	}
	tx.Notify(w.topic())
	if err := errors.Join(w.setState(tx, c.Crawler, StateReady), w.tellEnd(tx, c)); err != nil || w.d.Ended == nil {
		return err
	}
	return w.d.Ended(tx, c)
}

// openCrawl is a crawl that has not ended, as the loop sees it.
type openCrawl struct {
	Crawl
	seq      int64
	attempts int
}

const crawlColumns = "seq, id, crawler, state, started, ended, attempts, error, summary"

// crawlsTx reads the crawls of the region that a condition (constant text) selects.
func (w *Crawlers) crawlsTx(tx *meta.Tx, condition string, args ...any) (out []openCrawl, err error) {
	rows, err := tx.Query("SELECT "+crawlColumns+" FROM crawl_crawl WHERE region = ? AND "+condition, append([]any{w.d.Region}, args...)...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var c openCrawl
		var started, ended int64
		var summary string
		if err := rows.Scan(&c.seq, &c.ID, &c.Crawler, &c.State, &started, &ended, &c.attempts, &c.Error, &summary); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		c.Started, c.Ended = instant(started), instant(ended)
		if err := json.Unmarshal([]byte(summary), &c.Summary); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, c)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// CrawlTx returns a crawl by its id; found is false when there is none.
func (w *Crawlers) CrawlTx(tx *meta.Tx, crawlID string) (c Crawl, found bool, err error) {
	rows, err := w.crawlsTx(tx, "id = ?", crawlID)
	if err != nil || len(rows) == 0 {
		return c, false, err
	}
	return rows[0].Crawl, true, nil
}

// Wait returns when a crawler is ready, or with ctx's error.
func (w *Crawlers) Wait(ctx context.Context, name string) (*Crawler, error) {
	changed, end := w.d.Meta.Watch(w.topic())
	defer end()
	for {
		c, err := w.Crawler(ctx, name)
		if err != nil || c.State == StateReady {
			return c, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
