package crawl

import (
	"errors"
	"strings"
	"testing"

	"penstock/internal/catalog"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/object"
)

// region is that of sites in tests that need no other.
const region = "us-east-1"

// in is another region over the same stores; begun are the names of the crawlers whose crawls it has begun.
func (s *site) in(region string, begun *[]string) *site {
	out := &site{t: s.t, ctx: s.ctx, objects: s.objects, catalog: catalog.Open(s.d.Meta, region, s.d.Clock),
		logs: logstore.Open(s.d.Meta, region, s.d.Clock)}
	d := s.d
	d.Region, d.Catalog, d.Logs, d.Kill = region, out.catalog, out.logs, func(point string) {
		if point == "crawl.begun" {
			*begun = append(*begun, region)
		}
	}
	out.Crawlers = Open(d)
	return out
}

// TestRegionsAreApart: crawlers of the same name in two regions do not see each other, and each region's loop runs its own, once.
func TestRegionsAreApart(t *testing.T) {
	var begun []string
	east := open(t, t.TempDir()).in("us-east-1", &begun)
	west := east.in("eu-west-1", &begun)
	east.crawler(t)
	for name, err := range west.calls() {
		if e := (*Error)(nil); !errors.As(err, &e) || e.Reason != NotFound {
			t.Errorf("%s in a region without crawlers: %v", name, err)
		}
	}
	if list, _, err := west.List(t.Context(), "", 10); len(list) > 0 || err != nil {
		t.Errorf("crawlers %+v, %v", list, err)
	}
	must(t, west.catalog.CreateDatabase(t.Context(), catalog.Database{Name: "db"}))
	west.create(Crawler{Name: "cr", Role: "r", Database: "db", TablePrefix: "west_", Targets: []Target{{Path: "s3://raw/orders/"}}})
	_, err := east.Start(t.Context(), "cr")
	must(t, err)
	if c, err := west.Crawler(t.Context(), "cr"); err != nil || c.State != StateReady || c.Running != nil {
		t.Errorf("the other region's crawler after a start: %+v, %v", c, err)
	}
	west.start().crawl("cr") // its loop has looked at what is open by then
	if got := strings.Join(begun, " "); got != "eu-west-1" {
		t.Errorf("begun in %s", got)
	}
	east.start()
	c, err := east.Wait(t.Context(), "cr")
	must(t, err)
	if c.Last == nil || c.Last.State != CrawlCompleted || strings.Join(begun, " ") != "eu-west-1 us-east-1" {
		t.Errorf("%+v, begun in %v", c.Last, begun)
	}
	for s, want := range map[*site]string{east: "orders", west: "west_orders"} {
		ts, _, err := s.catalog.AllTables(t.Context(), "", "", 10)
		must(t, err)
		crawls, _, _, err := s.Crawls(t.Context(), "cr", nil, 0, 10)
		must(t, err)
		p, err := s.logs.Get(t.Context(), logstore.GetQuery{Group: LogGroup, Stream: "cr", FromHead: true})
		must(t, err)
		if len(ts) != 1 || ts[0].Name != want || len(crawls) != 1 || strings.Count(p.Events[0].Message, crawls[0].ID) != 1 {
			t.Errorf("%s has tables %+v, crawls %+v, log %+v", s.d.Region, ts, crawls, p.Events)
		}
	}
	must(t, west.d.Meta.Update(t.Context(), func(tx *metaTx) error { return west.DeleteTx(tx, "cr") }))
	if crawls, _, _, err := east.Crawls(t.Context(), "cr", nil, 0, 10); len(crawls) != 1 || err != nil {
		t.Errorf("after the other region's deletion: %+v, %v", crawls, err)
	}
}

// calls are the answers of the operations that name a crawler.
func (s *site) calls() map[string]error {
	_, get := s.Crawler(s.ctx, "cr")
	_, start := s.Start(s.ctx, "cr")
	_, _, _, crawls := s.Crawls(s.ctx, "cr", nil, 0, 10)
	return map[string]error{"Crawler": get, "Start": start, "Crawls": crawls, "Stop": s.Stop(s.ctx, "cr"),
		"Update": s.Update(s.ctx, "cr", func(*Crawler) error { return nil }),
		"Delete": s.d.Meta.Update(s.ctx, func(tx *metaTx) error { return s.DeleteTx(tx, "cr") })}
}

// TestRowsBeforeRegions opens what a program without regions has left: all of it is us-east-1's, and its open crawl goes on there.
func TestRowsBeforeRegions(t *testing.T) {
	dir := t.TempDir()
	before := []meta.Schema{object.Schema, metatest.At(catalog.Schema, 1), metatest.At(logstore.Schema, 1), metatest.At(Schema, 2)}
	metatest.Left(t, dir, before,
		`INSERT INTO catalog_database VALUES ('db', 1, '{}')`,
		`INSERT INTO crawl_crawler VALUES ('cr', 'RUNNING', 3, 1, 2, '{"role":"r","database":"db","targets":[{"path":"s3://raw/orders/"}],
			"update":"LOG","delete":"LOG","recrawl":"CRAWL_EVERYTHING"}')`,
		`INSERT INTO crawl_crawl VALUES (5, 'c0', 'cr', 'COMPLETED', 1, 2, 1, '', '{"tablesAdded":4}'),
			(6, 'c1', 'cr', 'RUNNING', 3, 0, 1, '', '{}')`)
	var begun []string
	east := open(t, dir)
	east.put("raw", "orders/a.csv", []byte("id,v\n1,2\n"))
	west := east.in("eu-west-1", &begun)
	if list, _, err := west.List(t.Context(), "", 10); len(list) > 0 || err != nil {
		t.Errorf("eu-west-1 has %+v, %v", list, err)
	}
	c, err := east.Crawler(t.Context(), "cr")
	must(t, err)
	if c.Version != 3 || c.State != StateRunning || c.Running == nil || c.Running.ID != "c1" || c.Last == nil ||
		c.Last.Summary.TablesAdded != 4 {
		t.Errorf("%+v", c)
	}
	west.start()
	c, err = east.start().Wait(t.Context(), "cr")
	must(t, err)
	if c.Last.ID != "c1" || c.Last.State != CrawlCompleted || len(begun) > 0 {
		t.Errorf("%+v, begun in %v", c.Last, begun)
	}
}
