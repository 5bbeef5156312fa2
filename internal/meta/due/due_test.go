package due

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/internal/clock"
	"penstock/internal/meta"
	"penstock/internal/meta/metatest"
)

func TestMain(m *testing.M) {
	metatest.Worker(addAndCarryOut)
	goleak.VerifyTestMain(m)
}

var t0 = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func add(t *testing.T, m *meta.Store, at time.Time, bodies ...string) {
	t.Helper()
	err := m.Update(t.Context(), func(tx *meta.Tx) error {
		for _, b := range bodies {
			if err := Add(tx, "q", at, b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, q *Queue) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- q.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// hand is a Do that says what it was given and does what it is told.
type hand struct {
	got    chan Item
	result chan error
}

func newHand() hand { return hand{make(chan Item), make(chan error)} }

func (h hand) do(ctx context.Context, it Item) error {
	select {
	case h.got <- it:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-h.result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func options(c clock.Clock, h hand) Options {
	return Options{Name: "q", Do: h.do, Clock: c, Log: slog.New(slog.DiscardHandler)}
}

func TestItemsBeginWhenTheyAreDueAndInOrder(t *testing.T) {
	c, h := clock.NewManual(t0), newHand()
	m := metatest.Open(t, t.TempDir(), c, Schema)
	q := New(m, options(c, h))
	defer start(t, q)()
	add(t, m, t0.Add(time.Minute), "later")
	add(t, m, t0, "first", "second")
	add(t, m, t0.Add(-time.Second), "overdue")
	first := <-h.got // the queue may have begun before the last was added
	h.result <- nil
	order := first.Body
	for range 2 {
		it := <-h.got
		order += " " + it.Body
		h.result <- nil
	}
	if order != "first overdue second" && order != "overdue first second" {
		t.Errorf("order: %s", order)
	}
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Minute)
	if it := <-h.got; it.Body != "later" || it.Attempt != 0 || !it.Due.Equal(t0.Add(time.Minute)) {
		t.Errorf("%+v", it)
	}
	h.result <- nil
}

func TestConcurrencyIsABound(t *testing.T) {
	c, h := clock.NewManual(t0), newHand()
	m := metatest.Open(t, t.TempDir(), c, Schema)
	o := options(c, h)
	o.Concurrency = 3
	q := New(m, o)
	defer start(t, q)()
	add(t, m, t0, "1", "2", "3", "4")
	under := map[string]bool{}
	for range 3 {
		under[(<-h.got).Body] = true
	}
	select {
	case it := <-h.got:
		t.Errorf("%s began beside %v", it.Body, under)
	default:
	}
	h.result <- nil
	if it := <-h.got; it.Body != "4" || len(under) != 3 {
		t.Errorf("%v, then %s", under, it.Body)
	}
	for range 3 {
		h.result <- nil
	}
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestFailuresAreTriedAgainAndThenOver(t *testing.T) {
	c, h := clock.NewManual(t0), newHand()
	m := metatest.Open(t, t.TempDir(), c, Schema)
	o := options(c, h)
	o.Retry = Backoff{Retries: 2, First: 10 * time.Second, Factor: 2}
	over := make(chan string, 9)
	o.Over = func(tx *meta.Tx, it Item, failure error) error {
		tx.AfterCommit(func() { over <- fmt.Sprintf("%s after %d: %v", it.Body, it.Attempt+1, failure) })
		return nil
	}
	q := New(m, o)
	defer start(t, q)()
	add(t, m, t0, "a")
	for try, wait := range []time.Duration{0, 10 * time.Second, 20 * time.Second} {
		putOff(t, m, try, c.Now().Add(wait))
		c.Advance(wait)
		if it := <-h.got; it.Attempt != try {
			t.Errorf("try %d: %+v", try, it)
		}
		h.result <- errors.New("no")
	}
	if got := <-over; got != "a after 3: no" {
		t.Error(got)
	}
	add(t, m, c.Now(), "b")
	<-h.got
	h.result <- fmt.Errorf("wrapped: %w", Permanent(errors.New("never")))
	if got := <-over; got != "b after 1: wrapped: never" {
		t.Error(got)
	}
}

// putOff waits until an item waits for its next try, at the given time.
func putOff(t *testing.T, m *meta.Store, tries int, at time.Time) {
	t.Helper()
	wake, end := m.Watch(topic("q"))
	defer end()
	for {
		attempt, ms := -1, int64(0)
		err := m.View(t.Context(), func(tx *meta.Tx) error { return tx.QueryRow(`SELECT attempt, due FROM due_item`).Scan(&attempt, &ms) })
		if err != nil {
			t.Fatal(err)
		}
		if attempt == tries {
			if ms != at.UnixMilli() {
				t.Errorf("try %d is due at %d, want %d", tries, ms, at.UnixMilli())
			}
			return
		}
		<-wake
	}
}

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		b    Backoff
		want string
	}{
		{Backoff{}, ""},
		{Backoff{Retries: 3, First: 20 * time.Second}, "20s 20s 20s"},
		{Backoff{Retries: 5, First: time.Second, Factor: 3, Max: 20 * time.Second}, "1s 3s 9s 20s 20s"},
		{Backoff{Retries: 3, First: time.Hour, Factor: 1e9}, "1h0m0s 24h0m0s 24h0m0s"},
	} {
		var got []string
		for tries := 1; ; tries++ {
			w, again := c.b.wait(tries)
			if !again {
				break
			}
			got = append(got, w.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.b, got, c.want)
		}
	}
}

func TestOverThatFailsKeepsTheItem(t *testing.T) {
	h := newHand()
	m := metatest.OpenTemp(t, Schema)
	o := options(clock.Real{}, h)
	fail := errors.New("not yet")
	o.Over = func(*meta.Tx, Item, error) error { err := fail; fail = nil; return err }
	q := New(m, o)
	defer start(t, q)()
	add(t, m, time.Now(), "a")
	for range 2 {
		if it := <-h.got; it.Body != "a" || it.Attempt != 0 {
			t.Errorf("%+v", it)
		}
		h.result <- nil
	}
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsUnderWayAtTheEndComesAgain(t *testing.T) {
	dir, h := t.TempDir(), newHand()
	m := metatest.Open(t, dir, clock.Real{}, Schema)
	q := New(m, options(clock.Real{}, h))
	stop := start(t, q)
	add(t, m, time.Now(), "a")
	id := (<-h.got).ID
	stop()
	m.Close()
	q = New(metatest.Open(t, dir, clock.Real{}, Schema), options(clock.Real{}, h))
	defer start(t, q)()
	if it := <-h.got; it.ID != id || it.Attempt != 0 {
		t.Errorf("%+v", it)
	}
	h.result <- nil
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// addAndCarryOut adds items with 4 writers and carries them out by writing a line to a file: "added N" is said when the addition is
// acknowledged, "over N" when an item has been taken off.
func addAndCarryOut(dir string) error {
	ctx := context.Background()
	m, err := meta.Open(ctx, dir, []meta.Schema{Schema}, meta.Options{Clock: clock.Real{}})
	if err != nil {
		return err
	}
	failed := make(chan error, 5)
	go func() {
		failed <- doneQueue(m, dir, func(n string) { os.Stdout.WriteString("over " + n + "\n") }).Run(ctx)
	}()
	for range 4 {
		go func() {
			for {
				n := strconv.FormatInt(time.Now().UnixNano(), 36)
				if err := m.Update(ctx, func(tx *meta.Tx) error { return Add(tx, "q", time.Now(), n) }); err != nil {
					failed <- err
					return
				}
				os.Stdout.WriteString("added " + n + "\n")
			}
		}()
	}
	return <-failed
}

// doneQueue carries out an item by a line in the file done; each third try fails.
func doneQueue(m *meta.Store, dir string, over func(body string)) *Queue {
	var mu sync.Mutex
	tries := 0
	return New(m, Options{Name: "q", Concurrency: 4, Retry: Backoff{Retries: 1e6, First: time.Millisecond}, Clock: clock.Real{},
		Log: slog.New(slog.DiscardHandler),
		Do: func(_ context.Context, it Item) error {
			mu.Lock()
			defer mu.Unlock()
			if tries++; tries%3 == 0 {
				return errors.New("not this time")
			}
			f, err := os.OpenFile(filepath.Join(dir, "done"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString(it.Body + "\n")
			return err
		},
		Over: func(tx *meta.Tx, it Item, _ error) error {
			tx.AfterCommit(func() { over(it.Body) })
			return nil
		}})
}

// TestKillMinusNine kills a process that adds and carries out again and again: what was acknowledged as added is carried out at last, and
// what was acknowledged as over is not carried out again.
func TestKillMinusNine(t *testing.T) {
	dir := t.TempDir()
	added, over := map[string]bool{}, map[string]int{}
	rounds := 3
	if brokenBuild {
		rounds = 60
	}
	for round := range rounds {
		metatest.Kill(t, dir, time.Duration(50+70*round%400)*time.Millisecond, func(w []string) {
			if w[0] == "added" {
				added[w[1]] = true
			} else if len(w) == 2 {
				over[w[1]] = count(t, dir)[w[1]]
			}
		})
	}
	m := metatest.Open(t, dir, clock.Real{}, Schema)
	left, done, lost := left(t, m), count(t, dir), 0
	for n := range added {
		if done[n] == 0 && !left[n] {
			lost++
		}
	}
	for n, times := range over {
		if done[n] != times || left[n] {
			lost++
		}
	}
	t.Logf("%d added, %d over, %d left, %d lost or repeated", len(added), len(over), len(left), lost)
	if (lost > 0) != brokenBuild {
		t.Errorf("%d lost or repeated; a broken build: %v", lost, brokenBuild)
	}
	if !brokenBuild {
		finish(t, m, dir, left)
	}
}

// finish carries out what is left.
func finish(t *testing.T, m *meta.Store, dir string, rest map[string]bool) {
	q := doneQueue(m, dir, func(string) {})
	stop := start(t, q)
	for len(left(t, m)) > 0 { // what has failed is put off by a moment, which Drain does not wait for
		if err := q.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	done := count(t, dir)
	for n := range rest {
		if done[n] == 0 {
			t.Errorf("%s was left and is not carried out", n)
		}
	}
}

// left are the bodies of the items that wait.
func left(t *testing.T, m *meta.Store) map[string]bool {
	out := map[string]bool{}
	err := m.View(t.Context(), func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT body FROM due_item`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var body string
			if err := rows.Scan(&body); err != nil {
				return err
			}
			out[body] = true
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func count(t *testing.T, dir string) map[string]int {
	text, err := os.ReadFile(filepath.Join(dir, "done"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, n := range strings.Fields(string(text)) {
		out[n]++
	}
	return out
}

// TestRegionsHaveQueuesOfTheirOwn: what a region has added is carried out by that region's
// queue only, and its Drain waits for nothing else.
func TestRegionsHaveQueuesOfTheirOwn(t *testing.T) {
	m := metatest.OpenTemp(t, Schema)
	err := m.Update(t.Context(), func(tx *meta.Tx) error {
		return errors.Join(Add(tx, Name("q", "us-east-1"), t0, "here"), Add(tx, Name("q", "eu-west-1"), t0, "there"))
	})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 9)
	o := options(clock.Real{}, hand{})
	o.Name, o.Do = Name("q", "us-east-1"), func(_ context.Context, it Item) error { got <- it.Body; return nil }
	q := New(m, o)
	stop := start(t, q)
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	if rest := left(t, m); len(got) != 1 || <-got != "here" || len(rest) != 1 || !rest["there"] {
		t.Errorf("left %v", rest)
	}
}
