package stream

import (
	"context"
	"time"

	"penstock/internal/meta"
)

// trimBatch is how many rows one transaction removes: the whole server waits for it.
const trimBatch = 500

// SetRetention says how long records stay, from now on: a shorter time hides at once, a longer one brings nothing back.
func (s *Store) SetRetention(tx *meta.Tx, stream string, d time.Duration) error {
	all, err := s.Shards(tx, stream)
	if err != nil {
		return err
	}
	for _, sh := range all {
		_, horizon, err := s.readable(tx, stream, sh.Number)
		if err != nil {
			return err
		}
		floor, err := after(tx, sh, max(horizon, s.clock.Now().Add(-d).UnixMilli()))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE stream_shard SET floor = ? WHERE id = ?`, floor, sh.id); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE stream_stream SET retention = ? WHERE name = ?`, d.Milliseconds(), stream)
	return err
}

// Run removes, each hour, what the retention hides and what deleted streams have left, until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	for {
		if err := s.Trim(ctx); err != nil && ctx.Err() == nil { // they are hidden all the same
			s.log.ErrorContext(ctx, "remove old records of streams", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.clock.After(time.Hour):
		}
	}
}

// Trim removes what is hidden.
func (s *Store) Trim(ctx context.Context) error {
	for more := true; more; {
		err := s.meta.Update(ctx, func(tx *meta.Tx) (err error) {
			more, err = s.trim(tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// hidden are the shards that have a chunk which nobody may read, with the horizon of their stream; deleted streams have none.
const hidden = `SELECT s.id, s.floor, coalesce(?1 - t.retention, 1 << 62)
	FROM stream_shard s LEFT JOIN stream_stream t ON t.name = s.stream
	WHERE EXISTS (SELECT 1 FROM stream_chunk c WHERE c.id =
			(SELECT id FROM stream_chunk WHERE id > s.id << 40 AND id < (s.id + 1) << 40 ORDER BY id LIMIT 1)
		AND (c.at < coalesce(?1 - t.retention, 1 << 62) OR c.id < s.id << 40 | s.floor)) LIMIT 1`

// trim removes a batch and reports whether there may be more. Shards without records go when their stream has, or when they are closed and
// their retention has passed.
func (s *Store) trim(tx *meta.Tx) (more bool, err error) {
	now := s.clock.Now().UnixMilli()
	rows, err := tx.Query(hidden, now)
	if err != nil {
		return false, err
	}
	var id, floor, horizon int64
	if more = rows.Next(); more {
		err = rows.Scan(&id, &floor, &horizon)
	}
	rows.Close()
	if err != nil {
		return false, err
	}
	if !more {
		_, err := tx.Exec(`DELETE FROM stream_shard AS s
			WHERE (stream = '' OR closed > 0 AND closed < ? - (SELECT retention FROM stream_stream WHERE name = s.stream))
			AND NOT EXISTS (SELECT 1 FROM stream_chunk WHERE id > s.id << 40 AND id < (s.id + 1) << 40)`, now)
		return false, err
	}
	var last int64
	err = tx.QueryRow(`SELECT max(id) FROM (SELECT id FROM stream_chunk
		WHERE id > ?1 << 40 AND id < (?1 + 1) << 40 AND (at < ?2 OR id < ?1 << 40 | ?3) ORDER BY id LIMIT ?4)`,
		id, horizon, floor, trimBatch).Scan(&last)
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(`DELETE FROM stream_chunk WHERE id > ? AND id <= ?`, id<<shift, last); err != nil {
		return false, err
	}
	_, err = tx.Exec(`UPDATE stream_shard SET floor = max(floor, ?) WHERE id = ?`, last&(1<<shift-1)+1, id)
	return true, err
}
