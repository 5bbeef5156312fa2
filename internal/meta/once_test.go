package meta

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"penstock/internal/clock"
)

var put = Call{Token: "x#1", Service: "s3", Op: "PutObject", Request: []byte("{}")}

// answer is an operation that adds notes, each in an Update of its own.
func answer(s *Store, text string, notes ...string) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		for _, n := range notes {
			if err := s.Update(ctx, add(n)); err != nil {
				return nil, err
			}
		}
		return []byte(text), nil
	}
}

func TestRepeatIsGivenTheFirstAnswer(t *testing.T) {
	dir := t.TempDir()
	s := openTemp(t, dir, notes)
	ctx := t.Context()
	for i, want := range []string{"first", "first", "first"} {
		if i == 2 { // after a restart
			s.Close()
			s = openTemp(t, dir, notes)
		}
		got, repeated, err := s.Once(ctx, put, answer(s, []string{"first", "second", "third"}[i], "a", "b"))
		if err != nil || string(got) != want || repeated != (i > 0) {
			t.Errorf("call %d: %q %v %v", i, got, repeated, err)
		}
	}
	if got := texts(t, s); got != "a b" {
		t.Errorf("the notes are %q", got)
	}
	other := put
	other.Request = []byte(`{"Key":"k"}`)
	if _, _, err := s.Once(ctx, other, answer(s, "", "c")); !errors.Is(err, ErrOtherRequest) {
		t.Errorf("another request: %v", err)
	}
	for _, k := range []Call{{Token: "x#2", Service: "s3", Op: "PutObject"}, {Token: "x#1", Service: "s3", Op: "DeleteObject"},
		{Token: "x#1", Region: "eu-west-1", Service: "s3", Op: "PutObject"}} {
		if _, repeated, err := s.Once(ctx, k, answer(s, "")); repeated || err != nil {
			t.Errorf("%+v: %v %v", k, repeated, err)
		}
	}
}

// TestCallIsOneTransaction: whatever an operation has changed is undone when it fails, its neighbours' changes are not, and inside it
// sees its own changes.
func TestCallIsOneTransaction(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx := t.Context()
	boom := errors.New("boom")
	undone := 0
	_, _, err := s.Once(ctx, put, func(ctx context.Context) ([]byte, error) {
		if err := s.Update(ctx, add("a")); err != nil {
			return nil, err
		}
		OnUndo(ctx, func() { undone++ })
		if err := s.Update(ctx, func(tx *Tx) error { return errors.Join(add("b")(tx), boom) }); !errors.Is(err, boom) {
			t.Errorf("a step that fails: %v", err)
		}
		var mine int
		if err := s.View(ctx, func(tx *Tx) error { return tx.QueryRow("SELECT count(*) FROM note").Scan(&mine) }); err != nil || mine != 1 {
			t.Errorf("the operation sees %d notes, %v", mine, err)
		}
		if err := s.View(ctx, add("c")); !errors.Is(err, errReadOnly) {
			t.Errorf("a View that writes: %v", err)
		}
		if got := texts(t, s); got != "" { // another's View
			t.Errorf("others see %q", got)
		}
		return nil, boom
	})
	if !errors.Is(err, boom) || undone != 1 || texts(t, s) != "" {
		t.Errorf("%v, undone %d times, the notes are %q", err, undone, texts(t, s))
	}
	if got, _, err := s.Once(ctx, put, answer(s, "ok", "d")); string(got) != "ok" || err != nil || texts(t, s) != "d" {
		t.Errorf("the repeat of a call that has failed: %q %v %q", got, err, texts(t, s))
	}
}

func TestNothingIsDurableBeforeTheAnswer(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	var order []string
	beside := make(chan any, 1)
	_, _, err := s.Once(t.Context(), put, func(ctx context.Context) ([]byte, error) {
		err := s.Update(ctx, func(tx *Tx) error {
			tx.AfterCommit(func() { order = append(order, "committed") })
			return add("a")(tx)
		})
		order = append(order, "changed")
		go func() {
			defer func() { beside <- recover() }()
			s.Update(ctx, add("beside"))
		}()
		if p := <-beside; p == nil {
			t.Error("what an operation starts may use its context")
		}
		return nil, errors.Join(err, After(ctx, func(ctx context.Context) error {
			order = append(order, "after", texts(t, s))
			return s.Update(ctx, add("z"))
		}))
	})
	if got := strings.Join(order, " "); err != nil || !strings.HasPrefix(got, "changed committed after a") {
		t.Errorf("%s, %v", got, err)
	}
	if texts(t, s) != "a z" {
		t.Errorf("%q", texts(t, s))
	}
	ran := false
	if err := After(t.Context(), func(context.Context) error { ran = true; return nil }); err != nil || !ran {
		t.Errorf("outside of a call: %v %v", ran, err)
	}
}

// TestFailedCommitOfACall fails the commit after the operation has answered.
func TestFailedCommitOfACall(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	s.beforeCommit = func() error { return errors.New("the disk is gone") }
	undone := false
	_, _, err := s.Once(t.Context(), put, func(ctx context.Context) ([]byte, error) {
		err := s.Update(ctx, add("a"))
		OnUndo(ctx, func() { undone = true })
		return nil, errors.Join(err, After(ctx, func(context.Context) error { t.Error("After of what is not durable"); return nil }))
	})
	if err == nil || !strings.Contains(err.Error(), "the disk is gone") || !undone {
		t.Errorf("%v, undone %v", err, undone)
	}
}

func TestPanicGivesTheWriterBack(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	func() {
		defer func() { recover() }()
		s.Once(t.Context(), put, func(ctx context.Context) ([]byte, error) {
			s.Update(ctx, add("a"))
			panic("bug")
		})
	}()
	if err := s.Update(t.Context(), add("b")); err != nil || texts(t, s) != "b" {
		t.Errorf("%v, %q", err, texts(t, s))
	}
}

func TestEqualCallsRunOnce(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	var ran atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			got, _, err := s.Once(t.Context(), put, func(ctx context.Context) ([]byte, error) {
				ran.Add(1)
				return answer(s, "one", "a")(ctx)
			})
			if string(got) != "one" || err != nil {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	wg.Wait()
	if ran.Load() != 1 || texts(t, s) != "a" {
		t.Errorf("ran %d times, %q", ran.Load(), texts(t, s))
	}
}

// TestWriterIsTakenBack: an operation that waits for another writer after its first Update would wait for ever.
func TestWriterIsTakenBack(t *testing.T) {
	c := clock.NewManual(time.Now())
	s, err := Open(t.Context(), t.TempDir(), []Schema{notes}, Options{Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	_, _, err = s.Once(t.Context(), put, func(ctx context.Context) ([]byte, error) {
		if err := s.Update(ctx, add("a")); err != nil {
			return nil, err
		}
		other := make(chan error)
		go func() { other <- s.Update(context.Background(), add("other")) }()
		for c.Waiters() == 0 {
			runtime.Gosched()
		}
		c.Advance(maxLoan)
		if err := <-other; err != nil {
			t.Error(err)
		}
		return nil, nil
	})
	if !errors.Is(err, errLoan) || texts(t, s) != "other" {
		t.Errorf("%v, %q", err, texts(t, s))
	}
}

func TestAnswersAreForgotten(t *testing.T) {
	s := openTemp(t, t.TempDir(), notes)
	ctx := t.Context()
	keep := func(want string, change func(*Tx) error) {
		t.Helper()
		for _, token := range []string{"a#1", "a#2", "b#1", "b#12"} {
			if _, _, err := s.Once(ctx, Call{Token: token, Service: "s3", Op: "PutObject"}, answer(s, "")); err != nil {
				t.Fatal(err)
			}
		}
		var got string
		err := errors.Join(s.Update(ctx, change), s.View(ctx, func(tx *Tx) error {
			return tx.QueryRow("SELECT ifnull(group_concat(token, ' '), '') FROM (SELECT token FROM call_answer ORDER BY token)").Scan(&got)
		}))
		if err != nil || got != want {
			t.Errorf("%q, want %q, %v", got, want, err)
		}
	}
	keep("a#1 a#2 b#12", func(tx *Tx) error { return tx.ForgetCall("b#1") })
	keep("b#1 b#12", func(tx *Tx) error { return tx.ForgetCalls("a") })
	keep("a#1 a#2", func(tx *Tx) error { return tx.KeepCalls("", "SELECT 'a'") })
	keep("b#1 b#12", func(tx *Tx) error { return tx.KeepCalls("a", "SELECT 'c'") })
	keep("", func(tx *Tx) error { return tx.KeepCalls("", "SELECT 'c'") })
}

func BenchmarkUpdate(b *testing.B) {
	s := openTemp(b, b.TempDir(), notes)
	b.Run("without a token", func(b *testing.B) {
		for b.Loop() {
			if err := s.Update(b.Context(), add("x")); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("with a token", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			if _, _, err := s.Once(b.Context(), Call{Token: "x#" + time.Duration(n).String(), Service: "s3", Op: "PutObject"},
				answer(s, "ok", "x")); err != nil {
				b.Fatal(err)
			}
		}
	})
}
