package logstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// scanLimit is how many events one Filter call looks at before it hands back a page, however few of them matched; the page's token then
// leads on. AWS does the same after a time of its own choice.
const scanLimit = 100_000

// A FilterQuery asks for events of a group that match a pattern.
type FilterQuery struct {
	Group        string
	Streams      []string  // empty: all
	StreamPrefix string    // or the streams whose name begins so
	Start, End   time.Time // Start <= event < End; zero is open
	Pattern      string    // "" matches everything
	Limit        int       // 0 means 10,000
	Token        string
}

// Filter reads events of a group in time order. next is "" when nothing is left.
func (s *Store) Filter(ctx context.Context, q FilterQuery) (events []Stored, next string, err error) {
	match, err := ParsePattern(q.Pattern)
	if err != nil {
		return nil, "", err
	}
	sc, err := s.scope(ctx, q.Group, "", q.Start, q.End)
	if err != nil {
		return nil, "", err
	}
	sc.key += fmt.Sprintf("\x00%q\x00%s\x00%s", q.Streams, q.StreamPrefix, q.Pattern)
	var at cursor
	if q.Token != "" {
		if at, err = parseBody(q.Token, sc.hash()); err != nil {
			return nil, "", err
		}
	}
	limit := q.Limit
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	seen := 0
	events, end, done, err := s.walk(ctx, sc, at, true, limit, func(e Stored) verdict {
		if seen++; seen > scanLimit {
			return stop
		}
		if len(q.Streams) > 0 && !slices.Contains(q.Streams, e.Stream) {
			return skip
		}
		if strings.HasPrefix(e.Stream, q.StreamPrefix) && match.Match(e.Message) {
			return take
		}
		return skip
	})
	if err != nil || done {
		return events, "", err
	}
	more, err := s.batch(ctx, sc, end, true, 1)
	if err != nil || len(more) == 0 {
		return events, "", err
	}
	return events, groupToken(sc.hash(), end), nil
}
