package logstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"penstock/internal/meta"
)

// Limits of one page: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html.
const (
	maxPage      = 10000
	maxPageBytes = 1 << 20
	viewRows     = 1000 // rows of one View
)

// A Stored is an event as it is read back.
type Stored struct {
	ID       int64 // rises with arrival
	Stream   string
	Time     time.Time
	Ingested time.Time
	Message  string
}

// A GetQuery asks for events of one stream.
type GetQuery struct {
	Group, Stream string
	Start, End    time.Time // Start <= event < End; zero is open
	Limit         int       // 0 means 10,000
	FromHead      bool      // without a token: the oldest events first, else the newest
	Token         string    // Forward or Backward of an earlier page
}

// A Page is a run of events in time order, with the tokens that lead on from it. A token that leads nowhere yet is the one that was
// given, so that a reader polls with it.
type Page struct {
	Events            []Stored
	Forward, Backward string
}

// Get reads a page of a stream.
func (s *Store) Get(ctx context.Context, q GetQuery) (Page, error) {
	sc, err := s.scope(ctx, q.Group, q.Stream, q.Start, q.End)
	if err != nil {
		return Page{}, err
	}
	forward, at := q.FromHead, cursor{}
	if !forward {
		at = cursor{math.MaxInt64, math.MaxInt64}
	}
	if q.Token != "" {
		if forward, at, err = parseStreamToken(q.Token, sc.hash()); err != nil {
			return Page{}, err
		}
	}
	limit := q.Limit
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	events, _, _, err := s.walk(ctx, sc, at, forward, limit, func(Stored) verdict { return take })
	if err != nil {
		return Page{}, err
	}
	if !forward {
		slices.Reverse(events)
	}
	return s.tokens(sc, events, at), nil
}

func (s *Store) tokens(sc scope, events []Stored, at cursor) Page {
	first, last := at, at
	if len(events) > 0 {
		first, last = cursorOf(events[0]), cursorOf(events[len(events)-1])
	}
	return Page{Events: events, Forward: streamToken("f", sc.hash(), last), Backward: streamToken("b", sc.hash(), first)}
}

// scope is the set of events that a query ranges over.
type scope struct {
	group, stream int64 // stream 0: the whole group
	from, to      int64 // from <= ts < to, milliseconds
	key           string
}

func (sc scope) hash() string { return hashText(sc.key) }

// scope finds the ids and cuts the time range to what the group's retention still shows.
func (s *Store) scope(ctx context.Context, group, stream string, start, end time.Time) (scope, error) {
	sc := scope{to: math.MaxInt64, key: strings.Join([]string{s.region, group, stream, start.String(), end.String()}, "\x00")}
	if !start.IsZero() {
		sc.from = start.UnixMilli()
	}
	if !end.IsZero() {
		sc.to = end.UnixMilli()
	}
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		var days int64
		err := tx.QueryRow(`SELECT id, retention FROM log_groups WHERE region = ? AND name = ?`, s.region, group).Scan(&sc.group, &days)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrGroupNotFound
		}
		if err != nil {
			return err
		}
		if days > 0 {
			sc.from = max(sc.from, s.clock.Now().UnixMilli()-days*(24*time.Hour).Milliseconds())
		}
		if stream != "" {
			sc.stream, err = streamTx(tx, sc.group, stream)
		}
		return err
	})
	return sc, err
}

// A verdict says what a walk does with an event.
type verdict int

const (
	take verdict = iota
	skip
	stop // the event is left for the next page
)

// walk collects up to limit events beyond at, in walking order, and at most 1 MB of them. end is the last event it is through with, and
// done says that nothing lies behind it.
func (s *Store) walk(ctx context.Context, sc scope, at cursor, forward bool, limit int,
	judge func(Stored) verdict) (out []Stored, end cursor, done bool, err error) {
	for bytes := 0; ; {
		batch, err := s.batch(ctx, sc, at, forward, min(limit, viewRows))
		if err != nil {
			return nil, at, false, fmt.Errorf("read log events: %w", err)
		}
		for _, e := range batch {
			v := judge(e)
			if v == take {
				if bytes += len(e.Message) + eventOverhead; bytes > maxPageBytes && len(out) > 0 {
					v = stop
				}
			}
			if v == stop {
				return out, at, false, nil
			}
			at = cursorOf(e)
			if v == take {
				out = append(out, e)
			}
			if len(out) == limit {
				return out, at, false, nil
			}
		}
		if len(batch) < min(limit, viewRows) {
			return out, at, true, nil
		}
	}
}

func (s *Store) batch(ctx context.Context, sc scope, at cursor, forward bool, n int) ([]Stored, error) {
	q := `SELECT e.id, s.name, e.ts, e.ingest, e.message FROM log_events e JOIN log_streams s ON s.id = e.stream WHERE `
	args := []any{sc.group}
	if sc.stream != 0 {
		q, args[0] = q+`e.stream = ?1`, sc.stream
	} else {
		q += `e.grp = ?1`
	}
	args = append(args, sc.from, sc.to, at.ts, at.id, n)
	q += ` AND e.ts >= ?2 AND e.ts < ?3 AND (e.ts, e.id) > (?4, ?5) ORDER BY e.ts, e.id LIMIT ?6`
	if !forward {
		q = strings.Replace(q, `(e.ts, e.id) >`, `(e.ts, e.id) <`, 1)
		q = strings.Replace(q, `ORDER BY e.ts, e.id`, `ORDER BY e.ts DESC, e.id DESC`, 1)
	}
	var out []Stored
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query(q, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e Stored
			var ts, ingest int64
			if err := rows.Scan(&e.ID, &e.Stream, &ts, &ingest, &e.Message); err != nil {
				return err
			}
			e.Time, e.Ingested = time.UnixMilli(ts).UTC(), millis(ingest)
			out = append(out, e)
		}
		return rows.Err()
	})
	return out, err
}
