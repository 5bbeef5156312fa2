package crawl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"penstock/internal/clock"
	"penstock/internal/logstore"
)

// scheduled is a site whose crawler "cr" has a schedule, at 12:01.
func scheduled(t *testing.T, expression string) (*site, *clock.Manual) {
	c := clock.NewManual(time.Date(2026, 11, 30, 12, 1, 0, 0, time.UTC))
	s := openAt(t, t.TempDir(), c)
	s.crawler(t)
	must(t, s.Reschedule(t.Context(), "cr", expression))
	return s, c
}

// crawls waits until a crawler has ended n crawls and waits for more, and returns when they began, newest first.
func (s *site) crawls(n int) string {
	s.t.Helper()
	changed, end := s.d.Meta.Watch(s.topic())
	defer end()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	for {
		list, _, _, err := s.Crawls(ctx, "cr", []Filter{{"STATE", "EQ", CrawlCompleted}}, 0, 100)
		must(s.t, err)
		if len(list) >= n {
			var at []string
			for _, c := range list {
				at = append(at, c.Started.Format("15:04"))
			}
			return strings.Join(at, " ")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			s.t.Fatalf("%d crawls of %d", len(list), n)
		}
	}
}

func TestScheduleStartsCrawls(t *testing.T) {
	s, c := scheduled(t, "cron(0/15 * * * ? *)")
	s.start()
	for i := range 3 {
		c.Advance(map[bool]time.Duration{true: 14 * time.Minute, false: 15 * time.Minute}[i == 0])
		s.crawls(i + 1)
		_, err := s.Wait(s.ctx, "cr")
		must(t, err)
	}
	if got := s.crawls(3); got != "12:45 12:30 12:15" {
		t.Error(got)
	}
}

// TestMissedTimesAreMadeUpForOnce: the server was down at three of them.
func TestMissedTimesAreMadeUpForOnce(t *testing.T) {
	s, c := scheduled(t, "cron(0/15 * * * ? *)")
	c.Advance(50 * time.Minute)
	s.start()
	if got := s.crawls(1); got != "12:51" {
		t.Error(got)
	}
	_, err := s.Wait(s.ctx, "cr")
	must(t, err)
	c.Advance(9 * time.Minute)
	if got := s.crawls(2); got != "13:00 12:51" {
		t.Error(got)
	}
}

// TestScheduleChanges: only the schedule that the crawler has now counts, and only while it is SCHEDULED.
func TestScheduleChanges(t *testing.T) {
	s, c := scheduled(t, "cron(10 12 * * ? *)")
	ctx := t.Context()
	reason := func(err error, want Reason) {
		t.Helper()
		if e := new(Error); !errors.As(err, &e) || e.Reason != want {
			t.Errorf("%v", err)
		}
	}
	reason(s.StartSchedule(ctx, "cr"), ScheduleRunning)
	reason(s.Reschedule(ctx, "cr", "cron(0/2 * * * ? *)"), Invalid)
	reason(s.Reschedule(ctx, "none", "cron(10 12 * * ? *)"), NotFound)
	must(t, s.Reschedule(ctx, "cr", "cron(20 12 * * ? *)"))
	must(t, s.StopSchedule(ctx, "cr"))
	reason(s.StopSchedule(ctx, "cr"), ScheduleNotRunning)
	must(t, s.Reschedule(ctx, "cr", "cron(30 12 * * ? *)"))
	if cr, err := s.Crawler(ctx, "cr"); err != nil || cr.Schedule.State != NotScheduled {
		t.Errorf("%+v %v", cr, err)
	}
	c.Advance(30 * time.Minute) // 12:31
	must(t, s.StartSchedule(ctx, "cr"))
	must(t, s.Reschedule(ctx, "cr", "cron(40 12 * * ? *)"))
	must(t, s.Update(ctx, "cr", func(c *Crawler) error { c.TablePrefix = "x"; return nil })) // keeps the schedule
	s.start()
	c.Advance(10 * time.Minute)
	if got := s.crawls(1); got != "12:41" {
		t.Error(got)
	}
	_, err := s.Wait(ctx, "cr")
	must(t, err)
	must(t, s.Update(ctx, "cr", func(c *Crawler) error { return c.Reschedule("") }))
	reason(s.StartSchedule(ctx, "cr"), NoSchedule)
	must(t, s.d.Meta.Update(ctx, func(tx *metaTx) error { return s.DeleteTx(tx, "cr") }))
	next := Crawler{Name: "cr", Role: "r", Database: "db", Targets: []Target{{Path: "s3://raw/orders/"}}}
	must(t, next.Reschedule("cron(0 14 * * ? *)"))
	s.create(next)
	c.Advance(24 * time.Hour)
	if got := s.crawls(1); got != "12:41" {
		t.Error(got)
	}
}

// TestScheduleLeavesRunningCrawlersAlone: the time is told in the log.
func TestScheduleLeavesRunningCrawlersAlone(t *testing.T) {
	s, c := scheduled(t, "cron(0/15 * * * ? *)")
	_, err := s.Start(t.Context(), "cr")
	must(t, err)
	c.Advance(14 * time.Minute)
	q := s.schedules()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	must(t, q.Drain(ctx))
	cancel()
	must(t, <-done)
	events, _, err := s.logs.Filter(s.ctx, logstore.FilterQuery{Group: LogGroup, Limit: 10})
	must(t, err)
	if len(events) != 1 || events[0].Message !=
		"WARN : The start scheduled for 2026-11-30T12:15:00Z is left out: Crawler with name cr has already started" {
		t.Errorf("%+v", events)
	}
	if got := s.start().crawls(1); got != "12:01" {
		t.Error(got)
	}
}
