package crawl

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"penstock/internal/blob"
	"penstock/internal/catalog"
	"penstock/internal/clock"
	"penstock/internal/event"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/due"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

// bare opens the crawlers of a folder in a process of its own.
func bare(ctx context.Context, dir string, kill func(point string)) (*meta.Store, *Crawlers, error) {
	c := clock.Real{}
	m, err := meta.Open(ctx, dir, []meta.Schema{doc.Schema, object.Schema, catalog.Schema, logstore.Schema, event.Schema, due.Schema, Schema},
		meta.Options{Clock: c})
	if err != nil {
		return nil, nil, err
	}
	b, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, nil, err
	}
	return m, Open(Deps{Meta: m, Region: region, Catalog: catalog.Open(m, region, c), Objects: object.Open(m, b, object.Options{Clock: c}),
		Logs: logstore.Open(m, region, c), Clock: c, Log: slog.Default(), Kill: kill}), nil
}

// killedServer starts the crawler "cr" of a folder and kills this process at a point.
func killedServer(dir, point string) {
	ctx := context.Background()
	m, w, err := bare(ctx, dir, func(p string) {
		if p == point {
			p, _ := os.FindProcess(os.Getpid())
			p.Kill()
			select {}
		}
	})
	if err == nil {
		_, err = startOnce(ctx, m, w, "cr", "execution#5")
	}
	if err == nil {
		err = w.Run(ctx)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

// startOnce starts a crawl as a call with a token does.
func startOnce(ctx context.Context, m *meta.Store, w *Crawlers, name, token string) (string, error) {
	id, _, err := m.Once(ctx, meta.Call{Token: token, Service: "glue", Op: "StartCrawler"}, func(ctx context.Context) ([]byte, error) {
		id, err := w.Start(ctx, name)
		return []byte(id), err
	})
	return string(id), err
}

// TestServerKill kills a server by SIGKILL at every point of a crawl and starts another on the same folder: the crawl ends, once, and
// what it gave is whole. A repeat of the start starts nothing.
func TestServerKill(t *testing.T) {
	for _, point := range KillPoints {
		t.Run(point, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			s.crawler(t)
			s.stop()
			out, err := exec.Command(os.Args[0], "server", dir, point).CombinedOutput()
			if err == nil || !strings.Contains(err.Error(), "killed") {
				t.Fatalf("the server was not killed: %v %s", err, out)
			}
			s = open(t, dir).start()
			again, err := startOnce(s.ctx, s.d.Meta, s.Crawlers, "cr", "execution#5")
			must(t, err)
			c, err := s.Wait(s.ctx, "cr")
			must(t, err)
			list, _, _, err := s.Crawls(s.ctx, "cr", nil, 0, 10)
			must(t, err)
			if len(list) != 1 || c.Last.ID != again || c.Last.State != CrawlCompleted || c.Last.Summary.TablesAdded != 1 {
				t.Errorf("%+v", list)
			}
			if got := s.dump("db"); !strings.HasPrefix(got, "table orders s3://raw/orders/\n  id bigint\n  v bigint\n") {
				t.Errorf("the catalog holds\n%s", got)
			}
		})
	}
}

// TestKillPointsAreAll compares the points that a crawl passes with the list.
func TestKillPointsAreAll(t *testing.T) {
	s := open(t, t.TempDir())
	var mu sync.Mutex
	passed := map[string]bool{}
	s.d.Kill = func(p string) { mu.Lock(); defer mu.Unlock(); passed[p] = true }
	s.start()
	s.crawler(t)
	s.crawl("cr")
	s.halt()
	mu.Lock()
	defer mu.Unlock()
	for _, p := range KillPoints {
		if !passed[p] {
			t.Errorf("%s is listed and not passed", p)
		}
		delete(passed, p)
	}
	for p := range passed {
		t.Errorf("%s is passed and not listed", p)
	}
}
