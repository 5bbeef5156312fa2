package sns

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"penstock/internal/meta"
)

// How deliveries over HTTP are tried again, AWS's default: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html.
const (
	maxRetries  = 3
	retryDelay  = 20 * time.Second
	maxInFlight = 16
)

// queueTopic is notified when the queue grows or shrinks.
const queueTopic = "sns/queue"

type queued struct {
	id      int64
	due     time.Time
	attempt int
	message message
}

// Run delivers what is due until ctx ends. What is under way then is delivered again after the next start.
func (s *Service) Run(ctx context.Context) error {
	wake, end := s.meta.Watch(queueTopic)
	defer end()
	flights := flights{under: map[int64]bool{}, ended: make(chan int64, maxInFlight)}
	defer flights.wg.Wait()
	for {
		next, err := s.dispatch(ctx, &flights)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.log.ErrorContext(ctx, "read the delivery queue", "err", err)
			next = s.clock.Now().Add(time.Second)
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = s.clock.After(next.Sub(s.clock.Now()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case id := <-flights.ended:
			delete(flights.under, id)
		case <-timer:
		}
	}
}

// flights are the deliveries under way. Only the dispatcher's goroutine touches the set, so a row that it has read cannot be settled and
// forgotten before it asks whether the row is under way.
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

// dispatch starts what is due and says when the next one is; zero when nothing else waits for a time.
func (s *Service) dispatch(ctx context.Context, f *flights) (next time.Time, err error) {
	f.land() // before the queue is read
	rows, err := s.waiting(ctx)
	if err != nil {
		return next, err
	}
	now := s.clock.Now()
	for _, q := range rows {
		if q.due.After(now) {
			return q.due, nil
		}
		if f.under[q.id] || len(f.under) >= maxInFlight {
			continue // an end wakes us
		}
		f.under[q.id] = true
		f.wg.Go(func() {
			err := s.deliver(ctx, q)
			if err == nil || ctx.Err() == nil { // what has arrived is settled even if the end has come
				s.settle(context.WithoutCancel(ctx), q, err)
			}
			f.ended <- q.id // has room for all that can be under way
		})
	}
	return next, nil
}

// waiting is the front of the queue: all that may be under way, and as much again.
func (s *Service) waiting(ctx context.Context) ([]queued, error) {
	var out []queued
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(`SELECT id, due, attempt, doc FROM sns_queue ORDER BY due, id LIMIT ?`, 2*maxInFlight)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var q queued
			var due int64
			var doc string
			if err := rows.Scan(&q.id, &due, &q.attempt, &doc); err != nil {
				return err
			}
			q.due = time.UnixMilli(due)
			if err := json.Unmarshal([]byte(doc), &q.message); err != nil {
				return fmt.Errorf("stored message: %w", err)
			}
			out = append(out, q)
		}
		return rows.Err()
	})
	return out, err
}

// refused is an endpoint's answer that trying again cannot mend.
type refused struct{ status int }

// Error implements error.
func (r refused) Error() string { return fmt.Sprintf("the endpoint answered %d", r.status) }

func (s *Service) deliver(ctx context.Context, q queued) error {
	text, err := q.message.body(s.baseURL())
	if err != nil {
		return refused{}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, q.message.Endpoint, bytes.NewReader(text))
	if err != nil {
		return refused{}
	}
	req.Header = q.message.header()
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	switch c := resp.StatusCode; {
	case c >= 200 && c < 300:
		return nil
	case c >= 500 || c == http.StatusTooManyRequests:
		return fmt.Errorf("the endpoint answered %d", c)
	default:
		return refused{c}
	}
}

// settle takes a delivered or hopeless message off the queue and puts off one that is worth another try.
func (s *Service) settle(ctx context.Context, q queued, failure error) {
	_, hopeless := failure.(refused)
	retry := failure != nil && !hopeless && q.attempt < maxRetries
	if failure != nil {
		s.log.WarnContext(ctx, "delivery failed", "endpoint", q.message.Endpoint, "message", q.message.ID, "attempt", q.attempt+1, "again", retry, "err", failure)
	}
	err := s.meta.Update(ctx, func(tx *meta.Tx) error {
		tx.Notify(queueTopic)
		if retry {
			_, err := tx.Exec(`UPDATE sns_queue SET attempt = attempt + 1, due = ? WHERE id = ?`, s.clock.Now().Add(retryDelay).UnixMilli(), q.id)
			return err
		}
		_, err := tx.Exec(`DELETE FROM sns_queue WHERE id = ?`, q.id)
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "settle delivery", "err", err)
	}
}

// Drain waits until nothing is left to deliver that is due before ctx's deadline, or until ctx ends. Run must be running.
func (s *Service) Drain(ctx context.Context) error {
	wake, end := s.meta.Watch(queueTopic)
	defer end()
	horizon := s.clock.Now()
	for {
		var n int
		err := s.meta.View(ctx, func(tx *meta.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM sns_queue WHERE due <= ?`, horizon.UnixMilli()).Scan(&n)
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
