package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"penstock/internal/clock"
	"penstock/internal/vfs"
)

// A Scrub is a pass over everything that a data directory stores for S3, compared with its checksums.
type Scrub struct {
	Ended    time.Time `json:"ended"`
	Versions int64     `json:"versions"`
	Bytes    int64     `json:"bytes"`
	Unproven int64     `json:"unproven"` // without a checksum of the whole
	Rotten   []Rotten  `json:"rotten"`
}

// A Rotten version's bytes are not those that were stored.
type Rotten struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Version string `json:"version"`
}

const scrubName = "scrub.json"

// Times of the background pass.
const (
	scrubEvery = 24 * time.Hour
	scrubRate  = 8 << 20 // bytes in a second
)

// runScrub reads everything that is stored once a day, slowly: rot on a disk is found while copies of the bytes elsewhere are still fresh.
// It changes nothing; what is rotten is told by name in the log and by "penstock status".
func (s *Server) runScrub(ctx context.Context) error {
	for {
		if err := clock.Sleep(ctx, s.opts.Clock, s.untilScrub()); err != nil {
			return err
		}
		if _, err := s.Scrub(ctx, scrubRate); err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("the scrub of stored bytes failed and is tried again tomorrow", "err", err)
			if err := clock.Sleep(ctx, s.opts.Clock, scrubEvery); err != nil {
				return err
			}
		}
	}
}

// untilScrub is how long the next pass has time: a day from the last one, or from the start.
func (s *Server) untilScrub() time.Duration {
	last, ok, err := LastScrub(s.opts.Data)
	if err != nil || !ok {
		return scrubEvery
	}
	return min(max(last.Ended.Add(scrubEvery).Sub(s.opts.Clock.Now()), time.Minute), scrubEvery)
}

// Scrub verifies everything that is stored, at rate bytes in a second (0: as fast as it goes), and keeps the result for LastScrub.
func (s *Server) Scrub(ctx context.Context, rate int64) (Scrub, error) {
	found, err := s.stores.objects.Scrub(ctx, rate)
	if err != nil {
		return Scrub{}, err
	}
	out := Scrub{Ended: s.opts.Clock.Now().UTC(), Versions: found.Versions, Bytes: found.Bytes, Unproven: found.Unproven, Rotten: []Rotten{}}
	for _, i := range found.Rotten {
		out.Rotten = append(out.Rotten, Rotten{i.Bucket, i.Key, i.VersionID})
	}
	text, err := json.Marshal(out)
	if err == nil {
		err = vfs.WriteFile(vfs.OS{}, filepath.Join(s.opts.Data, scrubName), append(text, '\n'))
	}
	if err != nil {
		return out, fmt.Errorf("keep the result of the scrub: %w", err)
	}
	s.opts.Log.Info("scrubbed the stored bytes", "versions", out.Versions, "bytes", out.Bytes, "unproven",
		out.Unproven, "rotten", len(out.Rotten))
	return out, nil
}

// LastScrub is the result of the last pass that ended; ok is false when none has.
func LastScrub(data string) (out Scrub, ok bool, err error) {
	text, err := vfs.ReadFile(vfs.OS{}, filepath.Join(data, scrubName))
	if errors.Is(err, fs.ErrNotExist) {
		return out, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return out, false, fmt.Errorf("read the result of the last scrub: %w", err)
	}
	return out, true, nil
}
