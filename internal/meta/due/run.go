package due

import (
	"context"
	"errors"
	"sync"
	"time"

	"penstock/internal/meta"
)

// patience is how long a failure of the store itself is waited out.
const patience = time.Second

// Run carries out what is due until ctx ends. What is under way then comes again after the next start.
func (q *Queue) Run(ctx context.Context) error {
	wake, end := q.meta.Watch(topic(q.o.Name))
	defer end()
	f := &flights{under: map[int64]bool{}, ended: make(chan int64, q.o.Concurrency)}
	defer f.wg.Wait()
	for {
		next, err := q.dispatch(ctx, f)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			q.o.Log.ErrorContext(ctx, "read a queue", "queue", q.o.Name, "err", err)
			next = q.o.Clock.Now().Add(patience)
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = q.o.Clock.After(next.Sub(q.o.Clock.Now()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case id := <-f.ended:
			delete(f.under, id)
		case <-timer:
		}
	}
}

// flights are the items under way. Only Run's goroutine touches the set, so an item that it has read cannot be settled and forgotten
// before it asks whether the item is under way.
type flights struct {
	under map[int64]bool
	ended chan int64
	wg    sync.WaitGroup
}

// land forgets those that have ended.
func (f *flights) land() {
	for {
		select {
		case id := <-f.ended:
			delete(f.under, id)
		default:
			return
		}
	}
}

// dispatch begins what is due and says when the next item is; zero when nothing else waits for a time.
func (q *Queue) dispatch(ctx context.Context, f *flights) (next time.Time, err error) {
	f.land() // before the queue is read
	items, err := q.waiting(ctx)
	if err != nil {
		return next, err
	}
	now := q.o.Clock.Now()
	for _, it := range items {
		if it.Due.After(now) {
			return it.Due, nil
		}
		if f.under[it.ID] || len(f.under) >= q.o.Concurrency {
			continue // an end wakes us
		}
		f.under[it.ID] = true
		f.wg.Go(func() {
			q.carryOut(ctx, it)
			f.ended <- it.ID // has room for all that can be under way
		})
	}
	return next, nil
}

// waiting is the front of the queue: all that may be under way, and as much again.
func (q *Queue) waiting(ctx context.Context) (items []Item, err error) {
	err = q.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT id, due, attempt, body FROM due_item WHERE queue = ? ORDER BY due, id LIMIT ?`, q.o.Name, 2*q.o.Concurrency)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var it Item
			var at int64
			if err := rows.Scan(&it.ID, &at, &it.Attempt, &it.Body); err != nil {
				return err
			}
			it.Due = time.UnixMilli(at)
			items = append(items, it)
		}
		return rows.Err()
	})
	return items, err
}

// carryOut does an item and settles it. What has succeeded is settled even if the end has come.
func (q *Queue) carryOut(ctx context.Context, it Item) {
	failure := q.o.Do(ctx, it)
	if failure != nil && ctx.Err() != nil {
		return
	}
	if err := q.settle(context.WithoutCancel(ctx), it, failure); err != nil && q.meta.Failed() == nil {
		q.o.Log.ErrorContext(ctx, "take an item off a queue", "queue", q.o.Name, "item", it.ID, "err", err)
		select { // it is still there and comes again
		case <-ctx.Done():
		case <-q.o.Clock.After(patience):
		}
	}
}

// settle takes an item off that is done or hopeless, and puts off one that is worth another try.
func (q *Queue) settle(ctx context.Context, it Item, failure error) error {
	wait, again := q.o.Retry.wait(it.Attempt + 1)
	if failure == nil || errors.As(failure, new(permanent)) {
		again = false
	}
	if failure != nil {
		q.o.Log.WarnContext(ctx, "queued work has failed", "queue", q.o.Name, "item", it.ID, "attempt", it.Attempt+1,
			"again", again, "err", failure)
	}
	return q.meta.Update(ctx, func(tx *meta.Tx) error {
		tx.Notify(topic(q.o.Name))
		if again {
			_, err := tx.Exec(`UPDATE due_item SET attempt = attempt + 1, due = ? WHERE id = ?`, q.o.Clock.Now().Add(wait).UnixMilli(), it.ID)
			return err
		}
		if _, err := tx.Exec(`DELETE FROM due_item WHERE id = ?`, it.ID); err != nil || q.o.Over == nil {
			return err
		}
		return q.o.Over(tx, it, failure)
	})
}

// Drain waits until nothing is left of what is due when it is called, or until ctx ends. Run must be running.
func (q *Queue) Drain(ctx context.Context) error {
	wake, end := q.meta.Watch(topic(q.o.Name))
	defer end()
	horizon := q.o.Clock.Now()
	for {
		var n int
		err := q.meta.View(ctx, func(tx *meta.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM due_item WHERE queue = ? AND due <= ?`, q.o.Name, horizon.UnixMilli()).Scan(&n)
		})
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
	}
}
