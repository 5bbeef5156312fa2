package glue

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/api/apitest"
	"penstock/internal/blob"
	"penstock/internal/catalog"
	"penstock/internal/clock"
	"penstock/internal/crawl"
	"penstock/internal/event"
	"penstock/internal/flow"
	"penstock/internal/job"
	"penstock/internal/job/bookmark"
	"penstock/internal/logstore"
	"penstock/internal/meta/doc"
	"penstock/internal/meta/due"
	"penstock/internal/meta/metatest"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
	"penstock/internal/module/moduletest"
	"penstock/internal/object"
	glueflow "penstock/internal/service/glue/flow"
	"penstock/internal/vfs"
)

// world is the service with what lies below it; nothing runs by itself.
type world struct {
	*Service
	table   *api.Table
	objects *object.Store
	clock   *clock.Manual
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	m := metatest.Open(t, dir, c, due.Schema, doc.Schema, tag.Schema, object.Schema, catalog.Schema, logstore.Schema, metric.Schema,
		crawl.Schema, job.Schema, bookmark.Schema, event.Schema, flow.Schema, Schema)
	b, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	must(t, err)
	w := &world{objects: object.Open(m, b, object.Options{Clock: c}), clock: c}
	cat := catalog.Open(m, moduletest.Region, c)
	logs := logstore.Open(m, moduletest.Region, c)
	flows := flow.New(flow.Options{Meta: m, Region: moduletest.Region, Clock: c, Log: slog.Default()})
	crawls := crawl.Open(crawl.Deps{Meta: m, Region: moduletest.Region, Catalog: cat, Objects: w.objects, Logs: logs,
		Clock: c, Log: slog.Default(), Ended: glueflow.CrawlEnded(flows)})
	jobs := job.New(job.Options{Meta: m, Region: moduletest.Region, Objects: w.objects, Catalog: cat, Logs: logs,
		Metrics: metric.Open(m, moduletest.Region, c), Clock: c, Log: slog.Default(),
		Ended: glueflow.JobEnded(flows), Events: event.Open(m, c, "000000000000", moduletest.Region)})
	w.Service = New(moduletest.On(m, c), cat, crawls, jobs, flows)
	w.table = api.NewTable([]api.Service{w.API()}, slog.Default())
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// crawl runs a crawler to its end.
func (w *world) crawl(t testing.TB, name string) *crawl.Crawler {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Crawls.Run(ctx) }()
	_, err := w.Crawls.Start(ctx, name)
	must(t, err)
	c, err := w.Crawls.Wait(ctx, name)
	must(t, err)
	cancel()
	must(t, <-done)
	return c
}

// fastDir is a folder in memory where there is one: the hundreds of stores below need not be durable.
func fastDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "penstock-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestHonours copies one prepared store for every case: making it anew each time takes minutes on a slow disk.
func TestHonours(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	setup, err := os.ReadFile("testdata/setup.txt")
	must(t, err)
	for line := range strings.Lines(string(setup)) {
		op, in, _ := strings.Cut(line, " ")
		if answer := w.call(t, op, in); !strings.HasPrefix(answer, "{") {
			t.Fatalf("%s: %s", line, answer)
		}
	}
	w.crawl(t, "cr2")
	w.crawl(t, "cr2")
	first := w.going(t, "marked")
	w.call(t, "PenstockCommitJobBookmark", commit("marked", first, "0", `"{\"a\": 1}"`))
	w.set(t, first, "SUCCEEDED", "AKIATEST")
	w.going(t, "marked")
	must(t, w.Meta.Close())
	template := map[string][]byte{}
	for _, name := range []string{"penstock.db", "penstock.db-wal", "FORMAT"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			template[name] = data
		}
	}
	apitest.Vary(t, "testdata/honours.test", w.API(), func(t *testing.T) (api.Invoker, context.Context) {
		dir := fastDir(t)
		for name, data := range template {
			must(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
		}
		fresh := open(t, dir)
		if strings.Contains(t.Name(), "Job") {
			return fresh.table, apitest.Context(t)
		}
		*w.Service = *fresh.Service // the table stays, with the shapes that it has loaded: much faster
		return w.table, apitest.Context(t)
	})
}

func TestMembers(t *testing.T) { apitest.Check(t, open(t, t.TempDir()).API()) }

// call invokes an operation with a JSON input and returns its JSON answer, or "Code: message".
func (w *world) call(t testing.TB, op, in string) string {
	t.Helper()
	out, err := w.table.Invoke(apitest.Context(t), "glue", op, json.RawMessage(in))
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code + ": " + e.Message
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out.(json.RawMessage))
}
