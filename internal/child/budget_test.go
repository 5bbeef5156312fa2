package child

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func gib(n int64, threads int) Budget { return Budget{Memory: n << 30, Threads: threads} }

// asks takes in the background; the answer comes over the channel, and waiting is closed if it does not come at once.
func (l *ledger) asks(ctx context.Context, want, least Budget) (got <-chan Budget, waiting <-chan struct{}, failed <-chan error) {
	g, w, f := make(chan Budget, 1), make(chan struct{}), make(chan error, 1)
	go func() {
		b, err := l.take(ctx, want, least, func() { close(w) })
		if err != nil {
			f <- err
			return
		}
		g <- b
	}()
	return g, w, f
}

// TestAWarehouseAndASizedJobDoNotWaitForEachOther: a warehouse that is started again finds its share although a large job waits, a new one
// is not kept from its start by jobs that may be waiting for it, and a job gets what the warehouses leave.
func TestAWarehouseAndASizedJobDoNotWaitForEachOther(t *testing.T) {
	s := &Supervisor{ledger: ledger{total: gib(8, 8)}}
	l, ctx := &s.ledger, t.Context()
	var places []*Place
	hold := func() {
		t.Helper()
		p, err := s.Hold(ctx, gib(1, 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, p)
	}
	for range 4 {
		hold()
	}
	if got, err := l.take(ctx, gib(3, 2), gib(1, 2), nil); err != nil || got != gib(3, 2) {
		t.Fatalf("%v, %v", got, err)
	}
	large, waiting, _ := l.asks(ctx, gib(3, 2), gib(1, 2))
	<-waiting
	again := Spec{Place: places[0]} // the warehouse was killed
	if err := s.share(ctx, &again); err != nil || again.Needs != gib(1, 1) {
		t.Errorf("a restart is given %v, %v", again.Needs, err)
	}
	s.giveBack(again)
	hold()
	hold() // more than there is, until the running job ends
	l.give(gib(3, 2))
	if got := <-large; got != gib(2, 2) {
		t.Errorf("beside six warehouses a job is given %v", got)
	}
	l.give(gib(2, 2))
	if l.passing != (Budget{}) || l.standing != gib(6, 6) {
		t.Errorf("passing %v, standing %v", l.passing, l.standing)
	}
	hold()
	const why = "the workgroups hold 7168 MiB and 7 threads of the 8192 MiB and 8 threads"
	if _, err := l.take(ctx, gib(3, 2), gib(1, 2), nil); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("a job for which the warehouses leave no thread: %v", err)
	}
	for _, p := range places {
		p.Leave()
	}
	if l.standing != (Budget{}) {
		t.Errorf("standing %v", l.standing)
	}
}

// TestAJobThatWaitsHearsOfWarehouses: it fails, and does not wait for ever, when those that came meanwhile leave too little.
func TestAJobThatWaitsHearsOfWarehouses(t *testing.T) {
	l, ctx := &ledger{total: gib(4, 4)}, t.Context()
	if _, err := l.take(ctx, gib(4, 4), gib(4, 4), nil); err != nil {
		t.Fatal(err)
	}
	_, waiting, failed := l.asks(ctx, gib(2, 2), gib(2, 2))
	<-waiting
	if err := errors.Join(l.hold(ctx, gib(2, 2), nil), l.hold(ctx, gib(1, 1), nil)); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !strings.Contains(err.Error(), "delete a workgroup") {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := l.hold(gone, gib(2, 2), nil); !errors.Is(err, context.Canceled) { // more than standing ones may have
		t.Errorf("a place that is not free: %v", err)
	}
	held, waits := make(chan error), make(chan struct{})
	go func() { held <- l.hold(ctx, gib(2, 2), func() { close(waits) }) }()
	<-waits
	l.leave(gib(1, 1))
	if err := <-held; err != nil || l.standing != gib(4, 4) {
		t.Errorf("%v, standing %v", err, l.standing)
	}
}

// TestAClaimThatIsGivenUp leaves nothing behind, and lets the next one on.
func TestAClaimThatIsGivenUp(t *testing.T) {
	l, ctx := &ledger{total: gib(4, 4)}, t.Context()
	if _, err := l.take(ctx, gib(3, 1), gib(3, 1), nil); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(ctx)
	_, waiting, failed := l.asks(gone, gib(2, 1), gib(2, 1))
	<-waiting
	small, waiting, _ := l.asks(ctx, gib(1, 1), gib(1, 1))
	<-waiting
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := <-small; got != gib(1, 1) || l.passing != gib(4, 2) {
		t.Errorf("%v, passing %v", got, l.passing)
	}
}
