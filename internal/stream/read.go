package stream

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"penstock/internal/meta"
)

// A Page is what a read gives.
type Page struct {
	Records []Record
	Next    int64 // where to read on
	Tip     bool  // nothing is behind Next
	End     bool  // the shard is closed and Next is past its last record
	// Behind is how old the first record behind Next is; 0 at the tip.
	Behind time.Duration
}

// Read gives the records of a shard from a sequence number on, at most n and, beyond the first, about size bytes. A position before the
// oldest record is the oldest record.
func (s *Store) Read(ctx context.Context, stream string, shard int, from int64, n, size int) (p Page, err error) {
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		sh, horizon, err := s.readable(tx, stream, shard)
		if err != nil {
			return err
		}
		p = Page{Next: max(from, sh.Floor)}
		if err := p.read(tx, sh, horizon, n, size); err != nil {
			return err
		}
		p.Tip = p.Next >= sh.Next
		p.End = p.Tip && sh.Closed
		if p.Tip {
			return nil
		}
		c, err := first(tx, sh, p.Next, horizon)
		if err == nil {
			p.Behind = s.clock.Now().Sub(time.UnixMilli(c.at))
		}
		return err
	})
	return p, err
}

func (p *Page) read(tx *meta.Tx, sh Shard, horizon int64, n, size int) error {
	rows, err := tx.Query(`SELECT id, first, at, body FROM stream_chunk WHERE id >= ? AND id < ? AND at >= ? ORDER BY id`,
		sh.chunk(p.Next), sh.chunk(1<<shift), horizon)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c chunk
		if err := rows.Scan(&c.last, &c.first, &c.at, &c.body); err != nil {
			return err
		}
		c.last &= 1<<shift - 1
		records, err := c.records(p.Next)
		if err != nil {
			return err
		}
		for _, r := range records {
			if size -= len(r.Key) + len(r.Data); len(p.Records) == n || size < 0 && len(p.Records) > 0 {
				return nil
			}
			p.Records, p.Next = append(p.Records, r), r.Seq+1
		}
	}
	p.Next = max(p.Next, sh.Next) // numbers that no record has
	return rows.Err()
}

// chunk is the id of a chunk whose last record has a sequence number; of one that no record can have, that behind the shard's last.
func (s Shard) chunk(seq int64) int64 { return s.id<<shift + min(seq, 1<<shift) }

// readable is a shard, and the instant (ms) before which records are hidden.
func (s *Store) readable(tx *meta.Tx, stream string, shard int) (Shard, int64, error) {
	var retention int64
	err := tx.QueryRow(`SELECT retention FROM stream_stream WHERE name = ?`, stream).Scan(&retention)
	if errors.Is(err, sql.ErrNoRows) {
		return Shard{}, 0, ErrNoStream
	}
	if err != nil {
		return Shard{}, 0, err
	}
	sh, err := s.shard(tx, stream, shard)
	return sh, s.clock.Now().UnixMilli() - retention, err
}

// first is the first chunk with records from a sequence number on that are not hidden, without its body.
func first(tx *meta.Tx, sh Shard, from, horizon int64) (c chunk, err error) {
	err = tx.QueryRow(`SELECT id, first, at FROM stream_chunk WHERE id >= ? AND id < ? AND at >= ? ORDER BY id LIMIT 1`,
		sh.chunk(from), sh.chunk(1<<shift), horizon).Scan(&c.last, &c.first, &c.at)
	c.last &= 1<<shift - 1
	return c, err
}

// Oldest is the position of the oldest record that is not hidden, or the tip.
func (s *Store) Oldest(ctx context.Context, stream string, shard int) (int64, error) {
	return s.position(ctx, stream, shard, after)
}

// Latest is the position behind the last record.
func (s *Store) Latest(ctx context.Context, stream string, shard int) (int64, error) {
	return s.position(ctx, stream, shard, func(_ *meta.Tx, sh Shard, _ int64) (int64, error) { return sh.Next, nil })
}

// At is the position of the first record that was appended at an instant or later, or the tip.
func (s *Store) At(ctx context.Context, stream string, shard int, at time.Time) (int64, error) {
	return s.position(ctx, stream, shard, func(tx *meta.Tx, sh Shard, horizon int64) (int64, error) {
		return after(tx, sh, max(horizon, at.UnixMilli()))
	})
}

// A finder finds a position in a shard; horizon is the instant (ms) before which records are hidden.
type finder func(tx *meta.Tx, sh Shard, horizon int64) (int64, error)

func (s *Store) position(ctx context.Context, stream string, shard int, find finder) (seq int64, err error) {
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		sh, horizon, err := s.readable(tx, stream, shard)
		if err != nil {
			return err
		}
		seq, err = find(tx, sh, horizon)
		return err
	})
	return seq, err
}

// after finds the first record at or after an instant (ms) by halving: the times of a shard's chunks never fall.
func after(tx *meta.Tx, sh Shard, at int64) (int64, error) {
	low, high := sh.Floor, sh.Next // the answer is in [low, high]
	for low < high {
		mid := low + (high-low)/2
		c, err := first(tx, sh, mid, 0)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			high = mid
		case err != nil:
			return 0, err
		case c.at < at:
			low = c.last + 1
		default:
			high = min(mid, c.first)
			if high < low { // the chunk begins before what was looked at
				high = low
			}
		}
	}
	return low, nil
}
