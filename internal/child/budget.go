package child

import (
	"context"
	"fmt"
	"sync"
)

// A Budget is memory and threads: what one child may use, or all of them together.
type Budget struct {
	Memory  int64 // bytes
	Threads int
}

func (b Budget) plus(o Budget) Budget  { return Budget{b.Memory + o.Memory, b.Threads + o.Threads} }
func (b Budget) minus(o Budget) Budget { return Budget{b.Memory - o.Memory, b.Threads - o.Threads} }
func (b Budget) within(o Budget) bool  { return b.Memory <= o.Memory && b.Threads <= o.Threads }

func (b Budget) upTo(o Budget) Budget {
	return Budget{min(b.Memory, o.Memory), min(b.Threads, o.Threads)}
}

func (b Budget) String() string { return fmt.Sprintf("%d MiB and %d threads", b.Memory>>20, b.Threads) }

// ledger hands out a Budget. There are two kinds of children, and neither waits for the other for ever, because a passing child may wait
// for an answer of a standing one, and a standing one does not end by itself:
//
//   - A standing child (a warehouse) holds its share from its first start to its last end. It waits for other standing ones only. Until
//     those passing children have ended that were there before it, all together may use more than the total, by what it takes.
//   - A passing child (a worker, a program) waits for other passing ones, first come first served: a large request is not overtaken for
//     ever by small ones. It is given less than it wants where the standing ones leave no more, and fails if that is less than its least.
type ledger struct {
	total Budget

	mu       sync.Mutex
	standing Budget // what standing children hold
	passing  Budget
	places   []*claim // standing ones that wait
	queue    []*claim // passing ones that wait
}

type claim struct {
	want, least Budget
	granted     chan struct{}
	got         Budget
	err         error
}

// take waits until want, or what standing children leave of it, is free; waits is called once if it has to.
func (l *ledger) take(ctx context.Context, want, least Budget, waits func()) (Budget, error) {
	if !least.within(l.total) {
		return Budget{}, fmt.Errorf("a child asks for %s; all children together may use %s", least, l.total)
	}
	c := &claim{want: want, least: least, granted: make(chan struct{})}
	if l.join(&l.queue, c) && waits != nil {
		waits()
	}
	select {
	case <-c.granted:
		return c.got, c.err
	case <-ctx.Done():
		if l.withdraw(&l.queue, c) {
			l.give(c.got)
		}
		return Budget{}, context.Cause(ctx)
	}
}

// hold is take for a standing child.
func (l *ledger) hold(ctx context.Context, want Budget, waits func()) error {
	if !want.within(l.total) {
		return fmt.Errorf("a child asks for %s; all children together may use %s", want, l.total)
	}
	c := &claim{want: want, granted: make(chan struct{})}
	if l.join(&l.places, c) && waits != nil {
		waits()
	}
	select {
	case <-c.granted:
		return nil
	case <-ctx.Done():
		if l.withdraw(&l.places, c) {
			l.leave(want)
		}
		return context.Cause(ctx)
	}
}

// join puts a claim into a queue and reports whether it has to wait there.
func (l *ledger) join(queue *[]*claim, c *claim) (waits bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*queue = append(*queue, c)
	l.grant()
	select {
	case <-c.granted:
		return false
	default:
		return true
	}
}

// withdraw takes a claim out of its queue, and reports whether it has been granted in the same instant.
func (l *ledger) withdraw(queue *[]*claim, c *claim) (granted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, q := range *queue {
		if q == c {
			*queue = append((*queue)[:i], (*queue)[i+1:]...)
			l.grant()
			return false
		}
	}
	return true
}

// give returns what a passing child had.
func (l *ledger) give(b Budget) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passing = l.passing.minus(b)
	l.grant()
}

// leave returns what a standing child held.
func (l *ledger) leave(b Budget) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.standing = l.standing.minus(b)
	l.grant()
}

// grant serves both queues, the standing ones first.
func (l *ledger) grant() {
	for len(l.places) > 0 && l.standing.plus(l.places[0].want).within(l.total) {
		l.standing = l.standing.plus(l.places[0].want)
		close(l.places[0].granted)
		l.places = l.places[1:]
	}
	left := l.total.minus(l.standing)
	for len(l.queue) > 0 {
		c := l.queue[0]
		c.got = c.want.upTo(left)
		if !c.least.within(left) {
			c.got, c.err = Budget{}, fmt.Errorf("the workgroups hold %s of the %s that all children together may use, "+
				"which leaves less than the %s that are needed: delete a workgroup", l.standing, l.total, c.least)
		} else if !l.passing.plus(c.got).within(left) {
			return
		}
		l.passing = l.passing.plus(c.got)
		l.queue = l.queue[1:]
		close(c.granted)
	}
}

// A Place is a share of the budget for a child that is started again whenever it has ended: it finds its share there each time.
type Place struct {
	s     *Supervisor
	needs Budget
}

// Hold takes a share for a standing child. It waits while other standing children leave no room; waits is called once if it has to.
func (s *Supervisor) Hold(ctx context.Context, needs Budget, waits func()) (*Place, error) {
	if err := s.ledger.hold(ctx, needs, waits); err != nil {
		return nil, fmt.Errorf("hold a share of the machine: %w", err)
	}
	return &Place{s, needs}, nil
}

// Leave gives the share back, once no child has it any more.
func (p *Place) Leave() { p.s.ledger.leave(p.needs) }
