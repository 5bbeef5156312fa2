package crawl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"penstock/internal/catalog"
)

func (s *site) crawler(t *testing.T) {
	t.Helper()
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
	s.put("raw", "orders/a.csv", []byte("id,v\n1,2\n"))
	s.create(Crawler{Name: "cr", Role: "r", Database: "db", Targets: []Target{{Path: "s3://raw/orders/"}}})
}

// TestTokenStartsOnce: a repeat with a token answers with the first crawl, also after its end.
func TestTokenStartsOnce(t *testing.T) {
	s := open(t, t.TempDir())
	s.crawler(t)
	first, err := startOnce(s.ctx, s.d.Meta, s.Crawlers, "cr", "execution#5")
	must(t, err)
	again, err := startOnce(s.ctx, s.d.Meta, s.Crawlers, "cr", "execution#5")
	if err != nil || again != first {
		t.Errorf("%v, %v; want %v", again, err, first)
	}
	var e *Error
	if _, err := startOnce(s.ctx, s.d.Meta, s.Crawlers, "cr", "execution#6"); !errors.As(err, &e) || e.Reason != Running {
		t.Errorf("%v", err)
	}
	s.start()
	_, err = s.Wait(s.ctx, "cr")
	must(t, err)
	if again, err = startOnce(s.ctx, s.d.Meta, s.Crawlers, "cr", "execution#5"); err != nil || again != first {
		t.Errorf("after the end: %v, %v; want %v", again, err, first)
	}
	list, _, _, err := s.Crawls(s.ctx, "cr", nil, 0, 10)
	must(t, err)
	if len(list) != 1 || list[0].State != CrawlCompleted || list[0].Summary.TablesAdded != 1 {
		t.Errorf("%+v", list)
	}
}

// TestCutOffCrawl: a crawl that a server's end has cut off is begun again once, then it fails.
func TestCutOffCrawl(t *testing.T) {
	for attempts, want := range map[int]string{0: CrawlCompleted, 1: CrawlCompleted, 2: CrawlFailed} {
		dir := t.TempDir()
		s := open(t, dir)
		s.crawler(t)
		id, err := startOnce(s.ctx, s.d.Meta, s.Crawlers, "cr", "execution#1")
		must(t, err)
		for range attempts { // begun, and then nothing more was heard of it
			must(t, s.d.Meta.Update(s.ctx, func(tx *metaTx) error {
				_, err := tx.Exec("UPDATE crawl_crawl SET attempts = attempts + 1")
				return err
			}))
		}
		s.stop()
		s = open(t, dir).start()
		c, err := s.Wait(s.ctx, "cr")
		must(t, err)
		if c.Last == nil || c.Last.ID != id || c.Last.State != want || c.Running != nil {
			t.Errorf("after %d attempts: %+v", attempts, c.Last)
		}
		if want == CrawlFailed && !strings.Contains(c.Last.Error, "stopped twice") {
			t.Errorf("error %q", c.Last.Error)
		}
	}
}

func TestStop(t *testing.T) {
	s := open(t, t.TempDir())
	s.crawler(t)
	_, err := s.Start(s.ctx, "cr")
	must(t, err)
	must(t, s.Stop(s.ctx, "cr"))
	s.start()
	c, err := s.Wait(s.ctx, "cr")
	must(t, err)
	if c.Last.State != CrawlStopped || c.Last.Error != "" || s.dump("db") != "" {
		t.Errorf("%+v\n%s", c.Last, s.dump("db"))
	}
	if c = s.crawl("cr"); c.Last.State != CrawlCompleted {
		t.Errorf("the next crawl: %+v", c.Last)
	}
}

func TestFailures(t *testing.T) {
	s := open(t, t.TempDir()).start()
	s.crawler(t)
	s.create(Crawler{Name: "lost", Role: "r", Database: "none", Targets: []Target{{Path: "s3://raw/orders/"}}})
	s.create(Crawler{Name: "dry", Role: "r", Database: "db", Targets: []Target{{Path: "s3://nowhere/"}}})
	s.create(Crawler{Name: "full", Role: "r", Database: "db", Configuration: `{"CrawlerOutput":{"Tables":{"TableThreshold":1}}}`,
		Targets: []Target{{Path: "s3://raw/orders/"}, {Path: "s3://raw/more/"}}})
	s.put("raw", "more/b.csv", []byte("x,y\n1,2\n"))
	for name, want := range map[string]string{"lost": "Database none not found.", "dry": "list s3://nowhere/:",
		"full": "greater than the table threshold"} {
		c := s.crawl(name)
		if c.Last.State != CrawlFailed || !strings.Contains(c.Last.Error, want) || c.State != StateReady {
			t.Errorf("%s: %+v", name, c.Last)
		}
	}
	if got := s.dump("db"); got != "" {
		t.Errorf("failed crawls have written\n%s", got)
	}
}

// TestRunEnds: the loop ends with its context and leaves an open crawl open.
func TestRunEnds(t *testing.T) {
	s := open(t, t.TempDir())
	s.crawler(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.Start(s.ctx, "cr")
	must(t, err)
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(2 * time.Minute):
		t.Fatal("the loop goes on")
	}
	c, err := s.Crawler(s.ctx, "cr")
	must(t, err)
	if c.State != StateRunning || c.Running == nil {
		t.Errorf("%+v", c)
	}
}

func TestGlobs(t *testing.T) {
	for _, c := range []struct {
		glob    string
		yes, no []string
	}{
		{"*.csv", []string{"a.csv", ".csv"}, []string{"d/a.csv", "a.csv.gz"}},
		{"**.csv", []string{"a.csv", "d/e/a.csv"}, []string{"a.txt"}},
		{"d/**", []string{"d/a", "d/e/a"}, []string{"da", "d"}},
		{"year-?/*", []string{"year-1/a"}, []string{"year-12/a", "year-//a"}},
		{"[a-c]x[!0-9]", []string{"axb"}, []string{"dxb", "ax1", "ax/"}},
		{"{a,b.c}*", []string{"a1", "b.c2"}, []string{"bxc", "c"}},
		{`\*\{x,y`, []string{"*{x,y"}, []string{"a{x,y"}},
		{".*", []string{".hidden"}, []string{"visible"}},
	} {
		re, err := compileGlob(c.glob)
		must(t, err)
		for _, s := range c.yes {
			if !re.MatchString(s) {
				t.Errorf("%s does not match %s", c.glob, s)
			}
		}
		for _, s := range c.no {
			if re.MatchString(s) {
				t.Errorf("%s matches %s", c.glob, s)
			}
		}
	}
	for _, bad := range []string{"{a,{b}}", "{a", "a}", "[a", `a\`, "[]", "[z-a]"} {
		if _, err := compileGlob(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestBadCrawlers(t *testing.T) {
	s := open(t, t.TempDir())
	good := Crawler{Name: "c", Database: "db", Targets: []Target{{Path: "s3://raw/"}}}
	for want, change := range map[string]func(*Crawler){
		"has no target":              func(c *Crawler) { c.Targets = nil },
		"DatabaseName is required":   func(c *Crawler) { c.Database = "" },
		"names no bucket":            func(c *Crawler) { c.Targets = []Target{{Path: "s3:///x"}} },
		"does not begin with s3://":  func(c *Crawler) { c.Targets = []Target{{Path: "raw/x"}} },
		"SampleSize must be between": func(c *Crawler) { c.Targets = []Target{{Path: "s3://raw/", SampleSize: 250}} },
		"{ is never closed":          func(c *Crawler) { c.Targets = []Target{{Path: "s3://raw/", Exclusions: []string{"{"}}} },
		"can have only LOG Delete":   func(c *Crawler) { c.Recrawl = CrawlNewFoldersOnly },
		"Version must be 1.0":        func(c *Crawler) { c.Configuration = `{"Version":2}` },
		"text follows":               func(c *Crawler) { c.Configuration = `{"Version":1} x` },
		"unknown field":              func(c *Crawler) { c.Configuration = `{"CrawlerOutput":{"Table":{}}}` },
		`is "Merge"`:                 func(c *Crawler) { c.Configuration = `{"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"Merge"}}}` },
	} {
		c := good
		change(&c)
		err := s.d.Meta.Update(s.ctx, func(tx *metaTx) error { return s.CreateTx(tx, c) })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
