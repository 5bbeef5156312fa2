package sns

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"penstock/internal/arn"
	"penstock/internal/meta"
	"penstock/internal/meta/due"
)

// How deliveries over HTTP are tried again, AWS's default: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html.
const (
	maxRetries  = 3
	retryDelay  = 20 * time.Second
	maxInFlight = 16
)

// deliveries is the kind of the queues, one a region.
const deliveries = "sns"

func (s *Service) queue() *due.Queue {
	return due.New(s.Meta, due.Options{Name: due.Name(deliveries, s.Region), Concurrency: maxInFlight,
		Retry: due.Backoff{Retries: maxRetries, First: retryDelay}, Do: s.deliver, Clock: s.Clock, Log: s.Log})
}

// Run delivers what is due until ctx ends. What is under way then is delivered again after the next start.
func (s *Service) Run(ctx context.Context) error { return s.queue().Run(ctx) }

// Drain waits until nothing is left to deliver that is due now, or until ctx ends. Run must be running.
func (s *Service) Drain(ctx context.Context) error { return s.queue().Drain(ctx) }

// enqueue puts a message on the queue of its topic's region: the links in messages lead to one region's service, whatever they are about.
func (s *Service) enqueue(tx *meta.Tx, m message) error {
	a, err := arn.Parse(m.Topic)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	return due.Add(tx, due.Name(deliveries, a.Region), s.Clock.Now(), string(doc))
}

// deliver sends a message; a failure that trying again cannot mend is permanent.
func (s *Service) deliver(ctx context.Context, it due.Item) error {
	var m message
	if err := json.Unmarshal([]byte(it.Body), &m); err != nil {
		return due.Permanent(fmt.Errorf("stored message: %w", err))
	}
	if err := s.post(ctx, m); err != nil {
		return fmt.Errorf("message %s to %s: %w", m.ID, m.Endpoint, err)
	}
	return nil
}

func (s *Service) post(ctx context.Context, m message) error {
	text, err := m.body(s.baseURL())
	if err != nil {
		return due.Permanent(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Endpoint, bytes.NewReader(text))
	if err != nil {
		return due.Permanent(err)
	}
	req.Header = m.header()
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	c := resp.StatusCode
	if c >= 200 && c < 300 {
		return nil
	}
	if err = fmt.Errorf("the endpoint answered %d", c); c >= 500 || c == http.StatusTooManyRequests {
		return err
	}
	return due.Permanent(err)
}
