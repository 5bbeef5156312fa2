package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

func TestMain(m *testing.M) {
	metatest.Worker(appendForEver)
	goleak.VerifyTestMain(m)
}

var t0 = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// world is a store with one stream, which speaks in texts.
type world struct {
	*Store
	t testing.TB
	c *clock.Manual
}

func newWorld(t testing.TB, shards int) world {
	c := clock.NewManual(t0)
	w := world{Open(metatest.Open(t, t.TempDir(), c, Schema), c, quiet()), t, c}
	w.update(nil, func(tx *meta.Tx) error { return w.Create(tx, "s", shards, 24*time.Hour) })
	return w
}

func (w world) update(want error, fn func(*meta.Tx) error) {
	w.t.Helper()
	if err := w.meta.Update(w.t.Context(), fn); !errors.Is(err, want) {
		w.t.Fatalf("%v, want %v", err, want)
	}
}

// at is a place in the range of a stream, in hundredths of it.
func at(hundredth int) (h Hash) { h[0] = byte(hundredth * 256 / 100); return h }

// add appends records "hundredth:text" and says where they went.
func (w world) add(texts ...string) string {
	w.t.Helper()
	var entries []Entry
	for _, x := range texts {
		place, data, _ := strings.Cut(x, ":")
		n, err := strconv.Atoi(place)
		if err != nil {
			w.t.Fatal(err)
		}
		entries = append(entries, Entry{at(n), "k" + data, []byte(data)})
	}
	places, err := w.Append(w.t.Context(), "s", entries)
	if err != nil {
		return err.Error()
	}
	return strings.Trim(fmt.Sprint(places), "[]")
}

func (w world) read(shard int, from int64, n, size int) string {
	w.t.Helper()
	p, err := w.Read(w.t.Context(), "s", shard, from, n, size)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, r := range p.Records {
		if r.Key != "k"+string(r.Data) {
			w.t.Errorf("key %q of %q", r.Key, r.Data)
		}
		out = append(out, fmt.Sprintf("%d=%s", r.Seq, r.Data))
	}
	out = append(out, fmt.Sprint("next ", p.Next))
	if p.End {
		return strings.Join(out, " ") + " end"
	}
	if p.Tip {
		return strings.Join(out, " ") + " tip"
	}
	return fmt.Sprintf("%s behind %s", strings.Join(out, " "), p.Behind)
}

func (w world) want(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestRecordsKeepTheirOrderInTheirShard(t *testing.T) {
	w := newWorld(t, 2)
	w.want("places", w.add("10:a", "90:b", "49:c", "50:d"), "{0 1} {1 1} {0 2} {1 2}")
	w.want("places", w.add("0:e"), "{0 3}")
	w.want("all of 0", w.read(0, 0, 10, 100), "1=a 2=c 3=e next 4 tip")
	w.want("all of 1", w.read(1, 1, 10, 100), "1=b 2=d next 3 tip")
	w.want("from the middle of an append", w.read(0, 2, 10, 100), "2=c 3=e next 4 tip")
	w.c.Advance(time.Minute)
	w.want("a page", w.read(0, 0, 1, 100), "1=a next 2 behind 1m0s")
	w.want("a page of bytes", w.read(0, 0, 10, 6), "1=a 2=c next 3 behind 1m0s")
	w.want("one is given whatever its size", w.read(0, 0, 10, 1), "1=a next 2 behind 1m0s")
	w.want("the tip", w.read(0, 4, 10, 100), "next 4 tip")
	w.want("no shard", w.read(2, 0, 10, 100), ErrNoShard.Error())
	w.update(ErrExists, func(tx *meta.Tx) error { return w.Create(tx, "s", 1, time.Hour) })
}

func TestLargeAppendsAreSeveralChunks(t *testing.T) {
	w := newWorld(t, 1)
	big := strings.Repeat("x", 600<<10)
	w.want("places", w.add("1:"+big, "1:"+big, "1:s", "1:"+big), "{0 1} {0 2} {0 3} {0 4}")
	p, err := w.Read(t.Context(), "s", 0, 2, 10, 10<<20)
	if err != nil || len(p.Records) != 3 || string(p.Records[1].Data) != "s" || len(p.Records[2].Data) != len(big) {
		t.Errorf("%d records, %v", len(p.Records), err)
	}
}

func TestPositions(t *testing.T) {
	w := newWorld(t, 1)
	ctx := t.Context()
	for i := range 7 {
		w.add(fmt.Sprintf("1:a%d", i), fmt.Sprintf("1:b%d", i))
		w.c.Advance(time.Hour)
	}
	position := func(at time.Duration, want int64) {
		t.Helper()
		if got, err := w.At(ctx, "s", 0, t0.Add(at)); err != nil || got != want {
			t.Errorf("at %s: %d %v, want %d", at, got, err, want)
		}
	}
	for i := range 7 {
		position(time.Duration(i)*time.Hour, int64(1+2*i))
		position(time.Duration(i)*time.Hour+1, int64(1+2*i)) // a millisecond is the smallest step
		position(time.Duration(i)*time.Hour+time.Millisecond, int64(3+2*i))
	}
	position(-time.Hour, 1)
	latest, err := w.Latest(ctx, "s", 0)
	if err != nil || latest != 15 {
		t.Errorf("latest %d %v", latest, err)
	}
	w.c.Advance(20 * time.Hour) // it is hour 27: what is older than hour 3 is hidden
	if oldest, err := w.Oldest(ctx, "s", 0); err != nil || oldest != 7 {
		t.Errorf("oldest %d %v", oldest, err)
	}
	position(0, 7)
	w.want("from a hidden position", w.read(0, 1, 2, 99), "7=a3 8=b3 next 9 behind 23h0m0s")
}

func TestReshard(t *testing.T) {
	w := newWorld(t, 2)
	w.add("10:a", "20:b", "90:c")
	w.update(ErrSplit, func(tx *meta.Tx) error { return w.Split(tx, "s", 0, at(50)) })
	w.update(ErrSplit, func(tx *meta.Tx) error { return w.Split(tx, "s", 0, at(0)) })
	w.update(ErrMerge, func(tx *meta.Tx) error { return w.Merge(tx, "s", 0, 0) })
	w.update(nil, func(tx *meta.Tx) error { return w.Split(tx, "s", 0, at(20)) })
	w.update(ErrClosed, func(tx *meta.Tx) error { return w.Split(tx, "s", 0, at(20)) })
	w.want("children", w.add("19:d", "20:e", "90:f"), "{2 3} {3 3} {1 2}")
	w.want("the parent", w.read(0, 0, 9, 99), "1=a 2=b next 3 end")
	w.update(ErrMerge, func(tx *meta.Tx) error { return w.Merge(tx, "s", 1, 2) })
	w.update(nil, func(tx *meta.Tx) error { return w.Merge(tx, "s", 3, 2) })
	w.want("merged", w.add("19:g", "49:h"), "{4 4} {4 5}")
	var said []string
	w.update(nil, func(tx *meta.Tx) error {
		all, err := w.Shards(tx, "s")
		for _, s := range all {
			said = append(said, fmt.Sprintf("%d %x-%x of %d,%d %d..%d %v",
				s.Number, s.Low[:1], s.High[:1], s.Parent, s.Adjacent, s.First, s.Next-1, s.Closed))
		}
		return err
	})
	w.want("shards", strings.Join(said, "; "), "0 00-7f of -1,-1 1..2 true; 1 80-ff of -1,-1 1..2 false; "+
		"2 00-32 of 0,-1 3..3 true; 3 33-7f of 0,-1 3..3 true; 4 00-7f of 3,2 4..5 false")
}

// TestPositionsFarBehindTheTip: a position that no record can have reads nothing, of this shard or another.
func TestPositionsFarBehindTheTip(t *testing.T) {
	w := newWorld(t, 2)
	for i := range 20 {
		w.add(fmt.Sprint(i))
	}
	err := w.meta.Update(t.Context(), func(tx *meta.Tx) error { _, err := tx.Exec(`UPDATE stream_chunk SET body = x'ff'`); return err })
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []int64{1 << shift, 1<<shift + 5, math.MaxInt64 - 1, math.MaxInt64} {
		for shard := range 2 {
			if p, err := w.Read(t.Context(), "s", shard, from, 10, 1<<20); err != nil || len(p.Records) > 0 || !p.Tip || p.Next != from {
				t.Errorf("shard %d from %d: %+v, %v", shard, from, p, err)
			}
		}
	}
}

// TestATrimThatFailsIsTriedAgain an hour later, and said meanwhile.
func TestATrimThatFailsIsTriedAgain(t *testing.T) {
	w := newWorld(t, 1)
	said := &strings.Builder{}
	w.log = slog.New(slog.NewTextHandler(said, nil))
	w.add("0")
	w.c.Advance(100 * 24 * time.Hour)
	do := func(q string) {
		t.Helper()
		if err := w.meta.Update(t.Context(), func(tx *meta.Tx) error { _, err := tx.Exec(q); return err }); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TRIGGER broken BEFORE DELETE ON stream_chunk BEGIN SELECT raise(ABORT, 'the drive is broken'); END`)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	wait := func() {
		for w.c.Waiters() == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	wait()
	do(`DROP TRIGGER broken`)
	w.c.Advance(time.Hour)
	wait()
	stop()
	var left int
	err := w.meta.View(t.Context(), func(tx *meta.Tx) error { return tx.QueryRow(`SELECT count(*) FROM stream_chunk`).Scan(&left) })
	if ended := <-ended; ended != nil || err != nil || left != 0 || !strings.Contains(said.String(), "the drive is broken") {
		t.Errorf("%d chunks, %v, %v; it said %s", left, ended, err, said)
	}
}

func TestRetention(t *testing.T) {
	w := newWorld(t, 1)
	count := func() (n int) {
		w.update(nil, func(tx *meta.Tx) error { return tx.QueryRow("SELECT count(*) FROM stream_chunk").Scan(&n) })
		return n
	}
	w.add("1:a")
	w.c.Advance(23 * time.Hour)
	w.add("1:b")
	w.c.Advance(2 * time.Hour)
	w.want("one is hidden at once", w.read(0, 0, 9, 99), "2=b next 3 tip")
	w.update(nil, func(tx *meta.Tx) error { return w.SetRetention(tx, "s", 100*time.Hour) })
	w.want("longer brings nothing back", w.read(0, 0, 9, 99), "2=b next 3 tip")
	if err := w.Trim(t.Context()); err != nil || count() != 1 {
		t.Errorf("%d chunks, %v", count(), err)
	}
	w.update(nil, func(tx *meta.Tx) error { return w.SetRetention(tx, "s", time.Hour) })
	w.want("shorter hides at once", w.read(0, 0, 9, 99), "next 3 tip")
	if err := w.Trim(t.Context()); err != nil || count() != 0 {
		t.Errorf("%d chunks, %v", count(), err)
	}
	w.want("numbers go on", w.add("1:c"), "{0 3}")
	w.update(nil, func(tx *meta.Tx) error { return w.Split(tx, "s", 0, at(50)) })
	w.c.Advance(2 * time.Hour)
	if err := w.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.want("a closed shard goes with its records", w.read(0, 0, 9, 99), ErrNoShard.Error())
	w.add("1:d")
	w.update(nil, func(tx *meta.Tx) error { return w.Delete(tx, "s") })
	w.want("deleted", w.read(1, 0, 9, 99), ErrNoStream.Error())
	w.want("deleted", w.add("1:e"), ErrNoStream.Error())
	w.update(nil, func(tx *meta.Tx) error { return w.Create(tx, "s", 1, time.Hour) })
	w.want("made anew", w.read(0, 0, 9, 99), "next 1 tip")
	if err := w.Trim(t.Context()); err != nil || count() != 0 {
		t.Errorf("%d chunks of the deleted stream, %v", count(), err)
	}
	w.want("trimmed", w.read(0, 0, 9, 99), "next 1 tip")
}

func TestTimesOfAShardNeverFall(t *testing.T) {
	w := newWorld(t, 1)
	w.add("1:a")
	w.c.Advance(-time.Hour)
	w.add("1:b")
	p, err := w.Read(t.Context(), "s", 0, 0, 9, 99)
	if err != nil || !p.Records[1].At.Equal(t0) {
		t.Errorf("%+v %v", p, err)
	}
}

func TestReadersAreWoken(t *testing.T) {
	w := newWorld(t, 2)
	wake, end := w.meta.Watch(Topic("s", 1))
	defer end()
	w.add("1:a")
	select {
	case <-wake:
		t.Error("woken by another shard's record")
	default:
	}
	w.add("99:b")
	<-wake
	w.update(nil, func(tx *meta.Tx) error { return w.Split(tx, "s", 1, at(70)) })
	<-wake
}

// appendForEver appends with 8 writers and says "put WRITER N SHARD SEQ" of what is acknowledged.
func appendForEver(dir string) error {
	ctx := context.Background()
	m, err := meta.Open(ctx, dir, []meta.Schema{Schema}, meta.Options{Clock: clock.Real{}})
	if err != nil {
		return err
	}
	s := Open(m, clock.Real{}, quiet())
	err = m.Update(ctx, func(tx *meta.Tx) error { return s.Create(tx, "s", 3, time.Hour) })
	if err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	failed := make(chan error)
	for w := range 8 {
		go func() {
			for n := time.Now().UnixNano(); ; n++ {
				text := fmt.Sprintf("%d %d", w, n)
				places, err := s.Append(ctx, "s", []Entry{{HashOf(text), text, []byte(text)}, {HashOf("x" + text), "x", []byte("x" + text)}})
				if err != nil {
					failed <- err
					return
				}
				os.Stdout.WriteString(fmt.Sprintf("put %s %d %d\n", text, places[0].Shard, places[0].Seq))
			}
		}()
	}
	return <-failed
}

// TestKillMinusNine kills a process that appends again and again: every acknowledged record is at its place, and no append is half.
func TestKillMinusNine(t *testing.T) {
	dir := t.TempDir()
	acked := map[string]string{}
	rounds := 3
	if brokenBuild {
		rounds = 40
	}
	for round := range rounds {
		metatest.Kill(t, dir, time.Duration(50+70*round%400)*time.Millisecond, func(f []string) {
			if len(f) == 5 {
				acked[f[3]+" "+f[4]] = f[1] + " " + f[2]
			}
		})
	}
	s := Open(metatest.Open(t, dir, clock.Real{}, Schema), clock.Real{}, quiet())
	there, texts := map[string]string{}, map[string]bool{}
	for shard := range 3 {
		for from, tip := int64(0), false; !tip; {
			p, err := s.Read(t.Context(), "s", shard, from, 1000, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Records {
				there[fmt.Sprintf("%d %d", shard, r.Seq)] = string(r.Data)
				texts[string(r.Data)] = true
			}
			from, tip = p.Next, p.Tip
		}
	}
	lost := 0
	for place, text := range acked {
		if there[place] != text {
			lost++
		}
	}
	for text := range texts {
		if !texts["x"+strings.TrimPrefix(text, "x")] || !texts[strings.TrimPrefix(text, "x")] {
			t.Errorf("half an append: %s", text)
		}
	}
	t.Logf("%d acknowledged, %d records, %d lost", len(acked), len(there), lost)
	if (lost > 0) != brokenBuild {
		t.Errorf("%d lost; a broken build: %v", lost, brokenBuild)
	}
}

// BenchmarkAppend is 64 writers that append records of 200 bytes, one or 100 at a time, each durable before the next.
func BenchmarkAppend(b *testing.B) {
	for _, records := range []int{1, 100} {
		b.Run(fmt.Sprint(records, "-a-call"), func(b *testing.B) {
			s := Open(metatest.OpenTemp(b, Schema), clock.Real{}, quiet())
			if err := s.meta.Update(b.Context(), func(tx *meta.Tx) error { return s.Create(tx, "s", 4, time.Hour) }); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				entries := make([]Entry, records)
				for i := range entries {
					entries[i] = Entry{HashOf(strconv.Itoa(i)), "key", make([]byte, 200)}
				}
				for pb.Next() {
					if _, err := s.Append(b.Context(), "s", entries); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N*records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
