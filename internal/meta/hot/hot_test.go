package hot_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"penstock/internal/meta"
	"penstock/internal/meta/hot"
)

// TestMain fails when the tests leave goroutines behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var numbers = meta.Schema{Name: "numbers", Migrations: []string{
	`CREATE TABLE number (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
}}

// rows is a store with a table of numbers, and what is kept of it.
type rows struct {
	t    testing.TB
	meta *meta.Store
	hot  *hot.Map[string, int64]
}

func open(t testing.TB, bytes int, beforeCommit func() error) *rows {
	t.Helper()
	s, err := meta.Open(t.Context(), t.TempDir(), []meta.Schema{numbers}, meta.Options{BeforeCommit: beforeCommit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &rows{t, s, hot.New(s, bytes, func(string, int64) int { return 100 })}
}

func (r *rows) set(tx *meta.Tx, name string, n int64) error {
	r.hot.Set(tx, name, n)
	_, err := tx.Exec("INSERT OR REPLACE INTO number (name, n) VALUES (?, ?)", name, n)
	return err
}

func (r *rows) put(ctx context.Context, name string, n int64) error {
	return r.meta.Update(ctx, func(tx *meta.Tx) error { return r.set(tx, name, n) })
}

func (r *rows) read(ctx context.Context, name string) (n int64, err error) {
	err = r.meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow("SELECT n FROM number WHERE name = ?", name).Scan(&n)
	})
	return n, err
}

func (r *rows) load(ctx context.Context, name string) (int64, error) {
	return r.hot.Load(ctx, name, func(ctx context.Context) (int64, error) { return r.read(ctx, name) })
}

func (r *rows) want(name string, want int64) {
	r.t.Helper()
	if got, err := r.load(r.t.Context(), name); err != nil || got != want {
		r.t.Errorf("%s is %d, %v; want %d", name, got, err, want)
	}
}

// TestReadersAgainstASlowAndAFailingCommit runs readers while one writer counts up; some commits are slow and the last one fails. No
// answer is below the last acknowledged number, above the last one whose COMMIT had begun, or below an answer given before.
func TestReadersAgainstASlowAndAFailingCommit(t *testing.T) {
	const last = 200
	var written, begun, acknowledged, answered atomic.Int64
	turns := make(chan struct{}) // readers answer while a commit waits for them
	gone := errors.New("the disk is gone")
	r := open(t, 1<<20, func() error {
		if n := written.Load(); n == last {
			return gone
		} else if n > 0 && n%10 == 0 {
			for range 8 {
				<-turns
			}
		}
		begun.Store(written.Load())
		return nil
	})
	if err := r.put(t.Context(), "n", 0); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				low, before := acknowledged.Load(), answered.Load()
				n, err := r.load(t.Context(), "n")
				if err != nil {
					if r.meta.Failed() == nil {
						t.Errorf("read: %v", err)
					}
					return
				}
				if high := begun.Load(); n < low || n < before || n > high {
					t.Errorf("read %d: acknowledged %d, answered before %d, durable at most %d", n, low, before, high)
				}
				for seen := answered.Load(); n > seen && !answered.CompareAndSwap(seen, n); seen = answered.Load() {
				}
				select {
				case turns <- struct{}{}:
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for n := int64(1); n <= last; n++ {
		err := r.meta.Update(t.Context(), func(tx *meta.Tx) error { written.Store(n); return r.set(tx, "n", n) })
		if (err != nil) != (n == last) || n == last && !errors.Is(err, gone) {
			t.Fatalf("update %d: %v", n, err)
		}
		if err == nil {
			acknowledged.Store(n)
		}
	}
	if n, err := r.load(t.Context(), "n"); err == nil {
		t.Errorf("a failed store answered %d", n)
	}
	if n, ok := r.hot.Get(t.Context(), "n"); ok {
		t.Errorf("a failed store's row %d is here", n)
	}
	close(stop)
	readers.Wait()
}

// TestASlowReaderKeepsNothingOld lets a reader look before a commit and keep what it saw after it, and during it.
func TestASlowReaderKeepsNothingOld(t *testing.T) {
	committing, commit := make(chan struct{}), make(chan struct{})
	var slow atomic.Bool
	r := open(t, 1<<20, func() error {
		if slow.Load() {
			committing <- struct{}{}
			<-commit
		}
		return nil
	})
	looked, keep := make(chan struct{}), make(chan struct{})
	reader := func(done chan<- int64) {
		n, _ := r.hot.Load(t.Context(), "n", func(ctx context.Context) (int64, error) {
			n, err := r.read(ctx, "n")
			looked <- struct{}{}
			<-keep
			return n, err
		})
		done <- n
	}
	for n := int64(2); n < 40; n += 2 {
		slow.Store(false)
		r.meta.Update(t.Context(), func(tx *meta.Tx) error { // changed, but not said what to
			r.hot.Drop(tx, "n")
			_, err := tx.Exec("INSERT OR REPLACE INTO number (name, n) VALUES ('n', ?)", n)
			return err
		})
		slow.Store(true)
		early, during, written := make(chan int64), make(chan int64), make(chan error)
		go reader(early)
		<-looked
		go func() { written <- r.put(t.Context(), "n", n+1) }()
		<-committing
		go reader(during)
		<-looked
		if n%4 == 0 { // they keep it while the commit lasts, or after
			keep <- struct{}{}
			keep <- struct{}{}
			<-early
			<-during
			r.want("n", n)
			commit <- struct{}{}
			if err := <-written; err != nil {
				t.Fatal(err)
			}
		} else {
			commit <- struct{}{}
			if err := <-written; err != nil {
				t.Fatal(err)
			}
			keep <- struct{}{}
			keep <- struct{}{}
			<-early
			<-during
		}
		r.want("n", n+1)
	}
}

func TestWhatIsUndoneChangesNothing(t *testing.T) {
	r := open(t, 1<<20, nil)
	no := errors.New("no")
	if err := r.put(t.Context(), "n", 1); err != nil {
		t.Fatal(err)
	}
	err := r.meta.Update(t.Context(), func(tx *meta.Tx) error { return errors.Join(r.set(tx, "n", 2), no) })
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	r.want("n", 1)
	_, _, err = r.meta.Once(t.Context(), meta.Call{Token: "t#1", Service: "s", Op: "o"}, func(ctx context.Context) ([]byte, error) {
		if err := r.put(ctx, "n", 3); err != nil {
			return nil, err
		}
		if n, err := r.load(ctx, "n"); n != 3 || err != nil {
			t.Errorf("inside the call: %d, %v", n, err)
		}
		r.want("n", 1)
		return nil, no
	})
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	r.want("n", 1)
	_, _, err = r.meta.Once(t.Context(), meta.Call{Token: "t#2", Service: "s", Op: "o"}, func(ctx context.Context) ([]byte, error) {
		return []byte("{}"), r.put(ctx, "n", 4)
	})
	if err != nil {
		t.Fatal(err)
	}
	r.want("n", 4)
	if n, ok := r.hot.Get(t.Context(), "n"); !ok || n != 4 {
		t.Errorf("after the call: %d, %v", n, ok)
	}
}

// TestSeveralChangesOfOneBatch changes a row twice in one commit, by two closures and by one.
func TestSeveralChangesOfOneBatch(t *testing.T) {
	r := open(t, 1<<20, nil)
	held, free := make(chan struct{}), make(chan struct{})
	go r.meta.Update(t.Context(), func(*meta.Tx) error { close(held); <-free; return nil })
	<-held
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			err := r.meta.Update(t.Context(), func(tx *meta.Tx) error {
				return errors.Join(r.set(tx, "n", int64(n)), r.set(tx, "n", int64(n+100)), r.set(tx, fmt.Sprint(n), 1))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(free)
	wg.Wait()
	n, err := r.read(t.Context(), "n")
	if err != nil {
		t.Fatal(err)
	}
	r.want("n", n)
}

func TestAMapStaysSmall(t *testing.T) {
	const room = 64 * 8 * 100 // eight rows a shard
	r := open(t, room, nil)
	err := r.meta.Update(t.Context(), func(tx *meta.Tx) error {
		for n := range int64(10_000) {
			if err := r.set(tx, fmt.Sprint(n), n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	here := 0
	for n := range int64(10_000) {
		if _, ok := r.hot.Get(t.Context(), fmt.Sprint(n)); ok {
			here++
		}
	}
	if here > 64*8 || here < 64*2 {
		t.Errorf("%d rows are here", here)
	}
	r.want("17", 17)
}

func BenchmarkLoadHit(b *testing.B) {
	r := open(b, 1<<20, nil)
	if err := r.put(b.Context(), "n", 1); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := r.load(b.Context(), "n"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadMiss(b *testing.B) {
	r := open(b, 1, nil)
	if err := r.put(b.Context(), "n", 1); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := r.load(b.Context(), "n"); err != nil {
			b.Fatal(err)
		}
	}
}
