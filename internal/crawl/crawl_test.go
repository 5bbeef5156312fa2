package crawl

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/tools/txtar"

	"penstock/internal/blob"
	"penstock/internal/catalog"
	"penstock/internal/classify"
	"penstock/internal/clock"
	"penstock/internal/event"
	"penstock/internal/logstore"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "server" {
		killedServer(os.Args[2], os.Args[3])
	}
	if len(os.Args) == 3 && os.Args[1] == "many" {
		crawlMany(os.Args[2])
	}
	// The clock of regexp2, which grok patterns use, ends by itself a second after the last match.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2.runClock"))
}

// A site is a lake, a catalog and crawlers in a temporary folder.
type site struct {
	t       testing.TB
	ctx     context.Context
	objects *object.Store
	catalog *catalog.Catalog
	logs    *logstore.Store
	*Crawlers
	stop func() // closes the store
	halt func() // ends the loop and waits for it
}

func open(t testing.TB, dir string) *site { return openAt(t, dir, clock.Real{}) }

func openAt(t testing.TB, dir string, c clock.Clock) *site {
	t.Helper()
	m := metatest.Open(t, dir, c, doc.Schema, object.Schema, catalog.Schema, logstore.Schema, event.Schema, due.Schema, Schema)
	b, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	must(t, err)
	s := &site{t: t, ctx: t.Context(), objects: object.Open(m, b, object.Options{Clock: c}), catalog: catalog.Open(m, region, c),
		logs: logstore.Open(m, region, c)}
	s.Crawlers = Open(Deps{Meta: m, Region: region, Catalog: s.catalog, Objects: s.objects, Logs: s.logs, Clock: c, Log: slog.Default()})
	s.stop = func() { m.Close() }
	return s
}

// start runs the loop until the test ends.
func (s *site) start() *site {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	s.halt = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
	s.t.Cleanup(s.halt)
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) put(bucket, key string, data []byte) {
	s.t.Helper()
	if _, err := s.objects.HeadBucket(s.ctx, bucket); err != nil {
		_, err := s.objects.CreateBucket(s.ctx, bucket, "", nil)
		must(s.t, err)
	}
	if strings.HasSuffix(key, ".gz") {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, err := w.Write(data)
		must(s.t, err)
		must(s.t, w.Close())
		data = z.Bytes()
	}
	_, err := s.objects.Put(s.ctx, bucket, key, bytes.NewReader(data), object.PutOptions{})
	must(s.t, err)
}

func (s *site) create(c Crawler) {
	s.t.Helper()
	must(s.t, s.d.Meta.Update(s.ctx, func(tx *metaTx) error { return s.CreateTx(tx, c) }))
}

// crawl starts a crawler and waits for its end.
func (s *site) crawl(name string) *Crawler {
	s.t.Helper()
	_, err := s.Start(s.ctx, name)
	must(s.t, err)
	ctx, cancel := context.WithTimeout(s.ctx, 3*time.Minute)
	defer cancel()
	c, err := s.Wait(ctx, name)
	must(s.t, err)
	return c
}

// dump writes the tables of a database as text.
func (s *site) dump(database string) string {
	var b strings.Builder
	tables, _, err := s.catalog.Tables(s.ctx, database, "", 100, nil)
	must(s.t, err)
	for _, t := range tables {
		fmt.Fprintf(&b, "table %s %s\n", t.Name, t.Location())
		for _, c := range t.Columns() {
			fmt.Fprintf(&b, "  %s %s\n", c.Name, c.Type)
		}
		for _, c := range t.PartitionKeys {
			fmt.Fprintf(&b, "  key %s %s\n", c.Name, c.Type)
		}
		indexes, err := s.catalog.Indexes(s.ctx, database, t.Name)
		must(s.t, err)
		for _, x := range indexes {
			fmt.Fprintf(&b, "  index %s of %d keys %s\n", x.Name, len(x.Keys), x.State)
		}
		if serde := t.Storage.SerDe; t.Parameters["classification"] != "csv" {
			fmt.Fprintf(&b, "  %s %s %v\n", *serde.Library, t.Storage.InputFormat, serde.Parameters)
		}
		for _, k := range slices.Sorted(maps.Keys(t.Parameters)) {
			if v := t.Parameters[k]; k != "CRAWL_RUN_ID" && k != "DEPRECATED_BY_CRAWLER" && !strings.HasPrefix(k, "Crawler") &&
				k != "typeOfData" && k != "columnsOrdered" {
				fmt.Fprintf(&b, "  %s=%s\n", k, v)
			} else if k == "DEPRECATED_BY_CRAWLER" {
				fmt.Fprintf(&b, "  %s\n", k)
			}
		}
		must(s.t, s.catalog.EachPartition(s.ctx, database, t.Name, "", func(ps []catalog.Partition) error {
			for _, p := range ps {
				fmt.Fprintf(&b, "  [%s] %s", strings.Join(p.Values, " | "), strings.TrimPrefix(p.Location(), t.Location()))
				if !slices.EqualFunc(p.Storage.Columns, t.Columns(), func(x, y catalog.Column) bool { return x.Name == y.Name && x.Type == y.Type }) {
					for _, c := range p.Storage.Columns {
						fmt.Fprintf(&b, " %s:%s", c.Name, c.Type)
					}
				}
				b.WriteByte('\n')
			}
			return nil
		}))
	}
	return b.String()
}

// outcome is what a crawl came to, with the warnings of its log.
func (s *site) outcome(c *Crawler) string {
	var b strings.Builder
	if c.Last.Error != "" {
		fmt.Fprintf(&b, "%s: %s\n", c.Last.State, c.Last.Error)
	} else {
		u := c.Last.Summary
		fmt.Fprintf(&b, "%s: tables +%d ~%d -%d, partitions +%d ~%d -%d, %d files\n", c.Last.State, u.TablesAdded,
			u.TablesUpdated, u.TablesDeleted,
			u.PartitionsAdded, u.PartitionsUpdated, u.PartitionsDeleted, u.Files)
	}
	events, _, err := s.logs.Filter(s.ctx, logstore.FilterQuery{Group: LogGroup, Limit: 1000})
	must(s.t, err)
	for _, e := range events {
		if rest, ok := strings.CutPrefix(e.Message, "["+c.Last.ID+"] WARN : "); ok {
			b.WriteString("warn: " + rest + "\n")
		}
	}
	return b.String()
}

// TestCrawls runs testdata/*.txtar. The comment of an archive holds the crawler: "target s3://...", "table NAME ...", "update LOG", "delete
// ...", "recrawl ...", "prefix x", "classifier {JSON}", "exclude glob", "sample n", "config {...}". A file "bucket/key" is put (gzipped if
// its name ends in .gz; bytes are "bucket/key (base64)"), "rm bucket/key" is deleted, "crawler" replaces the crawler, "want" ends a step:
// crawl, then compare the catalog with it.
func TestCrawls(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	must(t, err)
	if len(names) < 8 {
		t.Errorf("only %d archives", len(names))
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runArchive(t, name) })
	}
}

func runArchive(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	must(t, err)
	s := open(t, t.TempDir()).start()
	must(t, s.catalog.CreateDatabase(s.ctx, catalog.Database{Name: "db"}))
	s.classify(string(a.Comment))
	s.create(readCrawler(t, string(a.Comment)))
	changed := false
	for i, f := range a.Files {
		switch rest, remove := strings.CutPrefix(f.Name, "rm "); {
		case f.Name == "crawler":
			must(t, s.d.Meta.Update(s.ctx, func(tx *metaTx) error { return s.DeleteTx(tx, "cr") }))
			s.create(readCrawler(t, string(f.Data)))
		case f.Name == "want":
			got := s.outcome(s.crawl("cr")) + s.dump("db")
			if got == string(f.Data) {
				continue
			}
			if !*update {
				t.Fatalf("file %d: got\n%swant\n%s", i, got, f.Data)
			}
			a.Files[i].Data, changed = []byte(got), true
		case remove:
			bucket, key, _ := strings.Cut(rest, "/")
			_, err := s.objects.Delete(s.ctx, bucket, object.Deletion{Key: key})
			must(t, err)
		case strings.HasSuffix(f.Name, " (base64)"):
			bucket, key, _ := strings.Cut(strings.TrimSuffix(f.Name, " (base64)"), "/")
			data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(f.Data)))
			must(t, err)
			s.put(bucket, key, data)
		default:
			bucket, key, _ := strings.Cut(f.Name, "/")
			s.put(bucket, key, []byte(strings.NewReplacer(`\t`, "\t", `\x01`, "\x01").Replace(string(f.Data))))
		}
	}
	if changed {
		must(t, os.WriteFile(name, txtar.Format(a), 0o644))
	}
}

// classify makes the classifiers of an archive's comment.
func (s *site) classify(comment string) {
	s.t.Helper()
	for line := range strings.Lines(comment) {
		if text, ok := strings.CutPrefix(line, "classifier "); ok {
			var c classify.Classifier
			must(s.t, json.Unmarshal([]byte(text), &c))
			must(s.t, s.d.Meta.Update(s.ctx, func(tx *metaTx) error { return s.classifiers().CreateTx(tx, c) }))
		}
	}
}

func readCrawler(t *testing.T, text string) Crawler {
	c := Crawler{Name: "cr", Role: "r", Database: "db"}
	for _, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "target":
			c.Targets = append(c.Targets, Target{Path: rest})
		case "table":
			c.Tables = append(c.Tables, CatalogTarget{Database: "db", Tables: strings.Fields(rest)})
		case "exclude":
			c.Targets[0].Exclusions = append(c.Targets[0].Exclusions, rest)
		case "sample":
			_, err := fmt.Sscan(rest, &c.Targets[0].SampleSize)
			must(t, err)
		case "update":
			c.Update = rest
		case "delete":
			c.Delete = rest
		case "recrawl":
			c.Recrawl = rest
		case "prefix":
			c.TablePrefix = rest
		case "config":
			c.Configuration = rest
		case "classifier":
			var named classify.Classifier
			must(t, json.Unmarshal([]byte(rest), &named))
			c.Classifiers = append(c.Classifiers, named.Name)
		case "", "#":
		default:
			t.Fatalf("unknown line %q", line)
		}
	}
	return c
}
