// Package jobtest opens everything that jobs stand on in one folder, so that tests can start, stop and kill it. It is imported by tests
// only; which worker runs is the test binary's affair, which is started again as "child worker ...".
package jobtest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/internal/api"
	"penstock/internal/blob"
	"penstock/internal/catalog"
	"penstock/internal/child"
	"penstock/internal/clock"
	"penstock/internal/event"
	"penstock/internal/job"
	"penstock/internal/job/bookmark"
	"penstock/internal/job/script"
	"penstock/internal/killpoint"
	"penstock/internal/logstore"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
	"penstock/internal/meta/tag"
	"penstock/internal/metric"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

// Region is that of every World.
const Region = "us-east-1"

// A World is a control process without its door.
type World struct {
	Jobs    *job.Jobs
	Meta    *meta.Store
	Objects *object.Store
	Catalog *catalog.Catalog
	Logs    *logstore.Store
	Metrics *metric.Store
	Events  *event.Log
	// Stop ends it as an orderly stop of the server does. It may be called twice.
	Stop func()
}

// Settings are what tests vary.
type Settings struct {
	Clock clock.Clock
	Kill  killpoint.Hook
	// Invoker is how workers call the services.
	Invoker api.Invoker
	// Lend and Return are keys for programs, Trust a file of certificates.
	Lend   job.Lend
	Return func(ctx context.Context, accessKeyID string) error
	Trust  string
	Host   script.Host
	Budget child.Budget // of all children
	Needs  child.Budget // of a worker whose job asks for no size
	Most   child.Budget // of a worker whose job asks for one; everything if not set
	Log    io.Writer
	// Epoch is what children are told; 0 is the truth.
	Epoch int64
	// GarbageDelay is how long bytes without an object stay.
	GarbageDelay time.Duration
}

func (s *Settings) fill() {
	if s.Clock == nil {
		s.Clock = clock.Real{}
	}
	if s.Budget.Threads == 0 {
		s.Budget = child.Budget{Memory: 4 << 30, Threads: 8}
	}
	if s.Needs.Threads == 0 {
		s.Needs = child.Budget{Memory: 1 << 20, Threads: 1}
	}
	if s.Most.Threads == 0 {
		s.Most = s.Budget
	}
	if s.Log == nil {
		s.Log = io.Discard
	}
}

// Start opens a world in dir and stops it when the test ends.
func Start(t testing.TB, dir string, set Settings) *World {
	t.Helper()
	w, err := Open(context.WithoutCancel(t.Context()), dir, set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w
}

// Open opens a world.
func Open(ctx context.Context, dir string, set Settings) (*World, error) {
	set.fill()
	log := slog.New(slog.NewTextHandler(set.Log, nil))
	w := &World{}
	err := os.MkdirAll(filepath.Join(dir, "meta"), 0o700)
	if err != nil {
		return nil, err
	}
	schemas := []meta.Schema{due.Schema, tag.Schema, object.Schema, catalog.Schema, logstore.Schema, metric.Schema, job.Schema,
		bookmark.Schema, event.Schema}
	w.Meta, err = meta.Open(ctx, filepath.Join(dir, "meta"), schemas, meta.Options{Clock: set.Clock, Log: log})
	if err != nil {
		return nil, err
	}
	blobs, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, err
	}
	w.Objects = object.Open(w.Meta, blobs, object.Options{Clock: set.Clock, Log: log, GarbageDelay: set.GarbageDelay})
	w.Catalog, w.Logs = catalog.Open(w.Meta, Region, set.Clock), logstore.Open(w.Meta, Region, set.Clock)
	w.Metrics = metric.Open(w.Meta, Region, set.Clock)
	w.Events = event.Open(w.Meta, set.Clock, "000000000000", Region)
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if set.Epoch == 0 {
		set.Epoch = w.Meta.Epoch()
	}
	children, err := child.Open(child.Options{Exe: exe, Args: []string{"child"}, Scratch: filepath.Join(dir, "scratch"), Epoch: set.Epoch,
		Budget: set.Budget, Log: log})
	if err != nil {
		return nil, err
	}
	w.Jobs = job.New(job.Options{Meta: w.Meta, Objects: w.Objects, Catalog: w.Catalog, Logs: w.Logs, Metrics: w.Metrics, Children: children,
		Needs: set.Needs, Most: set.Most, Clock: set.Clock, Log: log, Account: "000000000000", Invoker: set.Invoker, Kill: set.Kill,
		Host: set.Host, Lend: set.Lend, Return: set.Return, Region: Region, Trust: set.Trust, Events: w.Events,
		Endpoint: func() string { return "http://127.0.0.1:1" }})
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.Jobs.Run(ctx) }()
	w.Stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		children.Close()
		w.Meta.Close()
	})
	return w, nil
}

// Parquet is the class of tables that jobs write.
const Parquet = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"

// Table makes a table; columns and keys are written "name type, name type".
func (w *World) Table(t testing.TB, database, name, location, serde, columns, keys string, parameters map[string]string) {
	t.Helper()
	var exists *catalog.Error
	if err := w.Catalog.CreateDatabase(t.Context(), catalog.Database{Name: database}); err != nil && !errors.As(err, &exists) {
		t.Fatal(err)
	}
	err := w.Catalog.CreateTable(t.Context(),
		catalog.Table{Database: database, Name: name, PartitionKeys: columnList(keys), Parameters: parameters,
			Storage: &catalog.Storage{Location: location, SerDe: &catalog.SerDe{Library: &serde, Parameters: map[string]string{"field.delim": ","}},
				Columns: columnList(columns)}})
	if err != nil {
		t.Fatal(err)
	}
}

func columnList(text string) (list []catalog.Column) {
	for c := range strings.SplitSeq(text, ", ") {
		if name, typ, ok := strings.Cut(c, " "); ok {
			list = append(list, catalog.Column{Name: name, Type: typ})
		}
	}
	return list
}

// Begin starts a run of a job; pairs are argument names without "--" and their values.
func (w *World) Begin(t testing.TB, name string, pairs ...string) string {
	t.Helper()
	args := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		args["--"+pairs[i]] = pairs[i+1]
	}
	id, err := w.Jobs.Start(t.Context(), job.Start{Job: name, Arguments: args})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Until waits for a run to be in one of the states, woken by its topic.
func (w *World) Until(t testing.TB, id string, states ...job.State) job.Run {
	t.Helper()
	wake, stop := w.Meta.Watch(job.Topic(id))
	defer stop()
	for {
		r, err := w.Jobs.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(states, r.State) {
			return r
		}
		if r.State.Final() {
			t.Fatalf("the run is %s (%s), wanted %v", r.State, r.Error, states)
		}
		<-wake
	}
}

// End waits for a run to be over.
func (w *World) End(t testing.TB, id string) job.Run {
	t.Helper()
	return w.Until(t, id, job.Succeeded, job.Failed, job.Stopped, job.TimedOut)
}

// Keys lists a bucket.
func (w *World) Keys(t testing.TB, bucket string) string {
	t.Helper()
	list, err := w.Objects.Resolve(t.Context(), bucket, "")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range list {
		keys = append(keys, o.Key)
	}
	return strings.Join(keys, " ")
}

// Partitions counts the partitions of a table.
func (w *World) Partitions(t testing.TB, database, table string) (n int) {
	t.Helper()
	if err := w.Catalog.EachPartition(t.Context(), database, table, "",
		func(p []catalog.Partition) error { n += len(p); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// Lines are the messages of a run's output stream.
func (w *World) Lines(t testing.TB, id string) []string {
	t.Helper()
	page, err := w.Logs.Get(t.Context(), logstore.GetQuery{Group: job.OutputGroup, Stream: id, FromHead: true, Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range page.Events {
		lines = append(lines, e.Message)
	}
	return lines
}
