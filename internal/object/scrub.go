package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"penstock/internal/clock"
	"penstock/internal/meta"
)

// A Scrub is the result of a pass over all versions of all objects.
type Scrub struct {
	Versions, Bytes int64 // that were read
	Unproven        int64 // versions of earlier programs, with no checksum of the whole: they can be read, no more is known
	Rotten          []Info
}

// Scrub reads every version and verifies it, at rate bytes in a second on average (0: as fast as it goes).
// Versions that are made meanwhile may be left out.
func (s *Store) Scrub(ctx context.Context, rate int64) (out Scrub, err error) {
	var buckets []Bucket
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT id, name FROM object_bucket ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b Bucket
			if err := rows.Scan(&b.id, &b.Name); err != nil {
				return err
			}
			buckets = append(buckets, b)
		}
		return rows.Err()
	})
	for _, b := range buckets {
		for _, table := range []string{"object_current", "object_old"} {
			if err == nil {
				err = s.scrubTable(ctx, table, b, rate, &out)
			}
		}
	}
	if err != nil {
		return out, fmt.Errorf("scrub: %w", err)
	}
	return out, nil
}

// scrubPage is how many versions are looked up at once: few, so that small bodies of a page are no memory to speak of.
const scrubPage = 100

func (s *Store) scrubTable(ctx context.Context, table string, b Bucket, rate int64, out *Scrub) error {
	var key string
	var seq int64
	for {
		page, err := s.scrubRows(ctx, table, b, key, seq)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, i := range page {
			key, seq = i.Key, i.seq
			if i.DeleteMarker {
				continue
			}
			if err := s.scrubOne(ctx, table, b, i, out); err != nil {
				return err
			}
			if rate > 0 && i.Size > 0 {
				if err := clock.Sleep(ctx, s.opts.Clock, time.Duration(float64(i.Size)/float64(rate)*float64(time.Second))); err != nil {
					return err
				}
			}
		}
	}
}

// scrubRows lists versions behind one, with their small bodies.
func (s *Store) scrubRows(ctx context.Context, table string, b Bucket, key string, seq int64) (page []Info, err error) {
	err = s.meta.View(ctx, func(tx *meta.Tx) error {
		rows, err := tx.Query("SELECT "+versionColumns+" FROM "+table+
			" WHERE bucket = ?1 AND key >= ?2 AND (key > ?2 OR seq < ?3) ORDER BY key, seq DESC LIMIT ?4",
			b.id, key, seq, scrubPage)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			i, err := scanVersion(rows, b, table == "object_current")
			if err != nil {
				return err
			}
			page = append(page, i)
		}
		return rows.Err()
	})
	return page, err
}

// scrubOne reads one version to its end. One that has gone meanwhile is nobody's.
func (s *Store) scrubOne(ctx context.Context, table string, b Bucket, i Info, out *Scrub) error {
	err := s.meta.View(ctx, func(tx *meta.Tx) error { return readSmall(tx, &i) })
	var n int64
	if err == nil {
		var r io.ReadCloser
		if r, err = s.OpenWhole(i); err == nil {
			n, err = io.Copy(io.Discard, r)
			r.Close()
		}
	}
	if err == nil && n != i.Size {
		err = s.rotten(i)
	}
	out.Versions, out.Bytes = out.Versions+1, out.Bytes+n
	if _, want := i.Proof(); want == "" && i.Size > 0 {
		out.Unproven++
	}
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	there := false
	if seen := s.meta.View(ctx, func(tx *meta.Tx) error {
		return tx.QueryRow("SELECT EXISTS (SELECT 1 FROM "+table+" WHERE bucket = ? AND key = ? AND seq = ? AND blob = ?)", b.id,
			i.Key, i.seq, i.Blob).Scan(&there)
	}); seen != nil {
		return seen
	}
	if !there {
		return nil
	}
	if !errors.Is(err, ErrRotten) { // its file is gone or cannot be read
		if !errors.Is(err, fs.ErrNotExist) {
			s.opts.Log.Error("stored bytes cannot be read", "bucket", i.Bucket, "key", i.Key, "version", i.VersionID, "err", err)
		} else {
			_ = s.rotten(i)
		}
	}
	out.Rotten = append(out.Rotten, i)
	return nil
}
