package object

import (
	"context"
	"fmt"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// collectEvery is how often Run looks for bytes whose delay is over, if the delay is not shorter.
const collectEvery = time.Minute

// Run sweeps once and then collects garbage until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	if n, err := s.Sweep(ctx); err != nil {
		return fmt.Errorf("sweep: %w", err)
	} else if n > 0 {
		s.opts.Log.Info("removed bytes that a crash had left without an object", "blobs", n)
	}
	for {
		if _, err := s.Collect(ctx); err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("garbage collection failed and is tried again", "err", err)
		}
		if err := clock.Sleep(ctx, s.opts.Clock, min(collectEvery, s.opts.GarbageDelay)); err != nil {
			return err
		}
	}
}

// Sweep removes the bytes that were on disk when the blob store was opened and that no row names. It may run beside everything else.
func (s *Store) Sweep(ctx context.Context) (removed int, err error) {
	err = s.blobs.Walk(func(ids []string) error {
		for len(ids) > 0 {
			n := min(len(ids), pageLimit(0))
			orphans, err := s.orphans(ctx, ids[:n])
			if err != nil {
				return err
			}
			for _, blobID := range orphans {
				if err := s.blobs.Remove(blobID); err != nil {
					return err
				}
				removed++
			}
			ids = ids[n:]
		}
		return nil
	})
	return removed, err
}

func (s *Store) orphans(ctx context.Context, ids []string) (out []string, err error) {
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		for _, blobID := range ids {
			var known bool
			err := tx.QueryRow("SELECT NOT ("+unnamed+") OR EXISTS (SELECT 1 FROM object_garbage WHERE blob = ?1)", blobID).Scan(&known)
			if err != nil {
				return err
			}
			if !known {
				out = append(out, blobID)
			}
		}
		return nil
	})
	return out, err
}

// completedKept is how long a completed upload is remembered, so that a repeated completion is answered again.
const completedKept = 24 * time.Hour

// forget drops completed uploads that began too long ago for a repeat.
func (s *Store) forget(ctx context.Context) error {
	const old = "FROM object_upload WHERE completed <> '' AND created < ?"
	before := s.now().Add(-completedKept).UnixMilli()
	var some bool
	err := s.meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow("SELECT EXISTS (SELECT 1 "+old+")", before).Scan(&some)
	})
	if err != nil || !some {
		return err
	}
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		_, err := tx.Exec("DELETE "+old, before)
		return err
	})
}

// Collect removes the bytes whose last row went longer ago than the garbage delay and that nobody leases.
func (s *Store) Collect(ctx context.Context) (removed int, err error) {
	if err := s.forget(ctx); err != nil {
		return 0, err
	}
	if removed, err = s.collectUnpacked(ctx); err != nil {
		return removed, err
	}
	afterBlob := ""
	for {
		due, err := s.due(ctx, afterBlob)
		if err != nil || len(due) == 0 {
			return removed, err
		}
		afterBlob = due[len(due)-1]
		free := due[:0]
		for _, blobID := range due {
			if !s.leases.Held(blobID) {
				free = append(free, blobID)
			}
		}
		if err := s.collect(ctx, free); err != nil {
			return removed, err
		}
		removed += len(free)
	}
}

// due lists garbage in the order of blob ids.
func (s *Store) due(ctx context.Context, afterBlob string) (out []string, err error) {
	before := s.now().Add(-s.opts.GarbageDelay).UnixMilli()
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT blob FROM object_garbage WHERE blob > ? AND since <= ? ORDER BY blob LIMIT ?", afterBlob, before, MaxPage)
		if err != nil {
			return err
		}
		out, err = texts(rows)
		return err
	})
	return out, err
}

// collect removes files first and rows second: a crash in between leaves rows for files that are gone, which the next Collect mends.
func (s *Store) collect(ctx context.Context, blobs []string) error {
	if len(blobs) == 0 {
		return nil
	}
	for _, blobID := range blobs {
		if err := s.blobs.Remove(blobID); err != nil {
			return err
		}
	}
	return s.meta.Update(ctx, func(tx *meta.Tx) error {
		for _, blobID := range blobs {
			if _, err := tx.Exec("DELETE FROM object_garbage WHERE blob = ?", blobID); err != nil {
				return err
			}
		}
		return nil
	})
}
