package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/blob"
	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
	"penstock/internal/object"
	"penstock/internal/vfs"
)

func TestMain(m *testing.M) {
	metatest.Worker(putForEver)
	goleak.VerifyTestMain(m)
}

// lake is a store of objects with its outbox.
type lake struct {
	*object.Store
	*Outbox
	meta *meta.Store
}

func openLake(ctx context.Context, dir string) (*lake, error) {
	for _, d := range []string{"meta", "blobs"} {
		if err := vfs.MkdirAll(vfs.OS{}, filepath.Join(dir, d)); err != nil {
			return nil, err
		}
	}
	m, err := meta.Open(ctx, filepath.Join(dir, "meta"), []meta.Schema{object.Schema, Schema}, meta.Options{Clock: clock.Real{}})
	if err != nil {
		return nil, err
	}
	b, err := blob.Open(vfs.OS{}, filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, err
	}
	l := &lake{object.Open(m, b, object.Options{}), Open(m, clock.Real{}, slog.New(slog.DiscardHandler)), m}
	l.OnEvent, l.OnDelete = l.Write, l.Forget
	return l, l.Load(ctx)
}

func (l *lake) listen(ctx context.Context, bucket string, listeners ...string) error {
	return l.meta.Update(ctx, func(tx *meta.Tx) error {
		for _, name := range listeners {
			if err := l.Listen(tx, bucket, name); err != nil {
				return err
			}
		}
		return nil
	})
}

func newLake(t *testing.T, dir string) *lake {
	t.Helper()
	l, err := openLake(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.meta.Close() })
	return l
}

func (l *lake) put(t *testing.T, bucket, key string, o object.PutOptions) error {
	t.Helper()
	_, err := l.Put(t.Context(), bucket, key, strings.NewReader("abc"), o)
	return err
}

func (l *lake) waiting(t *testing.T, listener string) string {
	t.Helper()
	events, err := l.Next(t.Context(), listener, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprintf("%s %s/%s %d", e.Name, e.Bucket, e.Key, e.Size))
	}
	return strings.Join(out, ", ")
}

// A bucket takes its listeners along: one that gets its name later has none, here and after a restart.
func TestADeletedBucketIsNotListenedTo(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	l := newLake(t, dir)
	for _, b := range []string{"lake", "other"} {
		_, err := l.CreateBucket(ctx, b, "", nil)
		must(t, err)
		must(t, l.listen(ctx, b, "one"))
	}
	must(t, l.DeleteBucket(ctx, "lake"))
	_, err := l.CreateBucket(ctx, "lake", "", nil)
	must(t, err)
	must(t, l.put(t, "lake", "k", object.PutOptions{}))
	must(t, l.put(t, "other", "k", object.PutOptions{}))
	if got := l.waiting(t, "one"); got != "ObjectCreated:Put other/k 3" {
		t.Errorf("waiting: %s", got)
	}
	must(t, l.meta.Close())
	l = newLake(t, dir)
	must(t, l.put(t, "lake", "k", object.PutOptions{}))
	if got := l.waiting(t, "one"); got != "ObjectCreated:Put other/k 3" {
		t.Errorf("waiting after a restart: %s", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestAListenerThatTakesNothingIsAskedSeldom: one that reports neither an error nor what it has done is given its events again after a
// pause that grows, whatever else happens.
func TestAListenerThatTakesNothingIsAskedSeldom(t *testing.T) {
	l, c := newLake(t, t.TempDir()), clock.NewManual(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	ctx, stop := context.WithCancel(t.Context())
	_, err := l.CreateBucket(ctx, "lake", "", nil)
	must(t, err)
	must(t, l.listen(ctx, "lake", "one"))
	must(t, l.put(t, "lake", "a", object.PutOptions{}))
	var said strings.Builder
	o := Open(l.meta, c, slog.New(slog.NewTextHandler(&said, nil)))
	calls, ended := make(chan int, 100), make(chan error)
	go func() {
		ended <- o.Run(ctx, "one", func(_ context.Context, events []Event) (bool, error) {
			calls <- len(events)
			return len(events) == 3, nil
		})
	}()
	paused := func(n int) {
		t.Helper()
		for c.Waiters() == 0 {
			time.Sleep(time.Millisecond)
		}
		if len(calls) != n {
			t.Errorf("asked %d times, want %d", len(calls), n)
		}
	}
	paused(1)
	must(t, l.put(t, "lake", "b", object.PutOptions{}))
	time.Sleep(50 * time.Millisecond)
	paused(1)
	c.Advance(patience)
	for len(calls) < 2 {
		time.Sleep(time.Millisecond)
	}
	paused(2)
	must(t, l.put(t, "lake", "c", object.PutOptions{}))
	c.Advance(patience)
	time.Sleep(50 * time.Millisecond)
	paused(2)
	c.Advance(patience)
	for l.waiting(t, "one") != "" {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil || len(calls) != 3 || !strings.Contains(said.String(), "has not taken its events off") {
		t.Errorf("%v, asked %d times: %s", err, len(calls), said.String())
	}
}

func TestEventsAreThereExactlyWhenTheChangesAre(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	l := newLake(t, dir)
	for _, b := range []string{"lake", "other"} {
		_, err := l.CreateBucket(ctx, b, "", nil)
		must(t, err)
	}
	must(t, l.put(t, "lake", "early", object.PutOptions{}))
	must(t, l.listen(ctx, "lake", "one", "two"))
	must(t, l.listen(ctx, "lake", "one"))
	must(t, l.put(t, "lake", "a", object.PutOptions{Reason: "Copy"}))
	must(t, l.put(t, "other", "b", object.PutOptions{}))
	if err := l.put(t, "lake", "a", object.PutOptions{Conditions: object.PutConditions{IfNoneMatch: "*"}}); err == nil {
		t.Fatal("the condition held")
	}
	undone := errors.New("undone")
	err := l.meta.Update(ctx, func(tx *meta.Tx) error {
		if _, err := l.DeleteTx(tx, "lake", object.Deletion{Key: "a"}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	_, err = l.Delete(ctx, "lake", object.Deletion{Key: "a"})
	must(t, err)
	_, err = l.Delete(ctx, "lake", object.Deletion{Key: "never"})
	must(t, err)
	const want = "ObjectCreated:Copy lake/a 3, ObjectRemoved:Delete lake/a 3"
	if one, two := l.waiting(t, "one"), l.waiting(t, "two"); one != want || two != want {
		t.Errorf("one: %s; two: %s", one, two)
	}
	must(t, l.meta.Update(ctx, func(tx *meta.Tx) error { return l.Unlisten(tx, "lake", "two") }))
	l.meta.Close()
	l = newLake(t, dir) // who listens is known again
	must(t, l.put(t, "lake", "c", object.PutOptions{}))
	if one, two := l.waiting(t, "one"), l.waiting(t, "two"); one != want+", ObjectCreated:Put lake/c 3" || two != want {
		t.Errorf("after a start: one: %s; two: %s", one, two)
	}
	var n int
	must(t, l.meta.View(ctx, func(tx *meta.Tx) error { return tx.QueryRow(`SELECT count(*) FROM object_event`).Scan(&n) }))
	if n != 5 {
		t.Errorf("%d events", n)
	}
}

func TestAListenerIsGivenItsEventsInOrderUntilItTakesThem(t *testing.T) {
	l, ctx := newLake(t, t.TempDir()), t.Context()
	_, err := l.CreateBucket(ctx, "lake", "", nil)
	must(t, err)
	must(t, l.listen(ctx, "lake", "one"))
	for i := range 3 {
		must(t, l.put(t, "lake", fmt.Sprint(i), object.PutOptions{}))
	}
	ctx, stop := context.WithCancel(ctx)
	got := make(chan string, 10)
	failures := 1
	done := make(chan error)
	go func() {
		done <- l.Outbox.Run(ctx, "one", func(ctx context.Context, events []Event) (bool, error) {
			var keys []string
			for _, e := range events {
				keys = append(keys, e.Key)
			}
			got <- strings.Join(keys, " ")
			if failures--; failures >= 0 {
				return false, errors.New("not now")
			}
			if len(events) == 3 { // two are taken off by the listener itself
				return false, l.meta.Update(ctx, func(tx *meta.Tx) error { return l.Done(tx, "one", events[1].ID) })
			}
			return true, nil
		})
	}()
	for _, want := range []string{"0 1 2", "0 1 2", "2"} {
		if keys := <-got; keys != want {
			t.Errorf("given %s, want %s", keys, want)
		}
	}
	must(t, l.put(t, "lake", "new", object.PutOptions{}))
	if keys := <-got; keys != "new" {
		t.Errorf("given %s", keys)
	}
	stop()
	must(t, <-done)
	if left := l.waiting(t, "one"); left != "" && left != "ObjectCreated:Put lake/new 3" {
		t.Errorf("left: %s", left)
	}
}

// putForEver puts with 6 writers and hands the events to a file: "put KEY VERSION" is said when a put is acknowledged.
func putForEver(dir string) error {
	ctx := context.Background()
	l, err := openLake(ctx, dir)
	if err != nil {
		return err
	}
	if _, err := l.CreateBucket(ctx, "lake", "", nil); err != nil && !errors.Is(err, object.ErrBucketExists) {
		return err
	}
	if err := errors.Join(l.SetVersioning(ctx, "lake", object.Enabled), l.listen(ctx, "lake", "one")); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, "seen"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	failed := make(chan error)
	go func() {
		failed <- l.Outbox.Run(ctx, "one", func(_ context.Context, events []Event) (bool, error) {
			var lines strings.Builder
			for _, e := range events {
				fmt.Fprintf(&lines, "%d %s %s\n", e.ID, e.Key, e.VersionID)
			}
			_, err := f.WriteString(lines.String())
			return true, err
		})
	}()
	for w := range 6 {
		go func() {
			for n := 0; ; n++ {
				v, err := l.Put(ctx, "lake", fmt.Sprintf("w%d/%d", w, n%9), strings.NewReader("x"), object.PutOptions{})
				if err != nil {
					failed <- err
					return
				}
				os.Stdout.WriteString("put " + v.Key + " " + v.VersionID + "\n")
			}
		}()
	}
	return <-failed
}

// TestKillMinusNine kills a process that puts and hands out again and again: every acknowledged change has been handed out or waits, first
// handed out in order, and every event has its object.
func TestKillMinusNine(t *testing.T) {
	dir := t.TempDir()
	acked := map[string]bool{}
	rounds := 3
	if brokenBuild {
		rounds = 40
	}
	for round := range rounds {
		metatest.Kill(t, dir, time.Duration(50+70*round%400)*time.Millisecond, func(f []string) {
			if len(f) == 3 {
				acked[f[1]+" "+f[2]] = true
			}
		})
	}
	l := newLake(t, dir)
	text, err := os.ReadFile(filepath.Join(dir, "seen"))
	must(t, err)
	told, last := map[string]bool{}, int64(0)
	hear := func(id int64, key, version string) {
		name := key + " " + version
		if told[name] {
			return
		}
		if told[name] = true; id <= last {
			t.Errorf("event %d comes after %d", id, last)
		}
		last = id
		if _, err := l.Head(t.Context(), "lake", key, version, object.Conditions{}); err != nil {
			t.Errorf("event %d of %s has no object: %v", id, name, err)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var id int64
		var key, version string
		if n, _ := fmt.Sscan(line, &id, &key, &version); n == 3 {
			hear(id, key, version)
		}
	}
	rest, err := l.Next(t.Context(), "one", 1<<30)
	must(t, err)
	for _, e := range rest {
		hear(e.ID, e.Key, e.VersionID)
	}
	lost := 0
	for name := range acked {
		if !told[name] {
			lost++
		}
	}
	t.Logf("%d acknowledged, %d told, %d wait, %d lost", len(acked), len(told), len(rest), lost)
	if (lost > 0) != brokenBuild {
		t.Errorf("%d lost; a broken build: %v", lost, brokenBuild)
	}
}
