package crawl

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"penstock/internal/meta"
)

// maxAttempts is how often a crawl is begun: once, and once more after the server was stopped in the middle.
const maxAttempts = 2

// Run does the crawls that are started, two at a time, and starts those that are scheduled, until ctx ends. Crawls that the end of a server
// has cut off it begins again.
func (w *Crawlers) Run(ctx context.Context) error {
	l := &runner{w: w, running: map[string]context.CancelCauseFunc{}, slots: make(chan struct{}, 2)}
	changed, end := w.d.Meta.Watch(w.topic())
	defer end()
	defer l.wait.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l.wait.Go(func() { _ = w.schedules().Run(ctx) }) // it ends without an error
	for {
		if err := l.look(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("run crawlers: %w", err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// A runner is the state of Run.
type runner struct {
	w     *Crawlers
	wait  sync.WaitGroup
	slots chan struct{}

	mu      sync.Mutex
	running map[string]context.CancelCauseFunc // by crawl id
}

// errStopped is why a crawl ends that StopCrawler has ended.
var errStopped = errors.New("the crawler was stopped")

// look starts what is open and stops what shall stop.
func (l *runner) look(ctx context.Context) error {
	var open []openCrawl
	stopping := map[string]bool{}
	err := l.w.d.Meta.View(ctx, func(tx *meta.Tx) (err error) {
		if open, err = l.w.crawlsTx(tx, "state = 'RUNNING' ORDER BY seq LIMIT 1000"); err != nil {
			return err
		}
		for _, c := range open {
			var state string
			err := tx.QueryRow("SELECT state FROM crawl_crawler WHERE region = ? AND name = ?", l.w.d.Region, c.Crawler).Scan(&state)
			if err != nil {
				return err
			}
			stopping[c.ID] = state == StateStopping
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range open {
		cancel, ok := l.running[c.ID]
		if !ok {
			var crawlCtx context.Context
			crawlCtx, cancel = context.WithCancelCause(ctx)
			l.running[c.ID] = cancel
			l.wait.Add(1)
			go l.crawl(crawlCtx, c)
		}
		if stopping[c.ID] {
			cancel(errStopped)
		}
	}
	return nil
}

// crawl runs one crawl when a slot is free.
func (l *runner) crawl(ctx context.Context, c openCrawl) {
	defer l.wait.Done()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running[c.ID](nil)
		delete(l.running, c.ID)
	}()
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
	}
	err := l.w.do(ctx, c)
	if err == nil {
		return
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errStopped) {
		l.w.leave(ctx, c)
		return
	}
	end := c.Crawl
	end.State, end.Error = CrawlFailed, err.Error()
	if errors.Is(context.Cause(ctx), errStopped) {
		end.State, end.Error = CrawlStopped, ""
	}
	j := journal{w: l.w, crawl: c.Crawl}
	j.failed(end)
	err = l.w.d.Meta.Update(context.WithoutCancel(ctx), func(tx *meta.Tx) error {
		return errors.Join(j.writeTx(tx), l.w.finishTx(tx, end))
	})
	if err != nil {
		l.w.d.Log.ErrorContext(ctx, "a crawl's end could not be stored", "crawler", c.Crawler, "crawl", c.ID, "err", err)
	}
}

// leave hands a crawl to the next server: an orderly end of this one is no attempt that failed.
func (w *Crawlers) leave(ctx context.Context, c openCrawl) {
	err := w.d.Meta.Update(context.WithoutCancel(ctx), func(tx *meta.Tx) error {
		_, err := tx.Exec("UPDATE crawl_crawl SET attempts = ? WHERE id = ?", c.attempts, c.ID)
		return err
	})
	if err != nil {
		w.d.Log.WarnContext(ctx, "a crawl that goes on after the next start could not be marked", "crawl", c.ID, "err", err)
	}
}

// do begins a crawl and brings it to its end.
func (w *Crawlers) do(ctx context.Context, c openCrawl) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.attempts >= maxAttempts {
		return errors.New("the server was stopped twice during this crawl")
	}
	r := &run{w: w, crawl: c.Crawl, journal: journal{w: w, crawl: c.Crawl}}
	err := w.d.Meta.Update(ctx, func(tx *meta.Tx) (err error) {
		if r.crawler, err = w.CrawlerTx(tx, c.Crawler); err != nil {
			return err
		}
		r.journal.started()
		_, err = tx.Exec("UPDATE crawl_crawl SET attempts = attempts + 1 WHERE id = ?", c.ID)
		return errors.Join(err, r.journal.writeTx(tx))
	})
	if err != nil {
		return err
	}
	w.d.Kill.At("crawl.begun")
	return r.do(ctx)
}
